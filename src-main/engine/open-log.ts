import { AppError } from '../contract/errors';
import { DEFAULT_PROJECT } from '../contract/imports';
import type { LogSnapshot, QueryRequest } from '../contract/query';
import type { Notice } from '../contract/result-batch';
import { findLogstore, listDimensions, readNotices, type Logstore } from '../duckdb/catalogue';
import { remembered } from '../duckdb/catalogue-memory';
import type { Database } from '../duckdb/database';
import { readIncompleteWindows, type IncompleteWindow } from '../duckdb/deliveries';
import { logRange, visibleRuns } from '../duckdb/run-reads';
import { indexOfRun, readIndex, type IndexState } from '../duckdb/index-rows';
import { readFields } from '../duckdb/log-fields';
import type { LogRelation } from '../query/log-relation';
import { ENTRY_TIME } from '../query/log-sql';
import { resolveRange, type TimeRange } from '../query/time-range';
import { deliveryNotices } from './delivery-notices';
import { ENTRY_END_FIELDS } from './entry-ends';
import { logRelation } from './log-relation';
import { storedValues, type StoredValue } from './stored-values';

/** What a log without entries is asked for, so that a mistake in the search shows all the same. */
export const NO_TIME: TimeRange = { fromSec: 0, toSec: 1 };

/** A Logstore as one call sees it, whatever is imported meanwhile. */
export interface OpenedLog {
  readonly logstore: Logstore;
  readonly relation: LogRelation;
  /** Null for a log without entries. */
  readonly range: TimeRange | null;
  readonly committedRuns: readonly number[];
  /** Of these runs. */
  readonly entries: number;
  /** What a later call has to name to see the same entries. */
  readonly snapshot: LogSnapshot;
  /** What the index keeps from being found. */
  readonly indexNotices: readonly Notice[];
}

/**
 * @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, INDEX_MISSING, SNAPSHOT_GONE, TIME_INVALID, QUERY_CANCELLED,
 * WORKSPACE_*
 */
export async function openLog(
  database: Database,
  request: Pick<QueryRequest, 'project' | 'logstore' | 'from' | 'to' | 'zone' | 'snapshot'>,
  signal: AbortSignal,
): Promise<OpenedLog> {
  refuseCancelled(signal);
  const logstore = await findLogstore(database, request.project, request.logstore);
  refuseCancelled(signal);
  const { index, runs, committed, relation, extent } = await readView(database, logstore, request.snapshot);
  const range = resolveRange(request, extent);
  refuseCancelled(signal);
  return {
    logstore,
    relation,
    range,
    committedRuns: committed,
    entries: entriesOf(index, committed),
    snapshot: { ...runs, runs: committed.length },
    indexNotices: indexNotices(index, committed),
  };
}

/** What queries find of a Logstore. It is the same for all of them until something is written. */
const readView = remembered(async (database, logstore: Logstore, asked: LogSnapshot | null) => {
  const index = await readIndex(database, logstore.id);
  const { config } = index;
  if (config === null) throw indexMissing(logstore);
  const { imports: _, committed, ...runs } = await visibleRuns(database, logstore.id, asked);
  const values = await readStoredValues(database, logstore);
  const found = logRelation(logstore.id, values, { ...index, config }, { ...runs, maxRun: runs.maxRun ?? -1 });
  // Without those that no query finds.
  const { hidden } = found.visibleRuns;
  const extent = await logRange(database, logstore.id, { maxRun: runs.maxRun, hidden });
  const relation: LogRelation = {
    ...found,
    ...(extent === null ? {} : { extent }),
    ...(logstore.schema === 'session_log' ? { beside: ENTRY_END_FIELDS } : { time: ENTRY_TIME }),
  };
  return { index, runs, committed, relation, extent };
});

function entriesOf({ runs }: IndexState, committed: readonly number[]): number {
  const seen = new Set(committed);
  return runs.reduce((sum, { run, entries }) => sum + (seen.has(run) ? entries : 0), 0);
}

export function indexMissing({ project, name }: Pick<Logstore, 'project' | 'name'>): AppError {
  const ofProject = project === DEFAULT_PROJECT ? '' : ` --project ${project}`;
  const message =
    `Logstore ${name} has no index, so nothing in it can be queried (IndexConfigNotExist): create one, ` +
    `with natscope index create-recommended --logstore ${name}${ofProject}`;
  return new AppError('INDEX_MISSING', message, { project, logstore: name, vendorCode: 'IndexConfigNotExist' });
}

export async function readStoredValues(database: Database, { id, schema }: Logstore): Promise<readonly StoredValue[]> {
  const [fields, dimensions] = await Promise.all([readFields(database, id), listDimensions(database)]);
  return storedValues(schema, fields, dimensions);
}

