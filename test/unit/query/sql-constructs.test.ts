import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CompileRequest } from '../../../src-main/query/compiled-query';
import { openVendorLog, RANGE, START, type VendorLog } from './vendor-log';

let log: VendorLog;
beforeAll(async () => {
  log = await openVendorLog();
});
afterAll(() => {
  log.close();
});

const HOUR = 3600;
/** Entries of POST come in hours 0, 2, 4, … of the day; a window of an hour leaves the odd ones empty. */
const MORNING = { fromSec: RANGE.fromSec, toSec: RANGE.fromSec + 5 * HOUR };
const run = async (statement: string, options?: Partial<CompileRequest>): Promise<readonly unknown[][]> =>
  (await log.run(statement, options)).rows.map((row) => Object.values(row));
const failure = async (statement: string, options?: Partial<CompileRequest>): Promise<unknown> =>
  log.run(statement, options).then(
    () => null,
    (cause: unknown) => cause,
  );

describe('time_series fills the windows without entries', () => {
  const series = (padding: string): string =>
    `* | select time_series(__time__, '1h', '%H', '${padding}') as t, max(request_time) as v group by t order by t`;
  test.each([
    { padding: '0', values: [21, 0, 42, 0, 63] },
    { padding: 'null', values: [21, null, 42, null, 63] },
    { padding: 'last', values: [21, 21, 42, 42, 63] },
    { padding: 'next', values: [21, 42, 42, 63, 63] },
    { padding: 'avg', values: [21, 31.5, 42, 52.5, 63] },
  ])('with $padding', async ({ padding, values }) => {
    const rows = await run(series(padding), { range: MORNING });
    expect(rows).toEqual(values.map((value, hour) => [`0${hour}`, value]));
  });

  test('for each value of the other columns of GROUP BY', async () => {
    const statement =
      "request_method:PUT or request_method:GET | select request_method, time_series(__time__, '1h', '%H', '0') as t, count(*) as n group by t, request_method order by t, request_method";
    const range = { fromSec: RANGE.fromSec, toSec: RANGE.fromSec + 2 * HOUR };
    expect(await run(statement, { range })).toEqual([
      ['GET', '00', 1],
      ['PUT', '00', 1],
      ['GET', '01', 0],
      ['PUT', '01', 0],
    ]);
  });

  test('in the zone, over windows of its days', async () => {
    const statement =
      "* | select time_series(__time__, '1d', '%Y-%m-%d', '0') as t, count(*) as n group by t order by t desc";
    expect(await run(statement, { zone: 'Asia/Shanghai' })).toEqual([
      ['2026-11-27', 6],
      ['2026-11-26', 24],
    ]);
  });

  test('and keeps its rows when windows are written alike', async () => {
    const statement = "* | select time_series(__time__, '1h', '%p', '0') as t, count(*) as n group by t order by t";
    expect(await run(statement)).toEqual([
      ['AM', 18],
      ['PM', 12],
    ]);
  });

  test.each([
    { name: 'no GROUP BY', sql: "select time_series(__time__, '1h', '%H', '0') as t", sentence: 'goes with GROUP BY' },
    {
      name: 'a window that is none',
      sql: "select time_series(__time__, '1 hour', '%H', '0') as t, count(*) group by t",
      sentence: "such as '30s'",
    },
    {
      name: 'a padding that is none',
      sql: "select time_series(__time__, '1h', '%H', 'x') as t, count(*) group by t",
      sentence: "'0', 'null', 'last', 'next', 'avg'",
    },
    {
      name: 'more than a million windows',
      sql: "select time_series(__time__, '1s', '%H', '0') as t, count(*) group by t",
      sentence: 'more than 1000000 windows',
    },
    {
      name: 'a place in an expression',
      sql: "select concat('x', time_series(__time__, '1h', '%H', '0')) as t, count(*) group by t",
      sentence: 'a column of its own',
    },
    {
      name: 'a place in WHERE',
      sql: "select 1 where time_series(__time__, '1h', '%H', '0') = ''",
      sentence: 'not registered',
    },
  ])('but not with $name', async ({ sql, sentence }) => {
    const range = { fromSec: 0, toSec: RANGE.toSec };
    expect(await failure(`* | ${sql}`, { range })).toMatchObject({ message: expect.stringContaining(sentence) });
  });
});

