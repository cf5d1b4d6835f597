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

/** What stands around a value: nothing, or what would end it. */
export type Quote = '' | '"' | "'";

/** Where the text cursor is in a query, for what can be written there. */
export type QueryPlace =
  /** A field or a word; behind a whole condition an operator as well. */
  | (Replaced & { readonly kind: 'condition'; readonly isBehindCondition: boolean })
  /** Behind a condition, which may be the name of a field alone. */
  | (Replaced & { readonly kind: 'operator'; readonly before: string })
  | (Replaced & { readonly kind: 'value'; readonly field: string; readonly quote: Quote })
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
  return { ...found, from, to: end, written: search.slice(from, position), quote: quote === '' ? '' : '"' };
}

/** A field and what compares it with the text behind it, also one of several in brackets. */
const COMPARED =
  /(?:"((?:[^"]|"")+)"|([A-Za-z_]\w*))\s*(?:=|<>|!=|\b(?:not\s+)?in\s*\(\s*(?:'(?:[^']|'')*'\s*,\s*)*)\s*$/iu;

/**
 * @param token from the quote on to the position
 * @returns null behind the closing quote, and in a text that is compared with no field
 */
function placeInText(text: string, position: number, token: string, before: string): QueryPlace | null {
  const isClosed = token.length > 1 && /^'(?:[^']|'')*'$/u.test(token);
  const [, quoted, name] = COMPARED.exec(before) ?? [];
  const field = quoted?.replaceAll('""', '"') ?? name;
  if (isClosed || field === undefined) return null;
  const from = position - token.length + 1;
  const rest = /^(?:[^'\n]|'')*'/u.exec(text.slice(position))?.[0] ?? '';
  return { kind: 'value', field, from, to: position + rest.length, written: text.slice(from, position), quote: "'" };
}

/** @returns null in a comment, a text that is compared with no field, a quoted name, a number, and the name that AS gives */
function placeInStatement(text: string, sqlOffset: number, position: number): QueryPlace | null {
  const before = text.slice(sqlOffset, position);
  const last = [...before.matchAll(SQL_TOKEN)].at(-1);
  const token = last !== undefined && last.index + last[0].length === before.length ? last[0] : '';
  if (token.startsWith("'")) return placeInText(text, position, token, before.slice(0, before.length - token.length));
  if (/^(?:--|\/\*|["\d])/u.test(token)) return null;
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
