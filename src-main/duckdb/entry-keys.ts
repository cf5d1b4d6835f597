import type { EntryId } from '../contract/log-entry';
import { numberIn, readRows, type Logstore } from './catalogue';
import type { Database } from './database';
import { LOG_STATEMENTS } from './statements';

/** What the entries around one are found by. */
export interface EntryKeys {
  /** `__time__`, epoch seconds. */
  readonly timeSec: number;
  /** False where only the public side was captured. */
  readonly hasHost: boolean;
}

/** @returns null for an entry that the Logstore does not have */
export async function readEntryKeys(
  database: Database,
  { id, schema }: Logstore,
  { run, entryNo }: EntryId,
): Promise<EntryKeys | null> {
  return database.withConnection(async (connection) => {
    const sql = schema === 'session_log' ? LOG_STATEMENTS.readEntryKeys(id) : LOG_STATEMENTS.readEntryTime(id);
    const [row] = await readRows(connection, sql, [run, entryNo]);
    if (row === undefined) return null;
    return { timeSec: numberIn(row, 'time_sec'), hasHost: numberIn(row, 'has_host') === 1 };
  });
}
