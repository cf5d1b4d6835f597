import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ENTRY_BATCH_ROWS, LogEntryBatch } from '../../../src-main/contract/log-entry';
import type { Ledger } from '../../../src-main/contract/ledger';
import {
  ensureGateway,
  ensureLogstore,
  findLogstore,
  insertProject,
  listDimensions,
  readNotices,
} from '../../../src-main/duckdb/catalogue';
import { openDatabase, type Database } from '../../../src-main/duckdb/database';
import { EntryWriter } from '../../../src-main/duckdb/entry-writer';
import { beginRun, commitRun, deleteRun, recoverAtOpen, type RunEnd } from '../../../src-main/duckdb/import-runs';
import { findCommittedRun, listCaptures, logRange, readLedger, visibleRuns } from '../../../src-main/duckdb/run-reads';
import { indexOfRun, readIndex, reindexIn, unindexedRuns, writeIndex } from '../../../src-main/duckdb/index-rows';
import { createLogTableSql, logTable } from '../../../src-main/duckdb/log-table';
import { migrate, SCHEMA_VERSION, statementsOf } from '../../../src-main/duckdb/migrate';
import { DELIVERY_STATEMENTS } from '../../../src-main/duckdb/delivery-statements';
import { GATEWAY_STATEMENTS } from '../../../src-main/duckdb/gateway-statements';
import { WINDOW_STATEMENTS } from '../../../src-main/duckdb/window-markers';
import { NAT_EVENT_STATEMENTS } from '../../../src-main/duckdb/nat-event-statements';
import { NAT_TABLE_STATEMENTS } from '../../../src-main/duckdb/nat-table-statements';
import { PARTIAL_WINDOW_STATEMENTS } from '../../../src-main/duckdb/partial-windows';
import { LOG_STATEMENTS, STATEMENTS } from '../../../src-main/duckdb/statements';
import { OWNER_ID, sharedDatabase, temporaryDatabase, temporaryWorkspace } from './temporary-workspace';

const LEDGER: Ledger = {
  fileBytes: {
    read: 5000,
    container: 40,
    captured: 4000,
    unreadable: [
      { file: '/a.pcap', offset: 3, bytes: 900, cause: 'length lies' },
      { file: '/b.pcap', offset: 0, bytes: 60, cause: 'length lies' },
    ],
  },
  packets: { read: 2 ** 53 - 1, inEntries: 7, notInEntries: { non_ip: 2, malformed: 1 } },
  ipBytes: { read: 300, inEntries: 200, notInEntries: { malformed: 0, no_session: 100 } },
};
const END: RunEnd = {
  finishedMs: 1_700_000_001_000,
  logEntries: 10,
  windows: 1,
  packets: 7,
  identityKey: null,
  delivery: null,
  ledger: LEDGER,
  captures: [
    {
      path: "/captures/it's.pcap",
      sizeBytes: 5000,
      mtimeMs: 1_700_000_000_000.123,
      headDigest: 'aa',
      tailDigest: 'bb',
      format: 'pcap',
      openedAtTime: '1700000000.000000001',
      endTime: null,
      firstTime: '1700000000.000000001',
      lastTime: null,
      readBytes: 4999,
      packets: 7,
    },
  ],
  details: [],
  skipped: [{ path: '/captures/b.pcap', code: 'CAPTURE_EMPTY', message: 'it is empty' }],
  notices: [{ kind: 'losses', text: '1 packet is malformed' }],
};

async function begin(database: Database, logstoreId: number, identityKey = 'key'): Promise<number> {
  const start = { logstoreId, startedMs: 1, options: '{}', gateway: '{}', seed: 2 ** 53 - 1, identityKey };
  return beginRun(database, start);
}

async function appendEntries(database: Database, logstoreId: number, runId: number, rows: number): Promise<void> {
  const writer = await EntryWriter.open(database, logstoreId);
  const batch = new LogEntryBatch();
  const constants = { runId, instanceId: 1, vpcId: 1, shardId: 0 };
  for (let from = 0; from < rows; from += batch.length) {
    batch.length = Math.min(ENTRY_BATCH_ROWS, rows - from);
    for (let row = 0; row < batch.length; row++) {
      batch.entryNo.values[row] = BigInt(from + row);
      batch.firstSec.values[row] = BigInt(1_700_000_000 + from + row);
    }
    writer.append(batch, constants);
  }
  writer.close();
}

