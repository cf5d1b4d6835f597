import { END_REASON_CODE } from '../contract/log-entry';
import type { SessionTimeouts } from './gateway';

/** States of a session. TCP's follow RFC 7857 figure 1. */
export const SESSION_STATE = {
  udp: 0,
  icmp: 1,
  opening: 2,
  synReceived: 3,
  established: 4,
  finFromVpc: 5,
  finFromPub: 6,
  finBoth: 7,
  reset: 8,
  /** Ended: its port is free and no packet finds it; its row waits for the window to close. */
  dead: 9,
} as const;

export const TCP_FLAG = { fin: 0x01, syn: 0x02, rst: 0x04, ack: 0x10 } as const;

const S = SESSION_STATE;

/** Idle seconds after which a session in each state is dead, by state. */
export function timeoutsByState(timeouts: SessionTimeouts): Float64Array {
  const byState = new Float64Array(S.dead + 1);
  byState[S.udp] = timeouts.udp;
  byState[S.icmp] = timeouts.icmp;
  byState[S.opening] = timeouts.tcpOpening;
  byState[S.synReceived] = timeouts.tcpOpening;
  byState[S.established] = timeouts.tcpEstablished;
  byState[S.finFromVpc] = timeouts.tcpEstablished;
  byState[S.finFromPub] = timeouts.tcpEstablished;
  byState[S.finBoth] = timeouts.tcpClosing;
  byState[S.reset] = timeouts.tcpReset;
  return byState;
}

/** True when a SYN from the VPC opens a new session instead of belonging to this one. */
export function isReusable(state: number): boolean {
  return state === S.finBoth || state === S.reset || state === S.dead;
}

/**
 * State of a TCP session after a packet. When several flags are set, RST beats SYN beats FIN.
 *
 * A packet after a reset brings the session back: a lost or forged RST must not end a live one (RFC 7857 §2).
 * @see nat-gateway reference §4.2
 */
export function nextTcpState(state: number, tcpFlags: number, fromVpc: boolean): number {
  if ((tcpFlags & TCP_FLAG.rst) !== 0) return S.reset;
  if ((tcpFlags & TCP_FLAG.syn) !== 0) return state === S.opening && !fromVpc ? S.synReceived : state;
  const open = state === S.opening || state === S.synReceived || state === S.reset ? S.established : state;
  if ((tcpFlags & TCP_FLAG.fin) === 0) return open;
  if (open === S.established) return fromVpc ? S.finFromVpc : S.finFromPub;
  if (open === S.finFromVpc && !fromVpc) return S.finBoth;
  if (open === S.finFromPub && fromVpc) return S.finBoth;
  return open;
}

/** @returns the `END_REASON_CODE` of a session that ended by itself in this state */
export function endReasonOf(state: number): number {
  if (state === S.finBoth) return END_REASON_CODE.fin;
  if (state === S.reset) return END_REASON_CODE.rst;
  return END_REASON_CODE.idle;
}
