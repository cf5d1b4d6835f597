import { CONTEXT_NUMBER_COLUMN } from '../contract/entry-context';
import { TIME_COLUMN, type LogRelation } from './log-relation';
import {
  ENTRY_ID,
  entryColumns,
  logRows,
  orderKeys,
  quoteIdentifier,
  timeColumns,
  visible,
  written,
  type BoundSql,
} from './log-sql';

/** An entry by what it is ordered by. */
export interface EntryPlace {
  readonly timeSec: number;
  readonly run: number;
  readonly entryNo: number;
}

export interface ContextExtent {
  /** Columns of the physical row, trusted, that have to be equal to the entry's own, and not NULL. */
  readonly sameColumns: readonly string[];
  /** Entries at most before the one, and after it. */
  readonly back: number;
  readonly forward: number;
  /** As `QueryRequest` has it. */
  readonly entryTime?: boolean | undefined;
}

/**
 * The statement of the entries around one, and itself, oldest first: identity, `CONTEXT_NUMBER_COLUMN`, the time if so wanted,
 * and the indexed fields, as those of a search.
 */
export function compileContext(
  relation: LogRelation,
  { timeSec, run, entryNo }: EntryPlace,
  { sameColumns, back, forward, entryTime }: ContextExtent,
): Pick<BoundSql, 'sql' | 'params'> {
  const own = { time: written(timeSec), run: written(run), no: written(entryNo) };
  const conditions = [
    ...visible(relation),
    ...sameColumns.map((column) => `entry.${column} = (SELECT own.${column} FROM own)`),
  ];
  /** The nearest entries on one side, with their distances. */
  const side = (far: '<' | '>', most: number): string => {
    const order = orderKeys('entry', far === '<');
    const isFar = [
      `entry.${TIME_COLUMN} ${far} ${own.time}`,
      `entry.run_id ${far} ${own.run}`,
      `(entry.run_id = ${own.run} AND entry.entry_no ${far} ${own.no})`,
    ];
    // The first condition says no more than the second, but the second alone would not spare what is far in time.
    const where = [`entry.${TIME_COLUMN} ${far}= ${own.time}`, `(${isFar.join(' OR ')})`, ...conditions].join(' AND ');
    const near = `SELECT entry.* FROM ${logRows(relation)} AS entry WHERE ${where} ORDER BY ${order} LIMIT ${written(most)}`;
    const distance = `${far === '<' ? '-' : ''}row_number() OVER (ORDER BY ${order})`;
    return `SELECT ${distance} AS number, entry.* FROM (${near}) AS entry`;
  };
  const itself = `SELECT 0 AS number, entry.* FROM ${logRows(relation)} AS entry WHERE entry.run_id = ${own.run} AND entry.entry_no = ${own.no}`;
  const all = [`(${side('<', back)})`, '(SELECT * FROM own)', `(${side('>', forward)})`].join(' UNION ALL ');
  const number = `number AS ${quoteIdentifier(CONTEXT_NUMBER_COLUMN)}`;
  const columns = [ENTRY_ID, number, ...timeColumns(relation, entryTime), ...entryColumns(relation)];
  const sql = `WITH own AS (${itself}) SELECT ${columns.join(', ')} FROM (${all}) AS entry ORDER BY number`;
  return { sql, params: [] };
}
