import {
  FLAG_FIRST_FRAGMENT,
  FLAG_LATER_FRAGMENT,
  FLAG_LENGTH_INFERRED,
  FLAG_SHORT_FRAME,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  PROTOCOL_UDP_LITE,
  REASON_ENCAP_DEPTH,
  REASON_IPV6_NOT_TRANSLATED,
  REASON_L4_TRUNCATED,
  REASON_MALFORMED,
  TCP_WINDOW_UNKNOWN,
} from './codes';
import { decodeIcmp } from './icmp';
import { openIpTunnel } from './ip-tunnels';
import { enterHeader, isOutermost, noPacket, refuse } from './layers';
import { decisiveChunk } from './sctp-chunks';
import { decodeTcp } from './tcp-header';
import { findDestination, foundDestination } from './ip-options';
import { left, sumOf, u16At, u32At, u8At } from './octets';
import {
  hashPayload,
  hashesPayloads,
  ipVersionOf,
  noteTunnelSum,
  reasonOf,
  setFragment,
  setIp,
  setIpv4Addresses,
  setIpv4Header,
  setIpv6Addresses,
  setIpv6Identification,
  setReason,
  setTcp,
  setTransport,
} from './rows';
import { noteNat64, noteOuterIpv6 } from './tally';
import { isTunnelPort, openUdpTunnel } from './udp-tunnels';

/*
 * No case of a switch leaves it by `break` here: AssemblyScript 0.28 takes what follows for unreachable when all cases
 * return otherwise.
 */

const IPV4_HEADER_BYTES: u32 = 20;
const IPV6_HEADER_BYTES: u32 = 40;
const FRAGMENT_HEADER_BYTES: u32 = 8;
/** The upper half of 64:ff9b::/96. */
const NAT64_PREFIX: u32 = 0x0064ff9b;
const UDP_HEADER_BYTES: i32 = 8;
const PROTOCOL_DCCP: u32 = 33;
/** Ports, tag and checksum. @see RFC 9260 §3.1 */
const SCTP_HEADER_BYTES: i32 = 12;
export const PROTOCOL_AUTHENTICATION: u32 = 51;

const HEADER_HOP_BY_HOP: u32 = 0;
const HEADER_ROUTING: u32 = 43;
const HEADER_FRAGMENT: u32 = 44;
const HEADER_DESTINATION: u32 = 60;
const OPTION_PAD_1: u32 = 0;

/** Headers of IPv4 whose checksum is wrong are none. */
let checksSums: bool = false;

export function setChecksSums(isOn: bool): void {
  checksSums = isOn;
}

/** The packet that is decoded is no fragment, and all of it was captured. */
export let isWhole: bool = false;

/*
 * Every `decode…` here and in the link layers writes the packet that begins at `at` into the row, over the packet around
 * it if there is one, and tells whether it could. Octets up to `end` were captured; up to `wireEnd` they were on the wire.
 */

/** Decodes an IP packet of the version that its first octet names. */
export function decodeIp(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  const room = left(at, end);
  // What is before it was cut already.
  if (room < 0) return noPacket(row);
  if (room == 0) return refuse(row, at < wireEnd ? REASON_L4_TRUNCATED : REASON_MALFORMED);
  const version = u8At(at) >> 4;
  if (version == 4) return decodeIpv4(row, at, end, wireEnd);
  if (version == 6) return decodeIpv6(row, at, end, wireEnd);
  return refuse(row, REASON_MALFORMED);
}

/** @see RFC 791 §3.1 */
export function decodeIpv4(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  // Whether that octet was captured is asked there.
  return decodeIpv4As(row, at, end, wireEnd, u8At(at + 9));
}

