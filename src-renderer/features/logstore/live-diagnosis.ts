import { applyVariables, variablesOf } from '../../../src-main/query/query-variables';
import { parseSearch } from '../../../src-main/query/search-parser';
import { splitQuery } from '../../../src-main/query/split-query';
import type { ErrorShape } from '../../../src-main/contract/errors';
import { outcomeOf } from '../saved-searches/variable-inputs.svelte';

/** A place in the query, in UTF-16 units. */
export interface WrongSpan {
  readonly position: number;
  readonly length: number;
}

export interface Diagnosis extends WrongSpan {
  readonly message: string;
}

/** What is wrong with the search part, before it runs; the statement behind it is the engine's to read. */
export function diagnoseSearch(text: string, valueOf: (variable: string) => string | undefined): Diagnosis | null {
  // Whoever writes a query has no values yet: any other than an operator reads alike.
  const values = Object.fromEntries(variablesOf(text).map((name) => [name, valueOf(name) ?? '0']));
  const applied = outcomeOf(() => applyVariables(text, values));
  if (!applied.ok) {
    const place = placeOfError(applied.error, text, text);
    return { position: 0, length: 1, ...place, message: applied.error.message };
  }
  const [error] = parseSearch(splitQuery(applied.value.text).search).errors;
  if (error === undefined) return null;
  const { start, end } = error.span;
  return { message: error.message, ...applied.value.writtenPlace(start, Math.max(1, end - start)) };
}

/** Where the engine found an error, if it said so and the text is still the one it had. */
export function placeOfError(error: ErrorShape | null, errorText: string, text: string): WrongSpan | null {
  if (error === null || text !== errorText) return null;
  const { position, length } = error.detail;
  return typeof position === 'number' ? { position, length: typeof length === 'number' ? length : 1 } : null;
}
