import { describe, expect, test } from 'vitest';
import { ENTRY_BATCH_ROWS, EXTRA_BYTE_FIELDS, LogEntryBatch } from '../../../src-main/contract/log-entry';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import type { Database } from '../../../src-main/duckdb/database';
import { EntryWriter } from '../../../src-main/duckdb/entry-writer';
import { createLogTableSql, LOG_COLUMNS, logTable, type EntryConstants } from '../../../src-main/duckdb/log-table';
import { readStream } from '../../../src-main/duckdb/read-stream';
import { temporaryDatabase } from './temporary-workspace';

const LOGSTORE = 3;
const CONSTANTS: EntryConstants = {
  runId: 0xffff_fffe,
  instanceId: 0xffff,
  vpcId: 2,
  shardId: 65_535,
};
const MAX_EXACT = Number.MAX_SAFE_INTEGER;
const INT64_MAX = 9_223_372_036_854_775_807n;

/** Extreme, edge and ordinary rows in turn, so that each lies in each chunk. */
const ROWS = [
  { sec: 0, nsec: 0, wide: 0, word: 0, short: 0, byte: 0 },
  { sec: 1_700_000_000, nsec: 999_999_999, wide: 0x1_0000_0001, word: 0xc0a8_0001, short: 443, byte: 6 },
  { sec: 4_294_967_295, nsec: 999_999_999, wide: MAX_EXACT, word: 0xffff_ffff, short: 0xffff, byte: 0xff },
  { sec: 4_294_967_296, nsec: 1, wide: 0xffff_ffff, word: 0x8000_0000, short: 0x8000, byte: 0x80 },
  { sec: 9_223_372_036, nsec: 854_775_807, wide: 1, word: 1, short: 1, byte: 1 },
  { sec: 9_223_372_036, nsec: 854_775_808, wide: 2, word: 2, short: 2, byte: 2 },
  { sec: 253_402_300_799, nsec: 999_999_999, wide: MAX_EXACT - 1, word: 0x7fff_ffff, short: 3, byte: 3 },
  { sec: -1, nsec: 5, wide: 3, word: 3, short: 4, byte: 4 },
] as const;

function fill(batch: LogEntryBatch, length: number): void {
  batch.length = length;
  for (let row = 0; row < length; row++) {
    const { sec, nsec, wide, word, short, byte } = ROWS[row % ROWS.length]!;
    for (const column of [batch.protocol, batch.endReason, batch.natSource]) column[row] = byte;
    for (const column of [
      batch.priPort,
      batch.pubPort,
      batch.natPort,
      batch.flags,
      batch.captureEpoch,
      batch.revision,
    ]) {
      column[row] = short;
    }
    for (const column of [batch.priIp, batch.pubIp, batch.natIp, batch.natEip, batch.realm]) column[row] = word;
    batch.isRedacted[row] = row % 5 === 0 ? 1 : 0;
    batch.isInOrder[row] = row % 7 === 0 ? 0 : 1;
    batch.isOneRealm[row] = row % 3 === 0 ? 1 : 0;
    for (const column of [batch.bytesFromPub, batch.pktsFromPub, batch.bytesFromVpc, batch.pktsFromVpc]) {
      column.values[row] = BigInt(wide);
    }
    for (const column of [batch.sessionId, batch.firstPacket, batch.lastPacket]) column.values[row] = BigInt(wide);
    batch.entryNo.values[row] = BigInt(row);
    for (const column of [batch.windowStart, batch.firstSec, batch.lastSec]) column.values[row] = BigInt(sec);
    for (const column of [batch.firstNs, batch.lastNs, batch.mappingEndNs, batch.seenNs]) {
      column.values[row] = nanosOf(sec, nsec);
    }
  }
}

function nanosOf(sec: number, nsec: number): bigint {
  const exact = BigInt(sec) * 1_000_000_000n + BigInt(nsec);
  return exact > INT64_MAX ? INT64_MAX : exact;
}

