import { REASON_UNKNOWN_LINK_TYPE } from './codes';
import { decodeErfRecord } from './erf';
import {
  ETHERTYPE_PPP,
  decodeEthernet,
  decodeEtherType,
  decodeLlc,
  decodeMpls,
  decodePpp,
  decodePppoe,
  decodeSnap,
} from './ether-type';
import { decodeIp, decodeIpv6 } from './ip';
import { beginFrame, noPacket, refuse } from './layers';
import { left, u16At, u16LittleAt, u32At, u32LittleAt, u8At } from './octets';
import { setFrame } from './rows';
import { decodeAvs, decodeRadiotap, decodeWireless } from './wireless';

const LINK_NULL: u32 = 0;
const LINK_ETHERNET: u32 = 1;
const LINK_TOKEN_RING: u32 = 6;
const LINK_SLIP: u32 = 8;
const LINK_PPP: u32 = 9;
const LINK_FDDI: u32 = 10;
/** DLT_ATM_RFC1483 and DLT_ATM_CLIP of some systems, whose numbers got into files. */
const LINK_ATM_RFC1483_BSD: u32 = 11;
/** DLT_RAW of some systems, whose numbers got into files. */
const LINK_RAW_BSD: u32 = 12;
const LINK_RAW_OPENBSD: u32 = 14;
const LINK_ATM_CLIP_BSD: u32 = 19;
const LINK_PPP_HDLC: u32 = 50;
const LINK_PPP_ETHER: u32 = 51;
const LINK_ATM_RFC1483: u32 = 100;
const LINK_RAW: u32 = 101;
const LINK_C_HDLC: u32 = 104;
const LINK_IEEE802_11: u32 = 105;
const LINK_ATM_CLIP: u32 = 106;
const LINK_FRAME_RELAY: u32 = 107;
const LINK_LOOP: u32 = 108;
const LINK_ENC: u32 = 109;
const LINK_LINUX_SLL: u32 = 113;
const LINK_PFLOG: u32 = 117;
const LINK_PRISM: u32 = 119;
const LINK_SUN_ATM: u32 = 123;
const LINK_RADIOTAP: u32 = 127;
const LINK_APPLE_IEEE1394: u32 = 138;
const LINK_AVS: u32 = 163;
const LINK_PPI: u32 = 192;
const LINK_ERF: u32 = 197;
const LINK_PPP_WITH_DIRECTION: u32 = 204;
const LINK_MPLS: u32 = 219;
const LINK_IPNET: u32 = 226;
const LINK_IPV4: u32 = 228;
const LINK_IPV6: u32 = 229;
const LINK_NFLOG: u32 = 239;
const LINK_NETANALYZER: u32 = 240;
const LINK_IPOIB: u32 = 242;
const LINK_INFINIBAND: u32 = 247;
/** What macOS wrote before PKTAP had a number of its own. */
const LINK_PKTAP_PRIVATE: u32 = 149;
const LINK_PKTAP: u32 = 258;
const LINK_ETHERNET_PREAMBLE: u32 = 274;
const LINK_LINUX_SLL2: u32 = 276;
const LINK_DSA_BRCM: u32 = 281;
const LINK_DSA_BRCM_PREPEND: u32 = 282;
const LINK_DSA: u32 = 284;
const LINK_EDSA: u32 = 285;

/**
 * Decodes one frame into a row. A bad frame is data, not an exception: it gets a reason.
 *
 * @param start      the first octet of the frame
 * @param end        after its last captured octet
 * @param wireBytes  octets of the frame on the wire, at least as many as were captured
 * @see https://www.tcpdump.org/linktypes.html
 */
export function decodeFrame(row: u32, linkType: u32, start: usize, end: usize, wireBytes: u32): void {
  beginFrame();
  setFrame(row, linkType, start, <u32>(end - start), wireBytes);
  const wireEnd = start + wireBytes;
  if (linkType == LINK_ETHERNET) decodeEthernet(row, start, end, wireEnd);
  else decodeLink(row, linkType, start, end, wireEnd);
}

