import { SvelteMap } from 'svelte/reactivity';
import type { ErrorShape } from '../../../src-main/contract/errors';
import type { FieldStatistics } from '../../../src-main/contract/field-statistics';
import type { RunningCall } from '../../../src-main/contract/wire';
import type { Engine } from '../../services/engine-connection.svelte';
import type { Answer } from './logstore-state.svelte';

/** What is known of one field that is open; both null while it is on its way. */
export interface FieldAnalysis {
  readonly statistics: FieldStatistics | null;
  readonly error: ErrorShape | null;
}

const ON_ITS_WAY: FieldAnalysis = { statistics: null, error: null };

/** What the fields hold that are open, in the entries that an answer was searched from. */
export class FieldAnalyses {
  /** By name of the open ones, in the order of their opening. */
  readonly open = new SvelteMap<string, FieldAnalysis>();
  readonly #engine: Engine;
  readonly #running = new Map<string, RunningCall<'field:read'>>();
  #answer: Answer | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Fields that are open are read again when the answer is another one; what was known of them stays until then. */
  follow(answer: Answer | null): void {
    if (answer === this.#answer) return;
    this.#answer = answer;
    for (const field of this.open.keys()) void this.#read(field);
  }

  toggle(field: string): void {
    if (this.open.has(field)) this.close(field);
    else {
      this.open.set(field, ON_ITS_WAY);
      void this.#read(field);
    }
  }

  close(field: string): void {
    this.#cancel(field);
    this.open.delete(field);
  }

  leave(): void {
    this.#answer = null;
    for (const field of [...this.open.keys()]) this.close(field);
  }

  async #read(field: string): Promise<void> {
    this.#cancel(field);
    if (this.#answer === null) return;
    const { text, project, logstore, from, to, zone, snapshot } = this.#answer.pinned;
    const running = this.#engine.call('field:read', { text, project, logstore, from, to, zone, snapshot, field });
    this.#running.set(field, running);
    const outcome = await running.outcome;
    if (this.#running.get(field) !== running) return;
    this.#running.delete(field);
    this.open.set(
      field,
      outcome.ok ? { statistics: outcome.value, error: null } : { statistics: null, error: outcome.error },
    );
  }

  #cancel(field: string): void {
    this.#running.get(field)?.cancel();
    this.#running.delete(field);
  }
}
