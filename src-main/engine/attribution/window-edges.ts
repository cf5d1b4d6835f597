import { readEdgeRuns, type HoldingEntry } from '../../duckdb/attribution';
import type { Database } from '../../duckdb/database';
import { readGatewaySnapshots } from '../../duckdb/nat-table';
import { OTHER_TIMEOUTS_SEC } from '../../nat/configure-emulator';
import type { Gateway } from '../../nat/gateway';

const NANOS_IN_SEC = 1e9;
const NANOS_PER_SEC = 1_000_000_000n;
const ICMP = 1;
const TCP = 6;
const UDP = 17;

/** How entries of live sessions end with their windows. */
export interface WindowEdges {
  readonly windowNs: bigint;
  readonly timeouts: Gateway['timeouts'];
}

/** By run, of those with the time model `aliflow`. */
export type EdgesByRun = ReadonlyMap<number, WindowEdges>;

export async function readWindowEdges(database: Database, runs: readonly number[]): Promise<EdgesByRun> {
  const found = await readEdgeRuns(database, runs);
  if (found.length === 0) return new Map();
  const snapshots = await readGatewaySnapshots(database, found);
  return new Map(
    [...snapshots].map(([run, { gateway }]) => {
      const { windowSec, timeouts } = JSON.parse(gateway) as Gateway;
      return [run, { windowNs: nanosOf(windowSec), timeouts }];
    }),
  );
}

/** Whether the end of an entry is that of its window, which is half-open, and so the time of no packet. */
export function endsAtEdge({ windowStart, lastNs }: HoldingEntry, edges: WindowEdges | null): boolean {
  return edges !== null && windowStart !== null && lastNs === BigInt(windowStart) * NANOS_PER_SEC + edges.windowNs;
}

/**
 * Time of the last packet in an entry that ends with its window: its session was alive then, and would have died a time-out of its
 * state behind that packet. Where that may have been several states, or the capture has ended in the window, it is not known, and
 * the entry has packets until its end.
 */
export function lastPacketBefore(entry: HoldingEntry, { timeouts }: WindowEdges): bigint {
  const { firstNs, lastNs, mappingEndNs, packets } = entry;
  if (packets === 1) return firstNs;
  if (mappingEndNs === null || mappingEndNs === lastNs) return lastNs - 1n;
  const idle = new Set(timeoutsOf(entry.protocol, timeouts));
  const times = [...idle].map((sec) => mappingEndNs - nanosOf(sec)).filter((ns) => firstNs <= ns && ns < lastNs);
  return times.length === 1 ? times[0]! : lastNs - 1n;
}

/** Idle seconds of the states of a session that nobody has closed. */
function timeoutsOf(protocol: number, timeouts: Gateway['timeouts']): readonly number[] {
  if (protocol === UDP) return [timeouts.udp, timeouts.udpReplied];
  if (protocol === ICMP) return [timeouts.icmp];
  if (protocol !== TCP) return [...OTHER_TIMEOUTS_SEC, timeouts.udp, timeouts.udpReplied];
  const { tcpOpening, tcpSynReceived, tcpEstablished, tcpFinFromVpc, tcpFinFromPub } = timeouts;
  return [tcpOpening, tcpSynReceived, tcpEstablished, tcpFinFromVpc, tcpFinFromPub];
}

function nanosOf(sec: number): bigint {
  return BigInt(Math.round(sec * NANOS_IN_SEC));
}
