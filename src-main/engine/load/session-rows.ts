import { NAT_SOURCE } from '../../contract/log-entry';
import type { BadValues } from '../../contract/logstore';
import type { NumberColumn, WideColumn } from '../../duckdb/load-columns';
import type { LoadWriter } from '../../duckdb/load-writer';
import { joinNanos } from '../../duckdb/wide-integers';
import type { EntryBatch } from '../../logstore/entry-batch';
import { nanosBehind, parseEntryTime } from '../../logstore/entry-time';
import type { FieldNames } from '../../logstore/field-names';
import { long, readLong } from '../../logstore/octet-values';
import { protocolNumber } from '../../logstore/protocol-number';
import type { StoredField } from '../../logstore/schema';
import { addressWriter, EntryRows, PLACED, type CellWriter, type FirstValue, type RowPlace } from './entry-rows';
import type { EntryGateways } from './entry-gateways';
import { productField } from './product-field';

/** Largest values of the columns of session logs; addresses, times and names are read otherwise. */
const MOST_PROTOCOL = 255;
/** Of seconds; what is more is a finer unit. */
const MOST_SECONDS = 1e11;
const NARROW: ReadonlyMap<string, number> = new Map([
  ...['pri_port', 'pub_port', 'nat_port'].map((name) => [name, 65_535] as const),
]);
const WIDE: readonly string[] = [...['bytes_from_pub', 'pkts_from_pub', 'bytes_from_vpc', 'pkts_from_vpc']];
const ADDRESSES: readonly string[] = ['pri_ip', 'pub_ip', 'nat_ip'];
const WINDOW_SEC = 600;
const TWO_32 = 2 ** 32;

/** The same for session logs, in either spelling, whose columns are the product's. */
export class SessionRows extends EntryRows {
  readonly #gateways: EntryGateways;
  readonly #instance = this.writer.number('instance');
  readonly #vpc = this.writer.number('vpc_id');
  readonly #revision = this.writer.number('revision');
  readonly #sessionId = this.writer.wide('session_id');
  readonly #natSource = this.writer.number('nat_source');
  readonly #windowStart = this.writer.wide('window_start');
  readonly #start = new SecondsColumn(this.writer.wide('start_time'), this.writer.wide('first_ns'));
  readonly #end = new SecondsColumn(this.writer.wide('end_time'), this.writer.wide('last_ns'));

  /** Entries that end before they start, and the first of them. */
  #reversed = 0;
  #firstReversed: FirstValue | null = null;

  /** @param gateways of the batch whose entries are appended */
  constructor(
    writer: LoadWriter,
    names: FieldNames,
    place: RowPlace,
    fields: readonly StoredField[],
    gateways: EntryGateways,
  ) {
    super(writer, names, place, fields);
    this.#gateways = gateways;
  }

  protected override storedName(name: string): string {
    return productField(name) ?? name;
  }

