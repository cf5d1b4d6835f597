import type { ImportFacts } from '../../../src-main/contract/workspace-report';
import { fileName } from '../../services/file-name';
import { keepItem } from '../../services/settings-store';

/** Under which it is kept, for each kind of work. */
const KEYS = { import: 'natscope.importing', load: 'natscope.loading' } as const;

/** Imports or loads that were under way when a page was left, and end with it. */
export interface LeftImports {
  /** Of their files, the import that ran first. */
  readonly names: readonly string[];
  /** When that one was noted, milliseconds since 1970. */
  readonly sinceMs: number;
}

/** Remembers over a reload what was being imported, or loaded: the page that knew it is gone. */
export class ImportNote {
  readonly #storage: Storage | null;
  readonly #now: () => number;
  readonly #key: string;
  /** Of the page before this one. */
  readonly left: LeftImports | null;
  #noted: string | null = null;

  /** @param storage of this tab alone; null where nothing can be kept */
  constructor(storage: Storage | null, now: () => number = Date.now, kind: keyof typeof KEYS = 'import') {
    this.#key = KEYS[kind];
    this.#storage = storage;
    this.#now = now;
    this.left = readLeft(storage?.getItem(this.#key) ?? null);
    keepItem(storage, this.#key, null);
  }

  /** @param names of the imports that are under way, the one that runs first; none when all is done */
  write(names: readonly string[]): void {
    const text = names.join('\n');
    if (text === this.#noted) return;
    this.#noted = text;
    const left: LeftImports | null = names.length === 0 ? null : { names, sinceMs: this.#now() };
    keepItem(this.#storage, this.#key, left === null ? null : JSON.stringify(left));
  }
}

/** @returns names of those that did not end well after all; what other windows imported meanwhile says nothing of them */
export function lostImports({ names, sinceMs }: LeftImports, imports: readonly ImportFacts[]): readonly string[] {
  const finished = imports.filter(({ finishedMs }) => finishedMs >= sinceMs);
  const kept = new Set(finished.flatMap(({ captures }) => captures.map(({ path }) => fileName(path))));
  return names.filter((name) => !kept.has(name));
}

function readLeft(json: string | null): LeftImports | null {
  try {
    const left: unknown = JSON.parse(json ?? 'null');
    if (typeof left !== 'object' || left === null || !('names' in left) || !('sinceMs' in left)) return null;
    const { names, sinceMs } = left;
    if (!Array.isArray(names) || typeof sinceMs !== 'number') return null;
    return { names: names.filter((name) => typeof name === 'string'), sinceMs };
  } catch {
    return null;
  }
}
