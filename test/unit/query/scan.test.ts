import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileQuery } from '../../../src-main/query/compile';
import type { CompiledQuery, CompileRequest } from '../../../src-main/query/compiled-query';
import type { LogRelation, LogRelationField } from '../../../src-main/query/log-relation';
import { cutShardText } from '../../../src-main/query/console-limits';
import { openSampleLog, plainValue, RELATION, WHOLE, type SampleLog } from './sample-log';

let log: SampleLog;
beforeAll(async () => {
  log = await openSampleLog();
});
afterAll(() => {
  log.close();
});

const asStored = (field: LogRelationField): LogRelationField =>
  field.type === 'long' ? { ...field, type: 'text', expression: `CAST(${field.expression} AS VARCHAR)` } : field;
/** Only `protocol` is in the index; the rest is stored. */
const SCANNED: LogRelation = {
  ...RELATION,
  fields: RELATION.fields.filter(({ name }) => name === 'protocol'),
  stored: RELATION.fields.map(asStored),
};

const compile = (text: string, request: Partial<CompileRequest> = {}): Promise<CompiledQuery> =>
  compileQuery({ text, range: WHOLE, limit: null, offset: 0, reverse: false, ...request }, SCANNED, log.parser);
const rowsOf = async (text: string): Promise<unknown[][]> =>
  (await log.run(await compile(text))).rows.map((row) => row.map(plainValue));

describe('a statement that scans', () => {
  test('reads what is stored without an index', async () => {
    const text =
      '* | set session mode=scan; select pri_ip, count(*) as n from log group by pri_ip order by n desc, pri_ip';
    expect((await rowsOf(text)).slice(0, 2)).toEqual([
      ['10.0.0.1', 2],
      ['192.168.1.1', 2],
    ]);
  });

  test('reads all as varchar, to be cast, but for the time', async () => {
    const text =
      "set session mode=scan; select typeof(protocol), sum(cast(bytes as bigint)), typeof(max(__time__)) from log where bytes = '100' group by 1";
    expect(await rowsOf(`* | ${text}`)).toEqual([['varchar', 100, 'bigint']]);
    await expect(compile('* | set session mode=scan; select 1 from log where bytes = 100')).rejects.toMatchObject({
      code: 'QUERY_WRONG_TYPE',
    });
  });

  test('is searched by the index all the same', async () => {
    const text = "protocol:17 | set session parallel_sql=true; SET SESSION mode = 'SCAN'; select max(instance)";
    expect(await rowsOf(text)).toEqual([['NGW-B']]);
    await expect(compile('bytes:100 | set session mode=scan; select 1')).rejects.toMatchObject({
      code: 'QUERY_UNKNOWN_FIELD',
    });
  });

  test('is not served by an index', async () => {
    expect((await compile('* | set session mode=scan; select protocol from log')).fieldsRead).toEqual([]);
  });
});

test.each(['select bytes from log', 'set session mode=scan; set session mode=index; select bytes from log'])(
  'a field without an index is refused with the way to read it: %s',
  async (sql) => {
    await expect(compile(`* | ${sql}`)).rejects.toMatchObject({
      code: 'QUERY_UNKNOWN_FIELD',
      message: expect.stringContaining('set session mode=scan;') as string,
      detail: { field: 'bytes', position: `* | ${sql}`.indexOf('bytes'), length: 5 },
    });
  },
);

test('a field that is not stored is refused without it', async () => {
  for (const sql of ['select nope from log', 'set session mode=scan; select nope from log'])
    await expect(compile(`* | ${sql}`)).rejects.toMatchObject({
      message: expect.not.stringContaining('set session') as string,
    });
});

describe('under the limits of the console', () => {
  test.each([
    { sql: 'select * from log', at: '*' },
    { sql: 'select 1 from (select * from log)', at: '*' },
    { sql: "select bytes from log where search('protocol:6')", at: 'search' },
  ])('$sql is refused', async ({ sql, at }) => {
    const text = `* | set session mode=scan; ${sql}`;
    expect((await log.run(await compile(text))).rows.length).toBeGreaterThan(0);
    await expect(compile(text, { limits: 'console' })).rejects.toMatchObject({
      code: 'QUERY_UNSUPPORTED',
      message: expect.stringContaining('not supported in scan mode') as string,
      detail: { construct: at },
    });
  });

  describe('of a shard with more than 500,000 entries', () => {
    const LARGE: LogRelation = { ...SCANNED, table: 'store.large' };
    const compileLarge = (text: string, limits?: 'console'): Promise<CompiledQuery> =>
      compileQuery(
        { text, range: LONG, limit: null, offset: 0, reverse: false, ...(limits && { limits }) },
        LARGE,
        log.parser,
      );
    const LONG = { fromSec: 0, toSec: 1_000_000 };
    beforeAll(async () => {
      // Newest first: 500,003 entries of one shard, of which every second is TCP, and three of another one.
      await log.connection.run(`
        CREATE TABLE store.large AS SELECT entry.* REPLACE (
          CASE WHEN n % 2 = 0 THEN 6 ELSE 17 END AS protocol, n AS bytes, n // 2 AS __time__, 1 AS run_id, n AS entry_no,
          CASE WHEN n < 500003 THEN 0 ELSE 1 END AS shard_id)
        FROM (SELECT * FROM store.log_1 LIMIT 1) AS entry, range(500005, -1, -1) AS numbers(n)`);
    });

    const SUMS =
      'set session mode=scan; select count(*), max(cast(bytes as bigint)), min(cast(bytes as bigint)) from log';

    test('the oldest are read, and all of a smaller one', async () => {
      const { rows } = await log.run(await compileLarge(`* | ${SUMS}`, 'console'));
      expect(rows.map((row) => row.map(plainValue))).toEqual([[500_003, 500_005, 0]]);
      const below = `* | ${SUMS} where cast(bytes as bigint) < 500003`;
      expect((await log.run(await compileLarge(below, 'console'))).rows[0]?.map(plainValue)).toEqual([
        500_000, 499_999, 0,
      ]);
      expect((await log.run(await compileLarge(`* | ${SUMS}`))).rows[0]?.map(plainValue)).toEqual([
        500_006, 500_005, 0,
      ]);
    });

    test('it is told of which shard how many were found', async () => {
      const [cutShards, more] = (await compileLarge(`* | ${SUMS}`, 'console')).cutShards;
      expect(more).toBeUndefined();
      expect((await log.run(cutShards!)).rows).toEqual([[0, 500_003]]);
      expect(cutShardText(0, 500_003)).toContain('only the oldest 500000 were scanned');
      const [unCut] = (await compileLarge(`protocol:6 | ${SUMS}`, 'console')).cutShards;
      expect((await log.run(unCut!)).rows).toEqual([]);
      expect((await compileLarge(`* | ${SUMS}`)).cutShards).toEqual([]);
    });
  });
});
