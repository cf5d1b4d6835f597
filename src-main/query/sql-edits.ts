import { bareAliases } from './sql-aliases';
import { tokensOf, type Token } from './sql-tokens';

/** Text put in the place of a stretch of a statement. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface EditedSql {
  readonly text: string;
  /** The position in the statement as written of one in `text`. */
  readonly toWritten: (position: number) => number;
}

/** Digits that a decimal of DuckDB's has in one piece. */
const MAX_DECIMAL_DIGITS = 18;
const OPERATOR = /^[-+*/<>=~!@#%^&|`?]$/u;

/** Index of the bracket that closes the one at `open`, and of the commas between them in no other bracket. */
function bracketAt(tokens: readonly Token[], open: number): { readonly close: number; readonly commas: number } | null {
  let depth = 0;
  let commas = 0;
  for (let at = open; at < tokens.length; at++) {
    const text = tokens[at]?.text ?? '';
    if (text === '(' || text === '[') depth++;
    else if (text === ')' || text === ']') depth--;
    else if (text === ',' && depth === 1) commas++;
    if (depth === 0) return { close: at, commas };
  }
  return null;
}

function editsAt(tokens: readonly Token[], at: number): readonly Edit[] {
  const [token, next, afterNext, fourth] = tokens.slice(at, at + 4);
  if (token === undefined) return [];
  const before = tokens[at - 1];
  const isSign = token.text === '-' || token.text === '+';
  if (isSign && before?.end === token.start && OPERATOR.test(before.text)) {
    return [{ start: token.start, end: token.start, text: ' ' }];
  }
  const isDecimal = /^[\d.]+$/u.test(token.text) && token.text.includes('.');
  if (isDecimal && token.text.length > MAX_DECIMAL_DIGITS) return [{ start: token.end, end: token.end, text: 'e0' }];
  if (token.text === 'limit' && afterNext?.text === ',' && next !== undefined && fourth !== undefined) {
    return [{ start: next.start, end: fourth.end, text: `${fourth.text} OFFSET ${next.text}` }];
  }
  if (next?.text !== '(') return [];
  const bracket = bracketAt(tokens, at + 1);
  const close = bracket === null ? undefined : tokens[bracket.close];
  if (bracket === null || close === undefined) return [];
  if (token.text === 'if' && bracket.commas === 1) return [{ start: close.start, end: close.start, text: ', NULL' }];
  if (token.text === 'array') {
    return [
      { start: token.start, end: next.end, text: '' },
      { start: close.start, end: close.end, text: '[]' },
    ];
  }
  const isSized =
    ['varchar', 'char'].includes(token.text) && bracket.close === at + 3 && /^\d+$/u.test(afterNext?.text ?? '');
  return isSized ? [{ start: token.start, end: close.end, text: `varchar_${afterNext?.text ?? ''}` }] : [];
}

/**
 * A statement with what DuckDB's parser does not read in the form that it does: `LIMIT a, b`, `array(T)`,
 * `varchar(n)` (as a type named `varchar_n`, since the parser drops the length), `if` with two arguments, a sign right
 * behind an operator, which the parser takes for a part of it (`%-`), and decimals that do not fit in 64 bits, which
 * are the vendor's doubles; and with the AS that stands before no alias in it.
 */
export function editSql(sql: string): EditedSql {
  const tokens = tokensOf(sql);
  const aliases = bareAliases(tokens).map((at) => {
    const start = tokens[at]?.start ?? 0;
    return { start, end: start, text: 'AS ' };
  });
  const edits = [...tokens.flatMap((_, at) => editsAt(tokens, at)), ...aliases].sort(
    (one, other) => one.start - other.start,
  );
  let text = '';
  let from = 0;
  const shifts: { readonly at: number; readonly written: number; readonly end: number }[] = [];
  for (const edit of edits) {
    text += sql.slice(from, edit.start);
    shifts.push({ at: text.length, written: edit.start, end: text.length + edit.text.length });
    text += edit.text;
    from = edit.end;
    shifts.push({ at: text.length, written: edit.end, end: -1 });
  }
  text += sql.slice(from);
  const toWritten = (position: number): number => {
    const last = shifts.findLast((shift) => shift.at <= position);
    if (last === undefined) return position;
    return last.end >= 0 ? last.written : last.written + position - last.at;
  };
  return { text, toWritten };
}
