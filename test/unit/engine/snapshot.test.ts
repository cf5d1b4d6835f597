import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { QueryRequest } from '../../../src-main/contract/query';
import type { Database } from '../../../src-main/duckdb/database';
import { runExport } from '../../../src-main/engine/export-service';
import { exportsFolder } from '../../../src-main/engine/exports-folder';
import { runHistogram } from '../../../src-main/engine/histogram-service';
import { runQuery } from '../../../src-main/engine/query-service';
import { tempFolder, tempFolderForFile } from '../../support/temp';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { ALL_ENTRIES, entriesAt, importInto, writeCapture } from './imported-database';

const START_SEC = 1_700_000_000;
const PAGE = 100;
const { signal } = new AbortController();

async function entriesOf(database: Database, request: QueryRequest): Promise<string[]> {
  const rows: string[] = [];
  await runQuery(database, request, {
    signal,
    sendBatch: ({ rowCount, columns }) => {
      for (let row = 0; row < rowCount; row++) rows.push(columns.map(({ data }) => String(data[row])).join(' '));
      return Promise.resolve();
    },
  });
  return rows;
}

test('pages, count and export of an answer are of the entries that it was of, whatever is imported meanwhile', async () => {
  const database = await temporaryDatabase();
  const folder = tempFolderForFile();
  const capture = (name: string, count: number, offsetSec: number): string =>
    writeCapture(folder, name, entriesAt(Array.from({ length: count }, (_, at) => START_SEC + offsetSec + at)));
  await importInto(database, [capture('a.pcap', 1000, 0)]);
  const before = await entriesOf(database, ALL_ENTRIES);
  const { range, snapshot } = await runQuery(database, ALL_ENTRIES, { signal, sendBatch: () => Promise.resolve() });
  expect(range).toEqual({ fromSec: START_SEC, toSec: START_SEC + 1000 });

  // In front of the old entries, among them and behind them.
  await importInto(database, [capture('b.pcap', 900, -450)]);
  await importInto(database, [capture('c.pcap', 900, 550)]);
  expect((await entriesOf(database, ALL_ENTRIES)).length).toBe(2800);

  const pinned = { ...ALL_ENTRIES, snapshot, from: String(range?.fromSec), to: String(range?.toSec) };
  const pages: string[] = [];
  for (let offset = 0; offset < 1000; offset += PAGE) {
    const isReversed = offset > 500;
    const from = isReversed ? 1000 - offset - PAGE : offset;
    const page = await entriesOf(database, { ...pinned, limit: PAGE, offset: from, reverse: isReversed });
    pages.push(...(isReversed ? page.reverse() : page));
  }
  expect(pages).toEqual(before);
  expect((await runHistogram(database, pinned, { signal })).entries).toBe(1000);
  // Without a range as well, the log is that of the snapshot.
  expect((await runHistogram(database, { ...ALL_ENTRIES, snapshot }, { signal })).range).toEqual(range);
  expect(await entriesOf(database, { ...pinned, text: '* | select count(*) from log' })).toEqual(['1000']);
  const report = await runExport(database, { query: pinned, format: 'csv' }, { signal, emit: () => undefined });
  expect(report.rowCount).toBe(1000);
  const csv = readFileSync(join(exportsFolder(database.workspaceDir), report.file), 'utf8');
  expect(csv.trimEnd().split('\n')).toHaveLength(1001);
});

test('entries begin with their identity when they are asked for it, and a statement has none', async () => {
  const database = await temporaryDatabase();
  const times = [START_SEC, START_SEC + 1, START_SEC + 700];
  const { run } = await importInto(database, [writeCapture(tempFolder(), 'ids.pcap', entriesAt(times))]);
  const { signal } = new AbortController();
  const texts: string[] = [];
  const request = { ...ALL_ENTRIES, entryIds: true, reverse: true };
  const report = await runQuery(database, request, {
    signal,
    sendBatch: (batch) => {
      const [ids] = batch.columns;
      if (ids?.type === 'text')
        for (let row = 0; row < batch.rowCount; row++) texts.push(ids.dictionary[ids.data[row]!]!);
      return Promise.resolve();
    },
  });
  expect(report.columns.slice(0, 2)).toEqual([
    { name: 'entry', type: 'text' },
    { name: 'instance', type: 'text' },
  ]);
  expect(texts).toEqual([`${run}-2`, `${run}-1`, `${run}-0`]);
  const statement = runQuery(
    database,
    { ...request, text: '* | SELECT 1' },
    { signal, sendBatch: () => Promise.resolve() },
  );
  await expect(statement).rejects.toMatchObject({ code: 'OPTION_INVALID' });
});
