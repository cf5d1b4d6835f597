import { faultOfFieldName } from './schema';
import { utf8Octets } from './utf8';

/** Names with ids that stay: a log has the same in every entry, as long as there are not too many. */
export const LASTING_NAMES = 5000;

/**
 * Names of fields by small ids, in the order in which they are met. Ids from `LASTING_NAMES` on hold until `forget`.
 */
export class FieldNames {
  readonly #texts: string[] = [];
  readonly #octets: Uint8Array[] = [];
  /** What is wrong with a name, as the rest of a sentence; null for nothing. */
  readonly #faults: (string | null)[] = [];
  readonly #ids = new Map<string, number>();
  /** By id + 1: the name that came behind it the last time; entries of one kind have their fields in one order. */
  readonly #followers: number[] = [];

  idOf(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#texts.length;
    this.#ids.set(text, id);
    this.#texts.push(text);
    this.#octets.push(utf8Octets(text));
    this.#faults.push(faultOfFieldName(text));
    return id;
  }

  textOf(id: number): string {
    return this.#texts[id] ?? '';
  }

  octetsOf(id: number): Uint8Array {
    return this.#octets[id]!;
  }

  faultOf(id: number): string | null {
    return this.#faults[id] ?? null;
  }

  /** @param before -1 for the beginning of an entry. @returns the name to expect; -1 for none */
  followerOf(before: number): number {
    return this.#followers[before + 1] ?? -1;
  }

  follow(before: number, id: number): void {
    if (before < LASTING_NAMES && id < LASTING_NAMES) this.#followers[before + 1] = id;
  }

  /** Forgets the names that do not last, so that a file with a name for every value does not fill the memory. */
  forget(): void {
    for (let id = LASTING_NAMES; id < this.#texts.length; id++) this.#ids.delete(this.#texts[id] ?? '');
    for (const list of [this.#texts, this.#octets, this.#faults]) list.length = Math.min(list.length, LASTING_NAMES);
  }
}

/** What somebody keeps for each name; asked for once for those that last. */
export class ByName<T> {
  readonly #names: FieldNames;
  readonly #find: (name: string) => T;
  readonly #lasting: T[] = [];

  constructor(names: FieldNames, find: (name: string) => T) {
    this.#names = names;
    this.#find = find;
  }

  of(id: number): T {
    return this.#lasting[id] ?? this.#meet(id);
  }

  #meet(id: number): T {
    const found = this.#find(this.#names.textOf(id));
    if (id < LASTING_NAMES) this.#lasting[id] = found;
    return found;
  }
}
