import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileHistogram } from '../../../src-main/query/compile-histogram';
import { histogramBins } from '../../../src-main/query/histogram-bins';
import { zoneOffset } from '../../../src-main/query/zone';
import { openSampleLog, RELATION, SAMPLE_ROWS, WHOLE, type SampleLog } from './sample-log';

let log: SampleLog;
beforeAll(async () => {
  log = await openSampleLog();
});
afterAll(() => {
  log.close();
});

const BINS = histogramBins(WHOLE, zoneOffset('UTC'));

async function counts(text: string, range = WHOLE, bins = BINS): Promise<Map<number, number>> {
  const query = compileHistogram(text, range, bins, RELATION);
  const { rows, columns } = await log.run(query);
  expect(columns).toEqual(['quantum', 'entries']);
  return new Map(rows.map(([quantum, entries]) => [Number(quantum), Number(entries)]));
}

/** What a count of the sample's rows in this program gives. */
function expected(keep: (row: (typeof SAMPLE_ROWS)[number]) => boolean): Map<number, number> {
  const found = new Map<number, number>();
  for (const row of SAMPLE_ROWS.filter(keep)) {
    const quantum = Math.floor((Number(row.time) - BINS.startsSec[0]!) / BINS.quantumSec);
    found.set(quantum, (found.get(quantum) ?? 0) + 1);
  }
  return found;
}

test('entries are counted by stretch, those of hidden and open runs left out', async () => {
  expect(await counts('*')).toEqual(expected(() => true));
});

test('only what the search finds is counted', async () => {
  expect(await counts('protocol:6 and bytes > 100')).toEqual(
    expected((row) => row.protocol === 6n && row.bytes! > 100n),
  );
});

test.each([
  '* | select count(*) from log',
  '* | not even SQL "',
  '* |',
  'pub_ip:198.51.100.1 or not pub_ip:198.51.100.1 | delete from log',
])('the statement of %j is left out', async (text) => {
  const search = text.split('|')[0]!;
  expect(await counts(text)).toEqual(await counts(search));
});

test('a bar within quotes belongs to the search', async () => {
  expect(await counts('instance:"a|b"')).toEqual(new Map());
});

test('only the range is counted, half open', async () => {
  expect([...(await counts('*', { fromSec: 1060, toSec: 1120 })).values()].reduce((sum, n) => sum + n)).toBe(3);
});

test('a mistake in the search is told with its place', () => {
  expect(() => compileHistogram('protocol:', WHOLE, BINS, RELATION)).toThrow(
    expect.objectContaining({ code: 'QUERY_SYNTAX' }) as Error,
  );
  expect(() => compileHistogram('nothing:1', WHOLE, BINS, RELATION)).toThrow(
    expect.objectContaining({ code: 'QUERY_UNKNOWN_FIELD', detail: expect.objectContaining({ position: 0 }) }) as Error,
  );
});
