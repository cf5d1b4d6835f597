import type { ResultBatch, ResultColumn } from '../contract/result-batch';
import type { Database } from '../duckdb/database';
import { readStream, type StreamOptions } from '../duckdb/read-stream';
import type { SqlParam } from '../query/log-relation';
import { mayLackMemory } from './little-memory';

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
