import { decodeEthernet, decodeMpls } from './ether-type';
import { kindOfGre, openGre } from './gre';
import { decodeIp, decodeIpv6 } from './ip';
import { enterTunnel, isShallow, leaveTunnel } from './layers';
import { left, u8At } from './octets';
import { ipBytesOf } from './rows';
import {
  TUNNEL_ETHERIP,
  TUNNEL_ETHERNET_IN_IP,
  TUNNEL_IPIP,
  TUNNEL_MPLS_IN_IP,
  TUNNEL_PIM,
  TUNNEL_SIX_IN_FOUR,
} from './tally';

/*
 * Packets in packets that are a protocol of IP. Each `open…` looks for one behind the header of the row, and tells whether it has
 * taken its place.
 */

export const PROTOCOL_IPV4: u32 = 4;
export const PROTOCOL_IPV6: u32 = 41;
export const PROTOCOL_GRE: u32 = 47;
const PROTOCOL_ETHERIP: u32 = 97;
const PROTOCOL_PIM: u32 = 103;
const PROTOCOL_MPLS: u32 = 137;
const PROTOCOL_ETHERNET: u32 = 143;

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
