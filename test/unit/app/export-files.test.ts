import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { ExportTargets, moveExport, refuseUnwritable } from '../../../src-main/app/export-files';
import { isAppError } from '../../support/app-error';
import { tempFolder } from '../../support/temp';

let workspace: string;
let source: string;
beforeEach(() => {
  workspace = tempFolder();
  mkdirSync(join(workspace, 'tmp', 'exports'), { recursive: true });
  source = join(workspace, 'tmp', 'exports', '1.csv');
  writeFileSync(source, 'a,b\n');
});

test('an export is moved to its place, over what was there', async () => {
  const target = join(tempFolder(), 'log.csv');
  writeFileSync(target, 'older and longer');
  await moveExport(workspace, '1.csv', target);
  expect(readFileSync(target, 'utf8')).toBe('a,b\n');
  expect(existsSync(source)).toBe(false);
});

test('its description is moved with it, and an older one goes where there is none', async () => {
  const target = join(tempFolder(), 'log.csv');
  writeFileSync(`${target}.meta.json`, 'of an older file');
  writeFileSync(`${source}.meta.json`, '{}');
  await moveExport(workspace, '1.csv', target);
  expect(readFileSync(`${target}.meta.json`, 'utf8')).toBe('{}');
  expect(readdirSync(join(workspace, 'tmp', 'exports'))).toEqual([]);
  writeFileSync(source, 'c\n');
  await moveExport(workspace, '1.csv', target);
  expect(existsSync(`${target}.meta.json`)).toBe(false);
});

test.skipIf(process.platform === 'win32')('the file in whose place it comes keeps its access rights', async () => {
  const target = join(tempFolder(), 'log.csv');
  writeFileSync(target, 'of a customer', { mode: 0o600 });
  writeFileSync(`${target}.meta.json`, '{}', { mode: 0o600 });
  writeFileSync(`${source}.meta.json`, '{}');
  await moveExport(workspace, '1.csv', target);
  expect([target, `${target}.meta.json`].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
});

test('where the new description has no place, the older file and what describes it stay', async () => {
  const folder = tempFolder();
  const target = join(folder, 'log.csv');
  writeFileSync(target, 'older');
  mkdirSync(`${target}.meta.json`);
  writeFileSync(`${source}.meta.json`, '{}');
  await expect(moveExport(workspace, '1.csv', target)).rejects.toThrow('it is a folder');
  expect(readFileSync(target, 'utf8')).toBe('older');
  expect(readdirSync(folder)).toEqual(['log.csv', 'log.csv.meta.json']);
  expect(readdirSync(join(workspace, 'tmp', 'exports'))).toEqual([]);
});

test('a folder is moved whole, with its description, into the place of an empty one and of no other', async () => {
  const exportFolder = (): void => {
    mkdirSync(join(workspace, 'tmp', 'exports', '2.parquet', 'protocol=6'), { recursive: true });
    writeFileSync(join(workspace, 'tmp', 'exports', '2.parquet', 'protocol=6', 'data_0.parquet'), 'PAR1');
    writeFileSync(join(workspace, 'tmp', 'exports', '2.parquet.meta.json'), '{}');
  };
  exportFolder();
  const target = join(tempFolder(), 'by-protocol');
  mkdirSync(target);
  await moveExport(workspace, '2.parquet', target);
  expect(readFileSync(join(target, 'protocol=6', 'data_0.parquet'), 'utf8')).toBe('PAR1');
  expect(readFileSync(`${target}.meta.json`, 'utf8')).toBe('{}');
  expect(readdirSync(join(workspace, 'tmp', 'exports'))).toEqual(['1.csv']);

  exportFolder();
  const again = moveExport(workspace, '2.parquet', target);
  await expect(again).rejects.toThrow('there are files in it');
  await expect(again).rejects.toSatisfy((cause) => isAppError(cause, 'OUTPUT_UNWRITABLE'));
  expect(readFileSync(join(target, 'protocol=6', 'data_0.parquet'), 'utf8')).toBe('PAR1');
  expect(readdirSync(join(workspace, 'tmp', 'exports'))).toEqual(['1.csv']);
});

/** Memory, which is another file system than the folder for temporary files is, mostly. */
const OTHER_DISK = '/dev/shm';
const hasOtherDisk =
  existsSync(OTHER_DISK) && statSync(OTHER_DISK).dev !== statSync(join(import.meta.dirname, '..')).dev;

test.skipIf(!hasOtherDisk)('to another disk it is copied, and nothing is left beside it', async () => {
  const folder = mkdtempSync(join(OTHER_DISK, 'natscope-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(statSync(folder).dev).not.toBe(statSync(workspace).dev);
  await moveExport(workspace, '1.csv', join(folder, 'log.csv'));
  expect(readFileSync(join(folder, 'log.csv'), 'utf8')).toBe('a,b\n');
  expect(readdirSync(folder)).toEqual(['log.csv']);
  expect(existsSync(source)).toBe(false);
});

test.each([
  { name: 'a folder', target: () => tempFolder(), why: /is a folder|choose another place/ },
  { name: 'a folder that is gone', target: () => join(tempFolder(), 'gone', 'x.csv'), why: /its folder is gone/ },
])('$name is refused, and nothing of the export stays', async ({ target, why }) => {
  const moving = moveExport(workspace, '1.csv', target());
  await expect(moving).rejects.toThrow(why);
  await expect(moving).rejects.toSatisfy((cause) => isAppError(cause, 'OUTPUT_UNWRITABLE'));
  expect(existsSync(source)).toBe(false);
});

test.skipIf(process.platform === 'win32')('a pipe is refused, and stays one', async () => {
  const pipe = join(tempFolder(), 'pipe');
  spawnSync('mkfifo', [pipe]);
  await expect(moveExport(workspace, '1.csv', pipe)).rejects.toThrow('no regular file');
  expect(lstatSync(pipe).isFIFO()).toBe(true);
  expect(existsSync(source)).toBe(false);
});

test('a link stays one: what it leads to becomes the export', async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'real.csv'), 'older');
  symlinkSync(join(folder, 'real.csv'), join(folder, 'link.csv'));
  await moveExport(workspace, '1.csv', join(folder, 'link.csv'));
  expect(lstatSync(join(folder, 'link.csv')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, 'real.csv'), 'utf8')).toBe('a,b\n');
});

