import { AppError } from '../contract/errors';
import { entryIdText, type EntryId } from '../contract/log-entry';
import { numberIn, readRows, textIn } from './catalogue';
import type { Database } from './database';
import { LOG_STATEMENTS, STATEMENTS } from './statements';

/** A log entry as it was counted. Addresses are IPv4 in host order, times epoch seconds. */
export interface StoredEntry {
  readonly protocol: number;
  readonly priIp: number;
  readonly priPort: number;
  readonly pubIp: number;
  readonly pubPort: number;
  readonly natIp: number;
  readonly natPort: number;
  readonly windowStart: number;
  /** No packet of it has an earlier time, unless it came too late for its own window. */
  readonly startTime: number;
  /** As in `LogEntryBatch`. */
  readonly firstPacket: number;
  readonly lastPacket: number;
  /** Both directions. */
  readonly packets: number;
  readonly ipBytes: number;
}

/** An entry, and what its run was made with, as JSON. */
export interface EntryOrigin {
  readonly entry: StoredEntry;
  readonly options: string;
  readonly gateway: string;
}

/** @throws AppError RUN_NOT_FOUND, ENTRY_NOT_FOUND */
export async function readEntryOrigin(database: Database, id: EntryId): Promise<EntryOrigin> {
  return database.withConnection(async (connection) => {
    const { run, entryNo } = id;
    const [origin] = await readRows(connection, STATEMENTS.readRunOrigin, [run]);
    if (origin === undefined) {
      const message = `there is no import ${run} in this workspace: it was deleted, or has not been finished`;
      throw new AppError('RUN_NOT_FOUND', message, { run });
    }
    const sql = LOG_STATEMENTS.readEntry(numberIn(origin, 'logstore_id'));
    const [row] = await readRows(connection, sql, [run, entryNo]);
    if (row === undefined) {
      throw new AppError('ENTRY_NOT_FOUND', `import ${run} has no log entry ${entryIdText(id)}`, { run, entryNo });
    }
    const entry = {
      protocol: numberIn(row, 'protocol'),
      priIp: numberIn(row, 'pri_ip'),
      priPort: numberIn(row, 'pri_port'),
      pubIp: numberIn(row, 'pub_ip'),
      pubPort: numberIn(row, 'pub_port'),
      natIp: numberIn(row, 'nat_ip'),
      natPort: numberIn(row, 'nat_port'),
      windowStart: numberIn(row, 'window_start'),
      startTime: numberIn(row, 'start_time'),
      firstPacket: numberIn(row, 'first_packet'),
      lastPacket: numberIn(row, 'last_packet'),
      packets: numberIn(row, 'packets'),
      ipBytes: numberIn(row, 'ip_bytes'),
    };
    return { entry, options: textIn(origin, 'options'), gateway: textIn(origin, 'gateway') };
  });
}
