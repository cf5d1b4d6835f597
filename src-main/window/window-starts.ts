import type { Int64Column } from '../contract/log-entry';

/** Windows of which one bit each is kept together. */
const CHUNK_BITS = 8192;

/**
 * Which windows have rows, by their starts: rows of one window come at several times where late packets correct it. A bit for
 * each, so that a year of windows of a minute is 64 KB.
 */
export class WindowStarts {
  readonly #unitSec: number;
  readonly #chunks = new Map<number, Uint8Array>();
  /** Most rows are of the window of the row before. */
  #lastSec = NaN;

  /** @param unitSec what two starts are apart at least */
  constructor(unitSec: number) {
    this.#unitSec = unitSec;
  }

  /** @returns how many windows of the first `length` rows are new ones */
  add(startsSec: Int64Column, length: number): number {
    let added = 0;
    for (let row = 0; row < length; row++) {
      const startSec = startsSec.at(row);
      if (startSec === this.#lastSec) continue;
      this.#lastSec = startSec;
      if (this.#isNew(startSec)) added++;
    }
    return added;
  }

  /** Whether the window was not there before; it is from then on. */
  #isNew(startSec: number): boolean {
    const ordinal = Math.floor(startSec / this.#unitSec);
    const chunkNo = Math.floor(ordinal / CHUNK_BITS);
    const place = ordinal - chunkNo * CHUNK_BITS;
    const chunk = this.#chunks.get(chunkNo) ?? new Uint8Array(CHUNK_BITS / 8);
    this.#chunks.set(chunkNo, chunk);
    const bit = 1 << (place & 7);
    if ((chunk[place >> 3]! & bit) !== 0) return false;
    chunk[place >> 3]! |= bit;
    return true;
  }

  clear(): void {
    this.#chunks.clear();
    this.#lastSec = NaN;
  }
}
