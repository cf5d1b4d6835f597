import { Buffer } from 'node:buffer';
import duckdb, { type Vector } from '@duckdb/node-bindings';

/** DuckDB's vector size; an appended chunk can hold no more rows than this. */
export const VECTOR_ROWS = 2048;
const VALIDITY_BYTES = VECTOR_ROWS / 8;

/** The row that is being filled, of all columns of a table. */
export interface RowCursor {
  row: number;
}

/** Values of one column for one chunk; a row that is given none is NULL. */
export abstract class LoadColumn {
  protected readonly cursor: RowCursor;
  readonly #valid = new Uint8Array(VALIDITY_BYTES);
  /** Rows with a value. */
  #count = 0;

  constructor(cursor: RowCursor) {
    this.cursor = cursor;
  }

  /** Puts the values of `rows` rows into the vector, which has none, and forgets them. */
  moveTo(vector: Vector, rows: number): void {
    if (this.#count > 0) this.copyTo(vector, rows);
    if (this.#count < rows) {
      duckdb.vector_ensure_validity_writable(vector);
      duckdb.copy_data_to_vector_validity(vector, 0, this.#valid.buffer, 0, VALIDITY_BYTES);
    }
    this.#valid.fill(0);
    this.#count = 0;
  }

  /** Whether the current row has a value. */
  get isSet(): boolean {
    const { row } = this.cursor;
    return (this.#valid[row >> 3]! & (1 << (row & 7))) !== 0;
  }

  /** Makes the current row one with a value. @returns the row */
  protected mark(): number {
    const { row } = this.cursor;
    const bit = 1 << (row & 7);
    if ((this.#valid[row >> 3]! & bit) === 0) this.#count++;
    this.#valid[row >> 3]! |= bit;
    return row;
  }

  protected abstract copyTo(vector: Vector, rows: number): void;
}

function copy(vector: Vector, values: Uint8Array | Uint16Array | Uint32Array | Float64Array, count: number): void {
  // Made by `new …Array(length)`, never over shared memory.
  const buffer = values.buffer as ArrayBuffer;
  duckdb.copy_data_to_vector(vector, 0, buffer, 0, count * values.BYTES_PER_ELEMENT);
}

/** UTINYINT, USMALLINT, UINTEGER, DOUBLE. */
export class NumberColumn extends LoadColumn {
  readonly #values: Uint8Array | Uint16Array | Uint32Array | Float64Array;

  /** @param values as wide as the type of the column, see `LoadWriter` */
  constructor(cursor: RowCursor, values: Uint8Array | Uint16Array | Uint32Array | Float64Array) {
    super(cursor);
    this.#values = values;
  }

  set(value: number): void {
    this.#values[this.mark()] = value;
  }

  protected override copyTo(vector: Vector, rows: number): void {
    copy(vector, this.#values, rows);
  }
}

/** BIGINT, UBIGINT. */
export class WideColumn extends LoadColumn {
  readonly #pairs = new Uint32Array(2 * VECTOR_ROWS);

  /** Of two's complement. */
  set(low: number, high: number): void {
    const row = this.mark();
    this.#pairs[2 * row] = low;
    this.#pairs[2 * row + 1] = high;
  }

  /** @param value a whole number of magnitude below 2^53 */
  setNumber(value: number): void {
    this.set(value >>> 0, Math.floor(value / 4_294_967_296) >>> 0);
  }

  setWhole(value: number | bigint): void {
    if (typeof value === 'number') this.setNumber(value);
    else this.set(Number(value & 0xffff_ffffn), Number(value >> 32n));
  }

  protected override copyTo(vector: Vector, rows: number): void {
    copy(vector, this.#pairs, 2 * rows);
  }
}

/** Of a text in a vector: its length, then as many of its octets when they are so few. The rest DuckDB has elsewhere. */
const TEXT_BYTES = 16;
const INLINE_BYTES = 12;

/** VARCHAR. */
export class TextColumn extends LoadColumn {
  readonly #inline = new Uint8Array(TEXT_BYTES * VECTOR_ROWS);
  readonly #lengths = new Uint32Array(this.#inline.buffer);
  /** Rows with more, and their octets one behind the other. */
  readonly #longRows: number[] = [];
  readonly #longEnds: number[] = [];
  #long = new Uint8Array(64 << 10);
  #longBytes = 0;

  /** @param octets valid UTF-8; copied */
  set(octets: Uint8Array, start: number, end: number): void {
    const row = this.mark();
    const length = end - start;
    if (length > INLINE_BYTES) {
      this.#addLong(row, octets.subarray(start, end));
      return;
    }
    this.#lengths[row * (TEXT_BYTES / 4)] = length;
    for (let at = start, into = row * TEXT_BYTES + 4; at < end; at++, into++) this.#inline[into] = octets[at]!;
  }

  setText(text: string): void {
    const octets = Buffer.from(text, 'utf8');
    this.set(octets, 0, octets.length);
  }

  protected override copyTo(vector: Vector, rows: number): void {
    copy(vector, this.#inline, rows * TEXT_BYTES);
    // What is behind a short text has to be zero: DuckDB compares all of it.
    this.#inline.fill(0);
    let start = 0;
    this.#longRows.forEach((row, index) => {
      const end = this.#longEnds[index]!;
      duckdb.vector_assign_string_element_len(vector, row, this.#long.subarray(start, end));
      start = end;
    });
    this.#longRows.length = this.#longEnds.length = 0;
    this.#longBytes = 0;
  }

  #addLong(row: number, octets: Uint8Array): void {
    const end = this.#longBytes + octets.length;
    if (end > this.#long.length) {
      const grown = new Uint8Array(Math.max(end, this.#long.length * 2));
      grown.set(this.#long);
      this.#long = grown;
    }
    this.#long.set(octets, this.#longBytes);
    this.#longBytes = end;
    this.#longRows.push(row);
    this.#longEnds.push(end);
  }
}
