import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { END_REASONS, type EndReason } from '../contract/log-entry';
import { ATTRIBUTION_STATEMENTS, type HeldEndpoint, type HeldTuple } from './attribution-statements';
import { numberIn, numberOrNull, readRows, type Row } from './catalogue';
import type { Database } from './database';

export interface SessionId {
  readonly run: number;
  readonly session: number;
}

/** @returns the session as text, which no other has */
export function sessionText({ run, session }: SessionId): string {
  return `${run}-${session}`;
}

/** A session that may have had the endpoint. */
export interface Holder extends SessionId {
  /** When its mapping ended, by the last of its entries that was looked at: the next one began by then, if there is one. */
  readonly untilNs: bigint;
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

/** @returns all addresses that entries of these runs were translated to, with their EIPs; IPv4 in host order */
export async function readTranslatedAddresses(
  connection: DuckDBConnection,
  logstoreId: number,
  runs: readonly number[],
): Promise<ReadonlySet<number>> {
  if (runs.length === 0) return new Set();
  const rows = await readRows(connection, ATTRIBUTION_STATEMENTS.readAddresses(logstoreId, runs));
  return new Set(rows.flatMap((row) => numberOrNull(row, 'address') ?? []));
}

/** @returns those of these runs whose gateway was changed while their captures ran */
export function readChangedRuns(database: Database, runs: readonly number[]): Promise<readonly number[]> {
  return readRuns(database, runs, ATTRIBUTION_STATEMENTS.readChangedRuns);
}

/** @returns those of these runs whose entries of live sessions end with their windows */
export function readEdgeRuns(database: Database, runs: readonly number[]): Promise<readonly number[]> {
  return readRuns(database, runs, ATTRIBUTION_STATEMENTS.readEdgeRuns);
}

async function readRuns(
  database: Database,
  runs: readonly number[],
  statement: (runs: readonly number[]) => string,
): Promise<readonly number[]> {
  if (runs.length === 0) return [];
  const rows = await database.withConnection((connection) => readRows(connection, statement(runs)));
  return rows.map((row) => numberIn(row, 'run_id'));
}

/** @returns the sessions of these runs that may have had the endpoint at some time from the first instant to the last */
export async function readHolders(
  connection: DuckDBConnection,
  logstoreId: number,
  runs: readonly number[],
  endpoint: HeldEndpoint,
): Promise<readonly Holder[]> {
  if (runs.length === 0) return [];
  const rows = await readRows(connection, ATTRIBUTION_STATEMENTS.readHolders(logstoreId, runs, endpoint));
  return rows.map((row) => ({ ...sessionIdOf(row), untilNs: nanosIn(row['until_ns']) }));
}

/**
 * All entries of the sessions that have the endpoint, by session and in order. A session has no entry that begins behind
 * the end of the mapping of the one before, so that the log need not be read to its end.
 */
export async function readHoldingEntries(
  connection: DuckDBConnection,
  logstoreId: number,
  holders: readonly Holder[],
  endpoint: Pick<HeldEndpoint, 'address' | 'port' | 'untilNs'>,
): Promise<readonly HoldingEntry[]> {
  let untilNs = latest(holders.map((holder) => holder.untilNs));
  for (;;) {
    const entries = await readEntriesUntil(connection, logstoreId, holders, { ...endpoint, untilNs });
    const endNs = latest(entries.map(({ mappingEndNs, lastNs }) => mappingEndNs ?? lastNs));
    if (endNs <= untilNs) return entries;
    // Twice as far each time, for sessions of days.
    untilNs = endNs + (endNs - endpoint.untilNs);
  }
}

function latest(times: readonly bigint[]): bigint {
  return times.reduce((most, ns) => (ns > most ? ns : most));
}

async function readEntriesUntil(
  connection: DuckDBConnection,
  logstoreId: number,
  holders: readonly SessionId[],
  endpoint: Pick<HeldEndpoint, 'address' | 'port' | 'untilNs'>,
): Promise<readonly HoldingEntry[]> {
  const asked = new Set(holders.map(sessionText));
  const sessions = [...new Set(holders.map(({ session }) => session))];
  const found = await readRows(connection, ATTRIBUTION_STATEMENTS.readEntries(logstoreId, sessions, endpoint));
  // The same number may be another session in another run.
  const rows = found.filter((row) => asked.has(sessionText(sessionIdOf(row))));
  return rows.map(entryIn);
}

function entryIn(row: Row): HoldingEntry {
  return {
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
  };
}

/** Endpoints that are asked for in one reading: what is sorted of their entries fits into memory many times. */
export const MANY_ENDPOINTS = 256;

/**
 * For each of many endpoints, at most `MANY_ENDPOINTS`, all entries of the sessions that may have had it, by session and in
 * order: what `readHolders` and `readHoldingEntries` find of one.
 */
export async function readEntriesOfMany(
  connection: DuckDBConnection,
  logstoreId: number,
  runs: readonly number[],
  endpoints: readonly HeldEndpoint[],
): Promise<readonly (readonly HoldingEntry[])[]> {
  const found: HoldingEntry[][] = endpoints.map(() => []);
  if (runs.length === 0 || endpoints.length === 0) return found;
  const rows = await readRows(connection, ATTRIBUTION_STATEMENTS.readHoldersOfMany(logstoreId, runs, endpoints));
  const held = rows.map((row) => {
    const place = numberIn(row, 'place');
    const { address, port } = endpoints[place]!;
    return { ...sessionIdOf(row), place, address, port };
  });
  if (held.length === 0) return found;
  const entries = await readRows(connection, ATTRIBUTION_STATEMENTS.readEntriesOfMany(logstoreId, held));
  for (const row of entries) found[numberIn(row, 'place')]?.push(entryIn(row));
  return found;
}

/**
 * @param bounds behind which, and up to which, other sessions are looked for
 * @returns when each of the sessions lost its endpoint to another one; nothing of those that did not
 */
export async function readSuccessors(
  connection: DuckDBConnection,
  logstoreId: number,
  held: readonly HeldTuple[],
  bounds: { readonly afterNs: bigint; readonly untilNs: bigint },
): Promise<readonly (SessionId & { readonly endedNs: bigint })[]> {
  const rows = await readRows(connection, ATTRIBUTION_STATEMENTS.readSuccessors(logstoreId, held, bounds));
  return rows.map((row) => {
    const { run, session } = held[numberIn(row, 'place')]!;
    return { run, session, endedNs: nanosIn(row['ended_ns']) };
  });
}

function sessionIdOf(row: Row): SessionId {
  return { run: numberIn(row, 'run_id'), session: numberIn(row, 'session_id') };
}

function nanosIn(value: DuckDBValue | undefined): bigint {
  if (typeof value !== 'bigint') throw new TypeError(`${String(value)} is no time in nanoseconds`);
  return value;
}
