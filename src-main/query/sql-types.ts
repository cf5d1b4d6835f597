/**
 * Types as far as the dialect needs them: to tell integer division from the other, lists from maps, and what the
 * vendor's sentences name. `other` is a type that is valid but not followed, such as a union of text and number.
 */
export type ScalarType =
  'integer' | 'double' | 'text' | 'boolean' | 'date' | 'timestamp' | 'interval' | 'json' | 'binary' | 'null' | 'other';
/** `mixed zones` is what may be a time of either of two zones, whose clock is not known then. */
export type SqlType = ScalarType | ZonedType | 'mixed zones' | ArrayType | MapType | RowType;
/** `timestamp with time zone`, of which the zone is known. */
export type ZonedType = `zoned(${string})`;
/** `array(T)`, as Presto writes it. */
export type ArrayType = `array(${string})`;
/** `map(K,V)`; a key is never a map itself. */
export type MapType = `map(${string})`;

/** `row(name T,…)`, as Presto writes it; names are words without spaces. */
export type RowType = `row(${string})`;

export const arrayOf = (element: SqlType): ArrayType => `array(${element})`;
export const mapOf = (key: SqlType, value: SqlType): MapType => `map(${key},${value})`;

export const isArray = (type: SqlType | undefined): type is ArrayType => type?.startsWith('array(') ?? false;
export const isMap = (type: SqlType | undefined): type is MapType => type?.startsWith('map(') ?? false;
export const isNumber = (type: SqlType | undefined): boolean => type === 'integer' || type === 'double';
export const zoned = (zone: string): ZonedType => `zoned(${zone})`;
/** The zone of a time that has one of its own, or null. */
export const zoneOf = (type: SqlType): string | null => /^zoned\((.*)\)$/u.exec(type)?.[1] ?? null;
/** Whether a type is one of instants: with a zone, or shown in that of the statement. */
export const isInstant = (type: SqlType | undefined): boolean =>
  type !== undefined && (type === 'timestamp' || type === 'mixed zones' || zoneOf(type) !== null);
export const isTime = (type: SqlType | undefined): boolean => type === 'date' || isInstant(type);

/** Type of the elements of an array; `other` for what is no array. */
export function elementOf(type: SqlType | undefined): SqlType {
  return isArray(type) ? (type.slice('array('.length, -1) as SqlType) : 'other';
}

/** What is between the commas that are in no bracket. */
function partsAt(inner: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < inner.length; at++) {
    if (inner[at] === '(') depth++;
    else if (inner[at] === ')') depth--;
    else if (inner[at] === ',' && depth === 0) {
      parts.push(inner.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, inner.slice(start)];
}

/** The two types of a map. */
function partsOf(type: SqlType | undefined): readonly [SqlType, SqlType] {
  if (!isMap(type)) return ['other', 'other'];
  const [key = 'other', value = 'other'] = partsAt(type.slice('map('.length, -1));
  return [key as SqlType, value as SqlType];
}

export interface RowField {
  readonly name: string;
  readonly type: SqlType;
}

export const rowOf = (fields: readonly RowField[]): RowType =>
  `row(${fields.map(({ name, type }) => `${name} ${type}`).join(',')})`;
export const isRow = (type: SqlType | undefined): type is RowType => type?.startsWith('row(') ?? false;

/** The fields of a row; none of what is no row. */
export function fieldsOf(type: SqlType | undefined): readonly RowField[] {
  if (!isRow(type)) return [];
  return partsAt(type.slice('row('.length, -1)).map((part) => {
    const at = part.indexOf(' ');
    return { name: part.slice(0, at), type: part.slice(at + 1) as SqlType };
  });
}

export const keyOf = (type: SqlType | undefined): SqlType => partsOf(type)[0];
export const valueOf = (type: SqlType | undefined): SqlType => partsOf(type)[1];

/** The type that holds values of both, as CASE and UNION need. */
export function commonType(one: SqlType, other: SqlType): SqlType {
  if (one === other || other === 'null') return one;
  if (one === 'null') return other;
  if (isArray(one) && isArray(other)) return arrayOf(commonType(elementOf(one), elementOf(other)));
  if (isMap(one) && isMap(other))
    return mapOf(commonType(keyOf(one), keyOf(other)), commonType(valueOf(one), valueOf(other)));
  if (isInstant(one) && isInstant(other)) return 'mixed zones';
  if (isTime(one) && isTime(other)) return isInstant(one) ? one : other;
  return isNumber(one) && isNumber(other) ? 'double' : 'other';
}

const VENDOR_NAMES: Partial<Record<ScalarType, string>> = { integer: 'bigint', text: 'varchar', binary: 'varbinary' };

/** The name of a type in the vendor's sentences. */
export function vendorName(type: SqlType): string {
  if (isArray(type)) return `array(${vendorName(elementOf(type))})`;
  if (isMap(type)) return `map(${vendorName(keyOf(type))},${vendorName(valueOf(type))})`;
  if (isRow(type))
    return `row(${fieldsOf(type)
      .map(({ name, type: inner }) => `${name} ${vendorName(inner)}`)
      .join(', ')})`;
  if (zoneOf(type) !== null) return 'timestamp with time zone';
  return type === 'mixed zones' ? 'timestamp of either of two zones' : (VENDOR_NAMES[type as ScalarType] ?? type);
}
