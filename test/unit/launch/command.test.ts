import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { tempFolder } from '../../support/temp';

const launchFolder = join(import.meta.dirname, '../../../src-main/launch');

/** An installed package: launch/ and out/, no sources, and a command that tells what it was given. */
function installedPackage(): string {
  const root = tempFolder();
  cpSync(launchFolder, join(root, 'src-main/launch'), { recursive: true });
  mkdirSync(join(root, 'out/main'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(root, 'out/main/cli.js'),
    `export const main = async (argv) => (console.log(JSON.stringify({ argv, cwd: process.cwd() })), argv.length);`,
  );
  return root;
}

function run(script: string, args: string[], cwd: string, env: Record<string, string> = {}) {
  const { npm_lifecycle_event: _, npm_package_json: __, INIT_CWD: ___, ...rest } = process.env;
  const options = { cwd, encoding: 'utf8', env: { ...rest, ...env } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], options);
  return { status, stderr, told: JSON.parse(stdout) as { argv: string[]; cwd: string } };
}

let root: string;
let elsewhere: string;
beforeEach(() => {
  root = installedPackage();
  elsewhere = tempFolder();
});

test('an installed package runs its command where the user stands and leaves its exit code', () => {
  const { status, stderr, told } = run(join(root, 'src-main/launch/natscope.mjs'), ['query', '*'], elsewhere);
  expect(told).toEqual({ argv: ['query', '*'], cwd: elsewhere });
  expect(status).toBe(2);
  expect(stderr).toBe('');
});

test('it runs through the link that npm makes for a bin', () => {
  symlinkSync(join(root, 'src-main/launch/natscope.mjs'), join(elsewhere, 'natscope'));
  expect(run(join(elsewhere, 'natscope'), ['import'], elsewhere).told.argv).toEqual(['import']);
});

test('under npm run, paths are relative to the folder in which npm was called', () => {
  const npm = { npm_package_json: join(root, 'package.json'), INIT_CWD: elsewhere };
  const script = join(root, 'src-main/launch/start.mjs');
  const { told } = run(script, ['a.pcap'], root, { ...npm, npm_lifecycle_event: 'start' });
  expect(told).toEqual({ argv: ['open', 'a.pcap'], cwd: elsewhere });
});

test("in another package's script, the folder is the one that the script chose", () => {
  const npm = { npm_package_json: join(elsewhere, 'package.json'), INIT_CWD: root, npm_lifecycle_event: 'start' };
  expect(run(join(root, 'src-main/launch/natscope.mjs'), [], elsewhere, npm).told.cwd).toBe(elsewhere);
});

test('sources without package-lock.json end with one sentence, installed before or not', () => {
  mkdirSync(join(root, 'src-main/cli'));
  for (const stamp of [null, 'an old digest']) {
    if (stamp !== null) {
      mkdirSync(join(root, 'node_modules'));
      writeFileSync(join(root, 'node_modules/.natscope-installed'), stamp);
    }
    const script = join(root, 'src-main/launch/natscope.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, 'query', '*'], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^[^\n]*package-lock\.json is missing: restore it[^\n]*\n$/);
  }
});
