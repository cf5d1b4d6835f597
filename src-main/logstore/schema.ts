import type { SchemaField } from '../contract/logstore';

/** The types that leaves of JSON values are indexed as. @see sls-logstore.md §2 */
export type LeafType = 'text' | 'long' | 'double';

/** What is known of the values of a field, beside their type. */
export interface FieldHints {
  /** They are addresses, so that an index of them has no delimiters. */
  readonly isAddress?: boolean;
  /** Stored as addresses of IPv4, and other values were loaded as well, so that it is read as text. */
  readonly isMixed?: boolean;
  /** Values were loaded that are not of its type, and are kept as text. */
  readonly hasMisfits?: boolean;
  /** Of JSON values: the paths to what is neither an object nor in a list, as `info.param.name`. */
  readonly leaves?: Readonly<Record<string, LeafType>>;
}

/** A field of a Logstore as it is stored. */
export interface StoredField extends SchemaField {
  /** Of the table; null where the value is in the entry's extra, as text. */
  readonly column: string | null;
  readonly hints: FieldHints;
}

/** Fields of the vendor that every log may have. They are text, and one term each. @see sls-logstore.md §1.4, §1.8 */
export function isReservedField(name: string): boolean {
  return name === '__topic__' || name === '__source__' || name.startsWith('__tag__:');
}

/** Names that only the vendor writes; `__time__` is the time of the entry. @see sls-logstore.md §1.8 */
export const UNWRITABLE_FIELDS: readonly string[] = ['__partition_time__', '_extract_others_', '__extract_others__'];

/** @see sls-logstore.md §5.1 */
const MAX_NAME_BYTES = 128;

/** @returns what is wrong with the name of a field, as the rest of a sentence; null when nothing is */
export function faultOfFieldName(name: string): string | null {
  if (name === '') return 'is empty';
  // Every character takes one to four octets, so short names need no counting.
  const octets = name.length * 4 <= MAX_NAME_BYTES ? 0 : utf8Length(name);
  if (octets > MAX_NAME_BYTES) return `has ${octets} bytes instead of at most ${MAX_NAME_BYTES}`;
  return /\p{Cc}/u.test(name) ? 'has a control character' : null;
}

function utf8Length(text: string): number {
  let octets = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    octets += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return octets;
}
