import { batchTcpAck, batchTcpSeq, batchTcpWindow } from './batch';
import {
  MARK_ACK_FROM_PUB,
  MARK_ACK_FROM_VPC,
  MARK_SYN_FROM_PUB,
  MARK_SYN_FROM_VPC,
  STATE_DEAD,
  STATE_ESTABLISHED,
  STATE_FIN_BOTH,
  STATE_FIN_FROM_PUB,
  STATE_FIN_FROM_VPC,
  STATE_OPENING,
  STATE_RESET,
  STATE_SYN_RECEIVED,
  Session,
} from './session';

/*
 * The life of a TCP session: RFC 7857 figure 1, with the rules of the nat-gateway reference §4.2.
 */

export const TCP_FIN: u32 = 0x01;
export const TCP_SYN: u32 = 0x02;
export const TCP_RST: u32 = 0x04;
export const TCP_ACK: u32 = 0x10;
const TCP_PSH: u32 = 0x08;
const TCP_URG: u32 = 0x20;
/** A segment with one of these may change the state of an established session. */
export const TCP_CHANGES: u32 = TCP_FIN | TCP_SYN | TCP_RST;

/** In the place of a window that was not captured. */
export const WINDOW_UNKNOWN: u32 = 0xffffffff;
/** @see RFC 7323 §2.3 */
const MAX_SCALE: u32 = 14;
/** Octets of data in a SYN. */
const MAX_WITH_SYN: u32 = 0xffff;
const SYN_AND_FIN: u32 = TCP_SYN | TCP_FIN;
const BOTH_SYNS: u32 = MARK_SYN_FROM_VPC | MARK_SYN_FROM_PUB;

/** SYN with FIN or RST, or no flag at all: translated in a session that there is, and of no effect. */
export function hasInvalidFlags(flags: u32): bool {
  if ((flags & TCP_SYN) != 0) return (flags & (TCP_FIN | TCP_RST)) != 0;
  return (flags & (TCP_FIN | TCP_RST | TCP_ACK | TCP_PSH | TCP_URG)) == 0;
}

