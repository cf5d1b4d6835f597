import {
  DuckDBInstance,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  type DuckDBConnection,
  type DuckDBValue,
} from '@duckdb/node-api';
import { createSqlParser } from '../../../src-main/duckdb/sql-parser';
import type { CompiledQuery, CompileRequest, SqlParser } from '../../../src-main/query/compiled-query';
import type { LogRelation } from '../../../src-main/query/log-relation';

/** A log of ten entries, in the physical form of a Logstore's table; runs 3 (hidden) and 9 (not committed) are in it too. */
export interface SampleRow {
  readonly instance: string | null;
  readonly protocol: bigint | null;
  readonly pri_ip: string | null;
  readonly pri_port: bigint | null;
  readonly pub_ip: string | null;
  readonly bytes: bigint | null;
  readonly time: bigint;
  readonly run: number;
  readonly entry: number;
}

const row = (
  instance: string | null,
  protocol: bigint | null,
  [pri_ip, pri_port]: readonly [string | null, bigint | null],
  pub_ip: string | null,
  bytes: bigint | null,
  [time, run, entry]: readonly [bigint, number, number],
): SampleRow => ({ instance, protocol, pri_ip, pri_port, pub_ip, bytes, time, run, entry });

export const SAMPLE_ROWS: readonly SampleRow[] = [
  row('ngw-a', 6n, ['10.0.0.1', 40000n], '198.51.100.1', 100n, [1000n, 1, 0]),
  row('ngw-a', 6n, ['10.0.0.2', 40001n], '198.51.100.1', 250n, [1000n, 1, 1]),
  row('NGW-B', 17n, ['10.0.0.1', 53n], '8.8.8.8', 0n, [1060n, 1, 2]),
  row('ngw-b', 1n, ['255.255.255.255', 0n], '0.0.0.0', 84n, [1060n, 2, 0]),
  // public-only captures have no private side
  row('ngw-a', 6n, [null, null], '198.51.100.2', 5000n, [1119n, 2, 1]),
  row(null, 17n, [null, null], null, null, [1120n, 2, 2]),
  row("1' OR '1'='1", 6n, ['10.0.0.3', 65535n], '198.51.100.1', 4294967295n, [1120n, 4, 0]),
  row('a"b\\c', 6n, ['10.1.0.1', 1n], '198.51.100.1', 9007199254740993n, [1200n, 4, 1]),
  row('ngw-c', 47n, ['192.168.1.1', 443n], '203.0.113.7', 1n, [1300n, 4, 2]),
  row('ngw-c', null, ['192.168.1.1', 443n], '203.0.113.7', 7n, [1300n, 5, 0]),
];

const INVISIBLE_ROWS: readonly SampleRow[] = [
  row('hidden', 6n, ['10.0.0.1', 1n], '8.8.8.8', 1_000_000n, [1000n, 3, 0]),
  row('uncommitted', 6n, ['10.0.0.1', 1n], '8.8.8.8', 1_000_000n, [1000n, 9, 0]),
];

/** A range with every visible entry. */
export const WHOLE: CompileRequest['range'] = { fromSec: 1000, toSec: 1301 };

/** Hostile on purpose; holds the same as `bytes`. */
export const HOSTILE_FIELD = 'a" OR 1=1 --';

export const RELATION: LogRelation = {
  table: '"store"."log_1"',
  fields: [
    {
      name: 'instance',
      type: 'text',
      expression: '(SELECT d.name FROM store.instance d WHERE d.id = entry.instance_id)',
    },
    { name: 'protocol', type: 'long', expression: 'protocol' },
    { name: 'pri_ip', type: 'ipv4', expression: 'pri_ip' },
    { name: 'pri_port', type: 'long', expression: 'pri_port' },
    { name: 'pub_ip', type: 'ipv4', expression: 'pub_ip' },
    { name: 'bytes', type: 'long', expression: 'entry.bytes' },
    { name: HOSTILE_FIELD, type: 'long', expression: 'entry.bytes' },
  ],
  visibleRuns: { maxRun: 5, hidden: [3] },
};

export function addressNumber(address: string): bigint {
  return address.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}

/** A value with numbers as numbers, lists as arrays, maps and rows as objects. */
export function plainValue(value: DuckDBValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof DuckDBListValue) return value.items.map(plainValue);
  if (value instanceof DuckDBMapValue) {
    return Object.fromEntries(value.entries.map(({ key, value: inner }) => [String(key), plainValue(inner)]));
  }
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([key, inner]) => [key, plainValue(inner)]));
  }
  return value;
}

export interface SampleLog {
  readonly connection: DuckDBConnection;
  readonly parser: SqlParser;
  run(
    query: Pick<CompiledQuery, 'sql' | 'params'>,
  ): Promise<{ readonly columns: readonly string[]; readonly rows: readonly DuckDBValue[][] }>;
  close(): void;
}

async function fill(connection: DuckDBConnection): Promise<void> {
  await connection.run(`
    CREATE SCHEMA store;
    CREATE TABLE store.instance (id UINTEGER, name VARCHAR);
    CREATE TABLE store.log_1 (instance_id UINTEGER, protocol UTINYINT, pri_ip UINTEGER, pri_port USMALLINT,
      pub_ip UINTEGER, bytes UBIGINT, __time__ BIGINT, run_id UINTEGER, entry_no UBIGINT, shard_id USMALLINT);
    CREATE TABLE secret (word VARCHAR);
    INSERT INTO secret VALUES ('nobody may read this');
  `);
  // newest first, so that an order comes from the statement and not from the table
  const rows = [...SAMPLE_ROWS, ...INVISIBLE_ROWS].reverse();
  for (const [index, sample] of rows.entries()) {
    await connection.run('INSERT INTO store.instance VALUES ($1::BIGINT, $2)', [index, sample.instance]);
    const address = (text: string | null): bigint | null => (text === null ? null : addressNumber(text));
    await connection.run(
      `INSERT INTO store.log_1 VALUES ($1::BIGINT, $2::BIGINT, $3::BIGINT, $4::BIGINT, $5::BIGINT, $6::HUGEINT,
        $7::BIGINT, $8::BIGINT, $9::BIGINT, 0)`,
      [
        sample.instance === null ? null : index,
        ...[sample.protocol, address(sample.pri_ip), sample.pri_port, address(sample.pub_ip), sample.bytes],
        ...[sample.time, sample.run, sample.entry],
      ],
    );
  }
}

/** The sample in a database in memory, with DuckDB's own parser. */
export async function openSampleLog(): Promise<SampleLog> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await fill(connection);
  return {
    connection,
    parser: createSqlParser({ withConnection: (use) => use(connection) }),
    run: async (query) => {
      const params = [...query.params];
      // every generated statement is bound before it runs
      await connection.runAndReadAll(`EXPLAIN ${query.sql}`, params);
      const reader = await connection.runAndReadAll(query.sql, params);
      return { columns: reader.columnNames(), rows: reader.getRows() };
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
