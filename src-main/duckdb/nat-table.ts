import type { DuckDBValue } from '@duckdb/node-api';
import type { NatTableTotal } from '../contract/nat-table';
import type { ResultBatch } from '../contract/result-batch';
import { numberIn, numberOrNull, readRows, textIn } from './catalogue';
import type { Database } from './database';
import { NAT_TABLE_STATEMENTS } from './nat-table-statements';
import { readStream } from './read-stream';
import type { ColumnHint } from './result-columns';
import { STATEMENTS } from './statements';

/** The entries of one capture epoch of a run. Times are epoch seconds. */
export interface EntrySpan {
  readonly run: number;
  readonly epoch: number;
  /** Of entries, both inside. */
  readonly firstSec: number;
  readonly lastSec: number;
  /** Start of the last window that has entries. */
  readonly lastWindow: number;
  /** Entries of which it is not known when the port was free again. */
  readonly unknown: number;
  /** Entries of which the network is not known, or that are of the only one. */
  readonly withoutRealm: number;
  /** Entries whose translation was observed. */
  readonly observed: number;
}

/** @param entries what `sealedEntries` gives. @returns by run and epoch; none of a run without entries */
export async function readEntrySpans(
  database: Database,
  entries: string,
  runs: readonly number[],
): Promise<readonly EntrySpan[]> {
  const sql = NAT_TABLE_STATEMENTS.readSpans(entries);
  const rows = await database.withConnection((connection) => readRows(connection, sql, [JSON.stringify(runs)]));
  return rows.map((row) => ({
    run: numberIn(row, 'run_id'),
    epoch: numberIn(row, 'capture_epoch'),
    firstSec: numberIn(row, 'first_sec'),
    lastSec: numberIn(row, 'last_sec'),
    lastWindow: numberIn(row, 'last_window'),
    unknown: numberIn(row, 'unknown'),
    withoutRealm: numberIn(row, 'without_realm'),
    observed: numberIn(row, 'observed'),
  }));
}

export interface GatewaySnapshot {
  /** JSON, as the import wrote it. */
  readonly gateway: string;
  /** Second of the last packet in its captures, and of the latest one; null where none has a time. */
  readonly lastSec: number | null;
  readonly latestSec: number | null;
}

export async function readGatewaySnapshots(
  database: Database,
  runs: readonly number[],
): Promise<ReadonlyMap<number, GatewaySnapshot>> {
  const rows = await database.withConnection((connection) =>
    readRows(connection, STATEMENTS.readGatewaySnapshots, [JSON.stringify(runs)]),
  );
  return new Map(
    rows.map((row) => [
      numberIn(row, 'run_id'),
      {
        gateway: textIn(row, 'gateway'),
        lastSec: numberOrNull(row, 'last_sec'),
        latestSec: numberOrNull(row, 'latest_sec'),
      },
    ]),
  );
}

/** The gateway of a span was changed, at or before the instant. */
export interface SpanChange {
  readonly run: number;
  readonly epoch: number;
  readonly atNs: bigint;
  /** SNAT entries from then on, those that come first for a host first. */
  readonly entries: readonly { readonly base: number; readonly mask: number; readonly eips: readonly number[] }[];
}

/** Which sessions of a Logstore, at which instant. Times are nanoseconds since 1970, addresses IPv4 in host order. */
export interface LiveSessions {
  /** What `sealedEntries` gives. */
  readonly entries: string;
  readonly spans: readonly {
    readonly run: number;
    readonly epoch: number;
    readonly vlanAware: boolean;
    /** How long a port is held back after its session has ended, by protocol. */
    readonly holdNs: Readonly<Record<'tcp' | 'udp' | 'icmp', number>>;
    /** Length of a window, with which entries of live sessions end; null where they end with their last packet. */
    readonly edgeNs: number | null;
    /** Whether there are entries with an observed translation. */
    readonly observed: boolean;
  }[];
  readonly changes: readonly SpanChange[];
  readonly atNs: bigint;
  /** No session of the spans that is alive or whose port is held back at the instant had its last packet then or before. */
  readonly quietUntilNs: bigint;
  /** Null for any. */
  readonly host: number | null;
  readonly natAddress: number | null;
  readonly natPort: number | null;
}

function paramsOf(live: LiveSessions): DuckDBValue[] {
  const { spans, changes, atNs, quietUntilNs, host, natAddress, natPort } = live;
  const times = changes.map(({ run, epoch, atNs: changeNs }) => ({ run, epoch, atNs: String(changeNs) }));
  const rules = changes.flatMap(({ run, atNs: changeNs, entries }) =>
    entries.map((entry, index) => ({ run, atNs: String(changeNs), ...entry, rank: -index })),
  );
  const chosen = [atNs, quietUntilNs, host, natAddress, natPort];
  return [JSON.stringify(spans), ...chosen, JSON.stringify(times), JSON.stringify(rules)];
}

const PORT_HINTS: readonly ColumnHint[] = [null, null, 'ipv4', null, 'ipv4'];
const SESSION_HINTS: readonly ColumnHint[] = [
  ...[null, null, null, null],
  ...(['ipv4', null, 'ipv4', 'ipv4', null, 'ipv4'] as const),
];

/** @returns the ports of `NatTablePart`. @throws as `readStream` */
export function streamPorts(
  database: Database,
  live: LiveSessions,
  signal: AbortSignal,
): AsyncGenerator<ResultBatch, void, undefined> {
  const sql = NAT_TABLE_STATEMENTS.readPorts(live.entries);
  return readStream(database, sql, paramsOf(live), { signal, hints: PORT_HINTS });
}

/** @returns the sessions of `NatTablePart`. @throws as `readStream` */
export function streamSessions(
  database: Database,
  live: LiveSessions,
  signal: AbortSignal,
): AsyncGenerator<ResultBatch, void, undefined> {
  const sql = NAT_TABLE_STATEMENTS.readSessions(live.entries);
  return readStream(database, sql, paramsOf(live), { signal, hints: SESSION_HINTS });
}

/**
 * @returns how many sessions of the gateways are alive and not in the table, as another one has their port: which one they have, no
 * entry tells. @throws as `readStream`
 */
export async function countUnplaced(database: Database, live: LiveSessions, signal: AbortSignal): Promise<number> {
  let unplaced = 0;
  for await (const { columns } of readStream(
    database,
    NAT_TABLE_STATEMENTS.countUnplaced(live.entries),
    paramsOf(live),
    {
      signal,
    },
  )) {
    unplaced += Number(columns[0]?.data[0] ?? 0);
  }
  return unplaced;
}

/** @throws as `readStream` */
export async function readNatTotals(
  database: Database,
  live: LiveSessions,
  signal: AbortSignal,
): Promise<Omit<NatTableTotal, 'limit'>[]> {
  const totals: Omit<NatTableTotal, 'limit'>[] = [];
  const sql = NAT_TABLE_STATEMENTS.readTotals(live.entries);
  for await (const { rowCount, columns } of readStream(database, sql, paramsOf(live), { signal })) {
    for (let row = 0; row < rowCount; row++) {
      const [run, epoch, natIp, natEip, protocol, sessions, ports, held, destinations, busiestPorts] = columns.map(
        ({ data }) => Number(data[row]),
      ) as [number, number, number, number, number, number, number, number, number, number];
      totals.push({ run, epoch, natIp, natEip, protocol, sessions, ports, held, destinations, busiestPorts });
    }
  }
  return totals;
}
