import type { EndReason } from '../../contract/log-entry';
import { sessionText, type HoldingEntry, type SessionId } from '../../duckdb/attribution';
import type { HeldTuple } from '../../duckdb/attribution-statements';
import { endsAtEdge, lastPacketBefore, type EdgesByRun, type WindowEdges } from './window-edges';

const NANOS_PER_SEC = 1_000_000_000n;

/** A session that had an endpoint, by its entries. Times are nanoseconds since 1970. */
export interface HeldSession extends SessionId {
  /** One at least, in order. */
  readonly entries: readonly HoldingEntry[];
  readonly last: HoldingEntry;
  /** Null where entries end with their last packets. */
  readonly edges: WindowEdges | null;
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
export function sessionsOf(entries: readonly HoldingEntry[], edges: EdgesByRun): HeldSession[] {
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
      edges: edges.get(first.run) ?? null,
      fromNs: own.reduce((least, { firstNs }) => (firstNs < least ? firstNs : least), first.firstNs),
      untilNs: last.mappingEndNs,
      endReason: last.endReason,
    };
  });
}

/** @returns what the gateway knows the session by; null where that was not kept whole */
export function tupleOf({ run, session, entries, last }: HeldSession): HeldTuple | null {
  const { epoch, protocol, priIp, priPort, pubIp, pubPort, natIp, natPort, realm, mappingEndNs } = entries[0]!;
  if (pubIp === null || pubPort === null || mappingEndNs === null) return null;
  const inner = { ip: priIp ?? natIp, port: priPort ?? natPort };
  const outer = { toIp: pubIp, toPort: pubPort, natIp, natPort };
  const { lastNs, windowStart } = last;
  return {
    run,
    session,
    epoch,
    protocol,
    ...inner,
    ...outer,
    realm: realm ?? 0,
    lastNs,
    windowStart: windowStart ?? 0,
  };
}

/** A session that is known to have lost its endpoint. */
type EndedSession = HeldSession & { readonly untilNs: bigint };

/**
 * An entry has the endpoint that its session had last. One whose endpoint was given away, or seen with it, within a window had
 * another one as long as some other session had that, towards the same destination.
 */
export function withoutOverlaps(sessions: readonly HeldSession[]): readonly HeldSession[] {
  const fromOf = new Map<HeldSession, bigint>();
  for (const rivals of rivalsAmong(sessions))
    for (const [place, session] of rivals.entries()) fromOf.set(session, lastLossBefore(place, rivals));
  return sessions.map((session) => ({ ...session, fromNs: fromOf.get(session) ?? session.fromNs }));
}

/** @returns those that had the endpoint towards one destination by their entries, in the order in which they lost it */
function rivalsAmong(sessions: readonly HeldSession[]): Iterable<EndedSession[]> {
  const byDestination = new Map<string, EndedSession[]>();
  for (const session of sessions) {
    const { run, epoch, protocol, pubIp, pubPort } = session.last;
    if (pubIp === null || !hasEnded(session)) continue;
    const key = `${run} ${epoch} ${protocol} ${pubIp} ${pubPort}`;
    const rivals = byDestination.get(key);
    if (rivals === undefined) byDestination.set(key, [session]);
    else rivals.push(session);
  }
  for (const rivals of byDestination.values())
    rivals.sort((one, other) => (one.untilNs < other.untilNs ? -1 : one.untilNs > other.untilNs ? 1 : 0));
  return byDestination.values();
}

function hasEnded(session: HeldSession): session is EndedSession {
  return session.untilNs !== null;
}

/**
 * @param rivals in the order in which they lost the endpoint, so that the nearest one before is the last that counts
 * @returns when the last of those lost it that had it before the session and while that was open; else when the session began
 */
function lastLossBefore(place: number, rivals: readonly EndedSession[]): bigint {
  const { entries, fromNs, untilNs } = rivals[place]!;
  for (let at = place - 1; at >= 0; at--) {
    const before = rivals[at]!;
    if (before.untilNs <= fromNs) break;
    // It may also have lost it, and got it again.
    const hadItBefore = before.fromNs < before.untilNs && before.fromNs <= entries[0]!.lastNs;
    if (hadItBefore && before.untilNs < untilNs) return before.untilNs;
  }
  return fromNs;
}

/** A log that was loaded tells of the last packet its second. */
function lastInstantOf(entry: HoldingEntry, edges: WindowEdges | null): bigint {
  const { lastNs, mappingEndNs, firstPacket } = entry;
  if (edges !== null && endsAtEdge(entry, edges)) return lastPacketBefore(entry, edges);
  return mappingEndNs === null && firstPacket === null ? lastNs + NANOS_PER_SEC - 1n : lastNs;
}

/** @returns how the session is to the instant */
export function holdAt(session: HeldSession, atNs: bigint): Hold {
  const { entries, last, edges, fromNs, untilNs } = session;
  const lastNs = untilNs === null ? lastInstantOf(last, edges) : untilNs - 1n;
  const before = entries.findLast(({ firstNs }) => firstNs <= atNs);
  const after = entries.find(({ firstNs }) => firstNs > atNs);
  const isActive = before !== undefined && atNs <= lastInstantOf(before, edges);
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
