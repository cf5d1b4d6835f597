import type { TranslatedHosts } from '../../../src-main/contract/capture-details';
import type { ErrorShape } from '../../../src-main/contract/errors';
import type { ImportReport } from '../../../src-main/contract/imports';
import type { Engine } from '../../services/engine-connection.svelte';

/** The ledger of one import at a time. */
export class LedgerState {
  /** Null while the panel is closed. */
  run = $state<number | null>(null);
  report = $state.raw<ImportReport | null>(null);
  /** Of the same import; null until they are counted. */
  hosts = $state.raw<TranslatedHosts | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async open(run: number): Promise<void> {
    this.run = run;
    this.error = null;
    if (this.report?.run === run && this.hosts !== null) return;
    const counting = this.#engine.call('import:hosts', { run }).outcome;
    const outcome = await this.#engine.call('import:read', { run }).outcome;
    if (this.run !== run) return;
    if (!outcome.ok) {
      this.error = outcome.error;
      return;
    }
    this.report = outcome.value;
    this.hosts = null;
    const counted = await counting;
    if (this.run !== run) return;
    if (counted.ok) this.hosts = counted.value;
    else this.error = counted.error;
  }

  close(): void {
    this.run = null;
  }
}
