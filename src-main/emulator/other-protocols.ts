import { PROTOCOL_GRE, PROTOCOL_ICMP, PROTOCOL_SCTP, PROTOCOL_TCP, PROTOCOL_UDP } from './codes';
import { OPTION_EIM, does } from './configuration';
import {
  STATE_GRE,
  STATE_GRE_REPLIED,
  STATE_OTHER,
  STATE_SCTP_ABORTED,
  STATE_SCTP_CLOSED,
  STATE_SCTP_CLOSING,
  STATE_SCTP_ESTABLISHED,
  STATE_SCTP_OPENING,
} from './session';

/*
 * Protocols besides TCP, UDP and ICMP, of a gateway that translates them: SCTP by its ports, and all others by nothing but the two
 * addresses, so that of several hosts one can have a session with a destination through each public address.
 * @see nat-gateway reference §4.3; nf_conntrack_proto_sctp.c, nf_conntrack_proto_gre.c, nf_conntrack_proto_generic.c
 */

/* Types of the first chunk of a packet. @see RFC 9260 §3.2 */
const SCTP_INIT: u32 = 1;
const SCTP_ABORT: u32 = 6;
const SCTP_SHUTDOWN: u32 = 7;
const SCTP_SHUTDOWN_ACK: u32 = 8;
const SCTP_COOKIE_ACK: u32 = 11;
const SCTP_SHUTDOWN_COMPLETE: u32 = 14;

/** Whether the gateway knows the protocol by name: others are for `OPTION_OTHER_PROTOCOLS`. */
export function isCommon(protocol: u32): bool {
  return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP || protocol == PROTOCOL_ICMP;
}

/** Whether sessions of the protocol have ports, or an identifier. */
export function hasPorts(protocol: u32): bool {
  return isCommon(protocol) || protocol == PROTOCOL_SCTP;
}

/** Whether a private endpoint has one translated endpoint towards all destinations, which is nobody else's. @see RFC 4787 §4.1 */
export function isIndependent(protocol: u32): bool {
  return does(OPTION_EIM) && isCommon(protocol);
}

/** Whether a chunk asks for an association. */
export function opensSctp(chunk: u32): bool {
  return chunk == SCTP_INIT;
}

/** @returns the state of a session that begins with a packet */
export function firstOtherState(protocol: u32, chunk: u32, fromVpc: bool): u32 {
  if (protocol == PROTOCOL_SCTP)
    return nextSctpState(opensSctp(chunk) ? STATE_SCTP_CLOSED : STATE_SCTP_ESTABLISHED, chunk);
  if (protocol != PROTOCOL_GRE) return STATE_OTHER;
  return fromVpc ? STATE_GRE : STATE_GRE_REPLIED;
}

/** @returns the state of a session after a packet */
export function nextOtherState(state: u32, protocol: u32, chunk: u32, fromVpc: bool): u32 {
  if (protocol == PROTOCOL_SCTP) return nextSctpState(state, chunk);
  return state == STATE_GRE && !fromVpc ? STATE_GRE_REPLIED : state;
}

/** What is closed may be opened anew, and stays the same session, as in netfilter. */
function nextSctpState(state: u32, chunk: u32): u32 {
  switch (chunk) {
    case SCTP_INIT:
      return state == STATE_SCTP_CLOSED || state == STATE_SCTP_ABORTED ? STATE_SCTP_OPENING : state;
    case SCTP_COOKIE_ACK:
      return state == STATE_SCTP_OPENING ? STATE_SCTP_ESTABLISHED : state;
    case SCTP_SHUTDOWN:
    case SCTP_SHUTDOWN_ACK:
      return state == STATE_SCTP_ESTABLISHED ? STATE_SCTP_CLOSING : state;
    case SCTP_SHUTDOWN_COMPLETE:
      return state == STATE_SCTP_CLOSING ? STATE_SCTP_CLOSED : state;
    case SCTP_ABORT:
      return STATE_SCTP_ABORTED;
    default:
      return state;
  }
}
