import type { TranslatedHosts } from '../contract/capture-details';
import { formatIpv4 } from '../nat/address-text';
import { numberIn, readRows } from './catalogue';
import type { Database } from './database';
import { readRunOrigin } from './run-origin';
import { LOG_STATEMENTS } from './statements';

const BUSIEST_HOSTS = 5;

/**
 * Hosts that have log entries, which is to say those that the gateway of the import translated.
 *
 * @throws AppError RUN_NOT_FOUND
 */
export async function readTranslatedHosts(database: Database, run: number): Promise<TranslatedHosts> {
  const { logstoreId } = await readRunOrigin(database, run);
  const rows = await database.withConnection((connection) =>
    readRows(connection, LOG_STATEMENTS.translatedHosts(logstoreId), [run, BUSIEST_HOSTS]),
  );
  const [first] = rows;
  if (first === undefined) return { hosts: 0, outbound: { packets: 0, bytes: 0 }, busiest: [] };
  return {
    hosts: numberIn(first, 'hosts'),
    outbound: { packets: numberIn(first, 'all_packets'), bytes: numberIn(first, 'all_bytes') },
    busiest: rows.map((row) => ({
      address: formatIpv4(numberIn(row, 'pri_ip')),
      packets: numberIn(row, 'packets'),
      bytes: numberIn(row, 'bytes'),
    })),
  };
}
