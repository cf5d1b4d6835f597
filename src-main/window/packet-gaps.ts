import { PACKET_FLAG, TRAIT, type PacketBatch } from '../capture/packet-batch';

/** Without a packet for longer than this, a capture is quiet, or was stopped. @see nat-gateway reference §6 */
export const GAP_SEC = 300;

export interface GapFacts {
  readonly count: number;
  readonly longestSec: number;
  /** When the longest began, epoch seconds: the time of the packet before it. */
  readonly fromSec: number;
}

/** Stretches of time in which no packet came at all, whatever became of those around them. */
export class PacketGaps {
  #latestSec = Infinity;
  #count = 0;
  #longestSec = 0;
  #fromSec = 0;

  /** Null when there was none. */
  get facts(): GapFacts | null {
    return this.#count === 0 ? null : { count: this.#count, longestSec: this.#longestSec, fromSec: this.#fromSec };
  }

  /** A packet that has its time from the one before it tells nothing. */
  push(batch: PacketBatch): void {
    const { tsSec, flags, length } = batch;
    let latestSec = this.#latestSec;
    // Nearly every batch: no step within it is longer than from what was before it to its end.
    if (
      length > 0 &&
      batch.has(TRAIT.ascending) &&
      latestSec !== Infinity &&
      tsSec[length - 1]! - latestSec <= GAP_SEC
    ) {
      this.#latestSec = Math.max(latestSec, tsSec[length - 1]!);
      return;
    }
    for (let row = 0; row < length; row++) {
      const sec = tsSec[row]!;
      if ((sec <= latestSec && latestSec !== Infinity) || (flags[row]! & PACKET_FLAG.noTime) !== 0) continue;
      if (sec - latestSec > GAP_SEC) this.#note(latestSec, sec - latestSec);
      latestSec = sec;
    }
    this.#latestSec = latestSec;
  }

  /** The clock was set back. */
  restart(): void {
    this.#latestSec = Infinity;
  }

  #note(fromSec: number, sec: number): void {
    this.#count++;
    if (sec <= this.#longestSec) return;
    this.#longestSec = sec;
    this.#fromSec = fromSec;
  }
}
