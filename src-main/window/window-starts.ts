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

  /** @returns whether the window is a new one */
  add(startSec: number): boolean {
    if (startSec === this.#lastSec) return false;
    this.#lastSec = startSec;
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
