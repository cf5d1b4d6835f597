import type { DuckDBConnection } from '@duckdb/node-api';
import { numberIn, readRows } from './catalogue';
import { remembered } from './catalogue-memory';
import type { Database } from './database';
import { quoteIdentifier } from '../query/log-sql';
import { ENTRIES_SCHEMA, logTable, logTableName } from './log-table';
import { correctEntriesIn, hasLateRows, isSame, LATE_PACKETS } from './revisions';

/**
 * In a row that lies aside: that the entry is not in the log, that it is a part of one that was corrected, or that it is a
 * corrected entry of which the log lacks some parts.
 */
export const UNDELIVERED = 0;
const PART = 1;
const WHOLE = 2;

/** Entries of which parts lie aside, as they are when all parts arrived; for the time of a transaction. */
const WHOLE_ENTRIES = 'temp.whole_entry';

/** Entries of a run by their ordinal: from the first, before the second. */
export type EntryRange = readonly [from: number, to: number];

/** What lies aside of a Logstore: the same columns, and why. No query reads it. */
const asideName = (logstoreId: number): string => `aside_${logstoreId}`;
export const asideTable = (logstoreId: number): string => `${ENTRIES_SCHEMA}.${asideName(logstoreId)}`;

/** Entries whose ordinals are in memory at a time, and those that are a list in the database. */
const BATCH_ENTRIES = 32_768;
const PIECE_ENTRIES = 4096;

/** @returns the same ranges, in parts of which each has so many entries at most; none of them empty */
export function batchesOf(ranges: readonly EntryRange[]): EntryRange[][] {
  const batches: EntryRange[][] = [];
  let left = 0;
  for (const [first, end] of ranges) {
    for (let from = first; from < end; from += PIECE_ENTRIES) {
      const to = Math.min(from + PIECE_ENTRIES, end);
      if (left < to - from) {
        batches.push([]);
        left = BATCH_ENTRIES;
      }
      batches.at(-1)?.push([from, to]);
      left -= to - from;
    }
  }
  return batches;
}

/**
 * $1 ranges of a batch, as JSON; gives the ordinals of their entries. Losses by chance are as many ranges as entries, and each
 * entry compared with each range takes minutes where looking them up takes a second.
 */
const ENTRIES_IN_RANGES = `SELECT unnest(range(part[1], part[2]))::UBIGINT AS entry_no
  FROM (SELECT unnest(from_json($1::JSON, '[["BIGINT"]]')) AS part)`;

/** What entries of a batch are, with the parameters of `inBatch`: $1 the ranges, $2 run_id, $3 first and $4 end of them. */
export const IS_IN_BATCH = `run_id = $2::UINTEGER AND entry_no >= $3::UBIGINT AND entry_no < $4::UBIGINT
  AND entry_no IN (${ENTRIES_IN_RANGES})`;

export function inBatch(runId: number, batch: readonly EntryRange[]): (number | string)[] {
  return [JSON.stringify(batch), runId, batch[0]?.[0] ?? 0, batch.at(-1)?.[1] ?? 0];
}

async function hasAside(connection: DuckDBConnection, logstoreId: number): Promise<boolean> {
  const sql = 'SELECT count(*)::INTEGER AS tables FROM duckdb_tables() WHERE schema_name = $1 AND table_name = $2';
  const [row] = await readRows(connection, sql, [ENTRIES_SCHEMA, asideName(logstoreId)]);
  return row !== undefined && numberIn(row, 'tables') > 0;
}

/** Fields that the Logstore was given since have columns there as well. */
async function addColumns(database: Database, logstoreId: number): Promise<void> {
  const sql = `SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = $1 AND table_name = $2
    AND column_name NOT IN (SELECT column_name FROM duckdb_columns() WHERE schema_name = $1 AND table_name = $3)`;
  const missing = await database.withConnection((connection) =>
    readRows(connection, sql, [ENTRIES_SCHEMA, logTableName(logstoreId), asideName(logstoreId)]),
  );
  for (const { column_name: name, data_type: type } of missing) {
    await database.transaction((connection) =>
      connection.run(
        `ALTER TABLE ${asideTable(logstoreId)} ADD COLUMN ${quoteIdentifier(String(name))} ${String(type)}`,
      ),
    );
  }
}

/** Makes the table of what lies aside, or gives it the columns that its log has been given since. */
export async function ensureAside(database: Database, logstoreId: number): Promise<void> {
  if (await database.withConnection((connection) => hasAside(connection, logstoreId))) {
    await addColumns(database, logstoreId);
    return;
  }
  await database.transaction((connection) =>
    connection.run(
      `CREATE TABLE IF NOT EXISTS ${asideTable(logstoreId)} AS
       SELECT *, ${UNDELIVERED}::UTINYINT AS aside_kind FROM ${logTable(logstoreId)} LIMIT 0`,
    ),
  );
}

