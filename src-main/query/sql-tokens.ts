import { skipAt } from './sql-lexer';

export interface Token {
  readonly start: number;
  readonly end: number;
  /** Folded; a quoted text or name is only its quote. */
  readonly text: string;
}

const TOKEN =
  /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|[^]/uy;

/** The words, numbers, quotes and single characters of a statement, without comments. */
export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length;) {
    const skipped = skipAt(sql, at);
    if (skipped !== null) {
      const isQuoted = sql[at] === "'" || sql[at] === '"';
      if (isQuoted) tokens.push({ start: at, end: skipped.end, text: sql[at] ?? '' });
      at = skipped.end;
      continue;
    }
    TOKEN.lastIndex = at;
    const text = TOKEN.exec(sql)?.[0] ?? '';
    if (text.trim() !== '') tokens.push({ start: at, end: at + text.length, text: text.toLowerCase() });
    at += Math.max(1, text.length);
  }
  return tokens;
}

/** Where words first follow each other in a statement, in UTF-16 units; null when they do not. */
export function wordsIn(sql: string, words: string): { readonly start: number; readonly end: number } | null {
  const sought = words.toLowerCase().split(' ');
  const tokens = tokensOf(sql);
  const at = tokens.findIndex((_, index) => sought.every((word, step) => tokens[index + step]?.text === word));
  const [first, last] = [tokens[at], tokens[at + sought.length - 1]];
  return first === undefined || last === undefined ? null : { start: first.start, end: last.end };
}
