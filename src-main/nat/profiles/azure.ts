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
    'timeoutsSec.udp': documented(240, 'azureResource'),
    'timeoutsSec.udpReplied': documented(240, 'azureResource'),
    portMin: documented(1024, 'azureSnat'),
    portMax: documented(65535, 'azureSnat'),
    maxPerEipPerDestination: documented(50_000, 'azureSnat'),
    portPolicy: documented('random', 'azureSnat'),
    'portHoldSec.tcp': documented(65, 'azureResource'),
    'portHoldSec.udp': documented(65, 'azureResource'),
    onIdleExpiry: documented('rst', 'azureResource'),
  },
  quotas: [],
  notes: [
    'Azure holds a port for 65 s from the FIN, and for 16 s from an RST; here every TCP port is held for portHoldSec.tcp from when its session has ended, which timeoutsSec.tcpClosing and timeoutsSec.tcpReset decide.',
    'Azure Standard translates neither ICMP nor fragments, both of which are translated here.',
  ],
};
