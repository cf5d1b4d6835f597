import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from './fixtures';
import { startServer, stopServer } from './running-host';

test('the printed address opens the page, and leaves no token in the address', async ({ desk }) => {
  await expect(desk.page.getByRole('button').first()).toBeVisible();
  expect(desk.page.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
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

function statusOf(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
