import type { Notice } from '../contract/result-batch';
import { numberIn, numberOrNull, readRows, type Logstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { DELIVERY_STATEMENTS } from '../duckdb/delivery-statements';
import { logRange, visibleRuns } from '../duckdb/run-reads';
import { listShards } from '../duckdb/shard-rows';
import { LOG_STATEMENTS, STATEMENTS } from '../duckdb/statements';
import { countExpiredAside, deleteExpiredAsideIn, type Expiry } from '../duckdb/undelivered';
import { expiryOf } from '../logstore/retention';
import { formatTime } from './time-text';

export interface Retained {
  /** Entries that went. */
  readonly expired: number;
  readonly notices: readonly Notice[];
}

const NOTHING: Retained = { expired: 0, notices: [] };

/**
 * Deletes the entries of a Logstore that are past its retention, in one transaction; readonly shards that are left without
 * entries go with them, and so do entries of that time that were not delivered. It is done when an import or a load has been committed, and when retention is set; nothing is
 * deleted by the passing of time alone, see `expiryOf`.
 */
export async function applyRetention(
  database: Database,
  { id, name }: Pick<Logstore, 'id' | 'name'>,
): Promise<Retained> {
  const ttlDays = await readTtl(database, id);
  if (ttlDays === null) return NOTHING;
  const past = await pastEntries(database, id, ttlDays);
  if (past === null) return NOTHING;
  const { runs, extent, beforeSec, values } = past;
  const aside = await database.withConnection((connection) => countExpiredAside(connection, id, values));
  if (extent.firstSec >= beforeSec && aside.size === 0) return NOTHING;
  const expired = await database.transaction(async (connection) => {
    const counts = await readRows(connection, LOG_STATEMENTS.countExpired(id), [...values]);
    await connection.run(LOG_STATEMENTS.deleteExpired(id), [...values]);
    await deleteExpiredAsideIn(connection, id, values);
    for (const [run, entries] of aside) await connection.run(DELIVERY_STATEMENTS.expireUndelivered, [run, entries]);
    let sum = 0;
    for (const row of counts) {
      const entries = numberIn(row, 'entries');
      await connection.run(STATEMENTS.expireEntries, [numberIn(row, 'run_id'), entries]);
      sum += entries;
    }
    for (const shard of await listShards(connection, id, runs)) {
      if (shard.status === 'readonly' && shard.entries === 0)
        await connection.run(STATEMENTS.deleteShard, [shard.id, id]);
    }
    return sum;
  });
  if (expired === 0) return NOTHING;
  const text =
    `Retention of Logstore ${name} is ${ttlDays} days, back from its newest entry: ${expired} entries from before ` +
    `${formatTime(beforeSec, 0)} (epoch seconds) were deleted.`;
  return { expired, notices: [{ kind: 'info', text }] };
}

type Past = Readonly<{
  runs: Awaited<ReturnType<typeof visibleRuns>>;
  extent: NonNullable<Awaited<ReturnType<typeof logRange>>>;
  beforeSec: number;
  values: Expiry;
}>;

/** @returns which entries are past a retention; null for a log without entries */
async function pastEntries(database: Database, logstoreId: number, ttlDays: number): Promise<Past | null> {
  const runs = await visibleRuns(database, logstoreId);
  const extent = await logRange(database, logstoreId, runs);
  if (extent === null || runs.maxRun === null) return null;
  const beforeSec = expiryOf(extent.lastSec, ttlDays);
  return { runs, extent, beforeSec, values: [runs.maxRun, JSON.stringify(runs.hidden), beforeSec] };
}

/** @returns how many entries a retention would delete now */
export async function countExpired(database: Database, logstoreId: number, ttlDays: number | null): Promise<number> {
  const past = ttlDays === null ? null : await pastEntries(database, logstoreId, ttlDays);
  if (past === null || past.extent.firstSec >= past.beforeSec) return 0;
  const sql = LOG_STATEMENTS.countExpired(logstoreId);
  const counts = await database.withConnection((connection) => readRows(connection, sql, [...past.values]));
  return counts.reduce((sum, row) => sum + numberIn(row, 'entries'), 0);
}

export async function readTtl(database: Database, logstoreId: number): Promise<number | null> {
  const [row] = await database.withConnection((connection) => readRows(connection, STATEMENTS.readTtl, [logstoreId]));
  return row === undefined ? null : numberOrNull(row, 'ttl_days');
}
