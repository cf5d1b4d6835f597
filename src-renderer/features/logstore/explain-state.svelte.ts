import type { ErrorShape } from '../../../src-main/contract/errors';
import type { ExplainReport } from '../../../src-main/contract/query';
import type { Engine } from '../../services/engine-connection.svelte';
import type { Answer } from './logstore-state.svelte';

/** What became of the query of an answer. That of the answer before stays until the next one is there. */
export class ExplainState {
  report = $state.raw<ExplainReport | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  readonly #engine: Engine;
  #answer: Answer | null = null;
  #cancel: () => void = () => undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Explains the query of `answer`, unless that was done. */
  async load(answer: Answer): Promise<void> {
    if (answer === this.#answer) return;
    this.#cancel();
    this.#answer = answer;
    const { text, project, logstore, from, to, zone, snapshot } = answer.pinned;
    const running = this.#engine.call('query:explain', { text, project, logstore, from, to, zone, snapshot });
    this.#cancel = () => running.cancel();
    const outcome = await running.outcome;
    if (answer !== this.#answer) return;
    this.#cancel = () => undefined;
    this.error = outcome.ok ? null : outcome.error;
    if (outcome.ok) this.report = outcome.value;
    // What failed is asked for again when it is shown again.
    else this.#answer = null;
  }

  leave(): void {
    this.#cancel();
    this.#cancel = () => undefined;
    this.#answer = null;
    this.report = null;
    this.error = null;
  }
}
