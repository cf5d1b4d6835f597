import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError, type ErrorCode } from '../../../src-main/contract/errors';
import { compileQuery } from '../../../src-main/query/compile';
import { shownWord } from '../../../src-main/query/shown-word';
import { openSampleLog, RELATION, WHOLE, type SampleLog } from './sample-log';

let log: SampleLog;
beforeAll(async () => {
  log = await openSampleLog();
});
afterAll(() => {
  log.close();
});

async function errorOf(text: string): Promise<AppError | null> {
  try {
    await compileQuery({ text, range: WHOLE, limit: null, offset: 0, reverse: false }, RELATION, log.parser);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  return null;
}

describe('a statement is refused with a code and a sentence that names', () => {
  const refused: readonly { readonly sql: string; readonly code: ErrorCode; readonly naming: string }[] = [
    // other statements
    ...['describe log', 'show tables', 'summarize log', 'summarize select 1', 'pragma version', 'explain select 1'].map(
      (sql) => ({ sql, code: 'QUERY_UNSUPPORTED' as const, naming: sql.split(' ')[0] ?? '' }),
    ),
    ...[
      "attach 'x.db'",
      "copy log to 'x'",
      'set threads = 1',
      'insert into log values (1)',
      'create table t (a int)',
    ].map((sql) => ({ sql, code: 'QUERY_UNSUPPORTED' as const, naming: sql.split(' ')[0] ?? '' })),
    ...[
      'from log',
      'from log select bytes',
      'values (1)',
      'table log',
      'call version()',
      'drop table log',
      'pivot log on bytes',
    ].map((sql) => ({ sql, code: 'QUERY_UNSUPPORTED' as const, naming: sql.split(' ')[0] ?? '' })),
    { sql: 'with t as (select 1 from log) insert into t select 1', code: 'QUERY_UNSUPPORTED', naming: 'SELECT' },
    { sql: 'with t as (describe log) select * from t', code: 'QUERY_SYNTAX', naming: 'SELECT' },
    { sql: 'select * from (describe log)', code: 'QUERY_UNSUPPORTED', naming: 'DESCRIBE' },
    { sql: 'select * from (show tables)', code: 'QUERY_UNSUPPORTED', naming: 'SHOW' },
    { sql: 'select * from (summarize log)', code: 'QUERY_UNSUPPORTED', naming: 'SUMMARIZE' },
    { sql: 'select * from (values (1)) t', code: 'QUERY_UNSUPPORTED', naming: 'VALUES' },
    { sql: 'select * from (pivot log on bytes using count(*))', code: 'QUERY_UNSUPPORTED', naming: 'PIVOT' },
    // more or less than one statement
    { sql: 'select 1; select 2', code: 'QUERY_UNSUPPORTED', naming: 'one statement' },
    { sql: "select 1;; attach 'x'", code: 'QUERY_UNSUPPORTED', naming: 'one statement' },
    { sql: 'select 1 /* ; */; --\n select 2', code: 'QUERY_UNSUPPORTED', naming: 'one statement' },
    { sql: '', code: 'QUERY_SYNTAX', naming: 'SELECT' },
    { sql: ' -- nothing', code: 'QUERY_SYNTAX', naming: 'SELECT' },
    { sql: ';', code: 'QUERY_SYNTAX', naming: 'SELECT' },
    { sql: 'select', code: 'QUERY_SYNTAX', naming: 'SELECT' },
    { sql: "select 'a", code: 'QUERY_SYNTAX', naming: "'" },
    { sql: 'select /* /* */ 1', code: 'QUERY_SYNTAX', naming: '*/' },
    { sql: 'select bytes bytes bytes from log', code: 'QUERY_SYNTAX', naming: 'bytes' },
    // parameters
    { sql: 'select ?', code: 'QUERY_UNSUPPORTED', naming: '?' },
    { sql: 'select $1', code: 'QUERY_UNSUPPORTED', naming: '$1' },
    { sql: 'select * from log where bytes = $limit', code: 'QUERY_UNSUPPORTED', naming: '$l' },
    { sql: 'select $$x$$', code: 'QUERY_UNSUPPORTED', naming: '$$' },
    // quotes with a prefix
    ...["x'41'", "X'41'", "b'01'", "e'a\\n'", "E'\\''", "U&'d\\0061t'", 'u&"a"'].map((quoted) => ({
      sql: `select ${quoted} from log`,
      code: 'QUERY_UNSUPPORTED' as const,
      naming: quoted.slice(0, quoted.search(/['"]/u) + 1),
    })),
    { sql: "select bytes as e'x' from log", code: 'QUERY_UNSUPPORTED', naming: "e'…'" },
    // other relations
    { sql: 'select * from secret', code: 'QUERY_UNSUPPORTED', naming: 'secret' },
    { sql: 'select (select word from secret)', code: 'QUERY_UNSUPPORTED', naming: 'secret' },
    { sql: 'select * from log where exists (select 1 from secret)', code: 'QUERY_UNSUPPORTED', naming: 'secret' },
    { sql: 'select * from log order by (select word from secret)', code: 'QUERY_UNSUPPORTED', naming: 'secret' },
    {
      sql: 'select count(*) filter (where bytes in (select 1 from secret)) from log',
      code: 'QUERY_UNSUPPORTED',
      naming: 'secret',
    },
    {
      sql: 'select sum(bytes) over (partition by (select 1 from secret)) from log',
      code: 'QUERY_UNSUPPORTED',
      naming: 'secret',
    },
    { sql: 'select * from log a join secret b on true', code: 'QUERY_UNSUPPORTED', naming: 'secret' },
    { sql: 'select 1 union select word from secret', code: 'QUERY_UNSUPPORTED', naming: 'secret' },
    {
      sql: 'with a as (select * from b), b as (select 1 from log) select * from a',
      code: 'QUERY_UNSUPPORTED',
      naming: '"b"',
    },
    { sql: 'with É as (select 1 from log) select * from é', code: 'QUERY_UNSUPPORTED', naming: 'é' },
    {
      sql: 'with recursive t as (select 1 as n from log union all select n + 1 from t) select * from t',
      code: 'QUERY_UNSUPPORTED',
      naming: 'RECURSIVE',
    },
    { sql: 'select * from store.log_1', code: 'QUERY_UNSUPPORTED', naming: 'log_1' },
    { sql: 'select * from "store.log_1"', code: 'QUERY_UNSUPPORTED', naming: 'store.log_1' },
    { sql: 'select * from main.log', code: 'QUERY_UNSUPPORTED', naming: 'schema' },
    { sql: 'select * from information_schema.tables', code: 'QUERY_UNSUPPORTED', naming: 'schema' },
    { sql: 'select * from duckdb_settings()', code: 'QUERY_UNSUPPORTED', naming: 'duckdb_settings' },
    { sql: 'select * from duckdb_tables', code: 'QUERY_UNSUPPORTED', naming: 'duckdb_tables' },
    { sql: "select * from '/etc/passwd'", code: 'QUERY_UNSUPPORTED', naming: '/etc/passwd' },
    { sql: "select * from read_csv('/etc/passwd')", code: 'QUERY_UNSUPPORTED', naming: 'read_csv' },
    { sql: "select * from query_table('secret')", code: 'QUERY_UNSUPPORTED', naming: 'query_table' },
    { sql: "select * from query('select 1')", code: 'QUERY_UNSUPPORTED', naming: 'query' },
    { sql: 'select * from range(10)', code: 'QUERY_UNSUPPORTED', naming: 'range' },
    { sql: 'select * from log, unnest(bytes)', code: 'QUERY_UNSUPPORTED', naming: 'UNNEST' },
    { sql: "select * from (select * from (select * from glob('*')) a) b", code: 'QUERY_UNSUPPORTED', naming: 'glob' },
    { sql: 'select * from log positional join log b', code: 'QUERY_UNSUPPORTED', naming: 'POSITIONAL' },
    { sql: 'select * from log natural join log b', code: 'QUERY_UNSUPPORTED', naming: 'NATURAL' },
    { sql: 'select * from log using sample 10', code: 'QUERY_UNSUPPORTED', naming: 'SAMPLE' },
    { sql: 'select * from log tablesample 10%', code: 'QUERY_UNSUPPORTED', naming: 'SAMPLE' },
    // shadowing
    { sql: 'with log as (select 1 from log) select * from log', code: 'QUERY_UNSUPPORTED', naming: '`log`' },
    { sql: 'with "LOG" as (select 1 from log) select * from log', code: 'QUERY_UNSUPPORTED', naming: '`log`' },
    {
      sql: 'select * from (with Log as (select 1 from log) select * from log) a',
      code: 'QUERY_UNSUPPORTED',
      naming: '`log`',
    },
    { sql: 'select * from (select 1 from log) log', code: 'QUERY_UNSUPPORTED', naming: '`log`' },
    // whole rows and names
    { sql: 'select log from log', code: 'QUERY_UNSUPPORTED', naming: 'whole row "log"' },
    { sql: 'select l from log l', code: 'QUERY_UNSUPPORTED', naming: 'whole row "l"' },
    { sql: 'select count(log)', code: 'QUERY_UNSUPPORTED', naming: 'whole row' },
    { sql: 'select (log).bytes from log', code: 'QUERY_UNSUPPORTED', naming: 'STRUCT_EXTRACT' },
    { sql: 'select store.log_1.bytes from log', code: 'QUERY_UNSUPPORTED', naming: 'schema' },
    { sql: 'select run_id from log', code: 'QUERY_UNKNOWN_FIELD', naming: 'run_id' },
    { sql: 'select rowid from log', code: 'QUERY_UNKNOWN_FIELD', naming: 'rowid' },
    { sql: 'select entry.run_id from log', code: 'QUERY_UNKNOWN_FIELD', naming: 'entry.run_id' },
    { sql: 'select "a"" OR 1=1" from log', code: 'QUERY_UNKNOWN_FIELD', naming: 'a" OR 1=1' },
    { sql: 'select x.* from log', code: 'QUERY_UNKNOWN_FIELD', naming: '"x"' },
    { sql: 'select bytes from (select 1 from log) a', code: 'QUERY_UNKNOWN_FIELD', naming: 'bytes' },
    // expressions
    { sql: 'select #1 from log', code: 'QUERY_UNSUPPORTED', naming: '#1' },
    { sql: 'select columns(*) from log', code: 'QUERY_UNSUPPORTED', naming: 'COLUMNS' },
    { sql: "select columns('b.*') from log", code: 'QUERY_UNSUPPORTED', naming: 'COLUMNS' },
    { sql: 'select min(columns(*)) from log', code: 'QUERY_UNSUPPORTED', naming: 'COLUMNS' },
    { sql: 'select * exclude (bytes) from log', code: 'QUERY_UNSUPPORTED', naming: 'EXCLUDE' },
    { sql: 'select * replace (1 as bytes) from log', code: 'QUERY_UNSUPPORTED', naming: 'REPLACE' },
    { sql: "select * like 'b%' from log", code: 'QUERY_UNSUPPORTED', naming: 'COLUMNS' },
    { sql: 'select list_transform([1], x -> x + 1)', code: 'QUERY_UNSUPPORTED', naming: 'list_transform' },
    { sql: 'select coalesce(lambda x: x, 1)', code: 'QUERY_UNSUPPORTED', naming: 'ambda' },
    { sql: "select {'a': 1}", code: 'QUERY_UNSUPPORTED', naming: 'struct_pack' },
    { sql: 'select pri_ip[1] from log', code: 'QUERY_WRONG_TYPE', naming: 'varchar' },
    { sql: "select getenv('HOME')", code: 'QUERY_UNSUPPORTED', naming: 'getenv' },
    { sql: "select current_setting('threads')", code: 'QUERY_UNSUPPORTED', naming: 'current_setting' },
    { sql: "select read_text('/etc/passwd')", code: 'QUERY_UNSUPPORTED', naming: 'read_text' },
    { sql: 'select range(1000000000)', code: 'QUERY_UNSUPPORTED', naming: 'range' },
    { sql: "select error('mine')", code: 'QUERY_UNSUPPORTED', naming: 'error' },
    { sql: "select nextval('s')", code: 'QUERY_UNSUPPORTED', naming: 'nextval' },
    { sql: 'select system.main.version()', code: 'QUERY_UNSUPPORTED', naming: 'version' },
    { sql: 'select other.sum(bytes)', code: 'QUERY_UNSUPPORTED', naming: 'schema' },
    { sql: 'select max(bytes, 3, 4)', code: 'QUERY_UNSUPPORTED', naming: 'max with 3' },
    { sql: 'select cast(bytes as hugeint)', code: 'QUERY_UNSUPPORTED', naming: 'HUGEINT' },
    { sql: 'select cast(bytes as my_type)', code: 'QUERY_UNSUPPORTED', naming: 'cast' },
    { sql: 'select pri_ip collate nocase from log', code: 'QUERY_UNSUPPORTED', naming: 'COLLATE' },
    { sql: 'select 9223372036854775808', code: 'QUERY_UNSUPPORTED', naming: '64 bits' },
    { sql: 'select 1e999', code: 'QUERY_UNSUPPORTED', naming: 'double' },
    { sql: 'select pri_ip / 2 from log', code: 'QUERY_WRONG_TYPE', naming: 'text' },
    { sql: "select case when bytes = 1 then 'a' else 1 end / 2 from log", code: 'QUERY_WRONG_TYPE', naming: 'cast' },
    { sql: `select ${'1 / ('.repeat(20)}bytes${')'.repeat(20)}`, code: 'QUERY_UNSUPPORTED', naming: 'division' },
    // clauses
    { sql: 'select bytes from log limit 10%', code: 'QUERY_UNSUPPORTED', naming: 'percentage' },
    { sql: 'select bytes from log limit (select 1 from log)', code: 'QUERY_UNSUPPORTED', naming: 'LIMIT' },
    { sql: 'select bytes from log limit -1', code: 'QUERY_UNSUPPORTED', naming: 'LIMIT' },
    { sql: 'select distinct on (bytes) bytes from log', code: 'QUERY_UNSUPPORTED', naming: 'DISTINCT ON' },
    { sql: 'select bytes from log group by all', code: 'QUERY_UNSUPPORTED', naming: 'GROUP BY ALL' },
    { sql: 'select bytes from log order by all', code: 'QUERY_UNSUPPORTED', naming: 'COLUMNS' },
    { sql: 'select bytes from log qualify row_number() over () = 1', code: 'QUERY_UNSUPPORTED', naming: 'QUALIFY' },
    { sql: 'select 1 union by name select 2', code: 'QUERY_UNSUPPORTED', naming: 'UNION_BY_NAME' },
    {
      sql: 'select sum(pv) from (select count(*) as pv)',
      code: 'QUERY_SYNTAX',
      naming: 'specify FROM LogStore in the innermost sql',
    },
    { sql: 'select (select 1)', code: 'QUERY_SYNTAX', naming: 'innermost' },
    { sql: 'with t as (select 1 as a) select a from t', code: 'QUERY_SYNTAX', naming: 'innermost' },
  ];

  test.each(refused)('$naming: $sql', async ({ sql, code, naming }) => {
    const error = await errorOf(`* | ${sql}`);
    expect({ code: error?.code, message: error?.message }).toEqual({ code, message: expect.stringContaining(naming) });
  });
});

test.each([
  { name: 'a bare statement', text: 'select count(*) from log' },
  { name: 'in capitals', text: ' SELECT 1' },
  { name: 'with a pipe behind it', text: 'select 1 | select 2' },
])('SQL without a search before it has the sentence of the vendor: $name', async ({ text }) => {
  const error = await errorOf(text);
  expect(error).toMatchObject({
    code: 'QUERY_SYNTAX',
    message: expect.stringMatching(/^sql query must follow search query,please read syntax doc: .*`\* \| `/u),
    detail: { fix: '* | ' },
  });
});

describe('errors point into the whole query', () => {
  test.each([
    { name: 'a field of the search', text: 'nope:1', at: 'nope' },
    { name: 'a name in SQL', text: 'protocol:6 | select nope from log', at: 'nope' },
    {
      name: 'a function behind text outside of ASCII',
      text: "instance:é | select 'é😀', if(1 = 2, 3), getenv('a')",
      at: 'getenv',
    },
    {
      name: 'a syntax error behind text outside of ASCII',
      text: "instance:é | select 'é😀', bytes bytes nope",
      at: 'nope',
    },
    { name: 'a table', text: '* | select * from secret', at: 'secret' },
    { name: 'a parameter', text: '* | select ?', at: '?' },
    { name: 'another kind of statement', text: '*|describe log', at: 'describe' },
    { name: 'a quote with a prefix', text: "* | select 1, x'41'", at: "x'41'" },
    { name: 'a name with a prefix', text: '* | select U&"a" from log', at: 'U&"a"' },
  ])('$name', async ({ text, at }) => {
    const error = await errorOf(text);
    expect(error?.detail).toMatchObject({ position: text.indexOf(at), length: at.length });
  });
});

describe('what would keep DuckDB busy for minutes is refused', () => {
  const scalars = (depth: number): string =>
    depth === 1 ? 'select max(bytes) from log' : `select (${scalars(depth - 1)}) from log`;
  const tables = (depth: number): string =>
    depth === 1 ? 'select bytes from log' : `select bytes from (${tables(depth - 1)}) t`;
  const withInWith = (depth: number): string =>
    depth === 1 ? 'select bytes from log' : `with t as (${withInWith(depth - 1)}) select bytes from t`;
  const withAfterWith = (depth: number): string => {
    const names = Array.from({ length: depth - 2 }, (_, at) => `t${at + 1} as (select bytes from t${at})`);
    return `with ${['t0 as (select bytes from log)', ...names].join(', ')} select bytes from t${depth - 2}`;
  };
  const scalarsOfWith = (depth: number): string => {
    const count = (depth - 2) / 2;
    const names = Array.from(
      { length: count },
      (_, at) => `t${at + 1} as (select (select max(bytes) from t${at}) as bytes from log)`,
    );
    return `with ${['t0 as (select bytes from log)', ...names].join(', ')} select bytes from t${count}`;
  };

  test.each([
    { name: 'scalar subqueries', statement: scalars, allowed: 12, refused: 13 },
    { name: 'subqueries of FROM', statement: tables, allowed: 12, refused: 13 },
    { name: 'WITH inside WITH', statement: withInWith, allowed: 12, refused: 13 },
    { name: 'WITH names that read each other', statement: withAfterWith, allowed: 12, refused: 13 },
    { name: 'WITH names that read each other in subqueries', statement: scalarsOfWith, allowed: 12, refused: 14 },
  ])('$name nest 12 deep at most', async ({ statement, allowed, refused }) => {
    expect(await errorOf(`* | ${statement(allowed)}`)).toBeNull();
    expect(await errorOf(`* | ${statement(refused)}`)).toMatchObject({
      code: 'QUERY_UNSUPPORTED',
      message: expect.stringContaining('12'),
      detail: { construct: 'nested SELECT', limit: 12 },
    });
  });

  test('many WITH names beside each other are not deep', async () => {
    const names = Array.from({ length: 30 }, (_, at) => `t${at} as (select bytes from log)`);
    expect(await errorOf(`* | with ${names.join(', ')} select bytes from t29`)).toBeNull();
  });

  test('`log` can be read 200 times, whichever way', async () => {
    const union = (count: number): string => Array<string>(count).fill('select bytes from log').join(' union all ');
    expect(await errorOf(`* | ${union(200)}`)).toBeNull();
    const refused = { code: 'QUERY_UNSUPPORTED', message: expect.stringContaining('200'), detail: { limit: 200 } };
    expect(await errorOf(`* | ${union(201)}`)).toMatchObject(refused);
    const scalars = Array<string>(201).fill('(select max(bytes) from log)').join(' + ');
    expect(await errorOf(`* | select ${scalars} from (select 1 from log) t`)).toMatchObject(refused);
  });
});

describe('an error names a word and its place, and never repeats a query that is long,', () => {
  const WORD = 'a'.repeat(100_000);
  test.each([
    { name: 'a word with nothing in front of it', text: `or ${WORD}`, code: 'QUERY_SYNTAX', position: 0, named: false },
    {
      name: 'a value in want of quotes',
      text: `instance:${WORD}:${WORD}`,
      code: 'QUERY_SYNTAX',
      position: 100_009,
      named: false,
    },
    { name: 'a wildcard', text: `protocol:${WORD}*`, code: 'QUERY_WRONG_TYPE', position: 9, named: false },
    { name: 'a field', text: `${WORD}:1`, code: 'QUERY_UNKNOWN_FIELD', position: 0 },
    { name: 'a field of a group', text: `${WORD}:(1 or 2)`, code: 'QUERY_UNSUPPORTED', position: 100_001 },
    { name: 'a number', text: `protocol:${WORD}`, code: 'QUERY_WRONG_TYPE', position: 9 },
    { name: 'an address', text: `pri_ip:${WORD}`, code: 'QUERY_WRONG_TYPE', position: 7 },
    { name: 'a statement', text: `* | select ${WORD}(1) from log`, code: 'QUERY_UNSUPPORTED', position: 11 },
    { name: 'a column', text: `* | select ${WORD} from log`, code: 'QUERY_UNKNOWN_FIELD', position: 11 },
    { name: 'a table', text: `* | select 1 from ${WORD}`, code: 'QUERY_UNSUPPORTED', position: 18 },
    { name: 'a schema', text: `* | select 1 from x.${WORD}`, code: 'QUERY_UNSUPPORTED', position: 18 },
    { name: 'a table function', text: `* | select 1 from ${WORD}(1)`, code: 'QUERY_UNSUPPORTED', position: 18 },
    { name: 'what no statement begins with', text: `* | ${WORD}`, code: 'QUERY_UNSUPPORTED', position: 4 },
    { name: 'a word out of place', text: `* | select 1 from log log2 ${WORD}`, code: 'QUERY_SYNTAX', position: null },
  ])('$name', async ({ text, code, position, named = true }) => {
    const error = await errorOf(text);
    expect(error).toMatchObject({ code, detail: position === null ? {} : { position } });
    const whole = JSON.stringify({ message: error?.message, detail: error?.detail });
    expect(whole.length).toBeLessThan(1000);
    expect(whole).not.toContain('a'.repeat(65));
    if (named) expect(whole).toContain('a'.repeat(30));
  });

  test('a word that ends within a character is cut before it', () => {
    expect(shownWord(`${'a'.repeat(47)}😀b`)).toBe(`${'a'.repeat(47)}…`);
    expect(shownWord(`${'a'.repeat(46)}😀`)).toBe(`${'a'.repeat(46)}😀`);
  });
});

test('an expression that is too deep is refused without advice to change a setting', async () => {
  const error = await errorOf(`* | select ${'1+'.repeat(8000)}1`);
  expect(error).toMatchObject({ code: 'QUERY_UNSUPPORTED', message: expect.stringContaining('too deep') });
  expect(error?.message).not.toContain('SET ');
});

test.each([
  { sql: 'select instance = 5', says: "'=' cannot be applied to varchar, bigint", at: '=' },
  { sql: 'select instance > 5', says: "'>' cannot be applied to varchar, bigint", at: '>' },
  { sql: "select bytes = 'x'", says: "'=' cannot be applied to bigint, varchar", at: '=' },
  { sql: "select 1 where protocol <> 'TCP'", says: "'<>' cannot be applied to bigint, varchar", at: '<>' },
  { sql: 'select array[1] = 1', says: "'=' cannot be applied to array(bigint), bigint", at: '=' },
  { sql: 'select pri_ip+1', says: "'+' cannot be applied to varchar, bigint", at: '+' },
  { sql: 'select -instance', says: "'-' cannot be applied to varchar", at: '-' },
  { sql: 'select array[1]+1', says: "'+' cannot be applied to array(bigint), bigint", at: '+' },
  {
    sql: "select case when bytes > 1 then 'a' else 1 end",
    says: 'All CASE results must be the same type: varchar, not bigint',
    at: 'case',
  },
  { sql: "select if(bytes > 1, 'a', 1)", says: 'All CASE results must be the same type', at: "'" },
  { sql: 'select sum( sum(bytes))', says: "Cannot nest aggregations inside aggregation 'sum'", at: 'sum' },
  { sql: 'select sum(max(bytes) over ())', says: 'Cannot nest aggregations', at: 'max' },
  { sql: 'select bytes where count(*) > 1', says: 'WHERE clause cannot contain aggregations', at: 'count' },
  { sql: 'select 1 group by max(bytes)', says: 'GROUP BY clause cannot contain aggregations', at: 'max' },
  { sql: 'select count(1) from (select 1)', says: 'you are using nested sql', at: '1' },
  { sql: 'select sum(bytes) qualify 1 = 1', says: 'QUALIFY', at: 'qualify' },
  { sql: 'select * from (values (1)) t', says: 'VALUES', at: 'values' },
  {
    sql: 'with recursive t as (select 1 from log union all select 1 from t) select * from t',
    says: 'WITH RECURSIVE',
    at: 'with recursive',
  },
])('$sql is refused where it says `$at`', async ({ sql, says, at }) => {
  const text = `* | ${sql}`;
  const error = await errorOf(text);
  expect(error?.message).toContain(says);
  const position = error?.detail.position;
  const isLast = ['Cannot', 'you are'].some((start) => says.startsWith(start));
  const written = isLast ? text.lastIndexOf(at) : text.indexOf(at, 3);
  expect({ position, length: error?.detail.length }).toEqual({ position: written, length: at.length });
});

test.each([
  "select bytes = '84', bytes > '1' from log",
  'select sum(sum(bytes)) over () group by protocol',
  'select sum((select max(bytes) from log)) from log',
  "select case when bytes > 1 then '1' else 2 end, case when bytes > 1 then instance else 'a' end",
  "select timestamp '2026-01-01' + interval '1' day, '5' + 1, 1 = null, null + 1",
  'select 1 where bytes > (select avg(bytes) from log)',
])('%s is not refused', async (sql) => {
  expect(await errorOf(`* | ${sql}`)).toBeNull();
});
