import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { glanceAtCaptures } from '../../../src-main/engine/capture-glance';
import { tempFolder } from '../../support/temp';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { entriesAt, importInto, writeCapture } from './imported-database';

const SEC = 1_773_133_200;
const { signal } = new AbortController();

test('the beginnings of captures say what they are, and whether they were imported', async () => {
  const database = await temporaryDatabase();
  const folder = tempFolder();
  const late = writeCapture(folder, 'late.pcap', entriesAt([SEC + 700]));
  const early = writeCapture(folder, 'early.pcap', entriesAt([SEC]));
  await importInto(database, [early]);
  const copy = join(folder, 'copy.pcap');
  copyFileSync(early, copy);
  const described = {
    ...{ linkType: 101, name: 'raw IP (101)', section: 1, interfaceName: null, description: null },
    ...{ snapBytes: 262_144, resolution: { base: 10, exponent: 9 } },
  };
  const common = {
    ...{ format: 'pcap', version: '2.4', byteOrder: 'little', storedBytes: statSync(late).size, compression: null },
    ...{ linkTypes: ['raw IP (101)'], interfaceCount: 1, interfaces: [described] },
  };
  expect(await glanceAtCaptures(database, [late, copy], signal)).toEqual([
    { ...common, path: late, firstTime: `${SEC + 700}.000000000`, run: null },
    { ...common, path: copy, firstTime: `${SEC}.000000000`, run: 1 },
  ]);
});

test('a compressed capture says so, and with what', async () => {
  const database = await temporaryDatabase();
  const folder = tempFolder();
  const path = join(folder, 'a.pcap.gz');
  writeFileSync(path, gzipSync(readFileSync(writeCapture(folder, 'a.pcap', entriesAt([SEC])))));
  const glances = await glanceAtCaptures(database, [path], signal);
  expect(glances).toMatchObject([{ compression: 'gzip', storedBytes: statSync(path).size, format: 'pcap' }]);
});

test('what cannot be read is left to the import to say', async () => {
  const database = await temporaryDatabase();
  const folder = tempFolder();
  const text = join(folder, 'a.txt');
  writeFileSync(text, 'no capture');
  const empty = writeCapture(folder, 'empty.pcap', []);
  const glances = await glanceAtCaptures(database, [text, join(folder, 'missing.pcap'), empty], signal);
  expect(glances).toMatchObject([{ path: empty, firstTime: null }]);
});
