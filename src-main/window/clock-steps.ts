import { BATCH_ROWS, PacketBatch, TRAIT } from '../capture/packet-batch';

/** Packets in a row behind the step that show that the clock was set back for good. */
const PACKETS_BEHIND = 50;

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
  #latestSec = -Infinity;
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
    let latestSec = this.#latestSec;
    if (length > 0 && batch.has(TRAIT.ascending) && tsSec[0]! >= latestSec - this.#jumpSec) {
      this.#latestSec = Math.max(latestSec, tsSec[length - 1]!);
      return true;
    }
    for (let row = 0; row < length; row++) {
      const sec = tsSec[row]!;
      if (sec < latestSec - this.#jumpSec) return false;
      if (sec > latestSec) latestSec = sec;
    }
    this.#latestSec = latestSec;
    return true;
  }

  #take(batch: PacketBatch, row: number): void {
    const sec = batch.tsSec[row]!;
    if (sec >= this.#latestSec - this.#jumpSec) {
      this.#release();
      this.#latestSec = Math.max(this.#latestSec, sec);
      this.#append(batch, row);
      return;
    }
    this.#held ??= new PacketBatch();
    this.#held.appendRow(batch, row);
    if (this.#held.length < PACKETS_BEHIND) return;
    this.#handOn();
    this.#sinks.restart();
    this.#latestSec = -Infinity;
    for (let place = 0; place < this.#held.length; place++) {
      this.#latestSec = Math.max(this.#latestSec, this.#held.tsSec[place]!);
    }
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
