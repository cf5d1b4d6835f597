/** Of the pairs that are beyond doubt, so many must have kept their identification for it to be asked for. */
export const KEEPS_IDS_SHARE = 0.95;

/** Whether a gateway leaves the identifications of packets as they are, by the way that these go. */
export class Identifications {
  readonly #kept = new Float64Array(2);
  readonly #changed = new Float64Array(2);

  /** Two packets are one. Without a number, as many hosts send what must not be cut, it tells nothing. */
  note(way: number, entryId: number, exitId: number): void {
    if (entryId === 0) return;
    if (entryId === exitId) this.#kept[way]!++;
    else this.#changed[way]!++;
  }

  /** What has another identification than a packet is no copy of it. */
  areKept(way: number): boolean {
    const kept = this.#kept[way]!;
    return kept > 0 && kept >= (kept + this.#changed[way]!) * KEEPS_IDS_SHARE;
  }

  /** What has the same identification is that by chance. */
  areChanged(way: number): boolean {
    return this.#changed[way]! > 0 && !this.areKept(way);
  }
}
