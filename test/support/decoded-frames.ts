import { CaptureStream } from '../../src-main/capture/capture-stream';
import { PACKET_FLAG, PacketBatch } from '../../src-main/capture/packet-batch';
import { REASONS, type Reason } from '../../src-main/contract/ledger';
import { newDecoder } from '../../src-main/engine/decoder-module';
import { formatIpv6 } from '../../src-main/engine/ipv6-text';
import { formatIpv4 } from '../../src-main/nat/address-text';
import { memorySource } from './memory-source';
import { pcapFile } from './pcap-writer';
import type { IpLayer, QuotingError } from './tshark';

/** A row of the decoder as tests read it. */
export interface DecodedFrame {
  /** Null without an IP header that could be read. */
  readonly ip: (IpLayer & { readonly isDecapsulated: boolean; readonly isFirst: boolean }) | null;
  readonly reason: Reason | 'ok';
  readonly error: QuotingError | null;
}

/** Decodes a capture, by the outermost or the innermost IP header of each frame. */
export function decodeCapture(bytes: Uint8Array, layer: 'outer' | 'inner'): DecodedFrame[] {
  const decoder = newDecoder();
  decoder.useLayer(layer);
  // A source in memory answers at once, so that nothing here is a promise.
  const stream = CaptureStream.open(memorySource(bytes), decoder) as CaptureStream;
  const batch = new PacketBatch();
  const frames: DecodedFrame[] = [];
  for (let hasMore = true; hasMore;) {
    batch.length = 0;
    hasMore = stream.fill(batch) as boolean;
    for (let row = 0; row < batch.length; row++) frames.push(frameOf(batch, row));
  }
  stream.release();
  return frames;
}

/** @returns the octets of all frames of a capture, in order of the file */
export function framesOf(bytes: Uint8Array): Uint8Array[] {
  const decoder = newDecoder();
  const frames: Uint8Array[] = [];
  decoder.tellRows((batch, firstRow) => {
    for (let row = firstRow; row < batch.length; row++) frames.push(decoder.frameOf(row - firstRow).bytes);
  });
  const stream = CaptureStream.open(memorySource(bytes), decoder) as CaptureStream;
  const batch = new PacketBatch();
  for (let hasMore = true; hasMore;) {
    batch.length = 0;
    hasMore = stream.fill(batch) as boolean;
  }
  stream.release();
  return frames;
}

/** Decodes one frame, which may have been longer on the wire. */
export function decodeOne(
  linkType: number,
  frame: Uint8Array,
  layer: 'outer' | 'inner',
  wireBytes?: number,
): DecodedFrame {
  const record = { atNs: 1_000_000_000n, bytes: frame, ...(wireBytes === undefined ? {} : { wireBytes }) };
  return decodeCapture(pcapFile([record], { linkType }), layer)[0]!;
}

function frameOf(batch: PacketBatch, row: number): DecodedFrame {
  const version = batch.ipVersion[row]!;
  const reason = REASONS[batch.reason[row]! - 1] ?? 'ok';
  if (version === 0) return { ip: null, reason, error: null };
  const flags = batch.flags[row]!;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const words = batch.address6.subarray(row * 8, row * 8 + 8);
  const ip = {
    version: version === 4 ? (4 as const) : (6 as const),
    protocol: batch.protocol[row]!,
    src: version === 4 ? formatIpv4(batch.srcIp[row]!) : formatIpv6([...words.subarray(0, 4)]),
    srcPort: batch.ports[row]! >>> 16,
    dst: version === 4 ? formatIpv4(batch.dstIp[row]!) : formatIpv6([...words.subarray(4)]),
    dstPort: batch.ports[row]! & 0xffff,
    ipBytes: batch.ipBytes[row]!,
    isLater: has(PACKET_FLAG.laterFragment),
    isFirst: has(PACKET_FLAG.firstFragment),
    isDecapsulated: has(PACKET_FLAG.decapsulated),
  };
  return { ip, reason, error: has(PACKET_FLAG.icmpError) ? errorOf(batch, row) : null };
}

function errorOf(batch: PacketBatch, row: number): QuotingError {
  const version = batch.quotedVersion[row]!;
  const words = batch.quotedAddress.subarray(row * 8, row * 8 + 8);
  const ports = batch.quotedPorts[row]!;
  const address = (from: number): string =>
    version === 4 ? formatIpv4(words[from]!) : formatIpv6([...words.subarray(from, from + 4)]);
  const quoted = {
    version: version === 4 ? (4 as const) : (6 as const),
    protocol: batch.quotedProtocol[row]!,
    ...{ src: address(0), srcPort: ports >>> 16, dst: address(4), dstPort: ports & 0xffff },
  };
  return { type: batch.l4Kind[row]!, code: batch.icmpCode[row]!, quoted: version === 0 ? null : quoted };
}
