import type { DuckDBConnection } from '@duckdb/node-api';
import type { ShardFacts } from '../contract/logstore';
import type { Shard } from '../logstore/shards';
import { numberIn, readRows, textIn } from './catalogue';
import type { VisibleRuns } from './run-reads';
import { LOG_STATEMENTS, STATEMENTS } from './statements';

/** @returns the shards of a Logstore, by id */
export async function readShards(connection: DuckDBConnection, logstoreId: number): Promise<readonly Shard[]> {
  const rows = await readRows(connection, STATEMENTS.listShards, [logstoreId]);
  return rows.map((row) => ({
    id: numberIn(row, 'id'),
    status: textIn(row, 'status') as Shard['status'],
    beginKey: textIn(row, 'begin_key'),
    endKey: textIn(row, 'end_key'),
    createdMs: numberIn(row, 'created_ms'),
  }));
}

/** @returns the same, with the entries of the visible runs in each */
export async function listShards(
  connection: DuckDBConnection,
  logstoreId: number,
  { maxRun, hidden }: Pick<VisibleRuns, 'maxRun' | 'hidden'>,
): Promise<readonly ShardFacts[]> {
  const shards = await readShards(connection, logstoreId);
  const counted = LOG_STATEMENTS.countByShard(logstoreId);
  const rows = maxRun === null ? [] : await readRows(connection, counted, [maxRun, JSON.stringify(hidden)]);
  const entries = new Map(rows.map((row) => [numberIn(row, 'shard_id'), numberIn(row, 'entries')]));
  return shards.map((shard) => ({ ...shard, entries: entries.get(shard.id) ?? 0 }));
}
