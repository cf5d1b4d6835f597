import type { DuckDBConnection } from '@duckdb/node-api';
import { numberIn, numberOrNull, readRows } from './catalogue';
import { remembered } from './catalogue-memory';
import type { Database } from './database';
import { quoteIdentifier } from '../query/log-sql';
import { ENTRIES_SCHEMA, logTable, logTableName } from './log-table';
import { batchesOf, inBatch, IS_IN_BATCH, withoutRanges, type EntryRange } from './entry-ranges';
import { correctEntriesIn, hasLateRows, isSame, LATE_PACKETS } from './revisions';

/**
 * In a row that lies aside: that the entry is not in the log, that it is a part of one that was corrected, or that it is a
 * corrected entry of which the log lacks some parts.
 */
export const UNDELIVERED = 0;
const PART = 1;
const WHOLE = 2;

export interface RunPlace {
  readonly logstoreId: number;
  readonly runId: number;
}

/** Entries of which parts lie aside, as they are when all parts arrived; for the time of a transaction. */
const WHOLE_ENTRIES = 'temp.whole_entry';

/** What lies aside of a Logstore: the same columns, and why. No query reads it. */
const asideName = (logstoreId: number): string => `aside_${logstoreId}`;
export const asideTable = (logstoreId: number): string => `${ENTRIES_SCHEMA}.${asideName(logstoreId)}`;

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
export async function hasLateRowsIn(connection: DuckDBConnection, { logstoreId, runId }: RunPlace): Promise<boolean> {
  if (await hasLateRows(connection, logTable(logstoreId), runId)) return true;
  return (await hasAside(connection, logstoreId)) && hasLateRows(connection, asideTable(logstoreId), runId);
}

/** Puts entries back of which no parts lie aside. */
export async function putBackIn(
  connection: DuckDBConnection,
  { logstoreId, runId }: RunPlace,
  ranges: readonly EntryRange[],
): Promise<void> {
  const [aside, log] = [asideTable(logstoreId), logTable(logstoreId)];
  const kept = `SELECT * EXCLUDE (aside_kind) FROM ${aside} WHERE ${IS_IN_BATCH}`;
  for (const batch of batchesOf(ranges)) {
    await connection.run(`INSERT INTO ${log} BY NAME ${kept}`, inBatch(runId, batch));
    await connection.run(`DELETE FROM ${aside} WHERE ${IS_IN_BATCH}`, inBatch(runId, batch));
  }
}

/** What late packets have brought, and what that belongs to: none of it has been corrected so far. */
async function putBackInvolved(connection: DuckDBConnection, { logstoreId, runId }: RunPlace): Promise<void> {
  const [aside, log] = [asideTable(logstoreId), logTable(logstoreId)];
  const late = (table: string): string =>
    `SELECT session_id, window_start, capture_epoch FROM ${table} WHERE run_id = $1::UINTEGER AND revision = ${LATE_PACKETS}`;
  const involved = `run_id = $1::UINTEGER AND (revision = ${LATE_PACKETS} OR
    (session_id, window_start, capture_epoch) IN (${late(log)} UNION ALL ${late(aside)}))`;
  await connection.run(`INSERT INTO ${log} BY NAME SELECT * EXCLUDE (aside_kind) FROM ${aside} WHERE ${involved}`, [
    runId,
  ]);
  await connection.run(`DELETE FROM ${aside} WHERE ${involved}`, [runId]);
}

/**
 * Puts back what lies aside of a run and has to be looked at anew, as it was appended: what arrives now, and what late packets
 * correct; all of it where parts of corrected entries are among it.
 *
 * @param lost ranges of entries that stay aside, ascending
 * @returns whether late packets have rows of their own now
 */
async function putBack(
  connection: DuckDBConnection,
  place: RunPlace,
  { lost, hasLate }: { readonly lost: readonly EntryRange[]; readonly hasLate: boolean },
): Promise<boolean> {
  if (await putBackParts(connection, place)) return true;
  const end = await endOfAside(connection, place);
  await putBackIn(connection, place, withoutRanges([[0, end]], lost));
  if (hasLate) await putBackInvolved(connection, place);
  return hasLate;
}

/** @returns the ordinal behind the last of the entries that lie aside; 0 for none */
async function endOfAside(connection: DuckDBConnection, { logstoreId, runId }: RunPlace): Promise<number> {
  const sql = `SELECT (max(entry_no) + 1)::DOUBLE AS entry_end FROM ${asideTable(logstoreId)} WHERE run_id = $1::UINTEGER`;
  const [row] = await readRows(connection, sql, [runId]);
  return row === undefined ? 0 : (numberOrNull(row, 'entry_end') ?? 0);
}

/** Puts back all that lies aside of a run, if parts of corrected entries are among it. @returns whether they are */
async function putBackParts(connection: DuckDBConnection, { logstoreId, runId }: RunPlace): Promise<boolean> {
  const [aside, log] = [asideTable(logstoreId), logTable(logstoreId)];
  const parts = `SELECT entry_no FROM ${aside} WHERE run_id = $1::UINTEGER AND aside_kind = ${PART}`;
  const [row] = await readRows(connection, `SELECT count(*)::INTEGER AS parts FROM (${parts})`, [runId]);
  if (row === undefined || numberIn(row, 'parts') === 0) return false;
  await connection.run(`DELETE FROM ${log} WHERE run_id = $1::UINTEGER AND (revision > 0 OR entry_no IN (${parts}))`, [
    runId,
  ]);
  await connection.run(
    `INSERT INTO ${log} BY NAME SELECT * EXCLUDE (aside_kind) FROM ${aside} AS aside
     WHERE run_id = $1::UINTEGER AND (aside_kind = ${PART} OR (aside_kind = ${UNDELIVERED} AND entry_no NOT IN (${parts})))`,
    [runId],
  );
  await connection.run(`DELETE FROM ${aside} WHERE run_id = $1::UINTEGER`, [runId]);
  return true;
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
  const isLate = `run_id = ${runId}::UINTEGER AND revision = ${LATE_PACKETS}`;
  await connection.run('CREATE OR REPLACE TEMP TABLE lost_addition (entry_no UBIGINT)');
  for (const batch of batchesOf(lost)) {
    const sql = `INSERT INTO temp.lost_addition SELECT entry_no FROM ${log} WHERE ${IS_IN_BATCH} AND revision = ${LATE_PACKETS}`;
    await connection.run(sql, inBatch(runId, batch));
  }
  const isLost = 'entry_no IN (SELECT entry_no FROM temp.lost_addition)';
  await connection.run(
    `DELETE FROM ${log} WHERE ${isLate} AND entry_no IN (
       SELECT lost.entry_no FROM (SELECT * FROM ${log} WHERE ${isLate} AND ${isLost}) AS lost
       WHERE NOT EXISTS (
         SELECT 1 FROM (SELECT * FROM ${log} WHERE ${isLate} AND NOT ${isLost}) AS later
         WHERE later.entry_no > lost.entry_no AND ${isSame('later', 'lost')}))`,
  );
  await connection.run('DROP TABLE temp.lost_addition');
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
  { logstoreId, runId }: RunPlace,
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
  { logstoreId, runId }: RunPlace,
  { lost, hasLate }: { readonly lost: readonly EntryRange[]; readonly hasLate: boolean },
): Promise<Settled> {
  if (!(await hasAside(connection, logstoreId))) return { merged: 0, undelivered: 0 };
  const hasParts = await putBack(connection, { logstoreId, runId }, { lost, hasLate });
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
