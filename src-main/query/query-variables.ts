import { AppError } from '../contract/errors';
import { quotedSearchText } from './quoted-search-text';
import { skipAt } from './sql-lexer';
import { isEscapedQuote, quotedEnd } from './split-query';

/** A query whose variables have values, and where its parts come from. */
export interface AppliedQuery {
  readonly text: string;
  /** @returns where a place in `text` was written, in UTF-16 units; all of a value stands for its variable */
  readonly writtenPlace: (position: number, length: number) => { readonly position: number; readonly length: number };
}

/** Of each variable by its name, as text. */
export type VariableValues = Readonly<Record<string, string | undefined>>;

type Place = 'search' | 'search-quoted' | 'sql' | 'sql-string' | 'sql-name' | 'comment';

interface Stretch {
  readonly written: string;
  readonly writtenAt: number;
  /** What is taken instead. */
  readonly taken: string;
  readonly takenAt: number;
}

/** `$${name}` is the text `${name}`. `:raw` is as Grafana spells it. */
const VARIABLE = /\$\$\{[A-Za-z_]\w*(?::raw)?\}|\$\{([A-Za-z_]\w*)(:raw)?\}/gu;
/** What goes on a word of the search part, and so cannot stand beside a quoted value. */
const SEARCH_WORD_PART = /[^\s"()[\]:=<>|]/u;
/** A number beside it would be another one, and a text a part of a name or of another text. */
const SQL_WORD_PART = /[\w.'"$\u0080-\uffff]/u;
const SQL_NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/iu;
/** One word to the search part, whatever stands beside it; `*` and `?` in it are wildcards. */
const SEARCH_WORD = /^[\p{L}\p{N}_.*?/-]*$/u;
const SEARCH_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in']);
/** Searched for only in quotes. @see sls-logstore.md §1.3 */
const SEARCH_RESERVED: ReadonlySet<string> = new Set([
  ...SEARCH_OPERATORS,
  ...['sort', 'asc', 'desc', 'avg', 'sum', 'min', 'max', 'limit', 'select'],
]);

/** A part of a query as it has to be written where none of it is a variable. */
export function textItself(part: string): string {
  return part.replaceAll(/\$(?=\{[A-Za-z_]\w*(?::raw)?\})/gu, '$$$$');
}

/** @returns the names of the variables of a query in their order, each once; those in comments are none */
export function variablesOf(text: string): readonly string[] {
  const names = new Set<string>();
  replaceVariables(text, ({ name }, { place }) => {
    if (place !== 'comment') names.add(name);
    return '0';
  });
  return [...names];
}

/**
 * A query with values in the place of its variables. A value never becomes more than what it stands for:
 *
 * - `"…${name}…"` in the search part: text within the quotes, so `"` is escaped and `*` is no wildcard;
 * - `${name}` in the search part: one word. Letters, digits, `_ . - / * ?` are written as they are, so that `*` and
 *   `10.0.*` find what they would; anything else is quoted, and so is a word of the language such as `or`;
 * - `'…${name}…'` in the statement: text within the quotes, so `'` is doubled; `"…${name}…"` likewise, of a name;
 * - `${name}` in the statement: a number where it is one, in brackets if it is negative, and else a quoted text;
 * - `${name:raw}`: as it is, a part of the query, for whoever means it to be one;
 * - in a comment nothing is replaced, and `$${name}` stands for the text `${name}`.
 *
 * What reads a text as a pattern or a query, such as LIKE or `search('…')`, reads the value as such.
 *
 * @param values those that are missing are an error; more of them are not
 * @throws AppError QUERY_VARIABLE with the name and the place of a variable that has no value, or one that cannot stand there
 * @see sls-logstore.md §4, "Saved search"
 */
export function applyVariables(text: string, values: VariableValues): AppliedQuery {
  const stretches = replaceVariables(text, (variable, before) => {
    if (before.place === 'comment') return variable.written;
    const value = values[variable.name];
    if (value === undefined) throw fault(variable, 'it has no value');
    return variable.isRaw ? value : writtenValue(variable, value, before);
  });
  refuseOperators(text, stretches);
  return {
    text: stretches.map(({ taken }) => taken).join(''),
    writtenPlace: (position, length) => {
      const start = placeBefore(stretches, position, 0);
      return { position: start, length: Math.max(1, placeBefore(stretches, position + length, 1) - start) };
    },
  };
}

interface Variable {
  readonly name: string;
  readonly isRaw: boolean;
  readonly written: string;
  readonly at: number;
  /** The character behind it; empty at the end. */
  readonly next: string;
}

interface Before {
  readonly place: Place;
  /** All that was taken so far. */
  readonly text: string;
}

/** @returns the whole query in stretches: what stands between variables, and what is taken instead of each */
function replaceVariables(text: string, take: (variable: Variable, before: Before) => string): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let taken = '';
  const add = (written: string, writtenAt: number, instead: string): void => {
    stretches.push({ written, writtenAt, taken: instead, takenAt: taken.length });
    taken += instead;
  };
  let at = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const [written, name, raw] = match;
    const plain = text.slice(at, match.index);
    add(plain, at, plain);
    at = match.index + written.length;
    if (name === undefined) add(written, match.index, written.slice(1));
    else {
      const variable = { name, isRaw: raw !== undefined, written, at: match.index, next: text.charAt(at) };
      add(written, match.index, take(variable, { place: placeAtEnd(taken), text: taken }));
    }
  }
  const rest = text.slice(at);
  add(rest, at, rest);
  return stretches;
}

