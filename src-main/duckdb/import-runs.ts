import type { ImportedDetails } from '../contract/capture-details';
import type { CaptureFacts, SkippedCapture } from '../contract/imports';
import type { LogSnapshot } from '../contract/query';
import type { CapturePositions } from '../capture/capture-positions';
import type { Ledger } from '../contract/ledger';
import type { Notice } from '../contract/result-batch';
import { AppError } from '../contract/errors';
import type { DuckDBConnection } from '@duckdb/node-api';
import { numberIn, numberOrNull, readRows, textIn, textOrNull } from './catalogue';
import { remembered } from './catalogue-memory';
import type { Database } from './database';
import { deleteDeliveryIn, writeDeliveryIn, type RunDelivery } from './deliveries';
import { ledgerFromRows, rowsOfLedger, type LedgerRow } from './ledger-rows';
import { LOG_STATEMENTS, STATEMENTS } from './statements';
import { deleteAsideIn } from './undelivered';

/** Entries that one statement deletes, so that its transaction stays small. */
const DELETE_ENTRIES = 1_000_000;

export interface RunStart {
  readonly logstoreId: number;
  readonly startedMs: number;
  /** The options and the full gateway snapshot, as JSON. */
  readonly options: string;
  readonly gateway: string;
  readonly seed: number;
  /** Equal for two runs if and only if they read the same captures with the same options. */
  readonly identityKey: string;
  /** Of log entries from files, not of captures. Default false. */
  readonly isLoad?: boolean;
}

/** A capture of a run: what it was, and what tells that it is the same. */
export interface RunCapture {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  /** Hex digests of the first and last MiB. */
  readonly headDigest: string;
  readonly tailDigest: string;
  readonly format: CaptureFacts['format'];
  /** Of its first packets in the file, by which it was opened; epoch seconds with nanosecond digits, as all times here. */
  readonly openedAtTime: string | null;
  /** Of its last packet in the file. */
  readonly endTime: string | null;
  /** The earliest and the latest of its packets. */
  readonly firstTime: string | null;
  readonly lastTime: string | null;
  readonly readBytes: number;
  readonly packets: number;
}

export interface RunEnd {
  readonly finishedMs: number;
  readonly logEntries: number;
  readonly windows: number;
  readonly packets: number;
  /** Of what was read, where that is not what the run was begun for; null where it is. */
  readonly identityKey: string | null;
  readonly ledger: Ledger;
  readonly captures: readonly RunCapture[];
  /** By the ordinal of the capture; may be left out. */
  readonly positions?: readonly CapturePositions[];
  /** Of the same captures, in the same order. */
  readonly details: readonly ImportedDetails[];
  readonly skipped: readonly SkippedCapture[];
  readonly notices: readonly Notice[];
  /** How the entries came into the Logstore; null where nothing is kept of that. */
  readonly delivery: RunDelivery | null;
}

/** A run whose entries are in the log, as the catalogue has it. */
export interface CommittedRun {
  readonly run: number;
  readonly project: string;
  readonly logstore: string;
  /** Of the gateway. */
  readonly instance: string;
  readonly startedMs: number;
  readonly finishedMs: number;
  /** All that were sealed. */
  readonly logEntries: number;
  /** Those of them that are not in the Logstore. */
  readonly undelivered: number;
  readonly windows: number;
  readonly packets: number;
  /** It is live, and this is what was sealed of it. */
  readonly isGoingOn: boolean;
  readonly skipped: readonly SkippedCapture[];
  readonly notices: readonly Notice[];
}

/**
 * The runs whose entries a query may see: those up to `maxRun`, without `hidden`. One that is live counts as committed, with
 * what was sealed of it.
 */
export interface VisibleRuns extends Pick<LogSnapshot, 'maxRun' | 'startedMs' | 'hidden'> {
  readonly committed: readonly number[];
  /** Those of them that are imports of captures. */
  readonly imports: readonly number[];
}

/**
 * Marks a run as under way.
 *
 * @returns its id, which no other run of this workspace ever has, deleted ones included
 * @throws AppError LOGSTORE_NOT_FOUND when the Logstore was deleted since it was looked up
 */
export async function beginRun(database: Database, start: RunStart): Promise<number> {
  return database.transaction((connection) => beginRunIn(connection, start));
}

