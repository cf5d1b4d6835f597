import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileQuery } from '../../../src-main/query/compile';
import type { CompiledQuery, CompileRequest } from '../../../src-main/query/compiled-query';
import type { LogRelation } from '../../../src-main/query/log-relation';
import { openSampleLog, RELATION, SAMPLE_ROWS, WHOLE, type SampleLog } from './sample-log';

let log: SampleLog;
beforeAll(async () => {
  log = await openSampleLog();
});
afterAll(() => {
  log.close();
});

const compile = (text: string, limit: number | null = null): Promise<CompiledQuery> =>
  compileQuery({ text, range: WHOLE, limit, offset: 0, reverse: false }, RELATION, log.parser);

const TOTAL = SAMPLE_ROWS.reduce((sum, row) => sum + (row.bytes ?? 0n), 0n);

describe('a statement gives', () => {
  test.each([
    { name: 'the count of the visible entries', sql: 'select count(*) as n', columns: ['n'], rows: [[10n]] },
    { name: 'the same with FROM log in any case', sql: 'SELECT count(*) AS n FROM LOG', columns: ['n'], rows: [[10n]] },
    {
      name: 'unnamed columns by ordinal',
      sql: 'select 1, count(*), 2 as b, max(protocol)',
      columns: ['_col0', '_col1', 'b', '_col3'],
      rows: [[1, 10n, 2, 47n]],
    },
    {
      name: 'ordinals counted past the columns of a star',
      sql: 'select *, 1 from (select pri_ip, bytes from log where bytes = 1)',
      columns: ['pri_ip', 'bytes', '_col2'],
      rows: [['192.168.1.1', 1n, 1]],
    },
    {
      name: 'column references under their own names',
      sql: 'select l.protocol, l.__time__ from log l where bytes = 1',
      columns: ['protocol', '__time__'],
      rows: [[47n, 1300n]],
    },
    {
      name: 'every indexed field and the time for a star',
      sql: 'select * from log where bytes = 84',
      columns: [...RELATION.fields.map((field) => field.name), '__time__'],
      rows: [['ngw-b', 1n, '255.255.255.255', 0n, '0.0.0.0', 84n, 84n, 1060n]],
    },
    {
      name: 'addresses as text, null where there is none',
      sql: 'select pri_ip, count(*) as n group by pri_ip order by n desc, pri_ip limit 3',
      columns: ['pri_ip', 'n'],
      rows: [
        ['10.0.0.1', 2n],
        ['192.168.1.1', 2n],
        [null, 2n],
      ],
    },
    {
      name: 'sums as 64-bit integers',
      sql: 'select sum(bytes), sum(protocol) over () from log where bytes = 100 group by protocol',
      columns: ['_col0', '_col1'],
      rows: [[100n, 6n]],
    },
    {
      name: 'typed literals and columns whose names end like a prefix of quotes',
      sql: "select cast(date'2026-11-20' as varchar) as x, 'e' as \"b\" from log where bytes = 1 and 'x'<>'e'",
      columns: ['x', 'b'],
      rows: [['2026-11-20', 'e']],
    },
    { name: 'exact sums beyond 2^53', sql: 'select sum(bytes) as b', columns: ['b'], rows: [[TOTAL]] },
    {
      name: 'signed results of unsigned columns',
      sql: 'select -bytes, bytes - 101 from log where bytes = 100',
      columns: ['_col0', '_col1'],
      rows: [[-100n, -1n]],
    },
    {
      name: '64-bit literals whole',
      sql: 'select 9223372036854775807 as a, -9223372036854775808 as b limit 1',
      columns: ['a', 'b'],
      rows: [[9223372036854775807n, -9223372036854775808n]],
    },
    {
      name: 'truncated quotients of integers',
      sql: 'select 7 / 2, -7 / 2, 7 % 4, -7 % 4, bytes / 3, mod(bytes, 3) from log where bytes = 100',
      columns: ['_col0', '_col1', '_col2', '_col3', '_col4', '_col5'],
      rows: [[3, -3, 3, -3, 33n, 1n]],
    },
    {
      name: 'fractions as soon as one side is a double',
      sql: 'select bytes / 8.0, bytes * 1.0 / 8, cast(bytes as double) / 8, 1e0 / 8 from log where bytes = 100',
      columns: ['_col0', '_col1', '_col2', '_col3'],
      rows: [[12.5, 12.5, 12.5, 0.125]],
    },
    {
      name: 'infinity and NaN for doubles',
      sql: 'select 1.0 / 0, 0e0 / 0 limit 1',
      columns: ['_col0', '_col1'],
      rows: [[Infinity, NaN]],
    },
    {
      name: 'minutes by the remainder of the time',
      sql: 'select __time__ - __time__ % 60 as m, count(*) as n group by m order by m limit 2',
      columns: ['m', 'n'],
      rows: [
        [960n, 2n],
        [1020n, 2n],
      ],
    },
    {
      name: 'null for null divided by zero',
      sql: 'select sum(bytes) / count(*), 5 / nullif(count(*), 0) from log where bytes < 0',
      columns: ['_col0', '_col1'],
      rows: [[null, null]],
    },
    {
      name: 'quotients of columns that a subquery names',
      sql: 'select a / b, c / b from (select sum(bytes) as a, count(*) as b, avg(bytes) as c from log where bytes < 200) t',
      columns: ['_col0', '_col1'],
      rows: [[38n, 7.68]],
    },
    {
      name: 'quotients of columns of WITH',
      sql: 'with t(x, y) as (select 7, 2.0 from log limit 1), u as (select x / 2 as h, x / y as d from t) select h, d, h / 2 from u',
      columns: ['h', 'd', '_col2'],
      rows: [[3, 3.5, 1]],
    },
    {
      name: 'an alias used later in the same list',
      sql: 'select bytes + 1 as b, b / 2 from log where bytes = 100',
      columns: ['b', '_col1'],
      rows: [[101n, 50n]],
    },
    {
      name: 'unions in the order of the whole',
      sql: "select 'x' as a union all select 'y' order by a desc limit 1",
      columns: ['a'],
      rows: [['y']],
    },
    {
      name: 'joins of the log with itself',
      sql: 'select count(*) from log a join log b on a.pri_ip = b.pri_ip and a.bytes < b.bytes',
      columns: ['_col0'],
      rows: [[2n]],
    },
    {
      name: 'USING once in a star',
      sql: 'select *, 1 from (select bytes, 1 as x from log) a join (select bytes, 2 as y from log) b using (bytes) where bytes = 84',
      columns: ['bytes', 'x', 'y', '_col3'],
      rows: [[84n, 1, 2, 1]],
    },
    {
      name: 'subqueries as values, and correlated ones',
      sql: 'select (select max(bytes) from log) / 2, exists (select 1 from log i where i.bytes = o.bytes + 6) from log o where bytes = 1',
      columns: ['_col0', '_col1'],
      rows: [[4503599627370496n, true]],
    },
    {
      name: 'IN over a subquery',
      sql: 'select count(*) from log where pub_ip in (select pub_ip from log where bytes = 1) and pub_ip not in (select pub_ip from log where bytes = 84)',
      columns: ['_col0'],
      rows: [[2n]],
    },
    {
      name: 'distinct counts and filters',
      sql: 'select count(distinct protocol), count(*) filter (where bytes > 99), approx_distinct(pub_ip), count_if(bytes > 99)',
      columns: ['_col0', '_col1', '_col2', '_col3'],
      rows: [[4n, 5n, 5n, 5n]],
    },
    {
      name: 'HAVING on an alias',
      sql: 'select protocol, count(*) as n group by protocol having n > 4',
      columns: ['protocol', 'n'],
      rows: [[6n, 5n]],
    },
    {
      name: 'grouping sets',
      sql: 'select protocol, count(*) from log where bytes > 4000 group by grouping sets ((protocol), ()) order by 1 nulls last',
      columns: ['protocol', '_col1'],
      rows: [
        [6n, 3n],
        [null, 3n],
      ],
    },
    {
      name: 'windows',
      sql: 'select bytes, row_number() over (order by bytes), lag(bytes, 1, 0) over (order by bytes), sum(bytes) over (order by bytes rows between 1 preceding and current row) from log where bytes between 1 and 100 order by bytes',
      columns: ['bytes', '_col1', '_col2', '_col3'],
      rows: [
        [1n, 1n, 0n, 1n],
        [7n, 2n, 1n, 8n],
        [84n, 3n, 7n, 91n],
        [100n, 4n, 84n, 184n],
      ],
    },
    {
      name: 'CASE, IF, COALESCE, BETWEEN, LIKE and IS',
      sql: "select case protocol when 6 then 'TCP' else 'other' end, if(bytes > 5, 1, 2), coalesce(pri_ip, '-'), pri_ip like '10.%', pri_ip is null, bytes is not distinct from 100 from log where bytes = 100",
      columns: ['_col0', '_col1', '_col2', '_col3', '_col4', '_col5'],
      rows: [['TCP', 1, '10.0.0.1', true, false, true]],
    },
    {
      name: 'text functions',
      sql: "select upper('é😀x'), length('é😀x'), substr('abc', 2), 'a' || 'b''c', split_part('a.b', '.', 2), strpos('abc', 'c'), trim('  a '), position('b' in 'abc') limit 1",
      columns: ['_col0', '_col1', '_col2', '_col3', '_col4', '_col5', '_col6', '_col7'],
      rows: [['É😀X', 3n, 'bc', "ab'c", 'b', 3n, 'a', 2n]],
    },
    {
      name: 'times truncated and taken apart',
      sql: "select cast(date_trunc('hour', __time__) as varchar), hour(__time__), extract(minute from from_unixtime(__time__)), to_unixtime(from_unixtime(__time__)), cast(from_unixtime(__time__) + interval '1' day as varchar) from log where bytes = 1",
      columns: ['_col0', '_col1', '_col2', '_col3', '_col4'],
      rows: [['1970-01-01 00:00:00.000', 0n, 21n, 1300, '1970-01-02 00:21:40.000']],
    },
    {
      name: 'true, false and null as they are',
      sql: 'select true, false, null, bytes = 100 is true from log where bytes = 100',
      columns: ['_col0', '_col1', '_col2', '_col3'],
      rows: [[true, false, null, true]],
    },
    {
      name: 'names that need quotes',
      sql: 'select "a"" OR 1=1 --" as "select ""x""" from log where "a"" OR 1=1 --" = 84',
      columns: ['select "x"'],
      rows: [[84n]],
    },
    {
      name: 'hostile strings as strings',
      sql: `select count(*) from log where instance = '1'' OR ''1''=''1'`,
      columns: ['_col0'],
      rows: [[1n]],
    },
    {
      name: 'comments left out',
      sql: "select /* a ' | /* b */ ; */ 1 -- ; select 2\n limit 1;",
      columns: ['_col0'],
      rows: [[1]],
    },
    {
      name: 'the error of a division that nobody reaches',
      sql: 'select 1 / 0 from log where bytes < 0',
      columns: ['_col0'],
      rows: [],
    },
  ])('$name', async ({ sql, columns, rows }) => {
    const query = await compile(`* | ${sql}`);
    expect(query).toMatchObject({ kind: 'statement', columns: null });
    expect(await log.run(query)).toEqual({ columns, rows });
  });
});

