import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from '@playwright/test';

/** `loopback`: `natscope serve` in a browser. `standin`: the desktop app on a stand-in for Electron. `electron`: on itself. */
export type HostName = 'loopback' | 'standin' | 'electron';
const HOSTS: readonly HostName[] = ['loopback', 'standin', 'electron'];

const repository = resolve(import.meta.dirname, '../..');
/** Folder of the package whose bundles are tried; tests of the tests give another. */
export const appFolder = resolve(process.env['NATSCOPE_E2E_APP'] ?? repository);
export const standinProgram = join(repository, 'test/standin/electron-standin');
export const outputFolder = join(repository, 'test-output/e2e');
export const galleryFolder = join(repository, 'test-output/gallery');

const BINARY: Partial<Record<NodeJS.Platform, string>> = {
  win32: 'electron.exe',
  darwin: 'Electron.app/Contents/MacOS/Electron',
};

/** @returns path of a real Electron, or null; never fetches one */
export function electronProgram(): string | null {
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(repository, 'node_modules/electron/dist');
  const path = join(folder, BINARY[process.platform] ?? 'electron');
  return existsSync(path) ? path : null;
}

/** @returns path of a Chromium: the one that `CHROMIUM_PATH` names, Debian's, or Playwright's own; null without any */
export function chromiumProgram(): string | null {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '') return existsSync(named) ? named : null;
  return ['/usr/bin/chromium', chromium.executablePath()].find(existsSync) ?? null;
}

/**
 * @returns the hosts to test on: what E2E_HOST names, else all that can run here
 * @throws Error when E2E_HOST names what is not there, which must not pass for a success
 */
export function hostsToTest(): readonly HostName[] {
  const wanted = process.env['E2E_HOST'];
  if (wanted === undefined || wanted === '') return HOSTS.filter((host) => host !== 'electron' || electronProgram());
  const host = HOSTS.find((each) => each === wanted);
  if (host === undefined) throw new Error(`E2E_HOST=${wanted}: there are ${HOSTS.join(', ')}.`);
  if (host === 'electron' && electronProgram() === null) {
    throw new Error(
      'E2E_HOST=electron, but there is no Electron: run `npx install-electron`, or set ELECTRON_OVERRIDE_DIST_PATH to the folder that holds it.',
    );
  }
  return [host];
}

/** @returns why tests on a host cannot run, or null */
export function whatIsMissing(host: HostName): string | null {
  if (host === 'electron' || chromiumProgram() !== null) return null;
  return 'there is no Chromium: install the Debian package chromium, or set CHROMIUM_PATH';
}
