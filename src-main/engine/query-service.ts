import type { QueryReport, QueryRequest } from '../contract/ipc';
import type { Notice, ResultBatch } from '../contract/result-batch';
import { AppError } from '../contract/errors';
import { findLogstore, listDimensions, readIndexConfig, readNotices } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { logRange, visibleRuns } from '../duckdb/import-runs';
import { readStream } from '../duckdb/read-stream';
import { createSqlParser } from '../duckdb/sql-parser';
import type { IndexConfig } from '../logstore/index-config';
import { compileQuery } from '../query/compile';
import { resolveRange } from '../query/time-range';
import type { CallContext } from './server';
import { sessionLogRelation } from './session-log-relation';

/** What a log without entries is searched for: no second at all. */
const EMPTY_RANGE = { fromSec: 0, toSec: 0 };

/**
 * Runs one query over the committed runs of a Logstore and sends its rows as batches.
 *
 * @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, INDEX_MISSING, TIME_INVALID, QUERY_*, WORKSPACE_*
 */
export async function runQuery(
  database: Database,
  request: QueryRequest,
  { signal, sendBatch }: Pick<CallContext<'query:run'>, 'signal' | 'sendBatch'>,
): Promise<QueryReport> {
  const logstore = await findLogstore(database, request.project, request.logstore);
  const index = await readIndexConfig(database, logstore.id);
  if (index === null) {
    throw new AppError(
      'INDEX_MISSING',
      `Logstore ${logstore.name} has no index, so nothing in it can be queried: import into it without --no-index`,
      { logstore: logstore.name },
    );
  }
  const runs = await visibleRuns(database, logstore.id);
  const range = resolveRange(request, await logRange(database, logstore.id, runs));
  const relation = sessionLogRelation(logstore.id, JSON.parse(index) as IndexConfig, await listDimensions(database), {
    maxRun: runs.maxRun ?? -1,
    hidden: runs.hidden,
  });
  const compiled = await compileQuery(
    { text: request.text, range: range ?? EMPTY_RANGE, limit: request.limit, reverse: request.reverse },
    relation,
    createSqlParser(database),
  );
  const hints = compiled.columns?.map(({ type }) => (type === 'ipv4' ? type : null)) ?? [];
  let rowCount = 0;
  let columns: QueryReport['columns'] = [];
  for await (const batch of readStream(database, compiled.sql, compiled.params, { signal, hints })) {
    rowCount += batch.rowCount;
    columns = describe(batch);
    await sendBatch(batch);
  }
  return { rowCount, columns, range, notices: await lossesBehind(database, runs.committed), sql: compiled.sql };
}

function describe(batch: ResultBatch): QueryReport['columns'] {
  return batch.columns.map(({ name, type }) => ({ name, type }));
}

/** A result that rests on incomplete runs says so. */
async function lossesBehind(database: Database, runs: readonly number[]): Promise<Notice[]> {
  const notices = await Promise.all(runs.map((run) => readNotices(database, run)));
  return notices.flat().filter(({ kind }) => kind === 'losses');
}
