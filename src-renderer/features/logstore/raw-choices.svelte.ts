import { keepItem, type SettingsStore } from '../../services/settings-store';
import { AS_THEY_ARE, ColumnChoice, type ChosenColumns } from './column-choice.svelte';
import type { LogstorePlace } from './logstore-state.svelte';

export const RAW_VIEWS = ['table', 'raw', 'json'] as const;
export type RawView = (typeof RAW_VIEWS)[number];

const KEY = 'natscope.raw';
/** Logstores whose columns are remembered. */
const KEPT_LOGSTORES = 50;

/** How raw logs are shown, kept over restarts: for all Logstores in which view, for each of them its columns. */
export class RawChoices {
  view = $state<RawView>('table');
  /** Whether long values go on in a line below. */
  wraps = $state(false);
  /** Whether columns are being chosen. */
  isChoosing = $state(false);
  readonly #storage: SettingsStore | null;
  /** By `project/logstore`, the one that was changed last at the end. */
  readonly #kept: Map<string, ChosenColumns>;
  readonly #choices = new Map<string, ColumnChoice>();

  /** @param storage null where nothing can be kept */
  constructor(storage: SettingsStore | null) {
    this.#storage = storage;
    const { view, wraps, columns } = readKept(storage?.getItem(KEY) ?? '{}');
    this.view = view;
    this.wraps = wraps;
    this.#kept = columns;
  }

  columns({ project, logstore }: LogstorePlace): ColumnChoice {
    const key = `${project}/${logstore}`;
    const already = this.#choices.get(key);
    if (already !== undefined) return already;
    const choice: ColumnChoice = new ColumnChoice(this.#kept.get(key) ?? AS_THEY_ARE, () => {
      this.#kept.delete(key);
      if (!choice.isAsItWas) this.#kept.set(key, choice.chosen);
      this.#keep();
    });
    this.#choices.set(key, choice);
    return choice;
  }

  show(view: RawView): void {
    this.view = view;
    this.#keep();
  }

  wrap(wraps: boolean): void {
    this.wraps = wraps;
    this.#keep();
  }

  #keep(): void {
    const { view, wraps } = this;
    const columns = [...this.#kept].slice(-KEPT_LOGSTORES);
    keepItem(this.#storage, KEY, JSON.stringify({ view, wraps, columns }));
  }
}

interface Kept {
  readonly view: RawView;
  readonly wraps: boolean;
  readonly columns: Map<string, ChosenColumns>;
}

/** What cannot be read is as if nothing was chosen. */
function readKept(json: string): Kept {
  let kept: unknown;
  try {
    kept = JSON.parse(json);
  } catch {
    kept = null;
  }
  const { view, wraps, columns } = isRecord(kept) ? kept : {};
  const pairs = Array.isArray(columns) ? columns.filter(isPair) : [];
  return {
    view: RAW_VIEWS.find((each) => each === view) ?? 'table',
    wraps: wraps === true,
    columns: new Map(pairs),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPair(value: unknown): value is [string, ChosenColumns] {
  if (!Array.isArray(value) || typeof value[0] !== 'string' || !isRecord(value[1])) return false;
  const { order, hidden, widths } = value[1];
  return areTexts(order) && areTexts(hidden) && isRecord(widths) && Object.values(widths).every(Number.isFinite);
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}
