import { PROTOCOL_GRE, PROTOCOL_ICMP, PROTOCOL_SCTP, PROTOCOL_TCP, PROTOCOL_UDP } from './codes';
import { OPTION_EIM, does } from './configuration';
import { nextSctpState } from './sctp';
import { STATE_GRE, STATE_GRE_REPLIED, STATE_OTHER } from './session';

/*
 * Protocols besides TCP, UDP and ICMP, of a gateway that translates them: SCTP by its ports, and all others by nothing but the two
 * addresses, so that of several hosts one can have a session with a destination through each public address.
 * @see nat-gateway reference §4.3; nf_conntrack_proto_gre.c, nf_conntrack_proto_generic.c
 */

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

/** @returns the state of a session, not of SCTP, that begins with a packet */
export function firstOtherState(protocol: u32, fromVpc: bool): u32 {
  if (protocol != PROTOCOL_GRE) return STATE_OTHER;
  return fromVpc ? STATE_GRE : STATE_GRE_REPLIED;
}

/** @returns the state of a session after a packet */
export function nextOtherState(state: u32, protocol: u32, chunk: u32, fromVpc: bool): u32 {
  if (protocol == PROTOCOL_SCTP) return nextSctpState(state, chunk, fromVpc);
  return state == STATE_GRE && !fromVpc ? STATE_GRE_REPLIED : state;
}
