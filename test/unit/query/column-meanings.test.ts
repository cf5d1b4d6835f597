import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileQuery } from '../../../src-main/query/compile';
import { openSampleLog, RELATION, WHOLE, type SampleLog } from './sample-log';

let log: SampleLog;
beforeAll(async () => {
  log = await openSampleLog();
});
afterAll(() => {
  log.close();
});

/** `t` for a time, `k` for what rows are grouped by, `-` for neither. */
async function meaningsOf(text: string): Promise<string> {
  const request = { text, range: WHOLE, limit: null, offset: 0, reverse: false };
  const { meanings } = await compileQuery(request, RELATION, log.parser);
  return meanings.map(({ isTime, isKey }) => `${isTime ? 't' : ''}${isKey ? 'k' : ''}` || '-').join(' ');
}

test.each([
  ['SELECT __time__ - __time__ % 600 AS t, count(*) AS n GROUP BY t', 'tk -'],
  ['SELECT __time__ - __time__ % 600 AS t, pri_ip, count(*) AS n GROUP BY t, pri_ip', 'tk k -'],
  ['SELECT pri_ip, __time__ / 600 * 600, count(*) GROUP BY 2, 1', 'k tk -'],
  ["SELECT to_unixtime(date_trunc('hour', __time__)) AS t, count(*) AS n GROUP BY 1", 'tk -'],
  ["SELECT date_format(__time__ - __time__ % 60, '%H:%i') AS t, protocol, max(bytes) GROUP BY t, protocol", 'tk k -'],
  ["SELECT time_series(__time__, '10m', '%H:%i', '0') AS t, protocol, count(*) AS n GROUP BY t, protocol", 'tk k -'],
  ['SELECT t, count(*) AS n FROM (SELECT __time__ - __time__ % 600 AS t FROM log) GROUP BY t', 'tk -'],
  ['SELECT max(__time__), max(__time__) - min(__time__), __time__ % 600, count(*) GROUP BY 3', 't - k -'],
  ['SELECT count(*) AS t, sum(bytes)', '- -'],
  ['SELECT * FROM log', ''],
  ['SELECT 1 AS t UNION SELECT 2', ''],
])('`%s` says what its columns mean', async (sql, meanings) => {
  expect(await meaningsOf(`* | ${sql}`)).toBe(meanings);
});

test('entries have no meanings of their own', async () => {
  expect(await meaningsOf('*')).toBe('');
});
