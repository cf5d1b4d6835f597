import { createHash } from 'node:crypto';
import type { StoredType } from '../../contract/logstore';
import type { NumberColumn, WideColumn } from '../../duckdb/load-columns';
import type { LoadWriter } from '../../duckdb/load-writer';
import type { EntryBatch } from '../../logstore/entry-batch';
import { LineError, VALUE_KIND } from '../../logstore/entry-fields';
import { readEntryTime } from '../../logstore/entry-time';
import { ByName, type FieldNames } from '../../logstore/field-names';
import { long, readDouble, readIpv4, readLong } from '../../logstore/octet-values';
import type { ShardRoute } from '../../logstore/shard-route';
import { UNWRITABLE_FIELDS, type StoredField } from '../../logstore/schema';

/** How many entries of a load have a field, and in how many it is not of its type. */
export interface FieldCount {
  entries: number;
  misfits: number;
  /** Where the first of these is. */
  first: FirstValue | null;
  /** The last entry that has it, from 1. */
  lastEntry: number;
  /** Values behind another one of the same entry, which are not taken, and the first of them. */
  twice: number;
  firstTwice: FirstValue | null;
}

export interface FirstValue {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Where the rows of a load get what is the same for all of them. */
export interface RowPlace {
  readonly run: number;
  readonly route: ShardRoute;
  /** The field whose values choose the shard by their hash; null for load balance. */
  readonly hashKey: string | null;
  /** Null for the time of the load. */
  readonly timeField: string | null;
  readonly loadedSec: number;
}

/** What becomes of a value: it is in its column, in both its column and `extra`, or in `extra` alone. */
export const PLACED = { whole: 0, withText: 1, not: 2 } as const;
type Placed = (typeof PLACED)[keyof typeof PLACED];
/** Writes a cell into its column. */
export type CellWriter = (batch: EntryBatch, cell: number) => Placed;

interface PlacedField {
  readonly name: string;
  readonly count: FieldCount;
  readonly write: CellWriter;
  readonly isTime: boolean;
  readonly isHashKey: boolean;
  /** Of the vendor: not written at all. */
  readonly isLeftOut: boolean;
  /** Of several values in one entry the first is taken, and not the last. */
  readonly keepsFirst: boolean;
}

const nowhere: CellWriter = () => PLACED.not;
const newCount = (): FieldCount => {
  return { entries: 0, misfits: 0, first: null, lastEntry: 0, twice: 0, firstTwice: null };
};

/** Makes rows of entries: what has a column goes there, and all else into `extra`, so that nothing is lost. */
export class EntryRows {
  readonly counts = new Map<string, FieldCount>();
  /** The file whose entries are appended, as it was asked for. */
  file = '';
  protected readonly writer: LoadWriter;
  readonly #place: RowPlace;
  readonly #fields: ReadonlyMap<string, StoredField>;
  readonly #byName: ByName<PlacedField>;
  readonly #time: WideColumn;
  readonly #run: NumberColumn;
  readonly #shard: NumberColumn;
  readonly #entryNo: WideColumn;
  #entries = 0;

  constructor(writer: LoadWriter, names: FieldNames, place: RowPlace, fields: readonly StoredField[]) {
    this.writer = writer;
    this.#place = place;
    this.#fields = new Map(fields.map((field) => [field.name, field]));
    this.#byName = new ByName(names, (name) => this.#fieldOf(name));
    this.#time = writer.wide('__time__');
    this.#run = writer.number('run_id');
    this.#shard = writer.number('shard_id');
    this.#entryNo = writer.wide('entry_no');
  }

  /** Rows that were made. */
  get entries(): number {
    return this.#entries;
  }