export function decodeLink(row: u32, linkType: u32, at: usize, end: usize, wireEnd: usize): bool {
  switch (linkType) {
    case LINK_ETHERNET:
      return decodeEthernet(row, at, end, wireEnd);
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_ATM_CLIP:
    case LINK_ATM_CLIP_BSD:
    case LINK_IPV4:
      return decodeIp(row, at, end, wireEnd);
    case LINK_IPV6:
      return decodeIpv6(row, at, end, wireEnd);
    case LINK_NULL:
      return decodeLoopback(row, at, end, wireEnd, true);
    case LINK_LOOP:
      return decodeLoopback(row, at, end, wireEnd, false);
    case LINK_LINUX_SLL: // v1: the protocol is in the last two of 16 octets, the kind of device in the third and fourth
      return decodeLinuxCooked(row, at, 14, 2, 16, end, wireEnd);
    case LINK_LINUX_SLL2: // v2: in the first two of 20, and in the ninth and tenth
      return decodeLinuxCooked(row, at, 0, 8, 20, end, wireEnd);
    case LINK_PPP:
    case LINK_PPP_HDLC:
      return decodeHdlc(row, at, end, wireEnd);
    case LINK_PPP_WITH_DIRECTION: // an octet that tells sent from received
      return decodePpp(row, at + 1, end, wireEnd);
    case LINK_C_HDLC: // Cisco's framing, with an EtherType. @see RFC 1547 §4.3.1
      return decodeCooked(row, at, 2, 4, end, wireEnd);
    case LINK_PPP_ETHER:
      return decodePppoe(row, at, end, wireEnd);
    case LINK_FRAME_RELAY:
      return decodeFrameRelay(row, at, end, wireEnd);
    case LINK_IEEE802_11:
      return decodeWireless(row, at, end, wireEnd, false);
    case LINK_RADIOTAP:
      return decodeRadiotap(row, at, end, wireEnd);
    case LINK_AVS:
    case LINK_PRISM:
      return decodeAvs(row, at, end, wireEnd);
    case LINK_ERF:
      return decodeErfRecord(row, at, end, wireEnd);
    case LINK_NFLOG:
      return decodeNflog(row, at, end, wireEnd);
    case LINK_IPNET: // 24 octets of Solaris' own
      return decodeBehind(row, at, 24, end, wireEnd);
    case LINK_ENC: // family, index and flags of OpenBSD's IPsec
      return decodeBehind(row, at, 12, end, wireEnd);
    case LINK_SLIP: // direction and a compressed header, of libpcap
      return decodeBehind(row, at, 16, end, wireEnd);
    case LINK_PFLOG:
      return decodePflog(row, at, end, wireEnd);
    case LINK_MPLS:
      return decodeMpls(row, at, end, wireEnd);
    case LINK_ATM_RFC1483:
    case LINK_ATM_RFC1483_BSD:
      return decodeLlc(row, at, end, wireEnd);
    case LINK_SUN_ATM:
      return decodeSunAtm(row, at, end, wireEnd);
    case LINK_INFINIBAND:
      return decodeInfiniband(row, at, end, wireEnd);
    case LINK_FDDI:
      return decodeFddi(row, at, end, wireEnd);
    case LINK_TOKEN_RING:
      return decodeTokenRing(row, at, end, wireEnd);
    case LINK_APPLE_IEEE1394:
      return decodeCooked(row, at, 16, 18, end, wireEnd);
    case LINK_IPOIB: // behind the global routing header of InfiniBand
      return decodeCooked(row, at, 40, 44, end, wireEnd);
    case LINK_NETANALYZER:
      return decodeEthernet(row, at + 4, end, wireEnd);
    case LINK_ETHERNET_PREAMBLE:
      return decodeEthernet(row, at + 8, end, wireEnd);
    case LINK_DSA_BRCM_PREPEND:
      return decodeEthernet(row, at + 4, end, wireEnd);
    case LINK_DSA_BRCM:
    case LINK_DSA: // a tag of four octets between addresses and EtherType
      return decodeCooked(row, at, 16, 18, end, wireEnd);
    case LINK_EDSA: // the tag has an EtherType and two octets of its own before it
      return decodeCooked(row, at, 20, 22, end, wireEnd);
    default:
      return decodeEnvelope(row, linkType, at, end, wireEnd);
  }
}

