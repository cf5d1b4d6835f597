import { UBIGINT, BIGINT, DOUBLE, UINTEGER, USMALLINT, UTINYINT, VARCHAR, type DuckDBType } from '@duckdb/node-api';
import type { Int64Column, LogEntryBatch } from '../contract/log-entry';
import type { SchemaKind, StoredType } from '../contract/logstore';

/** Properties of a `LogEntryBatch` that are of this class. */
export type ColumnOf<A> = { [K in keyof LogEntryBatch]: LogEntryBatch[K] extends A ? K : never }[keyof LogEntryBatch];

export type NarrowColumn = ColumnOf<Uint8Array> | ColumnOf<Uint16Array> | ColumnOf<Uint32Array>;
export type WideColumn = ColumnOf<Int64Column>;

/** What is the same for all rows of one append. */
export interface EntryConstants {
  readonly runId: number;
  readonly instanceId: number;
  readonly vpcId: number;
  readonly shardId: number;
}

/** Where a column's values come from. */
export type LogColumnSource =
  /** The batch's array, byte for byte. */
  | { readonly kind: 'narrow'; readonly column: NarrowColumn }
  /** The same, and NULL where the other column is 1. */
  | { readonly kind: 'known'; readonly column: NarrowColumn; readonly unknown: ColumnOf<Uint8Array> }
  /** 64 bits, byte for byte. */
  | { readonly kind: 'wide'; readonly column: WideColumn }
  /** The same, and NULL where the other column is 1, as nearly everywhere. */
  | { readonly kind: 'seldomKnown'; readonly column: WideColumn; readonly unknown: ColumnOf<Uint8Array> }
  | { readonly kind: 'constant'; readonly name: keyof EntryConstants }
  /** A JSON object of `EXTRA_BYTE_FIELDS`, where the batch has them; else NULL. */
  | { readonly kind: 'extraBytes' };

export interface LogColumn {
  readonly name: string;
  readonly type: DuckDBType;
  readonly source: LogColumnSource;
}

// One function per width, so that a column whose array has another width does not compile.
const byte = (name: string, column: ColumnOf<Uint8Array>): LogColumn => ({
  name,
  type: UTINYINT,
  source: { kind: 'narrow', column },
});
const short = (name: string, column: ColumnOf<Uint16Array>): LogColumn => ({
  name,
  type: USMALLINT,
  source: { kind: 'narrow', column },
});
const word = (name: string, column: ColumnOf<Uint32Array>): LogColumn => ({
  name,
  type: UINTEGER,
  source: { kind: 'narrow', column },
});
const count = (name: string, column: WideColumn): LogColumn => ({
  name,
  type: UBIGINT,
  source: { kind: 'wide', column },
});
const time = (name: string, column: WideColumn): LogColumn => ({
  name,
  type: BIGINT,
  source: { kind: 'wide', column },
});
/** Where the first packet came late. */
const seen: LogColumn = {
  name: 'seen_ns',
  type: BIGINT,
  source: { kind: 'seldomKnown', column: 'seenNs', unknown: 'isInOrder' },
};
/** What a capture of the public side only does not show. */
const privateSide = (name: string, type: DuckDBType, column: 'priIp' | 'priPort'): LogColumn => ({
  name,
  type,
  source: { kind: 'known', column, unknown: 'isPublicOnly' },
});
/** What a gateway may be told not to record. */
const destination = (name: string, type: DuckDBType, column: 'pubIp' | 'pubPort'): LogColumn => ({
  name,
  type,
  source: { kind: 'known', column, unknown: 'isRedacted' },
});
/** Of a gateway to which VLANs are networks. */
const realm: LogColumn = {
  name: 'realm',
  type: UINTEGER,
  source: { kind: 'known', column: 'realm', unknown: 'isOneRealm' },
};
const constant = (name: string, type: typeof UINTEGER | typeof USMALLINT, key: keyof EntryConstants): LogColumn => ({
  name,
  type,
  source: { kind: 'constant', name: key },
});

/**
 * The columns of every session-log table, in order: DDL, appender and writer all follow from this.
 *
 * `instance` and `vpc_id` are ids of `catalogue.nat_gateway` and `catalogue.vpc`; addresses are IPv4 in host order;
 * `start_time`, `end_time`, `__time__` and `window_start` are epoch seconds; `first_ns` and `last_ns` are epoch
 * nanoseconds, which end in the year 2262 and stay there for later packets, whose seconds are exact all the same.
 * `mapping_end_ns` is when the session ended, or would without another packet of it, from when on its port may be held back; NULL
 * in runs of older versions. `realm` is the network of the private side, see `LogEntryBatch`; NULL where there is one only.
 * `seen_ns` is when the gateway first saw the entry by its clock, where its first packet came late; NULL where that is
 * `first_ns`, and in runs of older versions.
 * `extra` is a JSON object of what a log that was loaded has beyond the fields of the product, and an import `EXTRA_BYTE_FIELDS`.
 */
