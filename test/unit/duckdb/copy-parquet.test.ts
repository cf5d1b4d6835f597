import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyToParquet } from '../../../src-main/duckdb/copy-parquet';
import { HOSTILE_TEXTS } from '../../support/hostile-rows';
import { readParquet, type ReadParquet } from '../../support/parquet';
import { sharedDatabase } from './temporary-workspace';

const shared = sharedDatabase();

async function copied(
  sql: string,
  { params = [], hints = [] }: { params?: bigint[]; hints?: 'ipv4'[] } = {},
): Promise<ReadParquet> {
  const path = pathOf('rows.parquet');
  const target = { path, nameColumns: (names: readonly string[]) => names };
  const { rowCount } = await copyToParquet(shared(), { sql, params, hints }, target, {});
  const read = await readParquet(path);
  expect(read.rows).toHaveLength(rowCount);
  return read;
}
const pathOf = (name: string): string => join(shared().workspaceDir, 'tmp', name);
const values = (read: ReadParquet): unknown[] => read.rows.map(([value]) => value);

test('texts are what they are, and NULL is NULL', async () => {
  const rows = HOSTILE_TEXTS.map((text, index) =>
    text === null ? `(${index}, NULL)` : `(${index}, '${text.replaceAll("'", "''")}')`,
  );
  const read = await copied(`SELECT t AS "say ""hi"", 'x'" FROM (VALUES ${rows.join(', ')}) AS v(i, t) ORDER BY i`);
  expect(values(read)).toEqual(HOSTILE_TEXTS);
  expect(read.names).toEqual([`say "hi", 'x'`]);
  expect(read.codecs).toEqual(new Set(['ZSTD']));
});

const MAX_38 = 10n ** 38n - 1n;

test.each([
  { type: 'BIGINT', numbers: [2n ** 63n - 1n, -(2n ** 63n), 9_007_199_254_740_993n, 0n, null] },
  { type: 'UBIGINT', numbers: [2n ** 64n - 1n, 2n ** 63n, 0n, null] },
  { type: 'HUGEINT', numbers: [MAX_38, -MAX_38, 2n ** 64n, -1n, null] },
  { type: 'UHUGEINT', numbers: [MAX_38, 0n, null] },
])('integers of $type keep all digits', async ({ type, numbers }) => {
  const rows = numbers.map((value, index) => `(${index}, CAST(${value === null ? 'NULL' : `'${value}'`} AS ${type}))`);
  const read = await copied(`SELECT n FROM (VALUES ${rows.join(', ')}) AS v(i, n) ORDER BY i`);
  expect(values(read)).toEqual(numbers);
});

test('sums beyond 64 bits are decimals of 38 digits', async () => {
  const read = await copied(`SELECT sum(n) AS s, [sum(n)] AS l FROM (SELECT ${2n ** 63n - 1n} AS n FROM range(3))`);
  expect(values(read)).toEqual([3n * (2n ** 63n - 1n)]);
  expect(read.metadata.row_groups[0]?.columns.map(({ meta_data }) => meta_data?.type)).toEqual([
    'FIXED_LEN_BYTE_ARRAY',
    'FIXED_LEN_BYTE_ARRAY',
  ]);
});

test.each([
  {
    name: 'an integer of 39 digits',
    sql: `SELECT ${MAX_38 + 1n} AS total`,
    says: /Column total .* 38: cast it to varchar/,
  },
  {
    name: 'an infinite time',
    sql: `SELECT CAST('infinity' AS TIMESTAMP) AS at`,
    says: /Column at has an infinite time/,
  },
])('$name is refused, since it could not be kept', async ({ sql, says }) => {
  await expect(copied(sql)).rejects.toMatchObject({
    code: 'QUERY_FAILED',
    message: expect.stringMatching(says) as string,
  });
});

test('times are the instants that they are elsewhere, with every digit', async () => {
  const times = [
    '2025-11-02 01:30:00.123456',
    '1969-12-31 23:59:59.999999',
    '1883-11-18 12:03:57',
    '9999-12-31 00:00:00',
  ];
  const rows = times.map((text, index) => `(${index}, TIMESTAMP '${text}')`);
  const read = await copied(`SELECT t FROM (VALUES ${rows.join(', ')}, (99, NULL)) AS v(i, t) ORDER BY i`);
  const expected = times.map((text) => {
    const [seconds = '', fraction = '0'] = text.split('.');
    return BigInt(Date.parse(`${seconds.replace(' ', 'T')}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'));
  });
  expect(values(read)).toEqual([...expected, null]);
  expect(read.metadata.schema[1]?.logical_type).toMatchObject({ type: 'TIMESTAMP', isAdjustedToUTC: true });
});

test('addresses are text, doubles keep what JSON cannot have, and what Parquet has no type for is text', async () => {
  const sql = `SELECT CAST(3405803777 AS UINTEGER) AS ip, CAST('NaN' AS DOUBLE) AS nan, CAST('-inf' AS DOUBLE) AS low,
    INTERVAL 1 MICROSECOND AS span, CAST('2026-03-10' AS DATE) AS day, true AS ok,
    ['a', NULL, 'b"'] AS list, map { 'k': 1 } AS map, TIME '10:00:00.000001' AS clock`;
  const { rows } = await copied(sql, { hints: ['ipv4'] });
  expect(rows).toEqual([
    [
      ...['203.0.113.1', NaN, -Infinity, '00:00:00.000001', new Date('2026-03-10'), true],
      ...[['a', null, 'b"'], { k: 1 }, '10:00:00.000001'],
    ],
  ]);
});

test('parameters are bound, and the order of the statement is that of the file', async () => {
  const sql = 'SELECT i FROM range(CAST($1 AS BIGINT)) AS r(i) ORDER BY hash(i)';
  const read = await copied(sql, { params: [300_000n] });
  const ordered = await shared().withConnection(
    async (connection) =>
      (await connection.runAndReadAll('SELECT i FROM range(300000) AS r(i) ORDER BY hash(i)')).getColumns()[0],
  );
  expect(values(read)).toEqual(ordered);
  expect(read.metadata.row_groups.length).toBeGreaterThan(1);
});

test('a file without rows has its columns', async () => {
  const read = await copied('SELECT 1 AS a, 2 AS b WHERE false');
  expect(read.metadata.schema.map(({ name }) => name)).toEqual(['duckdb_schema', 'a', 'b']);
});

test('neither a statement that writes nor a place outside of the workspace is reached', async () => {
  const outside = join(shared().workspaceDir, 'outside.parquet');
  await expect(copied('DELETE FROM workspace_meta RETURNING 1 AS x')).rejects.toMatchObject({ code: 'QUERY_FAILED' });
  const target = { path: outside, nameColumns: (names: readonly string[]) => names };
  const statement = { sql: 'SELECT 1 AS x', params: [], hints: [] };
  await expect(copyToParquet(shared(), statement, target, {})).rejects.toMatchObject({ code: 'QUERY_FAILED' });
  await expect(copied(`SELECT 1) TO '${outside}' --`)).rejects.toMatchObject({ code: 'QUERY_FAILED' });
  expect(existsSync(outside)).toBe(false);
});

test('a copy is cancelled while it runs', async () => {
  const abort = new AbortController();
  const target = { path: pathOf('long.parquet'), nameColumns: (names: readonly string[]) => names };
  const statement = { sql: 'SELECT a.i FROM range(1000000) a(i), range(1000000) b(i)', params: [], hints: [] };
  const copying = copyToParquet(shared(), statement, target, { signal: abort.signal });
  await expect.poll(() => existsSync(target.path)).toBe(true);
  abort.abort();
  await expect(copying).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
});
