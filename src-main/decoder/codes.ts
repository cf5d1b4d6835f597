/*
 * Numbers that the decoder shares with the rest of Natscope; a test holds each against the contract, since a module of
 * WebAssembly cannot import it.
 */

export const PROTOCOL_ICMP: u32 = 1;
export const PROTOCOL_TCP: u32 = 6;
export const PROTOCOL_UDP: u32 = 17;
export const PROTOCOL_SCTP: u32 = 132;
export const PROTOCOL_UDP_LITE: u32 = 136;
export const PROTOCOL_ICMPV6: u32 = 58;

export const FLAG_LATER_FRAGMENT: u32 = 1;
export const FLAG_LENGTH_INFERRED: u32 = 2;
export const FLAG_NO_TIME: u32 = 4;
export const FLAG_FIRST_FRAGMENT: u32 = 8;
export const FLAG_ICMP_ERROR: u32 = 16;
export const FLAG_DECAPSULATED: u32 = 32;
export const FLAG_BAD_ICMP_CHECKSUM: u32 = 64;
export const FLAG_SHORT_FRAME: u32 = 128;

/** In the place of a TCP window that was not captured. */
export const TCP_WINDOW_UNKNOWN: u32 = 0xffffffff;

export const REASON_UNKNOWN_LINK_TYPE: u32 = 1;
export const REASON_MALFORMED: u32 = 2;
export const REASON_L4_TRUNCATED: u32 = 3;
export const REASON_NON_IP: u32 = 4;
export const REASON_IPV6_NOT_TRANSLATED: u32 = 5;
export const REASON_ENCAP_DEPTH: u32 = 6;

export const LAYER_OUTER: u32 = 0;
export const LAYER_INNER: u32 = 1;
export const LAYER_TRANSLATED: u32 = 2;

/* Bits of `TRAIT` in `PacketBatch`. */
export const TRAIT_ASCENDING: u32 = 1;
export const TRAIT_UNFRAGMENTED: u32 = 2;
export const TRAIT_PLAIN: u32 = 4;
