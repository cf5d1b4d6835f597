import { PacketBatch } from '../capture/packet-batch';

/** How long a wait for the next packet is at most: a timer takes no longer one than 24 days. */
const MAX_WAIT_MS = 60_000;

/** Hands packets on when their time has come: that of the first one is now, and it goes on so many times as fast as a clock. */
export class Pacer {
  readonly #consume: (batch: PacketBatch) => void;
  readonly #speed: number;
  readonly #clockMs: () => number;
  readonly #waiting: PacketBatch[] = [];
  readonly #due = new PacketBatch();
  /** The next row of the first that waits. */
  #row = 0;
  #startSec: number | null = null;
  #startMs = 0;
  #isHurried = false;
  /** Of the packets that were handed on. */
  latestSec = -Infinity;

  /**
   * @param speed seconds of packet time in a second of the clock
   * @param consume takes each batch; the batch is reused after it returns
   */
  constructor(speed: number, clockMs: () => number, consume: (batch: PacketBatch) => void) {
    this.#speed = speed;
    this.#clockMs = clockMs;
    this.#consume = consume;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Packet time as it is now, in seconds. */
  get nowSec(): number {
    if (this.#startSec === null) return -Infinity;
    return this.#startSec + ((this.#clockMs() - this.#startMs) / 1000) * this.#speed;
  }

  push(batch: PacketBatch): void {
    if (batch.length === 0) return;
    if (this.#startSec === null) {
      this.#startSec = batch.tsSec[0]!;
      this.#startMs = this.#clockMs();
    }
    const copy = new PacketBatch();
    copy.copyFrom(batch);
    this.#waiting.push(copy);
  }

  /** Nothing waits for its time any more. */
  hurry(): void {
    this.#isHurried = true;
  }

  /** Hands on what is due; without any, waits for a moment. */
  pass(): true | Promise<true> {
    const nowSec = this.#isHurried ? Infinity : this.nowSec;
    const due = this.#due;
    for (let [batch] = this.#waiting; batch !== undefined; [batch] = this.#waiting) {
      due.length = 0;
      for (; this.#row < batch.length; this.#row++) {
        const sec = batch.tsSec[this.#row]!;
        if (sec + batch.tsNsec[this.#row]! / 1e9 > nowSec) break;
        if (sec > this.latestSec) this.latestSec = sec;
        due.appendRow(batch, this.#row);
      }
      const isWhole = this.#row === batch.length;
      if (isWhole) {
        this.#waiting.shift();
        this.#row = 0;
      }
      if (due.length > 0) {
        this.#consume(due);
        return true;
      }
      if (!isWhole) break;
    }
    return this.#waitForNext();
  }

  #waitForNext(): true | Promise<true> {
    const [batch] = this.#waiting;
    if (batch === undefined) return true;
    const sec = batch.tsSec[this.#row]! + batch.tsNsec[this.#row]! / 1e9;
    const waitMs = Math.min(MAX_WAIT_MS, ((sec - this.nowSec) / this.#speed) * 1000);
    return new Promise((resolve) => {
      // An end does not wait for it, and whoever watches the step keeps the process.
      setTimeout(() => resolve(true), Math.max(1, waitMs)).unref();
    });
  }
}
