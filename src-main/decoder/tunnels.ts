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
  decodeMpls,
  decodeNsh,
  decodePpp,
} from './ether-type';
import { decodeIp, decodeIpv6 } from './ip';
import { enterTunnel, isShallow, leaveTunnel } from './layers';
import { left, u16At, u8At } from './octets';
import { ipBytesOf, noteTunnelSum } from './rows';
import {
  TUNNEL_AYIYA,
  TUNNEL_ERSPAN,
  TUNNEL_ETHERIP,
  TUNNEL_ETHERNET_IN_IP,
  TUNNEL_GENEVE,
  TUNNEL_GRE,
  TUNNEL_GRE_IN_UDP,
  TUNNEL_GTP,
  TUNNEL_IPIP,
  TUNNEL_L2TP,
  TUNNEL_LISP,
  TUNNEL_MPLS_IN_IP,
  TUNNEL_MPLS_IN_UDP,
  TUNNEL_PIM,
  TUNNEL_SIX_IN_FOUR,
  TUNNEL_TEREDO,
  TUNNEL_TZSP,
  TUNNEL_VXLAN,
  TUNNEL_VXLAN_GPE,
  TUNNEL_WCCP,
} from './tally';
import { decodeWireless } from './wireless';

/*
 * Packets in packets. Each `open…` looks for one behind the header of the row, and tells whether it has taken its place.
 */

const PROTOCOL_IPV4: u32 = 4;
const PROTOCOL_IPV6: u32 = 41;
const PROTOCOL_GRE: u32 = 47;
const PROTOCOL_ETHERIP: u32 = 97;
const PROTOCOL_PIM: u32 = 103;
const PROTOCOL_MPLS: u32 = 137;
const PROTOCOL_ETHERNET: u32 = 143;

/* @see IANA "Service Name and Transport Protocol Port Number Registry" */
const PORT_L2TP: u32 = 1701;
const PORT_GTP_CONTROL: u32 = 2123;
const PORT_GTP_USER: u32 = 2152;
const PORT_GTP_PRIME: u32 = 3386;
const PORT_TEREDO: u32 = 3544;
const PORT_LISP_DATA: u32 = 4341;
const PORT_GRE_IN_UDP: u32 = 4754;
const PORT_VXLAN: u32 = 4789;
const PORT_VXLAN_GPE: u32 = 4790;
const PORT_AYIYA: u32 = 5072;
const PORT_GENEVE: u32 = 6081;
const PORT_MPLS: u32 = 6635;
const PORT_TZSP: u32 = 37008;
/** Of a service on a port below it, the other port is a client's, whatever its number. */
const FIRST_CLIENT_PORT: u32 = 1024;

/** One octet a port: whether it is one of those above. */
const tunnelPorts: usize = memory.data(0x10000);
for (let index: u32 = 0; index < 13; index++) store<u8>(tunnelPorts + tunnelPortAt(index), 1);

function tunnelPortAt(index: u32): u32 {
  switch (index) {
    case 0:
      return PORT_L2TP;
    case 1:
      return PORT_GTP_USER;
    case 2:
      return PORT_GTP_PRIME;
    case 3:
      return PORT_TEREDO;
    case 4:
      return PORT_LISP_DATA;
    case 5:
      return PORT_GRE_IN_UDP;
    case 6:
      return PORT_VXLAN;
    case 7:
      return PORT_VXLAN_GPE;
    case 8:
      return PORT_AYIYA;
    case 9:
      return PORT_GENEVE;
    case 10:
      return PORT_MPLS;
    case 11:
      return PORT_GTP_CONTROL;
    default:
      return PORT_TZSP;
  }
}

export function isTunnelPort(port: u32): bool {
  return load<u8>(tunnelPorts + port) != 0;
}

/** A tunnel that is a protocol of IP. */
export function openIpTunnel(row: u32, at: usize, end: usize, wireEnd: usize, protocol: u32): bool {
  if (!isIpTunnel(protocol) || !isShallow(row)) return false;
  const outerBytes = ipBytesOf(row);
  const entered = enterTunnel(row);
  const isOpened = openProtocol(row, at, end, wireEnd, protocol);
  return leaveTunnel(row, entered, kindOfProtocol(protocol, at, end), outerBytes, isOpened);
}

function openProtocol(row: u32, at: usize, end: usize, wireEnd: usize, protocol: u32): bool {
  switch (protocol) {
    case PROTOCOL_IPV4:
      return decodeIp(row, at, end, wireEnd);
    case PROTOCOL_IPV6:
      return decodeIpv6(row, at, end, wireEnd);
    case PROTOCOL_GRE:
      return openGre(row, at, end, wireEnd);
    case PROTOCOL_MPLS:
      return decodeMpls(row, at, end, wireEnd);
    case PROTOCOL_PIM:
      return openPim(row, at, end, wireEnd);
    case PROTOCOL_ETHERIP: // RFC 3378: two octets, then a frame
      return decodeEthernet(row, at + 2, end, wireEnd);
    default:
      return decodeEthernet(row, at, end, wireEnd);
  }
}

