import { parseSearch } from '../../../src-main/query/search-parser';
import { splitQuery } from '../../../src-main/query/split-query';
import type { ErrorShape } from '../../../src-main/contract/errors';

/** A place in the query, in UTF-16 units. */
export interface WrongSpan {
  readonly position: number;
  readonly length: number;
}

export interface Diagnosis extends WrongSpan {
  readonly message: string;
}

/** What is wrong with the search part, before it runs; the statement behind it is the engine's to read. */
export function diagnoseSearch(text: string): Diagnosis | null {
  const [error] = parseSearch(splitQuery(text).search).errors;
  if (error === undefined) return null;
  return { message: error.message, position: error.span.start, length: Math.max(1, error.span.end - error.span.start) };
}

/** Where the engine found an error, if it said so and the text is still the one it had. */
export function placeOfError(error: ErrorShape | null, errorText: string, text: string): WrongSpan | null {
  if (error === null || text !== errorText) return null;
  const { position, length } = error.detail;
  return typeof position === 'number' ? { position, length: typeof length === 'number' ? length : 1 } : null;
}
