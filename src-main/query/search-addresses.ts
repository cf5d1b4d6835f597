import type { Interval } from './search-intervals';

export const LAST_ADDRESS = 0xffff_ffffn;

/** More intervals than that cost as much as comparing the text. */
const MOST_INTERVALS = 32;

/** Which addresses a value means: whole intervals, or all within one interval whose text a pattern fits. */
export type AddressSet =
  | { readonly kind: 'intervals'; readonly intervals: readonly Interval[] }
  | { readonly kind: 'pattern'; readonly within: Interval; readonly pattern: string };

/** @returns the address in host order, or null for anything but four decimal octets without leading zeros */
export function parseAddress(text: string): bigint | null {
  if (!/^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/u.test(text)) return null;
  const octets = text.split('.').map(BigInt);
  if (octets.some((octet) => octet > 255n)) return null;
  return octets.reduce((address, octet) => address * 256n + octet, 0n);
}

export function isAddressText(text: string): boolean {
  return parseAddress(text) !== null;
}

/** @returns the addresses of `a.b.c.d/n`, with whatever host bits, or null for anything else */
function parseNetwork(text: string): Interval | null {
  const [, addressText = '', lengthText = ''] = /^([\d.]+)\/(\d{1,2})$/u.exec(text) ?? [];
  const address = parseAddress(addressText);
  const length = Number(lengthText);
  if (address === null || length > 32) return null;
  const hosts = 1n << BigInt(32 - length);
  const low = address - (address % hosts);
  return { low, high: low + hosts - 1n };
}

export function isNetworkText(text: string): boolean {
  return parseNetwork(text) !== null;
}

function parseRange(text: string): Interval | null {
  const [lowText = '', highText = '', more] = text.split('-');
  const [low, high] = [parseAddress(lowText), parseAddress(highText)];
  return more !== undefined || low === null || high === null ? null : { low, high };
}

/** Whether the text of a number from 0 to 255 fits a pattern of digits, `*` and `?`. */
function octetsOf(pattern: string): readonly number[] {
  const regex = new RegExp(`^${pattern.replaceAll('*', '\\d*').replaceAll('?', '\\d')}$`, 'u');
  return Array.from({ length: 256 }, (_, octet) => octet).filter((octet) => regex.test(String(octet)));
}

interface Numbers {
  readonly low: bigint;
  readonly high: bigint;
}

function runsOf(octets: readonly number[]): readonly Numbers[] {
  const runs: { low: bigint; high: bigint }[] = [];
  for (const octet of octets.map(BigInt)) {
    const last = runs.at(-1);
    if (last !== undefined && last.high + 1n === octet) last.high = octet;
    else runs.push({ low: octet, high: octet });
  }
  return runs;
}

/** Prefixes with one more octet each, out of a set; null when that makes too many intervals. */
function lengthened(prefixes: readonly Numbers[], octets: readonly number[]): readonly Numbers[] | null {
  if (octets.length === 256) return prefixes.map(({ low, high }) => ({ low: low * 256n, high: high * 256n + 255n }));
  const runs = runsOf(octets);
  const longer: Numbers[] = [];
  for (const { low, high } of prefixes) {
    for (let prefix = low; prefix <= high; prefix++) {
      if (longer.length + runs.length > MOST_INTERVALS) return null;
      for (const run of runs) longer.push({ low: prefix * 256n + run.low, high: prefix * 256n + run.high });
    }
  }
  return longer;
}

/** All addresses whose octets, from the first on, are of the sets; null when they are too many intervals. */
function intervalsOf(sets: readonly (readonly number[])[]): readonly Numbers[] | null {
  let prefixes: readonly Numbers[] | null = [{ low: 0n, high: 0n }];
  for (const set of sets) prefixes = prefixes === null ? null : lengthened(prefixes, set);
  const rest = 256n ** BigInt(4 - sets.length);
  return prefixes?.map(({ low, high }) => ({ low: low * rest, high: high * rest + rest - 1n })) ?? null;
}

/**
 * A pattern stands for octets as long as each `*` lies in one: there are three dots, or the only `*` is at the end. What
 * leads to few intervals becomes those; of the rest the leading whole octets become one.
 */
function parsePattern(pattern: string): AddressSet | null {
  if (!/^[\d.*?]+$/u.test(pattern)) return null;
  const parts = pattern.split('.');
  const isOctets = parts.length === 4 || (parts.length < 4 && pattern.indexOf('*') === pattern.length - 1);
  const intervals = isOctets ? intervalsOf(parts.map(octetsOf)) : null;
  if (intervals !== null) return { kind: 'intervals', intervals };
  const partial = parts.findIndex((part) => !/^\d+$/u.test(part));
  const [within] = intervalsOf(parts.slice(0, Math.min(partial, 3)).map(octetsOf)) ?? [];
  return { kind: 'pattern', within: within ?? { low: 1n, high: 0n }, pattern };
}

/** One address, or a pattern (`10.0.*`); null for anything else. */
export function parseAddressTerm(text: string, isPattern: boolean): AddressSet | null {
  const address = parseAddress(text);
  if (address !== null) return { kind: 'intervals', intervals: [{ low: address, high: address }] };
  return isPattern && /[*?]/u.test(text) ? parsePattern(text) : null;
}

/** One address, network (`10.0.0.0/8`), range (`10.0.0.1-10.0.0.9`) or pattern (`10.0.*`); null for anything else. */
export function parseAddresses(text: string, isPattern: boolean): AddressSet | null {
  const interval = parseNetwork(text) ?? parseRange(text);
  return interval === null ? parseAddressTerm(text, isPattern) : { kind: 'intervals', intervals: [interval] };
}
