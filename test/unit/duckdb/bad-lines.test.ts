import { expect, test } from 'vitest';
import { readBadLines, writeBadLines } from '../../../src-main/duckdb/bad-lines';
import { temporaryDatabase } from './temporary-workspace';

test('what a load could not read is kept as it stood, by file and line', async () => {
  const database = await temporaryDatabase();
  const line = (file: string, at: number, content: string) =>
    ({ file, line: at, code: 'SYNTAX', reason: 'it is no object', content }) as const;
  const odd = line('/a.ndjson', 2 ** 40, 'é\u0000"\n\u{1f600}');
  const many = Array.from({ length: 5000 }, (_, at) => line('/b.csv', at + 1, `line ${at}`));
  await writeBadLines(database, 7, []);
  await writeBadLines(database, 7, [...many, odd]);
  await writeBadLines(database, 8, [line('/c.csv', 1, 'x')]);
  expect(await readBadLines(database, 7, 0, 2)).toEqual({ total: 5001, lines: [odd, many[0]] });
  expect((await readBadLines(database, 7, 5000, 10)).lines).toEqual([many[4999]]);
});
