const KEY = 'natscope.history';
const KEPT = 100;

/** Queries that ran, the newest last, kept over restarts. */
export class QueryHistory {
  readonly #storage: Storage | null;
  #texts: readonly string[];
  /** Place in the list while one goes back; its length means the text that is being written. */
  #at: number;
  #draft = '';

  /** @param storage null where nothing can be kept */
  constructor(storage: Storage | null) {
    this.#storage = storage;
    this.#texts = readTexts(storage?.getItem(KEY) ?? '[]');
    this.#at = this.#texts.length;
  }

  add(text: string): void {
    if (text.trim() !== '') {
      this.#texts = [...this.#texts.filter((other) => other !== text), text].slice(-KEPT);
      this.#storage?.setItem(KEY, JSON.stringify(this.#texts));
    }
    this.#at = this.#texts.length;
  }

  /**
   * @param step -1 for the query before, 1 for the one after
   * @param text what is written now, to come back to
   * @returns null where the list ends
   */
  go(step: -1 | 1, text: string): string | null {
    if (this.#at === this.#texts.length) this.#draft = text;
    const next = this.#at + step;
    if (next < 0 || next > this.#texts.length) return null;
    this.#at = next;
    return this.#texts[next] ?? this.#draft;
  }
}

function readTexts(json: string): readonly string[] {
  try {
    const texts: unknown = JSON.parse(json);
    return Array.isArray(texts) ? texts.filter((text) => typeof text === 'string') : [];
  } catch {
    return [];
  }
}
