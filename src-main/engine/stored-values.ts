import { SESSION_LOG_FIELDS, type LogField } from '../contract/log-entry';
import type { SchemaKind, StoredType } from '../contract/logstore';
import type { Dimension, Dimensions } from '../duckdb/catalogue';
import { quoteText } from '../duckdb/quote';
import type { LeafType, StoredField } from '../logstore/schema';
import { ipv4Text } from '../query/ipv4-text';
import { UNPACKED } from '../query/log-relation';

/** Fields without a column that are looked up each by itself, which spares those that a query does not read. */
const MAX_PACKED = 16;

/** A field of a Logstore, and how its value is read from the row `entry`. */
export interface StoredValue {
  readonly name: string;
  readonly type: StoredType;
  readonly leaves: Readonly<Record<string, LeafType>>;
  /** In the type of its column: NULL where the entry lacks the field, or has something else; null without a column. */
  readonly column: string | null;
  /** Whether `text` has values that the column has not, and that are not to be passed over. */
  readonly isMixed: boolean;
  /** Whether `text` may have values that are not of its type, which an index of numbers passes over. */
  readonly hasMisfits: boolean;
  /** Whether it is read from the struct that the entry's extra is unpacked to. */
  readonly isUnpacked: boolean;
  /** As text, whatever it is. */
  readonly text: string;
}

/**
 * The fields of a Logstore in the order of its schema. Only here does a query meet the fifteen fields by name.
 *
 * @param fields those that the Logstore was given
 */
export function storedValues(
  schema: SchemaKind,
  fields: readonly StoredField[],
  dimensions: Dimensions,
): readonly StoredValue[] {
  const product: readonly LogField[] = schema === 'session_log' ? SESSION_LOG_FIELDS : [];
  const unpacked = namesToUnpack(fields);
  return [
    ...product.map((field) => productValue(field, dimensions)),
    ...fields.map((field) => loadedValue(field, unpacked.has(field.name))),
  ];
}

function namesToUnpack(fields: readonly StoredField[]): ReadonlySet<string> {
  const packed = fields.filter(({ column }) => column === null).map(({ name }) => name);
  if (packed.length <= MAX_PACKED) return new Set();
  // Of a struct, names that differ in case alone are one.
  const byFolded = new Map(packed.map((name) => [name.toLowerCase(), name]));
  return new Set(byFolded.values());
}

/**
 * The struct of unpacked values; absent without any. To look each up by itself, DuckDB parses and keeps the extra of 2,048
 * entries for every one of them, which at 350 is more than all of its memory [measured].
 */
export function unpackedValues(values: readonly StoredValue[]): string | undefined {
  const names = values.filter(({ isUnpacked }) => isUnpacked).map(({ name }) => name);
  if (names.length === 0) return undefined;
  const shape = JSON.stringify(Object.fromEntries(names.map((name) => [name, 'VARCHAR'])));
  return `from_json(extra, ${quoteText(shape)})`;
}

function productValue({ name, type }: LogField, dimensions: Dimensions): StoredValue {
  if (name === 'instance' || name === 'vpc_id') {
    const column = namesById(`entry.${name}`, dimensions[name]);
    return {
      name,
      type: 'text',
      leaves: {},
      column,
      isMixed: false,
      hasMisfits: false,
      isUnpacked: false,
      text: column,
    };
  }
  const column = `entry.${name}`;
  const written = type === 'ipv4' ? ipv4Text(column) : `CAST(${column} AS VARCHAR)`;
  return {
    name,
    type,
    leaves: {},
    column,
    isMixed: false,
    hasMisfits: false,
    isUnpacked: false,
    text: `coalesce(${written}, ${inExtra(name)})`,
  };
}

function loadedValue({ name, type, column, hints }: StoredField, isUnpacked: boolean): StoredValue {
  const { leaves = {}, isMixed = false, hasMisfits = false } = hints;
  if (column === null) {
    const text = isUnpacked ? `struct_extract(entry.${UNPACKED}, ${quoteText(name)})` : inExtra(name);
    return { name, type, leaves, column: null, isMixed, hasMisfits, isUnpacked, text };
  }
  const cell = `entry."${column}"`;
  const text = writtenText(type, cell, inExtra(name));
  return { name, type, leaves, column: cell, isMixed, hasMisfits, isUnpacked: false, text };
}

/** What is in extra is as it was written; a number may be written in many ways. */
function writtenText(type: StoredType, cell: string, extra: string): string {
  switch (type) {
    case 'text':
      return cell;
    case 'ipv4':
      return `coalesce(${extra}, ${ipv4Text(cell)})`;
    case 'json':
      return `coalesce(${cell}, ${extra})`;
    case 'long':
    case 'double':
      return `coalesce(${extra}, CAST(${cell} AS VARCHAR))`;
  }
}

/** A value of the entry's extra, by the name of the field. */
function inExtra(name: string): string {
  return `json_extract_string(entry.extra, ${quoteText(jsonPointer([name]))})`;
}

/** @see RFC 6901 */
function jsonPointer(path: readonly string[]): string {
  return path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A gateway or two, so a CASE is cheaper than a join, and lets the row be filtered by name without one. */
function namesById(column: string, names: readonly Dimension[]): string {
  if (names.length === 0) return 'CAST(NULL AS VARCHAR)';
  const branches = names.map(({ id, name }) => `WHEN ${id} THEN ${quoteText(name)}`);
  return `CASE ${column} ${branches.join(' ')} END`;
}

/** NULL for what is no whole number of 64 bits, as the vendor has it for fields of type long. @see sls-logstore.md §1.9 */
export function asLong({ type, column, text }: StoredValue): string {
  if (column !== null && type === 'long') return column;
  if (column !== null && type === 'double') {
    return `CASE WHEN ${column} = floor(${column}) THEN TRY_CAST(${column} AS BIGINT) END`;
  }
  return longOf(text);
}

function longOf(text: string): string {
  return `CASE WHEN regexp_full_match(${text}, '[-+]?[0-9]+') THEN TRY_CAST(${text} AS BIGINT) END`;
}

/** NULL for what is no finite number. */
export function asDouble({ type, column, text }: StoredValue): string {
  if (column !== null && type === 'double') return column;
  if (column !== null && type === 'long') return `CAST(${column} AS DOUBLE)`;
  return doubleOf(text);
}

function doubleOf(text: string): string {
  const isNumber = String.raw`regexp_full_match(${text}, '[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?')`;
  return `CASE WHEN ${isNumber} THEN TRY_CAST(${text} AS DOUBLE) END`;
}

/** A leaf of a JSON value, NULL for what is no leaf and no such value. @see sls-logstore.md §2 */
export function leafOf(value: StoredValue, path: string, type: LeafType): string {
  const leaf = leafText(value, path);
  return type === 'long' ? longOf(leaf) : type === 'double' ? doubleOf(leaf) : leaf;
}

function leafText({ type, column, text }: StoredValue, path: string): string {
  const pointer = quoteText(jsonPointer(path.split('.')));
  // A column of type json has nothing else; other text has to be tried first, and by itself: the parts of an AND have no order.
  const source = type === 'json' && column !== null ? column : text;
  const isLeaf = `json_type(${source}, ${pointer}) NOT IN ('OBJECT', 'ARRAY')`;
  const found = `CASE WHEN ${isLeaf} THEN json_extract_string(${source}, ${pointer}) END`;
  return type === 'json' && column !== null ? found : `CASE WHEN json_valid(${source}) THEN ${found} END`;
}
