import type { ColumnMeaning } from '../../../src-main/contract/query';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import { columnsOf, type ColumnName, type RowPlace, type RowSource } from './row-source';

/** All rows of a statement, which are here as a whole: a statement cannot be asked for a part of them. */
export class StatementRows implements RowSource {
  readonly rowCount: number;
  readonly columns: readonly ColumnName[];
  readonly error = null;
  readonly #batches: readonly ResultBatch[];
  /** Index of the first row of each batch. */
  readonly #starts: readonly number[];

  /**
   * @param columns as the engine names them, for a result without rows
   * @param maxRows rows shown at most
   * @param meanings of the columns, by position, as far as they are known
   */
  constructor(
    batches: readonly ResultBatch[],
    columns: readonly ColumnName[],
    maxRows: number,
    meanings: readonly ColumnMeaning[] = [],
  ) {
    const starts: number[] = [];
    let rows = 0;
    for (const { rowCount } of batches) {
      starts.push(rows);
      rows += rowCount;
    }
    this.#batches = batches;
    this.#starts = starts;
    this.rowCount = Math.min(rows, maxRows);
    const named = batches.length > 0 ? columnsOf(batches[0]) : columns;
    this.columns = named.map((column, index) => ({ ...column, ...meanings[index] }));
  }

  rowAt(index: number): RowPlace | null {
    if (index >= this.rowCount) return null;
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= index) low = middle;
      else high = middle - 1;
    }
    const batch = this.#batches[low];
    return batch === undefined ? null : { batch, row: index - this.#starts[low]! };
  }

  want(): void {
    // All rows are here.
  }

  drop(): void {
    // Nothing is under way.
  }
}
