import type { ErrorShape } from '../../../src-main/contract/errors';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import type { Engine } from '../../services/engine-connection.svelte';
import { byteSeries, bytesStatement, type ByteSeries } from './bytes-statement';
import type { Answer } from './logstore-state.svelte';

/** Bytes over time of the entries of an answer. The series before stays until the next one is there. */
export class GraphState {
  series = $state.raw<ByteSeries | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  isRunning = $state(false);
  readonly #engine: Engine;
  #answer: Answer | null = null;
  #generation = 0;
  #cancel: () => void = () => undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Loads the series of `answer`, unless it is there or on its way. */
  async load(answer: Answer): Promise<void> {
    if (answer === this.#answer) return;
    const generation = ++this.#generation;
    this.#cancel();
    this.#answer = answer;
    this.#settle(null);
    const { histogram, pinned } = answer;
    const { range } = histogram;
    if (range === null || histogram.bins.length === 0) {
      this.series = { bins: [], fromVpc: 0, fromPub: 0 };
      return;
    }
    this.isRunning = true;
    const batches: ResultBatch[] = [];
    const running = this.#engine.call(
      'query:run',
      {
        ...pinned,
        text: bytesStatement(pinned.text, histogram),
        from: String(range.fromSec),
        to: String(range.toSec),
      },
      { onBatch: (batch) => void batches.push(batch) },
    );
    this.#cancel = () => running.cancel();
    const outcome = await running.outcome;
    if (generation !== this.#generation) return;
    if (outcome.ok) this.series = byteSeries(histogram, batches);
    // What failed is loaded again when it is asked for again.
    else this.#answer = null;
    this.#settle(outcome.ok ? null : outcome.error);
  }

  leave(): void {
    this.#generation += 1;
    this.#cancel();
    this.#answer = null;
    this.series = null;
    this.#settle(null);
  }

  #settle(error: ErrorShape | null): void {
    this.isRunning = false;
    this.error = error;
  }
}
