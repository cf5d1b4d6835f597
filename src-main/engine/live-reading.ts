import type { ImportResult } from './import-captures';
import type { Pace } from './pacer';
import type { PacketPath } from './packet-path';
import { LOOK_MS, TURN_MS } from './turns';

/** Windows that are sealed sooner after others, as of a capture that is read faster than it was recorded, wait for so long. */
const SEAL_INTERVAL_MS = 200;
/**
 * And so many times as long as the last seal took: what is written of a run at each grows with the run, and would take all of
 * the time of one of many windows. A recording has a window in 10 minutes.
 */
const SEAL_TIMES = 4;
const PROGRESS_INTERVAL_MS = 100;

export interface LiveOptions {
  /** Whether reading is to end with what has come. */
  readonly isEnding: () => boolean;
  /** Where captures are played; without it, packets go through as fast as they come. */
  readonly pace?: Omit<Pace, 'clockMs'> | undefined;
  /**
   * Windows were sealed: what has come of the import so far, the ledger of what was handed out. Before the promise is
   * fulfilled it is not called again.
   */
  readonly onSealed: (soFar: ImportResult) => Promise<void>;
  /** How long the last of these took, on whichever thread; without it, none takes any time. */
  readonly sealMs?: (() => number) | undefined;
}

/**
 * An import that follows what is being recorded. While its source is silent, time goes on from the latest packet by a steady
 * clock, so that windows close that no packet closes. The clock of the computer is not asked: that of the capture may be
 * another.
 */
export class LiveReading {
  readonly #path: PacketPath;
  readonly #options: LiveOptions;
  readonly #clockMs: () => number;
  readonly #soFar: () => ImportResult;
  /** When the last step was done. */
  #steppedMs: number;
  #sealedWindows = 0;
  #lastSealMs = -Infinity;
  #sealing: Promise<void> | null = null;
  #isCutOff = false;

  /** @param soFar of a path of which no step is under way, or waits for its source */
  constructor(path: PacketPath, options: LiveOptions, clockMs: () => number, soFar: () => ImportResult) {
    this.#path = path;
    this.#options = options;
    this.#clockMs = clockMs;
    this.#soFar = soFar;
    this.#steppedMs = clockMs();
  }

  /** To be called after each step. @returns what has to be waited for before the next one; null for nothing */
  stepped(): Promise<void> | null {
    this.#steppedMs = this.#clockMs();
    return this.#sealIfDue();
  }

  endIfAsked(): void {
    if (this.#isCutOff || !this.#options.isEnding()) return;
    this.#isCutOff = true;
    this.#path.cutOff();
  }

  /** Waits for a step, or until reading is to end; the step is over then, and others follow. */
  async watched(stepping: Promise<boolean>, report: () => void): Promise<boolean> {
    let looking: NodeJS.Timeout | undefined;
    let nextReport = PROGRESS_INTERVAL_MS;
    const ended = new Promise<boolean>((resolve, reject) => {
      looking = setInterval(() => {
        try {
          this.endIfAsked();
          if (this.#isCutOff) {
            resolve(true);
            return;
          }
          // What closes by it is handed on, and may not be taken.
          this.#passTime();
        } catch (cause) {
          reject(cause instanceof Error ? cause : new Error(String(cause), { cause }));
          return;
        }
        this.#sealIfDue()?.catch(reject);
        nextReport -= LOOK_MS;
        if (nextReport > 0) return;
        nextReport = PROGRESS_INTERVAL_MS;
        report();
      }, LOOK_MS);
    });
    try {
      return await Promise.race([stepping, ended]);
    } finally {
      clearInterval(looking);
      // What it waits for may be closed, and never come.
      stepping.catch(() => undefined);
      await this.#sealing;
    }
  }

  #passTime(): void {
    const { merge, aggregator } = this.#path;
    const endMs = performance.now() + TURN_MS;
    while (aggregator.isBehind && performance.now() < endMs) aggregator.catchUp();
    if (aggregator.isBehind || merge.latestSec === -Infinity) return;
    const silentSec = merge.latestSec + (this.#clockMs() - this.#steppedMs) / 1000;
    this.#path.advance(Math.floor(this.#path.pacedSec ?? silentSec));
  }

  #sealIfDue(): Promise<void> | null {
    if (this.#sealing !== null) return this.#sealing;
    const { windows, isBehind } = this.#path.aggregator;
    if (windows === this.#sealedWindows || isBehind || this.#isTooSoon()) return null;
    this.#sealedWindows = windows;
    this.#sealing = this.#options.onSealed(this.#soFar()).finally(() => {
      this.#sealing = null;
      this.#lastSealMs = this.#clockMs();
    });
    return this.#sealing;
  }

  #isTooSoon(): boolean {
    const { sealMs = () => 0 } = this.#options;
    return this.#clockMs() < this.#lastSealMs + Math.max(SEAL_INTERVAL_MS, SEAL_TIMES * sealMs());
  }
}
