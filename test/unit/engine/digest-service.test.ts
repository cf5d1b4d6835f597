import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { CaptureDigest, DigestProgress } from '../../../src-main/contract/imports';
import type { Database } from '../../../src-main/duckdb/database';
import { computeDigests } from '../../../src-main/engine/digest-service';
import { readImport } from '../../../src-main/engine/workspace-service';
import { tempFolder } from '../../support/temp';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { entriesAt, importInto, writeCapture } from './imported-database';

const SEC = 1_773_133_200;
const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

async function compute(
  database: Database,
  run: number,
  signal = new AbortController().signal,
): Promise<readonly CaptureDigest[]> {
  return (await computeDigests(database, run, { signal, emit: () => undefined })).digests;
}

const kept = async (database: Database, run: number): Promise<readonly (string | null)[]> =>
  (await readImport(database, run)).described.map((each) => each.sha256);

test('the digest of each capture is that of the file as it is stored, and is kept', async () => {
  const database = await temporaryDatabase();
  const folder = tempFolder();
  const plain = writeCapture(folder, 'a.pcap', entriesAt([SEC]));
  const packed = join(folder, 'b.pcap.gz');
  writeFileSync(packed, gzipSync(readFileSync(writeCapture(folder, 'b.pcap', entriesAt([SEC + 5])))));
  const { run, described } = await importInto(database, [plain, packed]);
  expect(described.map((each) => each.details?.compression)).toEqual([null, 'gzip']);
  expect(await kept(database, run)).toEqual([null, null]);
  const digests = [sha256(plain), sha256(packed)];
  expect(await compute(database, run)).toEqual(digests.map((digest) => ({ sha256: digest, error: null })));
  expect(await kept(database, run)).toEqual(digests);
});

test('what is known is not read again', async () => {
  const database = await temporaryDatabase();
  const path = writeCapture(tempFolder(), 'a.pcap', entriesAt([SEC]));
  const { run } = await importInto(database, [path]);
  const first = await compute(database, run);
  rmSync(path);
  expect(await compute(database, run)).toEqual(first);
});

test('a capture that is gone, or is another one by now, has no digest and holds up no other', async () => {
  const database = await temporaryDatabase();
  const folder = tempFolder();
  const paths = ['a', 'b', 'c'].map((name, index) =>
    writeCapture(folder, `${name}.pcap`, entriesAt([SEC + index, SEC + index + 60])),
  );
  const [gone = '', other = '', same = ''] = paths;
  const { run } = await importInto(database, paths);
  renameSync(gone, `${gone}.moved`);
  appendFileSync(other, 'more');
  const digests = await compute(database, run);
  expect(digests.map(({ error }) => error?.code ?? null)).toEqual(['CAPTURE_NOT_FOUND', 'CAPTURE_CHANGED', null]);
  expect(await kept(database, run)).toEqual([null, null, sha256(same)]);
});

test('a capture that is written to while it is read has no digest', async () => {
  const database = await temporaryDatabase();
  const path = writeCapture(tempFolder(), 'a.pcap', []);
  // Several reads long, with what is no record at its end.
  appendFileSync(path, new Uint8Array(3 << 20));
  const { run } = await importInto(database, [path]);
  const digests = compute(database, run);
  appendFileSync(path, 'more');
  expect((await digests)[0]?.error?.code).toBe('CAPTURE_CHANGED');
  expect(await kept(database, run)).toEqual([null]);
});

test('a cancelled digest is none, and how far it is was told', async () => {
  const database = await temporaryDatabase();
  const path = writeCapture(tempFolder(), 'a.pcap', []);
  appendFileSync(path, new Uint8Array(3 << 20));
  const { run, described } = await importInto(database, [path]);
  const abort = new AbortController();
  const told: DigestProgress[] = [];
  const cancelled = new Error('cancelled');
  let clockMs = 0;
  const { now } = performance;
  // Every look at the clock is a second later.
  performance.now = () => (clockMs += 1000);
  try {
    const computing = computeDigests(database, run, {
      signal: abort.signal,
      emit: (_name, progress) => {
        told.push(progress);
        abort.abort(cancelled);
      },
    });
    await expect(computing).rejects.toBe(cancelled);
  } finally {
    performance.now = now;
  }
  expect(told).toEqual([{ readBytes: 1 << 20, totalBytes: described[0]?.storedBytes }]);
  expect(await kept(database, run)).toEqual([null]);
});

test('there is no digest of an import that there is not', async () => {
  const database = await temporaryDatabase();
  await expect(compute(database, 7)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND', detail: { run: 7 } });
});
