import { AppError } from '../contract/errors';
import type { Network } from './gateway';

/** @returns the address in host order, or null when the text is no dotted-quad IPv4 address */
export function parseIpv4(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let address = 0;
  for (const part of parts) {
    // No leading zeros: some programs read them as octal.
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    address = address * 256 + Number(part);
  }
  return address;
}

/** @throws AppError OPTION_INVALID when the text is no dotted-quad IPv4 address */
export function parseAddress(text: string): number {
  const address = parseIpv4(text);
  if (address === null) {
    throw new AppError('OPTION_INVALID', `"${text}" is no IPv4 address; write it like 203.0.113.1`, { value: text });
  }
  return address;
}

export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** @returns the network, or what is wrong with the text: the rest of a sentence that begins with it */
export function readNetwork(text: string): Network | string {
  const [addressText = '', bitsText = '32', ...rest] = text.split('/');
  const address = parseIpv4(addressText);
  if (address === null || rest.length > 0 || !/^(\d|[12]\d|3[0-2])$/.test(bitsText)) {
    return 'is no IPv4 network; write it like 10.0.0.0/8';
  }
  const prefixBits = Number(bitsText);
  const base = networkBase(address, prefixBits);
  if (base === address) return { base, prefixBits };
  return `has bits set behind its prefix; did you mean ${formatNetwork({ base, prefixBits })}?`;
}

export function formatNetwork({ base, prefixBits }: Network): string {
  return `${formatIpv4(base)}/${prefixBits}`;
}

/** @throws AppError OPTION_INVALID when the text is no IPv4 network, or has bits set behind its prefix */
export function parseNetwork(text: string): Network {
  const network = readNetwork(text);
  if (typeof network !== 'string') return network;
  throw new AppError('OPTION_INVALID', `"${text}" ${network}`, { value: text });
}

/** @see RFC 6890 */
const NEVER_PUBLIC: readonly { readonly network: Network; readonly what: string }[] = [
  { network: { base: 0x00000000, prefixBits: 8 }, what: 'an address of "this network" (0.0.0.0/8)' },
  { network: { base: 0x7f000000, prefixBits: 8 }, what: 'a loopback address (127.0.0.0/8)' },
  { network: { base: 0xa9fe0000, prefixBits: 16 }, what: 'a link-local address (169.254.0.0/16)' },
  { network: { base: 0xe0000000, prefixBits: 4 }, what: 'a multicast address (224.0.0.0/4)' },
  { network: { base: 0xffffffff, prefixBits: 32 }, what: 'the broadcast address' },
  { network: { base: 0xf0000000, prefixBits: 4 }, what: 'a reserved address (240.0.0.0/4)' },
];

/** @returns the address, or what is wrong with the text: the rest of a sentence that begins with it */
export function readPublicAddress(text: string): number | string {
  const address = parseIpv4(text);
  if (address === null) return 'is no IPv4 address; write it like 203.0.113.1';
  return whyNeverSentFrom(address) ?? address;
}

/** @returns why no gateway has the address, as the rest of a sentence that begins with it; null where it may */
export function whyNeverSentFrom(address: number): string | null {
  const refused = NEVER_PUBLIC.find(({ network }) => isInNetwork(address, network));
  return refused === undefined ? null : `is ${refused.what}, which no gateway sends from`;
}

/**
 * An address that packets can leave the gateway with. Private ones are allowed, as gateways between VPCs have them.
 *
 * @throws AppError OPTION_INVALID
 */
export function parsePublicAddress(text: string): number {
  const address = readPublicAddress(text);
  if (typeof address !== 'string') return address;
  const shown = parseIpv4(text) === null ? `"${text}"` : text;
  throw new AppError('OPTION_INVALID', `${shown} ${address}`, { value: text });
}

export function isInNetwork(address: number, { base, prefixBits }: Network): boolean {
  return networkBase(address, prefixBits) === base;
}

export function networkBase(address: number, prefixBits: number): number {
  return prefixBits === 0 ? 0 : (address & (0xffff_ffff << (32 - prefixBits))) >>> 0;
}
