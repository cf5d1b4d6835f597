const NAMES: Readonly<Record<number, string>> = {
  ...{ 1: 'ICMP', 2: 'IGMP', 4: 'IPIP', 6: 'TCP', 17: 'UDP', 33: 'DCCP', 41: '6in4', 47: 'GRE', 50: 'ESP', 51: 'AH' },
  ...{ 58: 'ICMPv6', 89: 'OSPF', 132: 'SCTP', 136: 'UDP-Lite' },
};

/** An IP protocol as people call it: `TCP`, or `IP 253` for one without a common name. @see IANA protocol numbers */
export function protocolName(protocol: number): string {
  return NAMES[protocol] ?? `IP ${protocol}`;
}
