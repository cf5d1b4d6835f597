import type { ErrorShape } from '../../../src-main/contract/errors';
import type { ExportProgress } from '../../../src-main/contract/export';
import type { Calls, PacketsProgress, PacketsReport, QueryRequest } from '../../../src-main/contract/ipc';
import { entryIdText, type EntryId } from '../../../src-main/contract/log-entry';
import type { Engine } from '../../services/engine-connection.svelte';
import type { HostBridge } from '../../services/host-bridge';

export interface ExportListeners {
  /** @param path where the file is; null when the browser fetches it */
  readonly onDone: (rowCount: number, path: string | null) => void;
  /** The same for the packets of a log entry. */
  readonly onPackets: (report: PacketsReport, path: string | null) => void;
  readonly onFailed: (error: ErrorShape) => void;
  /** Has the browser fetch a file. */
  readonly fetchFile: (url: string) => void;
}

type Exporting = 'export:run' | 'packets:write';

/** As long as the two clicks of a double click are apart at most: the second one hits the button that cancels. */
const DOUBLE_CLICK_MS = 500;

/**
 * Writes the whole answer to a query into a file, with the rows that are not held on the screen as well, or the packets of
 * one log entry.
 */
export class ExportState {
  /** Null while nothing is exported. */
  progress = $state.raw<ExportProgress | PacketsProgress | null>(null);
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
    await this.#whileRunning({ rows: 0, bytes: 0 }, async () => {
      const saved = await this.#export('export:run', { query, format: 'csv' }, `${query.logstore}.csv`);
      if (saved !== null) this.#listeners.onDone(saved.report.rowCount, saved.path);
    });
  }

  async savePackets(entry: EntryId): Promise<void> {
    await this.#whileRunning({ foundPackets: 0, searchedBytes: 0 }, async () => {
      const saved = await this.#export('packets:write', entry, `entry-${entryIdText(entry)}.pcapng`);
      if (saved !== null) this.#listeners.onPackets(saved.report, saved.path);
    });
  }

  async #whileRunning(begin: ExportProgress | PacketsProgress, action: () => Promise<void>): Promise<void> {
    if (this.isRunning) return;
    this.progress = begin;
    this.#startedMs = this.#now();
    try {
      await action();
    } finally {
      this.progress = null;
      this.#cancel = () => undefined;
    }
  }

  /** Not within the double click that started it. */
  cancel(): void {
    if (this.#now() - this.#startedMs >= DOUBLE_CLICK_MS) this.#cancel();
  }

  /** @returns null when there is no file: it was cancelled, or why was told */
  async #export<K extends Exporting>(
    call: K,
    request: Calls[K]['request'],
    name: string,
  ): Promise<{ readonly report: Calls[K]['reply']; readonly path: string | null } | null> {
    // Asked first: nobody waits for a file that has no place to go.
    const target =
      this.#bridge.kind === 'desktop' ? await this.#bridge.call('export:pick', { suggestedName: name }) : null;
    if (target?.ok === false) return this.#fail(target.error);
    if (target !== null && target.value === null) return null;
    const running = this.#engine.call(call, request, {
      onEvent: (_event, payload) => {
        if ('rows' in payload || 'foundPackets' in payload) this.progress = payload;
      },
    });
    this.#cancel = () => running.cancel();
    const outcome = await running.outcome;
    if (!outcome.ok) return outcome.error.code.endsWith('_CANCELLED') ? null : this.#fail(outcome.error);
    const report = outcome.value;
    const url = await this.#bridge.downloadUrl(report.file, name);
    if (url?.ok === false) return this.#fail(url.error);
    if (url !== null) {
      this.#listeners.fetchFile(url.value);
      return { report, path: null };
    }
    if (target?.value == null) return null;
    const saved = await this.#bridge.call('export:save', { file: report.file, target: target.value.id });
    return saved.ok ? { report, path: saved.value.path } : this.#fail(saved.error);
  }

  #fail(error: ErrorShape): null {
    this.#listeners.onFailed(error);
    return null;
  }
}
