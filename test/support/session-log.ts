import type { TunnelLayer } from '../../src-main/contract/imports';
import { BLOCK_EVENT, RESET_EVENT, type GatewayEventBatch } from '../../src-main/contract/gateway-event';
import { REASONS } from '../../src-main/contract/ledger';
import { END_REASONS, ENTRY_FLAG, NAT_SOURCE, type LogEntryBatch } from '../../src-main/contract/log-entry';
import { importCaptures, type ImportOptions, type ImportResult } from '../../src-main/engine/import-captures';
import { formatIpv4, parseNetwork, parsePublicAddress } from '../../src-main/nat/address-text';
import { defaultGateway, type Gateway, type SnatEntry } from '../../src-main/nat/gateway';
import type { MergeSource } from '../../src-main/capture/capture-merge';
import type { ByteSource } from '../../src-main/capture/read-buffer';
import type { WindowSink } from '../../src-main/window/window-aggregator';
import { memorySource } from './memory-source';
import { LINK, pcapFile, type CaptureRecord } from './pcap-writer';
import { requireSizes } from './entry-sizes';

/** A log entry as tests read it: addresses as text, times in nanoseconds. */
export interface Entry {
  readonly entryNo: number;
  readonly sessionId: number;
  readonly protocol: number;
  readonly pri: string;
  readonly pub: string;
  readonly natIp: string;
  readonly natPort: number;
  /** Packets and bytes as `bytes/packets`. */
  readonly vpc: string;
  readonly inbound: string;
  readonly windowStart: number;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly firstPacket: number;
  readonly lastPacket: number;
  readonly end: string;
  readonly natEip: string;
  readonly natSource: 'emulated' | 'observed';
  readonly captureEpoch: number;
  /** 1 for what late packets add to an entry of an earlier window. */
  readonly revision: number;
  /** When the session ended, or would without another packet. */
  readonly mappingEndNs: bigint;
  /** When the gateway first saw it by its clock: `firstNs`, unless its first packet came late. */
  readonly seenNs: bigint;
  readonly flags: readonly string[];
  /** Null where VLANs are one network. */
  readonly realm: number | null;
}

export interface SessionLog extends ImportResult {
  /** In order of `entryNo`. */
  readonly entries: readonly Entry[];
  readonly events: readonly GatewayEvent[];
}

/** What happened at the gateway and is in no entry, as tests read it. */
export interface GatewayEvent {
  /** A reason, `block_allocate`, `block_free` or `idle_reset`. */
  readonly event: string;
  readonly windowStart: number;
  readonly protocol: number;
  readonly pri: string;
  /** Of a refusal: destination, index of the SNAT entry. */
  readonly pub: string;
  readonly place: number;
  /** Of a block. */
  readonly ports: readonly [number, number];
  readonly packets: number;
  readonly bytes: number;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
}

/** A gateway like the default one, with what a test changes. */
export function gatewayWith({
  inside = [],
  eips = [],
  seed = 0,
  ...changes
}: { inside?: readonly string[]; eips?: readonly string[]; seed?: number } & Partial<Gateway> = {}): Gateway {
  const gateway = defaultGateway({ inside: inside.map(parseNetwork), eips: eips.map(parsePublicAddress), seed });
  return { ...gateway, ...changes };
}

/** An SNAT entry without affinity, named by its network. */
export function snatEntry(network: string, eips: readonly string[], changes: Partial<SnatEntry> = {}): SnatEntry {
  return {
    id: network,
    network: parseNetwork(network),
    eips: eips.map(parsePublicAddress),
    affinity: false,
    softAffinity: false,
    ...changes,
  };
}

/**
 * Runs sources through the gateway, without any database.
 *
 * @param verdicts is told what became of each packet
 * @param live for imports that are live, with their clock
 */
