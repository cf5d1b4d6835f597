import { expect, test } from 'vitest';
import { logTable } from '../../../src-main/duckdb/log-table';
import type { Database } from '../../../src-main/duckdb/database';
import { readStoredDelivery } from '../../../src-main/duckdb/deliveries';
import { deleteRun } from '../../../src-main/duckdb/import-runs';
import { sealedEntries, settleEntries } from '../../../src-main/duckdb/undelivered';
import { applyDelivery, listDeliveryEvents, readDelivery } from '../../../src-main/engine/delivery-service';
import { runHistogram } from '../../../src-main/engine/histogram-service';
import { listLogstores, updateLogstore } from '../../../src-main/engine/logstore-service';
import { readNatTable } from '../../../src-main/engine/nat-table-service';
import { writePackets } from '../../../src-main/engine/packets-service';
import { runQuery } from '../../../src-main/engine/query-service';
import { readImport } from '../../../src-main/engine/workspace-service';
import { udpPacket } from '../../support/frames';
import type { CaptureRecord } from '../../support/pcap-writer';
import { tempFolder } from '../../support/temp';
import { SECOND } from '../../support/time';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { ALL_ENTRIES, entriesAt, importInto, PLACE, WHOLE_LOG, writeCapture } from './imported-database';

const T0 = 1_700_000_400;
/** Four windows of ten entries each. */
const TIMES = Array.from({ length: 40 }, (_, index) => T0 + Math.floor(index / 10) * 600 + (index % 10) * 50);
const SOON = { delaySec: { least: 60, most: 60, tailRate: 0 } };
/** The first and the second window are lost. */
const OFF = { ...SOON, faults: [{ fault: 'logstore_deleted', from: '+10m', to: '+25m' }] };

async function rowsOf(database: Database): Promise<unknown[]> {
  const sql = `SELECT * FROM ${logTable(1)} ORDER BY entry_no`;
  return database.withConnection(async (connection) => (await connection.runAndReadAll(sql)).getRowsJson());
}

/** With what did not arrive. */
async function sealedOf(database: Database): Promise<unknown[]> {
  const sql = `SELECT * FROM ${await sealedEntries(database, 1)} ORDER BY entry_no`;
  return database.withConnection(async (connection) => (await connection.runAndReadAll(sql)).getRowsJson());
}

async function query(database: Database, changes: object = {}): Promise<{ rows: number; notices: string[] }> {
  const signal = new AbortController().signal;
  const report = await runQuery(
    database,
    { ...ALL_ENTRIES, ...changes },
    { signal, sendBatch: () => Promise.resolve() },
  );
  return { rows: report.rowCount, notices: report.notices.map(({ text }) => text) };
}

test('without a script everything arrives, and nothing lies aside', async () => {
  const database = await temporaryDatabase();
  const report = await importInto(database, [writeCapture(tempFolder(), 'a.pcap', entriesAt(TIMES))]);
  expect(report.delivery).toMatchObject({ sealed: 40, delivered: 40, lost: {}, pending: 0, windows: 4 });
  const tables = await database.withConnection(async (connection) =>
    (await connection.runAndReadAll(`SELECT table_name FROM duckdb_tables() WHERE schema_name = 'entries'`)).getRows(),
  );
  expect(tables).toEqual([['log_1']]);
  const delivery = await readDelivery(database, { run: report.run, script: null });
  expect(delivery).toMatchObject({ ...PLACE, instance: 'ngw-default', startSec: T0, attempts: 4, remarkable: 0 });
});

