import { CaptureStream } from '../capture/capture-stream';
import { PacketBatch, PROTOCOL } from '../capture/packet-batch';
import { AppError } from '../contract/errors';
import { DEFAULT_MAX_EXPANSION } from '../contract/imports';
import type { UnreadableRange } from '../contract/ledger';
import { formatIpv4 } from '../nat/address-text';
import { fingerprintNat, type NatFingerprint, type ProtocolFingerprint, type WayCounts } from '../nat/fingerprint';
import { alikePackets } from '../nat/leg-grounds';
import { LegLog } from '../nat/leg-log';
import { confidenceOf, type ObservedTranslation } from '../nat/observed-translations';
import type { MappingBehaviour, PoolEvidence, PortEvidence } from '../nat/nat-behaviour';
import { areSwapped } from '../nat/swapped-captures';
import { newDecoder } from './decoder-module';
import { counted } from './notice-text';
import { openFileSource } from './file-source';
import { isPipe, pipeSource } from './pipe-source';
import { formatTime } from './time-text';
import { UnpackedSource } from './unpack/unpacked-source';

export type ProtocolName = 'tcp' | 'udp' | 'icmp';
const NAMES: Readonly<Record<number, ProtocolName>> = {
  [PROTOCOL.tcp]: 'tcp',
  [PROTOCOL.udp]: 'udp',
  [PROTOCOL.icmp]: 'icmp',
};

/** A translation as it is printed; of ICMP the ports are identifiers, and the public one is 0. */
export interface TranslationRow {
  readonly protocol: number;
  readonly pri_ip: string;
  readonly pri_port: number;
  readonly pub_ip: string;
  readonly pub_port: number;
  readonly nat_ip: string;
  readonly nat_port: number;
  /** Epoch seconds by the clock inside. */
  readonly first: string;
  readonly last: string;
  /** Packets that were found on both sides, and those of them that only their session told apart. */
  readonly packets: number;
  readonly ambiguous_packets: number;
  readonly confidence: 'high' | 'medium' | 'low';
}

type ByProtocol<T> = Readonly<Partial<Record<ProtocolName, T>>>;

export interface FingerprintReport {
  /** In order of their first packet. */
  readonly translations: readonly TranslationRow[];
  readonly mapping: ByProtocol<{
    readonly behaviour: MappingBehaviour;
    readonly endpoints: number;
    readonly other_address: { readonly same: number; readonly different: number };
    readonly other_port: { readonly same: number; readonly different: number };
    readonly same_preserved: number;
  }>;
  readonly ports: ByProtocol<{
    readonly translations: number;
    readonly preserved: number;
    readonly preservation_rate: number;
    readonly parity_rate: number;
    readonly changed: number;
    readonly changed_parity_rate: number | null;
    readonly range: readonly [number, number] | null;
    readonly changed_range: readonly [number, number] | null;
    readonly order: PortEvidence['order'];
  }>;
  readonly pool: {
    readonly behaviour: PoolEvidence['behaviour'];
    readonly addresses: readonly { readonly ip: string; readonly translations: number }[];
    readonly hosts_with_one: number;
    readonly hosts_with_several: number;
  };
  readonly timers: ByProtocol<{
    readonly longest_survived_sec: number | null;
    readonly shortest_changed_sec: number | null;
    readonly longest_preserved_sec: number | null;
  }>;
  /** Packets by where they were seen. */
  readonly loss: { readonly outbound: WayLoss; readonly inbound: WayLoss };
  readonly clock_offset: {
    /** What the clock outside is ahead. */
    readonly seconds: number;
    readonly drift_ppm: number;
    /** Between the two captures, beyond the offset; that of both ways together is what can be known. */
    readonly delay_ms: number;
    readonly pairs: number;
  };
  readonly keeps_ip_id: boolean;
  readonly hosts: number;
  /** Packets and translations that are left out, since they could be several. */
  readonly ambiguous_packets: number;
  readonly contradicted_translations: number;
  readonly untranslated_packets: number;
  readonly packets_not_overlapping: number;
  /** By side: packets that were compared, and those that could not be. */
  readonly packets: Readonly<Record<'inside' | 'outside', { readonly compared: number; readonly others: number }>>;
  readonly unreadable: readonly UnreadableRange[];
}

interface WayLoss {
  readonly both: number;
  readonly inside_only: number;
  readonly outside_only: number;
}

export interface FingerprintOptions {
  readonly layer: 'outer' | 'inner';
  readonly maxExpansion?: number;
}

/**
 * Compares a capture inside of a gateway with one of the same traffic outside.
 *
 * @param insidePath  of a file or a pipe; `-` is standard input
 * @throws AppError CAPTURE_*; OPTION_INVALID when nothing was translated between the two, they are swapped, or too large;
 * FINGERPRINT_AMBIGUOUS when no packet is beyond doubt
 */
export async function readFingerprint(
  insidePath: string,
  outsidePath: string,
  { layer, maxExpansion = DEFAULT_MAX_EXPANSION }: FingerprintOptions,
): Promise<FingerprintReport> {
  const unreadable: UnreadableRange[] = [];
  const inside = await readLog(insidePath, layer, maxExpansion, unreadable);
  const outside = await readLog(outsidePath, layer, maxExpansion, unreadable);
  const fingerprint = fingerprintNat(inside, outside);
  if (fingerprint === null) {
    const alike = alikePackets(inside, outside);
    if (alike > 0) throw ambiguous([insidePath, outsidePath], alike, inside.length);
    const message = `no packet of ${insidePath} is in ${outsidePath} with another address: name the capture behind the gateway first, then one of the same time in front of it`;
    throw new AppError('OPTION_INVALID', message, { inside: insidePath, outside: outsidePath });
  }
  if (areSwapped(fingerprint)) {
    const message = `the captures are swapped: ${outsidePath} shows the hosts, and ${insidePath} the addresses that they are translated to; name ${outsidePath} first`;
    throw new AppError('OPTION_INVALID', message, { inside: insidePath, outside: outsidePath });
  }
  const packets = {
    inside: { compared: inside.length, others: inside.others },
    outside: { compared: outside.length, others: outside.others },
  };
  return { ...reportOf(fingerprint), packets, unreadable };
}

