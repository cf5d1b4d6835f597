import { expect, test } from 'vitest';
import { ENTRY_BATCH_ROWS, Int64Column, LogEntryBatch } from '../../../src-main/contract/log-entry';
import { packBatch, unpackBatch } from '../../../src-main/engine/batch-slab';
import { seededRandom } from '../../support/random';

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array | BigInt64Array;

function columnsOf(batch: LogEntryBatch): [string, Column][] {
  const extra = (batch.extraBytes ?? []).map((column, place): [string, unknown] => [`extraBytes ${place}`, column]);
  return [...(Object.entries(batch) as [string, unknown][]), ...extra]
    .map(([name, value]): [string, unknown] => [name, value instanceof Int64Column ? value.values : value])
    .filter((pair): pair is [string, Column] => ArrayBuffer.isView(pair[1]));
}

function filled(length: number, seed: number, hasExtraBytes = false): LogEntryBatch {
  const random = seededRandom(seed);
  const batch = new LogEntryBatch(hasExtraBytes);
  batch.length = length;
  for (const [, column] of columnsOf(batch)) {
    for (let row = 0; row < ENTRY_BATCH_ROWS; row++) {
      const wide = random.u32() * 2 ** 21 + random.int(0, 1000);
      if (column instanceof BigInt64Array) column[row] = BigInt(wide);
      else column[row] = column instanceof Float64Array ? wide : random.u32();
    }
  }
  return batch;
}

test.each([0, 1, 7, 8, 2049, ENTRY_BATCH_ROWS])('%i entries come out as they went in, whatever was there', (length) => {
  const batch = filled(length, 1);
  const target = filled(ENTRY_BATCH_ROWS, 2);
  unpackBatch(packBatch(batch), length, target);
  expect(target.length).toBe(length);
  expect(columnsOf(batch).length).toBeGreaterThan(30);
  const rows = (from: LogEntryBatch): unknown => columnsOf(from).map(([name, data]) => [name, data.slice(0, length)]);
  expect(rows(target)).toEqual(rows(batch));
});

test('extra bytes go along, to a batch that has room for them', () => {
  const batch = filled(100, 5, true);
  const target = filled(100, 6, true);
  unpackBatch(packBatch(batch), 100, target);
  expect(target.extraBytes!.map((column) => column.slice(0, 100))).toEqual(
    batch.extraBytes!.map((column) => column.slice(0, 100)),
  );
  expect(() => unpackBatch(packBatch(batch), 100, new LogEntryBatch())).toThrow(RangeError);
});

test('what is packed is a copy', () => {
  const batch = filled(10, 3);
  const slab = packBatch(batch);
  const before = batch.priIp[0]!;
  batch.priIp[0] = before ^ 1;
  const target = new LogEntryBatch();
  unpackBatch(slab, 10, target);
  expect(target.priIp[0]).toBe(before);
});

test('a buffer of another length is refused', () => {
  const slab = packBatch(filled(10, 4));
  expect(() => unpackBatch(slab, 2, new LogEntryBatch())).toThrow(RangeError);
});