/** Link types that name the one of the frame inside of them. */
function decodeEnvelope(row: u32, linkType: u32, at: usize, end: usize, wireEnd: usize): bool {
  const isPktap = linkType == LINK_PKTAP || linkType == LINK_PKTAP_PRIVATE;
  if (linkType != LINK_PPI && !isPktap) return refuse(row, REASON_UNKNOWN_LINK_TYPE);
  const room = left(at, end);
  if (room < 12) return noPacket(row);
  const headerBytes = isPktap ? u32LittleAt(at) : u16LittleAt(at + 2);
  const inside = u32LittleAt(at + (isPktap ? 8 : 4));
  // One in the other could be nested without end.
  const isNested = inside == LINK_PPI || inside == LINK_PKTAP || inside == LINK_PKTAP_PRIVATE;
  const isSound = headerBytes >= 8 && headerBytes <= <u32>room;
  // Of a number for private use, something else may be meant.
  if (isNested || (!isSound && linkType == LINK_PKTAP_PRIVATE)) return refuse(row, REASON_UNKNOWN_LINK_TYPE);
  return isSound ? decodeLink(row, inside, at + headerBytes, end, wireEnd) : noPacket(row);
}

/** An IP packet behind a header of fixed length. */
function decodeBehind(row: u32, at: usize, headerBytes: usize, end: usize, wireEnd: usize): bool {
  return decodeIp(row, at + headerBytes, end, wireEnd);
}

/** An EtherType at a fixed place in a header of fixed length. */
function decodeCooked(row: u32, at: usize, typeAt: usize, headerBytes: usize, end: usize, wireEnd: usize): bool {
  const next = at + headerBytes;
  if (left(next, end) < 0) return noPacket(row);
  const type = u16At(at + typeAt);
  return type < 1536 ? noPacket(row) : decodeEtherType(row, type, next, end, wireEnd);
}

/* Linux' numbers of devices. @see <linux/if_arp.h> */
const DEVICE_FRAME_RELAY: u32 = 770;
const DEVICE_GRE: u32 = 778;
const DEVICE_RADIOTAP: u32 = 803;
const DEVICE_NETLINK: u32 = 824;
/* Linux' numbers of frames without an EtherType. @see <linux/if_ether.h> */
const FRAME_ETHERNET: u32 = 3;
const FRAME_LLC: u32 = 4;
const FRAME_PPP: u32 = 7;

/** A cooked frame of Linux: of some devices the protocol is none, and what follows is a frame of theirs. */
function decodeLinuxCooked(
  row: u32,
  at: usize,
  typeAt: usize,
  deviceAt: usize,
  headerBytes: usize,
  end: usize,
  wireEnd: usize,
): bool {
  const next = at + headerBytes;
  if (left(next, end) < 0) return noPacket(row);
  const type = u16At(at + typeAt);
  const device = u16At(at + deviceAt);
  if (device == DEVICE_NETLINK) return noPacket(row);
  if (device == DEVICE_GRE && type == ETHERTYPE_PPP) return decodePpp(row, next, end, wireEnd);
  if (type >= 1536) return decodeEtherType(row, type, next, end, wireEnd);
  if (device == DEVICE_RADIOTAP) return decodeRadiotap(row, next, end, wireEnd);
  if (device == DEVICE_FRAME_RELAY) return decodeFrameRelay(row, next, end, wireEnd);
  switch (type) {
    case FRAME_ETHERNET:
      return decodeEthernet(row, next, end, wireEnd);
    case FRAME_LLC:
      return decodeLlc(row, next, end, wireEnd);
    case FRAME_PPP:
      return decodeHdlc(row, next, end, wireEnd);
    default:
      return noPacket(row);
  }
}

const FAMILY_IPV4: u32 = 2;
/** AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, Darwin; that of Windows is IPX elsewhere, and is written by nobody. */
function isIpv6Family(family: u32): bool {
  return family == 10 || family == 24 || family == 28 || family == 30;
}

/** @param isOfWriter  the address family is in the byte order of the writer, which nothing tells (NULL), or of the network (LOOP) */
function decodeLoopback(row: u32, at: usize, end: usize, wireEnd: usize, isOfWriter: bool): bool {
  const next = at + 4;
  if (left(next, end) < 0) return noPacket(row);
  const inOneOrder = u32At(at);
  const family = isOfWriter && inOneOrder > 0xffff ? u32LittleAt(at) : inOneOrder;
  if (family == FAMILY_IPV4) return decodeIp(row, next, end, wireEnd);
  if (isIpv6Family(family)) return decodeIpv6(row, next, end, wireEnd);
  return noPacket(row);
}

const CISCO_UNICAST: u32 = 0x0f;
const CISCO_MULTICAST: u32 = 0x8f;

