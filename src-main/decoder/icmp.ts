import { FLAG_BAD_ICMP_CHECKSUM, FLAG_ICMP_ERROR, PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from './codes';
import {
  PROTOCOL_AUTHENTICATION,
  isWhole,
  setCut,
  walkExtensions,
  walkedEnd,
  walkedFragment,
  walkedProtocol,
  walkedTo,
} from './ip';
import { findDestination, foundDestination } from './ip-options';
import { left, sumOf, u16At, u32At, u8At } from './octets';
import { addFlag, copyAddresses6, hashPayload, hashesPayloads, setIcmpCode, setQuoted, setTransport } from './rows';

const ICMPV6_ECHO_REQUEST: u32 = 128;
const ICMPV6_ECHO_REPLY: u32 = 129;

/** Octets of an error before the packet that it quotes. */
const ERROR_HEADER_BYTES: usize = 8;
const IPV4_HEADER_BYTES: u32 = 20;
const IPV6_HEADER_BYTES: u32 = 40;

/** An ICMP or ICMPv6 message of at least one octet. @see RFC 792, RFC 4443 */
export function decodeIcmp(row: u32, at: usize, end: usize, protocol: u32): void {
  const room = left(at, end);
  const type = u8At(at);
  setIcmpCode(row, room > 1 ? u8At(at + 1) : 0);
  const isV4 = protocol == PROTOCOL_ICMP;
  if (isV4 ? isIcmpQuery(type) : isIcmpv6Echo(type)) {
    if (room < 6) {
      setCut(row, type);
      return;
    }
    setTransport(row, u16At(at + 4) * 0x10001, type);
    // The identifier is translated, and the checksum with it; the sequence number and what follows is not.
    if (hashesPayloads) hashPayload(row, at + 6, end);
    return;
  }
  setTransport(row, 0, type);
  if (!(isV4 ? room >= 6 && isIcmpError(type) : isIcmpv6Error(type))) return;
  addFlag(row, FLAG_ICMP_ERROR);
  if (isV4 && isWhole && !hasSums(at, end)) addFlag(row, FLAG_BAD_ICMP_CHECKSUM);
  if (isV4) quoteIpv4(row, at + ERROR_HEADER_BYTES, end);
  else quoteIpv6(row, at + ERROR_HEADER_BYTES, end);
}

/** Echo, timestamp, information and mask, request and reply: the messages with an identifier. @see RFC 792, RFC 950 */
function isIcmpQuery(type: u32): bool {
  return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

function isIcmpv6Echo(type: u32): bool {
  return type == ICMPV6_ECHO_REQUEST || type == ICMPV6_ECHO_REPLY;
}

/** Unreachable, source quench, redirect, time exceeded, parameter problem. @see RFC 792 */
function isIcmpError(type: u32): bool {
  return (type >= 3 && type <= 5) || type == 11 || type == 12;
}

/** Unreachable, too big, time exceeded, parameter problem. @see RFC 4443 §2.1 */
function isIcmpv6Error(type: u32): bool {
  return type >= 1 && type <= 4;
}

/**
 * Whether the checksums of an error that was captured whole are right: its own, and that of the quoted header, the
 * options of which belong to it. What a quoted transport says is not looked at.
 *
 * @see RFC 5508 §4.2, RFC 1071 §1
 */
function hasSums(at: usize, end: usize): bool {
  if (sumOf(at, end) != 0xffff) return false;
  const quoted = at + ERROR_HEADER_BYTES;
  const headerBytes: usize = left(quoted, end) < 1 ? 0 : (u8At(quoted) & 0x0f) << 2;
  return left(quoted, end) < <i32>headerBytes || headerBytes < IPV4_HEADER_BYTES || isSound(quoted, headerBytes);
}

function isSound(header: usize, bytes: usize): bool {
  return sumOf(header, header + bytes) == 0xffff;
}

/** The packet that an error is about, with the ports as far as they were quoted and captured. */
function quoteIpv4(row: u32, at: usize, end: usize): void {
  const room = left(at, end);
  const headerBytes: u32 = room < <i32>IPV4_HEADER_BYTES ? 0 : (u8At(at) & 0x0f) << 2;
  const isWhole = headerBytes >= IPV4_HEADER_BYTES && u8At(at) >> 4 == 4 && findDestination(at, headerBytes, end);
  const ipBytes = isWhole ? u16At(at + 2) : 0;
  if (!isWhole || (ipBytes != 0 && ipBytes < headerBytes)) {
    setQuoted(row, 0, 0, 0);
    return;
  }
  const protocol = u8At(at + 9);
  const isLater = (u16At(at + 6) & 0x1fff) != 0;
  const addresses = setQuoted(row, 4, protocol, isLater ? 0 : quotedPorts(at + headerBytes, end, protocol));
  store<u32>(addresses, u32At(at + 12));
  store<u32>(addresses + 16, foundDestination);
}

function quoteIpv6(row: u32, at: usize, end: usize): void {
  if (left(at, end) < <i32>IPV6_HEADER_BYTES || u8At(at) >> 4 != 6) {
    setQuoted(row, 0, 0, 0);
    return;
  }
  walkExtensions(at, end);
  const isLater = walkedFragment != 0 && (u16At(walkedFragment + 2) & 0xfff8) != 0;
  const ports = isLater ? 0 : quotedPorts(walkedEnd, end, walkedTo);
  const addresses = setQuoted(row, 6, walkedProtocol, ports);
  copyAddresses6(addresses, at + 8);
}

/** As in the row of the quoted packet itself; 0 where it has none, or too little of it was quoted. */
function quotedPorts(at: usize, end: usize, protocol: u32): u32 {
  const room = left(at, end);
  switch (protocol) {
    case 6:
    case 17:
    case 33:
    case 132:
    case 136:
      return room < 4 ? 0 : u32At(at);
    case PROTOCOL_AUTHENTICATION:
      return room < 8 ? 0 : quotedPorts(at + ((u8At(at + 1) + 2) << 2), end, u8At(at));
    case PROTOCOL_ICMP:
      return room >= 6 && isIcmpQuery(u8At(at)) ? u16At(at + 4) * 0x10001 : 0;
    case PROTOCOL_ICMPV6:
      return room >= 6 && isIcmpv6Echo(u8At(at)) ? u16At(at + 4) * 0x10001 : 0;
    default:
      return 0;
  }
}
