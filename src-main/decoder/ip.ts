import {
  FLAG_FIRST_FRAGMENT,
  FLAG_LATER_FRAGMENT,
  FLAG_LENGTH_INFERRED,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  REASON_ENCAP_DEPTH,
  REASON_IPV6_NOT_TRANSLATED,
  REASON_L4_TRUNCATED,
  REASON_MALFORMED,
} from './codes';
import { decodeIcmp } from './icmp';
import { enterHeader, isOutermost, refuse } from './layers';
import { left, u16At, u32At, u8At } from './octets';
import { reasonOf, setFragment, setIp, setIpv4Addresses, setIpv6Addresses, setReason, setTransport } from './rows';
import { noteOuterIpv6 } from './tally';
import { isTunnelPort, openIpTunnel, openUdpTunnel } from './tunnels';

/*
 * No case of a switch leaves it by `break` here: AssemblyScript 0.28 takes what follows for unreachable when all cases
 * return otherwise.
 */

const IPV4_HEADER_BYTES: u32 = 20;
const IPV6_HEADER_BYTES: u32 = 40;
const UDP_HEADER_BYTES: i32 = 8;
const PROTOCOL_DCCP: u32 = 33;
const PROTOCOL_SCTP: u32 = 132;
const PROTOCOL_UDP_LITE: u32 = 136;
const PROTOCOL_AUTHENTICATION: u32 = 51;

const HEADER_HOP_BY_HOP: u32 = 0;
const HEADER_ROUTING: u32 = 43;
const HEADER_FRAGMENT: u32 = 44;
const HEADER_DESTINATION: u32 = 60;

/** TCP flags of a segment whose flags octet the capture cut off: taken for one in mid-stream. */
const TCP_ACK: u32 = 0x10;

/*
 * Every `decode…` here and in the link layers writes the packet that begins at `at` into the row, over the packet around
 * it if there is one, and tells whether it could. Octets up to `end` were captured; up to `wireEnd` they were on the wire.
 */

/** Decodes an IP packet of the version that its first octet names. */
export function decodeIp(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 1) return refuse(row, at < wireEnd ? REASON_L4_TRUNCATED : REASON_MALFORMED);
  const version = u8At(at) >> 4;
  if (version == 4) return decodeIpv4(row, at, end, wireEnd);
  if (version == 6) return decodeIpv6(row, at, end, wireEnd);
  return refuse(row, REASON_MALFORMED);
}

/** @see RFC 791 §3.1 */
export function decodeIpv4(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < <i32>IPV4_HEADER_BYTES) {
    return refuse(row, at + IPV4_HEADER_BYTES > wireEnd ? REASON_MALFORMED : REASON_L4_TRUNCATED);
  }
  const versionAndLength = u8At(at);
  const headerBytes = (versionAndLength & 0x0f) << 2;
  if (versionAndLength >> 4 != 4 || headerBytes < IPV4_HEADER_BYTES) return refuse(row, REASON_MALFORMED);

  let ipBytes = u16At(at + 2);
  let flags: u32 = 0;
  if (ipBytes == 0) {
    ipBytes = <u32>(wireEnd - at);
    flags = FLAG_LENGTH_INFERRED;
  }
  if (ipBytes < headerBytes) return refuse(row, REASON_MALFORMED);

  const protocol = u8At(at + 9);
  setIp(row, 4, protocol, ipBytes, flags | enterHeader());
  setIpv4Addresses(row, u32At(at + 12), u32At(at + 16));
  const fragment = u16At(at + 6) & 0x3fff;
  if (fragment != 0) {
    const isLater = (fragment & 0x1fff) != 0;
    setFragment(row, u16At(at + 4), isLater ? FLAG_LATER_FRAGMENT : FLAG_FIRST_FRAGMENT);
    if (isLater) {
      setTransport(row, 0, 0);
      return true;
    }
  }
  const isPadded = ipBytes < <u32>left(at, end);
  const next = at + headerBytes;
  decodeTransport(row, next, isPadded ? at + ipBytes : end, min(wireEnd, at + ipBytes), protocol);
  return true;
}

