import { expect, test } from 'vitest';
import type { ResultBatch, ResultColumn } from '../../../src-main/contract/result-batch';
import { splitBatch } from '../../../src-main/engine/protocol/split-batch';

const ROWS = 1000;
const validity = new Uint8Array(ROWS).fill(1);
validity[7] = 0;
const BATCH: ResultBatch = {
  rowCount: ROWS,
  columns: [
    { name: 'n', type: 'float64', data: Float64Array.from({ length: ROWS }, (_, row) => row) },
    {
      name: 't',
      type: 'text',
      data: Uint32Array.from({ length: ROWS }, (_, row) => row),
      dictionary: Array.from({ length: ROWS }, (_, row) => `text ${row} `.repeat(50)),
      validity,
    },
  ],
};

function textAt(column: ResultColumn | undefined, row: number): string | null | undefined {
  if (column?.type !== 'text') throw new Error('no text');
  return column.validity?.[row] === 0 ? null : column.dictionary[column.data[row]!];
}

test('a batch that fits stays itself', () => {
  expect(splitBatch(BATCH)).toEqual([BATCH]);
  expect(splitBatch(BATCH)[0]).toBe(BATCH);
});

test('a batch that does not fit becomes pieces with the same rows and only their own texts', () => {
  const pieces = splitBatch(BATCH, 400_000);
  expect(pieces.length).toBeGreaterThan(4);
  let row = 0;
  for (const { rowCount, columns } of pieces) {
    const [numbers, texts] = columns;
    for (let at = 0; at < rowCount; at++, row++) {
      expect(numbers?.data[at]).toBe(row);
      expect(textAt(texts, at)).toBe(textAt(BATCH.columns[1], row));
    }
    expect(texts?.type === 'text' && texts.dictionary.length).toBeLessThanOrEqual(rowCount);
  }
  expect(row).toBe(ROWS);
});

test('a single row is not split', () => {
  expect(splitBatch({ ...BATCH, rowCount: 1 }, 1)).toHaveLength(1);
});
