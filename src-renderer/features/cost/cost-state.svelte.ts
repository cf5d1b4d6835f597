import type { CostReport } from '../../../src-main/contract/cost';
import type { ErrorShape } from '../../../src-main/contract/errors';
import { FIELD_SPELLINGS, SESSION_LOG_FIELDS, spelledField } from '../../../src-main/contract/log-entry';
import type { LogstoreName } from '../../../src-main/contract/logstore';
import type { Engine } from '../../services/engine-connection.svelte';
import type { CostIndex } from './cost-rows';

const NAMES: readonly string[] = SESSION_LOG_FIELDS.map(({ name }) => name);
export const ALL_FIELDS: CostIndex = { fields: new Set(NAMES), hasFullText: false };
export const NO_FIELDS: CostIndex = { fields: new Set(), hasFullText: false };
export const FULL_TEXT: CostIndex = { fields: new Set(), hasFullText: true };

/** What a session log of the traffic of one import would store. A newer question owns the state. */
export class CostState {
  report = $state.raw<CostReport | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  index = $state.raw<CostIndex>(ALL_FIELDS);
  /** That of the Logstore; null without one. */
  ownIndex = $state.raw<CostIndex | null>(null);
  /** Why windows of a length that was asked for cannot be told of. */
  refused = $state.raw<ErrorShape | null>(null);
  readonly #engine: Engine;
  #asked: number | null = null;
  /** Entries of the import when it was asked last. */
  #entries = 0;
  #generation = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Looks at an import; what is indexed begins as the Logstore has it. One that is looked at is counted again when it has other
   * entries, as one that is live.
   */
  async open(run: number, { project, logstore }: LogstoreName, entries: number): Promise<void> {
    const hasOthers = entries !== this.#entries;
    this.#entries = entries;
    if (run === this.#asked) {
      if (hasOthers && this.report !== null) await this.#countAgain(this.report);
      return;
    }
    this.#asked = run;
    const generation = ++this.#generation;
    this.report = null;
    this.error = null;
    this.refused = null;
    const [read, index] = await Promise.all([
      this.#engine.call('cost:read', { run, windowSecs: [] }).outcome,
      this.#engine.call('index:read', { project, logstore }).outcome,
    ]);
    if (generation !== this.#generation) return;
    if (!read.ok) {
      this.error = read.error;
      this.#asked = null;
      return;
    }
    const config = index.ok ? index.value.config : null;
    this.ownIndex =
      config === null ? null : { fields: fieldsIn(Object.keys(config.keys)), hasFullText: config.line !== undefined };
    this.index = this.ownIndex ?? ALL_FIELDS;
    this.report = read.value;
    if (entries !== this.#entries) await this.#countAgain(read.value);
  }

  async #countAgain({ run, windows }: CostReport): Promise<void> {
    const generation = this.#generation;
    const windowSecs = windows.map(({ windowSec }) => windowSec);
    const read = await this.#engine.call('cost:read', { run, windowSecs }).outcome;
    if (generation === this.#generation && read.ok) this.#merge(read.value);
  }

  /** Windows of each length as they were told last. */
  #merge({ windows, ...facts }: CostReport): void {
    const byLength = new Map([...(this.report?.windows ?? []), ...windows].map((each) => [each.windowSec, each]));
    this.report = { ...facts, windows: [...byLength.values()].sort((one, other) => one.windowSec - other.windowSec) };
  }

  /** One that is looked at by itself: full text, which has all fields at once, is over with it. */
  setField(name: string, isIndexed: boolean): void {
    const fields = new Set(this.index.fields);
    if (isIndexed) fields.add(name);
    else fields.delete(name);
    this.index = { fields, hasFullText: false };
  }

  /** Windows of one more length. @returns whether they can be told of; else `refused` says why not */
  async addWindow(windowSec: number): Promise<boolean> {
    const { report } = this;
    if (report === null) return false;
    const generation = this.#generation;
    this.refused = null;
    const read = await this.#engine.call('cost:read', { run: report.run, windowSecs: [windowSec] }).outcome;
    if (generation !== this.#generation) return false;
    if (read.ok) this.#merge(read.value);
    else this.refused = read.error;
    return read.ok;
  }
}

/** Those of session logs, in whichever spelling they are indexed. */
function fieldsIn(keys: readonly string[]): ReadonlySet<string> {
  return new Set(
    NAMES.filter((name) => FIELD_SPELLINGS.some((spelling) => keys.includes(spelledField(name, spelling)))),
  );
}
