import type { ErrorShape } from '../../../src-main/contract/errors';
import type { ColumnMeaning } from '../../../src-main/contract/query';
import type { ResultBatch, ResultColumn } from '../../../src-main/contract/result-batch';

export interface ColumnName extends Partial<ColumnMeaning> {
  readonly name: string;
  readonly type: ResultColumn['type'];
}

/** A row where it lies. */
export interface RowPlace {
  readonly batch: ResultBatch;
  readonly row: number;
}

/** Rows of a result, whether all of them are here or not. */
export interface RowSource {
  readonly rowCount: number;
  readonly columns: readonly ColumnName[];
  /** Why rows that were wanted could not be had. */
  readonly error: ErrorShape | null;
  /** @returns null while the row is on its way; an effect that asked is run again when rows have come */
  rowAt(index: number): RowPlace | null;
  /** Rows `[first, end)` are looked at: what is missing of them is fetched. */
  want(first: number, end: number): void;
  /** Nothing of it is looked at any more. */
  drop(): void;
}

/** @returns the place of row `index` of batches that follow each other */
export function placeIn(batches: readonly ResultBatch[], index: number): RowPlace | null {
  let row = index;
  for (const batch of batches) {
    if (row < batch.rowCount) return { batch, row };
    row -= batch.rowCount;
  }
  return null;
}

export function columnsOf(batch: ResultBatch | undefined): readonly ColumnName[] {
  return batch?.columns.map(({ name, type }) => ({ name, type })) ?? [];
}
