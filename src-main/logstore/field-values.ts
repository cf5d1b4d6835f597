import type { StoredType } from '../contract/logstore';
import type { EntryBatch } from './entry-batch';
import { VALUE_KIND } from './entry-fields';
import { readDouble, readIpv4, readLong } from './octet-values';
import type { LeafType } from './schema';

/** An address of the newer family, as far as its look tells. */
function looksLikeIpv6(batch: EntryBatch, cell: number): boolean {
  const length = batch.cellEnds[cell]! - batch.cellStarts[cell]!;
  if (length < 2 || length > 45) return false;
  const text = batch.text(cell);
  return /^[0-9a-f:.]+$/iu.test(text) && (text.match(/:/gu)?.length ?? 0) >= 2;
}

/** What the values of one field have in common. */
export class FieldSurvey {
  entries = 0;
  #longs = 0;
  #numbers = 0;
  #json = 0;
  #addresses = 0;
  /** Of these, addresses of the older family, each written in the only way there is. */
  #ipv4s = 0;
  readonly #leaves = new Map<string, LeafType>();

  add(batch: EntryBatch, cell: number): void {
    const kind = batch.cellKinds[cell]!;
    const before = this.entries++;
    if (kind === VALUE_KIND.json) {
      this.#json++;
      this.#addLeaves(JSON.parse(batch.text(cell)), '', 0);
      return;
    }
    if (kind === VALUE_KIND.boolean) return;
    // What one value has ruled out need not be looked for in the others.
    if (this.#longs + this.#numbers === before && this.#addNumber(batch, cell)) return;
    if (this.#addresses === before) this.#addAddress(batch, cell);
  }

  get type(): StoredType {
    if (this.#json === this.entries) return 'json';
    if (this.#longs === this.entries) return 'long';
    if (this.#longs + this.#numbers === this.entries) return 'double';
    return this.#ipv4s === this.entries ? 'ipv4' : 'text';
  }

  get isAddress(): boolean {
    return this.#addresses === this.entries;
  }

  get leaves(): ReadonlyMap<string, LeafType> {
    return this.#leaves;
  }

  #addNumber(batch: EntryBatch, cell: number): boolean {
    if (readLong(batch.octets, batch.cellStarts[cell]!, batch.cellEnds[cell]!)) {
      this.#longs++;
      return true;
    }
    const { value, isCanonical } = readDouble(batch, cell);
    // A text that looks like a number and is written in another way is a name more often than not: 1.10, 007.
    if (Number.isNaN(value) || (batch.cellKinds[cell] === VALUE_KIND.text && !isCanonical)) return false;
    this.#numbers++;
    return true;
  }

  #addAddress(batch: EntryBatch, cell: number): void {
    const isIpv4 = readIpv4(batch.octets, batch.cellStarts[cell]!, batch.cellEnds[cell]!) !== -1;
    if (isIpv4) this.#ipv4s++;
    if (isIpv4 || looksLikeIpv6(batch, cell)) this.#addresses++;
  }

  #addLeaves(value: unknown, path: string, depth: number): void {
    if (typeof value === 'object' && value !== null) {
      // Lists, and what is in them, cannot be indexed. @see sls-logstore.md §2
      if (Array.isArray(value) || depth === MAX_LEAF_DEPTH) return;
      for (const [key, each] of Object.entries(value)) {
        // A dot of a name cannot be told from that between two.
        if (key !== '' && !key.includes('.')) this.#addLeaves(each, path === '' ? key : `${path}.${key}`, depth + 1);
      }
      return;
    }
    if (path === '' || value === null) return;
    const type = typeof value !== 'number' ? 'text' : Number.isSafeInteger(value) ? 'long' : 'double';
    const before = this.#leaves.get(path);
    if (before === undefined && this.#leaves.size >= MAX_LEAVES) return;
    this.#leaves.set(path, before === undefined ? type : commonLeaf(before, type));
  }
}

/** Deeper ones are in the value, and have no place in an index of their own. */
const MAX_LEAF_DEPTH = 64;

/** Of one field: values that have names for keys are no reason to index thousands. */
const MAX_LEAVES = 200;

export function commonLeaf(one: LeafType, other: LeafType): LeafType {
  if (one === other) return one;
  return one === 'text' || other === 'text' ? 'text' : 'double';
}
