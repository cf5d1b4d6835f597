/*
 * Numbers that the emulator shares with the rest of Natscope. The module exports them, and a test
 * holds each against the contract, since a module of WebAssembly cannot import it.
 */

export const PROTOCOL_ICMP: u32 = 1;
export const PROTOCOL_TCP: u32 = 6;
export const PROTOCOL_UDP: u32 = 17;
export const PROTOCOL_GRE: u32 = 47;
export const PROTOCOL_SCTP: u32 = 132;
export const PROTOCOL_UDP_LITE: u32 = 136;

export const FLAG_LATER_FRAGMENT: u32 = 1;
export const FLAG_LENGTH_INFERRED: u32 = 2;
export const FLAG_NO_TIME: u32 = 4;
export const FLAG_FIRST_FRAGMENT: u32 = 8;
export const FLAG_ICMP_ERROR: u32 = 16;
export const FLAG_GIVEN_UP: u32 = 64;
/** The same bit, where a fragment has its ports. */
export const FLAG_FRAG_OVERLAP: u32 = 64;
/** The same bit, of an ICMP error that is no fragment. */
export const FLAG_BAD_ICMP_CHECKSUM: u32 = 64;
export const FLAG_SHORT_FRAME: u32 = 128;

export const LEG_PUBLIC_MISSING: u32 = 2;

export const ENTRY_MIDSTREAM: u32 = 1;
export const ENTRY_PARTIAL_WINDOW: u32 = 2;
export const ENTRY_LENGTH_INFERRED: u32 = 4;
export const ENTRY_LATE_CARRIED: u32 = 8;
export const ENTRY_AFFINITY_BROKEN: u32 = 16;
export const ENTRY_LEG_MISSING: u32 = 32;
export const ENTRY_TIME_FIXED: u32 = 64;
export const ENTRY_REALM_CONFLICT: u32 = 128;
export const ENTRY_REVISED: u32 = 256;
export const ENTRY_FRAG_OVERLAP: u32 = 512;
export const ENTRY_SHORT_FRAME: u32 = 1024;

export const REASON_PUBLIC_COPY: u32 = 7;
export const REASON_LOST_IN_NAT: u32 = 8;
export const REASON_NOT_ROUTABLE: u32 = 9;
export const REASON_INTRA: u32 = 10;
export const REASON_HAIRPIN_UNSUPPORTED: u32 = 11;
export const REASON_EGRESS_DNAT_IP: u32 = 12;
export const REASON_EGRESS_OWN_EIP: u32 = 13;
export const REASON_NO_NAT: u32 = 14;
export const REASON_OTHER_GATEWAY: u32 = 15;
export const REASON_NO_SNAT_ENTRY: u32 = 16;
export const REASON_UNSUPPORTED_PROTOCOL: u32 = 17;
export const REASON_FRAG_NO_HEAD: u32 = 18;
export const REASON_FRAG_LIMIT: u32 = 19;
export const REASON_ICMP_UNSUPPORTED: u32 = 20;
export const REASON_ICMP_BAD_CHECKSUM: u32 = 21;
export const REASON_ICMP_NO_SESSION: u32 = 22;
export const REASON_GATEWAY_ECHO: u32 = 23;
export const REASON_DUPLICATE: u32 = 24;
export const REASON_LATE_DROPPED: u32 = 25;
export const REASON_INVALID_FLAGS: u32 = 26;
export const REASON_NO_SESSION: u32 = 27;
export const REASON_NO_PORT: u32 = 28;
export const REASON_CPS_LIMIT: u32 = 29;
export const REASON_SESSION_LIMIT: u32 = 30;
export const REASON_HOST_LIMIT: u32 = 31;
/** Room for every reason's counters. */
export const REASON_COUNTERS: usize = 64;

export const END_OPEN: u32 = 0;
export const END_IDLE: u32 = 1;
export const END_FIN: u32 = 2;
export const END_RST: u32 = 3;
export const END_REUSED: u32 = 4;
export const END_CAPTURE_END: u32 = 5;
export const END_FORCED_END: u32 = 6;

export const EVENT_BLOCK_ALLOCATE: u32 = 128;
export const EVENT_BLOCK_FREE: u32 = 129;
export const EVENT_IDLE_RESET: u32 = 130;
