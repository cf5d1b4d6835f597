import type { ErrorShape, Outcome } from '../../../src-main/contract/errors';
import type { IndexPreview } from '../../../src-main/contract/index-config';
import type { IndexReport } from '../../../src-main/contract/logstore';
import { jsonFaultText, readJsonText } from '../../../src-main/query/json-text';
import type { Engine } from '../../services/engine-connection.svelte';
import type { LogstorePlace } from '../logstore/logstore-state.svelte';
import { IndexForm } from './index-form.svelte';
import { indexJson } from './index-json';

/** What became of an index. */
export type IndexEnd =
  | {
      readonly kind: 'saved';
      /** Entries that it was applied to, and those that keep the one before. */
      readonly reindexed: number;
      readonly older: number;
    }
  | { readonly kind: 'deleted' };

export interface IndexListeners {
  /** Queries have another answer from now on. */
  readonly onChanged: (place: LogstorePlace, end: IndexEnd) => void;
  /** What went on after it was left could not be done. */
  readonly onFailed: (error: ErrorShape) => void;
}

export type IndexView = 'fields' | 'json';

/** What is written, or why it is no JSON at all. */
type Written =
  | { readonly ok: true; readonly config: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly why: string };

/** The index of a Logstore while somebody changes it. What a change means, and whether it can be, the engine says. */
export class IndexSettings {
  /** Null while nobody does. */
  place = $state.raw<LogstorePlace | null>(null);
  asksToDelete = $state(false);
  /** The index that is set. */
  report = $state.raw<IndexReport | null>(null);
  view = $state<IndexView>('fields');
  json = $state('');
  /** What the last that was written and could be would mean. */
  preview = $state.raw<IndexPreview | null>(null);
  /** What is wrong with what is written. */
  problem = $state.raw<ErrorShape | null>(null);
  /** Why nothing was read or done. */
  error = $state.raw<ErrorShape | null>(null);
  isSaving = $state(false);
  /** Whether entries that are there are to be reindexed. */
  isForAll = $state(true);
  readonly form = new IndexForm();
  /** Why what is written as JSON is none; null where it is. */
  readonly notJson = $derived.by(() => (this.#written.ok ? null : this.#written.why));
  /** Entries that are under another index than the one that is set, or under none. */
  readonly waiting = $derived.by(() => (this.report === null ? 0 : waitingIn(this.report)));
  readonly hasChanges = $derived.by(() => this.report?.config === null || (this.preview?.changes.length ?? 0) > 0);
  readonly canSave = $derived.by(() => {
    if (this.isSaving || this.preview === null || this.problem !== null) return false;
    if (this.notJson !== null || this.isTwice) return false;
    return this.hasChanges || (this.isForAll && this.waiting > 0);
  });
  readonly #written = $derived.by(() => (this.view === 'json' ? readJson(this.json) : this.#ofForm()));
  readonly #engine: Engine;
  readonly #listeners: IndexListeners;
  #generation = 0;
  /** Which opening it is. */
  #visit = 0;

  constructor(engine: Engine, listeners: IndexListeners) {
    this.#engine = engine;
    this.#listeners = listeners;
  }

  get isTwice(): boolean {
    return this.view === 'fields' && this.form.twice !== null;
  }

  async open(place: LogstorePlace): Promise<void> {
    this.close();
    this.place = place;
    const generation = this.#generation;
    const read = await this.#engine.call('index:read', place).outcome;
    if (generation !== this.#generation) return;
    if (!read.ok) {
      this.error = read.error;
      return;
    }
    this.report = read.value;
    // Who has none begins with the one that is proposed.
    if (read.value.config === null) await this.propose('replace');
    else {
      this.form.take(read.value.config);
      await this.check();
    }
  }

  close(): void {
    this.#generation++;
    this.#visit++;
    this.place = null;
    this.report = null;
    this.preview = null;
    this.problem = null;
    this.error = null;
    this.asksToDelete = false;
    this.isSaving = false;
    this.isForAll = true;
    this.view = 'fields';
  }

  /** Asks what the written index means; to be called after each change of it. */
  async check(): Promise<void> {
    const { place } = this;
    const written = this.#written;
    const generation = ++this.#generation;
    this.error = null;
    this.problem = null;
    if (place === null || !written.ok) return;
    const previewed = await this.#engine.call('index:preview', { ...place, config: written.config }).outcome;
    if (generation !== this.#generation) return;
    if (previewed.ok) this.preview = previewed.value;
    else if (previewed.error.code === 'INDEX_INVALID') this.problem = previewed.error;
    else this.error = previewed.error;
  }

  /** Takes what the engine proposes: all of it, or the fields that are not here. */
  async propose(how: 'replace' | 'append'): Promise<void> {
    const { place } = this;
    if (place === null) return;
    const generation = ++this.#generation;
    const proposed = await this.#engine.call('index:preview', { ...place, config: null }).outcome;
    if (generation !== this.#generation) return;
    if (!proposed.ok) {
      this.error = proposed.error;
      return;
    }
    if (how === 'replace') this.form.take(proposed.value.config);
    else this.form.addMissing(proposed.value.config);
    this.json = indexJson(this.form.config);
    await this.check();
  }

  /** JSON goes into the form only as the engine has understood it. */
  async show(view: IndexView): Promise<void> {
    if (view === this.view) return;
    if (view === 'json') this.json = indexJson(this.form.config);
    else {
      await this.check();
      if (this.preview === null || this.problem !== null || this.notJson !== null) return;
      this.form.take(this.preview.config);
    }
    this.view = view;
    await this.check();
  }

  async takeJson(text: string): Promise<void> {
    this.view = 'json';
    this.json = text;
    await this.check();
  }

  /**
   * Sets what is written, where it is another, and applies it to the entries that are there, where that is wanted. It goes on,
   * as it was wanted, when it is left; what is changed meanwhile stays to be saved.
   */
  async save(): Promise<void> {
    // What was typed last may not have been looked at yet.
    await this.check();
    const { place, isForAll } = this;
    const written = this.#written;
    if (place === null || !written.ok || !this.canSave) return;
    const visit = this.#visit;
    const generation = this.#generation;
    this.isSaving = true;
    this.error = null;
    const saved = await this.#save(place, this.hasChanges ? written.config : null, isForAll, (report) => {
      if (visit === this.#visit) this.report = report;
    });
    const isLeft = visit !== this.#visit;
    if (!isLeft) this.isSaving = false;
    if (!saved.ok) {
      if (isLeft) this.#listeners.onFailed(saved.error);
      else this.error = saved.error;
      return;
    }
    if (!isLeft && generation === this.#generation) this.close();
    else if (!isLeft) void this.check();
    this.#listeners.onChanged(place, saved.value);
  }

  /** @param config null to leave the index as it is. @param onWritten it is set */
  async #save(
    place: LogstorePlace,
    config: Readonly<Record<string, unknown>> | null,
    isForAll: boolean,
    onWritten: (report: IndexReport) => void,
  ): Promise<Outcome<IndexEnd>> {
    let { waiting } = this;
    if (config !== null) {
      const written = await this.#engine.call('index:write', { ...place, config }).outcome;
      if (!written.ok) return written;
      waiting = waitingIn(written.value);
      onWritten(written.value);
    }
    if (!isForAll || waiting === 0) return { ok: true, value: { kind: 'saved', reindexed: 0, older: waiting } };
    const rebuilt = await this.#engine.call('index:rebuild', place).outcome;
    if (!rebuilt.ok) return rebuilt;
    return { ok: true, value: { kind: 'saved', reindexed: rebuilt.value.reindexed, older: 0 } };
  }

  async delete(): Promise<void> {
    const { place } = this;
    if (place === null) return;
    const deleted = await this.#engine.call('index:delete', place).outcome;
    if (!deleted.ok) {
      this.error = deleted.error;
      return;
    }
    this.close();
    this.#listeners.onChanged(place, { kind: 'deleted' });
  }

  #ofForm(): Written {
    return { ok: true, config: this.form.config };
  }
}

function waitingIn({ olderEntries, unindexedEntries }: IndexReport): number {
  return olderEntries + unindexedEntries;
}

/** What else it may be wrong with, the engine tells by its path. */
function readJson(text: string): Written {
  const json = readJsonText(text);
  if (!json.ok) return { ok: false, why: jsonFaultText(json) };
  const { value } = json;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? { ok: true, config: { ...value } } : { ok: false, why: '' };
}
