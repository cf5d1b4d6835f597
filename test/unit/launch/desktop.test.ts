import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createDesktop } from '../../../src-main/launch/desktop.mjs';
import { tempFolder } from '../../support/temp';

const DISPLAY = { DISPLAY: ':0' };
const DAY_MS = 24 * 3_600_000;

let root: string;
let told: string[];
let nowMs: number;
beforeEach(() => {
  root = tempFolder();
  writeFileSync(join(root, 'package.json'), '{}');
  told = [];
  nowMs = 1_800_000_000_000;
});

function desktop(env: Record<string, string>, more: { platform?: string; fetchMs?: number } = {}) {
  const tell = (text: string): void => void told.push(text);
  return createDesktop({
    root,
    env: { PATH: process.env.PATH, ...env },
    platform: 'linux',
    nowMs: () => nowMs,
    tell,
    ...more,
  });
}

const electron = (...path: string[]): string => join(root, 'node_modules', 'electron', ...path);

/** Electron's package as npm leaves it: without the program, which its script fetches. */
function installElectron(script: string): void {
  mkdirSync(electron('dist'), { recursive: true });
  writeFileSync(electron('package.json'), '{ "name": "electron", "version": "45.4.1" }');
  const count = `const fs = require('fs'); fs.appendFileSync(__dirname + '/tries', '.');`;
  writeFileSync(electron('install.js'), `${count}\n${script}`);
}

const tries = (): number => (existsSync(electron('tries')) ? readFileSync(electron('tries')).length : 0);

const REFUSED = `console.error('  at x.js:1\\nFetchError: connect ECONNREFUSED 1.2.3.4:443'); process.exit(1);`;

describe('the program that shows the window', () => {
  test('is not looked for without a display', async () => {
    installElectron(REFUSED);
    const found = await desktop({}).find({ insist: true });
    expect(found).toEqual({ why: 'there is no display: DISPLAY and WAYLAND_DISPLAY are not set', help: null });
    expect(tries()).toBe(0);
    expect(desktop({}).hasDisplay).toBe(false);
  });

  test.each([
    { env: { WAYLAND_DISPLAY: 'wayland-0' }, platform: 'linux' },
    { env: {}, platform: 'darwin' },
    { env: {}, platform: 'win32' },
  ])('has a display on $platform with $env', ({ env, platform }) => {
    expect(desktop(env, { platform }).hasDisplay).toBe(true);
  });

  test.each([
    { platform: 'linux', name: 'electron' },
    { platform: 'darwin', name: 'Electron.app/Contents/MacOS/Electron' },
    { platform: 'win32', name: 'electron.exe' },
  ])('is $name in the folder that ELECTRON_OVERRIDE_DIST_PATH names on $platform', async ({ platform, name }) => {
    const folder = tempFolder();
    const env = { ...DISPLAY, ELECTRON_OVERRIDE_DIST_PATH: folder };
    const path = join(folder, name);
    expect(await desktop(env, { platform }).find({ insist: false })).toMatchObject({
      why: `ELECTRON_OVERRIDE_DIST_PATH has no ${name}: ${path} does not exist`,
    });
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '');
    expect(await desktop(env, { platform }).find({ insist: false })).toEqual({ executable: path });
  });

  test('is taken from where it is installed', async () => {
    installElectron(REFUSED);
    writeFileSync(electron('dist', 'electron'), '');
    const { executable } = (await desktop(DISPLAY).find({ insist: false })) as { executable: string };
    expect(executable).toBe(electron('dist', 'electron'));
    expect(tries()).toBe(0);
  });

  test('cannot be had from a package without Electron, which says what helps', async () => {
    const found = await desktop(DISPLAY).find({ insist: false });
    expect(found).toMatchObject({ why: 'the package "electron" is not installed' });
    expect((found as { help: string }).help).toMatch(/ELECTRON_MIRROR[^]*ELECTRON_OVERRIDE_DIST_PATH/);
  });
});

