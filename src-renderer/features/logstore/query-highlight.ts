import { lexSearch, type SearchToken } from '../../../src-main/query/search-lexer';
import { splitQuery } from '../../../src-main/query/split-query';

export type TokenKind = 'field' | 'keyword' | 'function' | 'string' | 'number' | 'operator' | 'comment' | 'variable';

/** A stretch of the query that looks the same; what is between them is plain. */
export interface QueryToken {
  readonly start: number;
  readonly end: number;
  readonly kind: TokenKind;
}

/** A query is read whole at each key, which takes two milliseconds for 20,000 characters; nobody writes ten times that. */
const LONGEST_COLOURED = 200_000;

const NUMBER = /^[\d.]+(?:\.\*)?$/u;
const SEARCH_KEYWORDS = new Set(['and', 'or', 'not', 'in']);
export const SQL_TOKEN =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|[A-Za-z_]\w*|\d[\w.]*|[^\s\w'"]/gu;
export const SQL_KEYWORDS: ReadonlySet<string> = new Set(
  (
    'select from where group by order having limit offset as and or not in is null like between case when then else ' +
    'end distinct asc desc union all except intersect with join left right inner full cross on using over partition ' +
    'interval cast true false exists nulls first last rows range preceding following current row unbounded'
  ).split(' '),
);

const SIGNS: ReadonlySet<string | undefined> = new Set([':', '=', '<', '<=', '>', '>=']);

function searchKind({ kind, text }: SearchToken, next: SearchToken | undefined): TokenKind | null {
  if (kind !== 'word' && kind !== 'string' && kind !== 'phrase') return kind === 'end' ? null : 'operator';
  if (SIGNS.has(next?.kind)) return 'field';
  if (kind !== 'word') return 'string';
  if (SEARCH_KEYWORDS.has(text.toLowerCase())) return 'keyword';
  return NUMBER.test(text) ? 'number' : null;
}

function searchTokens(search: string): QueryToken[] {
  const lexed = lexSearch(search);
  const tokens: QueryToken[] = [];
  for (const [index, token] of lexed.entries()) {
    const kind = searchKind(token, lexed[index + 1]);
    if (kind !== null) tokens.push({ start: token.span.start, end: token.span.end, kind });
  }
  return tokens;
}

function sqlTokens(sql: string, offset: number): QueryToken[] {
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

const VARIABLE = /(?<!\$)\$\{[A-Za-z_]\w*(?::raw)?\}/gu;

/** A variable looks the same in whatever it stands. */
function withVariables(text: string, tokens: readonly QueryToken[]): readonly QueryToken[] {
  const variables = [...text.matchAll(VARIABLE)].map(({ 0: written, index }): QueryToken => ({
    start: index,
    end: index + written.length,
    kind: 'variable',
  }));
  if (variables.length === 0) return tokens;
  const others = tokens.flatMap((token) => {
    if (token.kind === 'comment') return [token];
    const inside = variables.filter(({ start, end }) => start < token.end && end > token.start);
    const starts = [token.start, ...inside.map(({ end }) => end)];
    return starts
      .map((start, index) => ({ ...token, start, end: inside[index]?.start ?? token.end }))
      .filter(({ start, end }) => start < end);
  });
  const isInComment = ({ start }: QueryToken): boolean =>
    tokens.some((token) => token.kind === 'comment' && token.start <= start && start < token.end);
  return [...others, ...variables.filter((variable) => !isInComment(variable))].sort((a, b) => a.start - b.start);
}

/** @returns the tokens of search and statement in their order; none beyond 200,000 characters */
export function queryTokens(text: string): readonly QueryToken[] {
  if (text.length > LONGEST_COLOURED) return [];
  const { search, sql, sqlOffset } = splitQuery(text);
  const tokens = searchTokens(search);
  if (sql === null) return withVariables(text, tokens);
  return withVariables(text, [
    ...tokens,
    { start: sqlOffset - 1, end: sqlOffset, kind: 'operator' },
    ...sqlTokens(sql, sqlOffset),
  ]);
}
