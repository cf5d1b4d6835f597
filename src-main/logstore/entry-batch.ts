import type { ValueKind } from './entry-fields';

/** Text of a range of octets in UTF-8. */
export type Decode = (octets: Uint8Array, start: number, end: number) => string;

const FIRST_ENTRIES = 1024;
const FIRST_CELLS = 16_384;

/**
 * Log entries of a piece of a file, as ranges of its octets: no text is made of a value before somebody asks for it.
 *
 * Whoever reads the file fills `octets` from the beginning, and says in `filled` how far. Behind that are values that stand
 * otherwise in the file, such as those with escapes. Arrays are longer than what they hold, and are replaced when they grow,
 * as `octets` is.
 */
export class EntryBatch {
  octets: Uint8Array;
  filled = 0;
  /** Entries. */
  length = 0;
  /** Cells, those of the entry that is being read among them. */
  cells = 0;
  /** By entry: the line that it begins in, from 1; where it is; its first cell, and behind the last entry the end of its cells. */
  lines = new Float64Array(FIRST_ENTRIES);
  starts = new Int32Array(FIRST_ENTRIES);
  ends = new Int32Array(FIRST_ENTRIES);
  firstCells = new Int32Array(FIRST_ENTRIES + 1);
  /** By cell: its name, as an id of `FieldNames`; what it was written as; where its text is. */
  cellNames = new Int32Array(FIRST_CELLS);
  cellKinds = new Uint8Array(FIRST_CELLS);
  cellStarts = new Int32Array(FIRST_CELLS);
  cellEnds = new Int32Array(FIRST_CELLS);
  readonly #decode: Decode;
  #spelledEnd = 0;

  constructor(octets: Uint8Array, decode: Decode) {
    this.octets = octets;
    this.#decode = decode;
  }

  /** Forgets the entries; the octets stay. */
  clear(): void {
    this.length = 0;
    this.cells = 0;
    this.#spelledEnd = this.filled;
  }

  addCell(name: number, kind: ValueKind, start: number, end: number): void {
    if (this.cells === this.cellNames.length) this.#growCells();
    const cell = this.cells++;
    this.cellNames[cell] = name;
    this.cellKinds[cell] = kind;
    this.cellStarts[cell] = start;
    this.cellEnds[cell] = end;
  }

  /** Makes an entry of the cells that were added since the last. */
  endEntry(line: number, start: number, end: number): void {
    if (this.length === this.lines.length) this.#growEntries();
    this.lines[this.length] = line;
    this.starts[this.length] = start;
    this.ends[this.length] = end;
    this.firstCells[++this.length] = this.cells;
  }

  /** Takes back the cells that were added since the last entry. */
  dropCells(): void {
    this.cells = this.firstCells[this.length]!;
  }

  text(cell: number): string {
    return this.#decode(this.octets, this.cellStarts[cell]!, this.cellEnds[cell]!);
  }

  textOf(start: number, end: number): string {
    return this.#decode(this.octets, start, end);
  }

  /** Makes room for a value that stands otherwise in the file. @returns where; `spelled` tells how long it became */
  spell(mostOctets: number): number {
    const start = this.#spelledEnd;
    if (start + mostOctets > this.octets.length) this.grow(start + mostOctets);
    return start;
  }

  /** Where the value ends that was spelled last. */
  get spelledEnd(): number {
    return this.#spelledEnd;
  }

  spelled(end: number): void {
    this.#spelledEnd = end;
  }

  /** Replaces `octets` by twice as many, or more. */
  grow(atLeast: number): void {
    const grown = new Uint8Array(Math.max(atLeast, this.octets.length * 2));
    grown.set(this.octets);
    this.octets = grown;
  }

  #growCells(): void {
    this.cellNames = doubled(this.cellNames, Int32Array);
    this.cellKinds = doubled(this.cellKinds, Uint8Array);
    this.cellStarts = doubled(this.cellStarts, Int32Array);
    this.cellEnds = doubled(this.cellEnds, Int32Array);
  }

  #growEntries(): void {
    this.lines = doubled(this.lines, Float64Array);
    this.starts = doubled(this.starts, Int32Array);
    this.ends = doubled(this.ends, Int32Array);
    const firstCells = new Int32Array(this.lines.length + 1);
    firstCells.set(this.firstCells);
    this.firstCells = firstCells;
  }
}

function doubled<A extends Int32Array | Uint8Array | Float64Array>(array: A, kind: new (length: number) => A): A {
  const twice = new kind(array.length * 2);
  twice.set(array);
  return twice;
}
