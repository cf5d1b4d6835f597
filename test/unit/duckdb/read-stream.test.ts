import { describe, expect, test } from 'vitest';
import type { ResultBatch, ResultColumn } from '../../../src-main/contract/result-batch';
import type { Database } from '../../../src-main/duckdb/database';
import { readStream, type StreamOptions } from '../../../src-main/duckdb/read-stream';
import { sharedDatabase, temporaryDatabase } from './temporary-workspace';

/** Runs until interrupted, and has rows to give from the start. */
const ENDLESS = 'SELECT range AS x FROM range(100000000000) WHERE range % 7 = 3';
/** Runs until interrupted, and never has a row. */
const SILENT = 'SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE (a.range * b.range) % 7 = 3';

const shared = sharedDatabase();

async function collect(database: Database, sql: string, options: StreamOptions = {}): Promise<ResultBatch[]> {
  const batches: ResultBatch[] = [];
  for await (const batch of readStream(database, sql, [], options)) batches.push(batch);
  return batches;
}

function valuesOf(column: ResultColumn): unknown[] {
  return Array.from(column.data as ArrayLike<number | bigint>, (value, row) => {
    if (column.validity?.[row] === 0) return null;
    return column.type === 'text' || column.type === 'json' ? column.dictionary[Number(value)] : value;
  });
}

async function oneColumn(
  database: Database,
  sql: string,
): Promise<{ readonly type: string; readonly values: unknown[] }> {
  const [batch] = await collect(database, sql);
  const column = batch!.columns[0]!;
  return { type: column.type, values: valuesOf(column) };
}

describe('a column', () => {
  const cases: readonly {
    readonly name: string;
    readonly sql: string;
    readonly type: string;
    readonly values: unknown[];
  }[] = [
    { name: 'BOOLEAN', sql: 'VALUES (true), (NULL), (false)', type: 'bool', values: [1, null, 0] },
    {
      name: 'TINYINT',
      sql: 'VALUES ((-128)::TINYINT), (127::TINYINT), (NULL)',
      type: 'int64',
      values: [-128n, 127n, null],
    },
    {
      name: 'SMALLINT',
      sql: 'VALUES ((-32768)::SMALLINT), (32767::SMALLINT)',
      type: 'int64',
      values: [-32768n, 32767n],
    },
    { name: 'INTEGER', sql: 'VALUES ((-2147483648)::INTEGER), (-1)', type: 'int64', values: [-2147483648n, -1n] },
    {
      name: 'BIGINT',
      sql: 'VALUES ((-9223372036854775808)::BIGINT), (9223372036854775807), (NULL)',
      type: 'int64',
      values: [-9223372036854775808n, 9223372036854775807n, null],
    },
    { name: 'UTINYINT', sql: 'SELECT 255::UTINYINT', type: 'int64', values: [255n] },
    { name: 'USMALLINT', sql: 'VALUES (65535::USMALLINT)', type: 'int64', values: [65535n] },
    { name: 'UINTEGER', sql: 'VALUES (4294967295::UINTEGER), (0)', type: 'int64', values: [4294967295n, 0n] },
    {
      name: 'UBIGINT',
      sql: 'VALUES (18446744073709551615::UBIGINT), (1)',
      type: 'json',
      values: ['18446744073709551615', '1'],
    },
    {
      name: 'HUGEINT',
      sql: 'VALUES ((-170141183460469231731687303715884105728)::HUGEINT), (NULL)',
      type: 'json',
      values: ['-170141183460469231731687303715884105728', null],
    },
    { name: 'a sum of integers', sql: 'SELECT sum(range) FROM range(10)', type: 'json', values: ['45'] },
    { name: 'DECIMAL(4,1)', sql: 'VALUES ((-1.5)::DECIMAL(4,1))', type: 'json', values: ['-1.5'] },
    {
      name: 'DECIMAL(38,10)',
      sql: "VALUES ('1234567890123456789012345678.0123456789'::DECIMAL(38,10))",
      type: 'json',
      values: ['1234567890123456789012345678.0123456789'],
    },
    { name: 'FLOAT', sql: "VALUES (1.5::FLOAT), ('-inf'::FLOAT)", type: 'float64', values: [1.5, -Infinity] },
    { name: 'DOUBLE', sql: "VALUES (0.1::DOUBLE), ('nan'::DOUBLE), (NULL)", type: 'float64', values: [0.1, NaN, null] },
    {
      name: 'VARCHAR',
      sql: "VALUES ('short'), ('longer than twelve bytes, 中文 😀'), (NULL), ('short'), ('')",
      type: 'text',
      values: ['short', 'longer than twelve bytes, 中文 😀', null, 'short', ''],
    },
    { name: 'JSON', sql: `SELECT '{"a": 1}'::JSON`, type: 'json', values: ['{"a": 1}'] },
    {
      name: 'TIMESTAMP',
      sql: "VALUES (TIMESTAMP '2024-01-02 03:04:05.678901')",
      type: 'timestamp',
      values: [1704164645678901n],
    },
    {
      name: 'TIMESTAMP WITH TIME ZONE',
      sql: "VALUES (TIMESTAMPTZ '2024-01-02 03:04:05+08')",
      type: 'timestamp',
      values: [1704135845000000n],
    },
    { name: 'DATE', sql: "VALUES (DATE '2024-02-29')", type: 'text', values: ['2024-02-29'] },
    { name: 'TIME', sql: "VALUES (TIME '23:59:59.5')", type: 'text', values: ['23:59:59.5'] },
    { name: 'INTERVAL', sql: "VALUES (INTERVAL '1 day 2 hours')", type: 'text', values: ['1 day 02:00:00'] },
    {
      name: 'UUID',
      sql: "VALUES ('b2a59a4d-0b6b-4f8e-9d26-4f4c3c1d2e5f'::UUID)",
      type: 'text',
      values: ['b2a59a4d-0b6b-4f8e-9d26-4f4c3c1d2e5f'],
    },
    { name: 'ENUM', sql: "VALUES ('b'::ENUM('a', 'b'))", type: 'text', values: ['b'] },
    { name: 'a list', sql: 'SELECT [1, NULL, 9007199254740993]', type: 'json', values: ['[1,null,9007199254740993]'] },
    {
      name: 'a struct',
      sql: `SELECT {'a': 'x"y', 'b': [1.50::DECIMAL(5,2)], 'c': DATE '2024-01-01', 'd': 'nan'::DOUBLE}`,
      type: 'json',
      values: [String.raw`{"a":"x\"y","b":[1.50],"c":"2024-01-01","d":"NaN"}`],
    },
    { name: 'a map', sql: "SELECT MAP {'k': 1, 'l': NULL}", type: 'json', values: ['{"k":1,"l":null}'] },
    { name: 'NULL alone', sql: 'SELECT NULL', type: 'int64', values: [null] },
  ];
  test.each(cases)('of $name becomes $type', async ({ sql, type, values }) => {
    expect(await oneColumn(shared(), sql)).toEqual({ type, values });
  });

  test('of UINTEGER with the hint is an address, and without it a number', async () => {
    const database = shared();
    const sql = 'SELECT 4294967295::UINTEGER AS a, 1::UINTEGER AS b, 2 AS c';
    const [batch] = await collect(database, sql, { hints: ['ipv4', null] });
    expect(batch!.columns.map(({ type, data }) => [type, data[0]])).toEqual([
      ['ipv4', 4294967295],
      ['int64', 1n],
      ['int64', 2n],
    ]);
  });

  test('keeps its name, also when another has the same', async () => {
    const [batch] = await collect(shared(), 'SELECT 1 AS a, 2 AS a, 3 AS "b c"');
    expect(batch!.columns.map(({ name }) => name)).toEqual(['a', 'a', 'b c']);
  });
});

