import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileHistogram } from '../../../src-main/query/compile-histogram';
import { createSqlParser } from '../../../src-main/duckdb/sql-parser';
import { compileQuery } from '../../../src-main/query/compile';
import { histogramBins } from '../../../src-main/query/histogram-bins';
import type { LogRelation } from '../../../src-main/query/log-relation';
import { zoneOffset } from '../../../src-main/query/zone';

const RANGE = { fromSec: 0, toSec: 1000 };
const WORDS = { token: [' ', 'X'], caseSensitive: false, chn: true };
const RELATION: LogRelation = {
  table: 'log_1',
  fields: [
    { name: 'path', type: 'text', expression: 'entry.path', ...WORDS },
    { name: 'name', type: 'text', expression: 'entry.path', token: [], caseSensitive: true, chn: false },
    { name: 'ip', type: 'ipv4', expression: 'entry.ip' },
    { name: 'port', type: 'long', expression: 'entry.port' },
  ],
  visibleRuns: { maxRun: 1, hidden: [] },
};

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  // 150 terms that begin with `page`, each in two entries; and one after the range.
  await connection.run(`CREATE TABLE log_1 AS
    SELECT concat('Get', CASE WHEN i % 2 = 0 THEN 'X' ELSE ' ' END, 'Page', lpad((i % 150)::VARCHAR, 3, '0'), '志') AS path,
      i::UINTEGER AS ip, i AS port, i AS __time__, 1::UINTEGER AS run_id, i::UBIGINT AS entry_no FROM range(300) AS r(i)
    UNION ALL SELECT 'page', 0, 0, 2000, 1, 1000`);
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

const parser = createSqlParser({ withConnection: (use) => use(connection) });

function compile(text: string, limits?: 'console') {
  const request = { text, range: RANGE, limit: null, offset: 0, reverse: false, limits };
  return compileQuery(request, RELATION, parser);
}

async function count(text: string, limits?: 'console'): Promise<{ entries: unknown; notes: string[] }> {
  const { sql, params, notes } = await compile(`${text} | select count(*)`, limits);
  const [[entries] = []] = (await connection.runAndReadAll(sql, [...params])).getRows();
  return { entries, notes: notes.map((note) => note.text) };
}

describe('under the limits of the console, a wildcard stands for the first 100 terms that it fits:', () => {
  test.each([
    { text: 'path:pa*', all: 300n, sampled: 200n },
    { text: 'pag*', all: 300n, sampled: 200n },
    { text: 'not path:page*', all: 0n, sampled: 100n },
    { text: 'path:page00?', all: 20n, sampled: 20n },
    { text: 'name:Get*', all: 300n, sampled: 200n },
    { text: 'name:get*', all: 0n, sampled: 0n },
    { text: 'path:志', all: 300n, sampled: 300n },
  ])('$text', async ({ text, all, sampled }) => {
    expect(await count(text)).toEqual({ entries: all, notes: [] });
    const { entries, notes } = await count(text, 'console');
    expect(entries).toBe(sampled);
    const isWild = /[*?]/u.test(text);
    expect(notes).toEqual(
      isWild
        ? [
            expect.stringMatching(
              /^If `.*` stands for more than 100 terms, only 100 of them are searched, as in the console\.$/u,
            ),
          ]
        : [],
    );
  });

  test('the histogram counts the same', async () => {
    const bins = histogramBins(RANGE, zoneOffset('UTC'));
    const { sql, params } = compileHistogram('path:pa*', RANGE, bins, RELATION, 'console');
    const rows = (await connection.runAndReadAll(sql, [...params])).getRows();
    expect(rows.reduce((sum, [, entries]) => sum + Number(entries), 0)).toBe(200);
  });
});

describe('the limits of the console refuse', () => {
  const conditions = (number: number): string => Array.from({ length: number }, (_, at) => `port:${at}`).join(' or ');
  test.each([
    { name: 'a 31st condition', text: conditions(31), says: /^condition number 31 is more than 30: / },
    {
      name: 'a wildcard at the beginning',
      text: 'path:*ge',
      says: /^only support \* or \? in the middle or end of the query: /,
    },
    { name: 'a phrase below not', text: 'not path:#"a b"', says: /has no effect at the vendor/ },
    { name: 'a phrase before a statement', text: 'path:#"a b" | select 1', says: /^A phrase before a statement/ },
    { name: 'a network', text: 'ip:0.0.0.0/24', says: /^A network/ },
    { name: 'a list', text: 'port:1,2', says: /^A list/ },
    { name: 'a range of addresses', text: 'ip in [0.0.0.1 0.0.0.9]', says: /^A comparison of addresses/ },
    { name: 'an address compared', text: 'ip > 0.0.0.1', says: /^A comparison of addresses/ },
  ])('$name', async ({ text, says }) => {
    await expect(compile(text)).resolves.toBeTruthy();
    await expect(compile(text, 'console')).rejects.toMatchObject({
      code: 'QUERY_UNSUPPORTED',
      message: expect.stringMatching(says),
      detail: { limits: 'console' },
    });
  });

  test.each([conditions(30), 'path:#"get page001" and ip:0.0.0.*', 'path:1,2', 'port in [1 2]'])(
    'not %s',
    async (text) => {
      await expect(compile(text, 'console')).resolves.toMatchObject({ kind: 'entries' });
    },
  );
});

test('entries are found by their import, which the console does not know', async () => {
  expect((await count('__run__:1')).entries).toBe(300n);
  expect((await count('__run__ > 1 or not __run__:1')).entries).toBe(0n);
  await expect(compile('__run__:1', 'console')).rejects.toMatchObject({ code: 'QUERY_UNKNOWN_FIELD' });
});