/**
 * Decodes an IPv6 packet with its extension headers. Its protocol is that of the header behind them.
 *
 * @see RFC 8200 §4; RFC 2675 jumbograms count their header only, as their length is in an option
 */
export function decodeIpv6(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < <i32>IPV6_HEADER_BYTES) {
    return refuse(row, at + IPV6_HEADER_BYTES > wireEnd ? REASON_MALFORMED : REASON_L4_TRUNCATED);
  }
  if (u8At(at) >> 4 != 6) return refuse(row, REASON_MALFORMED);
  const payloadBytes = u16At(at + 4);
  const ipEnd = at + IPV6_HEADER_BYTES + payloadBytes;
  // Without a length, as of a jumbogram, the packet is what was captured of it.
  const packetEnd = payloadBytes > 0 && ipEnd < end ? ipEnd : end;

  let next = u8At(at + 6);
  let l4 = at + IPV6_HEADER_BYTES;
  let fragmentHeader: usize = 0;
  while (isExtensionHeader(next) && left(l4, packetEnd) >= 8) {
    const header = next;
    next = u8At(l4);
    if (header == HEADER_FRAGMENT) {
      fragmentHeader = l4;
      l4 += 8;
      if ((u16At(fragmentHeader + 2) & 0xfff8) != 0) break;
    } else {
      l4 += (u8At(l4 + 1) + 1) << 3;
    }
  }
  setIp(row, 6, next, IPV6_HEADER_BYTES + payloadBytes, enterHeader());
  setIpv6Addresses(row, at + 8);
  if (isOutermost()) noteOuterIpv6(IPV6_HEADER_BYTES + payloadBytes);
  const fragment = fragmentHeader == 0 ? 0 : u16At(fragmentHeader + 2) & 0xfff9;
  const isLater = fragment > 1;
  if (fragment != 0) {
    setFragment(row, u32At(fragmentHeader + 4), isLater ? FLAG_LATER_FRAGMENT : FLAG_FIRST_FRAGMENT);
  }
  if (isLater) setTransport(row, 0, 0);
  else if (decodeTransport(row, l4, packetEnd, min(wireEnd, max(ipEnd, packetEnd)), next)) return true;
  // Whatever the transport says: no gateway of ours translates IPv6.
  if (reasonOf(row) != REASON_ENCAP_DEPTH) setReason(row, REASON_IPV6_NOT_TRANSLATED);
  return true;
}

/**
 * Hop-by-hop, routing, fragment and destination options. Others are protocols of their own: nothing follows them that
 * could be read, or it is read as the transport's.
 *
 * @see RFC 8200 §4.1
 */
function isExtensionHeader(next: u32): bool {
  return next == HEADER_HOP_BY_HOP || next == HEADER_ROUTING || next == HEADER_FRAGMENT || next == HEADER_DESTINATION;
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
      if (room < 4) setCut(row, 0);
      else setTransport(row, u32At(at), room >= 14 ? u8At(at + 13) : TCP_ACK);
      return false;
    }
    case PROTOCOL_UDP: {
      if (room < 4) {
        setCut(row, 0);
        return false;
      }
      const ports = u32At(at);
      setTransport(row, ports, 0);
      const isTunnel = (isTunnelPort(ports & 0xffff) || isTunnelPort(ports >> 16)) && room >= UDP_HEADER_BYTES;
      return isTunnel && openUdpTunnel(row, at + UDP_HEADER_BYTES, end, wireEnd, ports);
    }
    case PROTOCOL_DCCP:
    case PROTOCOL_SCTP:
    case PROTOCOL_UDP_LITE: {
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
      return openIpTunnel(row, at, end, wireEnd, protocol);
    }
  }
}

/** The capture ends before the ports or the identifier. */
export function setCut(row: u32, l4Kind: u32): void {
  setTransport(row, 0, l4Kind);
  setReason(row, REASON_L4_TRUNCATED);
}
