import { END_FIN, END_IDLE, END_RST } from './codes';

/** Distance of two records: two cache lines. */
export const SESSION_BYTES: usize = 128;

/**
 * One session and what it did since its window began.
 *
 * What a packet of a known session reads and writes is the first cache line, and nothing else; half of all packets
 * would otherwise wait for a second one.
 */
@unmanaged
export class Session {
  priIp: u32;
  pubIp: u32;
  /** `private port << 16 | public port`. */
  ports: u32;
  protocol: u8;
  /** `STATE_…`. */
  state: u8;
  /** Bits of `ENTRY_FLAG`. */
  flags: u8;
  /** The window's last packet came late, so that the session's last time is not the window's: see `ownLast…`. */
  hasOwnLast: bool;
  pktsFromVpc: u32;
  pktsFromPub: u32;
  /** Time of the session's last packet, which never goes back; idle time counts from it. */
  lastNsec: u32;
  natPort: u16;
  /** Index of the public address. */
  natAddress: u16;
  lastSec: f64;
  bytesFromVpc: f64;
  bytesFromPub: f64;
  lastPacket: f64;

  firstSec: f64;
  ownLastSec: f64;
  firstPacket: f64;
  firstNsec: u32;
  ownLastNsec: u32;
  /** Hash of the five-tuple, kept for rebuilding the index. */
  hash: u32;
  sessionId: u32;
  /** Where the allocator counts the sessions of this destination. */
  load: u32;
  /** Ordinal in the window that closes, in order of the sessions' creation. */
  ordinal: u32;
  /** `END_…` once the session is dead. */
  endReason: u8;
}

/* Word by word: a call of the runtime for 128 octets takes longer. */

export function copySession(to: usize, from: usize): void {
  for (let word: usize = 0; word < SESSION_BYTES; word += 8) store<u64>(to + word, load<u64>(from + word));
}

export function clearSession(at: usize): void {
  for (let word: usize = 0; word < SESSION_BYTES; word += 8) store<u64>(at + word, 0);
}

/* States. TCP's follow RFC 7857 figure 1. */
export const STATE_UDP: u32 = 0;
export const STATE_ICMP: u32 = 1;
export const STATE_OPENING: u32 = 2;
export const STATE_SYN_RECEIVED: u32 = 3;
export const STATE_ESTABLISHED: u32 = 4;
export const STATE_FIN_FROM_VPC: u32 = 5;
export const STATE_FIN_FROM_PUB: u32 = 6;
export const STATE_FIN_BOTH: u32 = 7;
export const STATE_RESET: u32 = 8;
/** Ended: its port is free and no packet finds it; its entry waits for the window to close. */
export const STATE_DEAD: u32 = 9;

export const TCP_FIN: u32 = 0x01;
export const TCP_SYN: u32 = 0x02;
export const TCP_RST: u32 = 0x04;
export const TCP_ACK: u32 = 0x10;

/** True when a SYN from the VPC opens a new session instead of belonging to this one. */
export function isReusable(state: u32): bool {
  return state == STATE_FIN_BOTH || state == STATE_RESET || state == STATE_DEAD;
}

/**
 * State of a TCP session after a packet. When several flags are set, RST beats SYN beats FIN.
 *
 * A packet after a reset brings the session back: a lost or forged RST must not end a live one (RFC 7857 §2).
 * @see nat-gateway reference §4.2
 */
export function nextTcpState(state: u32, tcpFlags: u32, fromVpc: bool): u32 {
  if ((tcpFlags & TCP_RST) != 0) return STATE_RESET;
  if ((tcpFlags & TCP_SYN) != 0) return state == STATE_OPENING && !fromVpc ? STATE_SYN_RECEIVED : state;
  const open =
    state == STATE_OPENING || state == STATE_SYN_RECEIVED || state == STATE_RESET ? STATE_ESTABLISHED : state;
  if ((tcpFlags & TCP_FIN) == 0) return open;
  if (open == STATE_ESTABLISHED) return fromVpc ? STATE_FIN_FROM_VPC : STATE_FIN_FROM_PUB;
  if (open == STATE_FIN_FROM_VPC && !fromVpc) return STATE_FIN_BOTH;
  if (open == STATE_FIN_FROM_PUB && fromVpc) return STATE_FIN_BOTH;
  return open;
}

/** @returns the `END_…` of a session that ended by itself in this state */
export function endReasonOf(state: u32): u32 {
  if (state == STATE_FIN_BOTH) return END_FIN;
  if (state == STATE_RESET) return END_RST;
  return END_IDLE;
}
