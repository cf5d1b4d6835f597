import { PROTOCOL } from '../capture/packet-batch';
import { expectedNsec, timeOf } from './leg-clocks';
import { nearAddressOf, nearPortOf, WAY, type LegLog, type Way } from './leg-log';
import { sessionKey, wayBetween, type MatchedLegs } from './leg-matching';
import type { MappingBehaviour } from './nat-behaviour';

const TCP_SYN = 0x02;

/** What idle times of mappings say of a gateway's timer; seconds, null where there was no such case. */
export interface TimerEvidence {
  /** The timer is longer: the longest idle time after which a mapping had its port still. */
  readonly longestSurvivedSec: number | null;
  /** The timer is not longer: the shortest idle time after which there was another port. */
  readonly shortestChangedSec: number | null;
  /**
   * The longest idle time after which a mapping had its port, where that proves nothing: it is the private one, which the
   * gateway might have given anew.
   */
  readonly longestPreservedSec: number | null;
}

/** A packet that may keep a mapping alive. */
export interface PacketSeen {
  readonly nsec: number;
  readonly session: string;
  readonly way: Way;
  /** Null of a packet that was not found on both sides. */
  readonly natEnd: string | null;
  readonly isOpening: boolean;
  readonly isPreserved: boolean;
}

/** What a session's key says of the mapping that it uses. */
const KEY_OF: Readonly<Record<Exclude<MappingBehaviour, 'unknown'>, (session: string) => string>> = {
  'endpoint-independent': (session) => session.slice(0, session.lastIndexOf(' ')),
  'address-dependent': (session) => session.slice(0, session.lastIndexOf(':')),
  'address-and-port-dependent': (session) => session,
};

interface MappingUse {
  readonly natEnd: string;
  /** Of the last packet that kept it alive for sure. */
  readonly sureNsec: number;
}

/**
 * Measures the idle times of mappings of a protocol.
 *
 * A mapping has survived the time since anything that could have kept it alive: also packets that were seen on one side, as
 * far as it is known whose they are. It was lost within the time since a packet that kept it alive for sure: one that a host
 * sent, and that went through; what comes in need not (RFC 4787 REQ-6). A SYN proves nothing: it opens another session.
 *
 * What mappings depend on decides which packets use the same one. Where that is unknown, or an endpoint has two at once that
 * should be one, there is only what holds for all gateways: the packets of an endpoint may keep alive whatever it has, and
 * a session whose port has changed was without a mapping at some time since it was used last.
 *
 * @param seen in order of time
 */
export function timersOf(seen: readonly PacketSeen[], behaviour: MappingBehaviour): TimerEvidence {
  const endpointOf = KEY_OF['endpoint-independent'];
  const keyOf = KEY_OF[behaviour === 'unknown' ? 'address-and-port-dependent' : behaviour];
  const split = behaviour === 'unknown' ? null : splitMappings(seen, keyOf);
  const aliveNsec = new Map<string, number>();
  const uses = new Map<string, MappingUse>();
  let survived: number | null = null;
  let changed = Infinity;
  let preserved: number | null = null;
  for (const { nsec, session, way, natEnd, isOpening, isPreserved } of seen) {
    const key = keyOf(session);
    const isKnown = split?.has(key) === false;
    const alive = isKnown ? key : endpointOf(session);
    const mapping = isKnown ? key : session;
    const before = aliveNsec.get(alive);
    aliveNsec.set(alive, nsec);
    if (natEnd === null) {
      // The port of the session that it opens is not known.
      if (isOpening) uses.delete(mapping);
      continue;
    }
    const use = uses.get(mapping);
    const isSame = use?.natEnd === natEnd;
    if (use !== undefined && before !== undefined && !isOpening) {
      const idleSec = (nsec - before) / 1e9;
      if (!isSame) changed = Math.min(changed, (nsec - use.sureNsec) / 1e9);
      else if (way === WAY.in || !isPreserved) survived = Math.max(survived ?? 0, idleSec);
      else preserved = Math.max(preserved ?? 0, idleSec);
    }
    // Of a mapping that only packets from outside show, nothing is sure: no time is short enough.
    const sureNsec = way === WAY.out ? nsec : isSame ? use.sureNsec : -Infinity;
    uses.set(mapping, { natEnd, sureNsec });
  }
  const shortestChangedSec = changed === Infinity ? null : changed;
  return { longestSurvivedSec: survived, shortestChangedSec, longestPreservedSec: preserved };
}

