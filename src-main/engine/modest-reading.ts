import { AppError } from '../contract/errors';
import type { ResultBatch, ResultColumn } from '../contract/result-batch';
import type { Database } from '../duckdb/database';
import type { MemoryNeed } from '../duckdb/memory-limit';
import { readStream, type StreamOptions } from '../duckdb/read-stream';
import type { SqlParam } from '../query/log-relation';

/**
 * Runs what little memory is enough for as a rule, and again with all of it where it was not.
 *
 * @param run may be called twice
 */
export async function withLittleMemory<T>(run: (need: MemoryNeed) => Promise<T>): Promise<T> {
  try {
    return await run('modest');
  } catch (cause) {
    if (!mayLackMemory(cause)) throw cause;
    return run('all');
  }
}

/**
 * As `readStream`, with little memory; where that is not enough, what is left is read with all of it.
 *
 * @param statement gives the same rows in the same order each time
 */
export async function* readModestly(
  database: Database,
  { sql, params }: { readonly sql: string; readonly params: readonly SqlParam[] },
  options: Omit<StreamOptions, 'need'>,
): AsyncGenerator<ResultBatch, void, undefined> {
  let passed = 0;
  try {
    for await (const batch of readStream(database, sql, params, { ...options, need: 'modest' })) {
      yield batch;
      passed += batch.rowCount;
    }
    return;
  } catch (cause) {
    if (!mayLackMemory(cause)) throw cause;
  }
  for await (const batch of readStream(database, sql, params, options)) {
    const known = Math.min(passed, batch.rowCount);
    passed -= known;
    if (known === 0) yield batch;
    else if (known < batch.rowCount) yield withoutFirst(batch, known);
  }
}

/** DuckDB tells want of memory in many words, and a search has hardly another reason to fail. */
function mayLackMemory(cause: unknown): boolean {
  return cause instanceof AppError && cause.code === 'QUERY_FAILED';
}

function withoutFirst({ rowCount, columns }: ResultBatch, rows: number): ResultBatch {
  const rest = ({ validity, ...column }: ResultColumn): ResultColumn =>
    // One type of column each, which the compiler cannot see across the union.
    ({
      ...column,
      data: column.data.subarray(rows),
      ...(validity === undefined ? {} : { validity: validity.subarray(rows) }),
    }) as ResultColumn;
  return { rowCount: rowCount - rows, columns: columns.map(rest) };
}
