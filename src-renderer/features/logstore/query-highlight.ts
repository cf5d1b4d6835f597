import { lexSearch } from '../../../src-main/query/search-lexer';
import { splitQuery } from '../../../src-main/query/split-query';

export type TokenKind = 'field' | 'keyword' | 'function' | 'string' | 'number' | 'operator' | 'comment' | 'plain';

/** A stretch of the query that looks the same; all of them together are the whole text. */
export interface QueryPiece {
  readonly start: number;
  readonly text: string;
  readonly kind: TokenKind;
  readonly isWrong: boolean;
}

export interface WrongSpan {
  readonly position: number;
  readonly length: number;
}

interface Token {
  readonly start: number;
  readonly end: number;
  readonly kind: TokenKind;
}

/** With an element for each piece, pages of pasted terms took seconds a key; what is written by hand is far below. */
const LONGEST_COLOURED = 10_000;

const NUMBER = /^[\d.]+(?:\.\*)?$/u;
const SEARCH_KEYWORDS = new Set(['and', 'or', 'not', 'in']);
const SQL_TOKEN = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|[A-Za-z_]\w*|\d[\w.]*|[^\s\w'"]/gu;
const SQL_KEYWORDS = new Set(
  (
    'select from where group by order having limit offset as and or not in is null like between case when then else ' +
    'end distinct asc desc union all except intersect with join left right inner full cross on using over partition ' +
    'interval cast true false exists nulls first last rows range preceding following current row unbounded'
  ).split(' '),
);

function searchTokens(search: string): Token[] {
  const tokens = lexSearch(search);
  return tokens.flatMap(({ kind, text, span }, index): Token[] => {
    if (kind === 'end') return [];
    const next = tokens[index + 1]?.kind;
    const isKey = next === ':' || next === '=' || next === '<' || next === '<=' || next === '>' || next === '>=';
    if (kind === 'word' || kind === 'string' || kind === 'phrase') {
      if (isKey) return [{ ...span, kind: 'field' }];
      if (kind !== 'word') return [{ ...span, kind: 'string' }];
      if (SEARCH_KEYWORDS.has(text.toLowerCase())) return [{ ...span, kind: 'keyword' }];
      return [{ ...span, kind: NUMBER.test(text) ? 'number' : 'plain' }];
    }
    return [{ ...span, kind: 'operator' }];
  });
}

function sqlTokens(sql: string, offset: number): Token[] {
  return [...sql.matchAll(SQL_TOKEN)].map(({ 0: text, index }) => {
    const start = offset + index;
    return { start, end: start + text.length, kind: sqlKind(text, sql.slice(index + text.length)) };
  });
}

function sqlKind(text: string, after: string): TokenKind {
  if (text.startsWith('--') || text.startsWith('/*')) return 'comment';
  if (text.startsWith("'")) return 'string';
  if (text.startsWith('"')) return 'field';
  if (/^\d/u.test(text)) return 'number';
  if (!/^[A-Za-z_]/u.test(text)) return 'operator';
  if (SQL_KEYWORDS.has(text.toLowerCase())) return 'keyword';
  return /^\s*\(/u.test(after) ? 'function' : 'field';
}

function queryTokens(text: string): Token[] {
  if (text.length > LONGEST_COLOURED) return [];
  const { search, sql, sqlOffset } = splitQuery(text);
  const tokens = searchTokens(search);
  if (sql !== null) {
    tokens.push({ start: sqlOffset - 1, end: sqlOffset, kind: 'operator' });
    tokens.push(...sqlTokens(sql, sqlOffset));
  }
  return tokens;
}

/**
 * Cuts the query into pieces of one look each; none is left out, and `wrong` is cut out of whatever it lies in. Beyond
 * 10,000 characters all of it is plain.
 */
export function highlightQuery(text: string, wrong: WrongSpan | null): readonly QueryPiece[] {
  const tokens = queryTokens(text);
  const cuts = new Set([0, text.length, ...tokens.flatMap(({ start, end }) => [start, end])]);
  const wrongEnd = wrong === null ? 0 : Math.min(text.length, wrong.position + Math.max(1, wrong.length));
  if (wrong !== null) for (const cut of [Math.min(wrong.position, text.length), wrongEnd]) cuts.add(cut);
  const ends = [...cuts].sort((one, other) => one - other);
  return ends.slice(1).map((end, index) => {
    const start = ends[index]!;
    const token = tokens.find((candidate) => candidate.start <= start && end <= candidate.end);
    const isWrong = wrong !== null && start >= wrong.position && end <= wrongEnd;
    return { start, text: text.slice(start, end), kind: token?.kind ?? 'plain', isWrong };
  });
}
