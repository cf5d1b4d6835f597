import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { HistogramReport, HistogramRequest, QueryRequest } from '../../../src-main/contract/query';
import { ensureLogstore } from '../../../src-main/duckdb/catalogue';
import type { Database } from '../../../src-main/duckdb/database';
import { runHistogram } from '../../../src-main/engine/histogram-service';
import { runQuery } from '../../../src-main/engine/query-service';
import { writeIndex } from '../../../src-main/duckdb/index-rows';
import { recommendedIndex } from '../../../src-main/logstore/index-config';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { tempFolderForFile } from '../../support/temp';
import { sharedDatabase, temporaryDatabase } from '../duckdb/temporary-workspace';
import { ALL_ENTRIES, entriesAt, importInto, WHOLE_LOG, writeCapture } from './imported-database';

const START_SEC = Date.parse('2026-10-23T21:00:00Z') / 1000;
const DAY = 86_400;
/** Dense at first, then through the end of summer time in Europe and America, then thin for years. */
const TIMES = [
  ...Array.from({ length: 300 }, (_, index) => START_SEC + Math.floor(index / 3)),
  ...Array.from({ length: 600 }, (_, index) => START_SEC + index * 3511),
  ...Array.from({ length: 60 }, (_, index) => START_SEC + index * 50 * DAY),
];

const shared = sharedDatabase();
beforeAll(async () => {
  await importInto(shared(), [writeCapture(tempFolderForFile(), 'a.pcap', entriesAt(TIMES))]);
});

const signal = new AbortController().signal;
const histogram = (changes: Partial<HistogramRequest> = {}, database: Database = shared()): Promise<HistogramReport> =>
  runHistogram(database, { ...WHOLE_LOG, ...changes }, { signal });

async function rowsOf(request: Partial<QueryRequest>): Promise<number[][]> {
  const rows: number[][] = [];
  await runQuery(
    shared(),
    { ...ALL_ENTRIES, ...request },
    {
      signal,
      sendBatch: ({ rowCount, columns }) => {
        for (let row = 0; row < rowCount; row++) rows.push(columns.map(({ data }) => Number(data[row])));
        return Promise.resolve();
      },
    },
  );
  return rows;
}

describe('a histogram', () => {
  test('of the whole log has every bin, empty ones as well, and counts every entry once', async () => {
    const report = await histogram();
    expect(report.range).toEqual({ fromSec: START_SEC, toSec: Math.max(...TIMES) + 1 });
    expect(report.entries).toBe(TIMES.length);
    expect(report.bins.reduce((sum, { entries }) => sum + entries, 0)).toBe(TIMES.length);
    expect(report.bins.some(({ entries }) => entries === 0)).toBe(true);
    expect(report.bins.length).toBeLessThanOrEqual(120);
  });

  test('says how many entries a search chose from, where that is asked', async () => {
    const range = { from: String(START_SEC), to: String(START_SEC + 100) };
    const none = { text: 'pub_port:1 and pub_port:2', withScanned: true };
    expect(await histogram({ text: none.text })).toMatchObject({ entries: 0, scanned: null });
    expect(await histogram(none)).toMatchObject({ entries: 0, scanned: TIMES.length });
    const inRange = TIMES.filter((sec) => sec < START_SEC + 100).length;
    expect(await histogram({ ...none, ...range })).toMatchObject({ entries: 0, scanned: inRange });
    expect(await histogram({ ...range, withScanned: true })).toMatchObject({ entries: inRange, scanned: inRange });
  });

  test('has each entry in the bin of its time', async () => {
    const { bins, binSec } = await histogram({ from: String(START_SEC), to: String(START_SEC + 100) });
    expect(binSec).toBe(1);
    const inRange = TIMES.filter((sec) => sec < START_SEC + 100);
    expect(bins).toEqual(
      Array.from({ length: 100 }, (_, index) => {
        const startSec = START_SEC + index;
        return { startSec, entries: inRange.filter((sec) => sec === startSec).length };
      }),
    );
  });

  test('counts what the search finds, whatever statement stands behind it', async () => {
    const search = 'pub_port:53';
    const found = (await rowsOf({ text: `${search} | select count(*) from log` }))[0]?.[0];
    for (const text of [search, `${search} | select pri_ip from log limit 1`, `${search} | selec`]) {
      expect((await histogram({ text })).entries).toBe(found);
    }
    expect(found).toBeGreaterThan(100);
  });

  test('of a log without entries has no bins, and still finds a mistake', async () => {
    const database = await temporaryDatabase();
    const { id } = await ensureLogstore(database, 'local', 'session-log', 0);
    await writeIndex(database, id, JSON.stringify(recommendedIndex('session_log', [])), 0);
    expect(await histogram({}, database)).toMatchObject({ range: null, bins: [], entries: 0 });
    await expect(histogram({ text: 'nothing:1' }, database)).rejects.toMatchObject({ code: 'QUERY_UNKNOWN_FIELD' });
    const dated = await histogram({ from: '0', to: '100' }, database);
    expect(dated).toMatchObject({ range: { fromSec: 0, toSec: 100 }, binSec: 1, entries: 0 });
    expect(dated.bins).toHaveLength(100);
  });

  test.each([
    { name: 'an unknown zone', change: { zone: 'Mars/Olympus' }, code: 'TIME_INVALID' },
    { name: 'a backward range', change: { from: '200', to: '100' }, code: 'TIME_INVALID' },
    { name: 'an unknown Logstore', change: { logstore: 'nope' }, code: 'LOGSTORE_NOT_FOUND' },
  ])('refuses $name', async ({ change, code }) => {
    await expect(histogram(change)).rejects.toMatchObject({ code });
  });

  test('that is cancelled says so', async () => {
    await expect(runHistogram(shared(), WHOLE_LOG, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'QUERY_CANCELLED',
    });
  });
});

test('law: the bins of any search, range and zone sum up to count(*), and each to its own entries', async () => {
  const zone = fc.constantFrom('UTC', '+05:30', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe');
  const search = fc.constantFrom('*', 'pub_port:53', 'not pub_port:53', 'pri_port > 1400 and pri_port < 1500');
  const from = fc.integer({ min: -10 * DAY, max: 30 * DAY });
  const span = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 3000 * DAY }));
  await fc.assert(
    fc.asyncProperty(zone, search, from, span, async (name, text, offset, length) => {
      const fromSec = START_SEC + offset;
      const range = { from: String(fromSec), to: String(fromSec + length) };
      const report = await histogram({ text, zone: name, ...range });
      const times = (await rowsOf({ text: `${text} | select start_time from log`, ...range })).map(([sec]) => sec!);
      const [[count] = []] = await rowsOf({ text: `${text} | select count(*) from log`, ...range });
      expect(report.entries).toBe(count);
      expect(report.bins.map(({ entries }) => entries)).toEqual(
        report.bins.map(({ startSec }, bin) => {
          const endSec = report.bins[bin + 1]?.startSec ?? Infinity;
          return times.filter((sec) => sec >= startSec && sec < endSec).length;
        }),
      );
    }),
    { numRuns: PROPERTY_RUNS },
  );
});