/** As `beginRun`, within a transaction. */
export async function beginRunIn(connection: DuckDBConnection, start: RunStart): Promise<number> {
  const { logstoreId, startedMs, options, gateway, seed, identityKey, isLoad = false } = start;
  if ((await readRows(connection, STATEMENTS.findLogstoreById, [logstoreId])).length === 0) {
    throw new AppError('LOGSTORE_NOT_FOUND', 'the Logstore was deleted meanwhile', { known: '' });
  }
  const [row] = await readRows(connection, STATEMENTS.readNextRunId);
  if (row === undefined) throw new TypeError('workspace_meta has no row');
  const runId = numberIn(row, 'next_run_id');
  await connection.run(STATEMENTS.advanceNextRunId);
  const values = [runId, logstoreId, startedMs, options, gateway, seed, identityKey, isLoad ? 'load' : null];
  await connection.run(STATEMENTS.insertRun, values);
  return runId;
}

/**
 * Makes a run's entries visible, with its ledger and captures, all in one transaction.
 *
 * @throws AppError INTERNAL when the run is not under way (any more)
 */
export async function commitRun(database: Database, runId: number, end: RunEnd): Promise<void> {
  await database.transaction((connection) => commitRunIn(connection, runId, end));
}

type RunRows = Omit<RunEnd, 'identityKey' | 'positions'>;

/** As `commitRun`, within a transaction. */
export async function commitRunIn(connection: DuckDBConnection, runId: number, end: RunEnd): Promise<void> {
  await writeRunRows(connection, runId, end);
  for (const [ordinal, positions] of (end.positions ?? []).entries()) {
    await connection.run(STATEMENTS.insertPositions, [runId, ordinal, JSON.stringify(positions)]);
  }
  const { identityKey } = end;
  const committed = await readRows(connection, STATEMENTS.commitRun, [...valuesOf(runId, end), identityKey]);
  if (committed.length !== 1) throw new AppError('INTERNAL', `run ${runId} is not under way`, { run: runId });
}

/**
 * Makes visible what was sealed so far of a run that goes on, within the transaction that stores the entries: should it be
 * cut off, this is what is kept. Positions are not.
 *
 * @throws AppError INTERNAL when the run is not under way (any more)
 */
export async function sealRunIn(connection: DuckDBConnection, runId: number, soFar: RunRows): Promise<void> {
  await writeRunRows(connection, runId, soFar);
  const sealed = await readRows(connection, STATEMENTS.sealRun, valuesOf(runId, soFar));
  if (sealed.length !== 1) throw new AppError('INTERNAL', `run ${runId} is not under way`, { run: runId });
}

function valuesOf(
  runId: number,
  { finishedMs, logEntries, windows, packets, notices, skipped }: RunRows,
): (number | string)[] {
  return [runId, finishedMs, logEntries, windows, packets, JSON.stringify(notices), JSON.stringify(skipped)];
}

/** What a live run had of them when it was sealed before is replaced. */
async function writeRunRows(connection: DuckDBConnection, runId: number, end: RunRows): Promise<void> {
  await connection.run(STATEMENTS.deleteCaptures, [runId]);
  await connection.run(STATEMENTS.deleteLedger, [runId]);
  for (const [ordinal, capture] of end.captures.entries()) {
    const { path, sizeBytes, mtimeMs, headDigest, tailDigest, format, openedAtTime, endTime } = capture;
    const identity = [runId, ordinal, path, sizeBytes, mtimeMs, headDigest, tailDigest];
    const known = end.details[ordinal];
    const details = known === undefined ? null : JSON.stringify(known);
    const facts = [format, openedAtTime, endTime, capture.readBytes, capture.packets, details];
    await connection.run(STATEMENTS.insertCapture, [...identity, ...facts]);
  }
  for (const [ordinal, row] of rowsOfLedger(end.ledger).entries()) {
    const values = [runId, ordinal, row.section, row.item, row.file, row.byteOffset, row.packets, row.bytes];
    await connection.run(STATEMENTS.insertLedger, values);
  }
  if (end.delivery !== null) await writeDeliveryIn(connection, runId, end.delivery);
}

/** Makes the entries of a load visible. @param noteIn notes in the same transaction what they tell of fields @throws AppError INTERNAL when the run is not under way (any more) */
export async function commitLoad(
  database: Database,
  runId: number,
  { finishedMs, logEntries, notices }: Pick<RunEnd, 'finishedMs' | 'logEntries' | 'notices'>,
  noteIn?: (connection: DuckDBConnection) => Promise<void>,
): Promise<void> {
  await database.transaction(async (connection) => {
    await noteIn?.(connection);
    const values = [runId, finishedMs, logEntries, 0, 0, JSON.stringify(notices), '[]', null];
    const committed = await readRows(connection, STATEMENTS.commitRun, values);
    if (committed.length !== 1) throw new AppError('INTERNAL', `run ${runId} is not under way`, { run: runId });
  });
}