test.each(['select 1 / 0', 'select bytes % 0', 'select bytes / (bytes - 100)', 'select mod(bytes, bytes - bytes)'])(
  '%s fails with the sentence of the vendor',
  async (sql) => {
    await expect(log.run(await compile(`* | ${sql}`))).rejects.toThrow('Division by zero');
  },
);

describe('the search part filters the log of a statement', () => {
  test.each([
    { search: 'protocol:6', count: 5n },
    { search: 'not protocol:6', count: 5n },
    { search: 'pri_ip:10.0.0.1 or protocol:47', count: 3n },
    { search: 'pri_port > 1024', count: 3n },
  ])('$search', async ({ search, count }) => {
    const query = await compile(`${search} | select count(*) from (select * from log) a`);
    expect((await log.run(query)).rows).toEqual([[count]]);
  });
});

describe('a limit on top of a statement', () => {
  test.each([
    {
      name: 'is added where there is none',
      sql: 'select bytes order by bytes desc',
      limit: 2,
      rows: [9007199254740993n, 4294967295n],
    },
    {
      name: 'leaves a lower limit',
      sql: 'select bytes order by bytes desc limit 1',
      limit: 2,
      rows: [9007199254740993n],
    },
    {
      name: 'lowers a higher one and keeps the offset',
      sql: 'select bytes order by bytes desc limit 5 offset 1',
      limit: 2,
      rows: [4294967295n, 5000n],
    },
    { name: 'holds for a union', sql: '(select 1 as x) union (select 2 from log) order by x', limit: 1, rows: [1] },
    { name: 'can be zero', sql: 'select bytes', limit: 0, rows: [] },
  ])('$name', async ({ sql, limit, rows }) => {
    const result = await log.run(await compile(`bytes > -1 | ${sql}`, limit));
    expect(result.rows.map(([value]) => value)).toEqual(rows);
  });
});

