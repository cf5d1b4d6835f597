/** No ordinal: the first packet is 1. */
const NONE = 0;

/**
 * Packets by a hash of what they have in common, each found by its ordinal, those of one bucket in the order in which they
 * were added. Of two ordinals that are `capacity` apart the older one must be taken out before the other one comes.
 */
export class OrdinalChains {
  readonly #mask: number;
  readonly #older: Float64Array;
  readonly #newer: Float64Array;
  /** By bucket. */
  readonly #oldest: Float64Array;
  readonly #newest: Float64Array;

  /** @param capacity a power of two */
  constructor(capacity: number) {
    this.#mask = capacity - 1;
    this.#older = new Float64Array(capacity);
    this.#newer = new Float64Array(capacity);
    this.#oldest = new Float64Array(capacity);
    this.#newest = new Float64Array(capacity);
  }

  add(ordinal: number, hash: number): void {
    const bucket = hash & this.#mask;
    const older = this.#newest[bucket]!;
    if (older === NONE) this.#oldest[bucket] = ordinal;
    else this.#newer[older & this.#mask] = ordinal;
    this.#older[ordinal & this.#mask] = older;
    this.#newer[ordinal & this.#mask] = NONE;
    this.#newest[bucket] = ordinal;
  }

  /** @param hash that it was added with */
  remove(ordinal: number, hash: number): void {
    const bucket = hash & this.#mask;
    const older = this.#older[ordinal & this.#mask]!;
    const newer = this.#newer[ordinal & this.#mask]!;
    if (older === NONE) this.#oldest[bucket] = newer;
    else this.#newer[older & this.#mask] = newer;
    if (newer === NONE) this.#newest[bucket] = older;
    else this.#older[newer & this.#mask] = older;
  }

  /** @returns the oldest that may have the hash, as others may be in its bucket; 0 for none */
  oldest(hash: number): number {
    return this.#oldest[hash & this.#mask]!;
  }

  /** @returns likewise the newest */
  newest(hash: number): number {
    return this.#newest[hash & this.#mask]!;
  }

  newerThan(ordinal: number): number {
    return this.#newer[ordinal & this.#mask]!;
  }

  olderThan(ordinal: number): number {
    return this.#older[ordinal & this.#mask]!;
  }
}
