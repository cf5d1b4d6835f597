import {
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  ETHERTYPE_MPLS,
  ETHERTYPE_MPLS_UPSTREAM,
  ETHERTYPE_NSH,
  ETHERTYPE_PPP,
  ETHERTYPE_TRANSPARENT_BRIDGING,
  decodeEthernet,
  decodeEtherType,
  decodePpp,
} from './ether-type';
import { decodeIp } from './ip';
import { left, u16At, u8At } from './octets';
import { noteTunnelSum } from './rows';
import { TUNNEL_ERSPAN, TUNNEL_GRE, TUNNEL_WCCP } from './tally';
import { decodeWireless } from './wireless';

const GRE_CHECKSUM: u32 = 0x8000;
const GRE_ROUTING: u32 = 0x4000;
const GRE_KEY: u32 = 0x2000;
const GRE_SEQUENCE: u32 = 0x1000;
const GRE_ACKNOWLEDGMENT: u32 = 0x0080;
const GRE_TYPE_ERSPAN: u32 = 0x88be;
const GRE_TYPE_ERSPAN_III: u32 = 0x22eb;
const GRE_TYPE_WCCP: u32 = 0x883e;
/** MikroTik's EoIP, in a header as PPTP has it. */
const GRE_TYPE_ETHERNET_OVER_IP: u32 = 0x6400;

/** @see RFC 2784 §2, RFC 2890 §2; RFC 1701 for source routes; RFC 2637 §4.1 for the PPP of PPTP, which is acknowledged */
export function openGre(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 4) return false;
  const flags = u16At(at);
  const type = u16At(at + 2);
  let next = at + 4;
  if ((flags & GRE_CHECKSUM) != 0 && left(next, end) >= 4) noteTunnelSum(row, next);
  if ((flags & (GRE_CHECKSUM | GRE_ROUTING)) != 0) next += 4;
  if ((flags & GRE_KEY) != 0) next += 4;
  if ((flags & GRE_SEQUENCE) != 0) next += 4;
  if (type == ETHERTYPE_PPP && (flags & GRE_ACKNOWLEDGMENT) != 0) next += 4;
  if ((flags & GRE_ROUTING) != 0) {
    let entryBytes: u32 = 1;
    while (entryBytes > 0) {
      if (left(next, end) < 4) return false;
      entryBytes = u8At(next + 3);
      next += 4 + entryBytes;
    }
  }
  switch (type) {
    case GRE_TYPE_ERSPAN:
      // Type I has no header of its own, and no sequence number in that of GRE.
      if ((flags & GRE_SEQUENCE) == 0) return decodeEthernet(row, next, end, wireEnd);
      return openErspan(row, next, end, wireEnd);
    case GRE_TYPE_ERSPAN_III:
      return openErspan(row, next, end, wireEnd);
    case GRE_TYPE_WCCP: {
      // Version 2 has a header of four octets before the packet, which begins with 0x4 otherwise.
      const isVersion2 = left(next, end) >= 5 && u8At(next) >> 4 != 4;
      return decodeIp(row, isVersion2 ? next + 4 : next, end, wireEnd);
    }
    case GRE_TYPE_ETHERNET_OVER_IP:
      return decodeEthernet(row, next, end, wireEnd);
    case ETHERTYPE_PPP:
      return decodePpp(row, next, end, wireEnd);
    default: {
      if (isArubaType(type)) return decodeWireless(row, next, end, wireEnd, false);
      return isGreType(type) && decodeEtherType(row, type, next, end, wireEnd);
    }
  }
}

/** EtherTypes of packets and frames. A tag has no place in GRE, and small numbers are not the length of an LLC frame. */
function isGreType(type: u32): bool {
  switch (type) {
    case ETHERTYPE_IPV4:
    case ETHERTYPE_IPV6:
    case ETHERTYPE_TRANSPARENT_BRIDGING:
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_UPSTREAM:
    case ETHERTYPE_NSH:
      return true;
    default:
      return false;
  }
}

/** Aruba's access points have a number for each of their radio networks. */
function isArubaType(type: u32): bool {
  return type >= 0x8200 && type <= 0x8370 && (type & 0x0f) == 0;
}

const ERSPAN_II: u32 = 1;
const ERSPAN_III: u32 = 2;

/**
 * Eight octets; in type III twelve, eight more with the O bit, then a frame or an IP packet.
 *
 * @see draft-foschiano-erspan-03 §4.2, §4.3
 */
function openErspan(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 8) return false;
  const version = u8At(at) >> 4;
  if (version == ERSPAN_II) return decodeEthernet(row, at + 8, end, wireEnd);
  if (version != ERSPAN_III || left(at, end) < 12) return false;
  const next = at + ((u8At(at + 11) & 1) != 0 ? 20 : 12);
  const frameType = (u8At(at + 10) >> 2) & 0x1f;
  if (frameType == 2) return decodeIp(row, next, end, wireEnd);
  return frameType == 0 && decodeEthernet(row, next, end, wireEnd);
}

/** @returns which `TUNNEL_…` it is */
export function kindOfGre(at: usize, end: usize): u32 {
  const type = left(at, end) >= 4 ? u16At(at + 2) : 0;
  if (type == GRE_TYPE_ERSPAN || type == GRE_TYPE_ERSPAN_III) return TUNNEL_ERSPAN;
  return type == GRE_TYPE_WCCP ? TUNNEL_WCCP : TUNNEL_GRE;
}
