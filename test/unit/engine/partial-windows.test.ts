import { expect, test } from 'vitest';
import type { Notice } from '../../../src-main/contract/result-batch';
import type { Database } from '../../../src-main/duckdb/database';
import { runHistogram } from '../../../src-main/engine/histogram-service';
import { runQuery } from '../../../src-main/engine/query-service';
import { udpPacket } from '../../support/frames';
import type { CaptureRecord } from '../../support/pcap-writer';
import { tempFolder } from '../../support/temp';
import { SECOND } from '../../support/time';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { importInto, PLACE, writeCapture } from './imported-database';

/** The start of a window, 2023-11-14 22:20:00 UTC. */
const T0 = 1_700_000_400;
const at = (sec: number): CaptureRecord => ({
  atNs: BigInt(T0 + sec) * SECOND,
  bytes: udpPacket({ from: '10.0.0.1:5000', to: '203.0.113.80:53', payload: new Uint8Array(32) }),
});
/** The first and the last of four windows are covered in part; there is no entry in the third. */
const RECORDS = [at(10), at(700), at(1900)];
const { signal } = new AbortController();

async function imported(records: readonly CaptureRecord[], changes: object = {}): Promise<Database> {
  const database = await temporaryDatabase();
  await importInto(database, [writeCapture(tempFolder(), 'a.pcap', records)], changes);
  return database;
}

async function noticesOf(database: Database, range: { from?: string; to?: string }): Promise<readonly Notice[]> {
  const request = { ...PLACE, text: '*', from: null, to: null, zone: 'UTC', snapshot: null, ...range };
  const page = { limit: null, offset: 0, reverse: false };
  const { notices } = await runQuery(database, { ...request, ...page }, { signal, sendBatch: () => Promise.resolve() });
  expect((await runHistogram(database, request, { signal })).notices).toEqual(notices);
  return notices;
}

test.each([
  { name: 'all of the log', range: {}, partial: 2, all: 4, starts: [0, 1800] },
  { name: 'up to the end of the first window', range: { to: T0 + 600 }, partial: 1, all: 1, starts: [0] },
  { name: 'up to a second behind it', range: { to: T0 + 601 }, partial: 1, all: 2, starts: [0] },
  { name: 'from within the last window', range: { from: T0 + 1850 }, partial: 1, all: 1, starts: [1800] },
])('an answer of $name tells how many of its windows are covered in part', async ({ range, partial, all, starts }) => {
  const database = await imported(RECORDS);
  const asked = Object.fromEntries(Object.entries(range).map(([end, sec]) => [end, String(sec)]));
  expect(await noticesOf(database, asked)).toEqual([
    {
      kind: 'partial',
      text: expect.stringContaining('covered in part by the captures') as string,
      windows: { partial, all, startsSec: starts.map((sec) => T0 + sec), otherStarts: 0 },
    },
  ]);
});

test('an answer of whole windows says nothing of others', async () => {
  const database = await imported(RECORDS);
  expect(await noticesOf(database, { from: String(T0 + 600), to: String(T0 + 1800) })).toEqual([]);
});

test('windows that begin with their sessions are not counted in all', async () => {
  const [notice] = await noticesOf(await imported(RECORDS, { gateway: { windowPhase: 'session' } }), {});
  expect(notice?.windows?.all).toBeNull();
});