/** @param alike how many of the packets inside are like some outside */
function ambiguous([inside, outside]: readonly [string, string], alike: number, packets: number): AppError {
  const message = `nothing tells for sure what was translated to what: ${alike} of ${counted(packets)} of ${inside} ${alike === 1 ? 'is' : 'are'} like some of ${outside} with another address, but each could be the copy of several, or too few could not; compare captures of the same time that also have packets which no others are like, such as those of a TCP connection`;
  return new AppError('FINGERPRINT_AMBIGUOUS', message, { inside, outside, alike, packets });
}

async function readLog(
  path: string,
  layer: 'outer' | 'inner',
  maxExpansion: number,
  unreadable: UnreadableRange[],
): Promise<LegLog> {
  const decoder = newDecoder();
  decoder.useLayer(layer);
  decoder.hashPayloads();
  const source = new UnpackedSource(isPipe(path) ? pipeSource(path) : openFileSource(path), maxExpansion);
  const log = new LegLog(source.name);
  try {
    const stream = await CaptureStream.open(source, decoder);
    const batch = new PacketBatch();
    for (let hasMore = true; hasMore;) {
      batch.length = 0;
      const filled = stream.fill(batch);
      hasMore = typeof filled === 'boolean' ? filled : await filled;
      log.add(batch);
    }
    unreadable.push(...stream.account.unreadable);
    stream.release();
  } finally {
    source.close();
  }
  return log;
}

function reportOf(fingerprint: NatFingerprint): Omit<FingerprintReport, 'packets' | 'unreadable'> {
  const { translations, protocols, pool, clocks } = fingerprint;
  return {
    translations: translations.map((each) => toRow(each, clocks.baseSec)),
    mapping: byProtocol(protocols, ({ mapping: { otherAddress, otherPort, samePreserved, behaviour, endpoints } }) => ({
      ...{ behaviour, endpoints, other_address: otherAddress, other_port: otherPort, same_preserved: samePreserved },
    })),
    ports: byProtocol(protocols, ({ ports }) => portsRow(ports)),
    pool: {
      behaviour: pool.behaviour,
      addresses: pool.addresses.map(({ address, translations: count }) => ({
        ...{ ip: formatIpv4(address), translations: count },
      })),
      hosts_with_one: pool.hostsWithOne,
      hosts_with_several: pool.hostsWithSeveral,
    },
    timers: byProtocol(protocols, ({ timers }) => ({
      longest_survived_sec: timers.longestSurvivedSec,
      shortest_changed_sec: timers.shortestChangedSec,
      longest_preserved_sec: timers.longestPreservedSec,
    })),
    loss: { outbound: lossRow(fingerprint.outbound), inbound: lossRow(fingerprint.inbound) },
    clock_offset: {
      seconds: clocks.offsetNsec / 1e9,
      drift_ppm: clocks.driftPerSec / 1e3,
      delay_ms: (clocks.delayNsec[0] - clocks.delayNsec[1]) / 2 / 1e6,
      pairs: clocks.pairs,
    },
    keeps_ip_id: fingerprint.keepsIds,
    hosts: fingerprint.hosts,
    ambiguous_packets: fingerprint.ambiguous,
    contradicted_translations: fingerprint.contradicted,
    untranslated_packets: fingerprint.untranslated,
    packets_not_overlapping: fingerprint.notOverlapping,
  };
}

function byProtocol<T>(
  protocols: readonly ProtocolFingerprint[],
  rowOf: (of: ProtocolFingerprint) => T,
): ByProtocol<T> {
  return Object.fromEntries(protocols.map((each) => [NAMES[each.protocol] ?? each.protocol, rowOf(each)]));
}

function portsRow(ports: PortEvidence): NonNullable<FingerprintReport['ports']['tcp']> {
  const { translations, preserved, parityKept, changed, changedParityKept } = ports;
  return {
    ...{ translations, preserved, preservation_rate: preserved / translations, parity_rate: parityKept / translations },
    ...{ changed, changed_parity_rate: changed === 0 ? null : changedParityKept / changed },
    ...{ range: ports.range, changed_range: ports.changedRange, order: ports.order },
  };
}

function lossRow({ both, insideOnly, outsideOnly }: WayCounts): WayLoss {
  return { both, inside_only: insideOnly, outside_only: outsideOnly };
}

function toRow(translation: ObservedTranslation, baseSec: number): TranslationRow {
  const { protocol, priIp, priPort, pubIp, pubPort, natIp, natPort, pairs, ambiguous } = translation;
  return {
    ...{ protocol, pri_ip: formatIpv4(priIp), pri_port: priPort, pub_ip: formatIpv4(pubIp), pub_port: pubPort },
    ...{ nat_ip: formatIpv4(natIp), nat_port: natPort },
    ...{ first: momentText(translation.firstNsec, baseSec), last: momentText(translation.lastNsec, baseSec) },
    ...{ packets: pairs, ambiguous_packets: ambiguous, confidence: confidenceOf(translation) },
  };
}

function momentText(nsec: number, baseSec: number): string {
  const sec = Math.floor(nsec / 1e9);
  return formatTime(baseSec + sec, nsec - sec * 1e9);
}
