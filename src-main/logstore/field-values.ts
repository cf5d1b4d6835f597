import type { StoredType } from '../contract/logstore';
import type { EntryField } from './entry-fields';
import type { LeafType } from './schema';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/u;
const IPV4 = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/u;

/** @returns null for what is no whole number of 64 bits, or written in another way than its digits: `007`, `+1` */
export function longOf(text: string): bigint | null {
  if (!/^(?:0|-?[1-9]\d{0,18})$/u.test(text)) return null;
  const value = BigInt(text);
  return value >= INT64_MIN && value <= INT64_MAX ? value : null;
}

/** @returns null for what is no finite number */
export function doubleOf(text: string): number | null {
  if (!NUMBER.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** @returns in host order; null for what is no IPv4 address */
export function ipv4Of(text: string): number | null {
  if (!IPV4.test(text)) return null;
  const octets = text.split('.').map(Number);
  if (octets.some((octet) => octet > 255)) return null;
  return octets.reduce((address, octet) => address * 256 + octet, 0);
}

/** An address of either family, as far as its look tells. */
export function isAddress(text: string): boolean {
  return ipv4Of(text) !== null || (/^[0-9a-f:.]{2,45}$/iu.test(text) && (text.match(/:/gu)?.length ?? 0) >= 2);
}

/** A value as its column takes it. */
export interface ColumnValue {
  /** Null where it does not fit. */
  readonly value: bigint | number | string | null;
  /** Whether its text says more than the column, so that it has to be kept beside it. */
  readonly keepsText: boolean;
}

export function columnValue({ kind, text }: Pick<EntryField, 'kind' | 'text'>, type: StoredType): ColumnValue {
  switch (type) {
    case 'text':
      return { value: text, keepsText: false };
    case 'json':
      return kind === 'json' ? { value: text, keepsText: false } : { value: null, keepsText: true };
    case 'long': {
      const value = longOf(text);
      return { value, keepsText: value === null };
    }
    case 'ipv4': {
      const value = ipv4Of(text);
      return { value, keepsText: value === null };
    }
    case 'double': {
      const value = doubleOf(text);
      // Of a number, digits count; of a text such as a version, every character.
      return { value, keepsText: value === null || (kind === 'text' && String(value) !== text) };
    }
  }
}

/** What the values of one field have in common. */
export class FieldSurvey {
  entries = 0;
  #longs = 0;
  #numbers = 0;
  #json = 0;
  #addresses = 0;
  readonly #leaves = new Map<string, LeafType>();

  add({ kind, text }: EntryField): void {
    this.entries++;
    if (kind === 'json') {
      this.#json++;
      this.#addLeaves(JSON.parse(text), '');
      return;
    }
    if (kind === 'boolean') return;
    if (longOf(text) !== null) this.#longs++;
    // A text that looks like a number and is written in another way is a name more often than not: 1.10, 007.
    else if (kind === 'number' || String(Number(text)) === text) this.#numbers += doubleOf(text) === null ? 0 : 1;
    else if (isAddress(text)) this.#addresses++;
  }

  get type(): StoredType {
    if (this.#json === this.entries) return 'json';
    if (this.#longs === this.entries) return 'long';
    return this.#longs + this.#numbers === this.entries ? 'double' : 'text';
  }

  get isAddress(): boolean {
    return this.#addresses === this.entries;
  }

  get leaves(): ReadonlyMap<string, LeafType> {
    return this.#leaves;
  }

  #addLeaves(value: unknown, path: string): void {
    if (typeof value === 'object' && value !== null) {
      // Lists, and what is in them, cannot be indexed. @see sls-logstore.md §2
      if (Array.isArray(value)) return;
      for (const [key, each] of Object.entries(value)) {
        // A dot of a name cannot be told from that between two.
        if (key !== '' && !key.includes('.')) this.#addLeaves(each, path === '' ? key : `${path}.${key}`);
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

/** Of one field: values that have names for keys are no reason to index thousands. */
const MAX_LEAVES = 200;

export function commonLeaf(one: LeafType, other: LeafType): LeafType {
  if (one === other) return one;
  return one === 'text' || other === 'text' ? 'text' : 'double';
}