/** @returns what is at the end of a query that goes on, as the engine reads it */
function placeAtEnd(text: string): Place {
  for (let at = 0; at < text.length; at++) {
    if (isEscapedQuote(text, at)) at++;
    else if (text[at] === '"') {
      const end = quotedEnd(text, at);
      if (end < 0) return 'search-quoted';
      at = end - 1;
    } else if (text[at] === '|') return placeInStatement(text.slice(at + 1));
  }
  return 'search';
}

function placeInStatement(sql: string): Place {
  for (let at = 0; at < sql.length;) {
    const skipped = skipAt(sql, at);
    const isComment = sql.startsWith('--', at);
    if (skipped !== null && skipped.end === sql.length && (isComment || skipped.missing !== null)) {
      if (skipped.missing === "'") return 'sql-string';
      return skipped.missing === '"' ? 'sql-name' : 'comment';
    }
    at = skipped?.end ?? at + 1;
  }
  return 'sql';
}

function writtenValue(variable: Variable, value: string, { place, text }: Before): string {
  switch (place) {
    case 'search-quoted':
      // The language has no way to write a backslash before the quote that ends a text.
      if (value.endsWith('\\') && variable.next === '"') throw fault(variable, 'a value in quotes cannot end with \\');
      return value.replaceAll('"', '\\"');
    case 'search':
      return searchWord(variable, value, SEARCH_WORD_PART.test(text.slice(-1)));
    case 'sql-string':
      return value.replaceAll("'", "''");
    case 'sql-name':
      return value.replaceAll('"', '""');
    case 'sql':
      if (SQL_WORD_PART.test(text.slice(-1)) || SQL_WORD_PART.test(variable.next))
        throw fault(variable, 'it stands beside other characters of a word: put all of it in quotes');
      return sqlValue(value);
    case 'comment':
      return variable.written;
  }
}

function searchWord(variable: Variable, value: string, isBehindWord: boolean): string {
  const isBesideWord = isBehindWord || SEARCH_WORD_PART.test(variable.next);
  if (isBesideWord && SEARCH_WORD.test(value)) return value;
  if (isBesideWord) throw fault(variable, 'its value is no part of a word: put all of it in quotes');
  if (value !== '' && SEARCH_WORD.test(value) && !SEARCH_RESERVED.has(value.toLowerCase())) return value;
  if (value.endsWith('\\')) throw fault(variable, 'a value in quotes cannot end with \\');
  return quotedSearchText(value);
}

function sqlValue(value: string): string {
  if (!SQL_NUMBER.test(value)) return `'${value.replaceAll("'", "''")}'`;
  // `a-${name}` would begin a comment.
  return value.startsWith('-') ? `(${value})` : value;
}

/** `n${name}` with `ot`: a value that makes an operator of the word that it is in. */
function refuseOperators(text: string, stretches: readonly Stretch[]): void {
  const whole = stretches.map(({ taken }) => taken).join('');
  for (const { written, writtenAt, taken, takenAt } of stretches) {
    const name = /^\$\{(\w+)\}$/u.exec(written)?.[1];
    if (name === undefined || placeAtEnd(whole.slice(0, takenAt)) !== 'search') continue;
    const before = /[^\s"()[\]:=<>|]*$/u.exec(whole.slice(0, takenAt))?.[0] ?? '';
    const behind = /^[^\s"()[\]:=<>|]*/u.exec(whole.slice(takenAt + taken.length))?.[0] ?? '';
    if (!SEARCH_OPERATORS.has(`${before}${taken}${behind}`.toLowerCase())) continue;
    const variable = { name, isRaw: false, written, at: writtenAt, next: text.charAt(writtenAt + written.length) };
    throw fault(variable, 'its value makes an operator: put all of the word in quotes');
  }
}

function fault({ name, written, at }: Variable, why: string): AppError {
  const message = `variable ${name} cannot be used: ${why}`;
  return new AppError('QUERY_VARIABLE', message, { name, position: at, length: written.length });
}

/** @param isEnd 1 for the end of a place: within a value that is the end of its variable */
function placeBefore(stretches: readonly Stretch[], position: number, isEnd: 0 | 1): number {
  const stretch =
    stretches.find(({ takenAt, taken }) => position - isEnd < takenAt + taken.length && position >= takenAt) ??
    stretches.at(-1);
  if (stretch === undefined) return position;
  const { written, writtenAt, taken, takenAt } = stretch;
  if (written === taken) return writtenAt + (position - takenAt);
  return isEnd === 1 ? writtenAt + written.length : writtenAt;
}
