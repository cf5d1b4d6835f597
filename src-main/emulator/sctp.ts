import {
  STATE_SCTP_ABORTED,
  STATE_SCTP_ASKED,
  STATE_SCTP_CLOSED,
  STATE_SCTP_COOKIE_ECHOED,
  STATE_SCTP_COOKIE_WAIT,
  STATE_SCTP_ESTABLISHED,
  STATE_SCTP_HEARTBEAT,
  STATE_SCTP_SHUTDOWN,
  STATE_SCTP_SHUTDOWN_ACKED,
} from './session';

/*
 * Associations as netfilter follows them. Its state CLOSED is three here, alike in all but why a session ends in it; its
 * SHUTDOWN_SENT and SHUTDOWN_RECD, alike in everything, are one. What is sent from the VPC is netfilter's original direction.
 * Verification tags are not looked at: all are taken to be right.
 * @see nf_conntrack_proto_sctp.c of Linux 6.18; nat-gateway reference §4.3
 */

/* Types of chunks. @see RFC 9260 §3.2 */
const INIT: u32 = 1;
const INIT_ACK: u32 = 2;
const HEARTBEAT: u32 = 4;
const HEARTBEAT_ACK: u32 = 5;
const ABORT: u32 = 6;
const SHUTDOWN: u32 = 7;
const SHUTDOWN_ACK: u32 = 8;
const ERROR: u32 = 9;
const COOKIE_ECHO: u32 = 10;
const COOKIE_ACK: u32 = 11;
const SHUTDOWN_COMPLETE: u32 = 14;

/** Whether a chunk shows an association that there was before: all but those that begin one, or try a path of one. */
export function isOfAssociation(chunk: u32, fromVpc: bool): bool {
  return chunk != INIT && !(chunk == HEARTBEAT && fromVpc);
}

/**
 * Whether a packet from the VPC begins a session where there is none. Some do that show an association before: netfilter does
 * not tell them from those of a new path, or waits for their answer. All others do not fit a new session's verification tags.
 */
export function opensSctp(chunk: u32): bool {
  return chunk == INIT || chunk == HEARTBEAT || chunk == HEARTBEAT_ACK || chunk == SHUTDOWN_ACK;
}

/** @returns the state of a session that begins with a packet which `opensSctp` */
export function openedSctpState(chunk: u32): u32 {
  if (chunk == HEARTBEAT) return STATE_SCTP_HEARTBEAT;
  return chunk == SHUTDOWN_ACK ? STATE_SCTP_SHUTDOWN_ACKED : STATE_SCTP_ASKED;
}

/** @returns the state of a session that is known from the middle of its association on, after the packet that shows it */
export function shownSctpState(chunk: u32): u32 {
  switch (chunk) {
    case INIT_ACK:
      return STATE_SCTP_COOKIE_WAIT;
    case COOKIE_ECHO:
      return STATE_SCTP_COOKIE_ECHOED;
    case SHUTDOWN:
      return STATE_SCTP_SHUTDOWN;
    case SHUTDOWN_ACK:
      return STATE_SCTP_SHUTDOWN_ACKED;
    case SHUTDOWN_COMPLETE:
      return STATE_SCTP_CLOSED;
    case ABORT:
      return STATE_SCTP_ABORTED;
    default:
      return STATE_SCTP_ESTABLISHED;
  }
}

/** Whether the packet is none of a session in this state: only its answer proves a path that is tried. */
export function isStraySctp(state: u32, chunk: u32, fromVpc: bool): bool {
  return state == STATE_SCTP_HEARTBEAT && !fromVpc && chunk != HEARTBEAT && chunk != HEARTBEAT_ACK;
}

/** Whether the packet leaves the idle time as it was: who asks again and again without an answer keeps no session alive. */
export function isVainSctp(state: u32, chunk: u32): bool {
  return chunk == INIT && isClosed(state);
}

function isClosed(state: u32): bool {
  return state == STATE_SCTP_ASKED || state == STATE_SCTP_CLOSED || state == STATE_SCTP_ABORTED;
}

/** @returns the state of a session after a packet of it; what is closed may be opened anew, and stays the same session */
export function nextSctpState(state: u32, chunk: u32, fromVpc: bool): u32 {
  if (chunk == ABORT) return STATE_SCTP_ABORTED;
  switch (state) {
    case STATE_SCTP_ASKED:
    case STATE_SCTP_CLOSED:
    case STATE_SCTP_ABORTED:
      return chunk == INIT_ACK && !fromVpc ? STATE_SCTP_COOKIE_WAIT : state;
    case STATE_SCTP_COOKIE_WAIT:
      return chunk == COOKIE_ECHO ? STATE_SCTP_COOKIE_ECHOED : state;
    case STATE_SCTP_COOKIE_ECHOED:
      if (chunk == COOKIE_ACK) return STATE_SCTP_ESTABLISHED;
      return chunk == ERROR && !fromVpc ? STATE_SCTP_ASKED : state;
    case STATE_SCTP_ESTABLISHED:
      return chunk == SHUTDOWN ? STATE_SCTP_SHUTDOWN : state;
    case STATE_SCTP_SHUTDOWN:
      if (chunk == SHUTDOWN_ACK) return STATE_SCTP_SHUTDOWN_ACKED;
      return chunk == INIT && fromVpc ? STATE_SCTP_ASKED : state;
    case STATE_SCTP_SHUTDOWN_ACKED:
      return chunk == SHUTDOWN_COMPLETE ? STATE_SCTP_CLOSED : state;
    default:
      return nextOfHeartbeat(chunk, fromVpc);
  }
}

/** Of a path that is tried. */
function nextOfHeartbeat(chunk: u32, fromVpc: bool): u32 {
  if (!fromVpc) return chunk == HEARTBEAT_ACK ? STATE_SCTP_ESTABLISHED : STATE_SCTP_HEARTBEAT;
  switch (chunk) {
    case INIT:
      return STATE_SCTP_COOKIE_WAIT;
    case SHUTDOWN_ACK:
      return STATE_SCTP_SHUTDOWN_ACKED;
    case INIT_ACK:
    case SHUTDOWN:
    case ERROR:
    case COOKIE_ECHO:
    case COOKIE_ACK:
    case SHUTDOWN_COMPLETE:
      return STATE_SCTP_ASKED;
    default:
      return STATE_SCTP_HEARTBEAT;
  }
}
