import type { EndReason } from '../../contract/log-entry';
import { sessionText, type HoldingEntry, type SessionId } from '../../duckdb/attribution';
import type { HeldTuple } from '../../duckdb/attribution-statements';

const NANOS_PER_SEC = 1_000_000_000n;

/** A session that had an endpoint, by its entries. Times are nanoseconds since 1970. */
export interface HeldSession extends SessionId {
  /** One at least, in order. */
  readonly entries: readonly HoldingEntry[];
  readonly last: HoldingEntry;
  readonly fromNs: bigint;
  /** When the port was free again, exclusive; null where that was not kept. */
  readonly untilNs: bigint | null;
  /** Why it was. */
  readonly endReason: EndReason;
}

/** How a session is to an instant. */
export interface Hold {
  readonly session: HeldSession;
  /** Nanoseconds from the instant to the nearest one at which the session had the endpoint; 0 where it had it. */
  readonly distanceNs: bigint;
  /** The instant is between the packets of one entry. */
  readonly isActive: boolean;
  /** With the last packet at or before the instant, and with the first one after it; one alone where both are the same. */
  readonly entries: readonly HoldingEntry[];
}

/** @param entries by session and in order */
export function sessionsOf(entries: readonly HoldingEntry[]): HeldSession[] {
  const bySession = new Map<string, HoldingEntry[]>();
  for (const entry of entries) {
    const key = sessionText(entry);
    const own = bySession.get(key);
    if (own === undefined) bySession.set(key, [entry]);
    else own.push(entry);
  }
  return [...bySession.values()].map((own) => {
    const first = own[0]!;
    const last = own[own.length - 1]!;
    return {
      ...{ run: first.run, session: first.session, entries: own, last },
      fromNs: own.reduce((least, { firstNs }) => (firstNs < least ? firstNs : least), first.firstNs),
      untilNs: last.mappingEndNs,
      endReason: last.endReason,
    };
  });
}

/** @returns what the gateway knows the session by; null where that was not kept whole */
export function tupleOf({ run, session, entries }: HeldSession): HeldTuple | null {
  const { epoch, protocol, priIp, priPort, pubIp, pubPort, natIp, natPort, realm, mappingEndNs } = entries[0]!;
  if (pubIp === null || pubPort === null || mappingEndNs === null) return null;
  const inner = { ip: priIp ?? natIp, port: priPort ?? natPort };
  return { run, session, epoch, protocol, ...inner, toIp: pubIp, toPort: pubPort, realm: realm ?? 0 };
}

/** A log that was loaded tells of the last packet its second. */
function lastInstantOf({ lastNs, mappingEndNs, firstPacket }: HoldingEntry): bigint {
  return mappingEndNs === null && firstPacket === null ? lastNs + NANOS_PER_SEC - 1n : lastNs;
}

/** @returns how the session is to the instant */
export function holdAt(session: HeldSession, atNs: bigint): Hold {
  const { entries, last, fromNs, untilNs } = session;
  const lastNs = untilNs === null ? lastInstantOf(last) : untilNs - 1n;
  const before = entries.findLast(({ firstNs }) => firstNs <= atNs);
  const after = entries.find(({ firstNs }) => firstNs > atNs);
  const isActive = before !== undefined && atNs <= lastInstantOf(before);
  const distanceNs = atNs < fromNs ? fromNs - atNs : atNs > lastNs ? atNs - lastNs : 0n;
  const near = isActive ? [before] : [before, after].filter((entry) => entry !== undefined);
  return { session, distanceNs, isActive, entries: near };
}

/** The likeliest first: who had it at the instant, and had packets around it, and the more packets. */
export function byLikelihood(one: Hold, other: Hold): number {
  if (one.distanceNs !== other.distanceNs) return one.distanceNs < other.distanceNs ? -1 : 1;
  if (one.isActive !== other.isActive) return one.isActive ? -1 : 1;
  const packets = ({ entries }: Hold): number => entries.reduce((sum, entry) => sum + entry.packets, 0);
  return (
    packets(other) - packets(one) || one.session.run - other.session.run || one.session.session - other.session.session
  );
}