describe('a result', () => {
  test('of many chunks is whole, in order, with its NULLs, in batches that stay valid', async () => {
    const database = shared();
    const rows = 100_003;
    const sql = `
      SELECT range AS x, CASE WHEN range % 3 = 0 THEN NULL ELSE range::UTINYINT + 0 END AS y, 'k' || range % 5 AS z
      FROM range(${rows}) WHERE range < 200 OR range >= 200`.replace('range::UTINYINT', '(range % 200)::UTINYINT');
    const batches = await collect(database, sql);
    expect(batches.length).toBeLessThan(10);
    let row = 0;
    for (const { rowCount, columns } of batches) {
      const [x, y, z] = columns.map(valuesOf);
      for (let at = 0; at < rowCount; at++, row++) {
        const wanted = [BigInt(row), row % 3 === 0 ? null : BigInt(row % 200), `k${row % 5}`];
        if (x![at] !== wanted[0] || y![at] !== wanted[1] || z![at] !== wanted[2]) {
          throw new Error(`row ${row}: ${String([x![at], y![at], z![at]])}`);
        }
      }
    }
    expect(row).toBe(rows);
  });

  test('without rows is one batch with its columns', async () => {
    const batches = await collect(shared(), 'SELECT 1 AS a WHERE false');
    expect(batches.map(({ rowCount, columns }) => [rowCount, columns.map(({ name }) => name)])).toEqual([[0, ['a']]]);
  });

  test('takes parameters', async () => {
    const database = shared();
    const batches: ResultBatch[] = [];
    for await (const batch of readStream(database, 'SELECT $1::INTEGER + 1 AS a, $2 AS b', [41, "it's"])) {
      batches.push(batch);
    }
    expect(batches[0]!.columns.map(valuesOf)).toEqual([[42n], ["it's"]]);
  });

  test('of a statement that would write is refused', async () => {
    const database = shared();
    await expect(collect(database, 'CREATE TABLE t (x INTEGER)')).rejects.toMatchObject({ code: 'QUERY_FAILED' });
  });
});

