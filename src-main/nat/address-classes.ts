import { networkBase } from './address-text';
import type { Gateway, Network, SnatEntry } from './gateway';

/**
 * What the emulator's `classOf` says of an address: from `inside` on, it is `inside` + index of the SNAT entry, up to
 * single hosts and addresses, which come before every network. `uncovered` is in the VPC, and in the network of no entry.
 */
export const ADDRESS_CLASS = {
  outside: 0,
  notRoutable: 1,
  uncovered: 2,
  inside: 3,
  hostWithDnat: 0x10000,
  hostWithEip: 0x10001,
  ofGateway: 0x10002,
  ofDnat: 0x10003,
  boundToDnat: 0x10004,
} as const;

/** Marks a /16 in which addresses have different classes, or one that does not fit, so that the entries are asked. */
const MIXED = 0xff;

/**
 * Addresses that no packet through a gateway has: "this network", loopback, link-local, and multicast, reserved and broadcast.
 * None is longer than /16.
 * @see RFC 6890; nat-gateway reference §7 scenario 59
 */
export const NOT_ROUTABLE: readonly Network[] = [
  { base: 0x00000000, prefixBits: 8 },
  { base: 0x7f000000, prefixBits: 8 },
  { base: 0xa9fe0000, prefixBits: 16 },
  { base: 0xe0000000, prefixBits: 3 },
];

/** Which side of the gateway an address is on, as tables that the emulator reads. */
export interface AddressClasses {
  /** 2^16 elements: the class of all addresses with that upper half, or `MIXED`. */
  readonly byUpperHalf: Uint8Array;
  /** For addresses that the table does not know: the first entry with `(address & mask) == base` has their class. */
  readonly entries: readonly { readonly base: number; readonly mask: number; readonly class: number }[];
}

/** What of a gateway decides on which side an address is. */
export type GatewaySides = Pick<
  Gateway,
  'bindMode' | 'snatEntries' | 'vpcNetworks' | 'addresses' | 'dnatMappings' | 'hostEips'
>;

interface Classified {
  readonly base: number;
  readonly prefixBits: number;
  readonly class: number;
}

/**
 * The class of each address is that of the SNAT entry with the longest prefix; among equal ones the first wins. Hosts with
 * an address of their own come first, then those with a DNAT mapping, then the gateway's own addresses. The networks of the
 * VPC come last, whatever their length: they are for those hosts that no entry covers.
 *
 * One table of 2^16 answers for almost every packet; only networks longer than /16 need a search.
 * @param firstEntry index of the first of the entries
 * @see nat-gateway reference §1.5 "longest prefix wins"
 */
export function addressClasses(gateway: GatewaySides, firstEntry = 0): AddressClasses {
  const byUpperHalf = new Uint8Array(0x10000);
  const { snatEntries, vpcNetworks = [] } = gateway;
  const entries = [
    ...singleAddresses(gateway),
    ...classifiedNetworks(snatEntries, firstEntry),
    ...vpcNetworks.map((network) => ({ ...network, class: ADDRESS_CLASS.uncovered })),
  ];
  // The VPC first, then the shortest prefix, so that longer ones overwrite it; among equal ones the lowest index comes last.
  for (const entry of entries.toReversed()) {
    if (entry.prefixBits > 16) byUpperHalf[entry.base >>> 16] = MIXED;
    else fill(byUpperHalf, entry, Math.min(entry.class, MIXED));
  }
  for (const network of NOT_ROUTABLE) fill(byUpperHalf, network, ADDRESS_CLASS.notRoutable);
  return {
    byUpperHalf,
    entries: entries.map(({ base, prefixBits, class: entryClass }) => ({
      base,
      mask: networkBase(0xffffffff, prefixBits),
      class: entryClass,
    })),
  };
}

function fill(byUpperHalf: Uint8Array, { base, prefixBits }: Network, ofClass: number): void {
  const upper = base >>> 16;
  byUpperHalf.fill(ofClass, upper, upper + 2 ** (16 - prefixBits));
}

function classifiedNetworks(snatEntries: readonly SnatEntry[], firstEntry: number): Classified[] {
  return snatEntries
    .map(({ network }, index) => ({ ...network, class: ADDRESS_CLASS.inside + firstEntry + index }))
    .sort((a, b) => b.prefixBits - a.prefixBits || a.class - b.class);
}

/** An EIP, and the private address that packets have in its place. */
export interface BoundAddress {
  readonly address: number;
  readonly privateAddress: number;
}

/**
 * EIPs in bind mode NAT. In no other mode does any packet of the gateway have the private address of an EIP: there it is a
 * host's, like any other.
 *
 * @see nat-gateway reference §1.3
 */
export function boundAddresses({ bindMode, addresses }: Pick<Gateway, 'bindMode' | 'addresses'>): BoundAddress[] {
  if (bindMode !== 'NAT') return [];
  return addresses.flatMap(({ address, privateAddress }) =>
    privateAddress === null ? [] : [{ address, privateAddress }],
  );
}

/** In the order in which they are asked. */
function singleAddresses(gateway: GatewaySides): Classified[] {
  const { addresses, dnatMappings, hostEips } = gateway;
  const isOfDnat = (address: number): boolean => dnatMappings.some(({ publicAddress }) => publicAddress === address);
  const single = (base: number, ofClass: number): Classified => ({ base, prefixBits: 32, class: ofClass });
  return [
    ...hostEips.map(({ privateAddress }) => single(privateAddress, ADDRESS_CLASS.hostWithEip)),
    ...dnatMappings.map(({ privateAddress }) => single(privateAddress, ADDRESS_CLASS.hostWithDnat)),
    ...dnatMappings.map(({ publicAddress }) => single(publicAddress, ADDRESS_CLASS.ofDnat)),
    ...addresses.map(({ address }) => single(address, ADDRESS_CLASS.ofGateway)),
    ...boundAddresses(gateway).map(({ address, privateAddress }) =>
      single(privateAddress, isOfDnat(address) ? ADDRESS_CLASS.boundToDnat : ADDRESS_CLASS.ofGateway),
    ),
  ];
}

/** @returns a class of `ADDRESS_CLASS`, of an address in host order */
export function addressClassOf({ byUpperHalf, entries }: AddressClasses, address: number): number {
  const known = byUpperHalf[address >>> 16]!;
  if (known !== MIXED) return known;
  for (const entry of entries) if ((address & entry.mask) >>> 0 === entry.base) return entry.class;
  return ADDRESS_CLASS.outside;
}

/** True of the class of a host behind the gateway, which it translates or another rule comes before. */
export function isInside(addressClass: number): boolean {
  return addressClass >= ADDRESS_CLASS.inside && addressClass < ADDRESS_CLASS.ofGateway;
}
