import { expect, test } from 'vitest';
import { BATCH_ROWS, PACKET_FLAG } from '../../../src-main/capture/packet-batch';
import { newEmulatorModule } from '../../../src-main/engine/emulator-module';

/** @returns the rows that the module finds to be ICMP errors among the first `rows` */
function quotingRows(errors: readonly number[], rows: number, isPlain = false): number[] {
  const module = newEmulatorModule();
  module.init();
  const { buffer } = module.memory;
  const flags = new Uint8Array(buffer, module.batchFlags.value, BATCH_ROWS);
  // All others have every other flag.
  flags.fill(0xff & ~PACKET_FLAG.icmpError);
  for (const row of errors) flags[row] = 0xff;
  const count = module.beginBatch(rows, isPlain, false, false);
  return [...new Uint16Array(buffer, module.quotingRows.value, BATCH_ROWS).subarray(0, count)];
}

test.each([
  { of: 'none', errors: [], rows: 9 },
  { of: 'the first and the last', errors: [0, BATCH_ROWS - 1], rows: BATCH_ROWS },
  { of: 'neighbours', errors: [6, 7, 8, 9], rows: 12 },
  { of: 'all', errors: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], rows: 11 },
])('ICMP errors are found: $of', ({ errors, rows }) => {
  expect(quotingRows(errors, rows)).toEqual(errors);
});

test('what is left of an earlier batch behind the rows is none of them', () => {
  expect(quotingRows([3, 11, 12, 500], 12)).toEqual([3, 11]);
});

test('in a batch that is known to have none, nobody looks', () => {
  expect(quotingRows([3], 12, true)).toEqual([]);
});
