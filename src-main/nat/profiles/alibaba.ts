import { assumed, documented, type ProfileData, type Quota, type Settings } from './profile';

const UNPUBLISHED = 'not published';

/** @see nat-gateway reference §6.1, and §1.5 and §1.6 for what is published */
const SETTINGS: Settings = {
  'timeoutsSec.tcpOpening': assumed(60, UNPUBLISHED),
  'timeoutsSec.tcpSynReceived': assumed(60, UNPUBLISHED),
  'timeoutsSec.tcpEstablished': documented(900, 'alibabaFaq'),
  'timeoutsSec.tcpFinFromVpc': assumed(900, 'not published; half-closed counts as established, as RFC 5382 has it'),
  'timeoutsSec.tcpFinFromPub': assumed(900, 'not published; half-closed counts as established, as RFC 5382 has it'),
  'timeoutsSec.tcpClosing': assumed(60, UNPUBLISHED),
  'timeoutsSec.tcpReset': assumed(10, UNPUBLISHED),
  'timeoutsSec.udp': documented(60, 'alibabaFaq'),
  'timeoutsSec.udpReplied': documented(60, 'alibabaFaq'),
  'timeoutsSec.icmp': assumed(60, 'not published; the least that RFC 5508 allows'),
  portMin: documented(1025, 'alibabaSnat'),
  portMax: documented(65535, 'alibabaSnat'),
  maxPerEipPerDestination: documented(55_000, 'alibabaSnat'),
  portPolicy: assumed('random', 'not published; a very similar product says that ports are assigned at random'),
  portBlockSize: assumed(1024, 'only of the policies deterministic and blocks, which the product does not mention'),
  maxBlocksPerHost: assumed(4, 'only of the policy blocks, which the product does not mention'),
  'portHoldSec.tcp': assumed(0, UNPUBLISHED),
  'portHoldSec.udp': assumed(0, UNPUBLISHED),
  'portHoldSec.icmp': assumed(0, UNPUBLISHED),
  mapping: assumed('apdm', 'not published; follows from connections being counted by destination'),
  filtering: assumed('apdf', 'not published; follows from the mapping by destination'),
  'limits.maxSessions': assumed(null, 'published, 500,000 at first and up to 2,000,000, but off until it is asked for'),
  'limits.maxNewPerSec': assumed(null, 'published, 20,000 at first and up to 100,000, but off until it is asked for'),
  'limits.maxPortsPerHost': assumed(null, UNPUBLISHED),
  'limits.maxNewPerSecPerHost': assumed(null, UNPUBLISHED),
  otherProtocols: assumed('drop', 'not published; very similar products translate TCP, UDP and ICMP only'),
  midstream: assumed('create', 'a capture hardly ever begins with the first packet of every session'),
  onIdleExpiry: assumed('repick', 'not published; what is in a capture did pass'),
  udpInboundRefresh: assumed(true, UNPUBLISHED),
  icmpReplyEnabled: documented(true, 'alibabaSnat'),
  eipAffinity: documented(false, 'alibabaSnatEntry'),
};

/** @see nat-gateway reference §1.5 */
const QUOTAS: readonly Quota[] = [
  { what: 'EIPs of a gateway', counts: 'eips', bindMode: 'MULTI_BINDED', most: 20, source: 'alibabaQuotas' },
  { what: 'EIPs of a gateway in bind mode NAT', counts: 'eips', bindMode: 'NAT', most: 50, source: 'alibabaQuotas' },
  { what: 'NAT IPs of a VPC NAT gateway', counts: 'natIps', bindMode: null, most: 15, source: 'alibabaQuotas' },
  { what: 'SNAT entries of a gateway', counts: 'snatEntries', bindMode: null, most: 40, source: 'alibabaQuotas' },
  { what: 'DNAT entries of a gateway', counts: 'dnatIpMappings', bindMode: null, most: 100, source: 'alibabaQuotas' },
];

export const ALIBABA: ProfileData & { readonly settings: Settings } = {
  title: 'Alibaba Cloud NAT Gateway',
  asOf: '2026-11',
  settings: SETTINGS,
  quotas: QUOTAS,
  notes: [],
};
