import { REASON_CODE } from '../contract/ledger';
import { PACKET_FLAG, PROTOCOL, type PacketBatch } from './packet-batch';

const { malformed, l4_truncated: l4Truncated, ipv6_not_translated: ipv6NotTranslated } = REASON_CODE;

const IPV4_HEADER_BYTES = 20;
const IPV6_HEADER_BYTES = 40;
/** TCP flags of a segment whose flags octet the capture cut off: taken for one in mid-stream. */
const TCP_ACK = 0x10;

/** A row without a readable IP header. */
export function decodeNone(batch: PacketBatch, row: number, reason: number): void {
  batch.reason[row] = reason;
  batch.ipVersion[row] = 0;
  batch.flags[row] = 0;
  batch.ipBytes[row] = 0;
}

/**
 * Decodes the IPv4 packet at `at` into `row`.
 *
 * @param end        offset after the last captured octet
 * @param wireBytes  length of the IP packet and its padding on the wire, for packets whose header gives no length
 * @see RFC 791 §3.1
 */
export function decodeIpv4(
  view: DataView,
  at: number,
  end: number,
  wireBytes: number,
  batch: PacketBatch,
  row: number,
): void {
  if (end - at < IPV4_HEADER_BYTES) return decodeNone(batch, row, l4Truncated);
  const versionAndLength = view.getUint8(at);
  const headerBytes = (versionAndLength & 0x0f) << 2;
  if (versionAndLength >>> 4 !== 4 || headerBytes < IPV4_HEADER_BYTES) return decodeNone(batch, row, malformed);

  let ipBytes = view.getUint16(at + 2);
  let flags = 0;
  if (ipBytes === 0) {
    ipBytes = wireBytes;
    flags = PACKET_FLAG.lengthInferred;
  }
  if (ipBytes < headerBytes) return decodeNone(batch, row, malformed);

  const protocol = view.getUint8(at + 9);
  batch.reason[row] = 0;
  batch.ipVersion[row] = 4;
  batch.protocol[row] = protocol;
  batch.ipBytes[row] = ipBytes;
  batch.srcIp[row] = view.getUint32(at + 12);
  batch.dstIp[row] = view.getUint32(at + 16);
  if ((view.getUint16(at + 6) & 0x1fff) !== 0) {
    batch.flags[row] = flags | PACKET_FLAG.laterFragment;
    batch.ports[row] = 0;
    batch.l4Kind[row] = 0;
    return;
  }
  batch.flags[row] = flags;
  const packetEnd = at + ipBytes;
  decodeTransport(view, at + headerBytes, packetEnd < end ? packetEnd : end, protocol, batch, row);
}

/**
 * Decodes the IPv6 packet at `at` into `row`, with its extension headers.
 *
 * @see RFC 8200 §4; RFC 2675 jumbograms count their header only, as their length is in an option
 */
export function decodeIpv6(view: DataView, at: number, end: number, batch: PacketBatch, row: number): void {
  if (end - at < IPV6_HEADER_BYTES) return decodeNone(batch, row, l4Truncated);
  if (view.getUint8(at) >>> 4 !== 6) return decodeNone(batch, row, malformed);
  const ipBytes = IPV6_HEADER_BYTES + view.getUint16(at + 4);
  batch.ipVersion[row] = 6;
  batch.flags[row] = 0;
  batch.ipBytes[row] = ipBytes;
  const address6 = batch.address6;
  for (let word = 0; word < 8; word++) address6[row * 8 + word] = view.getUint32(at + 8 + word * 4);

  let next = view.getUint8(at + 6);
  let l4 = at + IPV6_HEADER_BYTES;
  while (isExtensionHeader(next) && end - l4 >= 8) {
    const header = next;
    next = view.getUint8(l4);
    if (header === 44) {
      const fragmentOffset = view.getUint16(l4 + 2) & 0xfff8;
      l4 += 8;
      if (fragmentOffset === 0) continue;
      batch.flags[row] = PACKET_FLAG.laterFragment;
      break;
    }
    l4 += header === 51 ? (view.getUint8(l4 + 1) + 2) << 2 : (view.getUint8(l4 + 1) + 1) << 3;
  }
  batch.protocol[row] = next;
  if (batch.flags[row] === PACKET_FLAG.laterFragment) {
    batch.ports[row] = 0;
    batch.l4Kind[row] = 0;
  } else {
    decodeTransport(view, l4, end, next, batch, row);
  }
  // Whatever the transport says: no gateway of ours translates IPv6.
  batch.reason[row] = ipv6NotTranslated;
}

/** Hop-by-hop, routing, fragment, authentication, destination options, mobility, HIP, shim6. @see IANA "IPv6 Extension Header Types" */
function isExtensionHeader(next: number): boolean {
  switch (next) {
    case 0:
    case 43:
    case 44:
    case 51:
    case 60:
    case 135:
    case 139:
    case 140:
      return true;
    default:
      return false;
  }
}

/** Ports, TCP flags, ICMP type and identifier. @see RFC 9293 §3.1, RFC 768, RFC 792 */
function decodeTransport(
  view: DataView,
  at: number,
  end: number,
  protocol: number,
  batch: PacketBatch,
  row: number,
): void {
  batch.l4Kind[row] = 0;
  switch (protocol) {
    case PROTOCOL.tcp:
      if (end - at < 4) break;
      batch.ports[row] = view.getUint32(at);
      batch.l4Kind[row] = end - at >= 14 ? view.getUint8(at + 13) : TCP_ACK;
      return;
    case PROTOCOL.udp:
    case 33: // DCCP
    case 132: // SCTP
    case 136: // UDP-Lite
      if (end - at < 4) break;
      batch.ports[row] = view.getUint32(at);
      return;
    case PROTOCOL.icmp:
    case PROTOCOL.icmpv6: {
      batch.ports[row] = 0;
      if (end - at < 1) break;
      const type = view.getUint8(at);
      batch.l4Kind[row] = type;
      if (protocol === PROTOCOL.icmp ? !isIcmpQuery(type) : type !== 128 && type !== 129) return;
      if (end - at < 6) break;
      batch.ports[row] = view.getUint16(at + 4) * 0x10001;
      return;
    }
    default:
      batch.ports[row] = 0;
      return;
  }
  batch.ports[row] = 0;
  batch.reason[row] = l4Truncated;
}

/** Echo, timestamp, information and mask, request and reply: the messages with an identifier. @see RFC 792, RFC 950 */
function isIcmpQuery(type: number): boolean {
  return type === 0 || type === 8 || (type >= 13 && type <= 18);
}
