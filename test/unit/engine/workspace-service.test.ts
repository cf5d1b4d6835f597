import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasLosses } from '../../../src-main/contract/ledger';
import { SESSION_LOG_FIELDS } from '../../../src-main/contract/log-entry';
import type { Database } from '../../../src-main/duckdb/database';
import { openDatabase } from '../../../src-main/duckdb/database';
import { migrate, statementsOf } from '../../../src-main/duckdb/migrate';
import initial from '../../../src-main/duckdb/migrations/0001_initial.sql?raw';
import { MissingFiles } from '../../../src-main/engine/missing-files';
import { readImport, readWorkspace } from '../../../src-main/engine/workspace-service';
import { udpPacket } from '../../support/frames';
import { cut } from '../../support/pcap-writer';
import { tempFolder } from '../../support/temp';
import { OWNER_ID, temporaryDatabase, temporaryWorkspace } from '../duckdb/temporary-workspace';
import { entriesAt, importInto, writeCapture } from './imported-database';

const SEC = 1_773_133_200;
const read = (database: Database): ReturnType<typeof readWorkspace> => readWorkspace(database, new MissingFiles());

test('a new workspace holds nothing', async () => {
  const database = await temporaryDatabase();
  expect(await read(database)).toEqual({ workspace: database.workspaceDir, logstores: [], imports: [] });
});

test('a workspace tells its Logstores and its imports, the newest first', async () => {
  const database = await temporaryDatabase();
  const folder = tempFolder();
  const first = writeCapture(folder, 'a.pcap', entriesAt([SEC, SEC + 5]));
  const second = writeCapture(folder, 'b.pcap', entriesAt([SEC + 700]));
  const third = writeCapture(folder, 'c.pcap', entriesAt([SEC + 9000, SEC + 9001, SEC + 9002]));
  const before = Date.now();
  await importInto(database, [first]);
  await importInto(database, [second, third]);
  await importInto(database, [first], { logstore: 'bare', createIndex: false });
  rmSync(third);
  const { logstores, imports } = await read(database);
  expect(logstores).toEqual([
    { project: 'local', name: 'bare', entries: 2, extent: { firstSec: SEC, lastSec: SEC + 5 }, fields: null },
    {
      project: 'local',
      name: 'session-log',
      entries: 6,
      extent: { firstSec: SEC, lastSec: SEC + 9002 },
      fields: SESSION_LOG_FIELDS,
    },
  ]);
  expect(imports.map(({ run, logstore }) => [run, logstore])).toEqual([
    [3, 'bare'],
    [2, 'session-log'],
    [1, 'session-log'],
  ]);
  expect(imports[1]).toMatchObject({
    instance: 'ngw-default',
    packets: 4,
    logEntries: 4,
    windows: 2,
    hasLosses: false,
  });
  expect(imports[1]!.captures.map(({ path, packets, isMissing }) => ({ path, packets, isMissing }))).toEqual([
    { path: second, packets: 1, isMissing: false },
    { path: third, packets: 3, isMissing: true },
  ]);
  for (const { finishedMs } of imports) {
    expect(finishedMs).toBeGreaterThanOrEqual(before);
    expect(finishedMs).toBeLessThanOrEqual(Date.now());
  }
});

test('an import is told again as it was told when it ended', async () => {
  const database = await temporaryDatabase();
  const folder = tempFolder();
  const good = writeCapture(folder, 'a.pcap', entriesAt([SEC, SEC + 5, SEC + 3000]));
  const cutOff = writeCapture(folder, 'b.pcap', [
    ...cut(
      [{ atNs: BigInt(SEC + 1) * 1_000_000_000n, bytes: udpPacket({ from: '10.0.0.1:1', to: '8.8.8.8:53' }) }],
      22,
    ),
    ...entriesAt([SEC + 2]),
  ]);
  const bad = join(folder, 'bad.pcap');
  writeFileSync(bad, 'this is text, and long enough to be looked at');
  const report = await importInto(database, [good, cutOff, bad], { keepGoing: true });
  expect(report.createdIndex).toBe(true);
  expect(report.skipped).toHaveLength(1);
  const again = await readImport(database, report.run);
  expect(again).toEqual({ ...report, createdIndex: false, seconds: again.seconds });
  expect(again.seconds).toBeGreaterThanOrEqual(0);
  expect(again.seconds).toBeLessThanOrEqual(report.seconds + 1);
  expect((await read(database)).imports[0]?.hasLosses).toBe(hasLosses(report.ledger));
});

