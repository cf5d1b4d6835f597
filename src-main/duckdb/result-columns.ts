import {
  DuckDBArrayValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTypeId,
  DuckDBUnionValue,
  type DuckDBDataChunk,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import duckdb, { type Vector } from '@duckdb/node-bindings';
import type { ColumnType, ResultBatch, ResultColumn } from '../contract/result-batch';
import { readTexts, TextCodes } from './text-vectors';

/** What a column's type does not say: that a UINTEGER is an address. */
export type ColumnHint = 'ipv4' | null;

/** Copies the rows of one chunk into `data` at `at`. */
type Fill = (chunk: DuckDBDataChunk, index: number, at: number, data: ResultColumn['data'], texts: TextCodes) => void;

interface ColumnPlan {
  readonly name: string;
  readonly type: ColumnType;
  readonly fill: Fill;
}

function vectorOf(chunk: DuckDBDataChunk, index: number): Vector {
  return duckdb.data_chunk_get_vector(chunk.chunk, index);
}

/** The bytes of a vector of fixed width; they are DuckDB's own, and are to be copied before the next fetch. */
function bytesOf(chunk: DuckDBDataChunk, index: number, width: number): Uint8Array {
  return duckdb.vector_get_data(vectorOf(chunk, index), chunk.rowCount * width);
}

/** One memcpy: the stored bytes are those of the result. */
function fillAsStored(width: number): Fill {
  return (chunk, index, at, data) => {
    const target = new Uint8Array(data.buffer, data.byteOffset + at * width, chunk.rowCount * width);
    target.set(bytesOf(chunk, index, width));
  };
}

interface IntegerArray {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayLike<number>;
}

/** Widens to 64 bits in 32-bit halves, without a bigint per row. */
function fillWidened(array: IntegerArray): Fill {
  return (chunk, index, at, data) => {
    const rows = chunk.rowCount;
    const stored = bytesOf(chunk, index, array.BYTES_PER_ELEMENT);
    const values = new array(stored.buffer, stored.byteOffset, rows);
    const pairs = new Uint32Array(data.buffer, data.byteOffset + at * 8, rows * 2);
    for (let row = 0; row < rows; row++) {
      const value = values[row]!;
      pairs[2 * row] = value;
      pairs[2 * row + 1] = value < 0 ? 0xffffffff : 0;
    }
  };
}

const fillFloats: Fill = (chunk, index, at, data) => {
  const stored = bytesOf(chunk, index, 4);
  (data as Float64Array).set(new Float32Array(stored.buffer, stored.byteOffset, chunk.rowCount), at);
};

/** Texts of a vector by `toText`, coded in the batch's dictionary; a NULL leaves its slot as it is. */
function fillTexts(toText: (value: DuckDBValue) => string): Fill {
  return (chunk, index, at, data, texts) => {
    const vector = chunk.getColumnVector(index);
    const codes = data as Uint32Array;
    // Asking for it is a call into the binding.
    const { rowCount } = chunk;
    for (let row = 0; row < rowCount; row++) {
      const value = vector.getItem(row);
      if (value !== null) codes[at + row] = texts.codeOf(toText(value));
    }
  };
}

const fillStoredTexts: Fill = (chunk, index, at, data, texts) => {
  readTexts(chunk, index, at, data as Uint32Array, texts);
};

function numberText(value: number): string {
  // JSON has no word for these; a text is what readers of JSON make the least wrong of.
  return Number.isFinite(value) ? JSON.stringify(value) : JSON.stringify(String(value));
}

function entryText(key: string, value: DuckDBValue): string {
  return `${JSON.stringify(key)}:${jsonText(value)}`;
}

/** @returns exact JSON: integers of any size keep all their digits, decimals their scale */
export function jsonText(value: DuckDBValue): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    return `[${value.items.map((item) => jsonText(item)).join(',')}]`;
  }
  if (value instanceof DuckDBStructValue) {
    const entries = Object.entries(value.entries).map(([key, entry]) => entryText(key, entry));
    return `{${entries.join(',')}}`;
  }
  if (value instanceof DuckDBMapValue) {
    return `{${value.entries.map(({ key, value: entry }) => entryText(plainText(key), entry)).join(',')}}`;
  }
  if (value instanceof DuckDBUnionValue) return jsonText(value.value);
  const text = value.toString();
  return isDecimal(value) ? text : JSON.stringify(text);
}

function isDecimal(value: object): boolean {
  return 'scale' in value && 'width' in value;
}

/** @returns a value as DuckDB itself casts it to text */
function plainText(value: DuckDBValue): string {
  return value === null ? 'NULL' : String(value);
}

function asStored(type: ColumnType, width: number): Pick<ColumnPlan, 'type' | 'fill'> {
  return { type, fill: fillAsStored(width) };
}

