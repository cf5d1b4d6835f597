import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileQuery, type CompiledQuery, type CompileRequest } from '../../../src-main/query/compile';
import type { LogRelation, LogRelationField } from '../../../src-main/query/log-relation';
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

  test('it is said that the console would read less', async () => {
    const text = '* | set session mode=scan; select count(*) from log';
    const { notes } = await compile(text, { limits: 'console' });
    expect(notes.map((note) => note.text)).toEqual([expect.stringContaining('500000 entries of a shard')]);
    expect((await compile(text)).notes).toEqual([]);
  });
});
