import { assumed, documented, type ProfileData } from './profile';

/**
 * SNAT by netfilter, with its default timers.
 * @see nat-gateway reference §2.1 and §2.3
 */
export const LINUX: ProfileData = {
  title: 'Linux netfilter',
  asOf: '2026-11',
  settings: {
    // SYN_SENT, SYN_RECV, ESTABLISHED, FIN_WAIT, CLOSE_WAIT, TIME_WAIT and CLOSE of its table.
    'timeoutsSec.tcpOpening': documented(120, 'linuxConntrack'),
    'timeoutsSec.tcpSynReceived': documented(60, 'linuxConntrack'),
    'timeoutsSec.tcpEstablished': documented(432_000, 'linuxConntrack'),
    'timeoutsSec.tcpFinFromVpc': documented(120, 'linuxConntrack'),
    'timeoutsSec.tcpFinFromPub': documented(60, 'linuxConntrack'),
    'timeoutsSec.tcpClosing': documented(120, 'linuxConntrack'),
    'timeoutsSec.tcpReset': documented(10, 'linuxConntrack'),
    'timeoutsSec.udp': documented(30, 'linuxConntrack'),
    'timeoutsSec.udpReplied': documented(120, 'linuxConntrack'),
    'timeoutsSec.icmp': documented(30, 'linuxConntrack'),
    portMin: documented(1024, 'linuxNat'),
    portMax: documented(65535, 'linuxNat'),
    maxPerEipPerDestination: documented(64_512, 'linuxNat'),
    portPolicy: documented('linux', 'linuxNat'),
    mapping: documented('apdm', 'linuxNat'),
    filtering: assumed('apdf', 'a session is told by its whole five-tuple'),
    otherProtocols: documented('translate', 'linuxNat'),
    midstream: documented('create', 'linuxTcp'),
    onIdleExpiry: assumed('repick', 'idle sessions end silently, and later packets are picked up (tcp_loose = 1)'),
    eipAffinity: documented(false, 'linuxNat'),
  },
  quotas: [],
  notes: [
    'FIN_WAIT counts as closed by the host in the VPC, CLOSE_WAIT as closed by the other side, TIME_WAIT as closed by both; LAST_ACK (30 s) has no state of its own.',
    'SCTP is translated by its ports, and every other protocol by its addresses alone: one host has it towards a destination by each public address. A session without ports dies after 600 s; one of GRE after 30 s, or 180 s when it was answered; one of SCTP after 210 s, and while it is opened or closed after 3 s.',
  ],
};
