/*
 * Numbers that the emulator shares with the rest of Natscope. The module exports them, and a test
 * holds each against the contract, since a module of WebAssembly cannot import it.
 */

export const PROTOCOL_ICMP: u32 = 1;
export const PROTOCOL_TCP: u32 = 6;
export const PROTOCOL_UDP: u32 = 17;

export const FLAG_LATER_FRAGMENT: u32 = 1;
export const FLAG_LENGTH_INFERRED: u32 = 2;
export const FLAG_GIVEN_UP: u32 = 64;

export const ENTRY_MIDSTREAM: u32 = 1;
export const ENTRY_LENGTH_INFERRED: u32 = 4;
export const ENTRY_LATE_CARRIED: u32 = 8;

export const REASON_NOT_ROUTABLE: u32 = 9;
export const REASON_INTRA: u32 = 10;
export const REASON_NO_SNAT_ENTRY: u32 = 11;
export const REASON_UNSUPPORTED_PROTOCOL: u32 = 12;
export const REASON_FRAG_NO_HEAD: u32 = 13;
export const REASON_FRAG_LIMIT: u32 = 14;
export const REASON_ICMP_UNSUPPORTED: u32 = 15;
export const REASON_NO_SESSION: u32 = 17;
export const REASON_NO_PORT: u32 = 18;
/** Room for every reason's counters. */
export const REASON_COUNTERS: usize = 64;

export const END_OPEN: u32 = 0;
export const END_IDLE: u32 = 1;
export const END_FIN: u32 = 2;
export const END_RST: u32 = 3;
export const END_REUSED: u32 = 4;
export const END_CAPTURE_END: u32 = 5;
