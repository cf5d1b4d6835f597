import type { LoadRow } from '../../duckdb/load-writer';
import { LineError, type EntryField } from '../../logstore/entry-fields';
import { parseEntryTime } from '../../logstore/entry-time';
import { columnValue, longOf } from '../../logstore/field-values';
import { UNWRITABLE_FIELDS, type StoredField } from '../../logstore/schema';
import { NAT_SOURCE } from '../../contract/log-entry';
import { CURRENT_SPELLING } from './survey-files';

/** How many entries of a load have a field, and in how many it is not of its type. */
export interface FieldCount {
  entries: number;
  misfits: number;
}

/** Where the rows of a load get what is the same for all of them. */
export interface RowPlace {
  readonly run: number;
  readonly shard: number;
  /** Null for the time of the load. */
  readonly timeField: string | null;
  readonly loadedSec: number;
}

type Value = string | number | bigint | null;
type Row = Map<string, Value>;

/** Makes rows of entries: what has a column goes there, and all else into `extra`, so that nothing is lost. */
export class EntryRows {
  readonly counts = new Map<string, FieldCount>();
  readonly #place: RowPlace;
  readonly #fields: ReadonlyMap<string, StoredField>;
  #entryNo = 0n;

  constructor(place: RowPlace, fields: readonly StoredField[]) {
    this.#place = place;
    this.#fields = new Map(fields.map((field) => [field.name, field]));
  }

  /** Rows that were made. */
  get entries(): bigint {
    return this.#entryNo;
  }

  /** @throws LineError TIME_MISSING, TIME_INVALID */
  row(fields: readonly EntryField[]): LoadRow {
    const { run, shard } = this.#place;
    const row: Row = new Map<string, Value>([
      ['__time__', BigInt(this.#timeOf(fields))],
      ['run_id', run],
      ['shard_id', shard],
    ]);
    const extra: Record<string, string> = {};
    for (const field of fields) {
      if (field.name !== '__time__' && !UNWRITABLE_FIELDS.includes(field.name)) this.place(field, row, extra);
    }
    if (Object.keys(extra).length > 0) row.set('extra', JSON.stringify(extra));
    row.set('entry_no', this.#entryNo++);
    return row;
  }

  protected place(field: EntryField, row: Row, extra: Record<string, string>): void {
    const { name, text } = field;
    const stored = this.#fields.get(name);
    if (stored === undefined || stored.column === null) {
      this.count(name, false);
      extra[name] = text;
      return;
    }
    const { value, keepsText } = columnValue(field, stored.type);
    if (value !== null) row.set(stored.column, value);
    if (keepsText) extra[name] = text;
    this.count(name, value === null);
  }

  protected count(name: string, isMisfit: boolean): void {
    const count = this.counts.get(name) ?? { entries: 0, misfits: 0 };
    this.counts.set(name, count);
    count.entries++;
    if (isMisfit) count.misfits++;
  }

  #timeOf(fields: readonly EntryField[]): number {
    const { timeField, loadedSec } = this.#place;
    if (timeField === null) return loadedSec;
    const field = fields.find(({ name }) => name === timeField);
    if (field === undefined)
      throw new LineError('TIME_MISSING', `it has no ${timeField}, which is the time of entries`);
    const sec = parseEntryTime(field.text);
    if (sec === null) throw new LineError('TIME_INVALID', `its ${timeField} is no time that can be read`);
    return sec;
  }
}

/** Largest values of the columns of session logs; addresses and names are read otherwise. */
interface NumberLimits {
  readonly most: bigint;
  readonly isWide: boolean;
}
const SESSION_NUMBERS: ReadonlyMap<string, NumberLimits> = new Map<string, NumberLimits>([
  ['protocol', { most: 255n, isWide: false }],
  ...['pri_port', 'pub_port', 'nat_port'].map((name) => [name, { most: 65_535n, isWide: false }] as const),
  ...['bytes_from_pub', 'pkts_from_pub', 'bytes_from_vpc', 'pkts_from_vpc', 'start_time', 'end_time'].map(
    (name) => [name, { most: 2n ** 63n - 1n, isWide: true }] as const,
  ),
]);
const SESSION_ADDRESSES: readonly string[] = ['pri_ip', 'pub_ip', 'nat_ip'];
const WINDOW_SEC = 600n;
const NANOS_PER_SEC = 1_000_000_000n;

/** Ids of a gateway and of its VPC, by their names. */
export interface GatewayIds {
  readonly instanceId: number;
  readonly vpcId: number;
}

/** @returns what names the gateway of an entry, and its VPC; null for an entry without */
export function gatewayOf(fields: readonly EntryField[]): { readonly instance: string; readonly vpc: string } | null {
  const textOf = (wanted: string): string | undefined =>
    fields.find(({ name }) => (CURRENT_SPELLING.get(name) ?? name) === wanted)?.text;
  const instance = textOf('instance');
  return instance === undefined ? null : { instance, vpc: textOf('vpc_id') ?? '' };
}

/** The same for session logs, in either spelling, whose columns are the product's. */
export class SessionRows extends EntryRows {
  readonly #gateways: ReadonlyMap<string, GatewayIds>;

  /** @param gateways by `gatewayKey`, those of the entries that come next among them */
  constructor(place: RowPlace, fields: readonly StoredField[], gateways: ReadonlyMap<string, GatewayIds>) {
    super(place, fields);
    this.#gateways = gateways;
  }

  override row(fields: readonly EntryField[]): LoadRow {
    const row = new Map(super.row(fields));
    row.set('revision', 0);
    // Nothing tells which entries were of one session.
    row.set('session_id', this.entries);
    row.set('nat_source', NAT_SOURCE.observed);
    const start = row.get('start_time');
    const end = row.get('end_time');
    if (typeof start === 'bigint') {
      row.set('window_start', start - (start % WINDOW_SEC));
      row.set('first_ns', nanos(start));
    }
    if (typeof end === 'bigint') row.set('last_ns', nanos(end));
    const gateway = gatewayOf(fields);
    const ids = gateway === null ? undefined : this.#gateways.get(gatewayKey(gateway));
    if (ids !== undefined) row.set('instance', ids.instanceId);
    if (ids !== undefined && gateway?.vpc !== '') row.set('vpc_id', ids.vpcId);
    return row;
  }

  protected override place(field: EntryField, row: Row, extra: Record<string, string>): void {
    const name = CURRENT_SPELLING.get(field.name) ?? field.name;
    const { text } = field;
    if (name === 'instance' || name === 'vpc_id') {
      this.count(name, false);
      return;
    }
    const isAddress = SESSION_ADDRESSES.includes(name);
    const number = SESSION_NUMBERS.get(name);
    if (!isAddress && number === undefined) {
      super.place(field, row, extra);
      return;
    }
    const value = isAddress ? columnValue(field, 'ipv4').value : numberOf(text, number);
    if (value === null) extra[name] = text;
    else row.set(name, value);
    this.count(name, value === null);
  }
}

function numberOf(text: string, limits: NumberLimits | undefined): Value {
  const value = longOf(text);
  if (limits === undefined || value === null || value < 0n || value > limits.most) return null;
  return limits.isWide ? value : Number(value);
}

/** Nanoseconds since 1970 end in the year 2262, and stay there. */
function nanos(sec: bigint): bigint {
  const whole = sec * NANOS_PER_SEC;
  const last = 2n ** 63n - 1n;
  return whole > last ? last : whole;
}

export function gatewayKey({ instance, vpc }: { readonly instance: string; readonly vpc: string }): string {
  return JSON.stringify([instance, vpc]);
}
