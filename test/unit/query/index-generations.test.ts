import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSqlParser } from '../../../src-main/duckdb/sql-parser';
import { compileQuery } from '../../../src-main/query/compile';
import type { CompiledQuery } from '../../../src-main/query/compiled-query';
import type { LogRelation, LogRelationField } from '../../../src-main/query/log-relation';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  await connection.run(`
    CREATE TABLE log_1 (status VARCHAR, host VARCHAR, address UINTEGER, __time__ BIGINT, run_id UINTEGER, entry_no UBIGINT);
    INSERT INTO log_1 SELECT v.status, v.host, v.address, 1, run, v.entry_no
    FROM range(0, 4) AS r(run), (VALUES ('200', 'a b', 167772161, 0), ('1.5', 'B', 167772162, 1), ('abc', NULL, NULL, 2))
      AS v(status, host, address, entry_no)`);
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

const WORDS = { token: [' '], caseSensitive: false, chn: false };
const status = {
  text: { name: 'status', type: 'text', expression: 'entry.status', ...WORDS },
  long: {
    name: 'status',
    type: 'long',
    expression: `CASE WHEN regexp_matches(entry.status, '^[0-9]+$') THEN TRY_CAST(entry.status AS BIGINT) END`,
  },
  double: { name: 'status', type: 'double', expression: 'TRY_CAST(entry.status AS DOUBLE)' },
} as const satisfies Record<string, LogRelationField>;
const host: LogRelationField = { name: 'host', type: 'text', expression: 'entry.host', ...WORDS };
const line = { ...WORDS, fields: [{ name: 'host', expression: 'entry.host' }] };

/** Run 0 has no index, run 1 `status` as text, run 2 as double with `host`, later ones as long with full text. */
const RELATION: LogRelation = {
  table: 'log_1',
  fields: [status.long, host],
  line,
  visibleRuns: { maxRun: 9, hidden: [] },
  olderIndexes: [
    { untilRun: 0, fields: [] },
    { untilRun: 1, fields: [status.text] },
    { untilRun: 2, fields: [status.double, host] },
  ],
};
const REQUEST = { range: { fromSec: 0, toSec: 9 }, limit: null, offset: 0, reverse: false, entryIds: true };

const parser = createSqlParser({ withConnection: (use) => use(connection) });

async function rowsOf(query: CompiledQuery): Promise<unknown[][]> {
  await connection.run(`EXPLAIN ${query.sql}`, [...query.params]);
  return (await connection.runAndReadAll(query.sql, [...query.params])).getRows();
}

async function found(text: string, relation = RELATION): Promise<string[]> {
  const rows = await rowsOf(await compileQuery({ text, ...REQUEST }, relation, parser));
  return rows.map(([id]) => String(id)).sort();
}

describe('each entry is found by the index of its run:', () => {
  test.each([
    {
      name: 'those without one not at all',
      text: '*',
      rows: ['1-0', '1-1', '1-2', '2-0', '2-1', '2-2', '3-0', '3-1', '3-2'],
    },
    { name: 'a value as text and as numbers', text: 'status:200', rows: ['1-0', '2-0', '3-0'] },
    { name: 'text that is a number now answers equality', text: 'status=200', rows: ['1-0', '2-0', '3-0'] },
    { name: 'and no range', text: 'status > 1', rows: ['2-0', '2-1', '3-0'] },
    {
      name: 'what is no value of the type is not there',
      text: 'status:*',
      rows: ['1-0', '1-1', '1-2', '2-0', '2-1', '3-0'],
    },
    { name: 'a field is found where it was indexed', text: 'host:a', rows: ['2-0', '3-0'] },
    { name: 'and is missing elsewhere', text: 'not host:*', rows: ['1-0', '1-1', '1-2', '2-2', '3-2'] },
    {
      name: 'words are searched in fields of text before there was full text',
      text: 'b',
      rows: ['2-0', '2-1', '3-0', '3-1'],
    },
    { name: 'a word that is a value of older text', text: 'abc', rows: ['1-2'] },
  ])('$name: $text', async ({ text, rows }) => {
    expect(await found(text)).toEqual(rows);
  });

  test('the newest one decides what is an error', async () => {
    const { olderIndexes = [] } = RELATION;
    const without = { ...RELATION, fields: [status.long], olderIndexes };
    await expect(found('host:a', without)).rejects.toMatchObject({ code: 'QUERY_UNKNOWN_FIELD' });
    await expect(found('status:abc')).rejects.toMatchObject({ code: 'QUERY_WRONG_TYPE' });
  });

  test('text that was a number before', async () => {
    const relation = { ...RELATION, fields: [status.text], olderIndexes: [{ untilRun: 1, fields: [status.long] }] };
    expect(await found('status:abc', relation)).toEqual(['2-2', '3-2']);
    expect(await found('status:2*', relation)).toEqual(['2-0', '3-0']);
    expect(await found('status:200', relation)).toEqual(['0-0', '1-0', '2-0', '3-0']);
  });
});

