/*
 * What a stretch holds beside its rows, by the outermost IP header of each frame. Nothing is counted where plain IPv4
 * passes: of that there is what is left.
 */

/** Ways of packets in packets, in the order of `TUNNEL_KINDS` of the contract. */
export const TUNNEL_IPIP: u32 = 0;
export const TUNNEL_SIX_IN_FOUR: u32 = 1;
export const TUNNEL_GRE: u32 = 2;
export const TUNNEL_ERSPAN: u32 = 3;
export const TUNNEL_WCCP: u32 = 4;
export const TUNNEL_ETHERIP: u32 = 5;
export const TUNNEL_MPLS_IN_IP: u32 = 6;
export const TUNNEL_ETHERNET_IN_IP: u32 = 7;
export const TUNNEL_VXLAN: u32 = 8;
export const TUNNEL_VXLAN_GPE: u32 = 9;
export const TUNNEL_GENEVE: u32 = 10;
export const TUNNEL_GTP: u32 = 11;
export const TUNNEL_TEREDO: u32 = 12;
export const TUNNEL_L2TP: u32 = 13;
export const TUNNEL_GRE_IN_UDP: u32 = 14;
export const TUNNEL_MPLS_IN_UDP: u32 = 15;
export const TUNNEL_LISP: u32 = 16;
export const TUNNEL_AYIYA: u32 = 17;
export const TUNNEL_TZSP: u32 = 18;
export const TUNNEL_PIM: u32 = 19;
export const TUNNEL_MOBILE_IP: u32 = 20;
const TUNNEL_KINDS: u32 = 21;

/** Frames whose outermost header is of IPv6, and their IP octets. */
export let outerIpv6Rows: u32 = 0;
export let outerIpv6Bytes: f64 = 0;
/** Those of them with an address of NAT64 at one end. */
export let nat64Rows: u32 = 0;
/** Frames with a packet in a packet. */
export let tunnelRows: u32 = 0;
/** What the outermost packets have more IP octets than the packets of the rows. */
export let tunnelOverheadBytes: f64 = 0;
/** By kind, as uint32: frames with a tunnel of it, twice if there are two; stale without `tunnelRows`. */
export const tunnelCounts: usize = memory.data(TUNNEL_KINDS * 4, 8);

/** Packets that were in one frame with the packet of a row, and that have no row of their own. */
export let aggregatedPackets: u32 = 0;

export function beginTally(): void {
  if (tunnelRows > 0) memory.fill(tunnelCounts, 0, TUNNEL_KINDS * 4);
  outerIpv6Rows = 0;
  outerIpv6Bytes = 0;
  nat64Rows = 0;
  aggregatedPackets = 0;
  tunnelRows = 0;
  tunnelOverheadBytes = 0;
}

export function noteOuterIpv6(ipBytes: u32): void {
  outerIpv6Rows++;
  outerIpv6Bytes += <f64>ipBytes;
}

export function noteNat64(): void {
  nat64Rows++;
}

/** @param overheadBytes what the first packet of the frame has more IP octets than the one of the row */
export function noteAggregated(packets: u32, overheadBytes: f64): void {
  aggregatedPackets += packets;
  tunnelOverheadBytes += overheadBytes;
}

export function noteTunnel(kind: u32): void {
  const at = tunnelCounts + kind * 4;
  store<u32>(at, load<u32>(at) + 1);
}

/** Once a frame, when its outermost tunnel was opened. */
export function noteTunnelRow(outerBytes: u32, rowBytes: u32): void {
  tunnelRows++;
  tunnelOverheadBytes += <f64>outerBytes - <f64>rowBytes;
}
