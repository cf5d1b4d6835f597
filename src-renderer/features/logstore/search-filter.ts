import { quotedSearchText } from '../../../src-main/query/quoted-search-text';
import { textItself } from '../../../src-main/query/query-variables';
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

/** What is one word too, in which no quote can be opened. */
const WORD = /^[^\s"()[\]:=<>|*?#$]+$/u;

/**
 * A value or a field as the search language reads it back, whatever its characters. As nothing in quotes can end with a
 * backslash, what cannot be one word is found by the phrase before its last ones, which others may have as well.
 */
export function quoted(text: string): string {
  if (PLAIN.test(text) && !KEYWORDS.has(text.toLowerCase())) return text;
  if (!text.endsWith('\\')) return textItself(quotedSearchText(text));
  return WORD.test(text) ? text : textItself(`#${quotedSearchText(text.replace(/\\+$/u, ''))}`);
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
