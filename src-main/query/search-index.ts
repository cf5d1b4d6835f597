import { DEFAULT_DELIMITERS } from '../contract/index-config';
import type { LogIndex, LogRelation, LogRelationField, LogRelationLine, TermOptions } from './log-relation';

const SOURCE = '__source__';

/**
 * The field that a key names: exactly, or else without regard to case. `source` is short for `__source__`, so that a field
 * of that name is reached as `Source`.
 * @see sls-logstore.md §1.4 and §1.8
 */
export function findField({ fields }: LogIndex, key: string): LogRelationField | undefined {
  const named = (name: string): LogRelationField | undefined => fields.find((field) => field.name === name);
  const exact = (key === 'source' ? named(SOURCE) : undefined) ?? named(key);
  if (exact !== undefined) return exact;
  const folded = key.toLowerCase();
  return fields.find(({ name }) => name.toLowerCase() === folded);
}

/**
 * The import that an entry is of, which no index has to name: what is counted of one import is found by it. It is none of the
 * vendor's fields, so its console does not know it.
 */
const RUN_FIELD: LogRelationField = { name: '__run__', type: 'long', expression: 'entry.run_id' };

/** The field of that name which every entry has, whatever is indexed. */
export function findOwnField(
  { beside = [] }: { readonly beside?: LogRelation['beside'] | undefined },
  key: string,
): LogRelationField | undefined {
  return [RUN_FIELD, ...beside].find(({ name }) => name === key);
}

/** How a field of text is cut and compared. */
export function optionsOf({ token = [], caseSensitive = false, chn = false }: LogRelationField): TermOptions {
  return { token, caseSensitive, chn };
}

/** What words without a field are searched in. */
export interface FullText {
  readonly line: LogRelationLine;
  /** Expressions of the fields whose names are searched too. */
  readonly keys: LogRelationLine['fields'];
}

/**
 * The full-text index; without one, the fields of text, cut by the vendor's delimiters; null when there are none either.
 * Names of numbers are searched, their values are not.
 * @see sls-logstore.md §1.4
 */
export function fullTextOf({ fields, line }: LogIndex): FullText | null {
  if (line !== undefined) {
    const numbers = fields.filter(({ type }) => type === 'long' || type === 'double');
    return { line, keys: [...line.fields, ...numbers] };
  }
  const texts = fields.filter(({ type, name }) => (type === 'text' || type === 'ipv4') && !name.startsWith('__tag__:'));
  if (texts.length === 0) return null;
  return { line: { token: DEFAULT_DELIMITERS, caseSensitive: false, chn: false, fields: texts }, keys: [] };
}

/** Insertions, deletions, replacements and swaps of neighbours that make one word the other. */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwap = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current.push(
        Math.min(
          rows[row - 1]![column]! + 1,
          current[column - 1]! + 1,
          rows[row - 1]![column - 1]! + (isSame ? 0 : 1),
          isSwap ? rows[row - 2]![column - 2]! + 1 : Infinity,
        ),
      );
    }
    rows.push(current);
  }
  return rows[one.length]![other.length]!;
}

/** Longer keys are no slips of the hand, and comparing them would take its time. */
const LONGEST_SLIP = 64;

/** @returns the name of the field that a key was probably meant to be: at most two slips away, and fewer than half of it */
export function nearestField({ fields }: LogIndex, key: string): string | null {
  if (key.length > LONGEST_SLIP) return null;
  const folded = key.toLowerCase();
  const near = fields
    .filter(({ name }) => Math.abs(name.length - key.length) <= 2)
    .map(({ name }) => ({ name, slips: distance(folded, name.toLowerCase()) }))
    .filter(({ slips }) => slips <= 2 && slips * 2 < key.length)
    .sort((one, other) => one.slips - other.slips);
  return near[0]?.name ?? null;
}