  /** Appends an entry of the batch as a row. @returns why it is none: TIME_MISSING, TIME_INVALID */
  append(batch: EntryBatch, entry: number): LineError | null {
    const fault = this.#setTime(batch, entry);
    if (fault !== null) return fault;
    this.#run.set(this.#place.run);
    this.#shard.set(this.#shardOf(batch, entry));
    this.#entryNo.setNumber(this.#entries++);
    let extra: Record<string, string> | null = null;
    const end = batch.firstCells[entry + 1]!;
    for (let cell = batch.firstCells[entry]!; cell < end; cell++) {
      const { name, count, write, isLeftOut, keepsFirst } = this.#byName.of(batch.cellNames[cell]!);
      if (isLeftOut) continue;
      if (count.lastEntry === this.#entries && keepsFirst) {
        if (count.twice++ === 0) count.firstTwice = this.firstValue(batch, entry, batch.text(cell));
        continue;
      }
      if (count.lastEntry !== this.#entries) count.entries++;
      count.lastEntry = this.#entries;
      const placed = write(batch, cell);
      if (placed === PLACED.whole) continue;
      extra ??= Object.create(null) as Record<string, string>;
      const text = batch.text(cell);
      extra[name] = text;
      if (placed === PLACED.not && write !== nowhere && count.misfits++ === 0)
        count.first = this.firstValue(batch, entry, text);
    }
    if (extra !== null) this.writer.text('extra').setText(JSON.stringify(extra));
    this.endRow(batch, entry);
    return null;
  }

  /** Sets what else a row has. */
  protected endRow(_batch: EntryBatch, _entry: number): void {
    this.writer.endRow();
  }

  protected firstValue({ lines }: EntryBatch, entry: number, text: string): FirstValue {
    return { file: this.file, line: lines[entry]!, text };
  }

  /** Whether entries that have the field are counted: of a file with a name for every value, those that are in no schema are not. */
  protected isCounted(name: string): boolean {
    return this.#fields.has(name);
  }

  /** Whether of several values in one entry the first is taken; else the last, as JSON has it. */
  protected keepsFirst(_name: string): boolean {
    return false;
  }

  /** @returns what a name of the file is called in the Logstore */
  protected storedName(name: string): string {
    return name;
  }

  /** @returns null where the field has no column */
  protected writerFor(name: string): CellWriter | null {
    const field = this.#fields.get(name);
    return field === undefined || field.column === null ? null : cellWriter(this.writer, field.column, field.type);
  }

  #fieldOf(written: string): PlacedField {
    const name = this.storedName(written);
    const isLeftOut = name === '__time__' || UNWRITABLE_FIELDS.includes(name);
    const count = this.counts.get(name) ?? newCount();
    if (this.isCounted(name)) this.counts.set(name, count);
    const isTime = name === this.#place.timeField;
    const { hashKey } = this.#place;
    const isHashKey = hashKey === written || hashKey === name;
    const write = this.writerFor(name) ?? nowhere;
    return { name, count, write, isTime, isHashKey, isLeftOut, keepsFirst: this.keepsFirst(name) };
  }

  /** Entries without the field are balanced, as those of a writer that gives no key. */
  #shardOf(batch: EntryBatch, entry: number): number {
    const { route, hashKey } = this.#place;
    if (hashKey === null) return route.balanced(this.#entries);
    const end = batch.firstCells[entry + 1]!;
    for (let cell = batch.firstCells[entry]!; cell < end; cell++) {
      if (!this.#byName.of(batch.cellNames[cell]!).isHashKey) continue;
      const value = batch.octets.subarray(batch.cellStarts[cell], batch.cellEnds[cell]);
      return route.ofHash(createHash('md5').update(value).digest('hex'));
    }
    return route.balanced(this.#entries);
  }

  #setTime(batch: EntryBatch, entry: number): LineError | null {
    const { timeField, loadedSec } = this.#place;
    if (timeField === null) {
      this.#time.setNumber(loadedSec);
      return null;
    }
    const end = batch.firstCells[entry + 1]!;
    for (let cell = batch.firstCells[entry]!; cell < end; cell++) {
      if (!this.#byName.of(batch.cellNames[cell]!).isTime) continue;
      const sec = readEntryTime(batch, cell);
      if (sec === null) return new LineError('TIME_INVALID', `its ${timeField} is no time that can be read`);
      this.#time.setNumber(sec);
      return null;
    }
    return new LineError('TIME_MISSING', `it has no ${timeField}, which is the time of entries`);
  }
}

function cellWriter(writer: LoadWriter, column: string, type: StoredType): CellWriter {
  switch (type) {
    case 'text':
      return textWriter(writer, column);
    case 'json': {
      const write = textWriter(writer, column);
      return (batch, cell) => (batch.cellKinds[cell] === VALUE_KIND.json ? write(batch, cell) : PLACED.not);
    }
    case 'long': {
      const values = writer.wide(column);
      return ({ octets, cellStarts, cellEnds }, cell) => {
        if (!readLong(octets, cellStarts[cell]!, cellEnds[cell]!)) return PLACED.not;
        values.set(long.low, long.high);
        return PLACED.whole;
      };
    }
    case 'ipv4':
      return addressWriter(writer, column);
    case 'double': {
      const values = writer.number(column);
      return (batch, cell) => {
        const { value, isCanonical } = readDouble(batch, cell);
        if (Number.isNaN(value)) return PLACED.not;
        values.set(value);
        // Of a number, digits count; of a text such as a version, every character.
        return batch.cellKinds[cell] !== VALUE_KIND.text || isCanonical ? PLACED.whole : PLACED.withText;
      };
    }
  }
}

function textWriter(writer: LoadWriter, column: string): CellWriter {
  const values = writer.text(column);
  return ({ octets, cellStarts, cellEnds }, cell) => {
    values.set(octets, cellStarts[cell]!, cellEnds[cell]!);
    return PLACED.whole;
  };
}

export function addressWriter(writer: LoadWriter, column: string): CellWriter {
  const values = writer.number(column);
  return ({ octets, cellStarts, cellEnds }, cell) => {
    const address = readIpv4(octets, cellStarts[cell]!, cellEnds[cell]!);
    if (address === -1) return PLACED.not;
    values.set(address);
    return PLACED.whole;
  };
}
