import { assumed, documented, type ProfileData } from './profile';

/**
 * A gateway that keeps to the RFCs' defaults.
 * @see nat-gateway reference §3 and the column `rfc` of §4.2
 */
export const RFC: ProfileData = {
  title: 'a gateway as the RFCs ask for',
  asOf: '2026-11',
  settings: {
    'timeoutsSec.tcpOpening': documented(240, 'rfc5382'),
    'timeoutsSec.tcpSynReceived': documented(240, 'rfc5382'),
    'timeoutsSec.tcpEstablished': documented(7440, 'rfc5382'),
    'timeoutsSec.tcpFinFromVpc': documented(7440, 'rfc5382'),
    'timeoutsSec.tcpFinFromPub': documented(7440, 'rfc5382'),
    'timeoutsSec.tcpClosing': documented(240, 'rfc7857'),
    'timeoutsSec.tcpReset': documented(240, 'rfc7857'),
    'timeoutsSec.udp': documented(300, 'rfc4787'),
    'timeoutsSec.udpReplied': documented(300, 'rfc4787'),
    'timeoutsSec.icmp': documented(60, 'rfc5508'),
    maxPerEipPerDestination: assumed(64_511, 'every port of the range: no RFC allows for less'),
    portPolicy: documented('random', 'rfc7857'),
    // The exceptions of REQ-8 leave TCP, which is followed by its state machine; filtering here asks for no address.
    'portHoldSec.tcp': documented(0, 'rfc6888'),
    'portHoldSec.udp': documented(120, 'rfc6888'),
    'portHoldSec.icmp': documented(120, 'rfc6888'),
    mapping: documented('eim', 'rfc4787'),
    filtering: documented('eif', 'rfc6888'),
    udpInboundRefresh: documented(true, 'rfc4787'),
    eipAffinity: documented(true, 'rfc6888'),
  },
  quotas: [],
  notes: [
    'Port parity is not preserved, as RFC 7857 section 8 allows.',
    'Hairpinning, which RFC 4787 REQ-9 and RFC 5382 REQ-8 ask for, is as the product has it: only with eipBindMode NAT, to the EIP of a DNAT IP mapping; else it is dropped (hairpin_unsupported).',
  ],
};
