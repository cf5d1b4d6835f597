import type { ResultBatch } from '../contract/result-batch';
import { numberIn, readRows } from './catalogue';
import type { Database } from './database';
import { logTable } from './log-table';
import { readStream } from './read-stream';

const COUNTS = `count(*)::BIGINT AS entries, sum(pkts_from_vpc + pkts_from_pub)::BIGINT AS packets,
      sum(bytes_from_vpc + bytes_from_pub)::BIGINT AS bytes`;
const IS_OF_RUN = `list_contains(from_json($1::JSON, '["UINTEGER"]'), run_id)`;

export const WINDOW_STATEMENTS = {
  /**
   * The rows of `WindowsReport`. $1 run ids, as a JSON array; $2 the same with the length of their windows in seconds, as a
   * JSON array of `{ run, windowSec }`
   *
   * @param entries what `sealedEntries` gives
   * @param log the Logstore's own table
   */
  readMarkers: (entries: string, log: string) => `
    WITH span AS (
      SELECT one.run, one.windowSec AS window_sec
      FROM (SELECT unnest(from_json($2::JSON, '[{"run":"UINTEGER","windowSec":"BIGINT"}]')) AS one)
    ),
    sealed AS (
      SELECT run_id, instance, capture_epoch, window_start, ${COUNTS}, bool_or(flags & 2 <> 0)::BIGINT AS is_partial
      FROM ${entries} WHERE ${IS_OF_RUN} GROUP BY run_id, instance, capture_epoch, window_start
    ),
    kept AS (
      SELECT run_id, instance, capture_epoch, window_start, ${COUNTS}
      FROM ${log} WHERE ${IS_OF_RUN} GROUP BY run_id, instance, capture_epoch, window_start
    )
    SELECT sealed.run_id AS run, gateway.name AS instance, sealed.capture_epoch AS epoch, sealed.window_start,
      sealed.window_start + span.window_sec AS window_end, sealed.entries, sealed.packets, sealed.bytes,
      coalesce(kept.entries, 0) AS in_log_entries, coalesce(kept.packets, 0) AS in_log_packets,
      coalesce(kept.bytes, 0) AS in_log_bytes, sealed.is_partial
    FROM sealed
    JOIN span ON span.run = sealed.run_id
    JOIN catalogue.nat_gateway AS gateway ON gateway.id = sealed.instance
    LEFT JOIN kept USING (run_id, instance, capture_epoch, window_start)
    ORDER BY run, epoch, window_start, instance`,
  /** $1 run ids, as a JSON array; gives run_id, and as doubles packets and bytes in entries by the ledger, and expired entries */
  readLedgers: `
    SELECT run.run_id, coalesce(run.expired_entries, 0)::DOUBLE AS expired, ledger.packets::DOUBLE AS packets,
      ledger.bytes::DOUBLE AS bytes
    FROM catalogue.import_run AS run
    JOIN catalogue.ledger AS ledger ON ledger.run_id = run.run_id AND ledger.section = 'in_entries'
    WHERE list_contains(from_json($1::JSON, '["UINTEGER"]'), run.run_id)
    ORDER BY run.run_id`,
} as const;

/** @returns the rows of `WindowsReport`. @throws as `readStream` */
export function streamMarkers(
  database: Database,
  { logstoreId, entries }: { readonly logstoreId: number; readonly entries: string },
  runs: readonly { readonly run: number; readonly windowSec: number }[],
  signal: AbortSignal,
): AsyncGenerator<ResultBatch, void, undefined> {
  const sql = WINDOW_STATEMENTS.readMarkers(entries, logTable(logstoreId));
  return readStream(database, sql, [JSON.stringify(runs.map(({ run }) => run)), JSON.stringify(runs)], { signal });
}

/** What the ledger of a run says of its entries, which is not counted from what is stored of them. */
export interface EntryTotals {
  readonly run: number;
  readonly packets: number;
  readonly bytes: number;
  /** Entries that a retention has deleted. */
  readonly expired: number;
}

export async function readEntryTotals(database: Database, runs: readonly number[]): Promise<readonly EntryTotals[]> {
  const rows = await database.withConnection((connection) =>
    readRows(connection, WINDOW_STATEMENTS.readLedgers, [JSON.stringify(runs)]),
  );
  return rows.map((row) => ({
    run: numberIn(row, 'run_id'),
    packets: numberIn(row, 'packets'),
    bytes: numberIn(row, 'bytes'),
    expired: numberIn(row, 'expired'),
  }));
}