/** @param protocol of what follows, where the header's own field is used otherwise */
export function decodeIpv4As(row: u32, at: usize, end: usize, wireEnd: usize, protocol: u32): bool {
  if (left(at, end) < <i32>IPV4_HEADER_BYTES) {
    return refuse(row, at + IPV4_HEADER_BYTES > wireEnd ? REASON_MALFORMED : REASON_L4_TRUNCATED);
  }
  const versionAndLength = u8At(at);
  const headerBytes = (versionAndLength & 0x0f) << 2;
  if (versionAndLength >> 4 != 4 || headerBytes < IPV4_HEADER_BYTES) return refuse(row, REASON_MALFORMED);
  let destination = u32At(at + 16);
  if (headerBytes > IPV4_HEADER_BYTES) {
    if (!findDestination(at, headerBytes, end)) {
      return refuse(row, at + headerBytes > wireEnd ? REASON_MALFORMED : REASON_L4_TRUNCATED);
    }
    destination = foundDestination;
  }
  if (checksSums && left(at, end) >= <i32>headerBytes && sumOf(at, at + headerBytes) != 0xffff)
    return refuse(row, REASON_MALFORMED);

  let ipBytes = u16At(at + 2);
  let flags: u32 = 0;
  if (ipBytes == 0) {
    ipBytes = <u32>(wireEnd - at);
    flags = FLAG_LENGTH_INFERRED;
  }
  if (<usize>ipBytes > wireEnd - at) flags = FLAG_SHORT_FRAME;
  if (ipBytes < headerBytes) return refuse(row, REASON_MALFORMED);

  setIp(row, 4, protocol, ipBytes, flags | enterHeader());
  setIpv4Addresses(row, u32At(at + 12), destination);
  setIpv4Header(row, at, u16At(at + 4), u8At(at + 8));
  const fragment = u16At(at + 6) & 0x3fff;
  isWhole = fragment == 0 && ipBytes <= <u32>left(at, end);
  const isPadded = ipBytes < <u32>left(at, end);
  const next = at + headerBytes;
  const packetEnd = isPadded ? at + ipBytes : end;
  if (fragment != 0) {
    const isLater = (fragment & 0x1fff) != 0;
    const span = fragmentSpan(fragment & 0x1fff, ipBytes - headerBytes, fragment & 0x2000);
    setFragment(row, isLater ? FLAG_LATER_FRAGMENT : FLAG_FIRST_FRAGMENT, span);
    if (isLater) {
      setNoTransport(row, protocol);
      if (hashesPayloads) hashPayload(row, next, packetEnd, fragment & 0x1fff);
      return true;
    }
  }
  decodeTransport(row, next, packetEnd, min(wireEnd, at + ipBytes), protocol);
  return true;
}

/**
 * Decodes an IPv6 packet with its extension headers. Its protocol is that of the header behind them.
 *
 * @see RFC 8200 §4; RFC 2675 jumbograms count their header only, as their length is in an option
 */
export function decodeIpv6(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 0) return noPacket(row);
  if (left(at, end) < <i32>IPV6_HEADER_BYTES) {
    return refuse(row, at + IPV6_HEADER_BYTES > wireEnd ? REASON_MALFORMED : REASON_L4_TRUNCATED);
  }
  if (u8At(at) >> 4 != 6) return refuse(row, REASON_MALFORMED);
  const payloadBytes = u16At(at + 4);
  const ipEnd = at + IPV6_HEADER_BYTES + payloadBytes;
  // Without a length, as of a jumbogram, the packet is what was captured of it.
  const packetEnd = payloadBytes > 0 && ipEnd < end ? ipEnd : end;

  isWhole = false;
  walkExtensions(at, packetEnd);
  const next = walkedTo;
  const l4 = walkedEnd;
  const fragmentHeader = walkedFragment;
  setIp(row, 6, walkedProtocol, IPV6_HEADER_BYTES + payloadBytes, enterHeader());
  setIpv6Addresses(row, at + 8);
  if (isOutermost()) {
    noteOuterIpv6(IPV6_HEADER_BYTES + payloadBytes);
    if (isOfNat64(at + 8) || isOfNat64(at + 24)) noteNat64();
  }
  const fragment = fragmentHeader == 0 ? 0 : u16At(fragmentHeader + 2) & 0xfff9;
  const isLater = fragment > 1;
  if (fragment != 0) {
    setIpv6Identification(row, u32At(fragmentHeader + 4));
    const octets = <u32>max(left(fragmentHeader + FRAGMENT_HEADER_BYTES, ipEnd), 0);
    const span = fragmentSpan(fragment >> 3, octets, fragment & 1);
    setFragment(row, isLater ? FLAG_LATER_FRAGMENT : FLAG_FIRST_FRAGMENT, span);
  }
  if (isLater) setNoTransport(row, walkedProtocol);
  else if (decodeTransport(row, l4, packetEnd, min(wireEnd, max(ipEnd, packetEnd)), next)) return true;
  // Whatever the transport says: no gateway of ours translates IPv6.
  if (reasonOf(row) != REASON_ENCAP_DEPTH) setReason(row, REASON_IPV6_NOT_TRANSLATED);
  return true;
}