test('what is lost is in no answer, and every answer that rests on it says so', async () => {
  const database = await temporaryDatabase();
  const capture = writeCapture(tempFolder(), 'a.pcap', entriesAt(TIMES));
  const report = await importInto(database, [capture], { delivery: OFF });
  expect(report).toMatchObject({
    logEntries: 40,
    delivery: { sealed: 40, delivered: 20, lost: { LogStoreNotExist: 20 } },
  });
  expect(report.ledger.packets).toEqual({ read: 40, inEntries: 40, notInEntries: {} });
  const says = 'Delivery of run 1 is incomplete: 20 of the 20 entries of 2 windows';
  expect(report.notices.map(({ text }) => text).join(' ')).toContain(says);
  expect((await readImport(database, 1)).notices.map(({ text }) => text).join(' ')).toContain(says);
  const all = await query(database);
  expect([all.rows, all.notices.join(' ').includes(says)]).toEqual([20, true]);
  // Of windows that arrived whole.
  const later = await query(database, { from: String(T0 + 1200) });
  expect(later).toMatchObject({ rows: 20, notices: [expect.stringContaining('covered in part')] });
  const packets = await writePackets(
    database,
    { query: { ...WHOLE_LOG, text: 'pri_ip:10.9.9.9' } },
    { signal: new AbortController().signal, emit: () => undefined },
  );
  expect(packets.entries).toBe(0);
  expect(packets.notices).toContainEqual({ kind: 'losses', text: expect.stringContaining(says) as string });
  const histogram = await runHistogram(database, WHOLE_LOG, { signal: new AbortController().signal });
  expect(histogram).toMatchObject({ entries: 20, incomplete: [{ startSec: T0 }, { startSec: T0 + 600 }] });
  expect((await listLogstores(database, null))[0]).toMatchObject({ entries: 20 });
});

test('another script delivers again: nothing is gone for good, and no entry changes', async () => {
  const database = await temporaryDatabase();
  const capture = writeCapture(tempFolder(), 'a.pcap', entriesAt(TIMES));
  await importInto(database, [capture]);
  const whole = await rowsOf(database);
  const lossy = { ...SOON, seed: 7, lossRate: 0.3, duplicateRate: 0.2 };
  for (const script of [OFF, lossy, OFF, {}]) {
    const { totals } = await applyDelivery(database, { run: 1, script });
    const rows = await rowsOf(database);
    expect(rows.length).toBe(totals.delivered);
    const texts = new Set(whole.map((row) => JSON.stringify(row)));
    expect(rows.filter((row) => !texts.has(JSON.stringify(row)))).toEqual([]);
  }
  expect(await rowsOf(database)).toEqual(whole);
  expect((await query(database)).notices).toEqual([expect.stringContaining('covered in part')]);
});

test('a look at a script changes nothing', async () => {
  const database = await temporaryDatabase();
  await importInto(database, [writeCapture(tempFolder(), 'a.pcap', entriesAt(TIMES))]);
  const preview = await readDelivery(database, { run: 1, script: OFF });
  expect(preview.totals).toMatchObject({ delivered: 20 });
  const events = { run: 1, script: OFF, onlyRemarkable: true, first: 0, most: 100 };
  expect((await listDeliveryEvents(database, events)).total).toBe(preview.remarkable);
  expect((await readDelivery(database, { run: 1, script: null })).totals).toMatchObject({ delivered: 40 });
  expect((await rowsOf(database)).length).toBe(40);
});

test('the same script on the import and afterwards is the same, attempt by attempt', async () => {
  const [one, other] = [await temporaryDatabase(), await temporaryDatabase()];
  const capture = writeCapture(tempFolder(), 'a.pcap', entriesAt(TIMES));
  const script = { seed: 3, lossRate: 0.2, faults: [{ fault: 'role_revoked', from: '+5m', to: '+16m' }] };
  await importInto(one, [capture], { delivery: script });
  await importInto(other, [capture]);
  await applyDelivery(other, { run: 1, script });
  const asked = { run: 1, script: null, onlyRemarkable: false, first: 0, most: 1000 };
  const log = await listDeliveryEvents(one, asked);
  expect(log.total).toBeGreaterThan(4);
  expect(JSON.stringify(await listDeliveryEvents(other, asked))).toBe(JSON.stringify(log));
  expect(await rowsOf(other)).toEqual(await rowsOf(one));
});

const at = (sec: number, port: number, length = 60): CaptureRecord => ({
  atNs: BigInt(T0 + sec) * SECOND,
  bytes: udpPacket({ from: `10.0.0.7:${port}`, to: '203.0.113.80:53', payload: new Uint8Array(length - 28) }),
});
/** The entry of port 1 in the first window is corrected in the second, and again in the third. */
const LATE = [
  ...[at(590, 1), at(610, 1), at(640, 1), at(595, 1, 100)],
  // The session lives on.
  ...Array.from({ length: 12 }, (_, index) => at(690 + index * 50, 1)),
  ...[at(1250, 2), at(594, 1, 200), at(1810, 2)],
];

