import type { ImportedDetails } from '../contract/capture-details';
import type { CaptureFacts, SkippedCapture } from '../contract/imports';
import type { CapturePositions } from '../capture/capture-positions';
import type { Ledger } from '../contract/ledger';
import type { Notice } from '../contract/result-batch';
import { AppError } from '../contract/errors';
import type { DuckDBConnection } from '@duckdb/node-api';
import { numberIn, numberOrNull, readRows, textIn } from './catalogue';
import type { Database } from './database';
import { deleteDeliveryIn, writeDeliveryIn, type RunDelivery } from './deliveries';
import { rowsOfLedger } from './ledger-rows';
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
