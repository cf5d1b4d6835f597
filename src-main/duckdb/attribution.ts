import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { END_REASONS, type EndReason } from '../contract/log-entry';
import { ATTRIBUTION_STATEMENTS } from './attribution-statements';
import { numberIn, numberOrNull, readRows, type Row } from './catalogue';

/** A translated endpoint, and when it is asked for. Addresses are IPv4 in host order, times nanoseconds since 1970. */
export interface HeldEndpoint {
  readonly address: number;
  readonly port: number;
  readonly protocol: number | null;
  readonly destination: number | null;
  readonly destinationPort: number | null;
  /** Both inside. */
  readonly fromNs: bigint;
  readonly untilNs: bigint;
}

export interface SessionId {
  readonly run: number;
  readonly session: number;
}

/** A log entry that has the endpoint. */
export interface HoldingEntry extends SessionId {
  readonly entryNo: number;
  readonly epoch: number;
  readonly protocol: number;
  readonly priIp: number | null;
  readonly priPort: number | null;
  readonly pubIp: number | null;
  readonly pubPort: number | null;
  readonly natIp: number;
  /** Null in a log that was loaded. */
  readonly natEip: number | null;
  readonly natPort: number;
  readonly natSource: number;
  readonly realm: number | null;
  /** Ids of the dimensions. */
  readonly instance: number | null;
  readonly vpc: number | null;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  /** When the port was free again, if no later packet of the session came; null where that was not kept. */
  readonly mappingEndNs: bigint | null;
  readonly windowStart: number | null;
  readonly endReason: EndReason;
  readonly flags: number;
  /** As in `LogEntryBatch`; null in a log that was loaded. */
  readonly firstPacket: number | null;
  readonly lastPacket: number | null;
  readonly packets: number;
}

/** A session, by what the gateway knows it by. */
export interface HeldTuple extends SessionId {
  readonly epoch: number;
  readonly protocol: number;
  readonly ip: number;
  readonly port: number;
  readonly toIp: number;
  readonly toPort: number;
  readonly realm: number;
}

/** @returns all addresses that entries of these runs were translated to, with their EIPs; IPv4 in host order */
export async function readTranslatedAddresses(
  connection: DuckDBConnection,
  logstoreId: number,
  runs: readonly number[],
): Promise<ReadonlySet<number>> {
  const rows = await readRows(connection, ATTRIBUTION_STATEMENTS.readAddresses(logstoreId), [JSON.stringify(runs)]);
  return new Set(rows.flatMap((row) => numberOrNull(row, 'address') ?? []));
}

/** @returns the sessions of these runs that may have had the endpoint at some time from the first instant to the last */
export async function readHolders(
  connection: DuckDBConnection,
  logstoreId: number,
  runs: readonly number[],
  { address, port, protocol, destination, destinationPort, fromNs, untilNs }: HeldEndpoint,
): Promise<readonly SessionId[]> {
  const params = [JSON.stringify(runs), fromNs, untilNs, address, port, protocol, destination, destinationPort];
  const rows = await readRows(connection, ATTRIBUTION_STATEMENTS.readHolders(logstoreId), params);
  return rows.map(sessionIdOf);
}

/** @returns all entries of the sessions that have the endpoint, by session and in order */
export async function readHoldingEntries(
  connection: DuckDBConnection,
  logstoreId: number,
  sessions: readonly SessionId[],
  { address, port }: Pick<HeldEndpoint, 'address' | 'port'>,
): Promise<readonly HoldingEntry[]> {
  const params = [JSON.stringify(sessions), address, port];
  const rows = await readRows(connection, ATTRIBUTION_STATEMENTS.readEntries(logstoreId), params);
  return rows.map((row) => ({
    ...sessionIdOf(row),
    entryNo: numberIn(row, 'entry_no'),
    epoch: numberOrNull(row, 'capture_epoch') ?? 0,
    protocol: numberIn(row, 'protocol'),
    priIp: numberOrNull(row, 'pri_ip'),
    priPort: numberOrNull(row, 'pri_port'),
    pubIp: numberOrNull(row, 'pub_ip'),
    pubPort: numberOrNull(row, 'pub_port'),
    natIp: numberIn(row, 'nat_ip'),
    natEip: numberOrNull(row, 'nat_eip'),
    natPort: numberIn(row, 'nat_port'),
    natSource: numberIn(row, 'nat_source'),
    realm: numberOrNull(row, 'realm'),
    instance: numberOrNull(row, 'instance'),
    vpc: numberOrNull(row, 'vpc_id'),
    firstNs: nanosIn(row['first_ns']),
    lastNs: nanosIn(row['last_ns']),
    mappingEndNs: row['mapping_end_ns'] === null ? null : nanosIn(row['mapping_end_ns']),
    windowStart: numberOrNull(row, 'window_start'),
    endReason: END_REASONS[numberOrNull(row, 'end_reason') ?? 0] ?? 'open',
    flags: numberOrNull(row, 'flags') ?? 0,
    firstPacket: numberOrNull(row, 'first_packet'),
    lastPacket: numberOrNull(row, 'last_packet'),
    packets: numberIn(row, 'packets'),
  }));
}

/**
 * @param afterNs behind which, and `untilNs` up to which, new sessions are looked for
 * @returns when each of the sessions was ended by a new one of its five-tuple; nothing of those that were not
 */
export async function readSuccessors(
  connection: DuckDBConnection,
  logstoreId: number,
  held: readonly HeldTuple[],
  { afterNs, untilNs }: { readonly afterNs: bigint; readonly untilNs: bigint },
): Promise<readonly (SessionId & { readonly endedNs: bigint })[]> {
  const params = [JSON.stringify(held), afterNs, untilNs];
  const rows = await readRows(connection, ATTRIBUTION_STATEMENTS.readSuccessors(logstoreId), params);
  return rows.map((row) => ({ ...sessionIdOf(row), endedNs: nanosIn(row['ended_ns']) }));
}

function sessionIdOf(row: Row): SessionId {
  return { run: numberIn(row, 'run_id'), session: numberIn(row, 'session_id') };
}

function nanosIn(value: DuckDBValue | undefined): bigint {
  if (typeof value !== 'bigint') throw new TypeError(`${String(value)} is no time in nanoseconds`);
  return value;
}
