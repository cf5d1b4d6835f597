import { PROTOCOL } from '../capture/packet-batch';
import { expectedNsec, timeOf } from './leg-clocks';
import { nearAddressOf, nearPortOf, WAY, type LegLog, type Way } from './leg-log';
import { sessionKey, type MatchedLegs } from './leg-matching';

const TCP_SYN = 0x02;

/** What idle times of sessions say of a gateway's timer; seconds, null where there was no such case. */
export interface TimerEvidence {
  /** The timer is longer: the longest idle time after which a session had its port still. */
  readonly longestSurvivedSec: number | null;
  /** The timer is not longer: the shortest idle time after which a session had another port. */
  readonly shortestChangedSec: number | null;
  /**
   * The longest idle time after which a session had its port, where that proves nothing: it is the private one, which the
   * gateway might have given anew.
   */
  readonly longestPreservedSec: number | null;
}

interface PacketSeen {
  readonly nsec: number;
  readonly key: string;
  readonly way: Way;
  /** Null of a packet that only refreshes the session. */
  readonly natEnd: string | null;
  readonly isOpening: boolean;
  readonly isPreserved: boolean;
}

/**
 * Measures the idle times of sessions of a protocol. Packets that were seen on one side end an idle time too, as far as it
 * is known whose they are. A SYN proves nothing: it opens another session.
 *
 * @param byEndpoint a mapping is kept alive by all sessions of its private endpoint
 */
export function timersOf(
  inside: LegLog,
  outside: LegLog,
  matched: MatchedLegs,
  protocol: number,
  byEndpoint: boolean,
): TimerEvidence {
  const seen = packetsSeen(inside, outside, matched, protocol).sort((a, b) => a.nsec - b.nsec);
  const lastNsec = new Map<string, number>();
  const natEnds = new Map<string, string>();
  let survived: number | null = null;
  let changed: number | null = null;
  let preserved: number | null = null;
  for (const { nsec, key, way, natEnd, isOpening, isPreserved } of seen) {
    const alive = byEndpoint ? endpointOf(key) : key;
    const before = lastNsec.get(alive);
    lastNsec.set(alive, nsec);
    const hadEnd = natEnds.get(key);
    if (natEnd === null) continue;
    natEnds.set(key, natEnd);
    if (before === undefined || hadEnd === undefined || isOpening) continue;
    const idleSec = (nsec - before) / 1e9;
    if (hadEnd !== natEnd) changed = Math.min(changed ?? Infinity, idleSec);
    else if (way === WAY.in || !isPreserved) survived = Math.max(survived ?? 0, idleSec);
    else preserved = Math.max(preserved ?? 0, idleSec);
  }
  return { longestSurvivedSec: survived, shortestChangedSec: changed, longestPreservedSec: preserved };
}

function packetsSeen(inside: LegLog, outside: LegLog, matched: MatchedLegs, protocol: number): PacketSeen[] {
  const { clocks, packets, insideOnly, outsideOnly } = matched;
  const sessionOf = new Map<string, string>();
  const seen: PacketSeen[] = [];
  for (const { inside: at, outside: other, way } of packets) {
    if (inside.protocol[at] !== protocol) continue;
    const key = sessionKey(inside, at, way);
    const natPort = nearPortOf(outside, other, way);
    sessionOf.set(sessionKey(outside, other, way), key);
    seen.push({
      ...{ nsec: timeOf(inside, at, clocks.baseSec), key, way },
      natEnd: `${nearAddressOf(outside, other, way)}:${natPort}`,
      isOpening: protocol === PROTOCOL.tcp && (inside.kind[at]! & TCP_SYN) !== 0,
      isPreserved: natPort === nearPortOf(inside, at, way),
    });
  }
  const refresh = { natEnd: null, isOpening: false, isPreserved: false };
  for (const { at, way } of insideOnly) {
    if (inside.protocol[at] !== protocol) continue;
    seen.push({ ...refresh, nsec: timeOf(inside, at, clocks.baseSec), key: sessionKey(inside, at, way), way });
  }
  for (const { at, way } of outsideOnly) {
    const key = sessionOf.get(sessionKey(outside, at, way));
    if (outside.protocol[at] !== protocol || key === undefined) continue;
    const nsec = timeOf(outside, at, clocks.baseSec) - expectedNsec(clocks, 0, way);
    seen.push({ ...refresh, nsec, key, way });
  }
  return seen;
}

/** Protocol and private endpoint of a session's key. */
function endpointOf(key: string): string {
  return key.slice(0, key.lastIndexOf(' '));
}