/** Whether an address is in 64:ff9b::/96, which stands for an IPv4 host behind a translator. @see RFC 6052 §2.1 */
function isOfNat64(at: usize): bool {
  return u32At(at) == NAT64_PREFIX && u32At(at + 4) == 0 && u32At(at + 8) == 0;
}

/** @param start in units of eight octets. @returns as `PacketBatch` has it */
function fragmentSpan(start: u32, octets: u32, more: u32): u32 {
  return (start << 18) | (more != 0 ? 1 << 17 : 0) | (start * 8 + octets);
}

/* Where `walkExtensions` came to: what the last header says comes next, and where it is. */
export let walkedTo: u32 = 0;
export let walkedEnd: usize = 0;
/** The protocol of the packet. */
export let walkedProtocol: u32 = 0;
/** The fragment header; 0 without one. */
export let walkedFragment: usize = 0;

/**
 * Goes from a header of IPv6 over the extension headers behind it, up to the one of a later fragment, behind which there
 * is none that could be read.
 *
 * @see RFC 8200 §4.1, RFC 4302 §2.2 for the length of an authentication header
 */
export function walkExtensions(at: usize, packetEnd: usize): void {
  let next = u8At(at + 6);
  let end = at + IPV6_HEADER_BYTES;
  let header: u32 = next;
  let isLater = false;
  walkedFragment = 0;
  while (!isLater && isExtensionHeader(next) && left(end, packetEnd) >= tellingBytes(next)) {
    header = next;
    next = u8At(end);
    if (left(end, packetEnd) < 8 || (hasOptions(header) && !hasWholeOptions(end, packetEnd))) {
      end = packetEnd + 1;
    } else if (header == HEADER_FRAGMENT) {
      walkedFragment = end;
      isLater = (u16At(end + 2) & 0xfff8) != 0;
      end += 8;
    } else if (header == PROTOCOL_AUTHENTICATION) {
      end += (u8At(end + 1) + 2) << 2;
    } else {
      end += (u8At(end + 1) + 1) << 3;
    }
  }
  walkedTo = next;
  walkedEnd = end;
  // What is authenticated counts as such where it is no conversation of its own, such as OSPF's, or was cut off.
  const isHidden = !hasConversations(next) || left(end, packetEnd) < 0;
  walkedProtocol = header == PROTOCOL_AUTHENTICATION && isHidden ? PROTOCOL_AUTHENTICATION : next;
}

/** Others are protocols of their own: nothing follows them that could be read, or it is read as the transport's. */
function isExtensionHeader(next: u32): bool {
  switch (next) {
    case HEADER_HOP_BY_HOP:
    case HEADER_ROUTING:
    case HEADER_FRAGMENT:
    case HEADER_DESTINATION:
    case PROTOCOL_AUTHENTICATION:
      return true;
    default:
      return false;
  }
}

function hasOptions(header: u32): bool {
  return header == HEADER_HOP_BY_HOP || header == HEADER_DESTINATION;
}

/** False when an option reaches behind the packet: no host would read what follows. @see RFC 8200 §4.2 */
function hasWholeOptions(header: usize, packetEnd: usize): bool {
  const headerEnd = header + ((u8At(header + 1) + 1) << 3);
  let at = header + 2;
  while (at < headerEnd) {
    if (left(at, packetEnd) < 2) return false;
    at += u8At(at) == OPTION_PAD_1 ? 1 : 2 + u8At(at + 1);
    if (at > packetEnd) return false;
  }
  return true;
}

/** Octets of an extension header that was cut without which it does not tell what follows, as other analysers have it. */
function tellingBytes(header: u32): i32 {
  if (header == HEADER_FRAGMENT) return 8;
  return header == HEADER_ROUTING ? 1 : 2;
}

