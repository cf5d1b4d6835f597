import { expect, test } from 'vitest';
import { ENTRY_BATCH_ROWS, LogEntryBatch, SESSION_LOG_FIELDS } from '../../../src-main/contract/log-entry';
import { LogGroups } from '../../../src-main/delivery/log-groups';
import { GROUP_BYTES, GROUP_ENTRIES } from '../../../src-main/delivery/quotas';
import { measureValues } from '../../support/entry-sizes';

const NAMES = { instance: 'ngw-t', vpcId: 'vpc-t' };

function batchOf(rows: readonly { readonly window: number; readonly sec?: number }[], firstEntry = 0): LogEntryBatch {
  const batch = new LogEntryBatch();
  batch.length = rows.length;
  rows.forEach(({ window, sec = window }, row) => {
    batch.windowStart.values[row] = BigInt(window);
    batch.firstSec.values[row] = BigInt(sec);
    batch.lastSec.values[row] = BigInt(sec);
    batch.entryNo.values[row] = BigInt(firstEntry + row);
  });
  return batch;
}

test('an entry is as large as its names and values', () => {
  const batch = batchOf([{ window: 600, sec: 1_700_000_400 }]);
  batch.protocol[0] = 17;
  batch.priIp[0] = 0x0a000007;
  batch.priPort[0] = 5353;
  batch.pubIp[0] = 0xcb007150;
  batch.pubPort[0] = 53;
  batch.natIp[0] = 0xc633640a;
  batch.natPort[0] = 1025;
  batch.bytesFromPub.values[0] = 12_345n;
  batch.pktsFromPub.values[0] = 9n;
  batch.bytesFromVpc.values[0] = 2n ** 40n;
  batch.pktsFromVpc.values[0] = 10n;
  const values = [
    ...['ngw-t', 'vpc-t', '17', '10.0.0.7', '5353', '203.0.113.80', '53', '198.51.100.10', '1025', '12345', '9'],
    ...[String(2 ** 40), '10', '1700000400', '1700000400'],
  ];
  const bytes = SESSION_LOG_FIELDS.reduce((sum, { name }) => sum + name.length, 0) + values.join('').length;
  expect(rawBytesOf(batch)).toBe(bytes);
  batch.isRedacted[0] = 1;
  expect(rawBytesOf(batch)).toBe(bytes - 'pub_ip203.0.113.80pub_port53'.length);
  batch.isPublicOnly[0] = 1;
  expect(rawBytesOf(batch)).toBe(bytes - 'pub_ip203.0.113.80pub_port53pri_ip10.0.0.7pri_port5353'.length);
});

function rawBytesOf(batch: LogEntryBatch): number | undefined {
  measureValues(batch);
  const groups = new LogGroups(600, NAMES);
  groups.add(batch);
  return groups.groups[0]?.rawBytes;
}

test('groups hold at most what one call may, and no two windows, in whatever order entries come', () => {
  const groups = new LogGroups(600, NAMES);
  // The window has two entries more than a batch: the first batch has the last of them.
  const window = Array.from({ length: ENTRY_BATCH_ROWS + 2 }, (_, index) => ENTRY_BATCH_ROWS + 1 - index);
  const first = batchOf(window.slice(0, ENTRY_BATCH_ROWS).map(() => ({ window: 600 })));
  const second = batchOf(window.slice(ENTRY_BATCH_ROWS).map(() => ({ window: 600 })));
  first.entryNo.values.set(window.slice(0, ENTRY_BATCH_ROWS).map(BigInt));
  second.entryNo.values.set(window.slice(ENTRY_BATCH_ROWS).map(BigInt));
  groups.add(first);
  groups.add(second);
  groups.add(batchOf([{ window: 1200 }], ENTRY_BATCH_ROWS + 2));
  expect(groups.groups.map(({ firstEntry, entries, sealedSec }) => [firstEntry, entries, sealedSec])).toEqual([
    [0, GROUP_ENTRIES, 1200],
    [4096, 2, 1200],
    [4098, 1, 1800],
  ]);
});

test('entries that are handed out together are sealed with the last of their windows, whichever batch that is in', () => {
  const groups = new LogGroups(600, NAMES);
  const first = batchOf(Array.from({ length: ENTRY_BATCH_ROWS }, () => ({ window: 601 })));
  const second = batchOf(Array.from({ length: ENTRY_BATCH_ROWS }, () => ({ window: 605 })));
  for (let row = 0; row < ENTRY_BATCH_ROWS; row++) {
    first.entryNo.values[row] = BigInt(2 * ENTRY_BATCH_ROWS - 1 - 2 * row);
    second.entryNo.values[row] = BigInt(2 * ENTRY_BATCH_ROWS - 2 - 2 * row);
  }
  groups.add(first);
  groups.add(second);
  groups.add(batchOf([{ window: 1205 }], 2 * ENTRY_BATCH_ROWS));
  expect(
    groups.groups.map(({ firstEntry, entries, sealedSec, otherStartsSec }) => [
      ...[firstEntry, entries, sealedSec],
      otherStartsSec,
    ]),
  ).toEqual([
    [0, GROUP_ENTRIES, 1205, [601]],
    [4096, GROUP_ENTRIES, 1205, [601]],
    [8192, 1, 1805, undefined],
  ]);
});

test('a full group of the largest entries is within the bytes of a call', () => {
  const groups = new LogGroups(600, { instance: 'n'.repeat(128), vpcId: 'v'.repeat(128) });
  const batch = batchOf(Array.from({ length: ENTRY_BATCH_ROWS }, () => ({ window: 600, sec: 9_999_999_999 })));
  for (const column of [batch.priIp, batch.pubIp, batch.natIp]) column.fill(0xffff_ffff);
  for (const column of [batch.priPort, batch.pubPort, batch.natPort]) column.fill(0xffff);
  batch.protocol.fill(0xff);
  const counters = [batch.bytesFromPub, batch.pktsFromPub, batch.bytesFromVpc, batch.pktsFromVpc];
  for (const column of counters) column.values.fill(BigInt(Number.MAX_SAFE_INTEGER));
  measureValues(batch);
  groups.add(batch);
  expect(groups.groups.length).toBe(1);
  expect(groups.groups[0]?.rawBytes).toBeLessThanOrEqual(GROUP_BYTES);
});

test('what late packets add to an older window is sealed with the one in which they came', () => {
  const groups = new LogGroups(600, NAMES);
  groups.add(batchOf([{ window: 600 }]));
  groups.add(batchOf([{ window: 600 }, { window: 1200 }], 1));
  expect(groups.groups.map(({ entries, sealedSec }) => [entries, sealedSec])).toEqual([
    [1, 1200],
    [2, 1800],
  ]);
});

test('where the clock of the capture is set back, deliveries go on', () => {
  const groups = new LogGroups(600, NAMES);
  groups.add(batchOf([{ window: 6000 }]));
  groups.add(batchOf([{ window: 600 }], 1));
  expect(groups.groups.map(({ sealedSec }) => sealedSec)).toEqual([6600]);
});
