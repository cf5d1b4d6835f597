import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileQuery } from '../../../src-main/query/compile';
import { editSql } from '../../../src-main/query/sql-edits';
import { openSampleLog, RELATION, WHOLE, type SampleLog } from './sample-log';

let log: SampleLog;
beforeAll(async () => {
  log = await openSampleLog();
});
afterAll(() => {
  log.close();
});

const columnsOf = async (sql: string): Promise<readonly string[]> => {
  const request = { text: `* | ${sql}`, range: WHOLE, limit: null, offset: 0, reverse: false };
  return (await log.run(await compileQuery(request, RELATION, log.parser))).columns;
};

test.each(
  (
    'source target time type key year month day hour minute second row data domain value names zone format schema ' +
    'date timestamp interval map text name level rows range set view user columns position over filter all any desc'
  ).split(' '),
)('`%s`, which Presto does not reserve, is an alias without AS', async (word) => {
  expect(await columnsOf(`select pri_ip ${word}, bytes from log`)).toEqual([word, 'bytes']);
  expect(await columnsOf(`select n from (select 1 n, count(1) ${word} from log)`)).toEqual(['n']);
});

test.each([
  {
    sql: 'select pri_ip source, pub_ip target, sum(bytes) value group by source, target',
    columns: 'source target value',
  },
  { sql: 'select case when bytes > 1 then 1 else null end type, null key, true data', columns: 'type key data' },
  { sql: "select interval '2' hour, interval '2' hour hour, bytes source", columns: '_col0 hour source' },
  { sql: "select timestamp '2026-01-01' - interval '1' day time limit 1", columns: 'time' },
  { sql: "select extract(year from timestamp '2026-01-01') year", columns: 'year' },
  { sql: 'select cast(bytes as varchar) type, array[1, 2] row', columns: 'type row' },
  { sql: 'select sum(bytes) over (order by bytes rows between 1 preceding and current row) rows', columns: 'rows' },
  { sql: 'select x.time from (select bytes time from log) x order by time nulls first', columns: 'time' },
  { sql: 'select all bytes, n source from (select bytes, 1 n from log)', columns: 'bytes source' },
  { sql: "select 'a''b' /* one */ source -- two\n, \"bytes\" value", columns: 'source value' },
])('$sql has the columns $columns', async ({ sql, columns }) => {
  expect(await columnsOf(sql)).toEqual(columns.split(' '));
});

test.each([
  "select x at time zone 'UTC' from log",
  'select a.time, b.value from a, b where a.key = b.key',
  'select time, value, year from log group by time order by value desc, year limit 3',
  'select bytes between 1 and 2, bytes is not null, not true from log',
  "select interval (bytes) day, interval 3 day, interval '1' year to month from log",
  'select bytes bytes bytes from log',
  'select distinct on (bytes) source from log',
  'select lag(bytes) ignore nulls over w from log window w as (order by bytes)',
  "select x like 'a' escape 'b' from log",
])('%s stays as it is', (sql) => {
  expect(editSql(sql).text).toBe(sql);
});

test('places behind an added AS are those in the statement as written', () => {
  const sql = 'select a source, b target from log';
  const { text, toWritten } = editSql(sql);
  expect(text).toBe('select a AS source, b AS target from log');
  for (const word of ['a AS', 'source', 'target', 'from', 'log']) {
    expect(toWritten(text.indexOf(word))).toBe(sql.indexOf(word.split(' ')[0] ?? ''));
  }
});