describe('compare', () => {
  test('finds the past by the columns of GROUP BY', async () => {
    const statement =
      '* | select status, compare(pv, 86400) as c from (select status, count(*) as pv from log group by status) group by status order by status';
    expect(await run(statement)).toEqual([
      [200, [7, 3, 7 / 3]],
      [401, [8, 3, 8 / 3]],
      [404, [8, 3, 8 / 3]],
      [500, [7, 3, 7 / 3]],
    ]);
  });

  test('takes several distances', async () => {
    const statement = '* | select compare(pv, 86400, 172800) from (select count(*) as pv from log)';
    expect(await run(statement)).toEqual([[[30, 12, 0, 2.5, Infinity]]]);
  });

  test('reads a series of the past over its own range', async () => {
    const statement =
      "* | select t, compare(n, 86400) as c from (select time_series(__time__, '6h', '%H', '0') as t, count(*) as n from log group by t) group by t order by t";
    expect(await run(statement)).toEqual([
      ['00', [9, 3, 3]],
      ['06', [9, 3, 3]],
      ['12', [9, 3, 3]],
      ['18', [3, 3, 1]],
    ]);
  });

  test.each([
    { sql: 'select compare(count(*), 86400) from log', sentence: 'compares what a subquery gives' },
    { sql: 'select compare(pv, pv) from (select count(*) as pv from log)', sentence: 'seconds back' },
    {
      sql: 'select m, ts_compare(pv, 60) from (select __time__ - __time__ % 60 as m, count(*) as pv from log group by m) group by m',
      sentence: 'ts_compare must gropu by timestamp,your grouping by type is :bigint',
    },
    { sql: 'select ts_compare(pv, 60) from (select count(*) as pv from log)', sentence: 'must gropu by timestamp' },
    {
      sql: 'with t as (select count(*) as pv from log) select compare(pv, 60) from (select pv from t)',
      sentence: 'over a WITH name',
    },
  ])('$sentence: $sql', async ({ sql, sentence }) => {
    expect(await failure(`* | ${sql}`)).toMatchObject({ message: expect.stringContaining(sentence) });
  });
});

describe('search(…) in WHERE', () => {
  test('is one search of the log of its own SELECT', async () => {
    const statement =
      "* | select count(*), (select count(*) from log) from log where search('status:200 or status:401')";
    expect(await run(statement)).toEqual([[15, 30]]);
  });

  test.each([
    { text: "status:200 | select 1 where search('status:401')", sentence: 'needs `*` before the `|`' },
    { text: "* | select 1 where search('status:401') or 1 = 1", sentence: 'beside AND' },
    { text: "* | select 1 where not search('status:401')", sentence: 'beside AND' },
    { text: '* | select 1 where search(api)', sentence: 'as it stands' },
    { text: "* | select search('status:1')", sentence: 'not registered' },
    { text: "* | select 1 where search('nope:1')", sentence: 'nope' },
    { text: "* | select 1 where search('status:')", sentence: 'In search(…)' },
  ])('$sentence: $text', async ({ text, sentence }) => {
    expect(await failure(text)).toMatchObject({ message: expect.stringContaining(sentence) });
  });
});

