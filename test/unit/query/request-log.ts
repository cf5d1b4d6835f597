import { DuckDBInstance } from '@duckdb/node-api';
import type { LogRelation, LogRelationField } from '../../../src-main/query/log-relation';
import { DEFAULT_DELIMITERS } from '../../../src-main/contract/index-config';

/** A log of web requests as the vendor's examples have them, with fields of NAT sessions beside them. */
const text = (name: string, column: string, token: readonly string[] = DEFAULT_DELIMITERS): LogRelationField => ({
  ...{ name, type: 'text', expression: `entry.${column}`, token, caseSensitive: false, chn: false },
});
const typed = (type: 'long' | 'double' | 'ipv4', name: string, column = name): LogRelationField => ({
  ...{ name, type, expression: `entry.${column}` },
});

export const REQUEST_RELATION: LogRelation = {
  table: 'request_log',
  fields: [
    text('request_method', 'method'),
    typed('long', 'status'),
    text('region', 'region'),
    typed('double', 'request_time'),
    text('remote_user', 'remote_user'),
    text('request method', 'method'),
    text('__topic__', 'topic', []),
    text('__tag__:__client_ip__', 'client_ip', []),
    text('__source__', 'source', []),
    text('request_uri', 'uri'),
    text('http_user_agent', 'agent'),
    text('time_local', 'time_local'),
    text('user.id', 'user_id'),
    typed('long', 'error.details.last_response.status_code', 'error_status'),
    text('dst_ip', 'dst_ip'),
    text('vpc-id', 'vpc'),
    typed('ipv4', 'nat_ip'),
    typed('ipv4', 'pri_ip'),
    typed('long', 'protocol'),
    typed('long', 'pub_port'),
    typed('long', 'nat_port'),
    typed('long', 'bytes_from_pub'),
    typed('long', 'pkts_from_vpc'),
  ],
  line: {
    ...{ token: DEFAULT_DELIMITERS, caseSensitive: false, chn: false },
    fields: [
      { name: 'message', expression: 'entry.message' },
      { name: 'request_method', expression: 'entry.method' },
    ],
  },
  visibleRuns: { maxRun: 1, hidden: [] },
};

/** What a row does not name is NULL in it. */
const ROWS = [
  {
    ...{ method: 'GET', status: 200, region: 'cn-hangzhou', request_time: 60, remote_user: 'tom', topic: 'HTTPS' },
    ...{
      client_ip: '192.0.2.1',
      source: '192.0.2.7',
      uri: '/request/path-1/file-0',
      agent: 'Mozilla/5.0 (Linux) Chrome',
    },
    ...{
      time_local: '22/Dec/2022:06:22:23',
      user_id: 'usr-9a2b3c4d',
      error_status: 504,
      message: 'OK 200 cn-shanghai',
    },
  },
  {
    ...{ method: 'GET', status: 404, region: 'cn-shanghai', request_time: 75.5, remote_user: '', topic: 'HTTP' },
    ...{ client_ip: '192.0.2.10', source: '198.51.100.7', uri: '/request/path-2/file-1', agent: 'Chrome on Linux' },
    ...{
      time_local: '17/Dec/2022:06:22:23',
      user_id: 'usr-1',
      error_status: 500,
      message: 'sand and cnet',
      dst_ip: '1.2.3.4',
    },
  },
  {
    ...{ method: 'POST', status: 299, region: 'cn*', request_time: 200, topic: 'ftp', uri: '/other', agent: 'mozilla' },
    ...{ message: 'Unknown cn status', dst_ip: '1.20.3.4', vpc: 'vpc-abc' },
  },
  {
    ...{ method: 'PUT', nat_ip: 0x2f010255, pri_ip: 0xac100001, protocol: 6, pub_port: 443, nat_port: 48155 },
    ...{ bytes_from_pub: 0, pkts_from_vpc: 3, message: 'mola mozila mozixla sands' },
  },
  {
    ...{ nat_ip: 0x2f010256, pri_ip: 0xac110001, protocol: 17, pub_port: 53, nat_port: 48155 },
    ...{ bytes_from_pub: 10, pkts_from_vpc: 0, vpc: 'vpc-abcd' },
  },
  { nat_ip: 0x2f010255, pri_ip: 0xac100909, protocol: 6, pub_port: 8443, nat_port: 1024 },
] as const;

const COLUMNS = [
  ...['method', 'region', 'remote_user', 'topic', 'client_ip', 'source', 'uri', 'agent', 'time_local', 'user_id'],
  ...['message', 'dst_ip', 'vpc', 'status', 'error_status', 'protocol', 'pub_port', 'nat_port', 'bytes_from_pub'],
  ...['pkts_from_vpc', 'nat_ip', 'pri_ip', 'request_time'],
] as const;

export interface RequestLog {
  /** Ordinals of the rows for which a condition holds. */
  find(condition: string, params: readonly (bigint | string | number)[]): Promise<number[]>;
  close(): void;
}

export async function openRequestLog(): Promise<RequestLog> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const types = COLUMNS.map(
    (name, at) => `${name} ${at < 13 ? 'VARCHAR' : at < 20 ? 'BIGINT' : at < 22 ? 'UINTEGER' : 'DOUBLE'}`,
  );
  await connection.run(`CREATE TABLE request_log (${types.join(', ')}, run_id UINTEGER, entry_no UBIGINT)`);
  for (const [at, row] of ROWS.entries()) {
    const values = COLUMNS.map((name) => (row as Readonly<Record<string, string | number>>)[name] ?? null);
    const places = values.map((_, place) => `$${place + 1}`).join(', ');
    await connection.run(`INSERT INTO request_log VALUES (${places}, 1, ${at})`, values);
  }
  return {
    find: async (condition, params) => {
      const sql = `SELECT entry_no FROM request_log AS entry WHERE ${condition} ORDER BY entry_no`;
      await connection.run(`EXPLAIN ${sql}`, [...params]);
      const reader = await connection.runAndReadAll(sql, [...params]);
      return reader.getRows().map(([ordinal]) => Number(ordinal));
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
