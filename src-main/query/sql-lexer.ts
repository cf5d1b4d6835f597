import { AppError } from '../contract/errors';
import { shownWord } from './shown-word';

export interface Skipped {
  readonly end: number;
  /** What is missing at the end, such as a closing quote. */
  readonly missing: string | null;
}

const NAME_PART = /[A-Za-z0-9_\u0080-\uffff]/u;
/** How a statement of the dialect begins; anything else that DuckDB would run is refused by name. */
const OPENING_WORDS: readonly string[] = ['select', 'with'];
/** Commands of the vendor's other language. @see sls-logstore.md §3.9 */
const PIPELINE_WORDS: readonly string[] = [
  ...[
    'where',
    'extend',
    'project',
    'project-away',
    'project-rename',
    'parse',
    'pack',
    'expand',
    'stats',
    'sort',
    'limit',
    'let',
  ],
];

function skipQuoted(sql: string, start: number): Skipped {
  const quote = sql[start] ?? '';
  for (let at = start + 1; at < sql.length; at++) {
    if (sql[at] !== quote) continue;
    if (sql[at + 1] === quote) at++;
    else return { end: at + 1, missing: null };
  }
  return { end: sql.length, missing: quote };
}

/** Block comments nest, as in PostgreSQL's scanner, which DuckDB's is. */
function skipBlockComment(sql: string, start: number): Skipped {
  let depth = 0;
  for (let at = start; at < sql.length; at++) {
    const pair = sql.slice(at, at + 2);
    if (pair === '/*') {
      depth++;
      at++;
    } else if (pair === '*/') {
      depth--;
      at++;
      if (depth === 0) return { end: at + 1, missing: null };
    }
  }
  return { end: sql.length, missing: '*/' };
}

/** What is quoted or a comment at a place, or null when neither begins there. */
export function skipAt(sql: string, at: number): Skipped | null {
  const character = sql[at];
  if (character === "'" || character === '"') return skipQuoted(sql, at);
  if (sql.startsWith('/*', at)) return skipBlockComment(sql, at);
  if (!sql.startsWith('--', at)) return null;
  const end = sql.slice(at).search(/[\r\n]/u);
  return { end: end < 0 ? sql.length : at + end, missing: null };
}

function isParameter(sql: string, at: number): boolean {
  const character = sql[at] ?? '';
  if (character === '?') return true;
  // `x::type` is a cast and `$` inside a name belongs to it
  if (character === '$') return !NAME_PART.test(sql[at - 1] ?? '');
  return character === ':' && sql[at - 1] !== ':' && /[A-Za-z_]/u.test(sql[at + 1] ?? '');
}

/**
 * The prefix of a quote that gives what is quoted another meaning, which neither the dialect has nor DuckDB's parser
 * keeps: it reads `x'41'` as the text `x41`.
 */
function quotePrefix(sql: string, quoteAt: number): string {
  const pattern = sql[quoteAt] === "'" ? /(?:u&|[xbe])$/iu : /u&$/iu;
  const prefix = pattern.exec(sql.slice(Math.max(0, quoteAt - 2), quoteAt))?.[0] ?? '';
  // `date'2026-11-20'` ends in such a letter too
  return NAME_PART.test(sql[quoteAt - prefix.length - 1] ?? '') ? '' : prefix;
}

function failAt(
  code: 'QUERY_SYNTAX' | 'QUERY_UNSUPPORTED',
  message: string,
  position: number,
  length: number,
): AppError {
  return new AppError(code, message, { position, length });
}

/**
 * Looks over the SQL part before DuckDB's parser does: one statement, beginning with SELECT or WITH, no parameters.
 * It gives good messages early; safety rests on the allow-list over the parsed tree alone.
 *
 * @param written the SQL part; what it sets for the session is left out: see `isScan`, all else has no effect
 * @param offset position of the SQL part in the whole query, added to the positions of errors
 * @returns the statement without a semicolon behind it, comments included
 * @throws AppError QUERY_SYNTAX for an empty statement, or a quote or comment that never closes
 * @throws AppError QUERY_UNSUPPORTED for another kind of statement, a second statement, a parameter or a quote with a
 * prefix such as `x'41'`
 */
