import { PROTOCOL } from '../capture/packet-batch';
import type { TimerEvidence } from './nat-timers';
import type { ObservedTranslation } from './observed-translations';

/** Translations of one endpoint are compared while no timer can have passed between them, as far as timers are this long. */
const TOGETHER_NSEC = 30e9;
/** Share of cases against a behaviour that a clash of ports may explain. */
const EXCEPTIONS = 0.05;
/** Changed ports that are needed before their order says anything. */
const MIN_PORTS = 10;
/** Steps between ports that are given one after the other. */
const SMALL_STEP = 4;

/** @see RFC 4787 §4.1 */
export type MappingBehaviour = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent' | 'unknown';

/** Cases in which one private endpoint spoke to two destinations at about the same time. */
export interface MappingEvidence {
  readonly behaviour: MappingBehaviour;
  /**
   * The same, where it does not rest on how long timers are, nor on ports that a gateway which keeps them gives to each
   * session anyway; else unknown.
   */
  readonly certain: MappingBehaviour;
  /** Private endpoints with two destinations or more. */
  readonly endpoints: number;
  readonly otherAddress: { same: number; different: number };
  readonly otherPort: { same: number; different: number };
  /** Of the cases with the same port outside: those where it is the private one, which a gateway that keeps ports gives anyway. */
  readonly samePreserved: number;
}

/** How ports were chosen. */
export interface PortEvidence {
  readonly translations: number;
  /** Translations whose port is the private one, and those whose port is even or odd as that is. */
  readonly preserved: number;
  readonly parityKept: number;
  /** Of those whose port was changed. */
  readonly changed: number;
  readonly changedParityKept: number;
  /** Of all ports at the gateway, and of those that were changed; null without any. */
  readonly range: readonly [least: number, most: number] | null;
  readonly changedRange: readonly [least: number, most: number] | null;
  /** Of the ports that were changed, as they came. */
  readonly order: 'sequential' | 'random' | 'unknown';
}

/** @see RFC 4787 §4.1 for "paired" and "arbitrary" */
export interface PoolEvidence {
  readonly behaviour: 'single' | 'paired' | 'arbitrary' | 'unknown';
  /** Translations by address of the gateway, the most first. */
  readonly addresses: readonly { readonly address: number; readonly translations: number }[];
  /** Hosts with two translations or more that had one address, and those that had several. */
  readonly hostsWithOne: number;
  readonly hostsWithSeveral: number;
}

export const PROTOCOLS = [PROTOCOL.tcp, PROTOCOL.udp, PROTOCOL.icmp] as const;

/**
 * @param translations of one protocol, in order of their first packet
 * @param timers what holds of the timer whatever mappings depend on
 */
export function mappingOf(translations: readonly ObservedTranslation[], timers: TimerEvidence): MappingEvidence {
  const byEndpoint = groupBy(translations, ({ priIp, priPort }) => `${priIp}:${priPort}`);
  const { longestSurvivedSec: survived, shortestChangedSec: changed } = timers;
  const aliveNsec = (survived ?? 0) * 1e9;
  const areTimersLong = changed === null || changed * 1e9 > TOGETHER_NSEC;
  const otherAddress = { same: 0, different: 0 };
  const otherPort = { same: 0, different: 0 };
  let endpoints = 0;
  let samePreserved = 0;
  let isAddressSure = false;
  let isPortSure = false;
  for (const ofEndpoint of byEndpoint.values()) {
    let hasTwo = false;
    for (const [one, before] of comparable(ofEndpoint)) {
      const isSame = one.natIp === before.natIp && one.natPort === before.natPort;
      const isSure = isSame || one.firstNsec - before.lastNsec <= aliveNsec;
      if (!isSure && !areTimersLong) continue;
      hasTwo = true;
      const isOtherPort = one.pubIp === before.pubIp;
      (isOtherPort ? otherPort : otherAddress)[isSame ? 'same' : 'different']++;
      if (isSame && one.natPort === one.priPort) samePreserved++;
      if (isSame || !isSure) continue;
      if (isOtherPort) isPortSure = true;
      else isAddressSure = true;
    }
    if (hasTwo) endpoints++;
  }
  const behaviour = behaviourOf(otherAddress, otherPort);
  const isShared = otherAddress.same + otherPort.same > samePreserved;
  const isCertain = {
    'endpoint-independent': isShared,
    'address-dependent': isShared && isAddressSure,
    'address-and-port-dependent': isPortSure,
    unknown: false,
  }[behaviour];
  const certain = isCertain ? behaviour : 'unknown';
  return { behaviour, certain, endpoints, otherAddress, otherPort, samePreserved };
}

