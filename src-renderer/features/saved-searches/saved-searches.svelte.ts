import type { ErrorShape, Outcome } from '../../../src-main/contract/errors';
import type { SavedSearch, SavedSearchReport } from '../../../src-main/contract/saved-search';
import { variablesOf } from '../../../src-main/query/query-variables';
import type { Engine } from '../../services/engine-connection.svelte';
import type { LogstorePlace, WrittenRange } from '../logstore/logstore-state.svelte';
import type { VariableInputs } from './variable-inputs.svelte';

/** The query that is written, which a saved search is made of and put into. */
export interface WrittenQuery {
  readonly place: LogstorePlace;
  text: string;
  range: WrittenRange;
  readonly variables: VariableInputs;
  run(): Promise<void>;
}

/** The saved searches of a Logstore, and the one that is open. */
export class SavedSearches {
  /** By name; null before they were read. */
  list = $state.raw<readonly SavedSearchReport[] | null>(null);
  /** The one that was opened or saved last. */
  current = $state.raw<SavedSearchReport | null>(null);
  /** What a link names, until the engine is there to ask. */
  wanted = $state<string | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  /** What is asked of the user. */
  asking = $state<'save' | 'rename' | 'delete' | null>(null);
  /** Whether the query is another one than was saved; what is typed for variables is no part of it. */
  readonly isChanged = $derived.by(() => {
    const { current } = this;
    if (current === null) return false;
    const { text, range } = this.#query;
    if (text !== current.query) return true;
    return current.range !== null && (range.from !== current.range.from || range.to !== current.range.to);
  });
  readonly #engine: Engine;
  readonly #query: WrittenQuery;
  /** Whether the query of `wanted` is there already. */
  #isWritten = false;
  /** Whether one is being saved, renamed or deleted. */
  #isBusy = false;

  constructor(engine: Engine, query: WrittenQuery) {
    this.#engine = engine;
    this.#query = query;
  }

  async load(): Promise<void> {
    const read = await this.#engine.call('saved-search:list', this.#query.place).outcome;
    if (read.ok) this.list = read.value.savedSearches;
    this.error = read.ok ? null : read.error;
  }

  /**
   * @param name of the saved search that the page begins with
   * @param written whether its query is there already, perhaps changed, as it was left
   */
  await(name: string | undefined, { isWritten = false }: { readonly isWritten?: boolean } = {}): void {
    this.wanted = name ?? null;
    this.#isWritten = isWritten;
  }

  /** Puts what a link names into the query, which is not run. */
  async arrive(): Promise<void> {
    if (this.wanted !== null) await this.#take(this.wanted, this.#isWritten);
  }

  /** Puts a saved search into the query, and runs it. */
  async open(name: string): Promise<void> {
    if (await this.#take(name)) await this.#query.run();
  }

  revert(): void {
    if (this.current !== null) void this.open(this.current.name);
  }

  /** The query is no longer one that was saved. */
  close(): void {
    this.current = null;
    this.error = null;
    this.#query.variables.reset({});
  }

  /** Asks the user, who has read what went wrong before. */
  ask(what: 'save' | 'rename' | 'delete'): void {
    this.error = null;
    this.asking = what;
  }

  /** Keeps what is written now under the name that it has. */
  async save(): Promise<boolean> {
    const { current } = this;
    if (current === null) return false;
    return this.saveAs(current.name, { withRange: current.range !== null, defaults: current.variables });
  }

  /** @returns whether it was saved; else `error` says why */
  async saveAs(
    name: string,
    { withRange, defaults }: { readonly withRange: boolean; readonly defaults: Readonly<Record<string, string>> },
  ): Promise<boolean> {
    const { place, text, range } = this.#query;
    const names = new Set(variablesOf(text));
    const variables = Object.fromEntries(Object.entries(defaults).filter(([variable]) => names.has(variable)));
    const savedSearch: SavedSearch = { name, query: text, range: withRange ? range : null, variables };
    const known = this.current?.name === name ? this.current : null;
    const request = { ...place, savedSearch, replace: known !== null, knownMs: known?.updatedMs ?? null };
    return this.#once(async () => {
      const isKept = await this.#keep(this.#engine.call('saved-search:write', request).outcome);
      if (!isKept && known !== null) await this.#know(known.name);
      return isKept;
    });
  }

  async rename(newName: string): Promise<boolean> {
    const { current } = this;
    if (current === null) return false;
    const request = { ...this.#query.place, name: current.name, newName };
    return this.#once(() => this.#keep(this.#engine.call('saved-search:rename', request).outcome));
  }

  async delete(): Promise<boolean> {
    const { current } = this;
    if (current === null) return false;
    return this.#once(() => this.#delete(current.name));
  }

  async #delete(name: string): Promise<boolean> {
    const deleted = await this.#engine.call('saved-search:delete', { ...this.#query.place, name }).outcome;
    this.error = deleted.ok ? null : deleted.error;
    if (!deleted.ok) return false;
    this.current = null;
    // Nothing is asked about it any more, whatever is asked by now.
    if (this.asking === 'delete') this.asking = null;
    await this.load();
    return true;
  }

  /** A double click, or Enter pressed twice, asks for it again before there is an answer. */
  async #once(act: () => Promise<boolean>): Promise<boolean> {
    if (this.#isBusy) return false;
    this.#isBusy = true;
    try {
      return await act();
    } finally {
      this.#isBusy = false;
    }
  }

  async #keep(writing: Promise<Outcome<SavedSearchReport>>): Promise<boolean> {
    const written = await writing;
    this.error = written.ok ? null : written.error;
    if (!written.ok) return false;
    this.current = written.value;
    this.#query.variables.defaults = written.value.variables;
    await this.load();
    return true;
  }

  /** After it was changed or deleted elsewhere: what is written stays, and whoever saves again replaces what is there now. */
  async #know(name: string): Promise<void> {
    if (this.error?.code === 'SAVED_SEARCH_NOT_FOUND') this.current = null;
    if (this.error?.code !== 'SAVED_SEARCH_CHANGED') return;
    const read = await this.#engine.call('saved-search:read', { ...this.#query.place, name }).outcome;
    const { current } = this;
    // The default values are part of what is written, which only the query is compared with.
    if (read.ok && current !== null) {
      this.current = { ...current, query: read.value.query, updatedMs: read.value.updatedMs };
    }
  }

  /** @param isWritten whether what is written stays */
  async #take(name: string, isWritten = false): Promise<boolean> {
    const { place } = this.#query;
    const read = await this.#engine.call('saved-search:read', { ...place, name }).outcome;
    // A link stays one as long as nobody answers.
    if (read.ok || read.error.code !== 'ENGINE_GONE') this.wanted = null;
    this.error = read.ok ? null : read.error;
    if (!read.ok) return false;
    const { query, range, variables } = read.value;
    this.current = read.value;
    if (isWritten) {
      this.#query.variables.defaults = variables;
      return true;
    }
    this.#query.text = query;
    if (range !== null) this.#query.range = range;
    this.#query.variables.reset(variables);
    return true;
  }
}
