import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileQuery } from '../../../src-main/query/compile';
import type { CompiledQuery } from '../../../src-main/query/compiled-query';
import { CONSOLE_LIMITS } from '../../../src-main/query/console-limits';
import { openSampleLog, RELATION, WHOLE, type SampleLog } from './sample-log';

let log: SampleLog;
beforeAll(async () => {
  log = await openSampleLog();
});
afterAll(() => {
  log.close();
});

const compile = (text: string, limit: number | null = null): Promise<CompiledQuery> =>
  compileQuery({ text, range: WHOLE, limit, offset: 0, reverse: false, limits: 'console' }, RELATION, log.parser);
const failure = (text: string): Promise<unknown> =>
  compile(text).then(
    () => null,
    (cause: unknown) => cause,
  );

test.each([
  { name: 'a statement without LIMIT', text: '* | select a.bytes from log a, log b, log c', rows: 100, said: 'LIMIT' },
  { name: 'a statement with a lower one', text: '* | select bytes from log limit 3', rows: 3, said: '1000000' },
  { name: 'entries', text: '*', rows: 10, said: 'page of entries' },
])('$name: $rows rows, and the cap says of itself where it is from', async ({ text, rows, said }) => {
  const query = await compile(text);
  expect((await log.run(query)).rows).toHaveLength(rows);
  expect(query.cap?.text).toContain(said);
  expect(query.cap?.text).toContain(String(query.cap?.most));
});

test('a limit of the request that is lower stays', async () => {
  expect((await log.run(await compile('* | select bytes', 2))).rows).toHaveLength(2);
});

test('what the console refuses is refused with its sentence', async () => {
  const counts = Array<string>(11).fill('count(distinct bytes)').join(', ');
  expect(await failure(`* | select ${counts}`)).toMatchObject({
    message: 'max distinct num is:10, please use approx_distinct',
  });
  for (const page of ['0, 20000', '999999, 5000']) {
    expect(await failure(`* | select bytes limit ${page}`)).toMatchObject({
      message: expect.stringContaining('reading data with pagination only allow reading max'),
    });
  }
  expect(await failure('* | select bytes limit 5, 10000')).toBeNull();
});

test.each([
  { text: '* | select bytes limit 3 offset 5', says: 'LIMIT n OFFSET m is not supported', at: 'offset 5' },
  { text: '* | select bytes offset 5 limit 3', says: 'LIMIT n OFFSET m is not supported', at: 'offset 5' },
  {
    text: '* | select count(1) from (select distinct(protocol) from log limit 0,2)',
    says: 'only in the outermost SELECT',
    at: 'limit 0',
  },
  { text: '* | select bytes limit 3, 20000', says: 'pagination only allow reading max 10000', at: '3' },
  {
    text: `* | select ${Array<string>(10).fill('count(distinct bytes)').join(', ')}, COUNT(distinct protocol)`,
    says: 'max distinct num is:10',
    at: 'COUNT',
  },
])('$text is refused where it says `$at`', async ({ text, says, at }) => {
  expect(await failure(text)).toMatchObject({
    message: expect.stringContaining(says),
    detail: { position: text.indexOf(at), length: at.length },
  });
});

test.each([
  'select bytes limit 5, 3',
  'select count(1) from (select bytes from log limit 2)',
  'select bytes as "offset"',
])('%s runs under them', async (sql) => {
  expect(await failure(`* | ${sql}`)).toBeNull();
});

test('without them nothing is cut or refused', async () => {
  const text = `* | select ${Array<string>(11).fill('count(distinct bytes)').join(', ')} limit 20000`;
  const query = await compileQuery(
    { text, range: WHOLE, limit: null, offset: 0, reverse: false },
    RELATION,
    log.parser,
  );
  expect(query).toMatchObject({ cap: null, notes: [] });
});

test('each cap has the page that states it', () => {
  for (const { most, source } of Object.values(CONSOLE_LIMITS)) {
    expect(most).toBeGreaterThan(0);
    expect(source).toMatch(/^[a-z]/u);
  }
});