function kindOfProtocol(protocol: u32, at: usize, end: usize): u32 {
  switch (protocol) {
    case PROTOCOL_IPV4:
      return TUNNEL_IPIP;
    case PROTOCOL_IPV6:
      return TUNNEL_SIX_IN_FOUR;
    case PROTOCOL_GRE:
      return kindOfGre(at, end);
    case PROTOCOL_MPLS:
      return TUNNEL_MPLS_IN_IP;
    case PROTOCOL_ETHERIP:
      return TUNNEL_ETHERIP;
    case PROTOCOL_PIM:
      return TUNNEL_PIM;
    default:
      return TUNNEL_ETHERNET_IN_IP;
  }
}

function kindOfGre(at: usize, end: usize): u32 {
  const type = left(at, end) >= 4 ? u16At(at + 2) : 0;
  if (type == GRE_TYPE_ERSPAN || type == GRE_TYPE_ERSPAN_III) return TUNNEL_ERSPAN;
  return type == GRE_TYPE_WCCP ? TUNNEL_WCCP : TUNNEL_GRE;
}

function isIpTunnel(protocol: u32): bool {
  switch (protocol) {
    case PROTOCOL_IPV4:
    case PROTOCOL_IPV6:
    case PROTOCOL_GRE:
    case PROTOCOL_ETHERIP:
    case PROTOCOL_PIM:
    case PROTOCOL_MPLS:
    case PROTOCOL_ETHERNET:
      return true;
    default:
      return false;
  }
}

const PIM_REGISTER: u32 = 0x21;

/** A multicast packet on its way to the rendezvous point. @see RFC 7761 §4.9.3 */
function openPim(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  return left(at, end) >= 8 && u8At(at) == PIM_REGISTER && decodeIp(row, at + 8, end, wireEnd);
}

/**
 * A tunnel in UDP, by its port.
 *
 * @param at behind the header of UDP
 */
export function openUdpTunnel(row: u32, at: usize, end: usize, wireEnd: usize, ports: u32): bool {
  const port = tunnelPortOf(ports);
  if (port == 0 || !isShallow(row)) return false;
  const outerBytes = ipBytesOf(row);
  const entered = enterTunnel(row);
  const isOpened = openPort(row, at, end, wireEnd, port);
  return leaveTunnel(row, entered, kindOfPort(port), outerBytes, isOpened);
}

/** @returns the port that names the tunnel, if one does; else 0 */
function tunnelPortOf(ports: u32): u32 {
  const lower = min(ports >> 16, ports & 0xffff);
  if (isTunnelPort(lower)) return lower;
  const higher = max(ports >> 16, ports & 0xffff);
  return lower >= FIRST_CLIENT_PORT && isTunnelPort(higher) ? higher : 0;
}

function kindOfPort(port: u32): u32 {
  switch (port) {
    case PORT_VXLAN:
      return TUNNEL_VXLAN;
    case PORT_GENEVE:
      return TUNNEL_GENEVE;
    case PORT_GTP_USER:
    case PORT_GTP_CONTROL:
    case PORT_GTP_PRIME:
      return TUNNEL_GTP;
    case PORT_TEREDO:
      return TUNNEL_TEREDO;
    case PORT_L2TP:
      return TUNNEL_L2TP;
    case PORT_VXLAN_GPE:
      return TUNNEL_VXLAN_GPE;
    case PORT_GRE_IN_UDP:
      return TUNNEL_GRE_IN_UDP;
    case PORT_MPLS:
      return TUNNEL_MPLS_IN_UDP;
    case PORT_LISP_DATA:
      return TUNNEL_LISP;
    case PORT_AYIYA:
      return TUNNEL_AYIYA;
    default:
      return TUNNEL_TZSP;
  }
}