export async function sessionLog(
  sources: readonly (ByteSource | MergeSource)[],
  gateway = gatewayWith(),
  layer: TunnelLayer = 'auto',
  verdicts?: WindowSink['verdicts'],
  live: Pick<ImportOptions, 'live' | 'clockMs'> = { clockMs: () => 0 },
): Promise<SessionLog> {
  const entries: Entry[] = [];
  const events: GatewayEvent[] = [];
  const result = await importCaptures(
    // Tests that say nothing of their times name sources in order.
    sources.map((source) => ('source' in source ? source : { source, firstSec: 0, firstNsec: 0 })),
    { gateway, layer, isCancelled: () => false, onProgress: () => undefined, ...live },
    {
      entries: (batch) => {
        for (let row = 0; row < batch.length; row++) {
          requireSizes(batch, row);
          entries.push(readEntry(batch, row));
        }
      },
      events: (batch) => {
        for (let row = 0; row < batch.length; row++) events.push(readEvent(batch, row));
      },
      ...(verdicts === undefined ? {} : { verdicts }),
    },
  );
  entries.sort((a, b) => a.entryNo - b.entryNo);
  return { ...result, entries, events };
}

/** Runs IP packets, without a link layer, through the gateway. */
export function sessionLogOf(
  records: readonly CaptureRecord[],
  gateway?: Gateway,
  layer?: TunnelLayer,
): Promise<SessionLog> {
  const bytes = pcapFile(records, { linkType: LINK.raw, resolution: 'ns' });
  return sessionLog([memorySource(bytes)], gateway, layer);
}

const OTHER_EVENTS: Readonly<Record<number, string>> = {
  [BLOCK_EVENT.allocate]: 'block_allocate',
  [BLOCK_EVENT.free]: 'block_free',
  [RESET_EVENT]: 'idle_reset',
};

function readEvent(batch: GatewayEventBatch, row: number): GatewayEvent {
  const kind = batch.kind[row]!;
  const ports = batch.ports[row]!;
  return {
    event: REASONS[kind - 1] ?? OTHER_EVENTS[kind]!,
    windowStart: batch.windowStart[row]!,
    protocol: batch.protocol[row]!,
    pri: formatIpv4(batch.priIp[row]!),
    pub: batch.isRedacted[row] === 1 ? 'unknown' : `${formatIpv4(batch.pubIp[row]!)}:${ports}`,
    place: batch.place[row]!,
    ports: [ports >>> 16, ports & 0xffff],
    packets: batch.packets[row]!,
    bytes: batch.bytes[row]!,
    firstNs: ns(batch.firstSec[row]!, batch.firstNsec[row]!),
    lastNs: ns(batch.lastSec[row]!, batch.lastNsec[row]!),
  };
}

const ns = (sec: number, nsec: number): bigint => BigInt(sec) * 1_000_000_000n + BigInt(nsec);

export function readEntry(batch: LogEntryBatch, row: number): Entry {
  return {
    entryNo: batch.entryNo.at(row),
    sessionId: batch.sessionId.at(row),
    protocol: batch.protocol[row]!,
    pri: batch.isPublicOnly[row] === 1 ? 'unknown' : `${formatIpv4(batch.priIp[row]!)}:${batch.priPort[row]!}`,
    pub: batch.isRedacted[row] === 1 ? 'unknown' : `${formatIpv4(batch.pubIp[row]!)}:${batch.pubPort[row]!}`,
    natIp: formatIpv4(batch.natIp[row]!),
    natPort: batch.natPort[row]!,
    vpc: `${batch.bytesFromVpc.at(row)}/${batch.pktsFromVpc.at(row)}`,
    inbound: `${batch.bytesFromPub.at(row)}/${batch.pktsFromPub.at(row)}`,
    windowStart: batch.windowStart.at(row),
    firstNs: batch.firstNs.values[row]!,
    lastNs: batch.lastNs.values[row]!,
    firstPacket: batch.firstPacket.at(row),
    lastPacket: batch.lastPacket.at(row),
    end: END_REASONS[batch.endReason[row]!]!,
    natEip: formatIpv4(batch.natEip[row]!),
    natSource: batch.natSource[row] === NAT_SOURCE.observed ? 'observed' : 'emulated',
    captureEpoch: batch.captureEpoch[row]!,
    revision: batch.revision[row]!,
    seenNs: (batch.isInOrder[row] === 1 ? batch.firstNs : batch.seenNs).values[row]!,
    mappingEndNs: batch.mappingEndNs.values[row]!,
    flags: Object.entries(ENTRY_FLAG)
      .filter(([, bit]) => (batch.flags[row]! & bit) !== 0)
      .map(([name]) => name),
    realm: batch.isOneRealm[row] === 1 ? null : batch.realm[row]!,
  };
}
