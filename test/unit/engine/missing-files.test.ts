import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MissingFiles } from '../../../src-main/engine/missing-files';
import { tempFolder } from '../../support/temp';

const never = (): Promise<never> => new Promise(() => undefined);
const gone = (): Promise<never> => Promise.reject(Object.assign(new Error('gone'), { code: 'ENOENT' }));

test('files that do not exist are missing, also in folders that are none', async () => {
  const folder = tempFolder();
  const file = join(folder, 'a.pcap');
  writeFileSync(file, '');
  mkdirSync(join(folder, 'b.pcap'));
  const paths = [file, join(folder, 'b.pcap'), join(folder, 'c.pcap'), join(file, 'd.pcap'), join(folder, 'c.pcap')];
  // However busy the machine is.
  const missing = await new MissingFiles(undefined, 60_000).among(paths);
  expect([...missing]).toEqual([join(folder, 'c.pcap'), join(file, 'd.pcap')]);
});

test('a file that cannot be looked at is not missing', async () => {
  const refused = (): Promise<never> => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }));
  expect(await new MissingFiles(refused).among(['/secret/a.pcap'])).toEqual(new Set());
});

test('a disk that hangs is not waited for, and hides only what is behind it', async () => {
  const files = new MissingFiles((path) => (path.startsWith('/net') ? never() : gone()), 100);
  expect(await files.among(['/net/a', '/a', '/b'])).toEqual(new Set(['/a', '/b']));
});

test('calls after one that hangs take no more threads than two', async () => {
  let looks = 0;
  const files = new MissingFiles(() => {
    looks++;
    return never();
  }, 20);
  for (let call = 0; call < 5; call++) expect(await files.among(['/net/a', '/net/b', '/net/c'])).toEqual(new Set());
  expect(looks).toBe(2);
});

test('what is found out too late does not change an answer that was given', async () => {
  let answer: (cause: Error) => void = () => undefined;
  const files = new MissingFiles(() => new Promise((_resolve, reject) => (answer = reject)), 20);
  const missing = await files.among(['/net/a']);
  answer(Object.assign(new Error('gone'), { code: 'ENOENT' }));
  await new Promise((resolve) => setImmediate(resolve));
  expect(missing).toEqual(new Set());
});
