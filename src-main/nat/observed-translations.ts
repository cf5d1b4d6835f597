import { PROTOCOL } from '../capture/packet-batch';
import { timeOf } from './leg-clocks';
import { farAddress, farPort, nearAddressOf, nearPortOf, type LegLog } from './leg-log';
import { sessionKey, type MatchedLegs } from './leg-matching';

/** Pairs without a doubt that make a translation of datagrams as sure as one of TCP, whose sequence numbers none can guess. */
const MANY_PAIRS = 3;

/** What a gateway was seen to do to a session for a while. Addresses are in host order; of ICMP the ports are identifiers. */
export interface ObservedTranslation {
  readonly protocol: number;
  readonly priIp: number;
  readonly priPort: number;
  readonly pubIp: number;
  readonly pubPort: number;
  readonly natIp: number;
  readonly natPort: number;
  /** Of the first and the last packet inside: nanoseconds since `baseSec` of the clocks. */
  readonly firstNsec: number;
  lastNsec: number;
  /** Packets that were found on both sides, and those of them that only their session told apart from others. */
  pairs: number;
  ambiguous: number;
}

/** high: sequence numbers of TCP, or three datagrams that nothing else is like. medium: fewer. low: only by its session. */
export function confidenceOf({ protocol, pairs, ambiguous }: ObservedTranslation): 'high' | 'medium' | 'low' {
  const sure = pairs - ambiguous;
  if (sure === 0) return 'low';
  return protocol === PROTOCOL.tcp || sure >= MANY_PAIRS ? 'high' : 'medium';
}

/**
 * The translations that matched packets show, in order of their first one: a session has another when its endpoint at the
 * gateway changes.
 *
 * Two that contradict each other, as no gateway translates two hosts to one endpoint towards one destination at a time, are
 * not both kept: the one that fewer packets speak for is left out.
 */
export function observedTranslations(
  inside: LegLog,
  outside: LegLog,
  { packets, clocks }: MatchedLegs,
): { readonly translations: readonly ObservedTranslation[]; readonly contradicted: number } {
  const latest = new Map<string, ObservedTranslation>();
  const all: ObservedTranslation[] = [];
  for (const { inside: at, outside: other, way, isAmbiguous } of packets) {
    const key = sessionKey(inside, at, way);
    const natIp = nearAddressOf(outside, other, way);
    const natPort = nearPortOf(outside, other, way);
    const nsec = timeOf(inside, at, clocks.baseSec);
    let translation = latest.get(key);
    if (translation?.natIp !== natIp || translation.natPort !== natPort) {
      translation = {
        protocol: inside.protocol[at]!,
        ...{ priIp: nearAddressOf(inside, at, way), priPort: nearPortOf(inside, at, way) },
        ...{ pubIp: farAddress(inside, at, way), pubPort: farPort(inside, at, way) },
        ...{ natIp, natPort, firstNsec: nsec, lastNsec: nsec, pairs: 0, ambiguous: 0 },
      };
      latest.set(key, translation);
      all.push(translation);
    }
    translation.lastNsec = Math.max(translation.lastNsec, nsec);
    translation.pairs++;
    if (isAmbiguous) translation.ambiguous++;
  }
  const translations = withoutContradictions(all);
  return { translations, contradicted: all.length - translations.length };
}

function withoutContradictions(all: readonly ObservedTranslation[]): ObservedTranslation[] {
  const byNatEnd = new Map<string, ObservedTranslation[]>();
  for (const each of all) {
    const key = `${each.protocol} ${each.natIp}:${each.natPort} ${each.pubIp}:${each.pubPort}`;
    const same = byNatEnd.get(key) ?? [];
    same.push(each);
    byNatEnd.set(key, same);
  }
  const dropped = new Set<ObservedTranslation>();
  for (const same of byNatEnd.values()) {
    const strongest = same.toSorted((a, b) => sureOf(b) - sureOf(a) || a.firstNsec - b.firstNsec);
    const kept: ObservedTranslation[] = [];
    for (const each of strongest) {
      if (kept.some((other) => isOther(each, other) && isAtOnce(each, other))) dropped.add(each);
      else kept.push(each);
    }
  }
  return all.filter((each) => !dropped.has(each));
}

function sureOf({ pairs, ambiguous }: ObservedTranslation): number {
  return pairs - ambiguous;
}

function isOther(one: ObservedTranslation, other: ObservedTranslation): boolean {
  return one.priIp !== other.priIp || one.priPort !== other.priPort;
}

export function isAtOnce(one: ObservedTranslation, other: ObservedTranslation): boolean {
  return one.firstNsec <= other.lastNsec && other.firstNsec <= one.lastNsec;
}
