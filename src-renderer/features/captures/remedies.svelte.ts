import type { ErrorShape, Outcome } from '../../../src-main/contract/errors';
import type { RemedyReport } from '../../../src-main/contract/import-preview';
import type { Engine } from '../../services/engine-connection.svelte';

/** What would have helped imports that translated nothing, as soon as somebody looks at one. */
export class Remedies {
  #reports = $state.raw<ReadonlyMap<number, Outcome<RemedyReport>>>(new Map());
  readonly #asked = new Set<number>();
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Once for each import. */
  async load(run: number): Promise<void> {
    if (this.#asked.has(run)) return;
    this.#asked.add(run);
    const outcome = await this.#engine.call('import:remedies', { run }).outcome;
    // Tried again when it is looked at again.
    if (!outcome.ok) this.#asked.delete(run);
    this.#reports = new Map([...this.#reports, [run, outcome]]);
  }

  /** Null while it is not known. */
  of(run: number): RemedyReport | null {
    const outcome = this.#reports.get(run);
    return outcome?.ok === true ? outcome.value : null;
  }

  errorOf(run: number): ErrorShape | null {
    const outcome = this.#reports.get(run);
    return outcome === undefined || outcome.ok ? null : outcome.error;
  }
}