function expectedValue(name: string, row: number): bigint | null {
  const { sec, nsec, wide, word, short, byte } = ROWS[row % ROWS.length]!;
  const groups: readonly (readonly [RegExp, number])[] = [
    [/^(protocol|end_reason|nat_source)$/, byte],
    [/^(pri|pub|nat)_port$|^flags$|^capture_epoch$|^revision$/, short],
    [/^(pri|pub|nat)_ip$|^nat_eip$|^realm$/, word],
    [/^(bytes|pkts)_from|^session_id$|_packet$/, wide],
    [/^(start_time|end_time|__time__|window_start)$/, sec],
    [/^entry_no$/, row],
    [/^instance$/, CONSTANTS.instanceId],
    [/^vpc_id$/, CONSTANTS.vpcId],
    [/^run_id$/, CONSTANTS.runId],
    [/^shard_id$/, CONSTANTS.shardId],
  ];
  if (name.startsWith('pub_') && row % 5 === 0) return null;
  if (name === 'realm' && row % 3 === 0) return null;
  if (name === 'extra') return null;
  if (name === 'seen_ns' && row % 7 > 0) return null;
  if (name.endsWith('_ns')) return nanosOf(sec, nsec);
  const group = groups.find(([pattern]) => pattern.test(name));
  if (group === undefined) throw new Error(`no expectation for ${name}`);
  return BigInt(group[1]);
}

/** @param extra what stands for the column of that name, which is text */
async function readAll(database: Database, extra = 'extra'): Promise<readonly ResultBatch[]> {
  const list = LOG_COLUMNS.map(({ name }) => `${name === 'extra' ? extra : `"${name}"`}::BIGINT AS "${name}"`);
  const batches: ResultBatch[] = [];
  for await (const batch of readStream(database, `SELECT ${list.join(', ')} FROM ${logTable(LOGSTORE)}`)) {
    batches.push(batch);
  }
  return batches;
}

function checkColumn(batches: readonly ResultBatch[], index: number, rowsOfBatch: number): void {
  const { name } = LOG_COLUMNS[index]!;
  let row = 0;
  for (const batch of batches) {
    const column = batch.columns[index]!;
    for (let at = 0; at < batch.rowCount; at++, row++) {
      const value = column.validity?.[at] === 0 ? null : column.data[at];
      const expected = expectedValue(name, row % rowsOfBatch);
      if (value !== expected) throw new Error(`${name}, row ${row}: ${String(value)} instead of ${String(expected)}`);
    }
  }
}

