import type { QueryReport, QueryRequest } from '../contract/ipc';
import type { Notice, ResultBatch } from '../contract/result-batch';
import type { Database } from '../duckdb/database';
import { readStream } from '../duckdb/read-stream';
import { createSqlParser } from '../duckdb/sql-parser';
import { compileQuery, type CompiledQuery } from '../query/compile';
import { lossesBehind, openLog, refuseCancelled } from './open-log';
import type { CallContext } from './engine-calls';

/** What a log without entries is searched for: no second at all. */
const EMPTY_RANGE = { fromSec: 0, toSec: 0 };

/**
 * Runs one query over the committed runs of a Logstore and sends its rows as batches.
 *
 * @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, INDEX_MISSING, SNAPSHOT_GONE, TIME_INVALID,
 * OPTION_INVALID, QUERY_*, WORKSPACE_*
 */
export async function runQuery(
  database: Database,
  request: QueryRequest,
  { signal, sendBatch }: Pick<CallContext<'query:run'>, 'signal' | 'sendBatch'>,
): Promise<QueryReport> {
  const { relation, range, committedRuns, snapshot, indexNotices } = await openLog(database, request, signal);
  const { text, limit, offset, reverse, entryIds = false, limits } = request;
  const compiled = await compileQuery(
    { text, range: range ?? EMPTY_RANGE, limit, offset, reverse, entryIds, limits },
    relation,
    createSqlParser(database),
  );
  refuseCancelled(signal);
  const hints = compiled.columns?.map(({ type }) => (type === 'ipv4' ? type : null)) ?? [];
  let rowCount = 0;
  let columns: QueryReport['columns'] = [];
  for await (const batch of readStream(database, compiled.sql, compiled.params, { signal, hints })) {
    rowCount += batch.rowCount;
    columns = describe(batch);
    await sendBatch(batch);
  }
  const losses = await lossesBehind(database, committedRuns);
  const notices = [...searchNotices(compiled), ...indexNotices, ...losses];
  return { rowCount, columns, range, snapshot, notices, sql: compiled.sql };
}

function searchNotices({ notes }: CompiledQuery): Notice[] {
  return notes.map(({ text }) => ({ kind: 'info', text }));
}

function describe(batch: ResultBatch): QueryReport['columns'] {
  return batch.columns.map(({ name, type }) => ({ name, type }));
}
