import { expect, test } from 'vitest';
import { indexedBytes, rawBytes } from '../../../src-main/contract/cost';
import { SESSION_LOG_FIELDS } from '../../../src-main/contract/log-entry';
import { readCosts } from '../../../src-main/engine/cost-service';
import { readDelivery } from '../../../src-main/engine/delivery-service';
import { runQuery } from '../../../src-main/engine/query-service';
import { bundledSample } from '../../support/captures';
import { addingRowsTo, type TextRow } from '../../support/rows';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { ALL_ENTRIES, importInto } from './imported-database';

test('a log is as large as its names and values as text, with windows as they are and with longer ones', async () => {
  const database = await temporaryDatabase();
  await importInto(database, [bundledSample]);
  const { windows, seconds } = await readCosts(database, { run: 1, windowSecs: [600, 1800] });
  expect(seconds).toBeCloseTo(828.3, 1);
  const rows: TextRow[] = [];
  await runQuery(database, ALL_ENTRIES, { signal: new AbortController().signal, sendBatch: addingRowsTo(rows) });
  const written = rows.reduce(
    (sum, row) => sum + SESSION_LOG_FIELDS.reduce((size, { name }) => size + name.length + (row[name] ?? '').length, 0),
    0,
  );
  const [own, longer] = windows;
  if (own === undefined || longer === undefined) throw new Error('two were asked for');
  expect([own.entries, rawBytes(own)]).toEqual([rows.length, written]);
  expect((await readDelivery(database, { run: 1, script: null })).totals.rawBytes).toBe(written);
  // A session has one entry in each window; all of the capture is within half an hour, but for its first three minutes.
  expect(longer.entries).toBeLessThan(own.entries);
  const values = own.fields.filter(({ type }) => type === 'long').reduce((sum, field) => sum + field.values, 0);
  const text = own.fields.filter(({ type }) => type === 'text').reduce((sum, field) => sum + field.textBytes, 0);
  expect(indexedBytes(own, { isIndexed: () => true, hasFullText: false })).toBe(text + values * 8);
  expect(indexedBytes(own, { isIndexed: () => false, hasFullText: true })).toBe(written);
  expect(indexedBytes(own, { isIndexed: (name) => name === 'nat_port', hasFullText: false })).toBe(own.entries * 8);
});

test('windows that do not follow from those of the import are refused', async () => {
  const database = await temporaryDatabase();
  await importInto(database, [bundledSample]);
  for (const windowSec of [60, 900]) {
    await expect(readCosts(database, { run: 1, windowSecs: [windowSec] })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('take a multiple') as string,
    });
  }
});