test.each([
  { name: 'the correction arrives and the entry did not: it has it all', lost: [0], bytes: 360 },
  { name: 'the last correction has what the one before it had, which was lost', lost: [1], bytes: 360 },
  { name: 'the last correction is lost', lost: [2], bytes: 160 },
  { name: 'both corrections are lost', lost: [1, 2], bytes: 60 },
  { name: 'all is lost', lost: [0, 1, 2], bytes: null },
])('of revisions, $name', async ({ lost, bytes }) => {
  const database = await temporaryDatabase();
  await importInto(database, [writeCapture(tempFolder(), 'late.pcap', LATE)]);
  const whole = await rowsOf(database);
  const { groups } = (await readStoredDelivery(database, 1)) ?? { groups: [] };
  const ranges = lost.map((window) => {
    const { firstEntry, entries } = groups[window]!;
    return [firstEntry, firstEntry + entries] as const;
  });
  const sealed = await sealedOf(database);
  const { undelivered } = await settleEntries(database, { logstoreId: 1, runId: 1 }, { lost: ranges, hasLate: false });
  const sql = `SELECT bytes_from_vpc::INTEGER AS bytes FROM ${logTable(1)} WHERE pri_port = 1 AND window_start = ${T0}`;
  const found = await database.withConnection(async (connection) => (await connection.runAndReadAll(sql)).getRows());
  expect(found).toEqual(bytes === null ? [] : [[bytes]]);
  // Each entry is in the log, or is not; and what the gateway did is the same.
  expect((await rowsOf(database)).length + undelivered).toBe(whole.length);
  expect(await sealedOf(database)).toEqual(sealed);
  await settleEntries(database, { logstoreId: 1, runId: 1 }, { lost: [], hasLate: false });
  expect(await rowsOf(database)).toEqual(whole);
});

test.each([
  { name: 'of an entry', records: LATE },
  // The session has nothing in the first window but what came late.
  { name: 'that became an entry', records: [at(610, 1), at(1250, 2), at(594, 1, 200), at(1810, 2)] },
])('an import that loses additions $name has as many entries as one that loses none', async ({ records }) => {
  const [one, other] = [await temporaryDatabase(), await temporaryDatabase()];
  const capture = writeCapture(tempFolder(), 'late.pcap', records);
  const role = [{ fault: 'role_revoked', from: '+30m', to: '+60m' }];
  const whole = await importInto(one, [capture]);
  const lossy = await importInto(other, [capture], { delivery: { ...SOON, faults: role } });
  expect(lossy.logEntries).toBe(whole.logEntries);
  expect((await listLogstores(other, null))[0]).toMatchObject({ entries: (await rowsOf(other)).length });
  expect(await sealedOf(other)).toEqual(await rowsOf(one));
  await applyDelivery(other, { run: 1, script: {} });
  expect(await rowsOf(other)).toEqual(await rowsOf(one));
});

test('where only what late packets added is lost, its window is incomplete all the same', async () => {
  const database = await temporaryDatabase();
  await importInto(database, [writeCapture(tempFolder(), 'late.pcap', LATE.slice(0, -1))]);
  const role = [{ fault: 'role_revoked', from: '+30m', to: '+60m' }];
  await applyDelivery(database, { run: 1, script: { ...SOON, faults: role } });
  const first = await query(database, { from: String(T0), to: String(T0 + 600) });
  expect([first.rows, first.notices.join(' ')]).toEqual([1, expect.stringContaining('is incomplete')]);
  // By the window that it was for, beside that in which it came.
  const names = [T0, T0 + 1200].map((sec) => new Date(sec * 1000).toISOString().replace('.000Z', 'Z'));
  expect(first.notices.join(' ')).toContain(`of 2 windows, ${names.join(' and ')} are`);
  const second = await query(database, { from: String(T0 + 600), to: String(T0 + 1200) });
  expect([second.rows, second.notices]).toEqual([1, []]);
  const histogram = await runHistogram(database, WHOLE_LOG, { signal: new AbortController().signal });
  expect(histogram.incomplete.map(({ startSec }) => startSec)).toEqual([T0, T0 + 1200]);
});

