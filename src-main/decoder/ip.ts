import {
  FLAG_LATER_FRAGMENT,
  FLAG_LENGTH_INFERRED,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  REASON_IPV6_NOT_TRANSLATED,
  REASON_L4_TRUNCATED,
  REASON_MALFORMED,
} from './codes';
import { left, u16At, u32At, u8At } from './octets';
import { addFlag, rowAddress6, rowDstIp, rowSrcIp, setIp, setNone, setReason, setTransport } from './rows';

/*
 * No case of a switch leaves it by `break` here: AssemblyScript 0.28 takes what follows for unreachable when all cases
 * return otherwise.
 */

const IPV4_HEADER_BYTES: u32 = 20;
const IPV6_HEADER_BYTES: u32 = 40;
const PROTOCOL_DCCP: u32 = 33;
const PROTOCOL_SCTP: u32 = 132;
const PROTOCOL_UDP_LITE: u32 = 136;

const HEADER_FRAGMENT: u32 = 44;
const HEADER_AUTHENTICATION: u32 = 51;

const ICMPV6_ECHO_REQUEST: u32 = 128;
const ICMPV6_ECHO_REPLY: u32 = 129;

/** TCP flags of a segment whose flags octet the capture cut off: taken for one in mid-stream. */
const TCP_ACK: u32 = 0x10;

/** Rows with IPv6 addresses since `forgetIpv6`: without any, their columns need not be copied. */
export let ipv6Rows: u32 = 0;

export function forgetIpv6(): void {
  ipv6Rows = 0;
}

/**
 * Decodes the IPv4 packet at `at`.
 *
 * @param end        after the last captured octet
 * @param wireBytes  length of the IP packet and its padding on the wire, for packets whose header gives no length
 * @see RFC 791 §3.1
 */
export function decodeIpv4(row: u32, at: usize, end: usize, wireBytes: u32): void {
  if (left(at, end) < <i32>IPV4_HEADER_BYTES) return setNone(row, REASON_L4_TRUNCATED);
  const versionAndLength = u8At(at);
  const headerBytes = (versionAndLength & 0x0f) << 2;
  if (versionAndLength >> 4 != 4 || headerBytes < IPV4_HEADER_BYTES) return setNone(row, REASON_MALFORMED);

  let ipBytes = u16At(at + 2);
  let flags: u32 = 0;
  if (ipBytes == 0) {
    ipBytes = wireBytes;
    flags = FLAG_LENGTH_INFERRED;
  }
  if (ipBytes < headerBytes) return setNone(row, REASON_MALFORMED);

  const protocol = u8At(at + 9);
  store<u32>(rowSrcIp + row * 4, u32At(at + 12));
  store<u32>(rowDstIp + row * 4, u32At(at + 16));
  if ((u16At(at + 6) & 0x1fff) != 0) {
    setIp(row, 4, protocol, ipBytes, flags | FLAG_LATER_FRAGMENT);
    setTransport(row, 0, 0);
    return;
  }
  setIp(row, 4, protocol, ipBytes, flags);
  const isPadded = ipBytes < <u32>left(at, end);
  decodeTransport(row, at + headerBytes, isPadded ? at + ipBytes : end, protocol);
}

/**
 * Decodes the IPv6 packet at `at`, with its extension headers.
 *
 * @see RFC 8200 §4; RFC 2675 jumbograms count their header only, as their length is in an option
 */
export function decodeIpv6(row: u32, at: usize, end: usize): void {
  if (left(at, end) < <i32>IPV6_HEADER_BYTES) return setNone(row, REASON_L4_TRUNCATED);
  if (u8At(at) >> 4 != 6) return setNone(row, REASON_MALFORMED);
  ipv6Rows++;
  for (let word: usize = 0; word < 32; word += 4) store<u32>(rowAddress6 + row * 32 + word, u32At(at + 8 + word));

  let next = u8At(at + 6);
  let l4 = at + IPV6_HEADER_BYTES;
  let isLaterFragment = false;
  while (isExtensionHeader(next) && left(l4, end) >= 8) {
    const header = next;
    next = u8At(l4);
    if (header == HEADER_FRAGMENT) {
      isLaterFragment = (u16At(l4 + 2) & 0xfff8) != 0;
      l4 += 8;
      if (isLaterFragment) break;
    } else if (header == HEADER_AUTHENTICATION) {
      l4 += (u8At(l4 + 1) + 2) << 2;
    } else {
      l4 += (u8At(l4 + 1) + 1) << 3;
    }
  }
  setIp(row, 6, next, IPV6_HEADER_BYTES + u16At(at + 4), 0);
  if (isLaterFragment) {
    addFlag(row, FLAG_LATER_FRAGMENT);
    setTransport(row, 0, 0);
  } else {
    decodeTransport(row, l4, end, next);
  }
  // Whatever the transport says: no gateway of ours translates IPv6.
  setReason(row, REASON_IPV6_NOT_TRANSLATED);
}

/** Hop-by-hop, routing, fragment, authentication, destination options, mobility, HIP, shim6. @see IANA "IPv6 Extension Header Types" */
function isExtensionHeader(next: u32): bool {
  switch (next) {
    case 0:
    case 43:
    case HEADER_FRAGMENT:
    case HEADER_AUTHENTICATION:
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
function decodeTransport(row: u32, at: usize, end: usize, protocol: u32): void {
  const room = left(at, end);
  switch (protocol) {
    case PROTOCOL_TCP:
      return room < 4 ? setCut(row, 0) : setTransport(row, u32At(at), room >= 14 ? u8At(at + 13) : TCP_ACK);
    case PROTOCOL_UDP:
    case PROTOCOL_DCCP:
    case PROTOCOL_SCTP:
    case PROTOCOL_UDP_LITE:
      return room < 4 ? setCut(row, 0) : setTransport(row, u32At(at), 0);
    case PROTOCOL_ICMP:
    case PROTOCOL_ICMPV6:
      return room < 1 ? setCut(row, 0) : decodeIcmp(row, at, room, protocol);
    default:
      return setTransport(row, 0, 0);
  }
}

function decodeIcmp(row: u32, at: usize, room: i32, protocol: u32): void {
  const type = u8At(at);
  const hasIdentifier = protocol == PROTOCOL_ICMP ? isIcmpQuery(type) : isIcmpv6Echo(type);
  if (!hasIdentifier) setTransport(row, 0, type);
  else if (room < 6) setCut(row, type);
  else setTransport(row, u16At(at + 4) * 0x10001, type);
}

/** The capture ends before the ports or the identifier. */
function setCut(row: u32, l4Kind: u32): void {
  setTransport(row, 0, l4Kind);
  setReason(row, REASON_L4_TRUNCATED);
}

/** Echo, timestamp, information and mask, request and reply: the messages with an identifier. @see RFC 792, RFC 950 */
function isIcmpQuery(type: u32): bool {
  return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

function isIcmpv6Echo(type: u32): bool {
  return type == ICMPV6_ECHO_REQUEST || type == ICMPV6_ECHO_REPLY;
}
