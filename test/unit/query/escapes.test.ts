import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import { compileQuery } from '../../../src-main/query/compile';
import { SCALAR_FUNCTIONS, AGGREGATE_FUNCTIONS, WINDOW_FUNCTIONS } from '../../../src-main/query/functions';
import { openSampleLog, RELATION, WHOLE, type SampleLog } from './sample-log';

let log: SampleLog;
beforeAll(async () => {
  log = await openSampleLog();
  await log.connection.run("SET memory_limit = '256MB'");
});
afterAll(() => {
  log.close();
});

const compile = (sql: string): ReturnType<typeof compileQuery> =>
  compileQuery({ text: `* | ${sql}`, range: WHOLE, limit: null, offset: 0, reverse: false }, RELATION, log.parser);

/** Ways out of the log that user SQL could try; none may even be compiled. */
const WAYS_OUT: readonly string[] = [
  // files, by function, by name, by glob
  "select * from read_csv('/etc/passwd')",
  "select * from read_text('/etc/passwd')",
  "select * from read_blob('/etc/*')",
  "select * from read_json_auto('/etc/passwd')",
  "select * from parquet_scan('/tmp/x.parquet')",
  "select * from parquet_metadata('/tmp/x.parquet')",
  "select * from glob('/etc/*')",
  "select * from sniff_csv('/etc/passwd')",
  "select * from '/etc/passwd'",
  'select * from "/etc/passwd"',
  "select * from 'https://example.com/x.csv'",
  'select * from "s3://bucket/x.parquet"',
  "select (select content from read_text('/etc/passwd')) from log",
  "select * from log where exists (select 1 from read_csv('/etc/passwd'))",
  "with t as (select * from read_csv('/etc/passwd')) select * from t",
  "with a as (with b as (with c as (select * from glob('*')) select * from c) select * from b) select * from a",
  "select * from log, lateral (select * from glob('*')) g",
  "select * from log order by (select count(*) from glob('*'))",
  "select sum(bytes) over (order by (select count(*) from glob('*'))) from log",
  "select transform(array[1], x -> (select count(*) from glob('*'))) from log",
  // statements
  "copy (select * from log) to '/tmp/x.csv'",
  "copy log from '/tmp/x.csv'",
  "attach '/tmp/x.db' as x",
  'detach x',
  'pragma database_list',
  "set memory_limit = '10GB'",
  'set session memory_limit=10 select 1',
  'reset memory_limit',
  'install httpfs',
  'load httpfs',
  "export database '/tmp/x'",
  "import database '/tmp/x'",
  'create macro f(x) as x',
  'create table t as select * from log',
  'insert into log select * from log',
  'update log set bytes = 0',
  'delete from log',
  'drop schema store cascade',
  'checkpoint',
  'vacuum',
  'explain analyze select 1 from log',
  'prepare p as select 1 from log',
  'execute p',
  'begin transaction',
  'use store',
  'select 1 from log; drop schema store',
  'with t as (delete from log returning *) select * from t',
  // settings, catalogue, environment
  'select * from duckdb_settings()',
  'select * from duckdb_tables()',
  'select * from duckdb_secrets()',
  'select * from duckdb_functions()',
  'select * from pragma_database_size()',
  "select * from pragma_table_info('store.log_1')",
  'select * from information_schema.tables',
  'select * from pg_catalog.pg_class',
  'select * from sqlite_master',
  'select * from pg_tables',
  "select current_setting('memory_limit')",
  "select set_config('memory_limit', '10GB', false)",
  "select getenv('HOME')",
  "select getvariable('x')",
  'select version()',
  'select current_database()',
  'select current_user',
  'select current_schemas(true)',
  'select txid_current()',
  "select nextval('s')",
  // names built from text, other tables, physical columns
  "select * from query('select * from secret')",
  "select * from query_table('secret')",
  "select * from query_table(['secret'])",
  "select * from read_duckdb('/tmp/x.db')",
  'select * from secret',
  'select * from main.secret',
  'select * from store.log_1',
  'select * from memory.store.log_1',
  'select * from "store"."log_1"',
  'select rowid from log',
  'select run_id from log',
  'select "entry".run_id from log',
  'select log from log',
  'select columns(*) from log',
  "select columns('.*') from log",
  'select #1 from log',
  'select λt from log',
  'select "λnow".bytes from log as "λnow"',
  "select λwindow(__time__, 60, '%H') from log",
  'select * from "λgrid"',
  'select * from store_log.log_1 at (version => 1)',
  "select json_execute_serialized_sql('{}')",
  "select * from json_execute_serialized_sql(json_serialize_sql('select 1'))",
  "select json_serialize_plan('select * from secret')",
  "select json_deserialize_sql('{}')",
  "select add_parquet_key('k', 'v')",
  "select write_log('x')",
  "select error('mine')",
  'select * from repeat_row(1, num_rows = 100000000)',
  // without end
  'with recursive t as (select 1 as n from log union all select n + 1 from t) select max(n) from t',
  'with recursive t(n) using key (n) as (select 1 from log union select n from t) select * from t',
  'select * from range(100000000000)',
  'select * from generate_series(1, 100000000000)',
  'select * from log, range(100000000000)',
  'select unnest(range(100000000000)) from log',
  'select range(100000000000) from log',
  'select generate_series(1, 100000000000) from log',
  'select list_resize([1], 10000000000) from log',
  "select repeat_string('a', 10000000000) from log",
  "select printf('%1000000000d', 1) from log",
  "select format('{:1000000000}', 1) from log",
  'select list_transform(sequence(1, 10000), x -> 1) from log',
  'select transform(sequence(1, 10000), x -> sequence(1, 10000)) from log',
  "select transform(sequence(1, 10000), x -> lpad('', 16000, 'a')) from log",
  'select transform(s, x -> s) from (select sequence(1, 10000) as s from log) t',
  'select bit_string(1, 1000000000) from log',
  'select bytes from log using sample 10 rows',
];

