import { PACKETS_PER_CAPTURE } from '../capture/capture-merge';
import type { PacketBatch } from '../capture/packet-batch';
import { REASON_CODE } from '../contract/ledger';
import type { LedgerPacket, LedgerPart } from '../contract/ledger-packets';
import { formatIpv4 } from '../nat/address-text';
import { formatIpv6 } from './ipv6-text';
import { formatTime } from './time-text';

/** A row of a batch as it is listed. @param part see `LedgerPacket` */
export function listedPacket(batch: PacketBatch, row: number, part: LedgerPart | null): LedgerPacket {
  const packetNo = batch.packetNo[row]!;
  const hasAddresses = batch.ipVersion[row] !== 0 && !UNREAD.has(batch.reason[row]!);
  return {
    capture: Math.floor(packetNo / PACKETS_PER_CAPTURE),
    frameNo: packetNo % PACKETS_PER_CAPTURE,
    time: formatTime(batch.tsSec[row]!, batch.tsNsec[row]!),
    part,
    protocol: hasAddresses ? batch.protocol[row]! : null,
    source: hasAddresses ? endpointText(batch, row, 0) : null,
    destination: hasAddresses ? endpointText(batch, row, 1) : null,
    ipBytes: batch.ipVersion[row] === 0 ? 0 : batch.ipBytes[row]!,
  };
}

/** Of these the columns of addresses are stale. */
const UNREAD: ReadonlySet<number> = new Set(
  (['unknown_link_type', 'malformed', 'non_ip', 'encap_depth'] as const).map((reason) => REASON_CODE[reason]),
);

/** @param end 0 for the source, 1 for the destination */
function endpointText(batch: PacketBatch, row: number, end: 0 | 1): string {
  const port = end === 0 ? batch.ports[row]! >>> 16 : batch.ports[row]! & 0xffff;
  // Ports of what was cut before them are stale.
  const hasPort = batch.ports[row] !== 0 && batch.reason[row] !== REASON_CODE.l4_truncated;
  if (batch.ipVersion[row] === 4) {
    const address = formatIpv4((end === 0 ? batch.srcIp : batch.dstIp)[row]!);
    return hasPort ? `${address}:${port}` : address;
  }
  const from = row * 8 + end * 4;
  const address = formatIpv6([...batch.address6.subarray(from, from + 4)]);
  return hasPort ? `[${address}]:${port}` : address;
}
