import { DuckDBInstance } from '@duckdb/node-api';
import { createSqlParser } from '../../../src-main/duckdb/sql-parser';
import { compileQuery } from '../../../src-main/query/compile';
import type { CompileRequest } from '../../../src-main/query/compiled-query';
import type { LogRelation } from '../../../src-main/query/log-relation';
import { parseAddress } from '../../../src-main/query/search-addresses';
import { plainValue } from './sample-log';

/** An entry as the page's examples have it: an access log, a flow log and a session log in one. */
export interface VendorRow {
  readonly __time__: number;
  readonly [field: string]: string | number | null;
}

const HOUR = 3600;
/** 2026-11-25 00:00:00 UTC: entries lie in the two days from it on. */
export const START = 1_795_564_800;
export const RANGE = { fromSec: START + 24 * HOUR, toSec: START + 48 * HOUR };
/** Noon of the second day. */
export const NOW_MS = (START + 36 * HOUR) * 1000;

const METHODS = ['GET', 'POST', 'PUT'] as const;
const CLIENTS = ['10.0.0.7', '203.0.113.9', '192.168.0.77', '8.8.8.8'] as const;
const PROTOCOLS = [6, 17, 1] as const;

function entry(index: number, time: number): VendorRow {
  const client = CLIENTS[index % 4] ?? null;
  return {
    __time__: time,
    request_method: METHODS[index % 3] ?? null,
    method: index % 3 === 1 ? 'PostLogstoreLogs' : 'GetLogs',
    status: [200, 401, 404, 500][index % 4] ?? null,
    request_time: index * 7,
    request_length: 100 + index,
    request_uri: index % 2 === 0 ? `/request/path-${index % 3}?id=${index}` : '/file-0',
    client_ip: client,
    slbid: index % 5 === 0 ? null : `slb-${index % 2}`,
    host: `h${index % 3}`,
    latency: 400 * (index % 6),
    requestId: `r${index}`,
    Project: `p${index % 2}`,
    api: `api-${index % 2}`,
    array_column: `[${index}, ${index + 1}]`,
    key: index % 3 === 0 ? '192.168.1.5' : '10.0.0.1',
    '__tag__:__hostname__': `host-${index % 2}`,
    remote_addr: CLIENTS[index % 3] ?? null,
    log_type: 'internet_log',
    action: index % 2 === 0 ? 'REJECT' : 'ACCEPT',
    direction: index % 3 === 0 ? 'out' : 'in',
    srcaddr: client,
    dstport: 22 + (index % 2),
    'eni-id': `eni-${index % 2}`,
    'vpc-id': index % 4 === 0 ? 'vpc-abc' : 'vpc-def',
    bytes: 1000 * index,
    dst_ip: index % 2 === 0 ? '1.2.3.4' : '9.9.9.9',
    in_packet_bytes: 10 * index,
    in_packet_count: index,
    pri_ip: `172.16.${index % 2}.${index % 4}`,
    pub_ip: `198.51.100.${index % 3}`,
    pub_port: index % 2 === 0 ? 53 : 443,
    protocol: PROTOCOLS[index % 3] ?? null,
    nat_ip: `47.1.2.${index % 2}`,
    nat_port: 48_000 + (index % 7),
    bytes_from_vpc: 100 * index,
    bytes_from_pub: 10 * (index % 5),
    start_time: time,
    end_time: time + (index % 10) * 3,
  };
}

/** Two days of entries, the second busier; none of them in some of its hours. */
export const ROWS: readonly VendorRow[] = [
  ...Array.from({ length: 12 }, (_, index) => entry(index, START + index * 2 * HOUR + 5)),
  ...Array.from({ length: 30 }, (_, index) =>
    entry(index + 1, START + 24 * HOUR + Math.floor(index / 3) * 2 * HOUR + index),
  ),
];

/** The entries of the range of the queries. */
export const IN_RANGE: readonly VendorRow[] = ROWS.filter(
  ({ __time__ }) => __time__ >= RANGE.fromSec && __time__ < RANGE.toSec,
);

