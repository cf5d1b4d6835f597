import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import type { HostOptions } from './fixtures';
import { hostsToTest, outputFolder, whatIsMissing, type HostName } from './hosts';

process.env['TZ'] = 'UTC';

/** What only one kind of host has. */
const DESKTOP_ONLY = /desktop-.*\.spec\.ts$/;
const BROWSER_ONLY = /browser-.*\.spec\.ts$/;
const STANDIN_ONLY = /planted\.spec\.ts$/;

const ignored = {
  loopback: [DESKTOP_ONLY, STANDIN_ONLY],
  standin: [BROWSER_ONLY],
  electron: [BROWSER_ONLY, STANDIN_ONLY],
};

/** What cannot be tested is said in a sentence, with nothing behind it. */
function hostsOrEnd(): readonly HostName[] {
  try {
    return hostsToTest();
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}

const hosts = hostsOrEnd();

// Each worker reads this file again, which is no reason to say it again.
if (process.env['TEST_WORKER_INDEX'] === undefined) {
  for (const host of hosts) {
    const missing = whatIsMissing(host);
    if (missing !== null) console.error(`Tests on the host ${host} cannot run: ${missing}.`);
  }
  if (!hosts.includes('electron') && hosts.includes('standin')) {
    console.error('No real Electron runs here: the desktop app is tested on its stand-in alone.');
  }
}

export default defineConfig<HostOptions>({
  testDir: import.meta.dirname,
  outputDir: join(outputFolder, 'results'),
  // A hang is what it is for: on a busy machine, a scenario with four looks at a page takes a minute.
  timeout: 120_000,
  expect: { timeout: 10_000 },
  workers: 2,
  retries: 0,
  fullyParallel: true,
  forbidOnly: process.env['CI'] === 'true',
  reporter: [['list'], ['json', { outputFile: join(outputFolder, '../e2e.json') }]],
  projects: hosts.map((host) => ({ name: host, testIgnore: ignored[host], use: { host } })),
});