/** An answer says which entries it could not find, or found by other settings than those that hold now. */
function indexNotices(index: IndexState, committed: readonly number[]): readonly Notice[] {
  if (index.generations.length === 0) return [];
  const { unindexed, older } = countByIndex(index, (run) => committed.includes(run));
  const remedy = 'natscope index reindex applies the index to them.';
  return [
    ...(unindexed === 0
      ? []
      : [
          {
            kind: 'limited' as const,
            text: `${unindexed} entries were written without an index, and no query finds them: ${remedy}`,
          },
        ]),
    ...(older === 0
      ? []
      : [{ kind: 'info' as const, text: `${older} entries are found as an earlier index says: ${remedy}` }]),
  ];
}

/** Entries of committed runs that are under no index, and under one that is current no more. */
export function countByIndex(
  index: IndexState,
  isSeen: (run: number) => boolean = () => true,
): { readonly unindexed: number; readonly older: number } {
  let unindexed = 0;
  let older = 0;
  const lastOlder = index.generations.at(-1)?.untilRun ?? -1;
  for (const { run, entries } of index.runs) {
    if (!isSeen(run)) continue;
    if (indexOfRun(index, run) === null) unindexed += entries;
    else if (run <= lastOlder) older += entries;
  }
  return { unindexed, older };
}

/** To be asked before each stage of a call, so that one that nobody waits for costs no more. @throws AppError QUERY_CANCELLED */
export function refuseCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new AppError('QUERY_CANCELLED', 'the query was stopped on request');
}

/** @returns the committed runs of a Logstore, or one of them. @throws AppError RUN_NOT_FOUND */
export async function chosenRuns(
  database: Database,
  logstore: Logstore,
  run: number | null,
): Promise<readonly number[]> {
  if (logstore.schema !== 'session_log') {
    const message = `Logstore ${logstore.name} has no session logs, which alone tell what a gateway did`;
    throw new AppError('LOGSTORE_MISMATCH', message, { logstore: logstore.name, schema: logstore.schema });
  }
  const { imports } = await visibleRuns(database, logstore.id);
  if (run === null) return imports;
  if (imports.includes(run)) return [run];
  const message = `there is no import ${run} in Logstore ${logstore.name}: it was deleted, has not been finished, or is in another`;
  throw new AppError('RUN_NOT_FOUND', message, { run });
}

/** What a gateway did rests on runs, whatever was delivered of them. */
export async function lossesOfRuns(database: Database, runs: readonly number[]): Promise<Notice[]> {
  const notices = await Promise.all(runs.map((run) => readNotices(database, run)));
  return notices.flat().filter(({ kind }) => kind === 'losses');
}

/**
 * A result that rests on incomplete runs says so, and one that rests on windows that were not delivered whole.
 *
 * @param range seconds that the result is of; null for all
 */
export async function lossesBehind(
  database: Database,
  runs: readonly number[],
  range: TimeRange | null = null,
): Promise<Notice[]> {
  const notices = await Promise.all(
    runs.map(async (run) => [
      ...(await readNotices(database, run)).filter(({ kind }) => kind === 'losses'),
      ...deliveryNotices(run, await incompleteWindows(database, run, range)),
    ]),
  );
  return notices.flat();
}

/**
 * What a request asks of the log: an end that it leaves open is open, also where nothing was delivered.
 *
 * @param range that was searched; null for a log without entries
 */
export function askedRange({ from, to }: Pick<QueryRequest, 'from' | 'to'>, range: TimeRange | null): TimeRange | null {
  if (range === null) return null;
  return { fromSec: from === null ? -Infinity : range.fromSec, toSec: to === null ? Infinity : range.toSec };
}

/** @returns the windows of a run within a range of which entries were not delivered */
export async function incompleteWindows(
  database: Database,
  run: number,
  range: TimeRange | null,
): Promise<readonly IncompleteWindow[]> {
  const windows = await readIncompleteWindows(database, run);
  if (range === null) return windows;
  return windows.filter((window) => isAffected(window, range));
}

/** @returns whether entries of a range may be missing for what is missing of a window */
export function isAffected(window: IncompleteWindow, { fromSec, toSec }: TimeRange): boolean {
  return affectedSpans(window).some(({ startSec, endSec }) => startSec < toSec && endSec > fromSec);
}

/** @returns the window, and those of which other entries were sealed with it, such as what late packets add */
export function affectedSpans({
  startSec,
  endSec,
  otherStartsSec = [],
}: IncompleteWindow): { readonly startSec: number; readonly endSec: number }[] {
  const starts = [startSec, ...otherStartsSec];
  return starts.map((each) => ({ startSec: each, endSec: each + endSec - startSec }));
}
