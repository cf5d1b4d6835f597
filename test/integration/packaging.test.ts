import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { extractAll, listPackage } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { beforeAll, describe, expect, test } from 'vitest';
import config from '../../src-main/launch/electron-builder.config.mjs';
import { isAllowed } from '../../src-main/launch/licences.mjs';
import { OPENED_ENDINGS } from '../../src-main/app/opened-files';
import { builtEntry } from '../support/built';
import { run } from '../support/command';
import { tempFolder, tempFolderForFile } from '../support/temp';

/* What ships, made by electron-builder out of the built app and of a program that is no Electron, but has its fuses. */

const repository = join(import.meta.dirname, '../..');
/** By which the program that flips fuses finds them. @see https://github.com/electron/fuses */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
/* States of a fuse, as characters. */
const DISABLE = '0'.charCodeAt(0);
const ENABLE = '1'.charCodeAt(0);
const FUSES = 9;

interface Licence {
  readonly license?: { readonly id?: string };
  readonly expression?: string;
}

interface Bill {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly { readonly name: string; readonly version: string; readonly licenses?: Licence[] }[];
}

/** A folder as Electron's, whose program has all of its fuses as they must not be. */
function emptyElectron(folder: string): string {
  mkdirSync(join(folder, 'resources'), { recursive: true });
  const wire = Buffer.concat([Buffer.from(SENTINEL), Buffer.from([1, FUSES]), Buffer.alloc(FUSES, ENABLE)]);
  writeFileSync(join(folder, 'electron'), Buffer.concat([Buffer.alloc(4096), wire, Buffer.alloc(64)]));
  chmodSync(join(folder, 'electron'), 0o755);
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'version']) writeFileSync(join(folder, name), name);
  return folder;
}

let root = '';
let folder = '';
let files: readonly string[] = [];

beforeAll(async () => {
  await builtEntry('app');
  root = tempFolderForFile();
  const bill = await run(process.execPath, ['src-main/launch/sbom.mjs'], { cwd: repository });
  expect(bill.stderr).toBe('');
  const builder = createRequire(import.meta.url).resolve('electron-builder/cli.js');
  const packed = await run(
    process.execPath,
    [
      ...[builder, '--linux', 'dir', '--config', 'src-main/launch/electron-builder.config.mjs'],
      `-c.electronDist=${emptyElectron(join(root, 'electron'))}`,
      `-c.directories.output=${join(root, 'dist')}`,
    ],
    { cwd: repository },
  );
  expect(packed.code, packed.stdout + packed.stderr).toBe(0);
  folder = join(root, 'dist/linux-unpacked');
  files = listPackage(join(folder, 'resources/app.asar'), { isPack: false });
}, 120_000);

