import { completeSearch } from '../../../src-main/query/search-completion';
import { splitQuery } from '../../../src-main/query/split-query';
import { SQL_TOKEN } from './query-highlight';

interface Replaced {
  /** What is taken instead of what stands there, from the one to the other. */
  readonly from: number;
  readonly to: number;
  /** From `from` to the text cursor. */
  readonly written: string;
}

/** Where the text cursor is in a query, for what can be written there. */
export type QueryPlace =
  /** A field or a word; behind a whole condition an operator as well. */
  | (Replaced & { readonly kind: 'condition'; readonly isBehindCondition: boolean })
  /** Behind a condition, which may be the name of a field alone. */
  | (Replaced & { readonly kind: 'operator'; readonly before: string })
  | (Replaced & { readonly kind: 'value'; readonly field: string; readonly isQuoted: boolean })
  | (Replaced & { readonly kind: 'statement' });

function placeInSearch(search: string, position: number): QueryPlace {
  const found = completeSearch(search, position);
  const { start, end } = found.replaced;
  if (found.kind === 'operator') {
    const before = /\S+(?=\s*$)/u.exec(search.slice(0, position))?.[0] ?? '';
    return { kind: 'operator', from: position, to: position, written: '', before };
  }
  if (found.kind === 'condition') {
    const isBehindCondition = completeSearch(search.slice(0, start), start).kind === 'operator';
    return { kind: 'condition', from: start, to: end, written: search.slice(start, position), isBehindCondition };
  }
  const quote = /^#?"/u.exec(search.slice(start, end))?.[0] ?? '';
  const from = Math.min(position, start + quote.length);
  return { ...found, from, to: end, written: search.slice(from, position), isQuoted: quote !== '' };
}

/** @returns null in a comment, a quoted text or name, a number, and the name that AS gives */
function placeInStatement(text: string, sqlOffset: number, position: number): QueryPlace | null {
  const before = text.slice(sqlOffset, position);
  const last = [...before.matchAll(SQL_TOKEN)].at(-1);
  const token = last !== undefined && last.index + last[0].length === before.length ? last[0] : '';
  if (/^(?:--|\/\*|['"\d])/u.test(token)) return null;
  const written = /^[A-Za-z_]/u.test(token) ? token : '';
  if (/\bas\s+$/iu.test(before.slice(0, before.length - written.length))) return null;
  const behind = /^\w*/u.exec(text.slice(position))?.[0] ?? '';
  return { kind: 'statement', from: position - written.length, to: position + behind.length, written };
}

/** @returns what stands at a UTF-16 position of a query; null where only the user can know */
export function placeInQuery(text: string, position: number): QueryPlace | null {
  const { search, sql, sqlOffset } = splitQuery(text);
  return sql === null || position < sqlOffset
    ? placeInSearch(search, position)
    : placeInStatement(text, sqlOffset, position);
}
