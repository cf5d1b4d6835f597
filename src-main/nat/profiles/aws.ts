import { assumed, documented, type ProfileData } from './profile';

/** @see nat-gateway reference §2.1 */
export const AWS: ProfileData = {
  title: 'AWS NAT gateway',
  asOf: '2026-11',
  settings: {
    'timeoutsSec.tcpOpening': documented(350, 'awsTroubleshooting'),
    'timeoutsSec.tcpSynReceived': documented(350, 'awsTroubleshooting'),
    'timeoutsSec.tcpEstablished': documented(350, 'awsTroubleshooting'),
    'timeoutsSec.tcpFinFromVpc': documented(350, 'awsTroubleshooting'),
    'timeoutsSec.tcpFinFromPub': documented(350, 'awsTroubleshooting'),
    'timeoutsSec.udp': assumed(350, 'one idle time is published, without saying that it holds for UDP'),
    'timeoutsSec.udpReplied': assumed(350, 'one idle time is published, without saying that it holds for UDP'),
    'timeoutsSec.icmp': assumed(350, 'one idle time is published, without saying that it holds for ICMP'),
    portMin: documented(1024, 'awsGateway'),
    portMax: documented(65535, 'awsGateway'),
    maxPerEipPerDestination: documented(55_000, 'awsGateway'),
    otherProtocols: documented('drop', 'awsGateway'),
    onIdleExpiry: documented('rst', 'awsComparison'),
  },
  quotas: [{ what: 'IPv4 addresses of a gateway', counts: 'eips', bindMode: null, most: 8, source: 'awsGateway' }],
  notes: ['AWS drops fragments of TCP and ICMP, which are translated here.'],
};
