import type { ResultBatch } from '../../src-main/contract/result-batch';
import { plainCells } from '../../src-main/engine/output/result-cells';

/** A row by column, each value as text; an empty one for NULL. */
export type TextRow = Readonly<Record<string, string>>;

/** @returns what takes the batches of a call and adds their rows */
export function addingRowsTo(rows: TextRow[]): (batch: ResultBatch) => Promise<void> {
  return ({ rowCount, columns }) => {
    const cells = columns.map((column) => [column.name, plainCells(column)] as const);
    for (let row = 0; row < rowCount; row++) {
      rows.push(Object.fromEntries(cells.map(([name, cell]) => [name, cell(row) ?? ''])));
    }
    return Promise.resolve();
  };
}
