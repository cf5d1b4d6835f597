import type { WaitingRows } from './waiting-rows';

/** How far apart the two sides of a packet may be. @see nat-gateway reference §6.2 */
export const PAIR_NSEC = 50e6;
/** Equal packets of a moment that are told apart by their times. */
export const MAX_EQUAL = 64;
/** Equal packets that are looked at for one. Where more come within a tenth of a second, others may be among them. */
export const MAX_EQUAL_LOOKS = 1 << 14;

/** The packets of the other side that may be the copy of one, by all that translation leaves as it is and by their times. */
export class NearCopies {
  readonly #earlyNsec: number;
  /** Of which the first `count` hold. */
  readonly ordinals = new Float64Array(MAX_EQUAL);
  count = 0;

  /** @param earlyNsec how much earlier a packet may be seen where it left the gateway than where it came to it */
  constructor(earlyNsec: number) {
    this.#earlyNsec = earlyNsec;
  }

  /** Takes those of a packet, the oldest first. @param withSameId only those with its identification */
  collect(waiting: WaitingRows, ordinal: number, withSameId: boolean): void {
    const otherSide = waiting.sideOf(ordinal) ^ 2;
    const lastNsec = waiting.clockOf(ordinal) + PAIR_NSEC;
    this.count = 0;
    let looks = 0;
    let at = withSameId ? waiting.oldestWithId(ordinal, true) : waiting.oldestLike(ordinal, true);
    for (; at !== 0; at = withSameId ? waiting.newerWithId(at) : waiting.newerThan(at)) {
      if (waiting.clockOf(at) > lastNsec || ++looks > MAX_EQUAL_LOOKS) return;
      if (withSameId && waiting.idOf(at) !== waiting.idOf(ordinal)) continue;
      if (waiting.sideOf(at) !== otherSide || !waiting.hasSameKey(at, ordinal)) continue;
      if (!this.isNear(waiting, ordinal, at)) continue;
      this.ordinals[this.count++] = at;
      if (this.count === MAX_EQUAL) return;
    }
  }

  /** Whether all of them have the same end on their side. */
  areOfOneEnd(waiting: WaitingRows): boolean {
    const first = this.ordinals[0]!;
    for (let at = 1; at < this.count; at++) if (!waiting.hasSameNearEnd(this.ordinals[at]!, first)) return false;
    return true;
  }

  /** @returns the one that is nearest in time; 0 for none */
  nearest(waiting: WaitingRows, ordinal: number): number {
    let best = 0;
    let bestNsec = Infinity;
    for (let at = 0; at < this.count; at++) {
      const nsec = waiting.distanceNsec(ordinal, this.ordinals[at]!, this.#earlyNsec);
      if (nsec < 0 || nsec >= bestNsec) continue;
      best = this.ordinals[at]!;
      bestNsec = nsec;
    }
    return best;
  }

  /** Whether two packets of two sides may be one by their times, be they among these or not. */
  isNear(waiting: WaitingRows, ordinal: number, copy: number): boolean {
    const nsec = waiting.distanceNsec(ordinal, copy, this.#earlyNsec);
    return nsec >= 0 && nsec <= PAIR_NSEC;
  }
}