/** @returns keys of what had one port, another, and the first one again: that is no single mapping */
function splitMappings(seen: readonly PacketSeen[], keyOf: (session: string) => string): Set<string> {
  const split = new Set<string>();
  const ends = new Map<string, { latest: string; all: Set<string> }>();
  for (const { session, natEnd } of seen) {
    const key = keyOf(session);
    // A session has one mapping at a time; a port that it has again was given anew.
    if (natEnd === null || key === session) continue;
    const known = ends.get(key);
    if (known === undefined) ends.set(key, { latest: natEnd, all: new Set([natEnd]) });
    else if (known.latest !== natEnd) {
      if (known.all.has(natEnd)) split.add(key);
      known.all.add(natEnd);
      known.latest = natEnd;
    }
  }
  return split;
}

/** @returns the packets of a protocol that use mappings, in order of time */
export function packetsSeen(inside: LegLog, outside: LegLog, matched: MatchedLegs, protocol: number): PacketSeen[] {
  const { clocks, hosts, packets, outsideOnly } = matched;
  const isSyn = (log: LegLog, at: number): boolean => protocol === PROTOCOL.tcp && (log.kind[at]! & TCP_SYN) !== 0;
  const isMatched = new Uint8Array(inside.length);
  const sessionsOf = new Map<string, Set<string>>();
  const note = (end: string, session: string): void => {
    const known = sessionsOf.get(end);
    if (known === undefined) sessionsOf.set(end, new Set([session]));
    else known.add(session);
  };
  const seen: PacketSeen[] = [];
  for (const { inside: at, outside: other, way } of packets) {
    if (inside.protocol[at] !== protocol) continue;
    isMatched[at] = 1;
    const session = sessionKey(inside, at, way);
    const natEnd = natEndOf(outside, other, way);
    note(sessionKey(outside, other, way), session);
    note(natEnd, session);
    const isPreserved = nearPortOf(outside, other, way) === nearPortOf(inside, at, way);
    const nsec = timeOf(inside, at, clocks.baseSec);
    seen.push({ nsec, session, way, natEnd, isOpening: isSyn(inside, at), isPreserved });
  }
  // Also those that could be the copy of several, and those from when the other capture did not run.
  for (let at = 0; at < inside.length; at++) {
    if (inside.protocol[at] !== protocol || isMatched[at] === 1) continue;
    const way = wayBetween(hosts, inside.src[at]!, inside.dst[at]!);
    if (way === null) continue;
    const nsec = timeOf(inside, at, clocks.baseSec);
    const session = sessionKey(inside, at, way);
    seen.push({ nsec, session, way, natEnd: null, isOpening: isSyn(inside, at), isPreserved: false });
  }
  for (const { at, way } of outsideOnly) {
    if (outside.protocol[at] !== protocol) continue;
    // Where its session was never seen inside, it may keep alive all that has its port.
    const sessions = sessionsOf.get(sessionKey(outside, at, way)) ?? sessionsOf.get(natEndOf(outside, at, way)) ?? [];
    const nsec = timeOf(outside, at, clocks.baseSec) - expectedNsec(clocks, 0, way);
    const isOpening = isSyn(outside, at);
    for (const session of sessions) seen.push({ nsec, session, way, natEnd: null, isOpening, isPreserved: false });
  }
  return seen.sort((a, b) => a.nsec - b.nsec);
}

function natEndOf(outside: LegLog, at: number, way: Way): string {
  return `${nearAddressOf(outside, at, way)}:${nearPortOf(outside, at, way)}`;
}