/** A SYN that asks for a connection. */
export function opens(flags: u32): bool {
  return (flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

/** True when a SYN from the VPC opens a new session at once, instead of belonging to this one. */
export function isReusable(state: u32): bool {
  return state == STATE_FIN_BOTH || state == STATE_RESET || state == STATE_DEAD;
}

/**
 * State of a session after a segment with valid flags. When several are set, RST beats SYN beats FIN.
 *
 * Segments after a reset bring the session back: a lost or forged RST must not end a live one (RFC 7857 §2). One that both
 * sides have closed is never alive again, and only time or a SYN ends it.
 */
export function nextTcpState(state: u32, flags: u32, fromVpc: bool): u32 {
  if (state == STATE_FIN_BOTH) return state;
  if ((flags & TCP_RST) != 0) return STATE_RESET;
  if ((flags & TCP_SYN) != 0) {
    if (state == STATE_OPENING && !fromVpc) return STATE_SYN_RECEIVED;
    // Of crossing SYNs, each side answers the other's.
    return state == STATE_SYN_RECEIVED && fromVpc && (flags & TCP_ACK) != 0 ? STATE_ESTABLISHED : state;
  }
  const open =
    state == STATE_OPENING || state == STATE_SYN_RECEIVED || state == STATE_RESET ? STATE_ESTABLISHED : state;
  if ((flags & TCP_FIN) == 0) return open;
  if (open == STATE_ESTABLISHED) return fromVpc ? STATE_FIN_FROM_VPC : STATE_FIN_FROM_PUB;
  if (open == STATE_FIN_FROM_VPC && !fromVpc) return STATE_FIN_BOTH;
  if (open == STATE_FIN_FROM_PUB && fromVpc) return STATE_FIN_BOTH;
  return open;
}

/** Whether a SYN from outside opened the session, no host has sent one, and the connection is not established. */
export function isOpenedOutside(session: Session): bool {
  const state: u32 = session.state;
  const isHalfOpen = state == STATE_OPENING || state == STATE_SYN_RECEIVED;
  return isHalfOpen && ((<u32>session.marks) & MARK_SYN_FROM_VPC) == 0;
}

/** State of a session that was opened outside, after a segment with valid flags: the host's answer is waited for, and the ACK of it. */
export function nextStateOfOutside(state: u32, flags: u32, fromVpc: bool): u32 {
  if ((flags & (TCP_SYN | TCP_RST)) != TCP_SYN) return nextTcpState(state, flags, fromVpc);
  return fromVpc && (flags & TCP_ACK) != 0 ? STATE_SYN_RECEIVED : state;
}

/** Keeps the acknowledgement and the window of a segment, by which a reset of the other side is judged. */
export function noteAck(session: Session, row: u32, flags: u32, fromVpc: bool): void {
  // What a reset acknowledges is of nobody's interest, and may be forged; so may be what has invalid flags.
  if ((flags & (TCP_ACK | TCP_RST)) != TCP_ACK || (flags & SYN_AND_FIN) == SYN_AND_FIN) return;
  const window = load<u32>(batchTcpWindow + row * 4);
  if (window == WINDOW_UNKNOWN) return;
  const ack = load<u32>(batchTcpAck + row * 4);
  const marks: u32 = session.marks;
  if (fromVpc) {
    if ((marks & MARK_ACK_FROM_VPC) != 0 && <i32>(ack - session.ackFromVpc) < 0) return;
    session.ackFromVpc = ack;
    session.windowFromVpc = <u16>window;
    session.marks = <u8>(marks | MARK_ACK_FROM_VPC);
  } else {
    if ((marks & MARK_ACK_FROM_PUB) != 0 && <i32>(ack - session.ackFromPub) < 0) return;
    session.ackFromPub = ack;
    session.windowFromPub = <u16>window;
    session.marks = <u8>(marks | MARK_ACK_FROM_PUB);
  }
}

/**
 * Keeps the window scale of a SYN. Both sides have to offer it, and the window of a SYN itself is not scaled.
 *
 * @see RFC 7323 §2.2
 */
export function noteScale(session: Session, row: u32, flags: u32, fromVpc: bool): void {
  if ((flags & TCP_SYN) == 0) return;
  if (load<u32>(batchTcpWindow + row * 4) == WINDOW_UNKNOWN) return;
  const scale = scaleOffered(row);
  const scales: u32 = session.scales;
  if (!fromVpc) session.marks |= <u8>MARK_SYN_FROM_PUB;
  session.scales = <u8>(fromVpc ? (scales & 0xf0) | scale : (scales & 0x0f) | (scale << 4));
}

/** @returns what the SYN in a row offers: one more than the shift count, 0 for none */
export function scaleOffered(row: u32): u32 {
  return load<u32>(batchTcpWindow + row * 4) >> 16;
}

/**
 * Whether a segment from outside, other than a SYN or a reset, is one of the connection that the session's SYN has asked for: it
 * acknowledges that SYN, and what data came with it at most. Another one is what the peer says to a SYN within a connection that it
 * has still. Where it is not known what is acknowledged, any is.
 *
 * @see RFC 5961 §4.2
 */
export function answersSyn(session: Session, row: u32, flags: u32): bool {
  if (((<u32>session.marks) & MARK_SYN_FROM_VPC) == 0 || load<u32>(batchTcpWindow + row * 4) == WINDOW_UNKNOWN) {
    return true;
  }
  return (flags & TCP_ACK) != 0 && load<u32>(batchTcpAck + row * 4) - session.isn - 1 <= MAX_WITH_SYN;
}

/**
 * @returns the shift count of a side's windows: 0 unless both have offered one, and the largest that there is where a SYN
 * was not seen
 */
function scaleOf(session: Session, ofVpc: bool): u32 {
  if (((<u32>session.marks) & BOTH_SYNS) != BOTH_SYNS) return MAX_SCALE;
  const fromVpc: u32 = session.scales & 0x0f;
  const fromPub: u32 = session.scales >> 4;
  if (fromVpc == 0 || fromPub == 0) return 0;
  return (ofVpc ? fromVpc : fromPub) - 1;
}

/**
 * Whether a reset is of the connection: its sequence number is the last one that the other side acknowledged, or within the
 * window that it offered. Where neither is known, any is taken.
 */
export function isValidReset(session: Session, row: u32, fromVpc: bool): bool {
  const known = fromVpc ? MARK_ACK_FROM_PUB : MARK_ACK_FROM_VPC;
  if (((<u32>session.marks) & known) == 0 || load<u32>(batchTcpWindow + row * 4) == WINDOW_UNKNOWN) return true;
  const ack = fromVpc ? session.ackFromPub : session.ackFromVpc;
  const window: u32 = fromVpc ? session.windowFromPub : session.windowFromVpc;
  const distance = load<u32>(batchTcpSeq + row * 4) - ack;
  return distance == 0 || distance < window << scaleOf(session, !fromVpc);
}
