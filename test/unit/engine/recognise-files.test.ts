import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { STANDARD_INPUT } from '../../../src-main/contract/imports';
import { MOST_HEAD_BYTES } from '../../../src-main/contract/logstore';
import { previewFiles } from '../../../src-main/engine/load/preview-files';
import { recogniseFiles } from '../../../src-main/engine/load/recognise-files';
import { bundledSample } from '../../support/captures';
import { tempFolder } from '../../support/temp';

const signal = new AbortController().signal;
const rows = (count: number): string =>
  Array.from({ length: count }, (_, index) => `2026-03-10 08:00:00,10.0.0.${index % 250},${index}\n`).join('');
const CSV = `time,client,status\n${rows(20_000)}`;

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(tempFolder(), name);
  writeFileSync(path, content);
  return path;
}

test.each([
  { name: 'CSV', content: CSV, kind: 'entries' },
  { name: 'CSV that is packed', content: gzipSync(CSV), kind: 'entries' },
  { name: 'one line of NDJSON without an end', content: '{"a":1}', kind: 'entries' },
  { name: 'NDJSON that begins with nonsense in braces', content: '{nonsense}\n{"a":1}\n', kind: 'entries' },
  { name: 'a list of JSON over many lines', content: '[\n  {\n    "a": 1\n  }\n]\n', kind: 'entries' },
  { name: 'Parquet', content: 'PAR1 and so on', kind: 'entries' },
  { name: 'NDJSON with a name that no field can have', content: `{"${'k'.repeat(300)}":1}\n`, kind: 'entries' },
  { name: 'names of columns alone', content: 'time,client\n', kind: 'other' },
  { name: 'a sentence with a comma', content: 'no capture at all, just a few words', kind: 'other' },
  { name: 'a list without an entry', content: '[1, 2]', kind: 'other' },
  { name: 'nothing', content: '', kind: 'other' },
  { name: 'zeros', content: new Uint8Array(1000), kind: 'other' },
  { name: 'a capture', content: readFileSync(bundledSample), kind: 'other' },
  { name: 'a capture that is packed', content: gzipSync(readFileSync(bundledSample)), kind: 'other' },
])('$name is recognised as $kind, from the file as from its beginning', async ({ content, kind }) => {
  // The name says something else.
  const path = fileOf('capture.pcap', content);
  const head = readFileSync(path).subarray(0, MOST_HEAD_BYTES).toString('base64');
  expect(await recogniseFiles([{ path }, { head }], signal)).toEqual([kind, kind]);
});

test('what cannot be opened, and what would be read up, is left to others', async () => {
  const files = [{ path: join(tempFolder(), 'gone.csv') }, { path: tempFolder() }, { path: STANDARD_INPUT }];
  expect(await recogniseFiles(files, signal)).toEqual(['other', 'other', 'other']);
});

test('a preview tells formats, types and the time of entries from as many as are read in a moment', async () => {
  const paths = [fileOf('Access Log.csv.gz', gzipSync(CSV)), fileOf('b.ndjson', '{"time":"2026-03-10","ok":1}\nno\n')];
  const preview = await previewFiles({ files: paths }, signal);
  expect(preview.files).toEqual([
    {
      ...{ path: paths[0], format: 'csv', compression: 'gzip', storedBytes: gzipSync(CSV).length },
      ...{ entries: expect.any(Number) as number, isWhole: false },
    },
    { path: paths[1], format: 'ndjson', compression: null, storedBytes: 32, entries: 1, isWhole: true },
  ]);
  expect(preview.files[0]?.entries).toBeGreaterThanOrEqual(9000);
  expect(preview).toMatchObject({
    ...{
      schema: 'custom',
      spelling: null,
      logstores: { session_log: 'session-log', custom: 'access-log' },
      timeField: 'time',
      hasEntryTime: false,
    },
    ...{ badLines: 1, firstBadLines: [{ file: paths[1], line: 2, code: 'SYNTAX' }] },
  });
  expect(preview.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
    ...['time text', 'client ipv4', 'status long', 'ok long'],
  ]);
});

const SESSION = {
  ...{ nat_ip: '203.0.113.1', nat_port: 1, pub_ip: '192.0.2.1', pub_port: 53 },
  ...{ start_time: 1_773_133_200, end_time: 1_773_133_201 },
};
test.each([
  { name: 'current', fields: { ...SESSION, protocol: 17 }, time: 'start_time' },
  { name: 'preview2024', fields: { ...SESSION, portocol: 17, __time__: 1_773_133_200 }, time: '__time__' },
])('session logs are recognised in the spelling $name', async ({ name, fields, time }) => {
  const preview = await previewFiles({ files: [fileOf('x.json', JSON.stringify([fields]))] }, signal);
  expect(preview).toMatchObject({
    ...{
      schema: 'session_log',
      spelling: name,
      logstores: { session_log: 'session-log', custom: 'loaded' },
      timeField: time,
    },
    hasEntryTime: time === '__time__',
  });
});

test('a file that cannot be loaded is named', async () => {
  const path = fileOf('x.csv', 'words');
  await expect(previewFiles({ files: [path] }, signal)).rejects.toMatchObject({
    code: 'LOAD_UNREADABLE',
    detail: { file: path },
  });
});
