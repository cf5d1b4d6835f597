import { appendFileSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importInThread, type Importer } from '../../../src-main/engine/importer';
import { LINK, pcapFile } from '../../support/pcap-writer';
import { tempFolder } from '../../support/temp';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { entriesAt, importInto } from './imported-database';

const START_SEC = 1_700_000_000;
const records = entriesAt(Array.from({ length: 3000 }, (_, index) => START_SEC + index));
const whole = pcapFile(records, { linkType: LINK.raw });
const HALF = 24 + (whole.length - 24) / 2;

/** An import before, or behind, which something happens to the capture. */
const around =
  (before: () => void, behind: () => void = () => undefined): Importer =>
  async (task, control, sink) => {
    before();
    const result = await importInThread(task, control, sink);
    behind();
    return result;
  };

test('a capture that grew before it was read is known by all that was read of it', async () => {
  const database = await temporaryDatabase();
  const path = join(tempFolder(), 'a.pcap');
  writeFileSync(path, whole.subarray(0, HALF));
  const grow = (): void => appendFileSync(path, whole.subarray(HALF));
  const report = await importInto(database, [path], {}, around(grow));
  expect(report.logEntries).toBe(records.length);
  expect(report.notices.map(({ text }) => text)).toContain(
    `${path} was written to while it was read, and counts as far as it was read.`,
  );
  await expect(importInto(database, [path])).rejects.toMatchObject({ code: 'CAPTURE_ALREADY_IMPORTED' });
});

test('a capture that grew after it was read is another one from then on', async () => {
  const database = await temporaryDatabase();
  const path = join(tempFolder(), 'a.pcap');
  writeFileSync(path, whole.subarray(0, HALF));
  const grow = (): void => appendFileSync(path, whole.subarray(HALF));
  const report = await importInto(
    database,
    [path],
    {},
    around(() => undefined, grow),
  );
  expect(report.logEntries).toBe(records.length / 2);
  expect(report.notices.some(({ text }) => text.includes('what came after that is not in the log'))).toBe(true);
  expect((await importInto(database, [path])).logEntries).toBe(records.length);
});

test('a capture that was only touched is the same', async () => {
  const database = await temporaryDatabase();
  const path = join(tempFolder(), 'a.pcap');
  writeFileSync(path, whole);
  const touch = (): void => utimesSync(path, 1, 1);
  const report = await importInto(database, [path], {}, around(touch));
  expect(report.notices.filter(({ text }) => text.includes(path))).toEqual([]);
  expect(readFileSync(path).length).toBe(whole.length);
  await expect(importInto(database, [path])).rejects.toMatchObject({ code: 'CAPTURE_ALREADY_IMPORTED' });
});
