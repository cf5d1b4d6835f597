import { ENTRY_ID_COLUMN } from '../contract/log-entry';
import { fieldValue, logColumn } from './log-columns';
import { TIME_COLUMN, UNPACKED, type LogRelation, type LogRelationField, type SqlParam } from './log-relation';
import type { SearchNode } from './search-ast';
import { wholeNumber } from './search-bind';
import { MOST_SCANNED_OF_SHARD, type SearchLimits } from './search-limits';
import { compileSearch, type SearchNote } from './search-sql';

export interface LogFilter {
  /** Half-open, epoch seconds. */
  readonly range: { readonly fromSec: number; readonly toSec: number };
  /** Whether its ends are the first two parameters, also where nothing is outside of it, so that the statement can be run over another. */
  readonly isRangeBound?: boolean;
  readonly search: SearchNode;
  /** Caps of the vendor's console; absent for none. */
  readonly limits?: SearchLimits | undefined;
}

export interface BoundSql {
  readonly sql: string;
  readonly params: readonly SqlParam[];
  /** About the search: what is not wrong and yet may surprise. */
  readonly notes: readonly SearchNote[];
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A whole number of ours as SQL has it. @throws RangeError for what is none */
export function written(value: number): string {
  return wholeNumber(BigInt(value));
}

/**
 * Conditions that hold for entries of committed runs alone. DuckDB compares a written number as what the column is, so it knows
 * from its statistics that all entries fit, and spares the column; cast to compare, it is read whole.
 */
export function visible({ visibleRuns: { maxRun, hidden } }: LogRelation): string[] {
  if (maxRun < 0) return ['FALSE'];
  const committed = `entry.run_id <= ${written(maxRun)}`;
  const others = hidden.map((run) => written(run));
  return others.length > 0 ? [committed, `entry.run_id NOT IN (${others.join(', ')})`] : [committed];
}

/** Whether no visible entry is outside of a range. */
function isWhole({ extent }: LogRelation, { range: { fromSec, toSec }, isRangeBound = false }: LogFilter): boolean {
  return !isRangeBound && extent !== undefined && fromSec <= extent.firstSec && extent.lastSec < toSec;
}

/** The rows of a log, with what its expressions are over; to be called `entry`. @param rows of its table; absent for all */
export function logRows({ table, unpacked }: LogRelation, rows = table): string {
  return unpacked === undefined ? rows : `(SELECT *, ${unpacked} AS ${UNPACKED} FROM ${rows})`;
}

function whereClause(relation: LogRelation, filter: LogFilter, params: SqlParam[], notes: SearchNote[]): string {
  const end = (sec: number): string =>
    filter.isRangeBound === true ? `CAST($${params.push(BigInt(sec))} AS BIGINT)` : written(sec);
  const { fromSec, toSec } = filter.range;
  const conditions = isWhole(relation, filter)
    ? visible(relation)
    : [`entry.${TIME_COLUMN} >= ${end(fromSec)}`, `entry.${TIME_COLUMN} < ${end(toSec)}`, ...visible(relation)];
  const console = { from: `${logRows(relation)} AS entry WHERE ${conditions.join(' AND ')}` };
  const found = compileSearch(filter.search, relation, params, notes, filter.limits && console);
  if (found !== 'TRUE') conditions.push(found);
  return conditions.join(' AND ');
}

/**
 * What SQL can read, in the schema's order: fields under their names, and after all of them those with a second name.
 * @param scans whether it reads what is stored, for which names of the index do not hold
 */
export function sqlColumns(
  { fields, stored }: LogRelation,
  scans: boolean,
): readonly { readonly name: string; readonly field: LogRelationField }[] {
  if (scans && stored !== undefined) return stored.map((field) => ({ name: field.name, field }));
  const readable = fields.filter(({ docValue }) => docValue !== false);
  const seconds = readable.flatMap((field) => (field.alias === undefined ? [] : [{ name: field.alias, field }]));
  return [...readable.map((field) => ({ name: field.name, field })), ...seconds];
}

/** The conditions of a scan under the caps of the console, in which every shard is read up to so many entries, oldest first. */
function scanCap({ limits }: LogFilter, scans: boolean): string {
  if (!scans || limits === undefined) return '';
  const keys = orderKeys('entry', false);
  return ` QUALIFY row_number() OVER (PARTITION BY entry.shard_id ORDER BY ${keys}) <= ${MOST_SCANNED_OF_SHARD}`;
}

/**
 * The SELECT of the shards in which a scan under the caps of the console leaves entries out: `shard`, and `entries` that are
 * found in it.
 *
 * @throws AppError what `compileSearch` throws
 */
export function cutShardsSql(relation: LogRelation, filter: LogFilter): BoundSql {
  const params: SqlParam[] = [];
  const notes: SearchNote[] = [];
  const found = `${logRows(relation)} AS entry WHERE ${whereClause(relation, filter, params, notes)}`;
  const sql = `SELECT entry.shard_id::DOUBLE AS shard, count(*)::DOUBLE AS entries FROM ${found} GROUP BY 1 HAVING count(*) > ${MOST_SCANNED_OF_SHARD} ORDER BY 1`;
  return { sql, params, notes };
}

/**
 * The SELECT behind the relation `log` of user SQL: the indexed fields under their query names and `__time__` as
 * the last column, integers as BIGINT (unsigned arithmetic would wrap silently), addresses as text as at the vendor.
 *
 * @param isRead false for names that the statement does not have; leaving them out halves the time to compile
 * @param scans whether it reads what is stored, all as text
 * @throws AppError what `compileSearch` throws
 */
export function logTableSql(
  relation: LogRelation,
  filter: LogFilter,
  isRead: (name: string) => boolean,
  scans = false,
): BoundSql {
  const params: SqlParam[] = [];
  const notes: SearchNote[] = [];
  const indexes = scans ? {} : relation;
  const columns = sqlColumns(relation, scans)
    .filter(({ name }) => isRead(name))
    .map(({ name, field }) => `${logColumn(field, indexes)} AS ${quoteIdentifier(name)}`);
  columns.push(`CAST(entry.${TIME_COLUMN} AS BIGINT) AS ${quoteIdentifier(TIME_COLUMN)}`);
  const where = whereClause(relation, filter, params, notes);
  const from = `${logRows(relation)} AS entry WHERE ${where}${scanCap(filter, scans)}`;
  return { sql: `SELECT ${columns.join(', ')} FROM ${from}`, params, notes };
}

/** Identity of an entry, as a column. */
export const ENTRY_ID = `concat(entry.run_id, '-', entry.entry_no) AS ${quoteIdentifier(ENTRY_ID_COLUMN)}`;
/** The time of an entry as a field of it. */
export const ENTRY_TIME: LogRelationField = { name: TIME_COLUMN, type: 'long', expression: `entry.${TIME_COLUMN}` };
const KEYS = [TIME_COLUMN, 'run_id', 'entry_no'] as const;

/** A field in a row of whole entries: an address as it is stored, so that no text is built per row. */
function storedColumn(field: LogRelationField, relation: Pick<LogRelation, 'olderIndexes'>): string {
  return field.type === 'ipv4' ? `(${fieldValue(field, relation)})` : logColumn(field, relation);
}

/** What a row of a whole entry has, as at the vendor also what is in no index; where that is nothing, the time. */
export function entryFields({ fields, entry = fields }: LogRelation): readonly LogRelationField[] {
  return entry.length > 0 ? entry : [ENTRY_TIME];
}

/** What a row of whole entries begins with, if so wanted. */
export function timeFields(
  { fields, entry = fields, time }: LogRelation,
  isWanted = false,
): readonly LogRelationField[] {
  // Where there is nothing else, the time is there already.
  return isWanted && time !== undefined && entry.length > 0 ? [time] : [];
}

/** `timeFields`, under their names. */
export function timeColumns(relation: LogRelation, isWanted?: boolean): string[] {
  return timeFields(relation, isWanted).map((field) => `${storedColumn(field, {})} AS ${quoteIdentifier(field.name)}`);
}

/** The fields of whole entries, under their names. */
export function entryColumns(relation: LogRelation): string[] {
  // What is stored does not depend on an index.
  const indexes = relation.entry === undefined ? relation : {};
  return entryFields(relation).map((field) => `${storedColumn(field, indexes)} AS ${quoteIdentifier(field.name)}`);
}

/** No two entries are alike in all three. */
export function orderKeys(table: string, reverse: boolean): string {
  return KEYS.map((key) => `${table}.${key} ${reverse ? 'DESC' : 'ASC'}`).join(', ');
}

/**
 * The SELECT of whole entries: the fields that `entryFields` says, addresses as they are stored so that no text
 * is built per row, integers as BIGINT. Oldest first by time, run and ordinal, or newest first: no two entries are alike
 * in all three, so that pages by `limit` and `offset` neither overlap nor leave an entry out.
 * @param order rows at most (null for all of them), after as many that are passed over; with the entry's identity first,
 *   its time behind that, and what is beside its fields last
 * @throws AppError what `compileSearch` throws
 */
export function logEntriesSql(
  relation: LogRelation,
  filter: LogFilter,
  order: {
    readonly reverse: boolean;
    readonly limit: number | null;
    readonly offset: number;
    readonly entryIds?: boolean;
    readonly entryEnds?: boolean;
    readonly entryTime?: boolean;
  },
): BoundSql {
  const params: SqlParam[] = [];
  const notes: SearchNote[] = [];
  const ends = order.entryEnds === true ? (relation.beside ?? []) : [];
  const columns = [
    ...(order.entryIds === true ? [ENTRY_ID] : []),
    ...timeColumns(relation, order.entryTime),
    ...entryColumns(relation),
    ...ends.map((field) => `${storedColumn(field, {})} AS ${quoteIdentifier(field.name)}`),
  ];
  const where = whereClause(relation, filter, params, notes);
  const keys = orderKeys('entry', order.reverse);
  const found = `${logRows(relation)} AS entry WHERE ${where} ORDER BY ${keys}`;
  const limit = order.limit === null ? '' : ` LIMIT ${written(order.limit)}`;
  const cut = `${limit}${order.offset > 0 ? ` OFFSET ${written(order.offset)}` : ''}`;
  // Fields are made of the rows of a page alone: there may be thousands, of which most are looked up in a text. Its rows stay in
  // their order: a table subquery that is cut keeps it, as DuckDB's documentation on the preservation of order says.
  const stored = relation.unpacked === undefined ? '*' : `* EXCLUDE (${UNPACKED})`;
  const rows = cut === '' ? found : `${logRows(relation, `(SELECT ${stored} FROM ${found}${cut})`)} AS entry`;
  return { sql: `SELECT ${columns.join(', ')} FROM ${rows}`, params, notes };
}

/**
 * The SELECT of how many entries are in each stretch of time: `quantum`, the ordinal of the stretch, and `entries`.
 * Whole numbers are divided: that takes half the time of `time_bucket` [measured].
 *
 * @param stretches of one width, in whole seconds, from a start that is not after the range's
 * @throws AppError what `compileSearch` throws
 */
export function logCountsSql(
  relation: LogRelation,
  filter: LogFilter,
  stretches: { readonly startSec: number; readonly widthSec: number },
): BoundSql {
  const params: SqlParam[] = [];
  const notes: SearchNote[] = [];
  const where = whereClause(relation, filter, params, notes);
  // Numbers of ours, written out: a division by a known number is faster than one by a parameter.
  const quantum = `(entry.${TIME_COLUMN} - (${BigInt(stretches.startSec)})) // ${BigInt(stretches.widthSec)}`;
  const sql = `SELECT ${quantum} AS quantum, count(*) AS entries FROM ${logRows(relation)} AS entry WHERE ${where} GROUP BY 1`;
  return { sql, params, notes };
}

/**
 * The SELECT of one field in every entry: `value`, an address as it is stored, and `__time__`.
 *
 * @throws AppError what `compileSearch` throws
 */
export function logValuesSql(relation: LogRelation, filter: LogFilter, field: LogRelationField): BoundSql {
  const params: SqlParam[] = [];
  const notes: SearchNote[] = [];
  const where = whereClause(relation, filter, params, notes);
  const sql = `SELECT ${storedColumn(field, relation)} AS value, entry.${TIME_COLUMN} AS ${TIME_COLUMN} FROM ${logRows(relation)} AS entry WHERE ${where}`;
  return { sql, params, notes };
}

/**
 * The SELECT of what is known of entries beyond their fields.
 *
 * @param columns of the physical row, as `entry.column AS name`, in SQL that is trusted
 * @param rest what follows the conditions, as trusted
 * @param run those of one import alone; null for all of them
 * @throws AppError what `compileSearch` throws
 */
export function logRowsSql(
  relation: LogRelation,
  filter: LogFilter,
  columns: readonly string[],
  rest: string,
  run: number | null = null,
): BoundSql {
  const params: SqlParam[] = [];
  const notes: SearchNote[] = [];
  const where = whereClause(relation, filter, params, notes);
  const ofRun = run === null ? '' : ` AND entry.run_id = ${written(run)}`;
  const sql = `SELECT ${columns.join(', ')} FROM ${relation.table} AS entry WHERE ${where}${ofRun} ${rest}`;
  return { sql, params, notes };
}