describe('UNNEST', () => {
  const one = "(select array[1, 2] as x, array[3] as y, map(array['a'], array[7]) as m from log limit 1) as l";
  test.each<readonly [string, string, unknown[][]]>([
    [
      'of arrays of different length has null past the end of the shorter',
      `select a, b, c from ${one}, unnest(x, y, array['p', 'q', 'r']) as t(a, b, c)`,
      [
        [1, 3, 'p'],
        [2, null, 'q'],
        [null, null, 'r'],
      ],
    ],
    [
      'of zipped arrays has a column for each',
      `select a, b from ${one}, unnest(zip(x, y)) as t(a, b)`,
      [
        [1, 3],
        [2, null],
      ],
    ],
    [
      'of zipped arrays, the shorter first, beside another array',
      `select a, b, c, n from ${one} cross join unnest(zip(y, x), array['p', 'q', 'r']) with ordinality as t(a, b, c, n)`,
      [
        [3, 1, 'p', 1],
        [null, 2, 'q', 2],
        [null, null, 'r', 3],
      ],
    ],
    [
      'of an array and a map has a column and two',
      `select a, k, v from ${one}, unnest(x, m) as t(a, k, v)`,
      [
        [1, 'a', 7],
        [2, null, null],
      ],
    ],
    [
      'of entries of a map has their keys and values',
      `select k, v + 1 from ${one}, unnest(map_entries(m)) as t(k, v)`,
      [['a', 8]],
    ],
    [
      'of NULL beside an array has null',
      `select a, b from ${one}, unnest(x, cast(null as array(bigint))) as t(a, b)`,
      [
        [1, null],
        [2, null],
      ],
    ],
    ['of nothing has no rows', `select a from ${one}, unnest(filter(x, e -> e > 9)) as t(a)`, []],
    [
      'of zipped nothing has none either',
      `select a from ${one}, unnest(zip(filter(x, e -> e > 9), filter(y, e -> e > 9))) as t(a, b)`,
      [],
    ],
    [
      'gives the fields of rows their types',
      `select typeof(a), b || '!' from ${one}, unnest(zip(y, array['p'])) as t(a, b)`,
      [['bigint', 'p!']],
    ],
  ])('%s', async (_, statement, rows) => {
    expect(await run(`* | ${statement}`)).toEqual(rows);
  });
});

describe('what the parser is given in another form', () => {
  test.each<readonly [string, unknown[][]]>([
    ['select bytes order by bytes limit 2, 1', [[3000]]],
    ['select bytes order by bytes limit 1 offset 2', [[3000]]],
    ["select if(status = 200, 'if(a, b)') as x order by status limit 0, 1", [['if(a, b)']]],
    ['select cast(json_parse(array_column) as array(varchar)) order by bytes limit 1', [[['1', '2']]]],
    ['select cast(map(array[1], array[array[2]]) as map(bigint, array(double))) limit 1', [[{ 1: [2] }]]],
    ['select 0.12345678901234567890123 limit 1', [[0.12345678901234568]]],
    ['select cast(request_uri as varchar(5)) order by bytes limit 1', [['/file']]],
    ["set session parallel_sql=true; set session mode='scan'; select count(*)", [[30]]],
    [
      'select k, v from (select map(array[1, 2], array[3, 4]) as m from log limit 1) as l, unnest(m) as t(k, v)',
      [
        [1, 3],
        [2, 4],
      ],
    ],
    [
      'select a, b, n from (select array[1, 2] as x, array[3] as y from log limit 1) as l cross join unnest(x, y) with ordinality as t(a, b, n)',
      [
        [1, 3, 1],
        [2, null, 2],
      ],
    ],
    ['select count(*), approx_percentile(bytes, 0.5) from access', [[30, 15000]]],
    ['select count(*) from Access a join LOG b using (__time__)', [[30]]],
    ['select grouping(status), count(*) group by rollup(status) order by 1, 2 limit 1', [[0, 7]]],
    ['select count(*) group by cube(api, host) order by 1 desc limit 1', [[30]]],
  ])('%s', async (statement, rows) => {
    expect(await run(`* | ${statement}`)).toEqual(rows);
  });

  test.each([
    { text: '* | select cast(api as array(bigint)), if(1 = 2, 3), nope from log', at: 'nope' },
    { text: '* | select cast(api as varchar(300)), bytes bytes nope', at: 'nope' },
    { text: '* | set session mode=scan; select nope from log', at: 'nope' },
    { text: '* | select 1 from log limit 1, 2 offset nope', at: 'offset' },
  ])('errors point into what was written: $text', async ({ text, at }) => {
    expect(await failure(text)).toMatchObject({ detail: { position: text.lastIndexOf(at), length: at.length } });
  });
});

