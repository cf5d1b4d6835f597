import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundledSample } from '../support/captures';
import { run } from '../support/command';
import { ask, letIn } from '../support/host-client';
import { StartedCommand } from '../support/started-command';
import { tempFolder } from '../support/temp';

const startScript = join(import.meta.dirname, '../../src-main/launch/start.mjs');
const NO_DISPLAY = { DISPLAY: '', WAYLAND_DISPLAY: '', ELECTRON_OVERRIDE_DIST_PATH: '' };

/** A folder as ELECTRON_OVERRIDE_DIST_PATH names it, with a program in the place of Electron. */
function electronFolder(script: string): string {
  const folder = tempFolder();
  writeFileSync(join(folder, 'electron'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return folder;
}

const withElectron = (folder: string) => ({ ...NO_DISPLAY, DISPLAY: ':99', ELECTRON_OVERRIDE_DIST_PATH: folder });

test('without a display, npm start says why in one line, and serves the app to a browser', async () => {
  const start = new StartedCommand(
    process.execPath,
    [startScript, '--workspace', tempFolder(), bundledSample],
    NO_DISPLAY,
  );
  const { port, headers } = await letIn(await start.firstLine());
  expect(await ask(port, '/', { headers })).toMatchObject({ status: 200 });
  start.kill('SIGTERM');
  expect(await start.ended).toMatchObject({ code: 0 });
  expect(start.stderr).toMatch(/^No desktop window \(there is no display: [^\n]*\n$/);
});

test('with --browser it does so without a word', async () => {
  const never = electronFolder('exit 9');
  const start = new StartedCommand(
    process.execPath,
    [startScript, '--browser', '--workspace', tempFolder()],
    withElectron(never),
  );
  expect(await start.firstLine()).toMatch(/^http:/);
  start.kill('SIGINT');
  expect(await start.ended).toMatchObject({ code: 0 });
  expect(start.stderr).toBe('');
});

test('with --desktop it fails with the reason', async () => {
  const { code, stdout, stderr } = await run(process.execPath, [startScript, '--desktop'], { env: NO_DISPLAY });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('the desktop app cannot start: there is no display');
});

test('with a capture that is not there it fails at once, and looks for no window', async () => {
  const { code, stdout, stderr } = await run(process.execPath, [startScript, 'typo.pcap'], { env: NO_DISPLAY });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^natscope: [^]*typo\.pcap[^]*\(CAPTURE_NOT_FOUND\)/);
});

test('with Electron it starts the app, with what it was given', async () => {
  const told = join(tempFolder(), 'told');
  const electron = electronFolder(`printf '%s\\n' "$@" > '${told}'`);
  const { code, stdout, stderr } = await run(process.execPath, [startScript, bundledSample], {
    env: withElectron(electron),
  });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(existsSync(told)).toBe(true);
  const { stdout: args } = await run('/bin/cat', [told]);
  expect(args).toBe(`${join(import.meta.dirname, '../..')}\n--\n${bundledSample}\n`);
});

test.each([
  { name: 'an exit code', script: 'echo no library >&2; exit 127', how: 'exit code 127' },
  { name: 'a signal', script: 'echo no library >&2; kill -SEGV $$', how: 'signal SIGSEGV' },
])('an Electron that ends with $name is told as such, and not replaced by a browser', async ({ script, how }) => {
  const { code, stdout, stderr } = await run(process.execPath, [startScript], {
    env: withElectron(electronFolder(script)),
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^no library\nnatscope: /);
  expect(stderr).toContain(`the desktop app ended with ${how}. What it said stands above.`);
  expect(stderr).toContain('(DESKTOP_CRASHED)');
});

test('an Electron that is not where it should be is a reason for the browser', async () => {
  const start = new StartedCommand(
    process.execPath,
    [startScript, '--workspace', tempFolder()],
    withElectron(tempFolder()),
  );
  expect(await start.firstLine()).toMatch(/^http:/);
  expect(start.stderr).toMatch(/^No desktop window \(ELECTRON_OVERRIDE_DIST_PATH has no electron: [^\n]*\n$/);
});
