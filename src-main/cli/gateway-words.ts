import type { OTHER_PROTOCOLS } from '../contract/gateway-words';
import type { Gateway, PortPolicy, SessionTimeouts } from '../nat/gateway';
import { thousands } from './number-text';

export const POLICY_TEXT: Readonly<Record<PortPolicy, (gateway: Gateway) => string>> = {
  random: () => 'random: a free one that follows from seed, five-tuple and second',
  sequential: () => 'sequential: the lowest free one',
  preserve: () => "preserve: the host's own, else the next free one of the same class",
  linux: () => "linux: the host's own, else as netfilter searches",
  deterministic: ({ portBlockSize }) =>
    `deterministic: from the block of ${thousands(portBlockSize)} ports that follows from the host's address`,
  blocks: ({ portBlockSize, maxBlocksPerHost }) =>
    `blocks: from blocks of ${thousands(portBlockSize)} ports that a host is given on demand, at most ${maxBlocksPerHost}`,
};

export const MAPPING_TEXT: Readonly<Record<Gateway['mapping'], string>> = {
  apdm: 'apdm: each destination has its own',
  eim: 'eim: a private endpoint has the same for all destinations',
};

export const FILTERING_TEXT: Readonly<Record<Gateway['filtering'], string>> = {
  apdf: 'apdf: only the destination may answer',
  adf: 'adf: any port of the destination address may send',
  eif: 'eif: anybody may send to a mapping',
};

export const MIDSTREAM_TEXT: Readonly<Record<Gateway['midstream'], string>> = {
  create: 'create: one that is under way when it is seen first is translated',
  drop: 'drop: one that is under way when it is seen first is dropped',
};

export const EXPIRY_TEXT: Readonly<Record<Gateway['onIdleExpiry'], string>> = {
  repick: 'repick: what its host sends next is a new session',
  drop: 'drop: what its host sends next is dropped, unless it is a SYN',
  rst: 'rst: what its host sends next is dropped, unless it is a SYN, and answered with an RST',
};

export const OTHER_PROTOCOLS_TEXT: Readonly<Record<(typeof OTHER_PROTOCOLS)[number], string>> = {
  drop: 'dropped',
  translate: 'translated: SCTP and UDP-Lite by their ports, all others by their addresses alone',
};

export const LATE_TEXT: Readonly<Record<Gateway['latePolicy'], string>> = {
  revise: 'revise: a packet whose window is closed revises its entry',
  carry: 'carry: a packet whose window is closed counts in the open one',
  drop: 'drop: a packet whose window is closed is not counted in any',
};

export const TIMEOUT_TEXT: Readonly<Record<keyof SessionTimeouts, string>> = {
  tcpOpening: 'TCP, SYN from the VPC seen',
  tcpSynReceived: 'TCP, and one from the Internet',
  tcpEstablished: 'TCP, established',
  tcpFinFromVpc: 'TCP, closed by the host',
  tcpFinFromPub: 'TCP, closed by the other side',
  tcpClosing: 'TCP, closed by both',
  tcpReset: 'TCP, after an RST',
  udp: 'UDP, one direction seen',
  udpReplied: 'UDP, both directions seen',
  icmp: 'ICMP echo',
};

export function windowText({ windowSec, windowPhase }: Gateway): string {
  const length = `${thousands(windowSec)} s`;
  if (windowPhase === 'epoch') return `${length}, from multiples of that since 1970`;
  if (windowPhase === 'captureStart') return `${length}, from the first packet`;
  if (windowPhase === 'session') return `${length}, from the first packet of each session`;
  if (windowPhase === 'perGateway') return `${length}, off multiples of that by what follows from the gateway's id`;
  return `${length}, ${thousands(windowPhase)} s off multiples of that since 1970`;
}

export function entryTimeText({ timeModel }: Gateway): string {
  return timeModel === 'packet'
    ? 'packet: from the first packet of a window to its last'
    : 'aliflow: from the first packet of a window to its end, if the session is alive then, else to its last';
}
