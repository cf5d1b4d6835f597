import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/*
 * Points of Electron's security checklist that show in the sources alone: what would weaken a page is written nowhere. What
 * shows when the app runs is tested there.
 * @see https://www.electronjs.org/docs/latest/tutorial/security
 */

const repository = join(import.meta.dirname, '../../..');
const folders = ['src-main/app', 'src-main/preload', 'src-renderer'];
const texts = folders.flatMap((folder) =>
  readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:ts|svelte|html)$/u.test(file))
    .map((file) => ({ source: join(folder, file), text: readFileSync(join(repository, folder, file), 'utf8') })),
);

const FORBIDDEN: Readonly<Record<string, RegExp>> = {
  'web security turned off': /webSecurity:\s*false|allowRunningInsecureContent/,
  'experimental features': /experimentalFeatures|enableBlinkFeatures|appendSwitch/,
  'Node in a page': /nodeIntegration\w*:\s*true|contextIsolation:\s*false|sandbox:\s*false|@electron\/remote/,
  'a web view': /<webview|webviewTag:\s*true/,
  'an address opened outside': /openExternal/,
  'a file opened as a page': /[wW]indow\.loadFile\(|loadURL\(\W*file:/,
  'a page from elsewhere': /loadURL\((?!PAGE_URL\b)|<(?:script|link|img)[^>]+(?:src|href)="https?:/,
  'the whole bridge of Electron': /exposeInMainWorld\([^)]*ipcRenderer\s*\)/,
};

test.each(Object.entries(FORBIDDEN))('no source has %s', (_what, pattern) => {
  expect(texts.length).toBeGreaterThan(100);
  expect(texts.filter(({ text }) => pattern.test(text)).map(({ source }) => source)).toEqual([]);
});

test('what a window may do is stated, and not left to what Electron does by itself', () => {
  const window = texts.find(({ source }) => source.endsWith('main-window.ts'))?.text ?? '';
  for (const option of ['contextIsolation: true', 'sandbox: true', 'nodeIntegration: false', 'webSecurity: true']) {
    expect(window).toContain(option);
  }
});
