import { PACKET_FLAG, PROTOCOL, type PacketBatch } from '../../src-main/capture/packet-batch';
import { REASONS, type Reason } from '../../src-main/contract/ledger';
import { formatIpv4 } from '../../src-main/nat/address-text';

/** A five-tuple as seen from its private end, and which way a packet of it goes. */
export interface Side {
  /** `protocol private:port public:port`; an ICMP query has its identifier, and port 0. */
  readonly tuple: string;
  readonly isOut: boolean;
}

/** A packet that is in no entry, or an ICMP error: what does not count in the conversation that it is of. */
export interface NotedPacket {
  readonly packetNo: number;
  readonly tsSec: number;
  readonly tsNs: bigint;
  /** Null for a packet in an entry. */
  readonly reason: Reason | null;
  readonly src: string;
  readonly dst: string;
  readonly protocol: number;
  readonly l4Kind: number;
  readonly ipBytes: number;
  readonly isLaterFragment: boolean;
  readonly isIcmpError: boolean;
  /** Null for a packet that is not between a private address and another one. */
  readonly own: Side | null;
  /** Of an ICMP error: the session that it is about, with its own way. */
  readonly quoted: Side | null;
}

/** RFC 1918 and RFC 6598: what the default gateway translates. */
export function isPrivate(address: string): boolean {
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[789]\d|1[01]\d|12[0-7])\.)/.test(address);
}

/** @param ports of the source and of the destination */
export function sideOf(protocol: number, src: string, dst: string, ports: readonly [number, number]): Side | null {
  const isOut = isPrivate(src);
  if (isOut === isPrivate(dst)) return null;
  const [privatePort, otherPort] = isOut ? ports : [ports[1], ports[0]];
  const publicPort = protocol === PROTOCOL.icmp ? 0 : otherPort;
  const [pri, pub] = isOut ? [src, dst] : [dst, src];
  return { tuple: `${protocol} ${pri}:${privatePort} ${pub}:${publicPort}`, isOut };
}

/** Adds the packets of a batch with an IPv4 header that have a reason or are ICMP errors. */
export function notePackets(noted: NotedPacket[], batch: PacketBatch, reasons: Uint8Array): void {
  for (let row = 0; row < batch.length; row++) {
    const isIcmpError = batch.protocol[row] === PROTOCOL.icmp && (batch.flags[row]! & PACKET_FLAG.icmpError) !== 0;
    if (batch.ipVersion[row] !== 4 || (reasons[row] === 0 && !isIcmpError)) continue;
    const [src, dst] = [formatIpv4(batch.srcIp[row]!), formatIpv4(batch.dstIp[row]!)];
    const protocol = batch.protocol[row]!;
    const tsSec = batch.tsSec[row]!;
    noted.push({
      packetNo: batch.packetNo[row]!,
      tsSec,
      tsNs: BigInt(tsSec) * 1_000_000_000n + BigInt(batch.tsNsec[row]!),
      reason: REASONS[reasons[row]! - 1] ?? null,
      src,
      dst,
      protocol,
      l4Kind: batch.l4Kind[row]!,
      ipBytes: batch.ipBytes[row]!,
      isLaterFragment: (batch.flags[row]! & PACKET_FLAG.laterFragment) !== 0,
      isIcmpError,
      own: sideOf(protocol, src, dst, portsOf(batch.ports[row]!)),
      quoted: isIcmpError ? quotedSide(batch, row) : null,
    });
  }
}

function quotedSide(batch: PacketBatch, row: number): Side | null {
  if (batch.quotedVersion[row] !== 4) return null;
  const [src, dst] = [formatIpv4(batch.quotedAddress[row * 8]!), formatIpv4(batch.quotedAddress[row * 8 + 4]!)];
  const side = sideOf(batch.quotedProtocol[row]!, src, dst, portsOf(batch.quotedPorts[row]!));
  // The error goes the other way.
  return side === null ? null : { ...side, isOut: !side.isOut };
}

function portsOf(ports: number): [number, number] {
  return [ports >>> 16, ports & 0xffff];
}
