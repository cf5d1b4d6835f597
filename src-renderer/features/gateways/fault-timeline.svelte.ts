import type { DeliveryEvent, DeliveryPreset, DeliveryReport } from '../../../src-main/contract/delivery';
import type { ErrorShape } from '../../../src-main/contract/errors';
import type { LogstoreName } from '../../../src-main/contract/logstore';
import type { ImportFacts } from '../../../src-main/contract/workspace-report';
import type { Engine } from '../../services/engine-connection.svelte';
import {
  readFault,
  scriptFile,
  withFault,
  withoutFault,
  withSpan,
  type FaultSpan,
  type ScriptFile,
  type WrittenFault,
} from './script-file';
import { axisOf, changeNear, lostOf, statusAt, tellingSec } from './timeline';

/** Attempts that are read at once. */
export const EVENTS_PER_READ = 200;

/** What is edited in a dialog: one fault, by its place in the script, or all of it. */
export type Editing = { readonly kind: 'fault'; readonly index: number | null } | { readonly kind: 'json' };

export interface FaultTimelineListeners {
  /** The Logstore has other entries now. */
  readonly onApplied: (place: LogstoreName, delivered: number, lost: number) => void;
  /** A script is to be a file. @returns what is wrong with it; null for nothing */
  readonly onSave: (script: ScriptFile, name: string) => Promise<ErrorShape | null>;
}

/** What becomes of the entries of one import: as it was, or as it would be by a script. A newer question owns the state. */
export class FaultTimelineState {
  run = $state.raw<number | null>(null);
  /** What is looked at and not applied; null for the deliveries that were made. */
  script = $state.raw<ScriptFile | null>(null);
  preset = $state.raw<DeliveryPreset | null>(null);
  presets = $state.raw<readonly DeliveryPreset[]>([]);
  report = $state.raw<DeliveryReport | null>(null);
  events = $state.raw<readonly DeliveryEvent[]>([]);
  /** All that there are of those that are shown. */
  eventCount = $state(0);
  onlyRemarkable = $state(true);
  atSec = $state(0);
  error = $state.raw<ErrorShape | null>(null);
  editing = $state.raw<Editing | null>(null);
  /** What is wrong with what is edited. */
  refused = $state.raw<ErrorShape | null>(null);
  isBusy = $state(false);
  /** Of the table of windows; null while it is closed. */
  windowsShown = $state<'all' | 'incomplete' | null>(null);
  /** Null without a window, as of an import that nothing was translated of. */
  readonly axis = $derived.by(() => (this.report?.windows.length ? axisOf(this.report) : null));
  readonly status = $derived.by(() =>
    this.report === null || this.axis === null ? null : statusAt(this.report.statuses, this.atSec),
  );
  readonly #engine: Engine;
  readonly #listeners: FaultTimelineListeners;
  #generation = 0;
  /** The move that is under way. */
  #moving: Promise<boolean> | null = null;

  constructor(engine: Engine, listeners: FaultTimelineListeners) {
    this.#engine = engine;
    this.#listeners = listeners;
  }

  /** The script that is shown, as a file. */
  get file(): ScriptFile {
    return this.script ?? (this.report === null ? {} : scriptFile(this.report.script));
  }

  /** Looks at the newest of these imports that has entries, or at the newest, unless it looks at one of them. */
  async follow(imports: readonly Pick<ImportFacts, 'run' | 'logEntries'>[]): Promise<void> {
    if (imports.some(({ run }) => run === this.run)) return;
    const shown = imports.find(({ logEntries }) => logEntries > 0) ?? imports[0];
    await this.open(shown?.run ?? null);
  }

  /** Looks at an import; at none, everything is forgotten. */
  async open(run: number | null): Promise<void> {
    if (run === this.run) return;
    this.run = run;
    this.report = null;
    this.events = [];
    this.#close();
    await this.discard();
    if (run === null || this.presets.length > 0) return;
    const presets = await this.#engine.call('delivery:presets', {}).outcome;
    if (presets.ok) this.presets = presets.value.presets;
  }

