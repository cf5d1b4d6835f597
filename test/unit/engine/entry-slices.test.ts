import { beforeAll, expect, test } from 'vitest';
import type { QueryRequest } from '../../../src-main/contract/query';
import { sliceEntriesOf, slicePages, timeSlices } from '../../../src-main/engine/entry-slices';
import { openLog } from '../../../src-main/engine/open-log';
import { runQuery } from '../../../src-main/engine/query-service';
import { bundledSample } from '../../support/captures';
import { addingRowsTo, type TextRow } from '../../support/rows';
import { sharedDatabase, temporaryDatabase } from '../duckdb/temporary-workspace';
import { ALL_ENTRIES, importInto } from './imported-database';

const shared = sharedDatabase();
const { signal } = new AbortController();
beforeAll(() => importInto(shared(), [bundledSample]));

async function rowsOf(changes: Partial<QueryRequest>): Promise<readonly TextRow[]> {
  const rows: TextRow[] = [];
  await runQuery(shared(), { ...ALL_ENTRIES, ...changes }, { signal, sendBatch: addingRowsTo(rows) });
  return rows;
}

test.each([
  { text: '*', reverse: false, sliceEntries: 1 },
  { text: '*', reverse: true, sliceEntries: 7 },
  { text: 'protocol:17', reverse: false, sliceEntries: 3 },
  { text: 'pub_port:1', reverse: true, sliceEntries: 1 },
])(
  'slices of $text by $sliceEntries give what the whole range gives, in its order',
  async ({ text, reverse, sliceEntries }) => {
    const { relation, range, entries } = await openLog(shared(), ALL_ENTRIES, signal);
    expect(range).not.toBeNull();
    const whole = { fromSec: range?.fromSec ?? 0, toSec: range?.toSec ?? 0 };
    const slices = await timeSlices(shared(), { text, range: whole, relation, entries, reverse }, signal, sliceEntries);
    const expected = await rowsOf({ text, reverse });
    const sliced: TextRow[] = [];
    for (const { range: slice, entries: counted } of slices) {
      const { fromSec, toSec } = slice;
      const rows = await rowsOf({ text, reverse, from: String(fromSec), to: String(toSec) });
      expect(rows.length).toBe(counted);
      const seconds = new Set(rows.map((row) => row['start_time']));
      // Only entries of one second can be more than what was asked for.
      if (rows.length > sliceEntries) expect(seconds.size).toBe(1);
      sliced.push(...rows);
    }
    expect(sliced).toEqual(expected);
    if (expected.length > 0) expect(slices.length).toBeGreaterThan(1);
  },
);

test('slices of entries with many fields to unpack are smaller, and paged where they come within a second', async () => {
  const fields = Array.from({ length: 2000 }, (_, index) => ({
    name: `f${index}`,
    type: 'text' as const,
    expression: 'x',
  }));
  const wide = { unpacked: 'from_json(extra, …)', fields };
  expect(sliceEntriesOf({ fields })).toBe(200_000);
  expect(sliceEntriesOf({ ...wide, fields: fields.slice(0, 2) })).toBe(200_000);
  expect(sliceEntriesOf(wide)).toBe(750);
  const slice = { range: { fromSec: 0, toSec: 1 }, entries: 316 };
  expect(slicePages(slice, {}, 100)).toEqual([{ ...slice, page: null }]);
  expect(slicePages({ ...slice, entries: null }, wide, 100)).toEqual([{ ...slice, entries: null, page: null }]);
  expect(slicePages(slice, wide, 316)).toEqual([{ ...slice, page: null }]);
  const paged: TextRow[] = [];
  for (const { page, entries } of slicePages(slice, wide, 100)) {
    const rows = await rowsOf({ reverse: true, ...page });
    expect(rows.length).toBe(entries);
    paged.push(...rows);
  }
  expect(paged).toEqual(await rowsOf({ reverse: true }));
});

test('a log of few entries is one slice', async () => {
  const { relation, range, entries } = await openLog(shared(), ALL_ENTRIES, signal);
  const whole = { fromSec: range?.fromSec ?? 0, toSec: range?.toSec ?? 0 };
  const slices = await timeSlices(shared(), { text: '*', range: whole, relation, entries, reverse: false }, signal);
  expect(slices).toEqual([{ range: whole, entries: null }]);
});

test('entries that are deleted between two slices break the answer off, as it would lack them', async () => {
  const database = await temporaryDatabase();
  await importInto(database, [bundledSample]);
  await database.transaction(async (connection) => {
    await connection.run(
      'INSERT INTO entries.log_1 SELECT entry.* REPLACE (__time__ + 600 * copy AS __time__) ' +
        'FROM entries.log_1 AS entry, range(1, 250000 // (SELECT count(*) FROM entries.log_1)) AS copies(copy)',
    );
    await connection.run('UPDATE catalogue.import_run SET log_entries = (SELECT count(*) FROM entries.log_1)');
  });
  let rows = 0;
  const answer = runQuery(database, ALL_ENTRIES, {
    signal,
    sendBatch: async (batch) => {
      if (rows === 0) {
        await database.transaction((connection) =>
          connection.run('DELETE FROM entries.log_1 WHERE __time__ = (SELECT max(__time__) FROM entries.log_1)'),
        );
      }
      rows += batch.rowCount;
    },
  });
  await expect(answer).rejects.toMatchObject({ code: 'SNAPSHOT_GONE' });
  expect(rows).toBeGreaterThan(100_000);
});