describe('fetching it', () => {
  test('uses the script of the package, once', async () => {
    installElectron(`fs.writeFileSync(__dirname + '/dist/electron', process.env.ELECTRON_MIRROR);`);
    const env = { ...DISPLAY, ELECTRON_MIRROR: 'https://mirror.example/' };
    for (let time = 0; time < 2; time++) {
      expect(await desktop(env).find({ insist: false })).toEqual({ executable: electron('dist', 'electron') });
    }
    expect(readFileSync(electron('dist', 'electron'), 'utf8')).toBe('https://mirror.example/');
    expect(tries()).toBe(1);
    expect(told).toEqual(['Fetching Electron 45.4.1 (once, some 110 MB) …\n']);
  });

  test('that is refused says so, and how to do without', async () => {
    installElectron(REFUSED);
    const found = await desktop(DISPLAY).find({ insist: false });
    expect(found).toMatchObject({
      why: 'Electron could not be fetched: FetchError: connect ECONNREFUSED 1.2.3.4:443',
      help: expect.stringContaining('ELECTRON_MIRROR'),
    });
  });

  test.each([
    { name: 'GitHub', env: {}, host: 'github.com' },
    {
      name: 'a mirror',
      env: { ELECTRON_MIRROR: 'https://u:secret@mirror.example:8443/electron/' },
      host: 'mirror.example:8443',
    },
    {
      name: 'the mirror of .npmrc before another',
      env: { ELECTRON_MIRROR: 'https://mirror.example/', npm_config_electron_mirror: 'https://npmrc.example/' },
      host: 'npmrc.example',
    },
    { name: 'a mirror that is no address', env: { ELECTRON_MIRROR: '/srv/electron/' }, host: '/srv/electron/' },
  ])('without a network names $name, which it asked for', async ({ env, host }) => {
    installElectron(`console.error('TypeError: fetch failed\\n    at node:internal'); process.exit(1);`);
    expect(await desktop({ ...DISPLAY, ...env }).find({ insist: false })).toMatchObject({
      why: `Electron could not be fetched: ${host} cannot be reached`,
    });
  });

  test('that an answer refused says what it was, without a line that is cut', async () => {
    const long = `console.error('x'.repeat(3000) + ' error of old\\n' + 'y'.repeat(2000) + '\\nHTTPError: 404');`;
    installElectron(`${long} process.exit(1);`);
    expect(await desktop(DISPLAY).find({ insist: false })).toMatchObject({
      why: 'Electron could not be fetched: HTTPError: 404',
    });
  });

  test('that failed is not tried again within a day', async () => {
    installElectron(REFUSED);
    await desktop(DISPLAY).find({ insist: false });
    nowMs += DAY_MS - 1;
    expect(await desktop(DISPLAY).find({ insist: false })).toEqual({
      why: expect.stringMatching(/ECONNREFUSED.*; it is tried again a day later, or with --desktop$/),
      help: expect.stringMatching(/ELECTRON_MIRROR[^]*ELECTRON_OVERRIDE_DIST_PATH/),
    });
    expect(tries()).toBe(1);
    nowMs += 1;
    await desktop(DISPLAY).find({ insist: false });
    expect(tries()).toBe(2);
  });

  test('that failed is tried again at once for who insists, or names a mirror', async () => {
    installElectron(REFUSED);
    await desktop(DISPLAY).find({ insist: false });
    await desktop(DISPLAY).find({ insist: true });
    expect(tries()).toBe(2);
    await desktop({ ...DISPLAY, ELECTRON_MIRROR: 'https://mirror.example/' }).find({ insist: false });
    expect(tries()).toBe(3);
  });

  test.each(['npm_config_electron_mirror', 'HTTPS_PROXY', 'NO_PROXY', 'ELECTRON_CUSTOM_DIR', 'NODE_EXTRA_CA_CERTS'])(
    'that failed is tried again at once when %s has changed',
    async (name) => {
      installElectron(REFUSED);
      for (const value of [
        'http://u:secret@one.example/',
        'http://u:secret@two.example/',
        'http://u:secret@two.example/',
      ]) {
        await desktop({ ...DISPLAY, [name]: value }).find({ insist: false });
      }
      expect(tries()).toBe(2);
      const record = join(root, 'node_modules', '.cache', 'natscope', 'electron-fetch.json');
      expect(readFileSync(record, 'utf8')).not.toContain('secret');
    },
  );

  test('is given up when it takes too long', async () => {
    installElectron(`setInterval(() => {}, 1000);`);
    const found = await desktop(DISPLAY, { fetchMs: 1000 }).find({ insist: false });
    expect(found).toMatchObject({ why: 'Electron could not be fetched within 1 s' });
  });

  test('that leaves no program is told', async () => {
    installElectron('');
    const found = await desktop(DISPLAY).find({ insist: false });
    expect(found).toMatchObject({ why: expect.stringContaining(`left no ${electron('dist', 'electron')}`) });
  });

  test('is tried in spite of a memory that cannot be read', async () => {
    installElectron(REFUSED);
    const record = join(root, 'node_modules', '.cache', 'natscope', 'electron-fetch.json');
    mkdirSync(join(record, '..'), { recursive: true });
    for (const text of ['', '{', 'null', '{"failedMs":"x"}']) {
      writeFileSync(record, text);
      await desktop(DISPLAY).find({ insist: false });
    }
    expect(tries()).toBe(4);
  });
});