  protected override writerFor(name: string): CellWriter | null {
    if (name === 'instance' || name === 'vpc_id') return () => PLACED.whole;
    if (ADDRESSES.includes(name)) return addressWriter(this.writer, name);
    if (name === 'start_time') return timeWriter(this.#start);
    if (name === 'end_time') return timeWriter(this.#end);
    if (name === 'protocol') return protocolWriter(this.writer.number(name));
    if (WIDE.includes(name)) {
      const column = this.writer.wide(name);
      return countWriter((low, high) => column.set(low, high));
    }
    const most = NARROW.get(name);
    return most === undefined ? super.writerFor(name) : narrowWriter(this.writer.number(name), most);
  }

  protected override keepsFirst(name: string): boolean {
    return productField(name) !== null;
  }

  protected override isCounted(name: string): boolean {
    return productField(name) !== null || super.isCounted(name);
  }

  protected override endRow(batch: EntryBatch, entry: number): void {
    this.#revision.set(0);
    // Nothing tells which entries were of one session.
    this.#sessionId.setNumber(this.entries);
    this.#natSource.set(NAT_SOURCE.observed);
    if (this.#start.isSet) this.#windowStart.setWhole(this.#start.downTo(WINDOW_SEC));
    const { instanceId, vpcId } = this.#gateways.of(entry);
    if (instanceId !== null) this.#instance.set(instanceId);
    if (vpcId !== null) this.#vpc.set(vpcId);
    if (this.#end.isSet && this.#start.isSet && this.#end.isBefore(this.#start) && this.#reversed++ === 0)
      this.#firstReversed = this.firstValue(batch, entry, `${this.#end.text} before ${this.#start.text}`);
    super.endRow(batch, entry);
  }

  /** What of the product's fields makes no sense, by field. */
  badValues(): readonly BadValues[] {
    const misfits = [...this.counts].flatMap(([field, { misfits: values, first }]): BadValues[] =>
      first === null || productField(field) === null ? [] : [{ field, fault: 'type', values, ...first }],
    );
    const doubled = [...this.counts].flatMap(([field, { twice: values, firstTwice }]): BadValues[] =>
      firstTwice === null || productField(field) === null ? [] : [{ field, fault: 'twice', values, ...firstTwice }],
    );
    const found = [...misfits, ...doubled];
    if (this.#firstReversed === null) return found;
    return [...found, { field: 'end_time', fault: 'order', values: this.#reversed, ...this.#firstReversed }];
  }
}

/** Seconds, and the nanoseconds that they are, which end in the year 2262 and stay there. */
class SecondsColumn {
  readonly #column: WideColumn;
  readonly #nanos: WideColumn;
  readonly #sec = new Float64Array(1);
  readonly #nsec = new Uint32Array(1);
  readonly #pair = new Uint32Array(2);
  #low = 0;
  #high = 0;

  constructor(column: WideColumn, nanos: WideColumn) {
    this.#column = column;
    this.#nanos = nanos;
  }

  get isSet(): boolean {
    return this.#column.isSet;
  }

  get text(): string {
    return String(this.#sec[0]);
  }

  isBefore(other: SecondsColumn): boolean {
    const [sec, otherSec] = [this.#sec[0]!, other.#sec[0]!];
    return sec < otherSec || (sec === otherSec && this.#nsec[0]! < other.#nsec[0]!);
  }

  set(low: number, high: number, value: number, nsec: number): void {
    this.#low = low;
    this.#high = high;
    this.#column.set(low, high);
    this.#sec[0] = value;
    this.#nsec[0] = nsec;
    joinNanos(value, nsec, this.#pair);
    this.#nanos.set(this.#pair[0]!, this.#pair[1]!);
  }

  /** @returns the largest multiple of so many seconds that is not later */
  downTo(seconds: number): number | bigint {
    const value = this.#sec[0]!;
    if (Number.isSafeInteger(value)) return value - (value % seconds);
    const exact = (BigInt(this.#high) << 32n) | BigInt(this.#low);
    return exact - (exact % BigInt(seconds));
  }
}

/** Of whole numbers from 0 on. */
function countWriter(set: (low: number, high: number) => void): CellWriter {
  return ({ octets, cellStarts, cellEnds }, cell) => {
    if (!readLong(octets, cellStarts[cell]!, cellEnds[cell]!) || long.value < 0) return PLACED.not;
    set(long.low, long.high);
    return PLACED.whole;
  };
}

/** Of epoch seconds, and of all else that is a time of an entry. */
function timeWriter(column: SecondsColumn): CellWriter {
  return (batch, cell) => {
    const isLong = readLong(batch.octets, batch.cellStarts[cell]!, batch.cellEnds[cell]!);
    if (isLong && long.value >= 0 && long.value < MOST_SECONDS) {
      column.set(long.low, long.high, long.value, 0);
      return PLACED.whole;
    }
    const text = batch.text(cell);
    const sec = parseEntryTime(text);
    if (sec === null || sec < 0) return PLACED.not;
    column.set(sec >>> 0, Math.floor(sec / TWO_32), sec, nanosBehind(text));
    return PLACED.whole;
  };
}

/** Of numbers, and of the names that protocols have. */
function protocolWriter(column: NumberColumn): CellWriter {
  const write = narrowWriter(column, MOST_PROTOCOL);
  return (batch, cell) => {
    if (write(batch, cell) === PLACED.whole) return PLACED.whole;
    const known = protocolNumber(batch.text(cell));
    if (known === null) return PLACED.not;
    column.set(known);
    return PLACED.whole;
  };
}

function narrowWriter(column: NumberColumn, most: number): CellWriter {
  return ({ octets, cellStarts, cellEnds }, cell) => {
    if (!readLong(octets, cellStarts[cell]!, cellEnds[cell]!) || long.value < 0 || long.value > most) return PLACED.not;
    column.set(long.value);
    return PLACED.whole;
  };
}
