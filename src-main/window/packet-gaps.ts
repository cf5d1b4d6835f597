import { PACKET_FLAG, TRAIT, type PacketBatch } from '../capture/packet-batch';

/** Without a packet for longer than this, a capture is quiet, or was stopped. @see nat-gateway reference §6 */
export const GAP_SEC = 300;
const NSEC_PER_SEC = 1e9;

export interface GapFacts {
  readonly count: number;
  /** With its fraction. */
  readonly longestSec: number;
  /** When the longest began, whole epoch seconds: the time of the packet before it. */
  readonly fromSec: number;
}

/** Stretches of time in which no packet came at all, whatever became of those around them. */
export class PacketGaps {
  #latestSec = Infinity;
  #latestNsec = 0;
  #count = 0;
  #longestSec = 0;
  #fromSec = 0;

  /** Null when there was none. */
  get facts(): GapFacts | null {
    return this.#count === 0 ? null : { count: this.#count, longestSec: this.#longestSec, fromSec: this.#fromSec };
  }

  /** A packet that has its time from the one before it tells nothing. */
  push(batch: PacketBatch): void {
    const { tsSec, tsNsec, flags, length } = batch;
    // Nearly every batch: no step within it is longer than from what was before it to its end.
    if (length > 0 && batch.has(TRAIT.ascending) && this.#isSoon(tsSec[length - 1]!)) {
      this.#moveOn(tsSec[length - 1]!, tsNsec[length - 1]!);
      return;
    }
    for (let row = 0; row < length; row++) {
      if ((flags[row]! & PACKET_FLAG.noTime) === 0) this.#moveOn(tsSec[row]!, tsNsec[row]!);
    }
  }

  /** The clock was set back. */
  restart(): void {
    this.#latestSec = Infinity;
  }

  /** Whether there is no gap before a second, whatever its fraction. */
  #isSoon(sec: number): boolean {
    return this.#latestSec !== Infinity && sec - this.#latestSec < GAP_SEC;
  }

  #moveOn(sec: number, nsec: number): void {
    if (this.#latestSec !== Infinity) {
      const apartSec = sec - this.#latestSec + (nsec - this.#latestNsec) / NSEC_PER_SEC;
      if (apartSec <= 0) return;
      if (apartSec > GAP_SEC) this.#note(this.#latestSec, apartSec);
    }
    this.#latestSec = sec;
    this.#latestNsec = nsec;
  }

  #note(fromSec: number, sec: number): void {
    this.#count++;
    if (sec <= this.#longestSec) return;
    this.#longestSec = sec;
    this.#fromSec = fromSec;
  }
}
