import { WAY, type LegLog } from './leg-log';
import { matchLegs, type OneSided } from './leg-matching';
import type { LegClocks } from './leg-clocks';
import {
  mappingOf,
  poolOf,
  portsOf,
  PROTOCOLS,
  type MappingEvidence,
  type PoolEvidence,
  type PortEvidence,
} from './nat-behaviour';
import { packetsSeen, timersOf, type TimerEvidence } from './nat-timers';
import { observedTranslations, type ObservedTranslation } from './observed-translations';

/** What was seen of one protocol. */
export interface ProtocolFingerprint {
  readonly protocol: number;
  readonly mapping: MappingEvidence;
  readonly ports: PortEvidence;
  readonly timers: TimerEvidence;
}

/** Packets that pass the gateway, by where they were seen. */
export interface WayCounts {
  readonly both: number;
  readonly insideOnly: number;
  readonly outsideOnly: number;
}

/** What two captures of the same traffic, one on each side of a gateway, show of it. */
export interface NatFingerprint {
  readonly translations: readonly ObservedTranslation[];
  /** Of the protocols that have translations. */
  readonly protocols: readonly ProtocolFingerprint[];
  readonly pool: PoolEvidence;
  readonly outbound: WayCounts;
  readonly inbound: WayCounts;
  readonly clocks: LegClocks;
  /** The gateway leaves identifications as they are. */
  readonly keepsIds: boolean;
  readonly hosts: number;
  /** Packets that may be the copy of several, and translations that others contradict: left out. */
  readonly ambiguous: number;
  readonly contradicted: number;
  readonly untranslated: number;
  readonly notOverlapping: number;
}

/**
 * Measures a gateway by what its two sides show. What cannot be told for sure is left out and counted.
 *
 * @returns null when nothing in the two captures is, beyond doubt, the same packet with another address
 * @see nat-gateway reference §3, the note on both-side captures; RFC 4787 §4 to §6
 */
export function fingerprintNat(inside: LegLog, outside: LegLog): NatFingerprint | null {
  const matched = matchLegs(inside, outside);
  if (matched === null) return null;
  const { translations, contradicted } = observedTranslations(inside, outside, matched);
  const protocols = PROTOCOLS.flatMap((protocol): ProtocolFingerprint[] => {
    const own = translations.filter((each) => each.protocol === protocol);
    if (own.length === 0) return [];
    const seen = packetsSeen(inside, outside, matched, protocol);
    const mapping = mappingOf(own, timersOf(seen, 'unknown'));
    return [{ protocol, mapping, ports: portsOf(own), timers: timersOf(seen, mapping.certain) }];
  });
  const countsOf = (way: number): WayCounts => {
    const count = (packets: readonly Pick<OneSided, 'way'>[]): number =>
      packets.filter((packet) => packet.way === way).length;
    return {
      both: count(matched.packets),
      insideOnly: count(matched.insideOnly),
      outsideOnly: count(matched.outsideOnly),
    };
  };
  return {
    translations,
    protocols,
    pool: poolOf(translations),
    outbound: countsOf(WAY.out),
    inbound: countsOf(WAY.in),
    clocks: matched.clocks,
    keepsIds: matched.keepsIds,
    hosts: matched.hosts.size,
    ambiguous: matched.ambiguous,
    contradicted,
    untranslated: matched.untranslated,
    notOverlapping: matched.notOverlapping,
  };
}
