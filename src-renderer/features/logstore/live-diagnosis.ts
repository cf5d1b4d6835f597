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

/** A change that does away with an error. */
export interface QueryFix {
  /** What it takes away; empty where it only adds. */
  readonly from: string;
  /** What it writes there; empty where it only takes away. */
  readonly to: string;
  /** The whole query with it. */
  readonly text: string;
}

export interface Diagnosis extends WrongSpan {
  readonly message: string;
  readonly fix: QueryFix | null;
}

/** What is wrong with the search part, before it runs; the statement behind it is the engine's to read. */
export function diagnoseSearch(text: string, valueOf: (variable: string) => string | undefined): Diagnosis | null {
  // Whoever writes a query has no values yet: any other than an operator reads alike.
  const values = Object.fromEntries(variablesOf(text).map((name) => [name, valueOf(name) ?? '0']));
  const applied = outcomeOf(() => applyVariables(text, values));
  if (!applied.ok) {
    const place = placeOfError(applied.error, text, text);
    return { position: 0, length: 1, ...place, message: applied.error.message, fix: null };
  }
  const [error] = parseSearch(splitQuery(applied.value.text).search).errors;
  if (error === undefined) return null;
  const { start, end } = error.span;
  const fix = error.fix === undefined ? null : fixAt(text, error.fix.span.start, error.fix.span.end, error.fix.text);
  return { message: error.message, fix, ...applied.value.writtenPlace(start, Math.max(1, end - start)) };
}

/** Where the engine found an error, if it said so and the text is still the one it had. */
export function placeOfError(error: ErrorShape | null, errorText: string, text: string): WrongSpan | null {
  if (error === null || text !== errorText) return null;
  const { position, length } = error.detail;
  return typeof position === 'number' ? { position, length: typeof length === 'number' ? length : 1 } : null;
}

/** What the engine proposes, if it does, and if the text is still the one it had. */
export function fixOfError(error: ErrorShape | null, errorText: string, text: string): QueryFix | null {
  if (error === null || text !== errorText) return null;
  const { fix, fixPosition: start, fixLength: length } = error.detail;
  if (typeof fix !== 'string' || typeof start !== 'number' || typeof length !== 'number') return null;
  return fixAt(text, start, start + length, fix);
}

/** None in a query with variables: its places are those of the values. */
function fixAt(text: string, start: number, end: number, to: string): QueryFix | null {
  if (text.includes('${')) return null;
  return { from: text.slice(start, end), to, text: text.slice(0, start) + to + text.slice(end) };
}
