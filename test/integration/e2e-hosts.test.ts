import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/command';
import { tempFolder } from '../support/temp';

const root = join(import.meta.dirname, '../..');

test.each([
  { host: 'electron', says: /^E2E_HOST=electron, but there is no Electron: .*\n$/ },
  { host: 'firefox', says: /^E2E_HOST=firefox: there are loopback, standin, electron\.\n$/ },
])('tests on the host $host, which is not there, end with a sentence and nothing else', async ({ host, says }) => {
  const program = join(root, 'node_modules/@playwright/test/cli.js');
  const config = join(root, 'test/e2e/playwright.config.ts');
  const { code, stdout, stderr } = await run(process.execPath, [program, 'test', '--list', '--config', config], {
    env: { E2E_HOST: host, ELECTRON_OVERRIDE_DIST_PATH: tempFolder() },
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(says);
});

test.each([
  { host: 'standin', says: 'No real Electron runs here: the desktop app is tested on its stand-in alone.\n' },
  { host: 'loopback', says: '' },
])(
  'that tests on the host $host run on no real Electron is said, if they might be taken for it',
  async ({ host, says }) => {
    const program = join(root, 'node_modules/@playwright/test/cli.js');
    const config = join(root, 'test/e2e/playwright.config.ts');
    const { code, stderr } = await run(process.execPath, [program, 'test', '--list', '--config', config, 'who.spec'], {
      env: { E2E_HOST: host, ELECTRON_OVERRIDE_DIST_PATH: tempFolder() },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: says });
  },
);