export const LOG_COLUMNS: readonly LogColumn[] = [
  constant('instance', USMALLINT, 'instanceId'),
  constant('vpc_id', USMALLINT, 'vpcId'),
  byte('protocol', 'protocol'),
  privateSide('pri_ip', UINTEGER, 'priIp'),
  privateSide('pri_port', USMALLINT, 'priPort'),
  destination('pub_ip', UINTEGER, 'pubIp'),
  destination('pub_port', USMALLINT, 'pubPort'),
  word('nat_ip', 'natIp'),
  short('nat_port', 'natPort'),
  count('bytes_from_pub', 'bytesFromPub'),
  count('pkts_from_pub', 'pktsFromPub'),
  count('bytes_from_vpc', 'bytesFromVpc'),
  count('pkts_from_vpc', 'pktsFromVpc'),
  time('start_time', 'firstSec'),
  time('end_time', 'lastSec'),
  time('__time__', 'firstSec'),
  constant('run_id', UINTEGER, 'runId'),
  count('entry_no', 'entryNo'),
  count('session_id', 'sessionId'),
  short('capture_epoch', 'captureEpoch'),
  short('revision', 'revision'),
  time('window_start', 'windowStart'),
  constant('shard_id', USMALLINT, 'shardId'),
  time('first_ns', 'firstNs'),
  time('last_ns', 'lastNs'),
  byte('end_reason', 'endReason'),
  word('nat_eip', 'natEip'),
  byte('nat_source', 'natSource'),
  short('flags', 'flags'),
  count('first_packet', 'firstPacket'),
  count('last_packet', 'lastPacket'),
  time('mapping_end_ns', 'mappingEndNs'),
  realm,
  { name: 'extra', type: VARCHAR, source: { kind: 'extraBytes' } },
  seen,
];

/** The schema of the tables of entries; it is not on the search path, so no statement names one by chance. */
export const ENTRIES_SCHEMA = 'entries';

/** @returns the name of a Logstore's table within `ENTRIES_SCHEMA` */
export function logTableName(logstoreId: number): string {
  if (!Number.isSafeInteger(logstoreId) || logstoreId < 0) throw new RangeError(`no Logstore has the id ${logstoreId}`);
  return `log_${logstoreId}`;
}

/** @returns the qualified name, ready for SQL */
export function logTable(logstoreId: number): string {
  return `${ENTRIES_SCHEMA}.${logTableName(logstoreId)}`;
}

/** What the table of a Logstore of any fields has before these; what it has of them stands behind. */
const CUSTOM_COLUMNS: readonly Pick<LogColumn, 'name' | 'type'>[] = [
  { name: '__time__', type: BIGINT },
  { name: 'run_id', type: UINTEGER },
  { name: 'entry_no', type: UBIGINT },
  { name: 'shard_id', type: USMALLINT },
  { name: 'extra', type: VARCHAR },
];

/** The types of columns of fields; `json` is text. */
const FIELD_COLUMN: Readonly<Record<StoredType, DuckDBType>> = {
  text: VARCHAR,
  long: BIGINT,
  double: DOUBLE,
  json: VARCHAR,
  ipv4: UINTEGER,
};

/** Columns that nearly always have the value of the row before, or none, beside those that are the same for all rows of an append. */
const COLUMNS_OF_RUNS = ['capture_epoch', 'revision', 'window_start', 'seen_ns'];

/**
 * Every column of session logs but those of text holds integers that follow one another, for which bitpacking comes out smallest;
 * that DuckDB need not find that out by trying the others saves a tenth of the time that rows take. Runs are as small as runs, and
 * take a third of the time.
 */
function columnSql({ name, type, source }: LogColumn): string {
  const hasRuns = source.kind === 'constant' || COLUMNS_OF_RUNS.includes(name);
  const compression = type === VARCHAR ? '' : ` USING COMPRESSION ${hasRuns ? 'rle' : 'bitpacking'}`;
  return `  "${name}" ${type.toString()}${compression}`;
}

export function createLogTableSql(logstoreId: number, schema: SchemaKind): string {
  const lines =
    schema === 'session_log'
      ? LOG_COLUMNS.map(columnSql)
      : CUSTOM_COLUMNS.map(({ name, type }) => `  "${name}" ${type.toString()}`);
  return `CREATE TABLE IF NOT EXISTS ${logTable(logstoreId)} (\n${lines.join(',\n')}\n)`;
}

/** Adds the column of a field. No run may be under way: its writer knows the columns that were there when it began. */
export function addColumnSql(logstoreId: number, column: string, type: StoredType): string {
  return `ALTER TABLE ${logTable(logstoreId)} ADD COLUMN "${column}" ${FIELD_COLUMN[type].toString()}`;
}

export function dropLogTableSql(logstoreId: number): string {
  return `DROP TABLE IF EXISTS ${logTable(logstoreId)}`;
}
