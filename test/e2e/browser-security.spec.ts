import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { Talk } from '../support/host-client';
import { startServer, stopServer } from './running-host';

test('the printed address opens the page, and leaves no token in the address', async ({ desk }) => {
  await expect(desk.page.getByRole('button').first()).toBeVisible();
  expect(desk.page.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
});

/** A host of its own, for tests that need its printed address or end it; the port stays the same. */
async function withServer(use: (server: { url: string; restart(): Promise<string> }) => Promise<void>): Promise<void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'natscope-e2e-')));
  const options = { workspace: join(folder, 'w'), profile: '', captures: [] };
  let server = await startServer(options);
  const { port } = new URL(server.url);
  const restart = async (): Promise<string> => {
    await stopServer(server.process);
    server = await startServer({ ...options, port });
    return server.url;
  };
  try {
    await use({ url: server.url, restart });
  } finally {
    await stopServer(server.process);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The page of captures without a host: what opens one is disabled, and says why. */
async function expectNothingToOpen(page: Page, why: string): Promise<void> {
  for (const name of ['Open captures', 'Paste path', 'Choose files', 'Open the sample']) {
    const button = page.getByRole('button', { name });
    await expect(button).toBeDisabled();
    await expect(button).toHaveAccessibleDescription(why);
  }
}

test('a tab keeps its key over a reload, and one that was opened without says how to get it', async ({
  sharedBrowser,
}) => {
  await withServer(async ({ url }) => {
    const context = await (await sharedBrowser()).newContext();
    const bare = new URL('/', url).href;
    const first = await context.newPage();
    await first.goto(url);
    await expect(first.getByText('Engine ready')).toBeVisible();
    expect(first.url()).toBe(bare);
    await first.reload();
    await expect(first.getByText('Engine ready')).toBeVisible();

    const second = await context.newPage();
    await second.goto(bare);
    await expect(second.getByRole('alert')).toContainText('This tab has no key to Natscope.');
    await expect(second.getByRole('button', { name: 'Restart the engine' })).toBeHidden();
    await expectNothingToOpen(second, 'This tab has no key to Natscope.');
    await second.goto(url);
    await expect(second.getByText('Engine ready')).toBeVisible();
    expect(second.url()).toBe(bare);
    await context.close();
  });
});

test('a host that was started again on its port ends the session of a tab, which says so and stops asking', async ({
  sharedBrowser,
}) => {
  await withServer(async ({ url, restart }) => {
    const context = await (await sharedBrowser()).newContext();
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(url);
    await expect(page.getByText('Engine ready')).toBeVisible();
    const next = await restart();
    await expect(page.getByRole('alert')).toContainText('The session of this tab has ended.');
    await expectNothingToOpen(page, 'The session of this tab has ended.');
    let asked = 0;
    page.on('request', () => (asked += 1));
    page.on('websocket', () => (asked += 1));
    // Longer than the longest wait between two attempts.
    await page.clock.runFor(60_000);
    expect(asked).toBe(0);
    await page.goto(next);
    await expect(page.getByText('Engine ready')).toBeVisible();
    await context.close();
  });
});

test('another program of this computer gets the cookie of a visitor, and nothing by it', async ({ sharedBrowser }) => {
  await withServer(async ({ url }) => {
    const seen: IncomingHttpHeaders[] = [];
    const thief = createServer(({ headers }, response) => {
      seen.push(headers);
      response.setHeader('content-type', 'text/html').end('<title>Thief</title>');
    }).listen(0, '127.0.0.1');
    await once(thief, 'listening');
    const context = await (await sharedBrowser()).newContext();
    try {
      const page = await context.newPage();
      await page.goto(url);
      await expect(page.getByText('Engine ready')).toBeVisible();
      const key = (await page.evaluate(() => sessionStorage.getItem('natscope.key'))) ?? '';
      expect(key).toMatch(/^[\w-]{43}$/);
      const { port, origin } = new URL(url);
      const { port: thiefPort } = thief.address() as AddressInfo;
      await page.evaluate((address) => location.assign(address), `http://127.0.0.1:${thiefPort}/`);
      await expect(page).toHaveTitle('Thief');
      const { cookie = '', referer } = seen[0] ?? {};
      expect(cookie).toContain(`natscope_${port}=`);
      expect(referer).toBeUndefined();
      expect(JSON.stringify(seen)).not.toContain(key);
      expect(await page.evaluate(() => sessionStorage.length + localStorage.length)).toBe(0);

      const forged = { cookie, origin, 'sec-fetch-site': 'same-origin' };
      for (const path of ['/bridge', '/engine']) {
        expect(await new Talk(Number(port), path, forged).closed()).toBe(403);
      }
      expect(await statusOf(`${origin}/upload?name=a`, forged, 'POST')).toBe(403);
      expect(await statusOf(`${origin}/download/1.csv`, forged)).toBe(404);
      expect(await statusOf(`${origin}/key`, forged)).toBe(403);
    } finally {
      await context.close();
      thief.close();
      thief.closeAllConnections();
    }
  });
});

test('the page has a strict policy, and the cookie is out of its reach', async ({ desk }) => {
  const answer = await desk.page.reload();
  const policy = answer?.headers()['content-security-policy'];
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe-inline|unsafe-eval/);
  expect(await desk.page.evaluate(() => document.cookie)).toBe('');
});

test('another browser gets nothing, not even with the same address', async ({ desk, sharedBrowser }) => {
  const stranger = await (await sharedBrowser()).newContext();
  const page = await stranger.newPage();
  const answer = await page.goto(desk.page.url());
  expect(answer?.status()).toBe(403);
  await stranger.close();
});

test('the printed address works as a link of another site, and again once it was let in', async ({ sharedBrowser }) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'natscope-e2e-')));
  const { url, process: server } = await startServer({ workspace: join(folder, 'w'), profile: '', captures: [] });
  const elsewhere = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end(`<a href="${url}">Natscope</a>`);
  }).listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  const context = await (await sharedBrowser()).newContext();
  try {
    const { port } = elsewhere.address() as AddressInfo;
    // Another site, and another port of this one.
    for (const name of ['localhost', '127.0.0.1']) {
      const page = await context.newPage();
      await page.goto(`http://${name}:${port}/`);
      await page.getByRole('link').click();
      await expect(page.getByText('Engine ready')).toBeVisible();
      expect(page.url()).toBe(new URL('/', url).href);
    }
    const stranger = await (await (await sharedBrowser()).newContext()).newPage();
    await stranger.goto(`http://localhost:${port}/`);
    await stranger.getByRole('link').click();
    await expect(stranger.getByText('Natscope does not know this browser')).toBeVisible();
    await stranger.context().close();
  } finally {
    await context.close();
    elsewhere.close();
    elsewhere.closeAllConnections();
    await stopServer(server);
    rmSync(folder, { recursive: true, force: true });
  }
});

test('an address works once, and another host or origin never', async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'natscope-e2e-')));
  const workspace = join(folder, 'workspace');
  const { url, process: server } = await startServer({ workspace, profile: '', captures: [] });
  try {
    expect(await statusOf(url, { host: 'evil.example' })).toBe(421);
    expect(await statusOf(url)).toBe(303);
    expect(await statusOf(url)).toBe(403);
    expect(await statusOf(new URL('/%2e%2e/package.json', url).href)).toBe(403);
    expect(await stopServer(server)).toBe(0);
  } finally {
    await stopServer(server);
    rmSync(folder, { recursive: true, force: true });
  }
});

function statusOf(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