test('after the clock of the capture was set back, the windows that were read then are incomplete', async () => {
  const database = await temporaryDatabase();
  const forward = Array.from({ length: 30 }, (_, index) => at(7200 + index * 20, 1000 + index));
  const back = Array.from({ length: 60 }, (_, index) => at(3600 + index * 10, 2000 + index));
  const capture = writeCapture(tempFolder(), 'back.pcap', [...forward, ...back]);
  await importInto(database, [capture], { delivery: { ...SOON, lossRate: 0.5 } });
  const { rows, notices } = await query(database, { from: String(T0 + 3600), to: String(T0 + 4200) });
  expect(rows).toBeLessThan(60);
  expect(notices.join(' ')).toContain('is incomplete');
});

test('what is past the retention of its Logstore is past it whether or not it was delivered', async () => {
  const database = await temporaryDatabase();
  const times = TIMES.slice(0, 20).map((sec, index) => (index < 10 ? sec : sec + 5 * 86_400));
  const capture = writeCapture(tempFolder(), 'old.pcap', entriesAt(times));
  await importInto(database, [capture], { delivery: { ...SOON, lossRate: 0.5 } });
  await updateLogstore(database, { ...PLACE, ttlDays: 2 });
  await applyDelivery(database, { run: 1, script: {} });
  const rows = await rowsOf(database);
  expect(rows.length).toBe(10);
  expect(await sealedOf(database)).toEqual(rows);
  expect((await listLogstores(database, null))[0]).toMatchObject({ entries: 10 });
});

test('with its import, all that lies aside of it goes', async () => {
  const database = await temporaryDatabase();
  await importInto(database, [writeCapture(tempFolder(), 'a.pcap', entriesAt(TIMES))], { delivery: OFF });
  await deleteRun(database, 1);
  const counts = await database.withConnection(async (connection) =>
    (
      await connection.runAndReadAll(`SELECT (SELECT count(*) FROM entries.aside_1)::INTEGER,
        (SELECT count(*) FROM catalogue.delivery)::INTEGER, (SELECT count(*) FROM catalogue.delivery_event)::INTEGER`)
    ).getRows(),
  );
  expect(counts).toEqual([[0, 0, 0]]);
});

test('what the gateway did does not change with what is delivered of it', async () => {
  const database = await temporaryDatabase();
  await importInto(database, [writeCapture(tempFolder(), 'a.pcap', entriesAt(TIMES))]);
  const ledger = (await readImport(database, 1)).ledger;
  const table = async (): Promise<string> => {
    const rows: unknown[] = [];
    const request = { ...PLACE, run: null, at: String(T0 + 655), zone: 'UTC', host: null, nat: null };
    const { runs, sessions, destinations, totals, notices } = await readNatTable(database, request, {
      signal: new AbortController().signal,
      sendBatch: ({ columns }) => {
        for (const { data } of columns) rows.push(Array.from(data as ArrayLike<number>, String));
        return Promise.resolve();
      },
    });
    return JSON.stringify({ runs, sessions, destinations, totals, notices, rows });
  };
  const before = await table();
  expect(JSON.parse(before)).toMatchObject({ sessions: 2 });
  for (const script of [OFF, { lossRate: 1 }, {}]) {
    await applyDelivery(database, { run: 1, script });
    expect(await table()).toBe(before);
    expect((await readImport(database, 1)).ledger).toEqual(ledger);
  }
});

test('80: with a fifth of the rows delivered twice, the highest revisions equal the truth', async () => {
  const [one, other] = [await temporaryDatabase(), await temporaryDatabase()];
  const capture = writeCapture(tempFolder(), 'late.pcap', [...LATE, ...entriesAt(TIMES.map((sec) => sec + 1820))]);
  await importInto(one, [capture]);
  const report = await importInto(other, [capture], { delivery: { seed: 1, duplicateRate: 0.2 } });
  expect(report.delivery?.duplicates).toBeGreaterThan(4);
  expect(report.delivery?.duplicates).toBeLessThan(20);
  const truth = await rowsOf(one);
  expect(truth.length).toBe(report.logEntries);
  expect(await rowsOf(other)).toEqual(truth);
});