/** What the bundles load that is neither beside them nor of Node. */
function loadedPackages(): Set<string> {
  const bundles = files.filter((file) => /^\/out\/main\/.*\.js$/.test(file));
  const text = bundles.map((file) => readFileSync(join(repository, file), 'utf8')).join('\n');
  const loaded = [...text.matchAll(/(?:\bfrom|\bimport\(?|\brequire\()\s*[`"']([@a-z][^`"'\s]*)[`"']/g)];
  const names = loaded.map(([, name = '']) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
  return new Set(names.filter((name) => !isBuiltin(name) && name !== 'electron'));
}

describe('the packaged app', () => {
  test('has the bundles and what they load, and nothing that only builds or tests', () => {
    for (const file of ['/out/main/app.js', '/out/preload/index.cjs', '/out/renderer/index.html', '/package.json']) {
      expect(files).toContain(file);
    }
    const strange = files.filter(
      (file) => !/^\/(?:out|node_modules|resources|package\.json)/.test(file) || file.endsWith('.map'),
    );
    expect(strange).toEqual([]);
    expect(files.filter((file) => file.startsWith('/resources/docs'))).toEqual([]);
    const loaded = loadedPackages();
    expect([...loaded]).toContain('@duckdb/node-bindings');
    for (const name of loaded)
      if (!['bufferutil', 'utf-8-validate'].includes(name)) expect(files).toContain(`/node_modules/${name}`);
    for (const name of ['cli.cjs', 'cli.code']) expect(files).not.toContain(`/out/main/${name}`);
    for (const name of ['svelte', 'vitest', 'electron', 'zod']) expect(files).not.toContain(`/node_modules/${name}`);
  });

  test('has the native library and the sample outside of its archive', () => {
    const unpacked = join(folder, 'resources/app.asar.unpacked');
    const bindings = `node_modules/@duckdb/node-bindings-linux-${process.arch}`;
    for (const name of ['duckdb.node', 'libduckdb.so']) expect(existsSync(join(unpacked, bindings, name))).toBe(true);
    const sample = 'resources/sample.pcapng';
    expect(readFileSync(join(unpacked, sample)).equals(readFileSync(join(repository, sample)))).toBe(true);
  });

  test('runs out of its own files, with no packages around it', async () => {
    const own = tempFolder();
    const app = join(own, 'app');
    extractAll(join(folder, 'resources/app.asar'), app);
    const script =
      "import('./out/main/cli.js').then(async ({ main }) => process.exit(await main(process.argv.slice(1))))";
    const args = ['-e', script, 'import', 'resources/sample.pcapng', '--workspace', join(own, 'workspace')];
    const imported = await run(process.execPath, args, { cwd: app });
    expect(imported.code, imported.stderr).toBe(0);
    expect(imported.stdout).toContain('316 log entries');
  });

  test('has its fuses as they are decided', async () => {
    const wire = await getCurrentFuseWire(join(folder, 'natscope'));
    expect(wire).toMatchObject({
      [FuseV1Options.RunAsNode]: DISABLE,
      [FuseV1Options.EnableCookieEncryption]: ENABLE,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: DISABLE,
      [FuseV1Options.EnableNodeCliInspectArguments]: DISABLE,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: ENABLE,
      [FuseV1Options.OnlyLoadAppFromAsar]: ENABLE,
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: DISABLE,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: DISABLE,
    });
  });

  test('names in its bill of materials all that ships, with licences, and nothing else', () => {
    const bill = JSON.parse(readFileSync(join(folder, 'resources/sbom.cdx.json'), 'utf8')) as Bill;
    const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string };
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: 'natscope', version } } });
    const named = bill.components.map(({ name }) => name);
    const beside = files.map((file) => /^\/node_modules\/((?:@[^/]+\/)?[^/@]+)$/.exec(file)?.[1]);
    for (const name of beside) if (name !== undefined) expect(named).toContain(name);
    for (const name of ['electron', 'svelte', 'echarts', '@codemirror/view', '@duckdb/node-api', 'zod']) {
      expect(named).toContain(name);
    }
    for (const name of ['vitest', 'typescript', '@playwright/test', 'eslint']) expect(named).not.toContain(name);
    const licences = bill.components.flatMap(({ licenses = [{}] }) => licenses);
    const refused = licences.filter(({ license, expression }) => !isAllowed(license?.id ?? expression ?? ''));
    expect(refused).toEqual([]);
  });

  test('is what captures are opened with, of those that its own dialog offers', () => {
    const associations = [config.fileAssociations ?? []].flat();
    const endings = associations.flatMap(({ ext }) => ext);
    expect(endings).toEqual(expect.arrayContaining(['pcap', 'pcapng', 'cap', 'snoop', 'erf']));
    expect(OPENED_ENDINGS).toEqual(expect.arrayContaining(endings));
    for (const { mimeType } of associations) expect(mimeType).toMatch(/^application\//);
    // Packed ones are offered where that takes them from nobody: on Windows it would.
    expect(endings).not.toContain('gz');
    expect(config.linux?.mimeTypes).toContain('application/gzip');
    const packed = [config.mac?.fileAssociations ?? []].flat();
    expect(packed).toContainEqual({ ext: 'gz', name: 'Packed capture', role: 'Viewer', rank: 'Alternate' });
  });
});