/** PPP, or Cisco's framing. @see RFC 1662 §3.1 */
function decodeHdlc(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 1) return noPacket(row);
  const address = u8At(at);
  if (address != CISCO_UNICAST && address != CISCO_MULTICAST) return decodePpp(row, at, end, wireEnd);
  return decodeCooked(row, at, 2, 4, end, wireEnd);
}

const NLPID_PADDING: u32 = 0x00;
const NLPID_SNAP: u32 = 0x80;
const NLPID_IPV6: u32 = 0x8e;
const NLPID_IPV4: u32 = 0xcc;
/** @see RFC 1973 §3 */
const NLPID_PPP: u32 = 0xcf;

/** @see RFC 2427 §3; Cisco's own encapsulation has an EtherType behind the address */
function decodeFrameRelay(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  let next = at;
  let isLast = false;
  while (!isLast) {
    if (left(next, end) < 3) return noPacket(row);
    isLast = (u8At(next) & 1) != 0;
    next++;
  }
  if (u8At(next) != 0x03) return decodeCooked(row, next, 0, 2, end, wireEnd);
  next++;
  while (left(next, end) >= 1 && u8At(next) == NLPID_PADDING) next++;
  if (left(next, end) < 1) return noPacket(row);
  switch (u8At(next)) {
    case NLPID_IPV4:
    case NLPID_IPV6:
      return decodeIp(row, next + 1, end, wireEnd);
    case NLPID_SNAP:
      return decodeSnap(row, next + 1, 0, end, wireEnd);
    case NLPID_PPP:
      return decodePpp(row, next + 1, end, wireEnd);
    default:
      return noPacket(row);
  }
}

const NFLOG_PAYLOAD: u32 = 9;

/** Family, version, resource; then fields of length and type in the byte order of the writer, one of them the packet. */
function decodeNflog(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  let next = at + 4;
  while (left(next, end) >= 4) {
    // A type has its number in the low octet, so that it tells the byte order.
    const isLittle = u8At(next + 3) == 0;
    const fieldBytes = isLittle ? u16LittleAt(next) : u16At(next);
    const type = isLittle ? u16LittleAt(next + 2) : u16At(next + 2);
    if (fieldBytes < 4) return noPacket(row);
    const fieldEnd = next + fieldBytes;
    if (type == NFLOG_PAYLOAD) return decodeIp(row, next + 4, min(end, fieldEnd), min(wireEnd, fieldEnd));
    next += (fieldBytes + 3) & ~3;
  }
  return noPacket(row);
}

/** The first octet is the length of the header, without its padding to four octets. */
function decodePflog(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 1) return noPacket(row);
  return decodeBehind(row, at, (u8At(at) + 3) & ~3, end, wireEnd);
}

/** Frame control and two addresses, then LLC if the control says so. @see ISO 9314-2 §7.3.3 */
function decodeFddi(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 13) return noPacket(row);
  return u8At(at) >> 4 == 5 ? decodeLlc(row, at + 13, end, wireEnd) : noPacket(row);
}

const SUN_ATM_LLC: u32 = 2;

/** Direction and kind of traffic, and the numbers of a path and a channel; the kind is in the lower half. */
function decodeSunAtm(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  const isLlc = left(at, end) >= 4 && (u8At(at) & 0x0f) == SUN_ATM_LLC;
  return isLlc ? decodeLlc(row, at + 4, end, wireEnd) : noPacket(row);
}

/**
 * Of packets that are no business of InfiniBand's transport: an EtherType in a word of its own behind eight octets of local
 * route, or IPv6 at once.
 *
 * @see InfiniBand Architecture Specification 1.2.1 §5.2
 */
function decodeInfiniband(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  const next = at + 8;
  if (left(next, end) < 4) return noPacket(row);
  const following = u8At(at + 1) & 3;
  if (following == 0) return decodeCooked(row, next, 2, 4, end, wireEnd);
  return following == 1 ? decodeIpv6(row, next, end, wireEnd) : noPacket(row);
}

/** Access and frame control, two addresses, and a route if the source's first bit says so. @see IEEE 802.5 */
function decodeTokenRing(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 16) return noPacket(row);
  // The two highest bits of frame control: LLC, or the ring's own.
  if (u8At(at + 1) >> 6 != 1) return noPacket(row);
  const routeBytes: u32 = (u8At(at + 8) & 0x80) != 0 ? u8At(at + 14) & 0x1f : 0;
  return decodeLlc(row, at + 14 + routeBytes, end, wireEnd);
}
