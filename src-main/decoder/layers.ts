import { FLAG_DECAPSULATED, LAYER_OUTER, LAYER_TRANSLATED, REASON_ENCAP_DEPTH, REASON_NON_IP } from './codes';
import { beginTags, dstIpOf, ipBytesOf, ipVersionOf, keepRow, restoreRow, setNone, setReason, srcIpOf } from './rows';
import { noteTunnel, noteTunnelRow } from './tally';

/*
 * Which IP header of a frame becomes its row: the outermost, the innermost, or the one that a gateway would translate.
 */

/** Tunnels in each other that are opened; what lies deeper is not looked at. @see nat-gateway reference §7 scenario 66 */
const MAX_TUNNELS: u32 = 4;

/** `LAYER_…` of what is read from now on. */
let wantedLayer: u32 = LAYER_OUTER;
/** Envelopes in each other that are opened; no network has a tenth of them, and each takes its part of the stack. */
const MAX_ENVELOPES: u32 = 64;

/** Envelopes of the frame that were entered so far. */
let envelopes: u32 = 0;
/** IP headers of the frame that have been written into its row so far, each over the one before. */
let headers: u32 = 0;
/** A header around what is being read stays the row, so that is put back. */
let isKeeping: bool = false;

/* Sides of the gateway by upper half of the address, as in the emulator's table of classes. */
const OUTSIDE: u32 = 0;
/** In the VPC, and in the network of no SNAT entry. */
const UNCOVERED: u32 = 2;
const MIXED: u32 = 0xff;
export const sidesByUpperHalf: usize = memory.data(0x10000);
let networks: usize = 0;
let networkCount: u32 = 0;

/** A network with its own side, the longest prefixes first. */
@unmanaged
class Network {
  base: u32;
  mask: u32;
  side: u32;
}
const NETWORK_BYTES: usize = 12;

export function setLayer(layer: u32): void {
  wantedLayer = layer;
}

/** @returns where the host writes `count` networks of three words: base, mask, side; until `release` */
export function allocateNetworks(count: u32): usize {
  networkCount = count;
  networks = heap.alloc(count * NETWORK_BYTES);
  return networks;
}

export function beginFrame(): void {
  headers = 0;
  envelopes = 0;
  beginTags();
}

/** To be asked where a frame or a tag may hold others like itself. @returns false when it is in too many of them */
export function enterEnvelope(): bool {
  envelopes++;
  return envelopes <= MAX_ENVELOPES;
}

/** Whether the header that was entered last is the first of the frame. */
export function isOutermost(): bool {
  return headers == 1;
}

/** IP headers of the frame that were written into its row. */
export function enteredHeaders(): u32 {
  return headers;
}

/** The next packet is as deep as the one after which `enteredHeaders` gave the number: it is beside it, not in it. */
export function returnToHeader(entered: u32): void {
  headers = entered;
}

/** @returns the flags of the header's row */
export function enterHeader(): u32 {
  headers++;
  return headers > 1 ? FLAG_DECAPSULATED : 0;
}

/**
 * What follows is no IP packet that can be read. The row keeps the header around it, if there is one.
 *
 * @returns false
 */
export function refuse(row: u32, reason: u32): bool {
  if (headers == 0) setNone(row, reason);
  return false;
}

/**
 * There is no IP packet, or the frame ends before one begins, whether the capture cut it or its headers are wrong: of
 * that nobody knows whether it was to be one. What is wrong or cut from the IP header on has reasons of its own.
 *
 * @returns false
 */
export function noPacket(row: u32): bool {
  return refuse(row, REASON_NON_IP);
}

/** @returns false when the packet is in as many tunnels as are opened, which becomes the reason of its row */
export function isShallow(row: u32): bool {
  if (headers <= MAX_TUNNELS) return true;
  if (!staysRow(row)) setReason(row, REASON_ENCAP_DEPTH);
  return false;
}

/** Set by `enterTunnel` for `leaveTunnel`, which is told of it since there are tunnels in tunnels. */
const TUNNEL_OUTERMOST: u32 = 1;
const TUNNEL_KEEPS: u32 = 2;

/** To be called before the packet in the packet of the row is looked at. @returns what `leaveTunnel` needs */
export function enterTunnel(row: u32): u32 {
  const place = isOutermost() ? TUNNEL_OUTERMOST : 0;
  if (!staysRow(row)) return place;
  isKeeping = true;
  keepRow(row);
  return place | TUNNEL_KEEPS;
}

/**
 * Counts the tunnel if there was one, whatever becomes of its packet.
 *
 * @param outerBytes  IP length of the packet around it
 * @param isOpened    a packet in it took the place of the one around it
 * @returns whether it has that place for good
 */
export function leaveTunnel(row: u32, entered: u32, kind: u32, outerBytes: u32, isOpened: bool): bool {
  const isKept = (entered & TUNNEL_KEEPS) != 0;
  if (isKept) {
    isKeeping = false;
    if (isOpened) restoreRow(row);
  }
  if (!isOpened) return false;
  noteTunnel(kind);
  if ((entered & TUNNEL_OUTERMOST) != 0) noteTunnelRow(outerBytes, ipBytesOf(row));
  return !isKept;
}

/** Whether the header in the row is the wanted one, whatever is in the packet or beside it. */
export function staysRow(row: u32): bool {
  if (isKeeping) return false;
  return wantedLayer == LAYER_OUTER || (wantedLayer == LAYER_TRANSLATED && crossesGateway(row));
}

/** True for a packet from a host that the gateway translates to one that is not behind it, or the other way round. */
function crossesGateway(row: u32): bool {
  if (ipVersionOf(row) != 4) return false;
  const src = sideOf(srcIpOf(row));
  const dst = sideOf(dstIpOf(row));
  return src == OUTSIDE ? dst > UNCOVERED : dst == OUTSIDE && src > UNCOVERED;
}

function sideOf(address: u32): u32 {
  const known: u32 = load<u8>(sidesByUpperHalf + (address >> 16));
  if (known != MIXED) return known;
  for (let index: u32 = 0; index < networkCount; index++) {
    const network = changetype<Network>(networks + index * NETWORK_BYTES);
    if ((address & network.mask) == network.base) return network.side;
  }
  return OUTSIDE;
}
