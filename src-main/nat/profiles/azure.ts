import { assumed, documented, type ProfileData } from './profile';

const HALF_CLOSED = 'not said; half-closed counts as established, as RFC 5382 has it';

/** @see nat-gateway reference §2.1 */
export const AZURE: ProfileData = {
  title: 'Azure NAT Gateway (Standard)',
  asOf: '2026-11',
  settings: {
    'timeoutsSec.tcpOpening': documented(30, 'azureResource'),
    'timeoutsSec.tcpSynReceived': documented(30, 'azureResource'),
    'timeoutsSec.tcpEstablished': documented(240, 'azureResource'),
    'timeoutsSec.tcpFinFromVpc': assumed(240, HALF_CLOSED),
    'timeoutsSec.tcpFinFromPub': assumed(240, HALF_CLOSED),
    // The port of a TCP session is free again so long after its FIN, or its RST.
    'timeoutsSec.tcpClosing': documented(65, 'azureResource'),
    'timeoutsSec.tcpReset': documented(16, 'azureResource'),
    'timeoutsSec.udp': documented(240, 'azureResource'),
    'timeoutsSec.udpReplied': documented(240, 'azureResource'),
    portMin: documented(1024, 'azureSnat'),
    portMax: documented(65535, 'azureSnat'),
    maxPerEipPerDestination: documented(50_000, 'azureSnat'),
    portPolicy: documented('random', 'azureSnat'),
    'portHoldSec.udp': documented(65, 'azureResource'),
    onIdleExpiry: documented('rst', 'azureResource'),
  },
  quotas: [],
  notes: [
    'Azure holds the port of a TCP session towards its destination for 65 s from the FIN, and for 16 s from an RST: that is what timeoutsSec.tcpClosing and timeoutsSec.tcpReset are.',
    'Azure Standard translates neither ICMP nor fragments, both of which are translated here.',
  ],
};
