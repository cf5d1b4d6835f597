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
    sql: 'select 1 from log where count(*) > 1',
    sentence: 'WHERE clause cannot contain aggregations or window functions',
  },
  {
    sql: 'select 1 from log group by sum(bytes)',
    sentence: 'GROUP BY clause cannot contain aggregations or window functions',
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

test('a failure that the vendor has no sentence for keeps its own', () => {
  expect(vendorFailure('Conversion Error: Could not convert')).toBeNull();
});

test('a name is looked for in the SQL part', () => {
  expect(placeOfName('bytes:1 | select Bytes', 9, 'bytes')).toEqual({ position: 17, length: 5 });
  expect(placeOfName('* | select 1', 3, 'bytes')).toEqual({});
});
