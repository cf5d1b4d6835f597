/** What a session log would store of the traffic of one import, by the vendor's counting. */

/** Windows longer than a day tell nothing of who was where. */
export const LONGEST_COST_WINDOW_SEC = 86_400;

export interface CostRequest {
  readonly run: number;
  /** Lengths of windows: multiples of those of the import. Empty for some that are. */
  readonly windowSecs: readonly number[];
}

export interface FieldCost {
  readonly name: string;
  readonly type: 'text' | 'long';
  /** Entries that have the field. */
  readonly values: number;
  /** Bytes of its name and its value as text, of all of them. */
  readonly textBytes: number;
}

export interface WindowCost {
  readonly windowSec: number;
  readonly entries: number;
  /** In the order of the product. */
  readonly fields: readonly FieldCost[];
}

export interface CostReport {
  readonly run: number;
  /** From the first packet to the last; null without two times. */
  readonly seconds: number | null;
  readonly windows: readonly WindowCost[];
}

/** A value of a number takes so many bytes of an index, and its name none. @see sls-logstore.md §2 "Traffic accounting" */
const NUMBER_BYTES = 8;

/** @returns bytes as they are uploaded, before compression: names and values of all fields */
export function rawBytes({ fields }: WindowCost): number {
  return fields.reduce((sum, { textBytes }) => sum + textBytes, 0);
}

/**
 * @param isIndexed whether a field has an index of its own, of the type that it has; full text has all of an entry once
 * @returns bytes that are indexed
 */
export function indexedBytes(
  cost: WindowCost,
  { isIndexed, hasFullText }: { readonly isIndexed: (name: string) => boolean; readonly hasFullText: boolean },
): number {
  if (hasFullText) return rawBytes(cost);
  return cost.fields
    .filter(({ name }) => isIndexed(name))
    .reduce((sum, { type, values, textBytes }) => sum + (type === 'text' ? textBytes : values * NUMBER_BYTES), 0);
}
