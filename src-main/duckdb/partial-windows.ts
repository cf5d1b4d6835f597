import { ENTRY_FLAG } from '../contract/log-entry';
import { numberIn, readRows } from './catalogue';
import { remembered } from './catalogue-memory';
import { logTable } from './log-table';

export const PARTIAL_WINDOW_STATEMENTS = {
  /** Gives run_id and window_start as a double, ascending, of windows that the captures do not cover whole. */
  readPartialWindows: (logstoreId: number) => `
    SELECT run_id, window_start::DOUBLE AS window_start
    FROM ${logTable(logstoreId)}
    WHERE flags & ${ENTRY_FLAG.partialWindow} <> 0
    GROUP BY run_id, window_start
    ORDER BY run_id, window_start`,
} as const;

/**
 * The windows of a Logstore of session logs that the captures of their run do not cover whole.
 *
 * @returns where they start, epoch seconds, ascending, by run; nothing of a run whose windows are whole
 */
export const readPartialWindows = remembered(
  async (database, logstoreId: number): Promise<ReadonlyMap<number, readonly number[]>> => {
    const sql = PARTIAL_WINDOW_STATEMENTS.readPartialWindows(logstoreId);
    const rows = await database.withConnection((connection) => readRows(connection, sql));
    const byRun = new Map<number, number[]>();
    for (const row of rows) {
      const run = numberIn(row, 'run_id');
      const starts = byRun.get(run) ?? [];
      byRun.set(run, starts);
      starts.push(numberIn(row, 'window_start'));
    }
    return byRun;
  },
);
