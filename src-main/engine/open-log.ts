import { AppError } from '../contract/errors';
import type { LogSnapshot, QueryRequest } from '../contract/ipc';
import type { Notice } from '../contract/result-batch';
import { findLogstore, listDimensions, readIndexConfig, readNotices, type Logstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { logRange, visibleRuns } from '../duckdb/import-runs';
import type { IndexConfig } from '../logstore/index-config';
import type { LogRelation } from '../query/log-relation';
import { resolveRange, type TimeRange } from '../query/time-range';
import { sessionLogRelation } from './session-log-relation';

/** What a log without entries is asked for, so that a mistake in the search shows all the same. */
export const NO_TIME: TimeRange = { fromSec: 0, toSec: 1 };

/** A Logstore as one call sees it, whatever is imported meanwhile. */
export interface OpenedLog {
  readonly logstore: Logstore;
  readonly relation: LogRelation;
  /** Null for a log without entries. */
  readonly range: TimeRange | null;
  readonly committedRuns: readonly number[];
  /** What a later call has to name to see the same entries. */
  readonly snapshot: LogSnapshot;
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
  const index = await readIndexConfig(database, logstore.id);
  if (index === null) {
    throw new AppError(
      'INDEX_MISSING',
      `Logstore ${logstore.name} has no index, so nothing in it can be queried: import into it without --no-index`,
      { logstore: logstore.name },
    );
  }
  refuseCancelled(signal);
  const runs = await visibleRuns(database, logstore.id, request.snapshot);
  refuseCancelled(signal);
  const range = resolveRange(request, await logRange(database, logstore.id, runs));
  refuseCancelled(signal);
  const relation = sessionLogRelation(logstore.id, JSON.parse(index) as IndexConfig, await listDimensions(database), {
    maxRun: runs.maxRun ?? -1,
    hidden: runs.hidden,
  });
  const { committed, ...visible } = runs;
  return { logstore, relation, range, committedRuns: committed, snapshot: { ...visible, runs: committed.length } };
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
  const { committed } = await visibleRuns(database, logstore.id);
  if (run === null) return committed;
  if (committed.includes(run)) return [run];
  const message = `there is no import ${run} in Logstore ${logstore.name}: it was deleted, has not been finished, or is in another`;
  throw new AppError('RUN_NOT_FOUND', message, { run });
}

/** A result that rests on incomplete runs says so. */
export async function lossesBehind(database: Database, runs: readonly number[]): Promise<Notice[]> {
  const notices = await Promise.all(runs.map((run) => readNotices(database, run)));
  return notices.flat().filter(({ kind }) => kind === 'losses');
}
