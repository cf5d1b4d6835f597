import type { ErrorShape, Outcome } from '../../../src-main/contract/errors';
import type { ExportProgress, ExportReport, ExportRequest } from '../../../src-main/contract/export';
import type { Calls } from '../../../src-main/contract/ipc';
import type { LedgerPacketsId, PacketsProgress, PacketsReport } from '../../../src-main/contract/packets';
import { entryIdText, type EntryId } from '../../../src-main/contract/log-entry';
import type { LogstoreName } from '../../../src-main/contract/logstore';
import type { Engine } from '../../services/engine-connection.svelte';
import type { HostBridge } from '../../services/host-bridge';
import { t } from '../../services/messages/catalogue';
import type { ToastAction } from '../../services/toasts.svelte';

export interface ExportListeners {
  /**
   * The packets of a log entry are saved.
   *
   * @param path where the file is; null when the browser fetches it
   */
  readonly onPackets: (report: PacketsReport, path: string | null) => void;
  /**
   * They could not be.
   *
   * @param goOn tries once more, to the place that was chosen
   */
  readonly onFailed: (error: ErrorShape, goOn: () => void) => void;
  /** Has the browser fetch a file. */
  readonly fetchFile: (url: string) => void;
}

/** What became of an export. */
export type Saved<Report> =
  | {
      readonly kind: 'saved';
      readonly report: Report;
      /** Where it is; null when the browser fetches it. */
      readonly path: string | null;
    }
  /** No place was chosen for it. */
  | { readonly kind: 'unplaced' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: ErrorShape };

/** Takes a finished file from the workspace's `tmp/exports`. @returns where it is; null when a program or the browser has it */
export type Take = (file: string) => Promise<Outcome<{ readonly path: string | null }>>;

type Exporting = 'export:run' | 'packets:write' | 'index:export' | 'delivery:export';

/** As long as the two clicks of a double click are apart at most: the second one hits the button that cancels. */
const DOUBLE_CLICK_MS = 500;