/**
 * Deletes everything of a run, its entries first and in bounded steps, its row last: a kill on the way leaves a run that
 * the next open deletes. Without effect on a run that is not there.
 */
export async function deleteRun(database: Database, runId: number): Promise<void> {
  const run = await database.withConnection((connection) => readRows(connection, STATEMENTS.findRun, [runId]));
  if (run[0] === undefined) return;
  const logstoreId = numberIn(run[0], 'logstore_id');
  const [entries] = await database.withConnection((connection) =>
    readRows(connection, LOG_STATEMENTS.lastEntryNo(logstoreId), [runId]),
  );
  const lastNo = entries === undefined ? null : numberOrNull(entries, 'last_no');
  for (let from = 0; lastNo !== null && from <= lastNo; from += DELETE_ENTRIES) {
    await database.transaction((connection) =>
      connection.run(LOG_STATEMENTS.deleteEntries(logstoreId), [runId, from, from + DELETE_ENTRIES]),
    );
  }
  await database.transaction(async (connection) => {
    await deleteAsideIn(connection, logstoreId, runId);
    await deleteRunRows(connection, runId);
  });
}

/** Deletes what the catalogue has of a run. */
export async function deleteRunRows(connection: DuckDBConnection, runId: number): Promise<void> {
  await connection.run(STATEMENTS.deleteLedger, [runId]);
  await connection.run(STATEMENTS.deleteCaptures, [runId]);
  await connection.run(STATEMENTS.deletePositions, [runId]);
  await connection.run(STATEMENTS.deleteEvents, [runId]);
  await deleteDeliveryIn(connection, runId);
  await connection.run(STATEMENTS.deleteBadLines, [runId]);
  await connection.run(STATEMENTS.deleteRun, [runId]);
}

/**
 * Deletes the runs that a killed import left under way, those aside that were live: see `listCutOffRuns`. For the opening of a workspace only.
 *
 * @returns their ids
 */
export async function recoverAtOpen(database: Database): Promise<readonly number[]> {
  const rows = await database.withConnection((connection) => readRows(connection, STATEMENTS.listRunningRuns));
  const runs = rows.map((row) => numberIn(row, 'run_id'));
  for (const runId of runs) await deleteRun(database, runId);
  if (runs.length > 0) await database.checkpoint();
  return runs;
}

export interface CutOffRun {
  readonly run: number;
  readonly logstoreId: number;
  /** Rows of late packets included. */
  readonly logEntries: number;
  readonly notices: readonly Notice[];
}

/** @returns runs that are live though nobody goes on with them; for the opening of a workspace, and for a live import that failed */
export async function listCutOffRuns(database: Database): Promise<readonly CutOffRun[]> {
  const rows = await database.withConnection((connection) => readRows(connection, STATEMENTS.listLiveRuns));
  return rows.map((row) => ({
    run: numberIn(row, 'run_id'),
    logstoreId: numberIn(row, 'logstore_id'),
    logEntries: numberIn(row, 'log_entries'),
    // As `sealRunIn` wrote them.
    notices: JSON.parse(textIn(row, 'notices')) as readonly Notice[],
  }));
}

/** Commits a run with what was sealed of it. It is known by nothing: the same captures may be imported again. */
export async function keepCutOffRunIn(
  connection: DuckDBConnection,
  run: number,
  { logEntries, notices }: Pick<CutOffRun, 'logEntries' | 'notices'>,
): Promise<void> {
  const values = [run, logEntries, JSON.stringify(notices), `cut-off-${run}`];
  await connection.run(STATEMENTS.keepCutOffRun, values);
}

/** @returns the first committed run of that identity in the Logstore; null for none */
export async function findCommittedRun(
  database: Database,
  logstoreId: number,
  identityKey: string,
): Promise<number | null> {
  return database.withConnection(async (connection) => {
    const [row] = await readRows(connection, STATEMENTS.findCommittedRun, [logstoreId, identityKey]);
    return row === undefined ? null : numberIn(row, 'run_id');
  });
}

