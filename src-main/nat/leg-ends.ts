import { PROTOCOL } from '../capture/packet-batch';
import { expectedNsec, MATCH_NSEC, timeOf, type LegClocks, type SurePair } from './leg-clocks';
import { LegIndex } from './leg-index';
import { nearAddressOf, WAY, type LegLog } from './leg-log';

/** Equal packets of one moment beyond this are not told apart. */
export const MAX_EQUAL = 256;
/** Datagrams may be equal by chance: an address that only they speak for needs as many of them. */
const MIN_DATAGRAMS = 2;

/** From where the packet was expected outside to where it was seen. */
export function distanceNsec(inside: LegLog, outside: LegLog, clocks: LegClocks, pair: SurePair): number {
  const expected = expectedNsec(clocks, timeOf(inside, pair.inside, clocks.baseSec), pair.way);
  return timeOf(outside, pair.outside, clocks.baseSec) - expected;
}

/** The addresses that translation exchanges. */
export interface LegEnds {
  readonly hosts: ReadonlySet<number>;
  readonly natAddresses: ReadonlySet<number>;
}

/** @param pairs that are beyond doubt */
export function speakingEnds(inside: LegLog, outside: LegLog, pairs: readonly SurePair[]): LegEnds {
  const votes = new Map<number, number>();
  for (const { inside: at, outside: other, way } of pairs) {
    const weight = inside.protocol[at] === PROTOCOL.tcp ? MIN_DATAGRAMS : 1;
    const address = nearAddressOf(outside, other, way);
    votes.set(address, (votes.get(address) ?? 0) + weight);
  }
  const natAddresses = new Set([...votes].filter(([, count]) => count >= MIN_DATAGRAMS).map(([address]) => address));
  const hosts = new Set<number>();
  for (const { inside: at, outside: other, way } of pairs) {
    if (natAddresses.has(nearAddressOf(outside, other, way))) hosts.add(nearAddressOf(inside, at, way));
  }
  return { hosts, natAddresses };
}

/** Hosts that only send what others send as well, but not at the same time, or with another identification that is kept. */
export function hostsOfMoments(
  inside: LegLog,
  outside: LegLog,
  clocks: LegClocks,
  { hosts, natAddresses }: LegEnds,
  keepsIds: boolean,
): Set<number> {
  const found = new Set<number>();
  const own = new LegIndex(inside, WAY.out, (at) => !natAddresses.has(inside.src[at]!));
  const others = new LegIndex(outside, WAY.out, (at) => natAddresses.has(outside.src[at]!));
  for (let at = 0; at < inside.length; at++) {
    const host = inside.src[at]!;
    if (hosts.has(host) || found.has(host) || natAddresses.has(host)) continue;
    const nsec = timeOf(inside, at, clocks.baseSec);
    const expected = expectedNsec(clocks, nsec, WAY.out);
    const isNear = (log: LegLog, other: number, from: number): boolean =>
      Math.abs(timeOf(log, other, clocks.baseSec) - from) <= 2 * MATCH_NSEC;
    const ipId = keepsIds ? inside.ipId[at]! : 0;
    const mayBe = (log: LegLog, other: number, from: number): boolean =>
      isNear(log, other, from) && (ipId === 0 || log.ipId[other] === ipId);
    const copies = others.matches(inside, at, MAX_EQUAL).filter((other) => mayBe(outside, other, expected));
    const equals = own.matches(inside, at, MAX_EQUAL).filter((other) => mayBe(inside, other, nsec));
    if (copies.length === 1 && equals.length === 1) found.add(host);
  }
  return found;
}