describe('EntryWriter', () => {
  test('stores every column of 4,000 rows exactly, extreme values included, over chunk borders and reused batches', async () => {
    const database = await temporaryDatabase();
    await database.withConnection((connection) => connection.run(createLogTableSql(LOGSTORE, 'session_log')));
    const writer = await EntryWriter.open(database, LOGSTORE);
    const batch = new LogEntryBatch();
    fill(batch, 4000);
    writer.append(batch, CONSTANTS);
    writer.append(batch, CONSTANTS);
    writer.close();
    const batches = await readAll(database);
    expect(batches.reduce((rows, { rowCount }) => rows + rowCount, 0)).toBe(8000);
    LOG_COLUMNS.forEach((_, index) => checkColumn(batches, index, 4000));
  });

  test('keeps apart the rows that have what few have, however many others come between', async () => {
    const database = await temporaryDatabase();
    await database.withConnection((connection) => connection.run(createLogTableSql(LOGSTORE, 'session_log')));
    const writer = await EntryWriter.open(database, LOGSTORE);
    const batch = new LogEntryBatch();
    const isKnown = (place: number, row: number): boolean => place % 3 === 2 && row === 1;
    const lengths = [500, 2048, 700, 10, 1000, 3, 2048];
    for (const [place, length] of lengths.entries()) {
      fill(batch, length);
      for (let row = 0; row < length; row++) batch.isInOrder[row] = isKnown(place, row) ? 0 : 1;
      writer.append(batch, { ...CONSTANTS, runId: place });
    }
    writer.close();
    const known: (readonly [bigint, bigint])[] = [];
    const sql = `SELECT run_id::BIGINT, entry_no::BIGINT FROM ${logTable(LOGSTORE)} WHERE seen_ns IS NOT NULL ORDER BY 1, 2`;
    for await (const { columns, rowCount } of readStream(database, sql)) {
      for (let row = 0; row < rowCount; row++)
        known.push([columns[0]!.data[row] as bigint, columns[1]!.data[row] as bigint]);
    }
    expect(known).toEqual([
      [2n, 1n],
      [5n, 1n],
    ]);
  });

  test('writes extra bytes as JSON over chunk borders, and all other columns as ever', async () => {
    const database = await temporaryDatabase();
    await database.withConnection((connection) => connection.run(createLogTableSql(LOGSTORE, 'session_log')));
    const writer = await EntryWriter.open(database, LOGSTORE);
    const [plain, extra] = [new LogEntryBatch(), new LogEntryBatch(true)];
    for (const batch of [plain, extra]) fill(batch, 4000);
    extra.extraBytes!.forEach((column, place) => column.forEach((_, row) => (column[row] = row * 2 ** 40 + place)));
    for (const batch of [extra, plain, extra]) writer.append(batch, CONSTANTS);
    writer.close();
    const batches = await readAll(database, 'NULL');
    LOG_COLUMNS.forEach((_, index) => checkColumn(batches, index, 4000));
    const texts = await database.withConnection(async (connection) => {
      const sql = `SELECT extra FROM ${logTable(LOGSTORE)}`;
      return (await connection.runAndReadAll(sql)).getRows().map(([text]) => text);
    });
    const expected = Array.from({ length: 4000 }, (_, row) => {
      const values = [0, 1, 2, 3].map((place) => row * 2 ** 40 + place);
      return JSON.stringify(Object.fromEntries(EXTRA_BYTE_FIELDS.map((name, place) => [name, values[place]])));
    });
    const none = Array.from({ length: 4000 }, () => null);
    expect(texts).toEqual([...expected, ...none, ...expected]);
  });

  test('writes new constants from the append on that brings them', async () => {
    const database = await temporaryDatabase();
    await database.withConnection((connection) => connection.run(createLogTableSql(LOGSTORE, 'session_log')));
    const writer = await EntryWriter.open(database, LOGSTORE);
    const batch = new LogEntryBatch();
    fill(batch, 3000);
    for (const shardId of [1, 2, 1]) writer.append(batch, { ...CONSTANTS, shardId });
    writer.close();
    const counts: string[] = [];
    const sql = `SELECT shard_id || ':' || count(*) AS n FROM ${logTable(LOGSTORE)} GROUP BY shard_id ORDER BY 1`;
    for await (const { columns } of readStream(database, sql)) {
      if (columns[0]?.type === 'text') counts.push(...columns[0].dictionary);
    }
    expect(counts).toEqual(['1:6000', '2:3000']);
  });

  test('shows nothing before a flush, and nothing ever of what is abandoned', async () => {
    const database = await temporaryDatabase();
    await database.withConnection((connection) => connection.run(createLogTableSql(LOGSTORE, 'session_log')));
    const countRows = (): Promise<unknown> =>
      database.withConnection(async (connection) => {
        return (
          await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM ${logTable(LOGSTORE)}`)
        ).getRows()[0]?.[0];
      });
    const writer = await EntryWriter.open(database, LOGSTORE);
    const batch = new LogEntryBatch();
    fill(batch, 4000);
    writer.append(batch, CONSTANTS);
    expect(await countRows()).toBe(0);
    writer.flush();
    expect(await countRows()).toBe(4000);
    writer.append(batch, CONSTANTS);
    writer.abandon();
    writer.close();
    expect(await countRows()).toBe(4000);
  });

  test('takes a full batch and an empty one', async () => {
    const database = await temporaryDatabase();
    await database.withConnection((connection) => connection.run(createLogTableSql(LOGSTORE, 'session_log')));
    const writer = await EntryWriter.open(database, LOGSTORE);
    const batch = new LogEntryBatch();
    fill(batch, ENTRY_BATCH_ROWS);
    writer.append(batch, CONSTANTS);
    fill(batch, 0);
    writer.append(batch, CONSTANTS);
    writer.close();
    const batches = await readAll(database);
    checkColumn(batches, 17, ENTRY_BATCH_ROWS);
    expect(batches.reduce((rows, { rowCount }) => rows + rowCount, 0)).toBe(ENTRY_BATCH_ROWS);
  });

  test('refuses a constant that its column cannot hold', async () => {
    const database = await temporaryDatabase();
    await database.withConnection((connection) => connection.run(createLogTableSql(LOGSTORE, 'session_log')));
    const writer = await EntryWriter.open(database, LOGSTORE);
    const batch = new LogEntryBatch();
    fill(batch, 1);
    expect(() => writer.append(batch, { ...CONSTANTS, vpcId: 65_536 })).toThrow(RangeError);
    writer.abandon();
  });
});
