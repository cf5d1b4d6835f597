import type { ErrorShape } from '../../../src-main/contract/errors';
import type { ExportProgress, QueryRequest } from '../../../src-main/contract/ipc';
import type { Engine } from '../../services/engine-connection.svelte';
import type { HostBridge } from '../../services/host-bridge';

export interface ExportListeners {
  /** @param path where the file is; null when the browser fetches it */
  readonly onDone: (rowCount: number, path: string | null) => void;
  readonly onFailed: (error: ErrorShape) => void;
  /** Has the browser fetch a file. */
  readonly fetchFile: (url: string) => void;
}

/** As long as the two clicks of a double click are apart at most: the second one hits the button that cancels. */
const DOUBLE_CLICK_MS = 500;

/** Writes the whole answer to a query into a file, with the rows that are not held on the screen as well. */
export class ExportState {
  /** Null while nothing is exported. */
  progress = $state.raw<ExportProgress | null>(null);
  readonly #engine: Engine;
  readonly #bridge: HostBridge;
  readonly #listeners: ExportListeners;
  readonly #now: () => number;
  #startedMs = 0;
  #cancel: () => void = () => undefined;

  /** @param now milliseconds of a clock that never goes back */
  constructor(engine: Engine, bridge: HostBridge, listeners: ExportListeners, now = (): number => performance.now()) {
    this.#now = now;
    this.#engine = engine;
    this.#bridge = bridge;
    this.#listeners = listeners;
  }

  get isRunning(): boolean {
    return this.progress !== null;
  }

  async run(query: QueryRequest): Promise<void> {
    if (this.isRunning) return;
    this.progress = { rows: 0, bytes: 0 };
    this.#startedMs = this.#now();
    try {
      await this.#export(query);
    } finally {
      this.progress = null;
      this.#cancel = () => undefined;
    }
  }

  /** Not within the double click that started it. */
  cancel(): void {
    if (this.#now() - this.#startedMs >= DOUBLE_CLICK_MS) this.#cancel();
  }

  async #export(query: QueryRequest): Promise<void> {
    const name = `${query.logstore}.csv`;
    // Asked first: nobody waits for a file that has no place to go.
    const target =
      this.#bridge.kind === 'desktop' ? await this.#bridge.call('export:pick', { suggestedName: name }) : null;
    if (target?.ok === false) {
      this.#listeners.onFailed(target.error);
      return;
    }
    if (target !== null && target.value === null) return;
    const running = this.#engine.call(
      'export:run',
      { query, format: 'csv' },
      {
        onEvent: (event, payload) => {
          if (event === 'export:progress' && 'rows' in payload) this.progress = payload;
        },
      },
    );
    this.#cancel = () => running.cancel();
    const outcome = await running.outcome;
    if (!outcome.ok) {
      if (!outcome.error.code.endsWith('_CANCELLED')) this.#listeners.onFailed(outcome.error);
      return;
    }
    const { file, rowCount } = outcome.value;
    const url = await this.#bridge.downloadUrl(file, name);
    if (url?.ok === false) {
      this.#listeners.onFailed(url.error);
    } else if (url !== null) {
      this.#listeners.fetchFile(url.value);
      this.#listeners.onDone(rowCount, null);
    } else if (target?.value != null) {
      const saved = await this.#bridge.call('export:save', { file, target: target.value.id });
      if (saved.ok) this.#listeners.onDone(rowCount, saved.value.path);
      else this.#listeners.onFailed(saved.error);
    }
  }
}
