import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { AppError } from '../contract/errors';
import type { ResultBatch } from '../contract/result-batch';
import type { Database } from './database';
import type { MemoryNeed } from './memory-limit';
import { planColumns, toBatch, type ColumnHint } from './result-columns';
import { BEGIN_READING, cancelled, queryError, StopSwitch, type StopOptions } from './stop-switch';

export interface StreamOptions extends StopOptions {
  /** Rows from which on a batch is passed on; default 16,384. */
  readonly batchRows?: number;
  /** By position; a column without one is typed by DuckDB's type alone. */
  readonly hints?: readonly ColumnHint[];
  /** See `MemoryLimit`; default `all`. */
  readonly need?: MemoryNeed;
}

/** Eight of DuckDB's chunks. */
const BATCH_ROWS = 16_384;

/** Fails if and only if the transaction was aborted by an error. */
const PROBE = 'SELECT 1';

async function drain(result: DuckDBResult): Promise<void> {
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
  }
}

/**
 * A stream that fails ends like one that is complete, and the binding keeps the error to itself. What shows it is the
 * transaction, which is then aborted; and what tells the sentence is running the statement again, for nothing but that.
 */
async function refuseSilentFailure(
  connection: DuckDBConnection,
  stop: StopSwitch,
  sql: string,
  params: readonly DuckDBValue[],
): Promise<void> {
  try {
    await connection.run(PROBE);
    return;
  } catch {
    stop.check();
  }
  await connection.run('ROLLBACK');
  await connection.run(BEGIN_READING);
  await connection.run(`EXPLAIN ANALYZE ${sql}`, [...params]);
  throw new AppError('QUERY_FAILED', 'the query broke off, and did not when it was run again to see why');
}

async function* batchesOf(
  result: DuckDBResult,
  stop: StopSwitch,
  { hints = [], batchRows = BATCH_ROWS }: StreamOptions,
): AsyncGenerator<ResultBatch, void, undefined> {
  const plans = planColumns(result, hints);
  let chunks: DuckDBDataChunk[] = [];
  let rows = 0;
  let passed = 0;
  for (;;) {
    stop.check();
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    chunks.push(chunk);
    rows += chunk.rowCount;
    if (rows < batchRows) continue;
    yield toBatch(plans, chunks);
    chunks = [];
    rows = 0;
    passed += 1;
  }
  stop.check();
  if (rows > 0 || passed === 0) yield toBatch(plans, chunks);
}

/**
 * Runs one statement and yields its rows as batches of some 16,384, at least one (with its columns, and no row, when
 * the result is empty). Batches are the caller's to keep. This is the only caller of `stream()`.
 *
 * The result is complete if and only if the iteration ends without throwing: DuckDB's own stream ends quietly when it
 * is interrupted and when it fails after its first rows, and both are found out here. So a writer may rename its file
 * after the loop, and not before. Breaking off the loop stops the statement.
 *
 * UBIGINT, HUGEINT and DECIMAL come as exact JSON text; cast to BIGINT or DOUBLE for numbers.
 *
 * @param sql one statement that reads; what would write is refused
 * @throws AppError QUERY_CANCELLED when `signal` stopped it; QUERY_TIMEOUT, with detail `timeoutMs`, when that did;
 * QUERY_MEMORY; QUERY_FAILED with DuckDB's sentence; WORKSPACE_FULL, WORKSPACE_DAMAGED
 */
export async function* readStream(
  database: Database,
  sql: string,
  params: readonly DuckDBValue[] = [],
  options: StreamOptions = {},
): AsyncGenerator<ResultBatch, void, undefined> {
  const connection = await database.acquire(options.need);
  const stop = new StopSwitch(connection, options);
  let result: DuckDBResult | null = null;
  let complete = false;
  try {
    stop.check();
    await connection.run(BEGIN_READING);
    stop.check();
    result = await connection.stream(sql, [...params]);
    yield* batchesOf(result, stop, options);
    await refuseSilentFailure(connection, stop, sql, params);
    stop.check();
    await connection.run('COMMIT');
    complete = true;
  } catch (cause) {
    stop.check();
    throw queryError(cause, database);
  } finally {
    if (complete) {
      stop.dispose();
      database.release(connection);
    } else {
      // An open result keeps the database file open, even past the close of its connection.
      stop.stop(cancelled());
      if (result !== null) await drain(result).catch(() => undefined);
      stop.dispose();
      database.discard(connection);
    }
  }
}
