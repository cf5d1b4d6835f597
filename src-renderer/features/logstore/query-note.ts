import { keepItem } from '../../services/settings-store';
import type { LogstoreState } from './logstore-state.svelte';

const KEY = 'natscope.query';

type Shown = Pick<LogstoreState, 'text' | 'range' | 'tab' | 'isNewestFirst'>;

interface Noted {
  readonly shown: Shown;
  /** What was typed for the variables of the query. */
  readonly typed: Readonly<Record<string, string>>;
  /** Name of the saved search that was open, which the query may differ from. */
  readonly saved: string | undefined;
}

/** Remembers over a reload what was written for the Logstore that is looked at, and how its answer was shown. */
export class QueryNote {
  readonly #storage: Storage | null;
  /** Of the page before this one, until it is used. */
  #left: string | null;

  /** @param storage of this tab alone; null where nothing can be kept */
  constructor(storage: Storage | null) {
    this.#storage = storage;
    this.#left = storage?.getItem(KEY) ?? null;
  }

  /** The first Logstore that is opened has it back, if it is the one that was left, with the saved search that its link names. */
  restore(logs: LogstoreState): void {
    const noted = readNoted(this.#left, placeKey(logs));
    this.#left = null;
    const { saved } = logs;
    if (noted === null || noted.saved !== (saved.wanted ?? undefined)) return;
    Object.assign(logs, noted.shown);
    logs.variables.typed = noted.typed;
    saved.await(noted.saved, { isWritten: true });
  }

  /** @param logs null while none is looked at, which forgets nothing */
  write(logs: LogstoreState | null): void {
    if (logs === null) return;
    const { text, range, tab, isNewestFirst } = logs;
    const { typed } = logs.variables;
    const saved = logs.saved.wanted ?? logs.saved.current?.name;
    const note = { place: placeKey(logs), text, range, tab, isNewestFirst, typed, saved };
    keepItem(this.#storage, KEY, JSON.stringify(note));
  }
}

function placeKey({ place }: LogstoreState): string {
  return `${place.project}/${place.logstore}`;
}

interface LeftBeside {
  readonly place?: unknown;
  readonly typed?: unknown;
  readonly saved?: unknown;
}

function readTyped(typed: unknown): Noted['typed'] {
  if (typeof typed !== 'object' || typed === null) return {};
  return Object.fromEntries(
    Object.entries(typed).filter((each): each is [string, string] => typeof each[1] === 'string'),
  );
}

function readNoted(json: string | null, placed: string): Noted | null {
  try {
    const left: unknown = JSON.parse(json ?? 'null');
    if (typeof left !== 'object' || left === null) return null;
    const { place, text, range, tab, isNewestFirst, typed, saved } = left as Partial<Shown> & LeftBeside;
    const isWhole = typeof text === 'string' && typeof isNewestFirst === 'boolean' && typeof range === 'object';
    if (place !== placed || !isWhole || (tab !== 'raw' && tab !== 'graph' && tab !== 'explain')) return null;
    const [from, to] = [range.from, range.to].map((end) => (typeof end === 'string' ? end : null));
    const shown = { text, range: { from: from ?? null, to: to ?? null }, tab, isNewestFirst };
    return { shown, typed: readTyped(typed), saved: typeof saved === 'string' ? saved : undefined };
  } catch {
    return null;
  }
}
