import { AppError } from '../contract/errors';
import type { QueryReport, QueryRequest } from '../contract/ipc';
import type { Notice, ResultBatch } from '../contract/result-batch';
import type { Database } from '../duckdb/database';
import { readStream } from '../duckdb/read-stream';
import type { ColumnHint } from '../duckdb/result-columns';
import { createSqlParser } from '../duckdb/sql-parser';
import type { StopOptions } from '../duckdb/stop-switch';
import { compileQuery, type CompiledQuery, type CompileRequest } from '../query/compile';
import { CONSOLE_LIMITS } from '../query/console-limits';
import { placeOfName, vendorFailure } from '../query/failure-text';
import { splitQuery } from '../query/split-query';
import { lossesBehind, openLog, refuseCancelled } from './open-log';
import type { CallContext } from './engine-calls';
import { projectLogstores } from './project-logstores';

/** What a log without entries is searched for: no second at all. */
const EMPTY_RANGE = { fromSec: 0, toSec: 0 };

/** What a query compiles to, as DuckDB runs it. */
export interface QueryStatement {
  readonly sql: string;
  readonly params: CompiledQuery['params'];
  /** By position; those of a statement are not known beforehand. */
  readonly hints: readonly ColumnHint[];
}

/**
 * Runs one query over the committed runs of a Logstore and sends its rows as batches.
 *
 * @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, INDEX_MISSING, SNAPSHOT_GONE, TIME_INVALID,
 * OPTION_INVALID, QUERY_*, WORKSPACE_*
 */
export function runQuery(
  database: Database,
  request: QueryRequest,
  { signal, sendBatch }: Pick<CallContext<'query:run'>, 'signal' | 'sendBatch'>,
): Promise<QueryReport> {
  return answerQuery(database, request, signal, async ({ sql, params, hints }, stop) => {
    let rowCount = 0;
    let columns: QueryReport['columns'] = [];
    for await (const batch of readStream(database, sql, params, { ...stop, hints })) {
      rowCount += batch.rowCount;
      columns = describe(batch);
      await sendBatch(batch);
    }
    return { rowCount, columns };
  });
}

/**
 * Compiles one query over the committed runs of a Logstore and reports its answer.
 *
 * @param run runs the statement, within the bounds that it is given, and says what came
 * @throws AppError as `runQuery`, and what `run` throws
 */
export async function answerQuery(
  database: Database,
  request: QueryRequest,
  signal: AbortSignal,
  run: (statement: QueryStatement, stop: StopOptions) => Promise<Pick<QueryReport, 'rowCount' | 'columns'>>,
): Promise<QueryReport> {
  const { relation, range, committedRuns, snapshot, indexNotices } = await openLog(database, request, signal);
  const compiled = await compileQuery(
    compileRequest(database, request, range, signal),
    relation,
    createSqlParser(database),
  );
  refuseCancelled(signal);
  const { sql, params } = compiled;
  const hints = compiled.columns?.map(({ type }) => (type === 'ipv4' ? type : null)) ?? [];
  const timeout = request.limits === 'console' ? { timeoutMs: CONSOLE_LIMITS.seconds.most * 1000 } : {};
  const { rowCount, columns } = await run({ sql, params, hints }, { signal, ...timeout }).catch((cause: unknown) => {
    throw inVendorWords(cause, request.text);
  });
  const notices = [
    ...searchNotices(compiled),
    ...limitNotices(compiled, rowCount),
    ...indexNotices,
    ...(await lossesBehind(database, committedRuns)),
  ];
  return { rowCount, columns, range, snapshot, notices, sql };
}

/** A failure of DuckDB's in the vendor's words, where it has some, with the place of what it is about. */
export function inVendorWords(cause: unknown, text: string): unknown {
  if (!(cause instanceof AppError) || cause.code !== 'QUERY_FAILED') return cause;
  const failure = vendorFailure(cause.message);
  if (failure === null) return cause;
  const place = failure.name === null ? {} : placeOfName(text, splitQuery(text).sqlOffset, failure.name);
  return new AppError('QUERY_FAILED', failure.message, place, { cause });
}

/** What the compiler is asked for a call. */
export function compileRequest(
  database: Database,
  request: Omit<QueryRequest, 'snapshot'>,
  range: QueryReport['range'],
  signal: AbortSignal,
): CompileRequest {
  const { text, limit, offset, reverse, entryIds = false, zone, limits } = request;
  return {
    ...{ text, range: range ?? EMPTY_RANGE, limit, offset, reverse, entryIds, zone, limits },
    nowMs: Date.now(),
    logstores: projectLogstores(database, request, signal),
  };
}

function searchNotices({ notes }: CompiledQuery): Notice[] {
  return notes.map(({ text }) => ({ kind: 'info', text }));
}

function limitNotices({ cap }: CompiledQuery, rowCount: number): Notice[] {
  return cap !== null && rowCount >= cap.most ? [{ kind: 'limited', text: cap.text }] : [];
}

function describe(batch: ResultBatch): QueryReport['columns'] {
  return batch.columns.map(({ name, type }) => ({ name, type }));
}
