/** The IP protocols that a gateway translates, by their IANA numbers. */
export const PROTOCOLS = [
  { number: 6, name: 'TCP' },
  { number: 17, name: 'UDP' },
  { number: 1, name: 'ICMP' },
] as const;

/** `6 TCP`; the number alone for others. */
export function protocolText(protocol: number): string {
  const known = PROTOCOLS.find(({ number }) => number === protocol);
  return known === undefined ? String(protocol) : `${protocol} ${known.name}`;
}