test('Logstores that the project lacks are not there', async () => {
  expect(await failure('* | select 1 from nothing')).toMatchObject({ code: 'QUERY_UNSUPPORTED' });
  expect(
    await run('* | select count(*) from "internal-operation_log"', { range: { fromSec: START, toSec: RANGE.toSec } }),
  ).toEqual([[2]]);
});

test('a column that is unknown, and in double quotes, may be a text', async () => {
  const text = '* | select count(*) from log where api = "GET x"';
  expect(await failure(text)).toMatchObject({
    code: 'QUERY_UNKNOWN_FIELD',
    message: expect.stringContaining(
      `it seems GET x is wrapper by ";if GET x is a string ,not a key field, please use 'GET x'`,
    ),
    detail: { position: text.indexOf('"'), length: 7 },
  });
});

test('a name that begins with a digit is refused, and no number under a name', async () => {
  const text = '* | select 5xx, 1e3, 2.5 from log';
  expect(await failure(text)).toMatchObject({
    code: 'QUERY_SYNTAX',
    message: expect.stringContaining('identifiers must not start with a digit'),
    detail: { position: text.indexOf('5xx'), length: 3 },
  });
  expect(await run('* | select 1e3, 12, 2.5e-1 as "5xx" from log limit 1')).toHaveLength(1);
});

test('a pipeline behind a statement is named as what it is', async () => {
  expect(await failure('* | select count(*) | where status')).toMatchObject({
    code: 'QUERY_UNSUPPORTED',
    message: 'A second `|`, which begins a pipeline of SPL, is not part of the dialect.',
  });
});

describe('types that the vendor does not mix are refused with its sentences', () => {
  test.each([
    ["select 1 where status in (1, 'a')", 'IN value and list items must be the same type: bigint'],
    ["select 1 where status like '2%'", 'Left side of LIKE expression must evaluate to a varchar (actual: bigint)'],
    ['select 1 where api like 5', 'Pattern for LIKE expression must evaluate to a varchar (actual: bigint)'],
    [
      'select 1 where status and api = api',
      'Left side of logical expression must evaluate to a boolean (actual: bigint)',
    ],
    [
      'select 1 where api = api or status',
      'Right side of logical expression must evaluate to a boolean (actual: bigint)',
    ],
    ['select 1 where status', 'WHERE clause must evaluate to a boolean (actual: bigint)'],
    [
      'select (select 1 from log group by status having status)',
      'HAVING clause must evaluate to a boolean (actual: bigint)',
    ],
    ['select (select 1 from log a join log b on a.api)', 'JOIN ON clause must evaluate to a boolean (actual: varchar)'],
    ['select case when status then 1 end', 'CASE WHEN clause must evaluate to a boolean (actual: bigint)'],
    ['select if(status, 1)', 'must evaluate to a boolean (actual: bigint)'],
    ['select filter(array[1, 2], x -> x)', 'Lambda of filter must evaluate to a boolean (actual: bigint)'],
    ["select any_match(array['a'], x -> x)", 'Lambda of any_match must evaluate to a boolean (actual: varchar)'],
    ['select not status', 'Value of logical NOT expression must evaluate to a boolean (actual: bigint)'],
    ['select count(*) filter (where status)', 'FILTER expression must evaluate to a boolean (actual: bigint)'],
    ["select coalesce(status, 'none')", 'All COALESCE operands must be the same type: bigint'],
    ["select regexp_extract(api, '(a)', 2)", 'Pattern has 1 groups. Cannot access group 2'],
    ["select json_extract(api, '$[')", "Invalid JSON path: '$['"],
    ["select date_format(__time__, '%D')", '%D not supported in date format string'],
    ["select date_trunc('minutes', __time__)", "'minutes' is not a valid TIMESTAMP field"],
    ['select substr(api)', 'Unexpected parameters (varchar) for function substr'],
    ['select hour(api)', ''],
  ])('%s', async (sql, sentence) => {
    expect(await failure(`* | ${sql} from log`.replace(/ where(.*) from log$/u, ' from log where$1'))).toMatchObject({
      message: expect.stringContaining(sentence),
    });
  });
});
