import type { ErrorShape } from '../../../src-main/contract/errors';
import type { Calls } from '../../../src-main/contract/ipc';
import type { Engine } from '../../services/engine-connection.svelte';

export type KeptLine = Calls['load:bad-lines']['reply']['lines'][number];

/** Lines that are asked for at once. */
const PAGE = 100;

/** What a load could not read and has kept aside, page by page. */
export class BadLinesState {
  /** Null while nothing is shown. */
  run = $state.raw<number | null>(null);
  total = $state(0);
  lines = $state.raw<readonly KeptLine[]>([]);
  error = $state.raw<ErrorShape | null>(null);
  isLoading = $state(false);
  readonly #engine: Engine;
  #generation = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get hasMore(): boolean {
    return this.lines.length < this.total;
  }

  async open(run: number): Promise<void> {
    this.run = run;
    this.total = 0;
    this.lines = [];
    await this.more();
  }

  close(): void {
    this.#generation += 1;
    this.run = null;
  }

  async more(): Promise<void> {
    const { run } = this;
    if (run === null) return;
    const generation = ++this.#generation;
    this.isLoading = true;
    this.error = null;
    const request = { run, offset: this.lines.length, limit: PAGE };
    const outcome = await this.#engine.call('load:bad-lines', request).outcome;
    if (generation !== this.#generation) return;
    this.isLoading = false;
    if (outcome.ok) {
      this.total = outcome.value.total;
      this.lines = [...this.lines, ...outcome.value.lines];
    } else this.error = outcome.error;
  }
}
