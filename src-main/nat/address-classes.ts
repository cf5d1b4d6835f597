import { networkBase } from './address-text';
import type { SnatEntry } from './gateway';

/** What `AddressClasses.classOf` says of an address; from `INSIDE` on, it is `INSIDE` + index of the SNAT entry. */
export const ADDRESS_CLASS = { outside: 0, notRoutable: 1, inside: 2 } as const;

/** Marks a /16 in which addresses have different classes, or one that does not fit, so that the entries are asked. */
const MIXED = 0xff;

/**
 * Upper halves, from and to, of addresses that no packet through a gateway has: 0/8, 127/8, 169.254/16, and multicast,
 * reserved and broadcast from 224/3 on.
 * @see RFC 6890; nat-gateway reference §7 scenario 59
 */
const NOT_ROUTABLE: readonly (readonly [number, number])[] = [
  [0x0000, 0x0100],
  [0x7f00, 0x8000],
  [0xa9fe, 0xa9ff],
  [0xe000, 0x10000],
];

/**
 * Which side of the gateway an address is on, and by which SNAT entry: the one with the longest prefix.
 *
 * One table of 2^16 answers for almost every packet; only networks longer than /16 need a search.
 * @see nat-gateway reference §1.5 "longest prefix wins"
 */
export class AddressClasses {
  readonly #byUpperHalf = new Uint8Array(0x10000);
  /** Longest prefix first; among equal prefixes the lowest index. */
  readonly #entries: readonly { readonly base: number; readonly prefixBits: number; readonly class: number }[];

  constructor(entries: readonly SnatEntry[]) {
    this.#entries = entries
      .map(({ network }, index) => ({ ...network, class: ADDRESS_CLASS.inside + index }))
      .sort((a, b) => b.prefixBits - a.prefixBits || a.class - b.class);
    // Shortest prefix first, so that longer ones overwrite it; among equal ones the lowest index comes last.
    for (const entry of this.#entries.toReversed()) {
      const upper = entry.base >>> 16;
      if (entry.prefixBits > 16) this.#byUpperHalf[upper] = MIXED;
      else this.#byUpperHalf.fill(Math.min(entry.class, MIXED), upper, upper + 2 ** (16 - entry.prefixBits));
    }
    for (const [from, to] of NOT_ROUTABLE) this.#byUpperHalf.fill(ADDRESS_CLASS.notRoutable, from, to);
  }

  classOf(address: number): number {
    const known = this.#byUpperHalf[address >>> 16]!;
    return known === MIXED ? this.#search(address) : known;
  }

  #search(address: number): number {
    const entry = this.#entries.find(({ base, prefixBits }) => networkBase(address, prefixBits) === base);
    return entry?.class ?? ADDRESS_CLASS.outside;
  }
}