describe('the app', () => {
  const script = (text: string): string => {
    const path = join(root, 'electron');
    writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return path;
  };

  test.each([
    { name: 'ends well', text: 'exit 0', how: null },
    { name: 'fails', text: 'exit 5', how: 'exit code 5' },
    { name: 'is killed', text: 'kill -SEGV $$', how: 'signal SIGSEGV' },
  ])('that $name is told as such', async ({ text, how }) => {
    const said: string[] = [];
    const app = desktop({}).run(script(`echo last words >&2; ${text}`), [], (words: string) => said.push(words));
    expect(await app.ended).toEqual({ how, hasSpoken: true });
    expect(said.join('')).toBe('last words\n');
  });

  test('that breaks off within a line is told to the end of a line', async () => {
    const said: string[] = [];
    await desktop({}).run(script(`printf 'broken off' >&2; exit 1`), [], (words: string) => said.push(words)).ended;
    expect(said.join('')).toBe('broken off\n');
  });

  test('that says nothing is told as such', async () => {
    expect(await desktop({}).run(script('exit 1'), [], () => undefined).ended).toEqual({
      ...{ how: 'exit code 1', hasSpoken: false },
    });
  });

  test('that is no program is told as such', async () => {
    const app = desktop({}).run(join(root, 'nothing'), [], () => undefined);
    expect(await app.ended).toMatchObject({ how: expect.stringMatching(/^an error before its start \(.*ENOENT/) });
  });

  test('is given its folder and its arguments, and is no plain Node', async () => {
    const path = script(`echo "$@ [$ELECTRON_RUN_AS_NODE]" >&2`);
    const said: string[] = [];
    const run = desktop({ ELECTRON_RUN_AS_NODE: '1' }).run(path, ['--', 'a b.pcap'], (words: string) =>
      said.push(words),
    );
    expect(await run.ended).toMatchObject({ how: null });
    expect(said.join('')).toBe(`${root} -- a b.pcap []\n`);
  });

  test('ends when it is asked to', async () => {
    const app = desktop({}).run(
      script('sleep 60 & trap "kill $!; exit 0" TERM; echo on >&2; wait'),
      [],
      (words: string) => {
        if (words.includes('on')) app.end();
      },
    );
    expect(await app.ended).toMatchObject({ how: null });
  });
});