test('an import with losses is shown with losses', async () => {
  const database = await temporaryDatabase();
  const path = writeCapture(tempFolder(), 'a.pcap', entriesAt([SEC, SEC + 5]));
  const half = `${path}.cut`;
  writeFileSync(half, readFileSync(path).subarray(0, -10));
  const report = await importInto(database, [half]);
  expect(hasLosses(report.ledger)).toBe(true);
  expect((await read(database)).imports[0]).toMatchObject({ hasLosses: true });
  expect(await readImport(database, report.run)).toMatchObject({ ledger: report.ledger, notices: report.notices });
});

test('an import that there is not, or that is not finished, is RUN_NOT_FOUND', async () => {
  const database = await temporaryDatabase();
  const capture = writeCapture(tempFolder(), 'a.pcap', entriesAt([SEC]));
  await importInto(database, [capture], {}, async (_task, control) => {
    expect((await read(database)).imports).toEqual([]);
    await expect(readImport(database, 1)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND', detail: { run: 1 } });
    return Promise.reject(new Error(String(control.signal.aborted)));
  }).catch(() => undefined);
  await expect(readImport(database, 1)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
});

test('a workspace of the first version is brought up, with the packets of captures that were alone', async () => {
  const dir = temporaryWorkspace();
  const old = await openDatabase(dir, { ownerId: OWNER_ID });
  await old.withConnection(async (connection) => {
    for (const statement of statementsOf(initial)) await connection.run(statement);
    await connection.run(`
      INSERT INTO catalogue.workspace_meta VALUES (1, 3);
      INSERT INTO catalogue.project VALUES (1, 'local', 0);
      INSERT INTO catalogue.logstore VALUES (1, 1, 'session-log', 'log_1', 'session_log', 0);
      INSERT INTO catalogue.import_run VALUES
        (1, 1, 'committed', 1000, 3500, '{}', '{}', 0, 'a', 5, 1, 70, '[]'),
        (2, 1, 'committed', 4000, 5000, '{}', '{}', 0, 'b', 0, 0, 9, NULL);
      INSERT INTO catalogue.capture VALUES
        (1, 0, '/a.pcap', 900, 0, 'aa', 'bb', 'pcap', NULL, NULL),
        (2, 0, '/b.pcap', 300, 0, 'aa', 'bb', 'pcap', NULL, NULL),
        (2, 1, '/c.pcap', 400, 0, 'aa', 'bb', 'pcapng', NULL, NULL);
      INSERT INTO catalogue.ledger VALUES
        (1, 0, 'file', 'read', NULL, NULL, NULL, 901), (2, 0, 'file', 'read', NULL, NULL, NULL, 700);
    `);
  });
  await old.close();
  const database = await openDatabase(dir, { ownerId: OWNER_ID });
  try {
    await migrate(database);
    await migrate(database);
    expect(await readImport(database, 1)).toMatchObject({
      captures: [{ path: '/a.pcap', packets: 70, fileBytes: 901 }],
      described: [{ storedBytes: 900, sha256: null, details: null }],
      skipped: [],
      seconds: 2.5,
    });
    expect((await readImport(database, 2)).captures).toMatchObject([
      { path: '/b.pcap', packets: 0, fileBytes: 300 },
      { path: '/c.pcap', packets: 0, fileBytes: 400, format: 'pcapng' },
    ]);
  } finally {
    await database.close();
  }
});
