import type { PacketsProgress } from '../contract/packets';
import { refuseCancelled } from './export-service';
import { TURN_MS, otherCalls } from './turns';

const PROGRESS_INTERVAL_MS = 100;

/** Gives other calls their turn while captures are searched, and the caller a sign of life. */
export class SearchTurns {
  readonly #signal: AbortSignal;
  readonly #onProgress: (progress: PacketsProgress) => void;
  #turnEndMs = performance.now() + TURN_MS;
  #nextProgressMs = 0;

  constructor(signal: AbortSignal, onProgress: (progress: PacketsProgress) => void) {
    this.#signal = signal;
    this.#onProgress = onProgress;
  }

  /** @returns nothing while the turn lasts. @throws AppError QUERY_CANCELLED; rejects with the same */
  pass(progress: () => PacketsProgress): Promise<void> | undefined {
    const nowMs = performance.now();
    if (nowMs < this.#turnEndMs) return undefined;
    if (nowMs >= this.#nextProgressMs) {
      this.#nextProgressMs = nowMs + PROGRESS_INTERVAL_MS;
      this.#onProgress(progress());
    }
    return this.#rest();
  }

  async #rest(): Promise<void> {
    await otherCalls();
    refuseCancelled(this.#signal);
    this.#turnEndMs = performance.now() + TURN_MS;
  }
}