export function scanSql(written: string, offset: number): string {
  const sql = withoutSession(written);
  let end: number | null = null;
  let hasOpened = false;
  for (let at = 0; at < sql.length;) {
    const skipped = skipAt(sql, at);
    const isComment = skipped !== null && sql[at] !== "'" && sql[at] !== '"';
    if (skipped !== null && !isComment) checkPrefix(sql, at, skipped.end, offset);
    if (skipped?.missing != null) {
      const message = `Expected \`${skipped.missing}\`: what begins here is never closed.`;
      throw failAt('QUERY_SYNTAX', message, offset + at, sql.length - at);
    }
    if (isComment || /\s/u.test(sql[at] ?? '')) {
      at = skipped?.end ?? at + 1;
      continue;
    }
    if (end !== null)
      throw failAt('QUERY_UNSUPPORTED', 'A query is one statement: nothing may follow `;`.', offset + at, 1);
    checkIdentifier(sql, at, offset);
    if (sql[at] === ';') end = at;
    else if (isParameter(sql, at)) {
      throw failAt(
        'QUERY_UNSUPPORTED',
        `Parameters such as \`${sql.slice(at, at + 2)}\` are not part of the language.`,
        offset + at,
        1,
      );
    } else if (!hasOpened && sql[at] !== '(') {
      checkOpening(sql, at, offset);
      hasOpened = true;
    }
    at = skipped?.end ?? at + 1;
  }
  if (!hasOpened) throw failAt('QUERY_SYNTAX', 'Expected a SELECT statement after `|`.', offset, sql.length);
  return end === null ? sql : sql.slice(0, end);
}

/** DuckDB would read `1a` as the number under the name `a`. @see sls-logstore.md §3.8 */
function checkIdentifier(sql: string, at: number, offset: number): void {
  if (!/\d/u.test(sql[at] ?? '') || /[\w.\u0080-\uffff$]/u.test(sql[at - 1] ?? '')) return;
  const word = /^\w+/u.exec(sql.slice(at))?.[0] ?? '';
  if (/^(?:[\d_]+(?:e\d*)?|0[xb][\da-f_]+)$/iu.test(word)) return;
  const message = 'identifiers must not start with a digit; surround the identifier with double quotes';
  throw failAt('QUERY_SYNTAX', message, offset + at, word.length);
}

const SESSION = /^\s*set\s+session\s+([A-Za-z_.]+)\s*=\s*(?:'([^']*)'|([A-Za-z0-9_.]+))\s*(?:;|$)/iu;

/**
 * Whether a statement begins with `set session mode=scan;` and so reads what is stored, in any index or none; the last one
 * of several holds.
 * @see sls-logstore.md §3.2
 */
export function isScan(sql: string): boolean {
  let mode = '';
  let rest = sql;
  for (let found = SESSION.exec(rest); found !== null; found = SESSION.exec(rest)) {
    const [whole, name = '', quoted, bare] = found;
    if (name.toLowerCase() === 'mode') mode = (quoted ?? bare ?? '').trim().toLowerCase();
    rest = rest.slice(whole.length);
  }
  return mode === 'scan';
}

/** `set session name=value;` as often as it stands at the beginning, with spaces in its place. @see sls-logstore.md §3.2 */
function withoutSession(sql: string): string {
  let rest = sql;
  for (let found = SESSION.exec(rest); found !== null; found = SESSION.exec(rest)) rest = rest.slice(found[0].length);
  return ' '.repeat(sql.length - rest.length) + rest;
}

function checkPrefix(sql: string, quoteAt: number, end: number, offset: number): void {
  const prefix = quotePrefix(sql, quoteAt);
  if (prefix === '') return;
  const quote = sql[quoteAt] ?? '';
  const message = `Quotes with a prefix, as in \`${prefix}${quote}…${quote}\`, are not part of the language: write \`${quote}…${quote}\`.`;
  const start = quoteAt - prefix.length;
  throw failAt('QUERY_UNSUPPORTED', message, offset + start, end - start);
}

function checkOpening(sql: string, at: number, offset: number): void {
  const word = /^[A-Za-z_]+/u.exec(sql.slice(at, at + 64))?.[0] ?? '';
  if (OPENING_WORDS.includes(word.toLowerCase())) return;
  if (PIPELINE_WORDS.includes(word.toLowerCase())) {
    const message = `\`${word}\` begins a pipeline of SPL, which is not part of the language: write SELECT … WHERE ….`;
    throw failAt('QUERY_UNSUPPORTED', message, offset + at, word.length);
  }
  const found = word === '' ? (sql[at] ?? '') : word;
  const message = `A statement begins with SELECT or WITH, not with \`${shownWord(found)}\`.`;
  throw failAt('QUERY_UNSUPPORTED', message, offset + at, found.length);
}