/** @returns translations of an endpoint, each with the latest one before to another destination at about the same time */
function* comparable(
  ofEndpoint: readonly ObservedTranslation[],
): Generator<readonly [one: ObservedTranslation, before: ObservedTranslation]> {
  // The last packet of a translation or of any before it: further back there is none at the time.
  const lastNsec = new Float64Array(ofEndpoint.length);
  for (const [index, one] of ofEndpoint.entries()) {
    lastNsec[index] = Math.max(one.lastNsec, index === 0 ? -Infinity : lastNsec[index - 1]!);
    for (let at = index - 1; at >= 0 && one.firstNsec - lastNsec[at]! <= TOGETHER_NSEC; at--) {
      const before = ofEndpoint[at]!;
      if (!isOtherDestination(before, one) || one.firstNsec - before.lastNsec > TOGETHER_NSEC) continue;
      yield [one, before];
      break;
    }
  }
}

interface Cases {
  readonly same: number;
  readonly different: number;
}

function behaviourOf(otherAddress: Cases, otherPort: Cases): MappingBehaviour {
  const byAddress = verdictOf(otherAddress);
  const byPort = verdictOf(otherPort);
  if (byAddress === 'same' && byPort !== 'different') return 'endpoint-independent';
  if (byAddress === 'different' && byPort === 'same') return 'address-dependent';
  // What depends on the port of one address depends on all of the destination.
  return byPort === 'different' && byAddress !== 'same' ? 'address-and-port-dependent' : 'unknown';
}

function verdictOf({ same, different }: Cases): 'same' | 'different' | null {
  const cases = same + different;
  if (cases === 0) return null;
  if (different <= cases * EXCEPTIONS) return 'same';
  return same <= cases * EXCEPTIONS ? 'different' : null;
}

function isOtherDestination(one: ObservedTranslation, other: ObservedTranslation): boolean {
  return one.pubIp !== other.pubIp || one.pubPort !== other.pubPort;
}

/** @param translations of one protocol, in order of their first packet */
export function portsOf(translations: readonly ObservedTranslation[]): PortEvidence {
  const changed = translations.filter(({ priPort, natPort }) => priPort !== natPort);
  const hasParity = ({ priPort, natPort }: ObservedTranslation): boolean => priPort % 2 === natPort % 2;
  return {
    translations: translations.length,
    preserved: translations.length - changed.length,
    parityKept: translations.filter(hasParity).length,
    changed: changed.length,
    changedParityKept: changed.filter(hasParity).length,
    range: rangeOf(translations),
    changedRange: rangeOf(changed),
    order: orderOf(changed),
  };
}

function rangeOf(translations: readonly ObservedTranslation[]): readonly [number, number] | null {
  if (translations.length === 0) return null;
  return translations.reduce<[number, number]>(
    ([least, most], { natPort }) => [Math.min(least, natPort), Math.max(most, natPort)],
    [Infinity, -Infinity],
  );
}

function orderOf(changed: readonly ObservedTranslation[]): PortEvidence['order'] {
  let steps = 0;
  let small = 0;
  for (const ofAddress of groupBy(changed, ({ natIp }) => String(natIp)).values()) {
    for (const [index, { natPort }] of ofAddress.entries()) {
      const before = ofAddress[index - 1];
      // The same port again, for another destination, says nothing of the next one.
      if (before === undefined || before.natPort === natPort) continue;
      steps++;
      if (natPort > before.natPort && natPort - before.natPort <= SMALL_STEP) small++;
    }
  }
  if (steps < MIN_PORTS) return 'unknown';
  if (small >= steps * 0.8) return 'sequential';
  return small <= steps * 0.2 ? 'random' : 'unknown';
}

/** @param translations of all protocols */
export function poolOf(translations: readonly ObservedTranslation[]): PoolEvidence {
  const addresses = [...groupBy(translations, ({ natIp }) => natIp)]
    .map(([address, each]) => ({ address, translations: each.length }))
    .sort((a, b) => b.translations - a.translations || a.address - b.address);
  const hosts = [...groupBy(translations, ({ priIp }) => priIp).values()].filter(({ length }) => length > 1);
  const hostsWithSeveral = hosts.filter((ofHost) => new Set(ofHost.map(({ natIp }) => natIp)).size > 1).length;
  const counts = { hostsWithOne: hosts.length - hostsWithSeveral, hostsWithSeveral };
  const behaviour = addresses.length === 1 ? 'single' : hostsWithSeveral > 0 ? 'arbitrary' : 'paired';
  return {
    behaviour: addresses.length === 0 || (behaviour === 'paired' && hosts.length < 2) ? 'unknown' : behaviour,
    addresses,
    ...counts,
  };
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