async function countOf(database: Database, from: string): Promise<unknown> {
  return database.withConnection(async (connection) => {
    return (await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM ${from}`)).getRows()[0]?.[0];
  });
}

describe('every fixed statement', () => {
  const shared = sharedDatabase();
  const statements = [
    ...Object.entries({ ...STATEMENTS, ...NAT_EVENT_STATEMENTS, ...GATEWAY_STATEMENTS, ...DELIVERY_STATEMENTS }),
    ['readMarkers', WINDOW_STATEMENTS.readMarkers(logTable(1), logTable(1))] as const,
    ['readLedgers', WINDOW_STATEMENTS.readLedgers] as const,
    ...Object.entries({ ...LOG_STATEMENTS, ...PARTIAL_WINDOW_STATEMENTS }).map(
      ([name, statement]) => [name, statement(1)] as const,
    ),
    ...Object.entries(NAT_TABLE_STATEMENTS).map(([name, statement]) => [name, statement(logTable(1))] as const),
  ];
  test.each(statements.map(([name, sql]) => ({ name, sql })))('$name binds', async ({ sql }) => {
    const database = shared();
    await ensureLogstore(database, 'local', 'session-log', 0);
    await database.withConnection(async (connection) => {
      const statement = await connection.prepare(`EXPLAIN ${sql}`);
      const numbers = new Set(Array.from(sql.matchAll(/\$(\d+)/g), ([, number]) => Number(number)));
      expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: numbers.size }, (_, at) => at + 1));
      statement.bind(Array.from(numbers, () => null));
      await statement.run();
    });
  });
});

/** The database, and its write-ahead log. */
const FILES = ['workspace.duckdb', 'workspace.duckdb.wal'] as const;

const columnsOf = async (database: Database): Promise<unknown> =>
  database.withConnection(async (connection) =>
    (
      await connection.runAndReadAll(`
        SELECT schema_name, table_name, column_name, data_type, is_nullable FROM duckdb_columns()
        WHERE NOT internal ORDER BY ALL`)
    ).getRows(),
  );

describe('migration', () => {
  test('of a new workspace makes the catalogue, without an index, and a schema of entries off the search path', async () => {
    const database = await temporaryDatabase();
    expect(await countOf(database, "duckdb_tables() WHERE schema_name = 'catalogue'")).toBe(23);
    expect(await countOf(database, 'duckdb_indexes()')).toBe(0);
    await ensureLogstore(database, 'local', 'session-log', 0);
    await expect(countOf(database, 'log_1')).rejects.toThrow(/does not exist/);
    expect(await countOf(database, 'entries.log_1')).toBe(0);
  });

  test('changes nothing when it runs again, or begins again after a kill between two statements', async () => {
    const database = await temporaryDatabase();
    await migrate(database);
    expect(await countOf(database, 'catalogue.workspace_meta')).toBe(1);
    await database.withConnection((connection) => connection.run('DELETE FROM catalogue.workspace_meta'));
    await migrate(database);
    expect(await countOf(database, 'catalogue.workspace_meta')).toBe(1);
  });

  test('gives a new file the tables that an older one gets step by step', async () => {
    const older = await openDatabase(temporaryWorkspace(), { ownerId: OWNER_ID });
    onTestFinished(() => older.close());
    await older.withConnection((connection) => connection.run('CREATE SCHEMA catalogue'));
    await migrate(older);
    expect(await columnsOf(await temporaryDatabase())).toEqual(await columnsOf(older));
  });

  test('of a new file, killed before its checkpoint or while its log was written, is whole after the next open', async () => {
    const dir = temporaryWorkspace();
    const database = await openDatabase(dir, { ownerId: OWNER_ID });
    onTestFinished(() => database.close());
    const left = temporaryWorkspace();
    vi.spyOn(database, 'checkpoint').mockImplementation(() => {
      for (const file of FILES) copyFileSync(join(dir, file), join(left, file));
      return Promise.resolve(true);
    });
    await migrate(database);
    const [file, log] = FILES.map((name) => readFileSync(join(left, name)));
    const lengths = [0, 1, 1000, Math.floor(log!.length / 2), log!.length - 1, log!.length];
    for (const length of lengths) {
      const killed = temporaryWorkspace();
      writeFileSync(join(killed, FILES[0]), file!);
      writeFileSync(join(killed, FILES[1]), log!.subarray(0, length));
      const after = await openDatabase(killed, { ownerId: OWNER_ID });
      onTestFinished(() => after.close());
      await migrate(after);
      expect(await columnsOf(after), `${length} octets of the log`).toEqual(await columnsOf(database));
    }
  });

  test('gives tables of session logs a column that they lack, takes one that nothing fills, and leaves others as they are', async () => {
    const database = await temporaryDatabase();
    await ensureLogstore(database, 'local', 'session-log', 0);
    await database.withConnection(async (connection) => {
      await connection.run(createLogTableSql(2, 'custom'));
      await connection.run('ALTER TABLE entries.log_1 DROP COLUMN seen_ns');
      await connection.run('ALTER TABLE entries.log_1 ADD COLUMN delivered_at TIMESTAMP');
      await connection.run('UPDATE catalogue.workspace_meta SET schema_version = 8');
    });
    await migrate(database);
    expect(await countOf(database, "duckdb_columns() WHERE table_name = 'log_1' AND column_name = 'seen_ns'")).toBe(1);
    expect(await countOf(database, "duckdb_columns() WHERE column_name = 'delivered_at'")).toBe(0);
    expect(await countOf(database, "duckdb_columns() WHERE table_name = 'log_2' AND column_name = 'seen_ns'")).toBe(0);
  });

  test('refuses a workspace of a later version with WORKSPACE_TOO_NEW', async () => {
    const database = await temporaryDatabase();
    await database.withConnection((connection) =>
      connection.run(`UPDATE catalogue.workspace_meta SET schema_version = ${SCHEMA_VERSION + 1}`),
    );
    await expect(migrate(database)).rejects.toMatchObject({
      code: 'WORKSPACE_TOO_NEW',
      detail: { path: database.path, version: SCHEMA_VERSION + 1, known: SCHEMA_VERSION },
    });
  });

  test('splits a script at semicolons that end a line, and drops comments', () => {
    expect(statementsOf("-- one;\nCREATE TABLE a (\n  x INTEGER\n);\n\nSELECT ';' AS x;  \n")).toEqual([
      'CREATE TABLE a (\n  x INTEGER\n)',
      "SELECT ';' AS x",
    ]);
  });
});

describe('the catalogue', () => {
  test('gives the same Logstore to all who ask at once, with one shard and one table', async () => {
    const database = await temporaryDatabase();
    const asked = await Promise.all([1, 2, 3, 4].map(() => ensureLogstore(database, 'local', 'session-log', 5)));
    expect(asked.map(({ id, tableName }) => [id, tableName])).toEqual(Array(4).fill([1, 'log_1']));
    await database.transaction((connection) =>
      insertProject(connection, { project: 'other', region: 'local', description: '' }, 5),
    );
    expect((await ensureLogstore(database, 'other', 'session-log', 5)).id).toBe(2);
    expect(await countOf(database, 'catalogue.project')).toBe(2);
    expect(await countOf(database, 'catalogue.shard')).toBe(2);
    expect(await findLogstore(database, 'other', 'session-log')).toMatchObject({ id: 2, tableName: 'log_2' });
  });

  test('names what there is when a project or a Logstore is not found', async () => {
    const database = await temporaryDatabase();
    await ensureLogstore(database, 'local', 'session-log', 5);
    await expect(findLogstore(database, 'nope', 'x')).rejects.toMatchObject({
      code: 'PROJECT_NOT_FOUND',
      detail: { known: 'local' },
    });
    await expect(findLogstore(database, 'local', 'x')).rejects.toMatchObject({
      code: 'LOGSTORE_NOT_FOUND',
      detail: { known: 'session-log' },
    });
  });

  test('makes the default project, and says how to make another', async () => {
    const database = await temporaryDatabase();
    await ensureLogstore(database, 'local', 'session-log', 5);
    await expect(ensureLogstore(database, 'lcoal', 'session-log', 5)).rejects.toMatchObject({
      code: 'PROJECT_NOT_FOUND',
      message: expect.stringContaining('natscope project create lcoal') as string,
      detail: { known: 'local', vendorCode: 'ProjectNotExist' },
    });
    expect(await countOf(database, 'catalogue.project')).toBe(1);
  });

  test('keeps one index per Logstore, and the earlier ones for the runs that were written under them', async () => {
    const database = await temporaryDatabase();
    const { id } = await ensureLogstore(database, 'local', 'session-log', 5);
    expect(await readIndex(database, id)).toMatchObject({ config: null, generations: [] });
    const unindexed = await begin(database, id);
    await writeIndex(database, id, '{"a":1}', 1);
    await writeIndex(database, id, '{"a":2}', 2);
    const second = await begin(database, id);
    const third = await begin(database, id);
    await writeIndex(database, id, '{"a":2}', 3);
    await writeIndex(database, id, '{"a":3}', 4);
    const state = await readIndex(database, id);
    expect(state).toMatchObject({
      config: '{"a":3}',
      updatedMs: 4,
      generations: [
        { untilRun: unindexed, config: null },
        { untilRun: third, config: '{"a":2}' },
      ],
    });
    expect([unindexed, second, third, third + 1].map((run) => indexOfRun(state, run))).toEqual([
      ...[null, '{"a":2}', '{"a":2}', '{"a":3}'],
    ]);
    expect(unindexedRuns(state)).toEqual([unindexed]);
    await database.transaction((connection) => reindexIn(connection, id));
    expect((await readIndex(database, id)).generations).toEqual([]);
    expect(await countOf(database, 'catalogue.index_config')).toBe(1);
  });

  test('gives gateways and VPCs small ids, the same for the same name', async () => {
    const database = await temporaryDatabase();
    expect(await ensureGateway(database, 'ngw-a', 'vpc-a')).toEqual({ instanceId: 1, vpcId: 1 });
    expect(await ensureGateway(database, 'ngw-b', 'vpc-a')).toEqual({ instanceId: 2, vpcId: 1 });
    expect(await ensureGateway(database, 'ngw-a', 'vpc-a')).toEqual({ instanceId: 1, vpcId: 1 });
    expect(await listDimensions(database)).toEqual({
      instance: [
        { id: 1, name: 'ngw-a' },
        { id: 2, name: 'ngw-b' },
      ],
      vpc_id: [{ id: 1, name: 'vpc-a' }],
    });
  });
});

describe('a run', () => {
  test('is visible from its commit on, with the ledger, captures and notices it was given', async () => {
    const database = await temporaryDatabase();
    const { id } = await ensureLogstore(database, 'local', 'session-log', 5);
    expect(await visibleRuns(database, id)).toEqual({
      maxRun: null,
      startedMs: null,
      hidden: [],
      committed: [],
      imports: [],
    });
    const run = await begin(database, id);
    await appendEntries(database, id, run, 10);
    expect(await visibleRuns(database, id)).toEqual({
      maxRun: null,
      startedMs: null,
      hidden: [],
      committed: [],
      imports: [],
    });
    expect(await findCommittedRun(database, id, 'key')).toBeNull();
    await commitRun(database, run, END);
    expect(await visibleRuns(database, id)).toEqual({
      maxRun: run,
      startedMs: 1,
      hidden: [],
      committed: [run],
      imports: [run],
    });
    expect(await findCommittedRun(database, id, 'key')).toBe(run);
    expect(await findCommittedRun(database, id + 1, 'key')).toBeNull();
    expect(await readLedger(database, run)).toEqual(LEDGER);
    expect(await listCaptures(database, run)).toEqual(END.captures);
    expect(await readNotices(database, run)).toEqual(END.notices);
  });

  test('commits once', async () => {
    const database = await temporaryDatabase();
    const { id } = await ensureLogstore(database, 'local', 'session-log', 5);
    const run = await begin(database, id);
    await commitRun(database, run, END);
    await expect(commitRun(database, run, END)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await countOf(database, 'catalogue.capture')).toBe(1);
  });

  test('that is under way below a committed one is hidden, and its entries are not in the range', async () => {
    const database = await temporaryDatabase();
    const { id } = await ensureLogstore(database, 'local', 'session-log', 5);
    const slow = await begin(database, id);
    await appendEntries(database, id, slow, 500);
    const done = await begin(database, id);
    await appendEntries(database, id, done, 10);
    await commitRun(database, done, END);
    const later = await begin(database, id);
    await appendEntries(database, id, later, 900);
    const visible = await visibleRuns(database, id);
    expect(visible).toEqual({
      maxRun: done,
      startedMs: 1,
      hidden: [slow],
      committed: [done],
      imports: [done],
    });
    expect(await logRange(database, id, visible)).toEqual({ firstSec: 1_700_000_000, lastSec: 1_700_000_009 });
    expect(await logRange(database, id, { maxRun: null, hidden: [] })).toBeNull();
    const snapshot = { maxRun: done, startedMs: 1, hidden: [slow], runs: 1 };
    const elsewhere = { ...snapshot, startedMs: 2 };
    await expect(visibleRuns(database, id, elsewhere)).rejects.toMatchObject({ code: 'SNAPSHOT_GONE' });
    await commitRun(database, slow, END);
    await commitRun(database, later, END);
    expect(await visibleRuns(database, id)).toMatchObject({
      maxRun: later,
      hidden: [],
      committed: [slow, done, later],
    });
    expect(await visibleRuns(database, id, snapshot)).toEqual(visible);
    expect(await visibleRuns(database, id, { maxRun: null, startedMs: null, hidden: [], runs: 0 })).toMatchObject({
      committed: [],
    });
    await deleteRun(database, slow);
    expect(await visibleRuns(database, id, snapshot)).toEqual(visible);
    await deleteRun(database, done);
    await expect(visibleRuns(database, id, snapshot)).rejects.toMatchObject({ code: 'SNAPSHOT_GONE' });
  });

  test('that is deleted leaves nothing, and its id is not used again', async () => {
    const database = await temporaryDatabase();
    const { id } = await ensureLogstore(database, 'local', 'session-log', 5);
    const first = await begin(database, id);
    await appendEntries(database, id, first, 3000);
    await commitRun(database, first, END);
    const second = await begin(database, id);
    await appendEntries(database, id, second, 100);
    await deleteRun(database, first);
    await deleteRun(database, first);
    expect(await countOf(database, logTable(id))).toBe(100);
    for (const table of ['capture', 'capture_position', 'ledger'])
      expect(await countOf(database, `catalogue.${table}`)).toBe(0);
    await deleteRun(database, second);
    expect(await countOf(database, logTable(id))).toBe(0);
    expect(await begin(database, id)).toBe(second + 1);
  });

  test('that a killed import left is gone after the next open, and the committed ones are whole', async () => {
    const dir = temporaryWorkspace();
    const before = await openDatabase(dir, { ownerId: OWNER_ID });
    await migrate(before);
    const { id } = await ensureLogstore(before, 'local', 'session-log', 5);
    const kept = await begin(before, id);
    await appendEntries(before, id, kept, 10);
    await commitRun(before, kept, END);
    const killed = await begin(before, id);
    await appendEntries(before, id, killed, 5000);
    await before.close();
    const after = await openDatabase(dir, { ownerId: OWNER_ID });
    try {
      await migrate(after);
      expect(await recoverAtOpen(after)).toEqual([killed]);
      expect(await recoverAtOpen(after)).toEqual([]);
      expect(await countOf(after, logTable(id))).toBe(10);
      expect(await visibleRuns(after, id)).toEqual({
        maxRun: kept,
        startedMs: 1,
        hidden: [],
        committed: [kept],
        imports: [kept],
      });
      expect(await readLedger(after, kept)).toEqual(LEDGER);
    } finally {
      await after.close();
    }
  });
});