test('fields that a statement does not name are not built', async () => {
  const named = await compile('instance:x | select max(BYTES) from log a join log b using (pri_port)');
  expect(named.sql.match(/AS (?:bytes|pri_port|pri_ip|pub_ip|protocol)\b/gu)).toEqual([
    ...['AS pri_port', 'AS bytes', 'AS pri_port', 'AS bytes'],
  ]);
  const renamed = await compile('* | select f from log t(a, b, c, d, e, f) where f = 84');
  expect((await log.run(renamed)).rows).toEqual([[84n]]);
});

test('the time range and the runs bound every log of a statement', async () => {
  const request = {
    text: '* | select count(*), (select count(*) from log) from log',
    range: { fromSec: 1060, toSec: 1120 },
  };
  const query = await compileQuery({ ...request, limit: null, offset: 0, reverse: false }, RELATION, log.parser);
  expect((await log.run(query)).rows).toEqual([[3n, 3n]]);
});

describe('where the first and the last entry are known', () => {
  const known: LogRelation = { ...RELATION, extent: { firstSec: 1000, lastSec: 1300 } };
  const compileOver = (text: string, range: CompileRequest['range'], relation: LogRelation): Promise<CompiledQuery> =>
    compileQuery({ text, range, limit: null, offset: 0, reverse: false }, relation, log.parser);
  const count = '* | select count(*) as n from log';

  test.each([
    { name: 'a statement', text: count },
    { name: 'a search', text: 'protocol:6' },
    {
      name: 'a comparison in a subquery',
      text: '* | select (select compare(n, 60) from (select count(*) as n from log)) as c',
    },
    { name: 'several tables', text: '* | select count(*) from log a, log b where a.pri_ip = b.pri_ip and a.bytes > 1' },
  ])('$name over all of them gives the same', async ({ text }) => {
    const [asked, unasked] = [await compileOver(text, WHOLE, RELATION), await compileOver(text, WHOLE, known)];
    expect((await log.run(unasked)).rows).toEqual((await log.run(asked)).rows);
  });

  test.each([
    { name: 'all of them', range: WHOLE, isAsked: false, n: 10n },
    { name: 'more', range: { fromSec: 0, toSec: 9999 }, isAsked: false, n: 10n },
    { name: 'all but the first', range: { fromSec: 1001, toSec: 1301 }, isAsked: true, n: 8n },
    { name: 'all but the last', range: { fromSec: 1000, toSec: 1300 }, isAsked: true, n: 8n },
  ])('the time of each entry is asked for over $name: $isAsked', async ({ range, isAsked, n }) => {
    const compiled = await compileOver(count, range, known);
    expect(/__time__ [<>]/u.test(compiled.sql)).toBe(isAsked);
    expect((await log.run(compiled)).rows).toEqual([[n]]);
  });
});
