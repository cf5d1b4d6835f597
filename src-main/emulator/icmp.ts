import { batchQuotedDst, batchQuotedPorts, batchQuotedProtocol, batchQuotedSrc, batchQuotedVersion } from './batch';
import {
  FLAG_BAD_ICMP_CHECKSUM,
  FLAG_FIRST_FRAGMENT,
  FLAG_ICMP_ERROR,
  FLAG_LATER_FRAGMENT,
  PROTOCOL_ICMP,
  REASON_GATEWAY_ECHO,
  REASON_ICMP_BAD_CHECKSUM,
  REASON_ICMP_NO_SESSION,
  REASON_ICMP_UNSUPPORTED,
  REASON_NO_SESSION,
} from './codes';
import { OPTION_ICMP_REPLY, does } from './configuration';
import { hasPorts } from './other-protocols';

/*
 * ICMP: queries are sessions of their own, errors belong to the session of the packet that they quote.
 * @see RFC 5508; nat-gateway reference §4.3
 */

const ECHO_REPLY: u32 = 0;
const UNREACHABLE: u32 = 3;
const ECHO_REQUEST: u32 = 8;
const TIME_EXCEEDED: u32 = 11;
const PARAMETER_PROBLEM: u32 = 12;
const TIMESTAMP_REQUEST: u32 = 13;
const MASK_REPLY: u32 = 18;

/** Echo, timestamp, information and mask: requests and their replies. */
export function isIcmpQuery(type: u32): bool {
  return type == ECHO_REQUEST || type == ECHO_REPLY || (type >= TIMESTAMP_REQUEST && type <= MASK_REPLY);
}

/** Of queries. */
function isRequest(type: u32): bool {
  return type == ECHO_REQUEST || (type >= TIMESTAMP_REQUEST && (type & 1) == 1);
}

/** Of errors, those that are translated. @see RFC 5508 REQ-10, REQ-11 */
function isTranslated(type: u32): bool {
  return type == UNREACHABLE || type == TIME_EXCEEDED || type == PARAMETER_PROBLEM;
}

/** In a fragment, which is not captured whole, the bit says something else. */
const OF_BAD_CHECKSUM: u32 = FLAG_ICMP_ERROR | FLAG_BAD_ICMP_CHECKSUM;
const ANY_FRAGMENT: u32 = FLAG_FIRST_FRAGMENT | FLAG_LATER_FRAGMENT;
function hasBadChecksum(flags: u32): bool {
  return (flags & (OF_BAD_CHECKSUM | ANY_FRAGMENT)) == OF_BAD_CHECKSUM;
}

/**
 * @param isSeenToPass it was seen on both sides
 * @returns 0 when the message may be of a session, else a `REASON_CODE`
 */
export function refusalOfIcmp(type: u32, flags: u32, fromVpc: bool, isPublicLeg: bool, isSeenToPass: bool): u32 {
  if (!isIcmpQuery(type)) {
    if (!isTranslated(type)) return REASON_ICMP_UNSUPPORTED;
    if (hasBadChecksum(flags)) return REASON_ICMP_BAD_CHECKSUM;
    return (flags & FLAG_ICMP_ERROR) == 0 ? REASON_ICMP_NO_SESSION : 0;
  }
  // Queries go out and replies come in; anything else is answered by the gateway or by nobody.
  if (isSeenToPass || isRequest(type) == fromVpc) return 0;
  const isEcho = type == ECHO_REQUEST || type == ECHO_REPLY;
  return isPublicLeg && isEcho && does(OPTION_ICMP_REPLY) ? REASON_GATEWAY_ECHO : REASON_NO_SESSION;
}

/* The session that `findQuoted` found an error to be about. */
export let quotedPriIp: u32 = 0;
export let quotedPubIp: u32 = 0;
export let quotedPorts: u32 = 0;
export let quotedProtocol: u32 = 0;

/** It is known already. */
export function setQuoted(priIp: u32, pubIp: u32, ports: u32, protocol: u32): void {
  quotedPriIp = priIp;
  quotedPubIp = pubIp;
  quotedPorts = ports;
  quotedProtocol = protocol;
}

/**
 * Takes apart what an error quotes: a packet that went the other way.
 *
 * @param fromVpc the error goes out, so the packet that it is about came in
 * @param inner   end of the error on the inner side: an error that comes in goes to who sent the packet
 * @returns false when no session can be told from it
 */
export function findQuoted(row: u32, fromVpc: bool, inner: u32): bool {
  if (load<u8>(batchQuotedVersion + row) != 4) return false;
  const src = load<u32>(batchQuotedSrc + row * 4);
  const dst = load<u32>(batchQuotedDst + row * 4);
  const ports = load<u32>(batchQuotedPorts + row * 4);
  if (!fromVpc && src != inner) return false;
  quotedProtocol = load<u8>(batchQuotedProtocol + row);
  quotedPriIp = fromVpc ? dst : src;
  quotedPubIp = fromVpc ? src : dst;
  if (quotedProtocol == PROTOCOL_ICMP) quotedPorts = ports & 0xffff0000;
  else if (!hasPorts(quotedProtocol)) quotedPorts = 0;
  else quotedPorts = fromVpc ? rotl(ports, 16) : ports;
  return true;
}
