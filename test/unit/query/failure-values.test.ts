import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import { inVendorWords } from '../../../src-main/engine/query-service';
import { compileQuery } from '../../../src-main/query/compile';
import { openSampleLog, RELATION, WHOLE, type SampleLog } from './sample-log';

let log: SampleLog;
beforeAll(async () => {
  log = await openSampleLog();
});
afterAll(() => {
  log.close();
});

/** What a user is told of a statement that fails when it runs. */
async function failureOf(text: string): Promise<AppError> {
  const query = await compileQuery(
    { text, range: WHOLE, limit: null, offset: 0, reverse: false },
    RELATION,
    log.parser,
  );
  const cause: unknown = await log.run(query).then(
    () => null,
    (error: unknown) => error,
  );
  const told = inVendorWords(
    new AppError('QUERY_FAILED', cause instanceof Error ? cause.message : 'it did not fail'),
    text,
  );
  if (!(told instanceof AppError)) throw new Error('not told');
  return told;
}

const NULL_INSTEAD = 'gives NULL instead.';

test.each([
  { sql: 'select 1 / (bytes - bytes)', says: `Division by zero: x / nullif(y, 0) ${NULL_INSTEAD}`, at: '/' },
  { sql: "select '/', bytes % 0", says: 'Division by zero', at: '%' },
  { sql: 'select bytes / 2, bytes / 0', says: 'Division by zero', at: null },
  { sql: 'select array[1, 2][0]', says: 'SQL array indices start at 1: the first element is a[1].', at: '[0]' },
  { sql: 'select array[1, 2][-1]', says: 'Array subscript is negative: element_at counts from the end', at: '[-1]' },
  { sql: 'select array[1, 2][7]', says: `Array subscript out of bounds: element_at ${NULL_INSTEAD}`, at: '[7]' },
  {
    sql: "select map(array['a'], array[1])['b']",
    says: `Key not present in map: element_at ${NULL_INSTEAD}`,
    at: "['b']",
  },
  { sql: "select map(array['a', 'a'], array[1, 2])", says: 'Duplicate map keys are not allowed.', at: 'map' },
  { sql: "select map(array['a'], array[1, 2])", says: 'Key and value arrays must be the same length.', at: 'map' },
  { sql: "select cast('x' as bigint)", says: `Cannot cast 'x' to bigint: try_cast ${NULL_INSTEAD}`, at: 'cast' },
  { sql: 'select cast(pri_port as tinyint)', says: 'Out of range for tinyint: ', at: 'cast' },
  { sql: 'select cast(bytes as tinyint), cast(bytes as smallint)', says: 'Out of range for', at: null },
  { sql: "select cast('2020-13-01' as date)", says: 'Value cannot be cast to date: 2020-13-01;', at: "'2020-13-01'" },
  {
    sql: "select date_parse('7 May', '%Y')",
    says: 'Invalid format: "7 May" is not written as "%Y" says;',
    at: 'date_parse',
  },
  { sql: "select json_parse('x{')", says: "Cannot convert value to JSON: 'x{'; try(json_parse(…))", at: 'json_parse' },
  { sql: `select cast(json_parse('["a"]') as array(bigint))`, says: 'Cannot cast "a" of JSON to a number', at: 'cast' },
  { sql: "select from_base64('***')", says: 'Not Base64: "***"; try(from_base64(…))', at: 'from_base64' },
  { sql: "select from_hex('zz')", says: 'Not a hexadecimal digit: z; try(from_hex(…))', at: 'from_hex' },
  { sql: 'select chr(-1)', says: 'Not a valid Unicode code point: -1;', at: 'chr' },
  {
    sql: "select split_part('a', ',', 0)",
    says: 'Index must be greater than zero: the first part is 1.',
    at: 'split_part',
  },
  { sql: 'select sequence(1, 9, 0)', says: 'step must not be zero.', at: 'sequence' },
  {
    sql: 'select sequence(1, 99999)',
    says: 'result of sequence function must not have more than 10000',
    at: 'sequence',
  },
  { sql: 'select (select pri_ip from log)', says: 'Scalar sub-query has returned multiple rows: take one', at: null },
  { sql: 'select approx_percentile(bytes, 2)', says: 'Percentile must be between 0 and 1.', at: 'approx_percentile' },
  { sql: 'select pri_ip from log order by 9', says: 'ORDER BY position is not in select list', at: 'order' },
  { sql: 'select abs(-9223372036854775807 - 1)', says: 'is out of range for abs(bigint)', at: 'abs' },
  { sql: 'select ntile(0) over ()', says: 'Argument for ntile must be greater than zero.', at: 'ntile' },
])('$sql fails in words that tell the way out', async ({ sql, says, at }) => {
  const from = sql.includes(' from ') ? '' : ' from log';
  const text = `* | ${sql}${from}`;
  const { message, detail } = await failureOf(text);
  expect(message).toContain(says);
  expect(message).not.toMatch(/^\w+ Error:|Input Error/u);
  const place = at === null ? undefined : text.lastIndexOf(at);
  expect(detail['position']).toBe(place);
});

test('what is offered instead gives NULL', async () => {
  const statement =
    "select 1 / nullif(0, 0), element_at(array[1], 7), try(json_parse('x{')), try(from_hex('zz')), try_cast('x' as bigint)";
  const query = await compileQuery(
    { text: `* | ${statement} from log limit 1`, range: WHOLE, limit: null, offset: 0, reverse: false },
    RELATION,
    log.parser,
  );
  expect((await log.run(query)).rows).toEqual([[null, null, null, null, null]]);
});