describe('no statement gets out of the log:', () => {
  test.each(WAYS_OUT)('%s', async (sql) => {
    const error = await compile(sql).then(
      ({ sql: compiled }) => compiled,
      (cause: unknown) => cause,
    );
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toMatch(/^QUERY_(?:UNSUPPORTED|SYNTAX|UNKNOWN_FIELD|WRONG_TYPE)$/u);
  });
});

describe('what would grow without end is stopped:', () => {
  const chain = (first: string, next: (name: string) => string, length: number): string => {
    const items = [`${first} as a0`, ...Array.from({ length }, (_, at) => `${next(`a${at}`)} as a${at + 1}`)];
    return `select ${items.join(', ')} from log`;
  };
  const nested = (first: string, next: (name: string) => string, length: number): string =>
    Array.from({ length }).reduce<string>(
      (inner) => `select ${next('a')} as a from (${inner}) t`,
      `select ${first} as a from log`,
    );

  test.each([
    { name: 'an alias read twice by the next', sql: chain('bytes', (name) => `${name} + ${name}`, 30) },
    { name: 'text joined with itself', sql: chain("'x'", (name) => `${name} || ${name}`, 30) },
    { name: 'arrays joined with themselves', sql: chain('array[1]', (name) => `concat(${name}, ${name})`, 30) },
    { name: 'arrays of arrays', sql: chain('array[1]', (name) => `array[${name}, ${name}]`, 30) },
    { name: 'text joined four times a subquery', sql: nested("'x'", (name) => Array(8).fill(name).join(' || '), 10) },
    { name: 'arrays joined in subqueries', sql: nested('array[1]', (name) => Array(8).fill(name).join(' || '), 10) },
    {
      name: 'text joined in WITH names',
      sql: `with ${['t0 as (select api as a from (select instance as api from log) l)', ...Array.from({ length: 9 }, (_, at) => `t${at + 1} as (select ${Array(9).fill('a').join(' || ')} as a from t${at})`)].join(', ')} select a from t9`,
    },
    {
      name: 'calls that repeat their arguments',
      sql: `select ${'ip_prefix('.repeat(6)}instance${', 24)'.repeat(6)} from log`,
    },
    { name: 'divisions in divisions', sql: `select ${'1 / ('.repeat(20)}bytes${')'.repeat(20)} from log` },
  ])('$name', async ({ sql }) => {
    await expect(compile(sql)).rejects.toMatchObject({ code: 'QUERY_UNSUPPORTED' });
  });

  test.each([
    {
      name: 'a state that doubles',
      sql: "select reduce(sequence(1, 60), 'x', (s, x) -> s || s, s -> s) from log",
      sentence: 'reduce',
    },
    {
      name: 'an array state that doubles',
      sql: 'select reduce(sequence(1, 60), array[1], (s, x) -> s || s, s -> s) from log',
      sentence: 'reduce',
    },
    { name: 'long arrays', sql: 'select sequence(1, bytes * 1000000) from log where bytes = 250', sentence: '10000' },
    {
      name: 'long fillings',
      sql: "select lpad('', bytes * 1000000, 'a') from log where bytes = 250",
      sentence: '16384',
    },
    {
      name: 'many repetitions',
      sql: 'select repeat(bytes, bytes * 1000000) from log where bytes = 250',
      sentence: '10000',
    },
    {
      name: 'long replacements',
      sql: "select replace(replace(lpad('', 16000, 'a'), 'a', 'bbbbbbbbbbbbbbbbbbbb'), 'b', 'cccccccccccccccccccccccccc') from log",
      sentence: '1000000',
    },
  ])('$name, as the rows are read', async ({ sql, sentence }) => {
    await expect(compile(sql).then((query) => log.run(query))).rejects.toThrow(sentence);
  });
});

test('no function of DuckDB is allowed that is not in the table', async () => {
  const reader = await log.connection.runAndReadAll('SELECT DISTINCT function_name FROM duckdb_functions()');
  const known = new Set([...SCALAR_FUNCTIONS.keys(), ...AGGREGATE_FUNCTIONS.keys(), ...WINDOW_FUNCTIONS.keys()]);
  const names = reader
    .getRows()
    .map(([name]) => String(name))
    .filter((name) => /^[a-z_0-9]+$/u.test(name) && !known.has(name));
  expect(names.length).toBeGreaterThan(500);
  const allowed: string[] = [];
  for (const name of names) {
    const isRefused = await compile(`select "${name}"(bytes) from log`).then(
      () => false,
      (cause: unknown) => cause instanceof AppError && cause.code.startsWith('QUERY_'),
    );
    if (!isRefused) allowed.push(name);
  }
  expect(allowed).toEqual([]);
});
