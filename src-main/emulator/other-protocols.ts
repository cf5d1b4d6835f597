import { PROTOCOL_GRE, PROTOCOL_ICMP, PROTOCOL_SCTP, PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_UDP_LITE } from './codes';
import { OPTION_EIM, does } from './configuration';
import { nextSctpState } from './sctp';
import { STATE_GRE, STATE_GRE_REPLIED, STATE_OTHER, STATE_UDP, STATE_UDP_REPLIED } from './session';

/*
 * Protocols besides TCP, UDP and ICMP, of a gateway that translates them: SCTP and UDP-Lite by their ports, and all others by nothing
 * but the two addresses, so that of several hosts one can have a session with a destination through each public address. DCCP is
 * one of these, as it is to netfilter of Linux 6.18.
 * @see nat-gateway reference §4.3; nf_conntrack_proto_gre.c, nf_conntrack_proto_generic.c
 */

/** Whether the gateway knows the protocol by name: others are for `OPTION_OTHER_PROTOCOLS`. */
export function isCommon(protocol: u32): bool {
  return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP || protocol == PROTOCOL_ICMP;
}

/** Whether sessions of the protocol have ports, or an identifier. */
export function hasPorts(protocol: u32): bool {
  return isCommon(protocol) || protocol == PROTOCOL_SCTP || protocol == PROTOCOL_UDP_LITE;
}

/** Whether sessions of the protocol have the states and the time-outs of UDP. @see nf_conntrack_proto_udp.c */
export function isDatagram(protocol: u32): bool {
  return protocol == PROTOCOL_UDP || protocol == PROTOCOL_UDP_LITE;
}

/** Whether a private endpoint has one translated endpoint towards all destinations, which is nobody else's. @see RFC 4787 §4.1 */
export function isIndependent(protocol: u32): bool {
  return does(OPTION_EIM) && isCommon(protocol);
}

/** @returns the state of a session, not of SCTP, that begins with a packet */
export function firstOtherState(protocol: u32, fromVpc: bool): u32 {
  if (protocol == PROTOCOL_UDP_LITE) return fromVpc ? STATE_UDP : STATE_UDP_REPLIED;
  if (protocol != PROTOCOL_GRE) return STATE_OTHER;
  return fromVpc ? STATE_GRE : STATE_GRE_REPLIED;
}

/** @returns the state of a session after a packet */
export function nextOtherState(state: u32, protocol: u32, chunk: u32, fromVpc: bool): u32 {
  if (protocol == PROTOCOL_SCTP) return nextSctpState(state, chunk, fromVpc);
  if (fromVpc) return state;
  if (state == STATE_UDP) return STATE_UDP_REPLIED;
  return state == STATE_GRE ? STATE_GRE_REPLIED : state;
}