  /** More may have been delivered: it is read again, unless a script is tried, and whoever looks at the end goes on to the new one. */
  async refresh(): Promise<void> {
    const { run, report, script, editing, isBusy } = this;
    if (run === null || report === null || script !== null || editing !== null || isBusy) return;
    const generation = this.#generation;
    const read = await this.#engine.call('delivery:read', { run, script: null }).outcome;
    if (generation !== this.#generation || !read.ok) return;
    const isAtEnd = this.atSec >= report.endSec;
    this.#take(read.value, null);
    if (isAtEnd) this.moveTo(read.value.endSec);
    if (this.events.length <= EVENTS_PER_READ) await this.#readEvents(0);
  }

  /** Back to the deliveries that were made. */
  async discard(): Promise<void> {
    this.preset = null;
    await this.#show(null, null);
  }

  async choosePreset(name: string): Promise<void> {
    const preset = this.presets.find((each) => each.name === name);
    if (preset === undefined) return;
    if (await this.#show(preset.script, preset.name)) this.preset = preset;
  }

  /** Opens a dialog, with the faults where they have been moved to: what comes after it would close it. */
  async edit(editing: Editing): Promise<void> {
    const { run } = this;
    if (this.#moving !== null) await this.#moving;
    if (run !== this.run) return;
    this.refused = null;
    this.editing = editing;
  }

  closeEditor(): void {
    this.#close();
  }

  /** @returns whether the engine could read it; else it says in the dialog what is wrong */
  saveFault(fault: WrittenFault): Promise<boolean> {
    const index = this.editing?.kind === 'fault' ? this.editing.index : null;
    return this.takeScript(withFault(this.file, index, readFault(fault)));
  }

  removeFault(index: number): Promise<boolean> {
    return this.takeScript(withoutFault(this.file, index));
  }

  /** @param staysAt whether the time that is looked at stays as it is */
  async takeScript(script: ScriptFile, staysAt = false): Promise<boolean> {
    const isTaken = await this.#show(script, null, staysAt);
    if (isTaken) this.preset = null;
    return isTaken;
  }

  async saveScript(script: ScriptFile): Promise<void> {
    this.refused = null;
    this.refused = await this.#listeners.onSave(script, `delivery-run-${this.run ?? 0}.json`);
  }

  /** Moves or stretches a fault, which is a preview until it is applied. */
  async moveFault(index: number, span: FaultSpan): Promise<boolean> {
    const moving = this.#moveAfter(this.#moving, index, span);
    this.#moving = moving;
    const isMoved = await moving;
    if (this.#moving === moving) this.#moving = null;
    return isMoved;
  }

  /** @param before whose script this one changes; where that is not taken, it is not */
  async #moveAfter(before: Promise<boolean> | null, index: number, span: FaultSpan): Promise<boolean> {
    if (before !== null && !(await before)) return false;
    const { report } = this;
    return report !== null && this.takeScript(withSpan(this.file, index, span, report.startSec), true);
  }

  /** The windows of which entries did not arrive. */
  showLost(): void {
    this.windowsShown = 'incomplete';
  }

  async apply(): Promise<void> {
    const { run, script } = this;
    if (run === null || script === null || this.isBusy) return;
    const generation = ++this.#generation;
    this.isBusy = true;
    const applied = await this.#engine.call('delivery:apply', { run, script }).outcome;
    if (generation === this.#generation) {
      this.isBusy = false;
      if (applied.ok) this.#take(applied.value, null);
      else this.error = applied.error;
    }
    if (!applied.ok) return;
    const { project, logstore, totals } = applied.value;
    this.#listeners.onApplied({ project, logstore }, totals.delivered, lostOf(totals));
    if (generation === this.#generation) await this.#readEvents(0);
  }

  async showOnly(onlyRemarkable: boolean): Promise<void> {
    this.onlyRemarkable = onlyRemarkable;
    await this.#readEvents(0);
  }

  readMore(): Promise<void> {
    return this.#readEvents(this.events.length);
  }

  /** Moves the time that is looked at, and keeps it on the axis. */
  moveTo(sec: number): void {
    if (this.axis !== null) this.atSec = Math.min(this.axis.endSec, Math.max(this.axis.startSec, Math.round(sec)));
  }

  /** @returns whether the key moves the time */
  onKey(key: string, isFar: boolean): boolean {
    const { report } = this;
    const step = { ArrowLeft: -10, ArrowDown: -10, ArrowRight: 10, ArrowUp: 10 }[key];
    if (step !== undefined) {
      this.moveTo(this.atSec + step * (isFar ? 10 : 1));
      return true;
    }
    const direction = ({ n: 1, p: -1 } as const)[key.toLowerCase()];
    if (direction === undefined || report === null) return false;
    this.moveTo(changeNear(report.statuses, this.atSec, direction) ?? this.atSec);
    return true;
  }

  #close(): void {
    this.editing = null;
    this.refused = null;
  }

  /** @param code that is to be looked at. @returns whether there is a report of it */
  async #show(script: ScriptFile | null, code: string | null, staysAt = false): Promise<boolean> {
    const { run } = this;
    const generation = ++this.#generation;
    this.error = null;
    this.refused = null;
    this.isBusy = run !== null;
    if (run === null) return false;
    const read = await this.#engine.call('delivery:read', { run, script }).outcome;
    if (generation !== this.#generation) return false;
    this.isBusy = false;
    if (!read.ok) {
      if (this.editing === null) this.error = read.error;
      else this.refused = read.error;
      return false;
    }
    this.#close();
    this.#take(read.value, script);
    this.moveTo(staysAt ? this.atSec : tellingSec(read.value, code));
    await this.#readEvents(0);
    return true;
  }

  #take(report: DeliveryReport, script: ScriptFile | null): void {
    this.report = report;
    this.script = script;
    this.error = null;
  }

  /** @param first how many are there already */
  async #readEvents(first: number): Promise<void> {
    const { run, script, onlyRemarkable } = this;
    if (run === null) return;
    const generation = this.#generation;
    const request = { run, script, onlyRemarkable, first, most: EVENTS_PER_READ };
    const read = await this.#engine.call('delivery:events', request).outcome;
    if (generation !== this.#generation || onlyRemarkable !== this.onlyRemarkable) return;
    if (!read.ok) this.error = read.error;
    else {
      this.events = first === 0 ? read.value.events : [...this.events, ...read.value.events];
      this.eventCount = read.value.total;
    }
  }
}
