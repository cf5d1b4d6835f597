import { decodeEthernet, decodeEtherType, decodeMpls, decodeNsh, decodePpp } from './ether-type';
import { openGre } from './gre';
import { openGtp } from './gtp';
import { decodeIp, decodeIpv6 } from './ip';
import { PROTOCOL_GRE, PROTOCOL_IPV4, PROTOCOL_IPV6 } from './ip-tunnels';
import { enterTunnel, isShallow, leaveTunnel } from './layers';
import { left, u16At, u8At } from './octets';
import { ipBytesOf } from './rows';
import {
  TUNNEL_AYIYA,
  TUNNEL_GENEVE,
  TUNNEL_GRE_IN_UDP,
  TUNNEL_GTP,
  TUNNEL_L2TP,
  TUNNEL_LISP,
  TUNNEL_MOBILE_IP,
  TUNNEL_MPLS_IN_UDP,
  TUNNEL_TEREDO,
  TUNNEL_TZSP,
  TUNNEL_VXLAN,
  TUNNEL_VXLAN_GPE,
} from './tally';

/*
 * Packets in datagrams. Each `open…` looks for one behind the header of the row, and tells whether it has taken its place.
 */

/* @see IANA "Service Name and Transport Protocol Port Number Registry" */
const PORT_MOBILE_IP: u32 = 434;
const PORT_L2TP: u32 = 1701;
const PORT_GTP_CONTROL: u32 = 2123;
const PORT_GTP_USER: u32 = 2152;
const PORT_GTP_PRIME: u32 = 3386;
const PORT_TEREDO: u32 = 3544;
const PORT_LISP_DATA: u32 = 4341;
const PORT_LISP_CONTROL: u32 = 4342;
const PORT_GRE_IN_UDP: u32 = 4754;
const PORT_VXLAN: u32 = 4789;
const PORT_VXLAN_GPE: u32 = 4790;
const PORT_AYIYA: u32 = 5072;
const PORT_GENEVE: u32 = 6081;
const PORT_MPLS: u32 = 6635;
const PORT_TZSP: u32 = 37008;
/** Of a service on a port below it, the other port is a client's, whatever its number. */
const FIRST_CLIENT_PORT: u32 = 1024;

/** Type of a LISP control message with a packet in it. */
const LISP_ENCAPSULATED: u32 = 8;

/** One octet a port: whether it is one of those above. */
const tunnelPorts: usize = memory.data(0x10000);
for (let index: u32 = 0; index < 15; index++) store<u8>(tunnelPorts + tunnelPortAt(index), 1);

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
    case 12:
      return PORT_MOBILE_IP;
    case 13:
      return PORT_LISP_CONTROL;
    default:
      return PORT_TZSP;
  }
}

export function isTunnelPort(port: u32): bool {
  return load<u8>(tunnelPorts + port) != 0;
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
    case PORT_LISP_CONTROL:
      return TUNNEL_LISP;
    case PORT_MOBILE_IP:
      return TUNNEL_MOBILE_IP;
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
    case PORT_LISP_CONTROL: // RFC 9301 §5.8
      return room >= 4 && u8At(at) >> 4 == LISP_ENCAPSULATED && decodeIp(row, at + 4, end, wireEnd);
    case PORT_MOBILE_IP:
      return openMobileIp(row, at, end, wireEnd);
    case PORT_AYIYA:
      return openAyiya(row, at, end, wireEnd);
    default:
      return openTzsp(row, at, end, wireEnd);
  }
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

const MOBILE_IP_TUNNEL_DATA: u32 = 4;

/** @see RFC 3519 §3.3: type, protocol of what follows, and two octets that are reserved */
function openMobileIp(row: u32, at: usize, end: usize, wireEnd: usize): bool {
  if (left(at, end) < 4 || u8At(at) != MOBILE_IP_TUNNEL_DATA) return false;
  const protocol = u8At(at + 1);
  if (protocol == PROTOCOL_GRE) return openGre(row, at + 4, end, wireEnd);
  return protocol == PROTOCOL_IPV4 && decodeIp(row, at + 4, end, wireEnd);
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
