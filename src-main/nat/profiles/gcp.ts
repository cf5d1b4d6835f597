import { assumed, documented, type ProfileData } from './profile';

const HALF_CLOSED = 'not said; half-closed counts as established, as RFC 5382 has it';
const UNSOURCED = '64,512 ports of an address are told without a source';

/** @see nat-gateway reference §2.1 */
export const GCP: ProfileData = {
  title: 'Google Cloud NAT',
  asOf: '2026-11',
  settings: {
    'timeoutsSec.tcpOpening': documented(30, 'gcpTimeouts'),
    'timeoutsSec.tcpSynReceived': documented(30, 'gcpTimeouts'),
    'timeoutsSec.tcpEstablished': documented(1200, 'gcpTimeouts'),
    'timeoutsSec.tcpFinFromVpc': assumed(1200, HALF_CLOSED),
    'timeoutsSec.tcpFinFromPub': assumed(1200, HALF_CLOSED),
    'timeoutsSec.tcpClosing': documented(30, 'gcpTimeWait'),
    'timeoutsSec.udp': documented(30, 'gcpTimeouts'),
    'timeoutsSec.udpReplied': documented(30, 'gcpTimeouts'),
    'timeoutsSec.icmp': documented(30, 'gcpTimeouts'),
    portMin: assumed(1024, UNSOURCED),
    portMax: assumed(65535, UNSOURCED),
    maxPerEipPerDestination: assumed(64_512, UNSOURCED),
    mapping: documented('apdm', 'gcpTuning'),
    onIdleExpiry: documented('drop', 'gcpTimeouts'),
  },
  quotas: [],
  notes: [
    'TIME_WAIT is 30 s for gateways made since 30 September 2026; older ones have 120 s (timeoutsSec.tcpClosing).',
    'Cloud NAT reserves ports for each VM (64, or 32 with dynamic allocation), which is not emulated; limits.maxPortsPerHost comes near it.',
    'Endpoint-independent mapping can be chosen there: set mapping to eim.',
  ],
};
