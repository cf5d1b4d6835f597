import { AppError } from '../contract/errors';
import { entryIdText, type EntryId } from '../contract/log-entry';
import { numberIn, numberOrNull, readRows } from './catalogue';
import type { Database } from './database';
import { readRunOrigin, type RunOrigin } from './run-origin';
import { LOG_STATEMENTS } from './statements';

/** A log entry as it was counted. Addresses are IPv4 in host order, times epoch seconds. */
export interface StoredEntry {
  readonly protocol: number;
  /** Null where only the public side was captured. */
  readonly priIp: number | null;
  readonly priPort: number | null;
  /** Null where destinations are not recorded. */
  readonly pubIp: number | null;
  readonly pubPort: number | null;
  readonly natIp: number;
  /** The public address behind `natIp`. */
  readonly natEip: number;
  readonly natPort: number;
  /** `NAT_SOURCE`. */
  readonly natSource: number;
  /** As in `LogEntryBatch`. */
  readonly sessionId: number;
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
export interface EntryOrigin extends RunOrigin {
  readonly entry: StoredEntry;
}

/** @throws AppError RUN_NOT_FOUND, ENTRY_NOT_FOUND */
export async function readEntryOrigin(database: Database, id: EntryId): Promise<EntryOrigin> {
  const { run, entryNo } = id;
  const { logstoreId, options, gateway } = await readRunOrigin(database, run);
  return database.withConnection(async (connection) => {
    const sql = LOG_STATEMENTS.readEntry(logstoreId);
    const [row] = await readRows(connection, sql, [run, entryNo]);
    if (row === undefined) {
      throw new AppError('ENTRY_NOT_FOUND', `import ${run} has no log entry ${entryIdText(id)}`, { run, entryNo });
    }
    const entry = {
      protocol: numberIn(row, 'protocol'),
      priIp: numberOrNull(row, 'pri_ip'),
      priPort: numberOrNull(row, 'pri_port'),
      pubIp: numberOrNull(row, 'pub_ip'),
      pubPort: numberOrNull(row, 'pub_port'),
      natIp: numberIn(row, 'nat_ip'),
      natEip: numberIn(row, 'nat_eip'),
      natPort: numberIn(row, 'nat_port'),
      natSource: numberIn(row, 'nat_source'),
      sessionId: numberIn(row, 'session_id'),
      windowStart: numberIn(row, 'window_start'),
      startTime: numberIn(row, 'start_time'),
      firstPacket: numberIn(row, 'first_packet'),
      lastPacket: numberIn(row, 'last_packet'),
      packets: numberIn(row, 'packets'),
      ipBytes: numberIn(row, 'ip_bytes'),
    };
    return { entry, logstoreId, options, gateway };
  });
}
