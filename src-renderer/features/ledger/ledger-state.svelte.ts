import type { ErrorShape } from '../../../src-main/contract/errors';
import type { ImportReport } from '../../../src-main/contract/ipc';
import type { Engine } from '../../services/engine-connection.svelte';

/** The ledger of one import at a time. */
export class LedgerState {
  /** Null while the panel is closed. */
  run = $state<number | null>(null);
  report = $state.raw<ImportReport | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async open(run: number): Promise<void> {
    this.run = run;
    this.error = null;
    if (this.report?.run === run) return;
    const outcome = await this.#engine.call('import:read', { run }).outcome;
    if (this.run !== run) return;
    if (outcome.ok) this.report = outcome.value;
    else this.error = outcome.error;
  }

  close(): void {
    this.run = null;
  }
}
