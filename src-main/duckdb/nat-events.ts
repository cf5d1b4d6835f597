import type { DuckDBValue } from '@duckdb/node-api';
import type { NatEventKind, NatEventName } from '../contract/nat-events';
import type { ResultBatch } from '../contract/result-batch';
import { numberIn, numberOrNull, readRows, textIn } from './catalogue';
import type { Database } from './database';
import { NAT_EVENT_STATEMENTS } from './nat-event-statements';
import { readStream } from './read-stream';
import type { ColumnHint } from './result-columns';

/** Which events, of which runs. Times are nanoseconds since 1970, both inside; the host is IPv4 in host order, null for any. */
export interface ChosenEvents {
  readonly runs: readonly number[];
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly host: number | null;
}

function paramsOf({ runs, firstNs, lastNs, host }: ChosenEvents): DuckDBValue[] {
  return [JSON.stringify(runs), firstNs, lastNs, host];
}

/** @returns the seconds of the first and last packet of the runs' events, both inside; null without events */
export async function readEventSpan(
  database: Database,
  runs: readonly number[],
): Promise<{ readonly firstSec: number; readonly lastSec: number } | null> {
  const [row] = await database.withConnection((connection) =>
    readRows(connection, NAT_EVENT_STATEMENTS.readSpan, [JSON.stringify(runs)]),
  );
  const firstSec = row === undefined ? null : numberOrNull(row, 'first_sec');
  const lastSec = row === undefined ? null : numberOrNull(row, 'last_sec');
  return firstSec === null || lastSec === null ? null : { firstSec, lastSec };
}

const HINTS: readonly ColumnHint[] = [
  ...([null, null, null, 'ipv4', 'ipv4'] as const),
  ...([null, null, null, null, 'ipv4'] as const),
];

/** @returns the rows of `NatEventsReport`. @throws as `readStream` */
export function streamEvents(
  database: Database,
  chosen: ChosenEvents,
  signal: AbortSignal,
): AsyncGenerator<ResultBatch, void, undefined> {
  return readStream(database, NAT_EVENT_STATEMENTS.readEvents, paramsOf(chosen), { signal, hints: HINTS });
}

/** @returns by name and protocol */
export async function readEventKinds(database: Database, chosen: ChosenEvents): Promise<readonly NatEventKind[]> {
  const rows = await database.withConnection((connection) =>
    readRows(connection, NAT_EVENT_STATEMENTS.readKinds, paramsOf(chosen)),
  );
  return rows.map((row) => ({
    // As `EventWriter` wrote it.
    event: textIn(row, 'event') as NatEventName,
    protocol: numberIn(row, 'protocol'),
    events: numberIn(row, 'events'),
    hosts: numberIn(row, 'hosts'),
    packets: numberIn(row, 'packets'),
    bytes: numberIn(row, 'bytes'),
  }));
}