test.skipIf(process.getuid?.() === 0)('a folder that may not be written is refused', async () => {
  const folder = tempFolder();
  chmodSync(folder, 0o500);
  await expect(moveExport(workspace, '1.csv', join(folder, 'x.csv'))).rejects.toThrow('(EACCES)');
});

test('a place is refused before anything is exported, and one that is of use is left as it is', async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'older.csv'), 'older');
  mkdirSync(join(folder, 'empty'));
  mkdirSync(join(folder, 'full', 'of'), { recursive: true });
  const use = (name: string): Promise<void> => refuseUnwritable(join(folder, name));
  for (const name of ['new.csv', 'older.csv', 'empty']) await use(name);
  const names = ['gone/x.csv', 'older.csv/x.csv', 'full', 'x'.repeat(300)];
  const told = await Promise.all(names.map((name) => use(name).catch((cause: unknown) => (cause as Error).message)));
  expect(told).toEqual([
    expect.stringContaining('its folder is gone'),
    expect.stringContaining('(ENOTDIR)'),
    expect.stringContaining('there are files in it'),
    expect.stringContaining('choose a shorter name'),
  ]);
  expect(readdirSync(folder)).toEqual(['empty', 'full', 'older.csv']);
  expect(readFileSync(join(folder, 'older.csv'), 'utf8')).toBe('older');
  await expect(use('gone/x.csv')).rejects.toSatisfy((cause) => isAppError(cause, 'OUTPUT_UNWRITABLE'));
});

test('what is no export of this workspace is not moved', async () => {
  writeFileSync(join(workspace, 'workspace.duckdb'), 'secret');
  symlinkSync(join(workspace, 'workspace.duckdb'), join(workspace, 'tmp', 'exports', 'link.csv'));
  for (const file of ['2.csv', '../../workspace.duckdb', 'link.csv', '..']) {
    const target = join(tempFolder(), 'x.csv');
    await expect(moveExport(workspace, file, target)).rejects.toThrow('export once more');
    expect(existsSync(target)).toBe(false);
  }
  expect(existsSync(join(workspace, 'workspace.duckdb'))).toBe(true);
});

test('a place that was chosen is used once; no other is known', () => {
  const targets = new ExportTargets();
  const { id, path } = targets.add('/home/me/log.csv');
  expect(path).toBe('/home/me/log.csv');
  expect(() => targets.take('/home/me/log.csv')).toThrow('was not chosen');
  expect(targets.take(id)).toBe('/home/me/log.csv');
  expect(() => targets.take(id)).toThrow('was used already');
});