/** Whether late packets of a run have rows that no entry has been corrected by, in the log or aside. */
export async function hasLateRowsIn(
  connection: DuckDBConnection,
  { logstoreId, runId }: { readonly logstoreId: number; readonly runId: number },
): Promise<boolean> {
  if (await hasLateRows(connection, logTable(logstoreId), runId)) return true;
  return (await hasAside(connection, logstoreId)) && hasLateRows(connection, asideTable(logstoreId), runId);
}

/** Puts back all that lies aside of a run, as it was appended. @returns whether parts of corrected entries were among it */
async function putBack(connection: DuckDBConnection, logstoreId: number, runId: number): Promise<boolean> {
  const [aside, log] = [asideTable(logstoreId), logTable(logstoreId)];
  const [row] = await readRows(
    connection,
    `SELECT count(*)::INTEGER AS parts FROM ${aside} WHERE run_id = $1::UINTEGER AND aside_kind = ${PART}`,
    [runId],
  );
  const hasParts = row !== undefined && numberIn(row, 'parts') > 0;
  if (hasParts) {
    await connection.run(
      `DELETE FROM ${log} WHERE run_id = $1::UINTEGER AND (revision > 0 OR entry_no IN (
        SELECT entry_no FROM ${aside} WHERE run_id = $1::UINTEGER AND aside_kind = ${PART}))`,
      [runId],
    );
  }
  await connection.run(
    `INSERT INTO ${log} BY NAME SELECT * EXCLUDE (aside_kind) FROM ${aside} AS aside
     WHERE run_id = $1::UINTEGER AND (aside_kind = ${PART} OR (aside_kind = ${UNDELIVERED} AND entry_no NOT IN (
       SELECT entry_no FROM ${aside} WHERE run_id = $1::UINTEGER AND aside_kind = ${PART})))`,
    [runId],
  );
  await connection.run(`DELETE FROM ${aside} WHERE run_id = $1::UINTEGER`, [runId]);
  return hasParts;
}

/** Keeps what late packets added, and what they added it to. */
async function keepParts(connection: DuckDBConnection, logstoreId: number, runId: number): Promise<void> {
  const [aside, log] = [asideTable(logstoreId), logTable(logstoreId)];
  await connection.run(
    `INSERT INTO ${aside} BY NAME SELECT own.*, ${PART}::UTINYINT AS aside_kind FROM ${log} AS own
     WHERE own.run_id = $1::UINTEGER AND (own.revision = ${LATE_PACKETS} OR EXISTS (
       SELECT 1 FROM ${log} AS late
       WHERE late.run_id = $1::UINTEGER AND late.revision = ${LATE_PACKETS} AND ${isSame('late', 'own')}))`,
    [runId],
  );
}

/**
 * What late packets added and was lost is missing, unless a later revision arrived, which has it as well.
 */
async function dropLostAdditions(
  connection: DuckDBConnection,
  logstoreId: number,
  runId: number,
  lost: readonly EntryRange[],
): Promise<void> {
  const log = logTable(logstoreId);
  await connection.run(
    `WITH late AS (SELECT * FROM ${log} WHERE run_id = $2::UINTEGER AND revision = ${LATE_PACKETS}),
     gone AS (SELECT * FROM late WHERE entry_no IN (${ENTRIES_IN_RANGES})),
     arrived AS (SELECT * FROM late WHERE entry_no NOT IN (SELECT entry_no FROM gone))
     DELETE FROM ${log} WHERE run_id = $2::UINTEGER AND revision = ${LATE_PACKETS} AND entry_no IN (
       SELECT lost.entry_no FROM gone AS lost WHERE NOT EXISTS (
         SELECT 1 FROM arrived AS later WHERE later.entry_no > lost.entry_no AND ${isSame('later', 'lost')}))`,
    [JSON.stringify(batchesOf(lost).flat()), runId],
  );
}

