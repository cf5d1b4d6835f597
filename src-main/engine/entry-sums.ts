import type { ExtraBytes } from '../contract/log-entry';

/** Octets of frames and of payloads, from the Internet and from the VPC each, in the order of `EXTRA_BYTE_FIELDS`. */
const SUMS = 4;
const INITIAL_ENTRIES = 1 << 12;

/** Sums of the entries that have not been handed out yet, by session and window. */
export class EntrySums {
  #sums = new Float64Array(INITIAL_ENTRIES * SUMS);
  /** By start of the window, then by session: place of the sums. */
  readonly #places = new Map<number, Map<number, number>>();
  readonly #free: number[] = [];
  #used = 0;

  add(session: number, windowStart: number, isFromVpc: boolean, frameBytes: number, payloadBytes: number): void {
    const at = this.#placeOf(session, windowStart) * SUMS + (isFromVpc ? 1 : 0);
    this.#sums[at]! += frameBytes;
    this.#sums[at + 2]! += payloadBytes;
  }

  /**
   * Puts the sums of an entry into a row, and forgets them.
   *
   * @throws RangeError when no packet of the entry was added: none is without a packet
   */
  take(session: number, windowStart: number, to: ExtraBytes, row: number): void {
    const places = this.#places.get(windowStart);
    const place = places?.get(session);
    if (places === undefined || place === undefined) {
      throw new RangeError(`no packet of session ${session} was seen in the window from ${windowStart} on`);
    }
    to.forEach((column, sum) => (column[row] = this.#sums[place * SUMS + sum]!));
    this.#sums.fill(0, place * SUMS, (place + 1) * SUMS);
    this.#free.push(place);
    places.delete(session);
    if (places.size === 0) this.#places.delete(windowStart);
  }

  #placeOf(session: number, windowStart: number): number {
    let places = this.#places.get(windowStart);
    if (places === undefined) {
      places = new Map();
      this.#places.set(windowStart, places);
    }
    let place = places.get(session);
    if (place === undefined) {
      place = this.#free.pop() ?? this.#used++;
      places.set(session, place);
      if (this.#used * SUMS > this.#sums.length) this.#grow();
    }
    return place;
  }

  #grow(): void {
    const grown = new Float64Array(this.#sums.length * 2);
    grown.set(this.#sums);
    this.#sums = grown;
  }
}
