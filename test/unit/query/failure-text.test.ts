import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileQuery } from '../../../src-main/query/compile';
import { placeOfName, vendorFailure } from '../../../src-main/query/failure-text';
import { openSampleLog, RELATION, WHOLE, type SampleLog } from './sample-log';

let log: SampleLog;
beforeAll(async () => {
  log = await openSampleLog();
});
afterAll(() => {
  log.close();
});

test.each([
  {
    sql: 'select protocol, bytes, count(*) from log group by protocol',
    sentence: "Column 'bytes' not in GROUP BY clause;please add the column in the index attribute",
  },
  {
    sql: 'select sum(bytes) as s from log where s > 1',
    sentence: 'WHERE clause cannot contain aggregations or window functions',
  },
])('$sql fails in the words of the vendor', async ({ sql, sentence }) => {
  const request = { text: `* | ${sql}`, range: WHOLE, limit: null, offset: 0, reverse: false };
  const query = await compileQuery(request, RELATION, log.parser);
  const failure = await log.run(query).then(
    () => '',
    (cause: unknown) => (cause instanceof Error ? cause.message : ''),
  );
  expect(vendorFailure(failure)?.message).toContain(sentence);
});

test.each([
  {
    sql: 'select length(bytes)',
    says: 'Unexpected parameters (bigint) for function length. Expected: length(varchar), length(array(T)).',
    at: 'length',
  },
  { sql: 'select lower(bytes)', says: 'Expected: lower(varchar). Cast the argument', at: 'lower' },
  {
    sql: "select split(bytes, ',')",
    says: 'Unexpected parameters (bigint, varchar) for function split. Cast',
    at: 'split',
  },
  { sql: 'select substr(bytes, 1, 2)', says: 'Unexpected parameters (bigint) for function substr.', at: 'substr' },
  {
    sql: 'select sum(instance)',
    says: 'Unexpected parameters (varchar) for function sum. Expected: sum(double)',
    at: 'sum',
  },
  { sql: 'select 1 having sum(instance) > 1', says: 'Unexpected parameters (varchar) for function sum', at: 'sum' },
  { sql: "select array[1, 'a']", says: "Cannot cast 'a' to bigint", at: "'a'" },
  { sql: 'select round(instance)', says: "' to double", at: 'instance' },
  { sql: "select regexp_like(instance, '(')", says: 'Invalid regular expression (missing ))', at: "'('" },
  { sql: 'select sum(9223372036854775807)', says: 'bigint addition overflow: 92233720368547758070', at: 'sum' },
  { sql: 'select bytes * bytes * bytes', says: 'bigint multiplication overflow: ', at: null },
  { sql: 'select cast(instance as bigint)', says: 'try_cast gives NULL', at: 'cast' },
  { sql: 'select 1 where instance between 1 and 5', says: 'cannot stand together in BETWEEN', at: 'between' },
  { sql: 'select instance in (select bytes from log)', says: 'same type: varchar, not bigint', at: null },
])('$sql fails with one line and what to do, at $at', async ({ sql, says, at }) => {
  const text = `* | ${sql}`;
  const query = await compileQuery(
    { text, range: WHOLE, limit: null, offset: 0, reverse: false },
    RELATION,
    log.parser,
  );
  const failure = await log.run(query).then(
    () => null,
    (cause: unknown) => vendorFailure(cause instanceof Error ? cause.message : '', sql),
  );
  expect(failure?.message).toContain(says);
  expect(failure?.message).not.toContain('\n');
  const place = failure?.name == null ? {} : placeOfName(text, 3, failure.name);
  expect(place).toEqual(at === null ? {} : { position: text.indexOf(at), length: at.length });
});

test('a part of a longer name is not its place', () => {
  expect(placeOfName('* | select resum, sum(x)', 3, 'sum')).toEqual({ position: 18, length: 3 });
});

test('a failure that the vendor has no sentence for keeps its own', () => {
  expect(vendorFailure('Conversion Error: Could not convert')).toBeNull();
});

test('a name is looked for in the SQL part', () => {
  expect(placeOfName('bytes:1 | select Bytes', 9, 'bytes')).toEqual({ position: 17, length: 5 });
  expect(placeOfName('* | select 1', 3, 'bytes')).toEqual({});
});