interface LogRun {
  readonly id: number;
  readonly startedMs: number;
  readonly committed: boolean;
  readonly isImport: boolean;
}

/** Runs of a Logstore, ascending, those under way as well. */
const listRuns = remembered(async (database, logstoreId: number): Promise<readonly LogRun[]> => {
  const rows = await database.withConnection((connection) => readRows(connection, STATEMENTS.listRuns, [logstoreId]));
  return rows.map((row) => ({
    id: numberIn(row, 'run_id'),
    startedMs: numberIn(row, 'started_ms'),
    committed: textIn(row, 'state') !== 'running',
    isImport: row['kind'] === null,
  }));
});

/**
 * @param snapshot of an earlier call, or null for all runs that are committed by now. Run ids are never given twice and
 * always go up, so no run that began since comes into an old snapshot.
 * @throws AppError SNAPSHOT_GONE when a run of the snapshot was deleted
 */
export async function visibleRuns(
  database: Database,
  logstoreId: number,
  snapshot: LogSnapshot | null = null,
): Promise<VisibleRuns> {
  const runs = await listRuns(database, logstoreId);
  const committed = runs.filter((run) => run.committed).map((run) => run.id);
  const importsAmong = (ids: readonly number[]): number[] =>
    runs.filter(({ id, isImport }) => isImport && ids.includes(id)).map(({ id }) => id);
  const startedMs = (maxRun: number | null): number | null => runs.find(({ id }) => id === maxRun)?.startedMs ?? null;
  if (snapshot !== null) {
    const seen = runsOf(snapshot, committed, startedMs(snapshot.maxRun));
    return { ...seen, imports: importsAmong(seen.committed) };
  }
  const maxRun = committed.at(-1) ?? null;
  const hidden = runs.filter((run) => !run.committed && maxRun !== null && run.id < maxRun).map((run) => run.id);
  return { maxRun, startedMs: startedMs(maxRun), hidden, committed, imports: importsAmong(committed) };
}

/** @param startedMs of the run that is `maxRun` here: in another workspace, it is another one */
function runsOf(
  snapshot: LogSnapshot,
  committed: readonly number[],
  startedMs: number | null,
): Omit<VisibleRuns, 'imports'> {
  const { maxRun, hidden, runs } = snapshot;
  const kept = committed.filter((run) => maxRun !== null && run <= maxRun && !hidden.includes(run));
  if (kept.length === runs && startedMs === snapshot.startedMs) return { maxRun, startedMs, hidden, committed: kept };
  throw new AppError(
    'SNAPSHOT_GONE',
    'Entries that the answer was of were deleted since, or are in another workspace',
    { runs, kept: kept.length },
  );
}

/** @returns the first and last `__time__` of the visible runs, epoch seconds, both inclusive; null without entries */
export async function logRange(
  database: Database,
  logstoreId: number,
  { maxRun, hidden }: Pick<VisibleRuns, 'maxRun' | 'hidden'>,
): Promise<{ readonly firstSec: number; readonly lastSec: number } | null> {
  return maxRun === null ? null : readRange(database, logstoreId, maxRun, hidden);
}

const readRange = remembered(
  (database, logstoreId: number, maxRun: number, hidden: readonly number[]): ReturnType<typeof logRange> =>
    database.withConnection(async (connection) => {
      const sql = LOG_STATEMENTS.logRange(logstoreId);
      const [row] = await readRows(connection, sql, [maxRun, JSON.stringify(hidden)]);
      const firstSec = row === undefined ? null : numberOrNull(row, 'first_sec');
      const lastSec = row === undefined ? null : numberOrNull(row, 'last_sec');
      return firstSec === null || lastSec === null ? null : { firstSec, lastSec };
    }),
);

/** @returns the ledger of a committed run; null for a run that has none */
export async function readLedger(database: Database, runId: number): Promise<Ledger | null> {
  const rows = await database.withConnection((connection) => readRows(connection, STATEMENTS.readLedger, [runId]));
  if (rows.length === 0) return null;
  return ledgerFromRows(
    rows.map((row) => ({
      section: textIn(row, 'section') as LedgerRow['section'],
      item: textIn(row, 'item'),
      file: textOrNull(row, 'file'),
      byteOffset: numberOrNull(row, 'byte_offset'),
      packets: numberOrNull(row, 'packets'),
      bytes: numberOrNull(row, 'bytes'),
    })),
  );
}

