import type { DuckDBConnection } from '@duckdb/node-api';
import { END_REASON_CODE, EXTRA_BYTE_FIELDS } from '../contract/log-entry';
import { numberIn, readRows } from './catalogue';

/** In the place of a revision: what late packets add to an entry, until that is corrected by it. */
export const LATE_PACKETS = 1;
/** An entry that was corrected; while it is being made, other numbers keep it and what corrects it apart. */
const CORRECTED = 2;

const SUMMED = ['bytes_from_pub', 'pkts_from_pub', 'bytes_from_vpc', 'pkts_from_vpc'];
const EARLIEST = ['start_time', '__time__', 'first_ns'];
const LATEST = ['end_time', 'last_ns', 'mapping_end_ns', 'last_packet'];
const KEY = ['session_id', 'window_start', 'capture_epoch'];

/** Both are of one session and window. */
export const isSame = (one: string, other: string): string =>
  KEY.map((key) => `${one}.${key} = ${other}.${key}`).join(' AND ');

/** Of what entries have of `EXTRA_BYTE_FIELDS`, which is all of it or nothing. */
const extraOf = (row: string, name: string): string => `CAST(${row}.extra ->> '${name}' AS UBIGINT)`;
const extraSql = (valueOf: (name: string) => string): string =>
  `CAST(json_object(${EXTRA_BYTE_FIELDS.map((name) => `'${name}', ${valueOf(name)}`).join(', ')}) AS VARCHAR)`;

/** What late packets add to each entry, each once; $1 run_id. */
function additions(table: string): string {
  const columns = [
    ...KEY,
    ...SUMMED.map((name) => `sum(${name})::UBIGINT AS ${name}`),
    ...EARLIEST.map((name) => `min(${name}) AS ${name}`),
    ...LATEST.map((name) => `max(${name}) AS ${name}`),
    'bit_or(flags) AS flags',
    `CASE WHEN count(extra) > 0 THEN ${extraSql((name) => `sum(${extraOf('late_row', name)})::UBIGINT`)} END AS extra`,
    'nullif(min(coalesce(seen_ns, first_ns)), min(first_ns)) AS seen_ns',
    'min(entry_no) AS entry_no',
  ];
  return `SELECT ${columns.join(', ')} FROM ${table} AS late_row
    WHERE run_id = $1::UINTEGER AND revision = ${LATE_PACKETS} GROUP BY ${KEY.join(', ')}`;
}

/** Seconds of a window of the run, where an entry of a session that is alive at its end ends with it; else NULL. $1 run_id */
const EDGE_SEC = `(SELECT CASE WHEN gateway ->> '$.timeModel' = 'aliflow' THEN (gateway ->> '$.windowSec')::BIGINT END
  FROM catalogue.import_run WHERE run_id = $1::UINTEGER)`;

/** What late packets add ends with their last; what becomes an entry by it, as entries do. */
const adoptedEnd = (column: string, atEdge: string): string =>
  `${column} = CASE WHEN own.end_reason = ${END_REASON_CODE.open} AND edge_sec IS NOT NULL THEN ${atEdge} ELSE late.${column} END`;

/**
 * Of a session that has an entry in the window: it is corrected. Why and when its session ended stays as it was at the window's
 * end: its last packet may be a late one, where it ends with that.
 */
function correctSql(table: string): string {
  const corrected = [
    ...SUMMED.map((column) => `${column} = own.${column} + late.${column}`),
    ...EARLIEST.map((column) => `${column} = least(own.${column}, late.${column})`),
    ...LATEST.map((column) => `${column} = greatest(own.${column}, late.${column})`),
    'flags = own.flags | late.flags',
    `extra = CASE WHEN late.extra IS NULL THEN own.extra
      ELSE ${extraSql((name) => `${extraOf('own', name)} + ${extraOf('late', name)}`)} END`,
    `seen_ns = nullif(least(coalesce(own.seen_ns, own.first_ns), coalesce(late.seen_ns, late.first_ns)),
      least(own.first_ns, late.first_ns))`,
  ];
  return `UPDATE ${table} AS own SET ${corrected.join(', ')}, revision = ${CORRECTED}
    FROM (${additions(table)}) AS late
    WHERE own.run_id = $1::UINTEGER AND own.revision = 0 AND ${isSame('own', 'late')}`;
}

/** Of one that has none: the first of the rows that late packets made becomes the entry. */
function adoptSql(table: string): string {
  const adopted = [
    ...[...SUMMED, ...EARLIEST, 'mapping_end_ns', 'last_packet', 'flags', 'extra', 'seen_ns'].map(
      (column) => `${column} = late.${column}`,
    ),
    adoptedEnd('end_time', 'own.window_start + edge_sec'),
    // A later packet was in time, so these nanoseconds fit.
    adoptedEnd('last_ns', '(own.window_start + edge_sec) * 1000000000'),
  ];
  return `UPDATE ${table} AS own SET ${adopted.join(', ')}, revision = ${CORRECTED}
    FROM (SELECT *, ${EDGE_SEC} AS edge_sec FROM (${additions(table)})) AS late
    WHERE own.run_id = $1::UINTEGER AND own.revision = ${LATE_PACKETS} AND own.entry_no = late.entry_no
      AND NOT EXISTS (
        SELECT 1 FROM ${table} AS entry
        WHERE entry.run_id = $1::UINTEGER AND entry.revision = ${CORRECTED} AND ${isSame('entry', 'late')})`;
}

/**
 * Corrects the entries of a run by what came too late for them: each becomes one of revision 1.
 *
 * @param table of entries, as in SQL
 * @returns rows that the log has less
 */
export async function correctEntriesIn(connection: DuckDBConnection, table: string, runId: number): Promise<number> {
  const ofLate = `FROM ${table} WHERE run_id = $1::UINTEGER AND revision = ${LATE_PACKETS}`;
  await connection.run(correctSql(table), [runId]);
  await connection.run(adoptSql(table), [runId]);
  const [row] = await readRows(connection, `SELECT count(*)::DOUBLE AS rows ${ofLate}`, [runId]);
  await connection.run(`DELETE ${ofLate}`, [runId]);
  await connection.run(`UPDATE ${table} SET revision = 1 WHERE run_id = $1::UINTEGER AND revision = ${CORRECTED}`, [
    runId,
  ]);
  return row === undefined ? 0 : numberIn(row, 'rows');
}

/** @returns whether late packets of a run have rows of their own in a table */
export async function hasLateRows(connection: DuckDBConnection, table: string, runId: number): Promise<boolean> {
  const sql = `SELECT count(*)::DOUBLE AS rows FROM ${table}
    WHERE run_id = $1::UINTEGER AND revision = ${LATE_PACKETS}`;
  const [row] = await readRows(connection, sql, [runId]);
  return row !== undefined && numberIn(row, 'rows') > 0;
}
