import { keepItem } from '../../services/settings-store';
import type { LogstoreState } from './logstore-state.svelte';

const KEY = 'natscope.query';

type Noted = Pick<LogstoreState, 'text' | 'range' | 'tab' | 'isNewestFirst'>;

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

  /** The first Logstore that is opened has it back, if it is the one that was left. */
  restore(logs: LogstoreState): void {
    const noted = readNoted(this.#left, placeKey(logs));
    this.#left = null;
    if (noted !== null) Object.assign(logs, noted);
  }

  /** @param logs null while none is looked at, which forgets nothing */
  write(logs: LogstoreState | null): void {
    if (logs === null) return;
    const { text, range, tab, isNewestFirst } = logs;
    keepItem(this.#storage, KEY, JSON.stringify({ place: placeKey(logs), text, range, tab, isNewestFirst }));
  }
}

function placeKey({ place }: LogstoreState): string {
  return `${place.project}/${place.logstore}`;
}

function readNoted(json: string | null, placed: string): Noted | null {
  try {
    const left: unknown = JSON.parse(json ?? 'null');
    if (typeof left !== 'object' || left === null) return null;
    const { place, text, range, tab, isNewestFirst } = left as Partial<Noted> & { readonly place?: unknown };
    const isWhole = typeof text === 'string' && typeof isNewestFirst === 'boolean' && typeof range === 'object';
    if (place !== placed || !isWhole || (tab !== 'raw' && tab !== 'graph' && tab !== 'explain')) return null;
    const [from, to] = [range.from, range.to].map((end) => (typeof end === 'string' ? end : null));
    return { text, range: { from: from ?? null, to: to ?? null }, tab, isNewestFirst };
  } catch {
    return null;
  }
}
