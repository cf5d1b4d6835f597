import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, type ElectronApplication, type Page } from '@playwright/test';
import type { Outcome } from '../../src-main/contract/errors';
import type { PreloadApi } from '../../src-main/contract/host-bridge';

declare global {
  interface Window {
    readonly natscope?: PreloadApi;
  }
}

/** One of the things that hold for the desktop app, whatever its page looks like. */
export interface Promised {
  readonly title: string;
  check(app: ElectronApplication, page: Page): Promise<void>;
}

const NODE_NAMES = ['require', 'process', 'module', 'Buffer', 'ipcRenderer'];

/** In an order in which the cause comes before what it brings about, and what may destroy the page comes last. */
export const PROMISES: readonly Promised[] = [
  { title: 'the page has the bridge, and cannot change it', check: (_app, page) => hasBridge(page) },
  { title: 'the page has nothing of Node', check: (_app, page) => seesNoNode(page) },
  { title: 'the page has a strict policy', check: (_app, page) => hasPolicy(page) },
  { title: 'the page runs its own script', check: (_app, page) => hasContent(page) },
  { title: 'a call of the host is answered', check: answersCalls },
  { title: 'an unknown call gets no further than the preload script', check: (_app, page) => refusesCalls(page) },
  { title: 'an event of the host reaches the page', check: hearsEvents },
  { title: 'the engine answers with octets', check: (_app, page) => reachesEngine(page) },
  { title: 'the page may copy text, and has no other permission', check: (_app, page) => mayCopyAlone(page) },
  { title: 'no window can be opened', check: opensNoWindow },
  { title: 'the page cannot be left', check: (_app, page) => cannotLeave(page) },
];

/** @returns the title of the first promise that the app does not keep, with what was found; null when it keeps all */
export async function firstBroken(
  app: ElectronApplication,
  page: Page,
): Promise<{ readonly title: string; readonly cause: unknown } | null> {
  for (const { title, check } of PROMISES) {
    try {
      await check(app, page);
    } catch (cause) {
      return { title, cause };
    }
  }
  return null;
}

async function hasContent(page: Page): Promise<void> {
  await expect(page.getByRole('button').first()).toBeVisible();
}

async function seesNoNode(page: Page): Promise<void> {
  const seen = await page.evaluate(
    (names) => names.filter((name) => Reflect.get(window, name) !== undefined),
    NODE_NAMES,
  );
  expect(seen).toEqual([]);
}

async function hasBridge(page: Page): Promise<void> {
  const bridge = await page.evaluate(() => [
    Object.keys(window.natscope ?? {}).sort(),
    Object.isFrozen(window.natscope),
  ]);
  expect(bridge).toEqual([['call', 'connectEngine', 'on', 'pathOf'], true]);
}

async function hasPolicy(page: Page): Promise<void> {
  const policy = await page.evaluate(async () => {
    const { headers } = await fetch(document.URL);
    return headers.get('content-security-policy');
  });
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toMatch(/unsafe-inline|unsafe-eval/);
}

async function answersCalls(app: ElectronApplication, page: Page): Promise<void> {
  await app.evaluate(({ dialog }) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: ['/chosen.pcap'] });
  });
  const picked = await page.evaluate(() => window.natscope?.call('capture:pick', {}));
  expect(picked).toEqual({ ok: true, value: ['/chosen.pcap'] });
  const sample = await page.evaluate(() => window.natscope?.call('capture:sample', {}));
  expect(sample?.ok === true && sample.value).toMatch(/sample\.pcapng$/);
}

async function refusesCalls(page: Page): Promise<void> {
  const outcome = await page.evaluate(() => {
    const call = window.natscope?.call as ((name: string, request: object) => Promise<Outcome<unknown>>) | undefined;
    return call?.('shutdown', {});
  });
  const error = { code: 'REQUEST_INVALID', message: 'The host has no such call', detail: {} };
  expect(outcome).toEqual({ ok: false, error });
}

async function hearsEvents(app: ElectronApplication, page: Page): Promise<void> {
  const heard = page.evaluate(
    () =>
      new Promise((resolve) => {
        window.natscope?.on('menu:command', resolve);
        setTimeout(() => resolve('nothing'), 4000);
      }),
  );
  // The listener is there once the page has answered something that was asked after it.
  await page.evaluate(() => document.title);
  await app.evaluate(({ Menu }) => {
    Menu.getApplicationMenu()?.getMenuItemById('export')?.click();
  });
  expect(await heard).toBe('export');
}

async function reachesEngine(page: Page): Promise<void> {
  const heard = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const pipe = window.natscope?.connectEngine({
          onBytes: (bytes) => {
            resolve(bytes.length > 0 ? bytes.constructor.name : 'nothing');
            pipe?.close();
          },
          onClose: () => resolve('closed'),
        });
      }),
  );
  expect(heard).toBe('Uint8Array');
}

const REFUSED = ['notifications', 'geolocation', 'camera', 'microphone', 'clipboard-read'];

async function mayCopyAlone(page: Page): Promise<void> {
  await page.bringToFront();
  await page.evaluate(() => navigator.clipboard.writeText('copied'));
  const states = await page.evaluate(
    (names) =>
      Promise.all(
        names.map(async (name) => {
          // The list of TypeScript lacks those of the clipboard.
          const { state } = await navigator.permissions.query({ name: name as PermissionName });
          return `${name} ${state}`;
        }),
      ),
    ['clipboard-write', ...REFUSED],
  );
  expect(states).toEqual(['clipboard-write granted', ...REFUSED.map((name) => `${name} denied`)]);
}

async function opensNoWindow(app: ElectronApplication, page: Page): Promise<void> {
  const opened = await page.evaluate(() => window.open(document.URL) === null);
  await page.waitForTimeout(OPENING_MS);
  // Of the main process, which has a window at once; its page comes when the machine gets to it.
  const windows = await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
  expect([opened, windows]).toEqual([true, 1]);
}

/* Long enough to happen on a busy machine, were it allowed; nothing tells that something did not happen. */
const OPENING_MS = 400;
const NAVIGATION_MS = 5000;

async function cannotLeave(page: Page): Promise<void> {
  const server = createServer((_request, response) => response.end('Elsewhere')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const wasAsked = new Promise<boolean>((resolve) => server.once('request', () => resolve(true)));
  try {
    const before = page.url();
    await page.evaluate(
      (url) => {
        location.assign(url);
      },
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    );
    const wasLeft = await Promise.race([wasAsked, page.waitForTimeout(NAVIGATION_MS).then(() => false)]);
    expect(wasLeft).toBe(false);
    expect(page.url()).toBe(before);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
