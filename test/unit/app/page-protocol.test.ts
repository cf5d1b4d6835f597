import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { answerPage } from '../../../src-main/app/page-protocol';
import { NONCE_PLACEHOLDER } from '../../../src-main/contract/page-policy';
import { tempFolder } from '../../support/temp';

let folder: string;
beforeEach(() => {
  const root = tempFolder();
  folder = join(root, 'renderer');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(root, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'index.html'), `<meta nonce="${NONCE_PLACEHOLDER}">`);
  writeFileSync(join(folder, 'assets', 'a.js'), 'run()');
});

const get = (url: string, method = 'GET') => answerPage({ url, method }, folder);

test.each(['app://natscope/', 'app://natscope/index.html', 'app://natscope/?a#b'])(
  '%s is the page, under a policy with its nonce',
  async (url) => {
    const response = await get(url);
    const policy = response.headers.get('content-security-policy') ?? '';
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    expect(response.status).toBe(200);
    expect(policy).toContain("connect-src 'self'; ");
    expect(nonce).toHaveLength(24);
    expect(await response.text()).toBe(`<meta nonce="${nonce}">`);
  },
);

test('a nonce is used once', async () => {
  const policies = [await get('app://natscope/'), await get('app://natscope/')].map(({ headers }) =>
    headers.get('content-security-policy'),
  );
  expect(policies[0]).not.toBe(policies[1]);
});

test('a file of the page comes with its type, and is nothing else', async () => {
  const response = await get('app://natscope/assets/a.js');
  expect(await response.text()).toBe('run()');
  expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
});

test.each([
  'app://natscope/../secret.txt',
  'app://natscope/%2e%2e/secret.txt',
  'app://natscope/..%2fsecret.txt',
  'app://natscope/assets/..%5c..%5csecret.txt',
  'app://natscope/nothing.js',
  'app://other/index.html',
  'app://natscope.evil.example/index.html',
  'app://natscope@evil.example/index.html',
  'file:///etc/passwd.txt',
])('%s is not found', async (url) => {
  const response = await get(url);
  expect(response.status).toBe(404);
  expect(await response.text()).toBe('');
});

test('nothing is sent to it', async () => {
  expect((await get('app://natscope/', 'POST')).status).toBe(405);
});