/**
 * Writes the whole answer to a query into a file, with the rows that are not held on the screen as well, or the packets of
 * one log entry; one at a time.
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

  /** @param name that the file, or the folder, is proposed to have */
  run(request: ExportRequest, name: string): Promise<Saved<ExportReport>> {
    return this.#whileRunning({ rows: 0, bytes: 0 }, () => this.#export('export:run', request, this.#placeOf(name)));
  }

  /** Those of one entry, for whoever takes the file. */
  writePackets(entry: EntryId, take: Take): Promise<Saved<PacketsReport>> {
    return this.#whileRunning({ foundPackets: 0, searchedBytes: 0 }, () =>
      this.#export('packets:write', entry, () => Promise.resolve({ ok: true, value: take })),
    );
  }

  /** The index of a Logstore, in the vendor's JSON. */
  saveIndex(place: LogstoreName): Promise<Saved<Calls['index:export']['reply']>> {
    return this.#whileRunning({ rows: null, bytes: 0 }, () =>
      this.#export(
        'index:export',
        { project: place.project, logstore: place.logstore },
        this.#placeOf(`${place.logstore}-index.json`),
      ),
    );
  }

  /** Of deliveries. */
  saveScript(
    script: Calls['delivery:export']['request']['script'],
    name: string,
  ): Promise<Saved<Calls['delivery:export']['reply']>> {
    return this.#whileRunning({ rows: null, bytes: 0 }, () =>
      this.#export('delivery:export', { script }, this.#placeOf(name)),
    );
  }

  savePackets(entry: EntryId): Promise<void> {
    return this.#savePackets(entry, `entry-${entryIdText(entry)}.pcapng`);
  }

  /** Those behind a number of an import's ledger. */
  saveLedgerPackets(id: LedgerPacketsId): Promise<void> {
    const { run, of } = id;
    const what = typeof of === 'object' ? `capture-${of.capture + 1}-${of.fact.replace('/', '-')}` : of;
    return this.#savePackets(id, `import-${run}-${what}.pcapng`);
  }

  async #savePackets(
    request: Calls['packets:write']['request'],
    name: string,
    place = this.#placeOf(name),
  ): Promise<void> {
    let placed: Outcome<Take | null> = { ok: true, value: null };
    const saved = await this.#whileRunning({ foundPackets: 0, searchedBytes: 0 }, () =>
      this.#export('packets:write', request, async () => (placed = await place())),
    );
    if (saved.kind === 'saved') this.#listeners.onPackets(saved.report, saved.path);
    if (saved.kind !== 'failed') return;
    this.#listeners.onFailed(saved.error, () => void this.#savePackets(request, name, () => Promise.resolve(placed)));
  }

  /**
   * Has the browser fetch another file of an export.
   *
   * @param file name in the workspace's `tmp/exports`
   * @param name under which the browser is to keep it
   * @returns why it cannot; null when it does
   */
  async fetch(file: string, name: string): Promise<ErrorShape | null> {
    const url = await this.#bridge.downloadUrl(file, name);
    if (url?.ok === false) return url.error;
    if (url !== null) this.#listeners.fetchFile(url.value);
    return null;
  }

  async #whileRunning<Report>(
    begin: ExportProgress | PacketsProgress,
    action: () => Promise<Saved<Report>>,
  ): Promise<Saved<Report>> {
    if (this.isRunning) return { kind: 'unplaced' };
    this.progress = begin;
    this.#startedMs = this.#now();
    try {
      return await action();
    } finally {
      this.progress = null;
      this.#cancel = () => undefined;
    }
  }

  /** By a button that stands where the one was that started it: not within its double click. */
  cancel(): void {
    if (this.#now() - this.#startedMs >= DOUBLE_CLICK_MS) this.stop();
  }

  /** By any other button. */
  stop(): void {
    this.#cancel();
  }

  /** @param place is asked first: nobody waits for a file that has no place to go */
  async #export<K extends Exporting>(
    call: K,
    request: Calls[K]['request'],
    place: () => Promise<Outcome<Take | null>>,
  ): Promise<Saved<Calls[K]['reply']>> {
    const placed = await place();
    if (!placed.ok) return { kind: 'failed', error: placed.error };
    const take = placed.value;
    if (take === null) return { kind: 'unplaced' };
    const running = this.#engine.call(call, request, {
      onEvent: (_event, payload) => {
        if ('rows' in payload || 'foundPackets' in payload) this.progress = payload;
      },
    });
    this.#cancel = () => running.cancel();
    const outcome = await running.outcome;
    if (!outcome.ok) {
      return outcome.error.code.endsWith('_CANCELLED')
        ? { kind: 'cancelled' }
        : { kind: 'failed', error: outcome.error };
    }
    const taken = await take(outcome.value.file);
    return taken.ok
      ? { kind: 'saved', report: outcome.value, path: taken.value.path }
      : { kind: 'failed', error: taken.error };
  }

  /** Where the user says on a desktop; in a browser, what the browser does with it. */
  #placeOf(name: string): () => Promise<Outcome<Take | null>> {
    if (this.#bridge.kind === 'browser') {
      return () => Promise.resolve({ ok: true, value: (file) => this.download(file, name) });
    }
    return async () => {
      const picked = await this.#bridge.call('export:pick', { suggestedName: name });
      if (!picked.ok) return picked;
      const target = picked.value;
      if (target === null) return { ok: true, value: null };
      return { ok: true, value: (file) => this.#bridge.call('export:save', { file, target: target.id }) };
    };
  }

  /** @returns what shows a file where it was saved; nothing for one that a browser keeps */
  showing(path: string | null): ToastAction | undefined {
    if (path === null) return undefined;
    return { label: t.exports.showInFolder, run: () => void this.#bridge.call('export:show', { path }) };
  }

  /** Has the browser fetch a finished file. @param name under which the browser is to keep it */
  async download(file: string, name: string): Promise<Outcome<{ readonly path: null }>> {
    const error = await this.fetch(file, name);
    return error === null ? { ok: true, value: { path: null } } : { ok: false, error };
  }
}
