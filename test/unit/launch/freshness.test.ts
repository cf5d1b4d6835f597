import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import {
  buildStamp,
  installStamp,
  isBuilt,
  isInstalled,
  isInstalledByNpm,
  lockDigest,
  PrepareError,
} from '../../../src-main/launch/freshness.mjs';
import { tempFolder } from '../../support/temp';

/** Long ago, so that what a test changes now is newer. */
const BUILT_AT = 1_700_000_000;

function write(path: string, text = '', mtimeSec = BUILT_AT - 10): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  utimesSync(path, mtimeSec, mtimeSec);
}

/** A built repository: every source is older than the stamp. */
function builtRepository(): string {
  const root = tempFolder();
  write(join(root, 'package-lock.json'), '{"packages":{}}');
  write(join(root, 'electron.vite.config.ts'));
  write(join(root, 'src-main/cli/main.ts'));
  write(join(root, 'src-main/launch/start.mjs'));
  write(join(root, 'src-renderer/App.svelte'));
  for (const folder of ['src-main/cli', 'src-main/launch', 'src-main', 'src-renderer']) {
    utimesSync(join(root, folder), BUILT_AT - 10, BUILT_AT - 10);
  }
  write(buildStamp(root), '', BUILT_AT);
  return root;
}

test('sources older than the build need no build', () => {
  expect(isBuilt(builtRepository())).toBe(true);
});

test.each(['src-main/cli/main.ts', 'src-renderer/App.svelte', 'electron.vite.config.ts', 'package-lock.json'])(
  'a newer %s needs a build',
  (path) => {
    const root = builtRepository();
    utimesSync(join(root, path), BUILT_AT + 1, BUILT_AT + 1);
    expect(isBuilt(root)).toBe(false);
  },
);

test('a deleted source needs a build', () => {
  const root = builtRepository();
  rmSync(join(root, 'src-main/cli/main.ts'));
  expect(isBuilt(root)).toBe(false);
});

test('what runs unbuilt needs no build', () => {
  const root = builtRepository();
  utimesSync(join(root, 'src-main/launch/start.mjs'), BUILT_AT + 1, BUILT_AT + 1);
  expect(isBuilt(root)).toBe(true);
});

test('without a stamp there is no build', () => {
  const root = builtRepository();
  rmSync(buildStamp(root));
  expect(isBuilt(root)).toBe(false);
});

function locked(versions: Record<string, object>): string {
  return JSON.stringify({ packages: { '': {}, ...versions } });
}

test('an installation is complete when its stamp has the digest of the lock file', () => {
  const root = tempFolder();
  write(join(root, 'package-lock.json'), locked({}));
  expect(isInstalled(root)).toBe(false);
  write(installStamp(root), lockDigest(root));
  expect(isInstalled(root)).toBe(true);
  write(join(root, 'package-lock.json'), locked({ 'node_modules/a': { version: '1.0.0' } }));
  expect(isInstalled(root)).toBe(false);
});

test.each([
  { name: 'the same versions are accepted', present: { 'node_modules/a': { version: '1.0.0' } }, accepted: true },
  { name: 'another version is not', present: { 'node_modules/a': { version: '1.0.1' } }, accepted: false },
  { name: 'a missing package is not', present: {}, accepted: false },
])('of what npm installed by itself, $name', ({ present, accepted }) => {
  const root = tempFolder();
  const other = { 'node_modules/for-another-platform': { version: '1.0.0', optional: true } };
  write(join(root, 'package-lock.json'), locked({ 'node_modules/a': { version: '1.0.0' }, ...other }));
  write(join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages: present }));
  expect(isInstalledByNpm(root)).toBe(accepted);
});

test('an interrupted installation, which has no list of npm, is not accepted', () => {
  const root = tempFolder();
  write(join(root, 'package-lock.json'), locked({}));
  write(join(root, 'node_modules/a/package.json'), '{}');
  expect(isInstalledByNpm(root)).toBe(false);
});

test.each([
  { name: 'no JSON', text: '{"packages": {' },
  { name: 'empty', text: '' },
  { name: 'without packages', text: '{"name":"natscope"}' },
  { name: 'null', text: 'null' },
])('a list of npm that is $name is not accepted', ({ text }) => {
  const root = tempFolder();
  write(join(root, 'package-lock.json'), locked({}));
  write(join(root, 'node_modules/.package-lock.json'), text);
  expect(isInstalledByNpm(root)).toBe(false);
});

test('a missing package-lock.json is named', () => {
  const root = tempFolder();
  expect(isInstalledByNpm(root)).toBe(false);
  expect(() => lockDigest(root)).toThrow(PrepareError);
  expect(() => lockDigest(root)).toThrow(`${join(root, 'package-lock.json')} is missing`);
});
