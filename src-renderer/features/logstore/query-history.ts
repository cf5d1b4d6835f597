import { keepItem, type SettingsStore } from '../../services/settings-store';

const KEY = 'natscope.history';
const KEPT = 100;
/** What a person writes is far below; a hundred of these still fit in the 5 MB that a browser keeps for a page. */
const LONGEST_KEPT = 20_000;

/** Queries that ran, the newest last, kept over restarts; none of more than 20,000 characters. */
export class QueryHistory {
  readonly #storage: SettingsStore | null;
  #texts: readonly string[];
  /** Place in the list while one goes back; its length means the text that is being written. */
  #at: number;
  #draft = '';

  /** @param storage null where nothing can be kept */
  constructor(storage: SettingsStore | null) {
    this.#storage = storage;
    this.#texts = readTexts(storage?.getItem(KEY) ?? '[]');
    this.#at = this.#texts.length;
  }

  add(text: string): void {
    if (text.trim() !== '' && text.length <= LONGEST_KEPT) {
      this.#texts = [...this.#texts.filter((other) => other !== text), text].slice(-KEPT);
      this.#keep();
    }
    this.#at = this.#texts.length;
  }

  /** Where the storage is full the oldest ones stay in memory alone. */
  #keep(): void {
    for (let from = 0; from < this.#texts.length; from++) {
      if (keepItem(this.#storage, KEY, JSON.stringify(this.#texts.slice(from)))) return;
    }
  }

  /**
   * @param step -1 for the query before, 1 for the one after
   * @param text what is written now, to come back to
   * @returns null where the list ends
   */
  go(step: -1 | 1, text: string): string | null {
    if (this.#at === this.#texts.length) this.#draft = text;
    let next = this.#at + step;
    // What has just run, or is come back to, is written already.
    const last = this.#texts.length - 1;
    if (next === last && this.#texts[next] === this.#draft) next += step;
    if (next < 0 || next > this.#texts.length) return null;
    this.#at = next;
    return this.#texts[next] ?? this.#draft;
  }
}

function readTexts(json: string): readonly string[] {
  try {
    const texts: unknown = JSON.parse(json);
    return Array.isArray(texts)
      ? texts.filter((text): text is string => typeof text === 'string' && text.length <= LONGEST_KEPT)
      : [];
  } catch {
    return [];
  }
}
