import type { TunnelLayer } from '../../src-main/contract/ipc';
import { END_REASONS, ENTRY_FLAG, type LogEntryBatch } from '../../src-main/contract/log-entry';
import { importCaptures, type ImportResult } from '../../src-main/engine/import-captures';
import { formatIpv4, parseNetwork, parsePublicAddress } from '../../src-main/nat/address-text';
import { defaultGateway, type Gateway, type SnatEntry } from '../../src-main/nat/gateway';
import type { MergeSource } from '../../src-main/capture/capture-merge';
import type { ByteSource } from '../../src-main/capture/read-buffer';
import { memorySource } from './memory-source';
import { LINK, pcapFile, type CaptureRecord } from './pcap-writer';

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
  readonly flags: readonly string[];
}

export interface SessionLog extends ImportResult {
  /** In order of `entryNo`. */
  readonly entries: readonly Entry[];
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

/** Runs sources through the gateway, without any database. */
export async function sessionLog(
  sources: readonly (ByteSource | MergeSource)[],
  gateway = gatewayWith(),
  layer: TunnelLayer = 'auto',
): Promise<SessionLog> {
  const entries: Entry[] = [];
  const result = await importCaptures(
    // Tests that say nothing of their times name sources in order.
    sources.map((source) => ('source' in source ? source : { source, firstSec: 0, firstNsec: 0 })),
    { gateway, layer, isCancelled: () => false, onProgress: () => undefined, clockMs: () => 0 },
    (batch) => {
      for (let row = 0; row < batch.length; row++) entries.push(readEntry(batch, row));
    },
  );
  entries.sort((a, b) => a.entryNo - b.entryNo);
  return { ...result, entries };
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

function readEntry(batch: LogEntryBatch, row: number): Entry {
  const ns = (sec: number, nsec: number): bigint => BigInt(sec) * 1_000_000_000n + BigInt(nsec);
  return {
    entryNo: batch.entryNo[row]!,
    sessionId: batch.sessionId[row]!,
    protocol: batch.protocol[row]!,
    pri: `${formatIpv4(batch.priIp[row]!)}:${batch.priPort[row]!}`,
    pub: `${formatIpv4(batch.pubIp[row]!)}:${batch.pubPort[row]!}`,
    natIp: formatIpv4(batch.natIp[row]!),
    natPort: batch.natPort[row]!,
    vpc: `${batch.bytesFromVpc[row]!}/${batch.pktsFromVpc[row]!}`,
    inbound: `${batch.bytesFromPub[row]!}/${batch.pktsFromPub[row]!}`,
    windowStart: batch.windowStart[row]!,
    firstNs: ns(batch.firstSec[row]!, batch.firstNsec[row]!),
    lastNs: ns(batch.lastSec[row]!, batch.lastNsec[row]!),
    firstPacket: batch.firstPacket[row]!,
    lastPacket: batch.lastPacket[row]!,
    end: END_REASONS[batch.endReason[row]!]!,
    flags: Object.entries(ENTRY_FLAG)
      .filter(([, bit]) => (batch.flags[row]! & bit) !== 0)
      .map(([name]) => name),
  };
}