/** Protocols with ports or identifiers. */
function hasConversations(protocol: u32): bool {
  switch (protocol) {
    case PROTOCOL_TCP:
    case PROTOCOL_UDP:
    case PROTOCOL_DCCP:
    case PROTOCOL_SCTP:
    case PROTOCOL_UDP_LITE:
    case PROTOCOL_ICMP:
    case PROTOCOL_ICMPV6:
      return true;
    default:
      return false;
  }
}

/**
 * Ports, TCP flags, ICMP type and identifier; and the tunnel that the protocol is, if it is to be opened.
 *
 * @returns whether a packet in a tunnel took the place of this one
 * @see RFC 9293 §3.1, RFC 768, RFC 792
 */
function decodeTransport(row: u32, at: usize, end: usize, wireEnd: usize, protocol: u32): bool {
  const room = left(at, end);
  switch (protocol) {
    case PROTOCOL_TCP: {
      if (room < 4) setCutTcp(row);
      else decodeTcp(row, at, room);
      return false;
    }
    case PROTOCOL_UDP: {
      if (room < 4) {
        setCut(row, 0);
        return false;
      }
      const ports = u32At(at);
      setTransport(row, ports, 0);
      if (hashesPayloads) hashPayload(row, at + UDP_HEADER_BYTES, end);
      const isTunnel = (isTunnelPort(ports & 0xffff) || isTunnelPort(ports >> 16)) && room >= UDP_HEADER_BYTES;
      if (!isTunnel) return false;
      // Its length includes the header; only a jumbogram has none. @see RFC 768, RFC 2675 §4
      const udpBytes = u16At(at + 4);
      const isJumbo = udpBytes == 0 && ipVersionOf(row) == 6;
      if (udpBytes < <u32>UDP_HEADER_BYTES && !isJumbo) return false;
      const udpEnd = isJumbo ? wireEnd : at + udpBytes;
      if (u16At(at + 6) != 0) noteTunnelSum(row, at + 6);
      return openUdpTunnel(row, at + UDP_HEADER_BYTES, min(end, udpEnd), min(wireEnd, udpEnd), ports);
    }
    case PROTOCOL_SCTP: {
      if (room < 4) {
        setCut(row, 0);
        return false;
      }
      setTransport(row, u32At(at), decisiveChunk(at + SCTP_HEADER_BYTES, end));
      if (hashesPayloads) hashPayload(row, at + SCTP_HEADER_BYTES, end);
      return false;
    }
    case PROTOCOL_UDP_LITE: {
      if (room < 4) {
        setCut(row, 0);
        return false;
      }
      setTransport(row, u32At(at), 0);
      if (hashesPayloads) hashPayload(row, at + UDP_HEADER_BYTES, end);
      return false;
    }
    case PROTOCOL_DCCP: {
      if (room < 4) setCut(row, 0);
      else setTransport(row, u32At(at), 0);
      return false;
    }
    case PROTOCOL_ICMP:
    case PROTOCOL_ICMPV6: {
      if (room < 1) setCut(row, 0);
      else decodeIcmp(row, at, end, protocol);
      return false;
    }
    case PROTOCOL_AUTHENTICATION: {
      setTransport(row, 0, 0);
      if (room < 8) return false;
      return decodeTransport(row, at + ((u8At(at + 1) + 2) << 2), end, wireEnd, u8At(at));
    }
    default: {
      setTransport(row, 0, 0);
      if (hashesPayloads) hashPayload(row, at, end);
      return openIpTunnel(row, at, end, wireEnd, protocol);
    }
  }
}

/** A later fragment, which has no header of the transport. */
function setNoTransport(row: u32, protocol: u32): void {
  setTransport(row, 0, 0);
  if (protocol == PROTOCOL_TCP) setTcp(row, 0, 0, TCP_WINDOW_UNKNOWN);
}

function setCutTcp(row: u32): void {
  setCut(row, 0);
  setTcp(row, 0, 0, TCP_WINDOW_UNKNOWN);
}

/** The capture ends before the ports or the identifier. */
export function setCut(row: u32, l4Kind: u32): void {
  setTransport(row, 0, l4Kind);
  setReason(row, REASON_L4_TRUNCATED);
}
