import { quotedSearchText } from '../../../src-main/query/quoted-search-text';
import { parseSearch } from '../../../src-main/query/search-parser';
import { splitQuery } from '../../../src-main/query/split-query';

export interface ValueFilter {
  readonly field: string;
  /** As `cellText` gives it; null where there is none. */
  readonly value: string | null;
  readonly isNumber: boolean;
  /** Entries with the value are left out instead. */
  readonly isAgainst: boolean;
}

/** What the search language reads as one word without a meaning of its own. */
const PLAIN = /^[\w.-]+$/u;
const KEYWORDS = new Set(['and', 'or', 'not', 'select', 'in']);

/** A value or a field as the search language reads it back, whatever its characters. */
export function quoted(text: string): string {
  return PLAIN.test(text) && !KEYWORDS.has(text.toLowerCase()) ? text : quotedSearchText(text);
}

function condition({ field, value, isNumber, isAgainst }: ValueFilter): string {
  const name = quoted(field);
  // A field without a value is the opposite of one with any.
  if (value === null) return isAgainst ? `${name}:*` : `not ${name}:*`;
  const match = isNumber ? `${name}=${value}` : `${name}:${quoted(value)}`;
  return isAgainst ? `not ${match}` : match;
}

/** The query with one more condition in its search part; a statement behind it stays. */
export function withFilter(text: string, filter: ValueFilter): string {
  const { search, sqlOffset, sql } = splitQuery(text);
  const before = search.trim();
  const added = condition(filter);
  const isAll = before === '' || before === '*';
  // `and` binds tighter than `or`.
  const kept = parseSearch(before).root.kind === 'or' ? `(${before})` : before;
  const joined = isAll ? added : `${kept} and ${added}`;
  return sql === null ? joined : `${joined} | ${text.slice(sqlOffset).trimStart()}`;
}
