import { execFileSync } from 'node:child_process';
import { createWriteStream, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { PACKETS_PER_CAPTURE } from '../../../src-main/capture/capture-merge';
import { hasLosses } from '../../../src-main/contract/ledger';
import type { Database } from '../../../src-main/duckdb/database';
import { visibleRuns } from '../../../src-main/duckdb/run-reads';
import { importInThread, type Importer } from '../../../src-main/engine/importer';
import { readImport } from '../../../src-main/engine/workspace-service';
import { ascii } from '../../support/bytes';
import { LINK, pcapFile } from '../../support/pcap-writer';
import { tempFolder } from '../../support/temp';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { entriesAt, importInto, writeCapture } from './imported-database';

/* Captures that turn out to be none when they are read: pipes, of which nothing is known before, and files that changed. */

const SEC = 1_700_000_000;
const records = entriesAt([SEC, SEC + 5, SEC + 3000]);
const whole = pcapFile(records, { linkType: LINK.raw });

/** A pipe that brings these octets. */
function pipeOf(folder: string, bytes: Uint8Array, name = 'pipe'): string {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  // Whoever reads may have had enough before the end.
  createWriteStream(path)
    .on('error', () => undefined)
    .end(bytes);
  return path;
}

async function runs(database: Database): Promise<number> {
  const { committed } = await visibleRuns(database, 1);
  return committed.length;
}

describe.skipIf(process.platform === 'win32')('with keepGoing, a pipe', () => {
  test.each([
    { name: 'that brings a text', bytes: ascii('no capture\n'.repeat(50)), code: 'CAPTURE_NOT_A_CAPTURE' },
    { name: 'that brings nothing', bytes: new Uint8Array(), code: 'CAPTURE_EMPTY' },
    { name: 'that ends inside a header', bytes: whole.subarray(0, 20), code: 'CAPTURE_NOT_A_CAPTURE' },
    { name: 'of another version', bytes: whole.with(4, 9), code: 'CAPTURE_UNSUPPORTED' },
    {
      name: 'whose gzip is cut before the first packet',
      bytes: gzipSync(whole).subarray(0, 15),
      code: 'CAPTURE_UNREADABLE',
    },
  ])('$name is left out and named, and the others are imported', async ({ bytes, code }) => {
    const database = await temporaryDatabase();
    const folder = tempFolder();
    const good = writeCapture(folder, 'good.pcap', records);
    const bad = pipeOf(folder, bytes);
    const report = await importInto(database, [bad, good], { keepGoing: true });
    expect(report).toMatchObject({
      captures: [{ path: good, packets: 3 }],
      described: [{ storedBytes: whole.length }],
      skipped: [{ path: bad, code, message: expect.stringContaining(bad) as string }],
      logEntries: 3,
    });
    expect(report.notices.filter(({ text }) => text.includes(bad))).toEqual([]);
    expect(await readImport(database, report.run)).toMatchObject({ skipped: report.skipped });
  });

  test('between good ones leaves each of them its place', async () => {
    const database = await temporaryDatabase();
    const folder = tempFolder();
    const paths = [
      pipeOf(folder, pcapFile(records.slice(0, 1), { linkType: LINK.raw }), 'a'),
      pipeOf(folder, ascii('no capture, but a text'), 'b'),
      pipeOf(folder, gzipSync(pcapFile(records.slice(1), { linkType: LINK.raw })), 'c'),
    ];
    const { captures, skipped, described, run } = await importInto(database, paths, { keepGoing: true });
    expect(captures).toMatchObject([
      { path: paths[0], packets: 1 },
      { path: paths[2], packets: 2 },
    ]);
    expect(skipped).toMatchObject([{ path: paths[1] }]);
    expect(described).toHaveLength(2);
    const places = await database.withConnection(async (connection) => {
      const sql = 'SELECT first_packet FROM entries.log_1 WHERE run_id = $1 ORDER BY entry_no';
      return (await connection.runAndReadAll(sql, [run])).getRows().map(([packet]) => Number(packet));
    });
    expect(places).toEqual([1, PACKETS_PER_CAPTURE + 1, PACKETS_PER_CAPTURE + 2]);
  });

  test('that is damaged behind its first packets is imported with losses, as a file is', async () => {
    const database = await temporaryDatabase();
    const bytes = whole.subarray(0, -10);
    const report = await importInto(database, [pipeOf(tempFolder(), bytes)], { keepGoing: true });
    expect(report).toMatchObject({ skipped: [], logEntries: 2, ledger: { fileBytes: { read: bytes.length } } });
    expect(hasLosses(report.ledger)).toBe(true);
  });

  test('that is the only one fails the import, of which nothing is kept', async () => {
    const database = await temporaryDatabase();
    const bad = pipeOf(tempFolder(), ascii('no capture, but a text'));
    const message = expect.stringMatching(/^No capture can be read\. .*pipe/) as string;
    const importing = importInto(database, [bad], { keepGoing: true });
    await expect(importing).rejects.toMatchObject({ code: 'CAPTURE_NOT_A_CAPTURE', message });
    expect(await runs(database)).toBe(0);
  });

  test('that is left out makes no new import of what is imported already', async () => {
    const database = await temporaryDatabase();
    const folder = tempFolder();
    const good = writeCapture(folder, 'good.pcap', records);
    const withBad = (name: string) => [good, pipeOf(folder, ascii('no capture, but a text'), name)];
    await importInto(database, withBad('a'), { keepGoing: true });
    const refusal = { code: 'CAPTURE_ALREADY_IMPORTED' };
    await expect(importInto(database, [good])).rejects.toMatchObject(refusal);
    await expect(importInto(database, withBad('b'), { keepGoing: true })).rejects.toMatchObject(refusal);
    expect(await runs(database)).toBe(1);
    expect((await importInto(database, withBad('c'), { keepGoing: true, again: true })).logEntries).toBe(3);
  });

  test('without keepGoing fails the import, of which nothing is kept', async () => {
    const database = await temporaryDatabase();
    const folder = tempFolder();
    const paths = [writeCapture(folder, 'good.pcap', records), pipeOf(folder, ascii('no capture, but a text'))];
    await expect(importInto(database, paths)).rejects.toMatchObject({ code: 'CAPTURE_NOT_A_CAPTURE' });
    expect(await runs(database)).toBe(0);
  });
});

describe('with keepGoing, a file', () => {
  test.each([
    { name: 'that is gone before it is read', change: (path: string) => rmSync(path), code: 'CAPTURE_NOT_FOUND' },
    {
      name: 'that is another by then',
      change: (path: string) => writeFileSync(path, 'a text'.repeat(9)),
      code: 'CAPTURE_NOT_A_CAPTURE',
    },
  ])('$name is left out and named', async ({ change, code }) => {
    const database = await temporaryDatabase();
    const folder = tempFolder();
    const [good, bad] = [
      writeCapture(folder, 'good.pcap', records),
      writeCapture(folder, 'bad.pcap', records.slice(1)),
    ];
    const changing: Importer = (...args) => {
      change(bad);
      return importInThread(...args);
    };
    const report = await importInto(database, [bad, good], { keepGoing: true }, changing);
    expect(report).toMatchObject({ captures: [{ path: good }], skipped: [{ path: bad, code }], logEntries: 3 });
  });
});