describe('a statement that fails', () => {
  test.each([
    { name: 'to parse', sql: 'SELEC 1', message: /syntax error at or near "SELEC"/ },
    { name: 'to bind', sql: 'SELECT nope FROM range(3)', message: /Referenced column "nope" not found/ },
    { name: 'on its first row', sql: "SELECT 'x'::INTEGER", message: /Could not convert string 'x'/ },
    {
      name: 'after millions of rows, where the stream itself ends quietly',
      sql: "SELECT CASE WHEN range = 3000000 THEN error('boom') ELSE 'ok' END FROM range(4000000)",
      message: /boom/,
    },
  ])('$name is QUERY_FAILED with the sentence and without the excerpt', async ({ sql, message }) => {
    const database = shared();
    const refusal: unknown = await collect(database, sql).catch((cause: unknown) => cause);
    expect(refusal).toMatchObject({ code: 'QUERY_FAILED', message: expect.stringMatching(message) as unknown });
    expect(String(refusal)).not.toContain('LINE 1');
    expect(await oneColumn(database, 'SELECT 1')).toMatchObject({ values: [1n] });
  });
});

describe('a statement that is stopped', () => {
  test('while it gives rows throws QUERY_CANCELLED, and never ends as if complete', async () => {
    const database = shared();
    const stop = new AbortController();
    let batches = 0;
    const reading = (async () => {
      for await (const _ of readStream(database, ENDLESS, [], { signal: stop.signal })) {
        if (++batches === 3) stop.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
    expect(batches).toBe(3);
  });

  test.each([
    { name: 'before it began', when: 0 },
    { name: 'while it is about to run', when: 1 },
    { name: 'while it computes', when: 100 },
  ])('$name throws QUERY_CANCELLED within a moment', async ({ when }) => {
    const database = shared();
    const stop = new AbortController();
    if (when === 0) stop.abort();
    else setTimeout(() => stop.abort(), when);
    const refusal = collect(database, SILENT, { signal: stop.signal });
    await expect(refusal).rejects.toMatchObject({ code: 'QUERY_CANCELLED', detail: {} });
  });

  test('by its time limit throws QUERY_TIMEOUT with the limit', async () => {
    const refusal = collect(shared(), SILENT, { timeoutMs: 50 });
    await expect(refusal).rejects.toMatchObject({ code: 'QUERY_TIMEOUT', detail: { timeoutMs: 50 } });
  });

  test('by breaking off the loop gives back its connection, and the database closes', async () => {
    const database = await temporaryDatabase();
    for (let round = 0; round < 20; round++) {
      for await (const _ of readStream(database, ENDLESS)) break;
    }
    expect(await oneColumn(database, 'SELECT 1')).toMatchObject({ values: [1n] });
    await database.close();
  });

  test('by closing the database throws QUERY_CANCELLED', async () => {
    const database = await temporaryDatabase();
    const refusal = expect(collect(database, SILENT)).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
    await new Promise((resolve) => setImmediate(resolve));
    await database.close();
    await refusal;
  });

  test('does not disturb the others', async () => {
    const database = shared();
    const stop = new AbortController();
    const stopped = expect(collect(database, SILENT, { signal: stop.signal })).rejects.toMatchObject({
      code: 'QUERY_CANCELLED',
    });
    const others = [1, 2, 3].map(async () => {
      const batches = await collect(database, 'SELECT range FROM range(200000)');
      return batches.reduce((rows, { rowCount }) => rows + rowCount, 0);
    });
    stop.abort();
    await stopped;
    expect(await Promise.all(others)).toEqual([200_000, 200_000, 200_000]);
  });
});

test('texts are what they are, however long, often and near to each other, over several vectors', async () => {
  // Texts of up to 12 octets are in the vector itself, longer ones elsewhere; ü has two octets.
  const text = (row: number): string | null => {
    if (row % 11 === 10) return null;
    const length = (row * 7) % 40;
    return (row % 3 === 0 ? '\ufeffü' : `${row % 5}`).padEnd(length, String.fromCharCode(97 + (row % 4)));
  };
  const sql = `SELECT CASE WHEN range % 11 = 10 THEN NULL ELSE rpad(CASE WHEN range % 3 = 0 THEN '\ufeffü' ELSE (range % 5)::VARCHAR END,
    greatest((range * 7) % 40, CASE WHEN range % 3 = 0 THEN 2 ELSE 1 END)::INTEGER, chr(97 + (range % 4)::INTEGER)) END FROM range(7000)`;
  const batches = await collect(shared(), sql, { batchRows: 5000 });
  const values = batches.flatMap(({ columns }) => valuesOf(columns[0]!));
  expect(values).toEqual(Array.from({ length: 7000 }, (_, row) => text(row)));
  for (const { columns } of batches) {
    const { dictionary } = columns[0] as Extract<ResultColumn, { readonly type: 'text' }>;
    expect(new Set(dictionary).size).toBe(dictionary.length);
  }
});
