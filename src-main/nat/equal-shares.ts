/** Kinds of packets that are remembered, of each side and way; a power of two. */
const KINDS = 1 << 12;
const SIDES = 4;
/** Packets by which a kind is known: then those before count half. */
const KEPT = 1 << 14;

/**
 * How many packets of a kind were equal to those of other endpoints. A kind is what comes from, or goes to, one port of one
 * other end: answers of a time server are all different, its requests are all alike.
 */
export class EqualShares {
  readonly #addresses = new Uint32Array(KINDS * SIDES);
  readonly #kinds = new Uint32Array(KINDS * SIDES);
  readonly #packets = new Uint32Array(KINDS * SIDES);
  readonly #equal = new Uint32Array(KINDS * SIDES);

  /** @param key as `writePacketKey` gives it */
  note(key: Uint32Array, side: number, isEqual: boolean): void {
    const place = placeOf(key, side);
    if (!this.#isAt(place, key)) {
      this.#addresses[place] = key[0]!;
      this.#kinds[place] = key[1]!;
      this.#packets[place] = 0;
      this.#equal[place] = 0;
    }
    this.#packets[place]!++;
    if (isEqual) this.#equal[place]!++;
    if (this.#packets[place]! < KEPT) return;
    this.#packets[place]! >>>= 1;
    this.#equal[place]! >>>= 1;
  }

  /** @returns 0 to 1; so much as is possible by what was seen, and 1 of a kind that was not */
  of(key: Uint32Array, side: number): number {
    const place = placeOf(key, side);
    return this.#isAt(place, key) ? (this.#equal[place]! + 1) / (this.#packets[place]! + 2) : 1;
  }

  #isAt(place: number, key: Uint32Array): boolean {
    return this.#addresses[place] === key[0] && this.#kinds[place] === key[1];
  }
}

function placeOf(key: Uint32Array, side: number): number {
  let hash = Math.imul(key[0]! ^ Math.imul(key[1]!, 0x9e3779b1), 0x2c1b3c6d);
  hash ^= hash >>> 15;
  return (hash & (KINDS - 1)) * SIDES + side;
}