/** @returns the captures of a committed run, in the order in which they were given */
export async function listCaptures(database: Database, runId: number): Promise<readonly RunCapture[]> {
  return (await capturesByRun(database, runId)).get(runId) ?? [];
}

/** @returns where packets are, by the ordinal of the capture; nothing for a run of an older version */
export async function readPositions(database: Database, runId: number): Promise<ReadonlyMap<number, CapturePositions>> {
  const rows = await database.withConnection((connection) => readRows(connection, STATEMENTS.readPositions, [runId]));
  // As `commitRun` wrote them.
  return new Map(
    rows.map((row) => [numberIn(row, 'ordinal'), JSON.parse(textIn(row, 'positions')) as CapturePositions]),
  );
}

/**
 * The captures of committed runs, by run. Packets are 0 where several captures were imported by a version that did not
 * keep them apart.
 *
 * @param runId null for all runs
 */
export function capturesByRun(
  database: Database,
  runId: number | null = null,
): Promise<ReadonlyMap<number, readonly RunCapture[]>> {
  return readCaptures(database, runId);
}

const readCaptures = remembered(async (database, runId: number | null): ReturnType<typeof capturesByRun> => {
  const rows = await database.withConnection((connection) => readRows(connection, STATEMENTS.listCaptures, [runId]));
  const byRun = new Map<number, RunCapture[]>();
  for (const row of rows) {
    const run = numberIn(row, 'run_id');
    const captures = byRun.get(run) ?? [];
    byRun.set(run, captures);
    captures.push({
      path: textIn(row, 'path'),
      sizeBytes: numberIn(row, 'size_bytes'),
      mtimeMs: numberIn(row, 'mtime_ms'),
      headDigest: textIn(row, 'head_digest'),
      tailDigest: textIn(row, 'tail_digest'),
      format: textIn(row, 'format') as RunCapture['format'],
      openedAtTime: textOrNull(row, 'first_time'),
      endTime: textOrNull(row, 'last_time'),
      firstTime: textOrNull(row, 'earliest_time'),
      lastTime: textOrNull(row, 'latest_time'),
      readBytes: numberIn(row, 'read_bytes'),
      packets: numberIn(row, 'packets'),
    });
  }
  return byRun;
});

/** @returns what each capture of a run is, in the order of `listCaptures`; null where an older version imported it */
export async function listCaptureDetails(
  database: Database,
  runId: number,
): Promise<readonly (ImportedDetails | null)[]> {
  const rows = await database.withConnection((connection) =>
    readRows(connection, STATEMENTS.listCaptureDetails, [runId]),
  );
  // As `commitRun` wrote them.
  return rows.map((row) => JSON.parse(textOrNull(row, 'details') ?? 'null') as ImportedDetails | null);
}

/** @returns the last committed run with a capture of that content; null for none */
export async function findImportOfCapture(
  database: Database,
  { sizeBytes, headDigest, tailDigest }: Pick<RunCapture, 'sizeBytes' | 'headDigest' | 'tailDigest'>,
): Promise<number | null> {
  return database.withConnection(async (connection) => {
    const values = [sizeBytes, headDigest, tailDigest];
    const [row] = await readRows(connection, STATEMENTS.findImportOfCapture, values);
    return row === undefined ? null : numberOrNull(row, 'run_id');
  });
}

/** @returns committed runs, the newest first. @param runId null for all of them */
export async function listCommittedRuns(
  database: Database,
  runId: number | null = null,
): Promise<readonly CommittedRun[]> {
  const rows = await database.withConnection((connection) =>
    readRows(connection, STATEMENTS.listCommittedRuns, [runId]),
  );
  return rows.map((row) => ({
    run: numberIn(row, 'run_id'),
    project: textIn(row, 'project'),
    logstore: textIn(row, 'logstore'),
    instance: textIn(row, 'instance'),
    startedMs: numberIn(row, 'started_ms'),
    finishedMs: numberIn(row, 'finished_ms'),
    logEntries: numberIn(row, 'log_entries'),
    undelivered: numberIn(row, 'undelivered'),
    windows: numberIn(row, 'windows'),
    packets: numberIn(row, 'packets'),
    isGoingOn: textIn(row, 'state') === 'live',
    // As `commitRun` wrote them.
    skipped: JSON.parse(textOrNull(row, 'skipped') ?? '[]') as readonly SkippedCapture[],
    notices: JSON.parse(textOrNull(row, 'notices') ?? '[]') as readonly Notice[],
  }));
}
