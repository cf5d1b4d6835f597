export interface WrittenEndpoint {
  readonly address: string;
  /** Null where none is written. */
  readonly port: number | null;
}

/** IPv4 without leading zeros, and a port as mails and tables have it behind; the engine judges both once more. */
const OCTET = '(?:0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])';
const ENDPOINT = new RegExp(`^(${OCTET}(?:\\.${OCTET}){3})(?:(?:\\s*[:#,;]\\s*|\\s+)(?:port\\s+)?(\\d{1,9}))?$`, 'iu');
/** `2001:db8::1` or `[2001:db8::1]:443`, as far as it has to be told from other texts. */
const IPV6 = /^\[?(?:[\da-f]{1,4})?:[\da-f:.]*:/iu;
const LARGEST_PORT = 65_535;

export type EndpointFault = 'ipv6' | 'port' | 'shape';

/** @returns what is wrong with what is no `203.0.113.10:21733`, with or without a port */
export function readEndpoint(text: string): WrittenEndpoint | EndpointFault {
  const [, address, digits] = ENDPOINT.exec(text.trim()) ?? [];
  if (address === undefined) return IPV6.test(text.trim()) ? 'ipv6' : 'shape';
  const port = digits === undefined ? null : Number(digits);
  return port !== null && port > LARGEST_PORT ? 'port' : { address, port };
}

export function endpointText({ address, port }: WrittenEndpoint): string {
  return port === null ? address : `${address}:${port}`;
}
