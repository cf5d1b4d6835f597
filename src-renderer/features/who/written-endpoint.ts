export interface WrittenEndpoint {
  readonly address: string;
  /** Null where none is written. */
  readonly port: number | null;
}

/** IPv4 without leading zeros, and a port behind a colon; the engine judges both once more. */
const OCTET = '(?:0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])';
const ENDPOINT = new RegExp(`^(${OCTET}(?:\\.${OCTET}){3})(?::(\\d{1,5}))?$`, 'u');
const LARGEST_PORT = 65_535;

/** @returns null for what is no `203.0.113.10:21733`, with or without a port */
export function readEndpoint(text: string): WrittenEndpoint | null {
  const [, address, digits] = ENDPOINT.exec(text.trim()) ?? [];
  if (address === undefined) return null;
  const port = digits === undefined ? null : Number(digits);
  return port !== null && port > LARGEST_PORT ? null : { address, port };
}

export function endpointText({ address, port }: WrittenEndpoint): string {
  return port === null ? address : `${address}:${port}`;
}
