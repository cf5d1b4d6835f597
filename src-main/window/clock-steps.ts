import { BATCH_ROWS, PacketBatch, TRAIT } from '../capture/packet-batch';
import { PACKETS_BEHIND_STEP } from '../capture/time-order';

export interface ClockStepSinks {
  /** Takes packets; the batch is reused after it returns. */
  readonly consume: (batch: PacketBatch) => void;
  /** What is consumed from now on is by a clock that was set back. */
  readonly restart: () => void;
}

/**
 * Tells packets that are late from a clock that was set back: the first are a few among others, the second is a step after
 * which all packets are behind.
 *
 * Packets that are behind are held until it is known which they are: the next one that is not shows that they were late,
 * and the fiftieth in a row that they are not.
 * @see nat-gateway reference §6 "Clock jump back"
 */
export class ClockSteps {
  readonly #jumpSec: number;
  readonly #sinks: ClockStepSinks;
  /* The latest time since the last step. */
  #latestSec = -Infinity;
  #latestNsec = 0;
  #held: PacketBatch | null = null;
  #out: PacketBatch | null = null;

  /** @param jumpSec seconds back that are not late any more */
  constructor(jumpSec: number, sinks: ClockStepSinks) {
    this.#jumpSec = jumpSec;
    this.#sinks = sinks;
  }

  /** Packets are held of which nobody knows whether they are late. */
  get isHolding(): boolean {
    return this.#held !== null && this.#held.length > 0;
  }

  push(batch: PacketBatch): void {
    if ((this.#held === null || this.#held.length === 0) && this.#isInOrder(batch)) {
      this.#sinks.consume(batch);
      return;
    }
    for (let row = 0; row < batch.length; row++) this.#take(batch, row);
    this.#handOn();
  }

  /** The captures have ended: what is held was late. */
  flush(): void {
    this.#release();
    this.#handOn();
  }

  /** @returns whether nothing of it is behind; its latest time counts from then on */
  #isInOrder(batch: PacketBatch): boolean {
    const { tsSec, length } = batch;
    if (length > 0 && batch.has(TRAIT.ascending) && !this.#isBehind(batch, 0)) {
      this.#note(batch, length - 1);
      return true;
    }
    const sec = this.#latestSec;
    const nsec = this.#latestNsec;
    for (let row = 0; row < length; row++) {
      if (this.#isBehind(batch, row)) {
        this.#latestSec = sec;
        this.#latestNsec = nsec;
        return false;
      }
      if (tsSec[row]! >= this.#latestSec) this.#note(batch, row);
    }
    return true;
  }

  #isBehind({ tsSec, tsNsec }: PacketBatch, row: number): boolean {
    const overSec = tsSec[row]! - (this.#latestSec - this.#jumpSec);
    return overSec < 0 || (overSec === 0 && tsNsec[row]! < this.#latestNsec);
  }

  /** The time counts as the latest if it is. */
  #note({ tsSec, tsNsec }: PacketBatch, row: number): void {
    const aheadSec = tsSec[row]! - this.#latestSec;
    if (aheadSec < 0 || (aheadSec === 0 && tsNsec[row]! <= this.#latestNsec)) return;
    this.#latestSec = tsSec[row]!;
    this.#latestNsec = tsNsec[row]!;
  }

  #take(batch: PacketBatch, row: number): void {
    if (!this.#isBehind(batch, row)) {
      this.#release();
      this.#note(batch, row);
      this.#append(batch, row);
      return;
    }
    this.#held ??= new PacketBatch();
    this.#held.appendRow(batch, row);
    if (this.#held.length < PACKETS_BEHIND_STEP) return;
    this.#handOn();
    this.#sinks.restart();
    this.#latestSec = -Infinity;
    for (let place = 0; place < this.#held.length; place++) this.#note(this.#held, place);
    this.#release();
  }

  #release(): void {
    const held = this.#held;
    if (held === null) return;
    for (let row = 0; row < held.length; row++) this.#append(held, row);
    held.length = 0;
  }

  #append(batch: PacketBatch, row: number): void {
    this.#out ??= new PacketBatch();
    if (this.#out.length === BATCH_ROWS) this.#handOn();
    this.#out.appendRow(batch, row);
  }

  #handOn(): void {
    const out = this.#out;
    if (out === null) return;
    if (out.length > 0) this.#sinks.consume(out);
    out.length = 0;
  }
}