describe('the values of a field are those of the index of their run:', () => {
  test('of the newest type, and NULL where that has none', async () => {
    const rows = await rowsOf(await compileQuery({ text: '*', ...REQUEST, entryIds: false }, RELATION, parser));
    expect(rows).toEqual([
      ...[
        [200n, null],
        [null, null],
        [null, null],
      ],
      ...[
        [200n, 'a b'],
        [null, 'B'],
        [null, null],
      ],
      ...[
        [200n, 'a b'],
        [null, 'B'],
        [null, null],
      ],
    ]);
  });

  test.each([
    {
      name: 'text from double',
      newest: status.text,
      older: status.double,
      values: ['200.0', '1.5', null, '200', '1.5', 'abc'],
    },
    { name: 'double from text', newest: status.double, older: status.text, values: [200, 1.5, null, 200, 1.5, null] },
    { name: 'long from text', newest: status.long, older: status.text, values: [200n, null, null, 200n, null, null] },
  ])('$name, in SQL', async ({ newest, older, values }) => {
    const visibleRuns = { maxRun: 1, hidden: [] };
    const relation: LogRelation = {
      table: 'log_1',
      fields: [newest],
      visibleRuns,
      olderIndexes: [{ untilRun: 0, fields: [older] }],
    };
    const text = '* | select status from log';
    const rows = await rowsOf(await compileQuery({ ...REQUEST, text, entryIds: false }, relation, parser));
    const shown = (value: unknown): string => (typeof value === 'bigint' ? `${value}n` : JSON.stringify(value));
    expect(rows.map(([value]) => shown(value)).sort()).toEqual(values.map(shown).sort());
  });

  test('an address that is text now', async () => {
    const ip = { name: 'address', type: 'ipv4', expression: 'entry.address' } as const;
    const text = { name: 'address', type: 'text', expression: `concat(entry.address, '')` } as const;
    const visibleRuns = { maxRun: 0, hidden: [] };
    const older = { table: 'log_1', visibleRuns, olderIndexes: [{ untilRun: 0, fields: [ip] }] };
    const rows = await rowsOf(await compileQuery({ text: '*', ...REQUEST }, { ...older, fields: [text] }, parser));
    expect(rows.map(([, value]) => value)).toEqual(['10.0.0.1', '10.0.0.2', null]);
  });
});

test('SQL reads a field by its second name, and none without analytics', async () => {
  const relation: LogRelation = {
    ...RELATION,
    olderIndexes: [],
    fields: [
      { ...status.long, alias: 'code' },
      { ...host, docValue: false },
    ],
  };
  const compile = (text: string) => compileQuery({ ...REQUEST, text, entryIds: false }, relation, parser);
  expect(await rowsOf(await compile('* | select code, count(*) from log where code = 200 group by code'))).toEqual([
    [200n, 4n],
  ]);
  expect(await rowsOf(await compile('host:a | select status from log limit 1'))).toEqual([[200n]]);
  await expect(compile('* | select host from log')).rejects.toMatchObject({ code: 'QUERY_UNKNOWN_FIELD' });
  await expect(compile('code:200')).rejects.toMatchObject({ code: 'QUERY_UNKNOWN_FIELD' });
});

test('an index that is the only one costs nothing', async () => {
  const { sql } = await compileQuery({ text: '*', ...REQUEST }, { ...RELATION, olderIndexes: [] }, parser);
  expect(sql).not.toMatch(/CASE WHEN entry|run_id >/u);
});
