import type { CaptureClock } from '../contract/capture-details';
import type { PacketBatch } from './packet-batch';
import type { PacketTime } from './time-order';

const NSEC_PER_SEC = 1e9;

/** Brings times by one clock to those by another, exact to the nanosecond where neither drifts. */
export class ClockShift {
  readonly #clock: CaptureClock;
  /** Nanoseconds by this clock for one by the other. */
  readonly #pace: number;

  constructor(clock: CaptureClock) {
    this.#clock = clock;
    this.#pace = 1 + clock.driftPerSec / NSEC_PER_SEC;
  }

  /** Gives packets the times that the other clock showed; their order stays. */
  shift(batch: PacketBatch): void {
    const { baseSec, aheadNsec } = this.#clock;
    const { tsSec, tsNsec, length } = batch;
    for (let row = 0; row < length; row++) {
      const ownNsec = (tsSec[row]! - baseSec) * NSEC_PER_SEC + tsNsec[row]! - aheadNsec;
      const nsec = Math.round(ownNsec / this.#pace);
      const sec = Math.floor(nsec / NSEC_PER_SEC);
      tsSec[row] = baseSec + sec;
      tsNsec[row] = nsec - sec * NSEC_PER_SEC;
    }
  }

  shiftTime({ sec, nsec }: PacketTime): PacketTime {
    const { baseSec, aheadNsec } = this.#clock;
    return timeAt(baseSec, Math.round(((sec - baseSec) * NSEC_PER_SEC + nsec - aheadNsec) / this.#pace));
  }

  /** @returns the time as it was recorded, of one that was shifted */
  recorded({ sec, nsec }: PacketTime): PacketTime {
    const { baseSec, aheadNsec } = this.#clock;
    return timeAt(baseSec, Math.round(((sec - baseSec) * NSEC_PER_SEC + nsec) * this.#pace) + aheadNsec);
  }
}

function timeAt(baseSec: number, afterNsec: number): PacketTime {
  const sec = Math.floor(afterNsec / NSEC_PER_SEC);
  return { sec: baseSec + sec, nsec: afterNsec - sec * NSEC_PER_SEC };
}