function openPort(row: u32, at: usize, end: usize, wireEnd: usize, port: u32): bool {
  const room = left(at, end);
  switch (port) {
    case PORT_VXLAN: // RFC 7348 §5
      return room >= 8 && decodeEthernet(row, at + 8, end, wireEnd);
    case PORT_GENEVE: // RFC 8926 §3.4
      return room >= 8 && decodeEtherType(row, u16At(at + 2), at + 8 + ((u8At(at) & 0x3f) << 2), end, wireEnd);
    case PORT_GTP_USER:
    case PORT_GTP_CONTROL:
    case PORT_GTP_PRIME:
      return openGtp(row, at, end, wireEnd);
    case PORT_TEREDO:
      return openTeredo(row, at, end, wireEnd);
    case PORT_L2TP:
      return openL2tp(row, at, end, wireEnd);
    case PORT_VXLAN_GPE:
      return room >= 8 && openVxlanGpe(row, at, end, wireEnd);
    case PORT_GRE_IN_UDP: // RFC 8086
      return openGre(row, at, end, wireEnd);
    case PORT_MPLS: // RFC 7510
      return decodeMpls(row, at, end, wireEnd);
    case PORT_LISP_DATA: // RFC 9300 §5.1
      return room >= 8 && decodeIp(row, at + 8, end, wireEnd);
    case PORT_AYIYA:
      return openAyiya(row, at, end, wireEnd);
    default:
      return openTzsp(row, at, end, wireEnd);
  }
}

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
function openGre(row: u32, at: usize, end: usize, wireEnd: usize): bool {
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
    case ETHERTYPE_PPP:
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

const GTP_TPDU: u32 = 255;

/** @see 3GPP TS 29.281 §5.1 (version 1), TS 09.60 §6 (version 0) */
function openGtp(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 8) return false;
  const flags = u8At(at);
  if ((flags & 0x10) == 0 || u8At(at + 1) != GTP_TPDU) return false;
  const version = flags >> 5;
  if (version > 1) return false;
  // Its length is that of what follows the fields that every message of the version has.
  const fields: usize = version == 0 ? 20 : 8;
  const ownEnd = at + fields + u16At(at + 2);
  const messageEnd = min(end, ownEnd);
  const messageWireEnd = min(wireEnd, ownEnd);
  if (version == 0) return decodeTpdu(row, at + fields, messageEnd, messageWireEnd);
  let next = at + 8;
  if ((flags & 0x07) != 0) {
    next += 4;
    if (left(next, messageEnd) < 0) return false;
    let extension = (flags & 0x04) != 0 ? u8At(next - 1) : 0;
    while (extension != 0) {
      if (left(next, messageEnd) < 4) return false;
      const extensionBytes = u8At(next) << 2;
      if (extensionBytes == 0 || left(next, messageEnd) < <i32>extensionBytes) return false;
      next += extensionBytes;
      extension = u8At(next - 1);
    }
  }
  return decodeTpdu(row, next, messageEnd, messageWireEnd);
}

/** What a subscriber sent: IP, or PPP. */
function decodeTpdu(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 1) return false;
  const version = u8At(at) >> 4;
  return version == 4 || version == 6 ? decodeIp(row, at, end, wireEnd) : decodePpp(row, at, end, wireEnd);
}

/** @see RFC 4380 §5.1.1: authentication and origin, if any, before the IPv6 packet */
function openTeredo(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  let next = at;
  if (left(next, end) >= 4 && u16At(next) == 1) next += 13 + u8At(next + 2) + u8At(next + 3);
  if (left(next, end) >= 8 && u16At(next) == 0) next += 8;
  return decodeIp(row, next, end, wireEnd);
}

const L2TP_CONTROL: u32 = 0x8000;
const L2TP_LENGTH: u32 = 0x4000;
const L2TP_SEQUENCE: u32 = 0x0800;
const L2TP_OFFSET: u32 = 0x0200;

/** PPP in a data message. @see RFC 2661 §3.1 */
function openL2tp(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 6) return false;
  const flags = u16At(at);
  if ((flags & L2TP_CONTROL) != 0 || (flags & 0x0f) != 2) return false;
  let next = at + 6;
  if ((flags & L2TP_LENGTH) != 0) next += 2;
  if ((flags & L2TP_SEQUENCE) != 0) next += 4;
  if ((flags & L2TP_OFFSET) != 0) {
    if (left(next, end) < 2) return false;
    next += 2 + u16At(next);
  }
  return decodePpp(row, next, end, wireEnd);
}

/** @see draft-ietf-nvo3-vxlan-gpe §3.1: the fourth octet is the next protocol */
function openVxlanGpe(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  const next = at + 8;
  const protocol = u8At(at + 3);
  if (protocol == 1) return decodeIp(row, next, end, wireEnd);
  if (protocol == 2) return decodeIpv6(row, next, end, wireEnd);
  if (protocol == 4) return decodeNsh(row, next, end, wireEnd);
  if (protocol == 5) return decodeMpls(row, next, end, wireEnd);
  return protocol == 3 && decodeEthernet(row, next, end, wireEnd);
}

/** A packet that is forwarded. @see draft-massar-v6ops-ayiya-02 §3 */
function openAyiya(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 8 || (u8At(at + 2) & 0x0f) != 1) return false;
  const next = at + 8 + ((<u32>1) << (u8At(at) >> 4)) + ((u8At(at + 1) >> 4) << 2);
  const protocol = u8At(at + 3);
  if (protocol == PROTOCOL_IPV6) return decodeIpv6(row, next, end, wireEnd);
  return protocol == PROTOCOL_IPV4 && decodeIp(row, next, end, wireEnd);
}

const TZSP_PADDING: u32 = 0;
const TZSP_END: u32 = 1;

/** A frame that a sniffer sends on: four octets, then tagged fields up to the end tag. */
function openTzsp(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 5 || u16At(at + 2) != 1) return false;
  let next = at + 4;
  while (left(next, end) >= 2 && u8At(next) != TZSP_END) {
    next += u8At(next) == TZSP_PADDING ? 1 : 2 + u8At(next + 1);
  }
  return left(next, end) >= 2 && decodeEthernet(row, next + 1, end, wireEnd);
}
