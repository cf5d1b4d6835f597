import type { CaptureClock, ImportedDetails } from '../contract/capture-details';
import { AppError } from '../contract/errors';
import type { SkippedCapture } from '../contract/imports';
import type { Ledger } from '../contract/ledger';
import type { LogSnapshot } from '../contract/query';
import type { Notice } from '../contract/result-batch';
import type { CapturePositions } from '../capture/capture-positions';
import { numberIn, numberOrNull, readRows, textIn, textOrNull } from './catalogue';
import { remembered } from './catalogue-memory';
import type { Database } from './database';
import type { RunCapture } from './import-runs';
import { ledgerFromRows, type LedgerRow } from './ledger-rows';
import { LOG_STATEMENTS, STATEMENTS } from './statements';

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

/** @returns the clocks by which the captures of a run were timed, in the order of `listCaptures`; null where times stand */
export async function listClocks(database: Database, runId: number): Promise<readonly (CaptureClock | null)[]> {
  return (await listCaptureDetails(database, runId)).map((details) => details?.clock ?? null);
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
