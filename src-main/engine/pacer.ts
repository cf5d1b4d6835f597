import { PacketBatch } from '../capture/packet-batch';
import type { ScriptTime } from '../contract/delivery';
import { placedTime } from '../delivery/script-time';
import type { ReplayClock } from './replay-clock';
import { LOOK_MS } from './turns';

export interface Pace {
  readonly clock: ReplayClock;
  /** What is before it goes through at once; null for nothing. */
  readonly from: ScriptTime | null;
  /** Milliseconds of any steady clock. */
  readonly clockMs: () => number;
}

/**
 * Hands packets on when their time has come: that of the first one that is played is now, and it goes on as fast as it is
 * told.
 */
export class Pacer {
  readonly #consume: (batch: PacketBatch) => void;
  readonly #pace: Pace;
  readonly #windowStart: (sec: number) => number;
  readonly #waiting: PacketBatch[] = [];
  readonly #due = new PacketBatch();
  /** The next row of the first that waits. */
  #row = 0;
  /** What is before it goes through at once; null before the first packet. */
  #fromSec: number | null = null;
  #isPlaying = false;
  /** Packet time as it was at `#atMs`, and how fast it goes on from there. */
  #sec = -Infinity;
  #atMs = 0;
  #rate = 0;
  #isHurried = false;
  /** Of the packets that were handed on. */
  latestSec = -Infinity;

  /**
   * @param windowStart where the window of a time begins
   * @param consume takes each batch; the batch is reused after it returns
   */
  constructor(pace: Pace, windowStart: (sec: number) => number, consume: (batch: PacketBatch) => void) {
    this.#pace = pace;
    this.#windowStart = windowStart;
    this.#consume = consume;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** @returns packet time as it is now, in seconds */
  moveOn(): number {
    const { clock, clockMs } = this.#pace;
    if (!this.#isPlaying) return this.latestSec;
    const nowMs = clockMs();
    this.#sec += ((nowMs - this.#atMs) / 1000) * this.#rate;
    this.#atMs = nowMs;
    this.#rate = clock.rate;
    clock.atSec = this.#sec;
    return this.#sec;
  }

  push(batch: PacketBatch): void {
    if (batch.length === 0) return;
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
    const nowSec = this.#isHurried ? Infinity : this.moveOn();
    const due = this.#due;
    for (let [batch] = this.#waiting; batch !== undefined; [batch] = this.#waiting) {
      due.length = 0;
      for (; this.#row < batch.length; this.#row++) {
        const sec = batch.tsSec[this.#row]!;
        if (!this.#isDue(sec + batch.tsNsec[this.#row]! / 1e9, nowSec)) break;
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

  #isDue(sec: number, nowSec: number): boolean {
    if (this.#isPlaying || this.#isHurried) return sec <= nowSec;
    const { from } = this.#pace;
    this.#fromSec ??= from === null ? -Infinity : placedTime(from, this.#windowStart(Math.floor(sec)));
    if (sec < this.#fromSec) return true;
    this.#begin(sec);
    return sec <= this.#sec;
  }

  /** @param sec of the first packet that is played */
  #begin(sec: number): void {
    this.#isPlaying = true;
    // What is before the capture is not waited for.
    this.#sec = this.latestSec === -Infinity ? sec : (this.#fromSec ?? sec);
    this.#atMs = this.#pace.clockMs();
    this.#rate = this.#pace.clock.rate;
    this.#pace.clock.atSec = this.#sec;
  }

  #waitForNext(): true | Promise<true> {
    const [batch] = this.#waiting;
    if (batch === undefined) return true;
    const sec = batch.tsSec[this.#row]! + batch.tsNsec[this.#row]! / 1e9;
    // Looks now and then whether it is told otherwise.
    const waitMs = this.#rate === 0 ? LOOK_MS : Math.min(LOOK_MS, ((sec - this.#sec) / this.#rate) * 1000);
    return new Promise((resolve) => {
      // An end does not wait for it, and whoever watches the step keeps the process.
      setTimeout(() => resolve(true), Math.max(1, waitMs)).unref();
    });
  }
}