const OPERATIONS: readonly VendorRow[] = [
  { __time__: START + 25 * HOUR, logstore: 'a', Latency: 5, Method: 'Post' },
  { __time__: START + 26 * HOUR, logstore: 'b', Latency: 7, Method: 'Get' },
];
const DIAGNOSTICS: readonly VendorRow[] = [
  { __time__: START + 25 * HOUR, logstore: 'a', consumer_group: 'g1' },
  { __time__: START + 26 * HOUR, logstore: 'a', consumer_group: 'g2' },
  { __time__: START + 27 * HOUR, logstore: 'c', consumer_group: 'g3' },
];
export const OTHER_LOGSTORES = { 'internal-operation_log': OPERATIONS, 'internal-diagnostic_log': DIAGNOSTICS };

const quoted = (name: string): string => `"${name}"`;

const COLUMN_TYPES = { long: 'BIGINT', text: 'VARCHAR', double: 'DOUBLE', ipv4: 'UINTEGER' } as const;

function relationOf(table: string, rows: readonly VendorRow[], addresses: 'text' | 'ipv4'): LogRelation {
  const [first] = rows;
  const names = Object.keys(first ?? {}).filter((name) => name !== '__time__');
  const isNumber = (name: string): boolean => rows.every((row) => row[name] == null || typeof row[name] === 'number');
  const isAddress = (name: string): boolean =>
    rows.every((row) => row[name] == null || parseAddress(String(row[name])) !== null);
  return {
    table: `store.${quoted(table)}`,
    fields: names.map((name) => ({
      name,
      type: isNumber(name) ? 'long' : isAddress(name) ? addresses : 'text',
      expression: `entry.${quoted(name)}`,
    })),
    visibleRuns: { maxRun: 1, hidden: [] },
  };
}

export interface VendorLog {
  readonly run: (
    text: string,
    options?: Partial<CompileRequest>,
  ) => Promise<{ sql: string; rows: readonly Readonly<Record<string, unknown>>[] }>;
  close(): void;
}

/** @param addresses how they are stored: as the text that they are at the vendor, or as numbers */
export async function openVendorLog(addresses: 'text' | 'ipv4' = 'text'): Promise<VendorLog> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const relations = new Map<string, LogRelation>();
  await connection.run('CREATE SCHEMA store');
  for (const [name, rows] of Object.entries({ access: ROWS, ...OTHER_LOGSTORES })) {
    const relation = relationOf(name, rows, addresses);
    relations.set(name, relation);
    const columns = relation.fields.map((field) => `${quoted(field.name)} ${COLUMN_TYPES[field.type]}`);
    await connection.run(
      `CREATE TABLE ${relation.table} (${columns.join(', ')}, __time__ BIGINT, run_id UINTEGER, entry_no UBIGINT)`,
    );
    for (const [index, row] of rows.entries()) {
      const stored = relation.fields.map(({ name: field, type }) =>
        type === 'ipv4' && row[field] != null ? Number(parseAddress(String(row[field]))) : (row[field] ?? null),
      );
      const values = [...stored, row.__time__];
      const places = values.map((value, at) => (typeof value === 'number' ? `$${at + 1}::BIGINT` : `$${at + 1}`));
      await connection.run(`INSERT INTO ${relation.table} VALUES (${places.join(', ')}, 1, ${index})`, values);
    }
  }
  const parser = createSqlParser({ withConnection: (use) => use(connection) });
  const own = relations.get('access');
  if (own === undefined) throw new Error('no log');
  return {
    run: async (text, options) => {
      const find = (name: string): Promise<LogRelation | null> => Promise.resolve(relations.get(name) ?? null);
      const request: CompileRequest = {
        ...{ text, range: RANGE, limit: null, offset: 0, reverse: false, nowMs: NOW_MS },
        logstores: { own: 'access', find },
        ...options,
      };
      const query = await compileQuery(request, own, parser);
      const params = [...query.params];
      await connection.runAndReadAll(`EXPLAIN ${query.sql}`, params);
      const reader = await connection.runAndReadAll(query.sql, params);
      const names = reader.columnNames();
      const rows = reader
        .getRows()
        .map((row) => Object.fromEntries(names.map((name, at) => [name, plainValue(row[at] ?? null)])));
      return { sql: query.sql, rows };
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