/** Makes corrected entries of all parts. @returns rows of late packets that are entries no more, whatever of them arrives */
async function makeWhole(connection: DuckDBConnection, logstoreId: number, runId: number): Promise<number> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE whole_entry AS
     SELECT * EXCLUDE (aside_kind) FROM ${asideTable(logstoreId)}
     WHERE run_id = ${runId}::UINTEGER AND aside_kind = ${PART}`,
  );
  return correctEntriesIn(connection, WHOLE_ENTRIES, runId);
}

/** Of entries that were corrected, those of which the log has nothing, and those of which it has not all. */
async function keepWhole(connection: DuckDBConnection, logstoreId: number, runId: number): Promise<void> {
  const [aside, log] = [asideTable(logstoreId), logTable(logstoreId)];
  // Each part has a packet at least.
  const isAll = 'own.pkts_from_vpc = whole.pkts_from_vpc AND own.pkts_from_pub = whole.pkts_from_pub';
  await connection.run(
    `INSERT INTO ${aside} BY NAME
     SELECT whole.*, (CASE WHEN own.entry_no IS NULL THEN ${UNDELIVERED} ELSE ${WHOLE} END)::UTINYINT AS aside_kind
     FROM ${WHOLE_ENTRIES} AS whole
     LEFT JOIN ${log} AS own ON own.run_id = $1::UINTEGER AND ${isSame('own', 'whole')}
     WHERE own.entry_no IS NULL OR NOT (${isAll})`,
    [runId],
  );
  await connection.run('DROP TABLE temp.whole_entry');
}

/**
 * Entries that late packets corrected, at least by what arrived of that, stay.
 *
 * @param hasParts whether late packets corrected any; all of these lie aside already
 */
async function takeOut(
  connection: DuckDBConnection,
  logstoreId: number,
  runId: number,
  { lost, hasParts }: { readonly lost: readonly EntryRange[]; readonly hasParts: boolean },
): Promise<void> {
  const [aside, log] = [asideTable(logstoreId), logTable(logstoreId)];
  const isPart = `entry_no IN (SELECT entry_no FROM ${aside} WHERE run_id = $2::UINTEGER AND aside_kind = ${PART})`;
  const isLost = `revision = 0 AND ${IS_IN_BATCH}`;
  for (const batch of batchesOf(lost)) {
    await connection.run(
      `INSERT INTO ${aside} BY NAME SELECT *, ${UNDELIVERED}::UTINYINT AS aside_kind FROM ${log}
       WHERE ${isLost} ${hasParts ? `AND NOT ${isPart}` : ''}`,
      inBatch(runId, batch),
    );
    await connection.run(`DELETE FROM ${log} WHERE ${isLost}`, inBatch(runId, batch));
  }
}

async function countUndelivered(connection: DuckDBConnection, logstoreId: number, runId: number): Promise<number> {
  const sql = `SELECT count(*)::DOUBLE AS entries FROM ${asideTable(logstoreId)}
    WHERE run_id = $1::UINTEGER AND aside_kind = ${UNDELIVERED}`;
  const [row] = await readRows(connection, sql, [runId]);
  return row === undefined ? 0 : numberIn(row, 'entries');
}

export interface Settled {
  /** Rows of late packets that are entries no more, since they belong to one, whether or not they arrived. */
  readonly merged: number;
  /** Entries that are not in the log. */
  readonly undelivered: number;
}

/** What else belongs into the transaction. */
export type SettledWrite = (connection: DuckDBConnection, settled: Settled) => Promise<void>;

/**
 * Takes the entries of a run out of the log that did not arrive, and corrects the others by what late packets brought, as far
 * as that arrived; what was taken out before comes back first. All in one transaction.
 *
 * @param lost ranges of entries that are not in the log, ascending
 * @param hasLate rows of late packets were appended that no entry has been corrected by so far
 */
export async function settleEntries(
  database: Database,
  { logstoreId, runId }: { readonly logstoreId: number; readonly runId: number },
  { lost, hasLate }: { readonly lost: readonly EntryRange[]; readonly hasLate: boolean },
  write: SettledWrite = () => Promise.resolve(),
): Promise<Settled> {
  const isNeeded = lost.length > 0 || hasLate;
  if (isNeeded) await ensureAside(database, logstoreId);
  return database.transaction(async (connection) => {
    const settled = await settleIn(connection, { logstoreId, runId }, { lost, hasLate });
    await write(connection, settled);
    return settled;
  });
}

async function settleIn(
  connection: DuckDBConnection,
  { logstoreId, runId }: { readonly logstoreId: number; readonly runId: number },
  { lost, hasLate }: { readonly lost: readonly EntryRange[]; readonly hasLate: boolean },
): Promise<Settled> {
  if (!(await hasAside(connection, logstoreId))) return { merged: 0, undelivered: 0 };
  const hasParts = (await putBack(connection, logstoreId, runId)) || hasLate;
  let merged = 0;
  if (hasParts) {
    await keepParts(connection, logstoreId, runId);
    if (lost.length > 0) {
      merged = await makeWhole(connection, logstoreId, runId);
      await dropLostAdditions(connection, logstoreId, runId, lost);
    }
    const mergedInLog = await correctEntriesIn(connection, logTable(logstoreId), runId);
    if (lost.length === 0) merged = mergedInLog;
  }
  if (lost.length === 0) return { merged, undelivered: 0 };
  await takeOut(connection, logstoreId, runId, { lost, hasParts });
  if (hasParts) await keepWhole(connection, logstoreId, runId);
  return { merged, undelivered: await countUndelivered(connection, logstoreId, runId) };
}

/** Deletes what lies aside of a run. */
export async function deleteAsideIn(connection: DuckDBConnection, logstoreId: number, runId: number): Promise<void> {
  if (!(await hasAside(connection, logstoreId))) return;
  await connection.run(`DELETE FROM ${asideTable(logstoreId)} WHERE run_id = $1::UINTEGER`, [runId]);
}

/** $1 highest visible run, $2 hidden runs below it, as a JSON array, $3 a time, epoch seconds: entries of these runs before it. */
const IS_EXPIRED = `aside_kind = ${UNDELIVERED} AND run_id <= $1::UINTEGER
  AND NOT list_contains(from_json($2::JSON, '["UINTEGER"]'), run_id) AND __time__ < $3::BIGINT`;

/** Which runs, and before when: the parameters of `LOG_STATEMENTS.countExpired`. */
export type Expiry = readonly [maxRun: number, hidden: string, beforeSec: number];

/** @returns entries that lie aside and are past a retention, by run */
export async function countExpiredAside(
  connection: DuckDBConnection,
  logstoreId: number,
  expiry: Expiry,
): Promise<ReadonlyMap<number, number>> {
  if (!(await hasAside(connection, logstoreId))) return new Map();
  const sql = `SELECT run_id, count(*)::DOUBLE AS entries FROM ${asideTable(logstoreId)} WHERE ${IS_EXPIRED} GROUP BY run_id`;
  const rows = await readRows(connection, sql, [...expiry]);
  return new Map(rows.map((row) => [numberIn(row, 'run_id'), numberIn(row, 'entries')]));
}

/** Deletes them, so that no script brings them back, with the parts of those and of entries that went from the log before. */
export async function deleteExpiredAsideIn(
  connection: DuckDBConnection,
  logstoreId: number,
  expiry: Expiry,
): Promise<void> {
  if (!(await hasAside(connection, logstoreId))) return;
  const [aside, log] = [asideTable(logstoreId), logTable(logstoreId)];
  await connection.run(`DELETE FROM ${aside} WHERE ${IS_EXPIRED}`, [...expiry]);
  const isOfEntry = `own.run_id = part.run_id AND ${isSame('own', 'part')}`;
  await connection.run(
    `DELETE FROM ${aside} AS part WHERE aside_kind <> ${UNDELIVERED}
      AND NOT EXISTS (SELECT 1 FROM ${log} AS own WHERE ${isOfEntry})
      AND NOT EXISTS (SELECT 1 FROM ${aside} AS own WHERE own.aside_kind = ${UNDELIVERED} AND ${isOfEntry})`,
  );
}

export function dropAsideSql(logstoreId: number): string {
  return `DROP TABLE IF EXISTS ${asideTable(logstoreId)}`;
}

/**
 * What a gateway did does not follow from what was delivered of it.
 *
 * @returns the entries of a Logstore with those that did not arrive, as a relation of SQL
 */
export const sealedEntries = remembered(async (database, logstoreId: number): Promise<string> => {
  const [log, aside] = [logTable(logstoreId), asideTable(logstoreId)];
  const kinds = await database.withConnection(async (connection) => {
    if (!(await hasAside(connection, logstoreId))) return [];
    const rows = await readRows(connection, `SELECT DISTINCT aside_kind::INTEGER AS kind FROM ${aside}`);
    return rows.map((row) => numberIn(row, 'kind'));
  });
  if (!kinds.includes(UNDELIVERED) && !kinds.includes(WHOLE)) return log;
  const whole = `SELECT * FROM ${aside} WHERE aside_kind = ${WHOLE}`;
  const own = `SELECT own.* FROM ${log} AS own ANTI JOIN (${whole}) AS whole
    ON own.run_id = whole.run_id AND ${isSame('own', 'whole')}`;
  return `(${kinds.includes(WHOLE) ? own : `FROM ${log}`} UNION ALL BY NAME
    SELECT * EXCLUDE (aside_kind) FROM ${aside} WHERE aside_kind IN (${UNDELIVERED}, ${WHOLE}))`;
});
