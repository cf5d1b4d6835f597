/** Names of protocols, in small letters. @see IANA protocol numbers */
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ...([
    ['icmp', 1],
    ['igmp', 2],
    ['tcp', 6],
    ['udp', 17],
    ['dccp', 33],
    ['gre', 47],
    ['esp', 50],
  ] as const),
  ...([
    ['ah', 51],
    ['icmpv6', 58],
    ['ipv6-icmp', 58],
    ['sctp', 132],
    ['udp-lite', 136],
    ['udplite', 136],
  ] as const),
]);

/** @returns the number of a protocol that is named in whatever case: 6 for `TCP`; null for none that is known */
export function protocolNumber(name: string): number | null {
  return NUMBERS.get(name.toLowerCase()) ?? null;
}