function asText(type: 'text' | 'json', toText: (value: DuckDBValue) => string): Pick<ColumnPlan, 'type' | 'fill'> {
  return { type, fill: fillTexts(toText) };
}

function planFor(typeId: DuckDBTypeId, alias: string | undefined, hint: ColumnHint): Pick<ColumnPlan, 'type' | 'fill'> {
  switch (typeId) {
    case DuckDBTypeId.BOOLEAN:
      return asStored('bool', 1);
    case DuckDBTypeId.TINYINT:
      return { type: 'int64', fill: fillWidened(Int8Array) };
    case DuckDBTypeId.SMALLINT:
      return { type: 'int64', fill: fillWidened(Int16Array) };
    case DuckDBTypeId.INTEGER:
      return { type: 'int64', fill: fillWidened(Int32Array) };
    case DuckDBTypeId.BIGINT:
      return asStored('int64', 8);
    case DuckDBTypeId.UTINYINT:
      return { type: 'int64', fill: fillWidened(Uint8Array) };
    case DuckDBTypeId.USMALLINT:
      return { type: 'int64', fill: fillWidened(Uint16Array) };
    case DuckDBTypeId.UINTEGER:
      return hint === 'ipv4' ? asStored('ipv4', 4) : { type: 'int64', fill: fillWidened(Uint32Array) };
    case DuckDBTypeId.FLOAT:
      return { type: 'float64', fill: fillFloats };
    case DuckDBTypeId.DOUBLE:
      return asStored('float64', 8);
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return asStored('timestamp', 8);
    // A column has one type in all its batches, and the first may not show that a later value passes 2^63.
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
    case DuckDBTypeId.BIGNUM:
    case DuckDBTypeId.DECIMAL:
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
    case DuckDBTypeId.STRUCT:
    case DuckDBTypeId.MAP:
    case DuckDBTypeId.UNION:
      return asText('json', jsonText);
    case DuckDBTypeId.VARCHAR:
      return { type: alias === 'JSON' ? 'json' : 'text', fill: fillStoredTexts };
    default:
      return asText('text', plainText);
  }
}

/** The type that a column of a result has outside of DuckDB. */
export function columnTypeOf({ typeId, alias }: DuckDBType, hint: ColumnHint): ColumnType {
  return planFor(typeId, alias, hint).type;
}

export function planColumns(result: DuckDBResult, hints: readonly ColumnHint[]): ColumnPlan[] {
  return Array.from({ length: result.columnCount }, (_, index) => {
    const { typeId, alias } = result.columnType(index);
    return { name: result.columnName(index), ...planFor(typeId, alias, hints[index] ?? null) };
  });
}

function emptyData(type: ColumnType, rows: number): ResultColumn['data'] {
  switch (type) {
    case 'int64':
    case 'timestamp':
      return new BigInt64Array(rows);
    case 'float64':
      return new Float64Array(rows);
    case 'bool':
      return new Uint8Array(rows);
    case 'ipv4':
    case 'text':
    case 'json':
      return new Uint32Array(rows);
  }
}

/** @returns one byte per row, or undefined when no row of the column is NULL */
function validityOf(chunks: readonly DuckDBDataChunk[], index: number, rowCount: number): Uint8Array | undefined {
  let validity: Uint8Array | undefined;
  let at = 0;
  for (const chunk of chunks) {
    const rows = chunk.rowCount;
    // The binding's type leaves out the null that it gives for a vector without NULLs.
    const bits = duckdb.vector_get_validity(vectorOf(chunk, index), Math.ceil(rows / 64) * 8) as Uint8Array | null;
    if (bits !== null) {
      for (let row = 0; row < rows; row++) {
        if ((bits[row >>> 3]! >>> (row & 7)) & 1) continue;
        validity ??= new Uint8Array(rowCount).fill(1);
        validity[at + row] = 0;
      }
    }
    at += rows;
  }
  return validity;
}

/** @returns the rows of `chunks` as one batch of arrays of their own; the chunks may be dropped */
export function toBatch(plans: readonly ColumnPlan[], chunks: readonly DuckDBDataChunk[]): ResultBatch {
  const rowCount = chunks.reduce((rows, chunk) => rows + chunk.rowCount, 0);
  const columns = plans.map(({ name, type, fill }, index) => {
    const data = emptyData(type, rowCount);
    const texts = new TextCodes();
    let at = 0;
    for (const chunk of chunks) {
      fill(chunk, index, at, data, texts);
      at += chunk.rowCount;
    }
    const validity = validityOf(chunks, index, rowCount);
    const column = { name, type, data, ...(validity === undefined ? {} : { validity }) };
    // `emptyData` and `planFor` keep type and array together, which the compiler cannot see across the union.
    return (type === 'text' || type === 'json' ? { ...column, dictionary: texts.dictionary } : column) as ResultColumn;
  });
  return { rowCount, columns };
}
