import { request } from 'node:http';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { MAX_PIECE_BYTES } from '../../../src-main/contract/host-bridge';
import { KEY_HEADER } from '../../../src-main/contract/host-key';
import { NONCE_PLACEHOLDER } from '../../../src-main/contract/page-policy';
import { startBrowserHost, type BrowserHost } from '../../../src-main/serve/browser-host';
import { isAppError } from '../../support/app-error';
import { ask, downloadPath, letIn, Talk } from '../../support/host-client';
import { StubHostEngine } from '../../support/stub-host-engine';
import { tempFolder } from '../../support/temp';

/** For what hangs, not for what is slow. */
const waitLong = { timeout: 30_000, interval: 20 };

let host: BrowserHost;
let engine: StubHostEngine;
let workspace: string;

beforeEach(async () => {
  workspace = tempFolder();
  const pageFolder = tempFolder();
  mkdirSync(join(pageFolder, 'assets'));
  mkdirSync(join(workspace, 'tmp', 'exports'), { recursive: true });
  writeFileSync(
    join(pageFolder, 'index.html'),
    `<link nonce="${NONCE_PLACEHOLDER}"><meta nonce="${NONCE_PLACEHOLDER}">`,
  );
  writeFileSync(join(pageFolder, 'assets', 'index-C1Ixfey0.js'), 'hello');
  writeFileSync(join(pageFolder, 'mark.svg'), '<svg/>');
  engine = await new StubHostEngine(workspace).listen();
  const captures = ['/captures/a.pcap'];
  host = await startBrowserHost({ engine, workspace, pageFolder, samplePath: '/r/sample.pcapng', captures, port: 0 });
  onTestFinished(() => host.close());
});

describe('the printed address', () => {
  test('gives a cookie and a key, and leads to the page, which answers 200', async () => {
    const { port, pathname, search } = new URL(host.url);
    const first = await ask(Number(port), pathname + search);
    expect(first).toMatchObject({ status: 303, headers: { 'cache-control': 'no-store' } });
    // Behind the number sign, which no browser sends anywhere.
    expect(first.headers.location).toMatch(/^\/#key=[\w-]{43}$/);
    expect(first.headers['set-cookie']?.[0]).toMatch(/; HttpOnly; SameSite=Strict$/);
    const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    expect(await ask(host.port, '/', { headers: { cookie } })).toMatchObject({ status: 200 });
  });

  test('lets in nobody else, and says what to do', async () => {
    await letIn(host.url);
    const second = await ask(host.port, `/open?t=${new URL(host.url).searchParams.get('t')}`);
    expect(second.status).toBe(403);
    expect(second.headers['set-cookie']).toBeUndefined();
    expect(second.text).toContain('start it again, and open the new address');
  });

  test('still leads to the page for who was let in, and gives each of its tabs the key', async () => {
    const { headers } = await letIn(host.url);
    const again = await ask(host.port, new URL(host.url).pathname + new URL(host.url).search, { headers });
    expect(again).toMatchObject({ status: 303, headers: { location: `/#key=${headers[KEY_HEADER]}` } });
    expect(again.headers['set-cookie']).toBeUndefined();
  });

  test.each(['', '?t=', '?t=wrong', `?t=${'x'.repeat(43)}`])(
    'gives no key to who has the cookie but not the token (%s)',
    async (search) => {
      const { headers } = await letIn(host.url);
      const again = await ask(host.port, `/open${search}`, { headers });
      expect(again).toMatchObject({ status: 303, headers: { location: '/' } });
      expect(JSON.stringify(again)).not.toContain(headers[KEY_HEADER]);
    },
  );

  test('is not used up by a program that only looks', async () => {
    const { pathname, search } = new URL(host.url);
    expect((await ask(host.port, pathname + search, { method: 'HEAD' })).status).toBe(405);
    expect((await ask(host.port, '/open?t=wrong')).status).toBe(403);
    expect((await ask(host.port, pathname + search)).status).toBe(303);
  });
});

describe('the printed address, followed from another page,', () => {
  const LINK = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  const open = (headers: Record<string, string>, token = new URL(host.url).searchParams.get('t')) =>
    ask(host.port, `/open?t=${token}`, { headers });

  test.each(['cross-site', 'same-site'])(
    'gives the cookie with a page of ours that goes on by itself, to the key (%s)',
    async (site) => {
      const answer = await open({ ...LINK, 'sec-fetch-site': site });
      expect(answer.status).toBe(200);
      const { pathname, search } = new URL(host.url);
      expect(answer.text).toContain(`<meta http-equiv="refresh" content="0;url=${pathname}${search}">`);
      expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'/);
      const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
      const next = await open({ cookie, 'sec-fetch-site': 'same-origin' });
      expect(next.status).toBe(303);
      expect(next.headers.location).toMatch(/^\/#key=/);
      expect(await ask(host.port, '/', { headers: { cookie, 'sec-fetch-site': 'same-origin' } })).toMatchObject({
        status: 200,
      });
    },
  );

  test.each([
    { name: 'typed', headers: { 'sec-fetch-site': 'none' } },
    { name: 'followed from our own page', headers: { 'sec-fetch-site': 'same-origin' } },
    { name: 'asked for by a program', headers: {} },
  ])('is not what it is when $name: that is led on at once', async ({ headers }) => {
    const answer = await open({ ...headers });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toMatch(/^\/#key=/);
  });

  test('leads on without a cookie when its token is used up or wrong, since who was let in cannot be told yet', async () => {
    await letIn(host.url);
    for (const token of [undefined, 'wrong']) {
      const answer = await open(LINK, token);
      expect(answer.status).toBe(200);
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(answer.text).not.toContain('key=');
      const next = /content="0;url=([^"]+)"/.exec(answer.text)?.[1] ?? '';
      expect(next).toBe(token === undefined ? new URL(host.url).pathname + new URL(host.url).search : '/');
      const refused = await ask(host.port, next, { headers: { 'sec-fetch-site': 'same-origin' } });
      expect(refused.status).toBe(403);
      expect(refused.text).toContain('start it again, and open the new address');
    }
  });

  test.each(['image', 'empty', 'iframe'])('as its %s, is refused and not used up', async (dest) => {
    const answer = await open({ ...LINK, 'sec-fetch-dest': dest });
    expect(answer.status).toBe(403);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect((await open(LINK)).headers['set-cookie']).toHaveLength(1);
  });
});

describe('a request is refused', () => {
  test.each([
    { name: 'without a cookie', headers: { cookie: '' }, status: 403 },
    { name: 'with a wrong cookie', headers: { cookie: 'natscope_1=x' }, status: 403 },
    { name: 'under another name of this computer', headers: { host: 'localhost' }, status: 421 },
    { name: 'under a rebound name', headers: { host: 'evil.example:80' }, status: 421 },
    { name: 'from another page', headers: { origin: 'http://evil.example' }, status: 403 },
    { name: 'from a page without an origin', headers: { origin: 'null' }, status: 403 },
    { name: 'from another port of this computer', headers: { 'sec-fetch-site': 'same-site' }, status: 403 },
    { name: 'with a body that nobody asked for', headers: { 'content-length': '1' }, status: 413 },
  ])('$name', async ({ headers, status }) => {
    const visitor = await letIn(host.url);
    const body = 'content-length' in headers ? 'x' : '';
    const answer = await ask(host.port, '/', { headers: { ...visitor.headers, ...headers }, body });
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain('nonce="natscope');
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('with the method %s', async (method) => {
    const { headers } = await letIn(host.url);
    expect((await ask(host.port, '/', { method, headers })).status).toBe(405);
  });

  test('when an upload comes without an origin, as from a program', async () => {
    const { headers } = await letIn(host.url);
    const answer = await ask(host.port, '/upload?name=a', {
      method: 'POST',
      headers: { cookie: headers.cookie ?? '' },
    });
    expect(answer.status).toBe(403);
  });

  test('when its headers are too long', async () => {
    const answer = ask(host.port, '/', { headers: { x: 'x'.repeat(20_000) } });
    expect((await answer).status).toBe(400);
  });
});

describe('a connection that takes too long to ask', () => {
  async function heard(headersMs: number, sent: string): Promise<string> {
    const patient = {
      engine,
      workspace,
      pageFolder: tempFolder(),
      samplePath: '/r/sample.pcapng',
      captures: [],
      port: 0,
    };
    const impatient = await startBrowserHost({ ...patient, headersMs });
    onTestFinished(() => impatient.close());
    const socket = createConnection(impatient.port, '127.0.0.1');
    let text = '';
    socket.on('data', (octets) => (text += octets.toString('latin1')));
    socket.write(sent);
    await once(socket, 'close');
    return text;
  }

  test('is told so', async () => {
    expect(await heard(100, 'GET / HT')).toMatch(/^HTTP\/1\.1 400 /u);
  });

  test('is closed without a word where it never began: browsers connect ahead, and take what comes for the next answer', async () => {
    expect(await heard(100, '')).toBe('');
  });
});

describe('the cookie alone, with the host and the origin of our page,', () => {
  /** What a program on another port of this computer is sent, and what it can make up. */
  const stolen = async (key?: string): Promise<Record<string, string>> => {
    const { headers } = await letIn(host.url);
    const { [KEY_HEADER]: _key, ...others } = headers;
    return { ...others, 'sec-fetch-site': 'same-origin', ...(key === undefined ? {} : { [KEY_HEADER]: key }) };
  };
  const KEYS = [
    { name: 'without a key', key: undefined },
    { name: 'with a wrong key', key: 'x'.repeat(43) },
    { name: 'with no key where one should be', key: '' },
  ];

  test.each(KEYS)('opens no socket $name', async ({ key }) => {
    const headers = await stolen(key);
    for (const path of ['/bridge', '/engine']) expect(await new Talk(host.port, path, headers).closed()).toBe(403);
    expect(engine.accepted).toEqual([]);
  });

  test.each(KEYS)('sends no capture $name, and is told why', async ({ key }) => {
    const headers = await stolen(key);
    const answer = await ask(host.port, '/upload?name=a', { method: 'POST', headers, body: Buffer.alloc(3_000_000) });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text)).toMatchObject({ ok: false, error: { code: 'HOST_REFUSED' } });
    expect(existsSync(join(workspace, 'uploads'))).toBe(false);
  });

  test('fetches no export, not even one whose file it knows', async () => {
    writeFileSync(join(workspace, 'tmp', 'exports', '1.csv'), 'a,b\n');
    const headers = await stolen();
    for (const ticket of ['1.csv', 'x'.repeat(43), '']) {
      const answer = await ask(host.port, `/download/${ticket}?name=1.csv`, { headers });
      expect(answer.status).toBe(404);
      expect(answer.text).not.toContain('a,b');
    }
    expect(existsSync(join(workspace, 'tmp', 'exports', '1.csv'))).toBe(true);
  });

  test('has the page, which holds nothing', async () => {
    const visitor = await letIn(host.url);
    const { [KEY_HEADER]: key = '', ...headers } = visitor.headers;
    const page = await ask(host.port, '/', { headers });
    expect(page.status).toBe(200);
    expect(JSON.stringify(page)).not.toContain(key);
  });

  test.each(KEYS)('is told by /key that it is not enough $name', async ({ key }) => {
    const answer = await ask(host.port, '/key', { headers: await stolen(key) });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('Open that address again, in this browser');
  });
});

test('the key without the cookie is nothing either, and both are a session', async () => {
  const { port, headers } = await letIn(host.url);
  const { cookie: _cookie, ...others } = headers;
  expect((await ask(port, '/key', { headers: others })).status).toBe(403);
  expect(await new Talk(port, '/bridge', others).closed()).toBe(403);
  const refused = await ask(port, '/upload?name=a', { method: 'POST', headers: others, body: 'x' });
  expect(refused.status).toBe(403);
  expect(await ask(port, '/key', { headers })).toMatchObject({ status: 200, text: '{"ok":true,"value":null}' });
});

test('the key is not sent back to who brings it: a socket agrees to another protocol', async () => {
  const { port, headers } = await letIn(host.url);
  for (const path of ['/bridge', '/engine']) {
    const { ws } = await new Talk(port, path, headers).opened();
    expect(ws.protocol).toBe('natscope');
  }
});

describe('the page', () => {
  test('has a policy with a nonce of its own each time', async () => {
    const { headers } = await letIn(host.url);
    const answers = [await ask(host.port, '/', { headers }), await ask(host.port, '/', { headers })];
    const nonces = answers.map(({ headers: { 'content-security-policy': policy }, text }) => {
      const nonce = /'nonce-([^']+)'/.exec(String(policy))?.[1] ?? '';
      expect(text).toBe(`<link nonce="${nonce}"><meta nonce="${nonce}">`);
      return nonce;
    });
    expect(nonces[0]).not.toBe(nonces[1]);
    expect(Buffer.from(nonces[0] ?? '', 'base64')).toHaveLength(16);
  });

  test('comes with headers that keep others out', async () => {
    const { headers } = await letIn(host.url);
    expect((await ask(host.port, '/', { headers })).headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
  });

  test('keeps files whose name has their digest for ever, and asks for others again', async () => {
    const { headers } = await letIn(host.url);
    const asset = await ask(host.port, '/assets/index-C1Ixfey0.js', { headers });
    expect(asset).toMatchObject({ status: 200, text: 'hello', headers: { 'content-length': '5' } });
    expect(asset.headers['cache-control']).toBe('private, max-age=31536000, immutable');
    const mark = await ask(host.port, '/mark.svg', { headers });
    expect(mark.headers['cache-control']).toBe('private, no-cache');
    const again = { ...headers, 'if-none-match': mark.headers.etag ?? '' };
    expect(await ask(host.port, '/mark.svg', { headers: again })).toMatchObject({ status: 304, text: '' });
    expect(await ask(host.port, '/mark.svg', { method: 'HEAD', headers })).toMatchObject({ status: 200, text: '' });
  });

  test.each(['/../package.json', '/%2e%2e/%2e%2e/etc/passwd.txt', '/..%5c..%5cx.js', '/assets', '/nothing.js'])(
    'has no %s',
    async (path) => {
      const { headers } = await letIn(host.url);
      expect((await ask(host.port, path, { headers })).status).toBe(404);
    },
  );
});

describe('an upload', () => {
  const uploads = (): string[] => readdirSync(join(workspace, 'uploads'));

  async function upload(name: string, body: Buffer, more: Record<string, string> = {}) {
    const { headers } = await letIn(host.url);
    const path = `/upload?name=${encodeURIComponent(name)}`;
    const answer = await ask(host.port, path, { method: 'POST', headers: { ...headers, ...more }, body });
    return { ...answer, outcome: JSON.parse(answer.text) as { ok: boolean; value: { path: string } } };
  }

  test('is in the workspace, whole, under its name', async () => {
    const body = Buffer.alloc(3_000_000, 'capture');
    const { status, outcome } = await upload('a b.pcap', body);
    expect(status).toBe(200);
    expect(outcome.value.path).toMatch(/\/uploads\/[\w-]+\/a b\.pcap$/);
    expect(outcome.value.path.startsWith(workspace)).toBe(true);
    expect(readFileSync(outcome.value.path).equals(body)).toBe(true);
  });

  test('into a workspace that was deleted is refused, and does not bring it back', async () => {
    rmSync(workspace, { recursive: true });
    const { status, outcome } = await upload('a.pcap', Buffer.alloc(3_000_000));
    expect(status).toBe(507);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'WORKSPACE_UNUSABLE', detail: { path: workspace } } });
    expect(JSON.stringify(outcome)).toContain('is not there any more');
    expect(existsSync(workspace)).toBe(false);
  });

  test('finds out when its folder is a file', async () => {
    writeFileSync(join(workspace, 'uploads'), '');
    const { status, outcome } = await upload('a.pcap', Buffer.from('x'));
    expect(status).toBe(507);
    expect(JSON.stringify(outcome)).toContain('look at that folder');
  });

  test('with a hostile name stays in its folder', async () => {
    const { outcome } = await upload('../../../x\0.pcap', Buffer.from('x'));
    expect(outcome.value.path).toMatch(/\/uploads\/[\w-]+\/x\.pcap$/);
    expect(existsSync(join(workspace, '..', 'x.pcap'))).toBe(false);
  });

  test('of the same name twice is two files', async () => {
    const visitor = await letIn(host.url);
    const send = () => ask(host.port, '/upload?name=a', { method: 'POST', headers: visitor.headers, body: 'x' });
    const [first, second] = [await send(), await send()];
    expect(first.text).not.toBe(second.text);
    expect(uploads()).toHaveLength(2);
  });

  test('without a name is refused', async () => {
    const { headers } = await letIn(host.url);
    const answer = await ask(host.port, '/upload', { method: 'POST', headers, body: 'x' });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID' } });
  });

  test('that is broken off leaves nothing', async () => {
    const { headers } = await letIn(host.url);
    const socket = createConnection(host.port, '127.0.0.1');
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const head = [
      `POST /upload?name=a.pcap HTTP/1.1`,
      `Host: 127.0.0.1:${host.port}`,
      ...lines,
      'Content-Length: 1000',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\nonly some`);
    await vi.waitUntil(() => existsSync(join(workspace, 'uploads')) && uploads().length > 0, waitLong);
    socket.destroy();
    await vi.waitUntil(() => uploads().length === 0, waitLong);
  });

  test('that is larger than the disk is refused at once, with the reason', async () => {
    const { headers } = await letIn(host.url);
    const socket = createConnection(host.port, '127.0.0.1');
    onTestFinished(() => {
      socket.destroy();
    });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const head = [`POST /upload?name=a HTTP/1.1`, `Host: 127.0.0.1:${host.port}`, ...lines];
    socket.write(`${head.join('\r\n')}\r\nContent-Length: ${Number.MAX_SAFE_INTEGER}\r\n\r\n`);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await vi.waitUntil(() => text.includes('}}'), waitLong);
    expect(text).toMatch(/^HTTP\/1\.1 507 /);
    expect(text).toContain('"code":"WORKSPACE_FULL"');
    expect(uploads()).toEqual([]);
  });
});

describe('a download', () => {
  const exported = (name: string): string => join(workspace, 'tmp', 'exports', name);

  test('is over with its last byte, whenever the browser closes the connection', async () => {
    const visitor = await letIn(host.url);
    const { headers } = visitor;
    for (let round = 0; round < 30; round++) {
      writeFileSync(exported('last.csv'), 'a,b\n');
      const path = await downloadPath(visitor, 'last.csv');
      const options = { host: '127.0.0.1', port: host.port, path, headers, agent: false };
      const asked = request(options, (response) => response.once('data', () => asked.destroy()));
      asked.on('error', () => undefined);
      asked.end();
      await vi.waitUntil(() => !existsSync(exported('last.csv')), { timeout: 5000, interval: 5 });
    }
  });

  test('sends an export once, under the name it is to have', async () => {
    writeFileSync(exported('1.csv'), 'a,b\n');
    const visitor = await letIn(host.url);
    const headers = { cookie: visitor.headers.cookie ?? '' };
    const path = await downloadPath(visitor, '1.csv');
    const looked = await ask(host.port, path, { method: 'HEAD', headers });
    expect(looked).toMatchObject({ status: 200, headers: { 'content-length': '4' } });
    const answer = await ask(host.port, `${path}?name=Log%20%C3%BC.csv`, { headers });
    expect(answer).toMatchObject({ status: 200, text: 'a,b\n' });
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(answer.headers['content-disposition']).toContain("filename*=UTF-8''Log%20%C3%BC.csv");
    await vi.waitUntil(() => !existsSync(exported('1.csv')), { timeout: 10_000 });
    writeFileSync(exported('1.csv'), 'of another export');
    const again = await ask(host.port, path, { headers });
    expect(again.status).toBe(404);
    expect(again.text).toContain('Export once more');
  });

  test('leaves what describes the export, which is fetched like it', async () => {
    writeFileSync(exported('2.csv'), 'a,b\n');
    writeFileSync(exported('2.csv.meta.json'), '{}\n');
    const visitor = await letIn(host.url);
    const headers = { cookie: visitor.headers.cookie ?? '' };
    for (const [name, text] of [
      ['2.csv', 'a,b\n'],
      ['2.csv.meta.json', '{}\n'],
    ] as const) {
      const answer = await ask(host.port, await downloadPath(visitor, name), { headers });
      expect(answer).toMatchObject({ status: 200, text });
      await vi.waitUntil(() => !existsSync(exported(name)), { timeout: 10_000 });
    }
  });

  test('that is broken off keeps the export', async () => {
    writeFileSync(exported('large.csv'), Buffer.alloc(50_000_000));
    const visitor = await letIn(host.url);
    const { headers } = visitor;
    const path = await downloadPath(visitor, 'large.csv');
    const socket = createConnection(host.port, '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${host.port}\r\nCookie: ${headers.cookie}\r\n\r\n`);
    await once(socket, 'data');
    socket.destroy();
    await once(socket, 'close');
    // The host answers this one after it has heard of the end of that one.
    await ask(host.port, '/', { headers });
    expect(existsSync(exported('large.csv'))).toBe(true);
    const answer = await ask(host.port, path, { method: 'HEAD', headers });
    expect(answer.headers['content-length']).toBe('50000000');
  });

  test.each(['..%2f..%2fworkspace.duckdb', '../../workspace.duckdb', '%2e%2e', '..', '.hidden', 'a/b.csv', ''])(
    'of %s finds nothing',
    async (file) => {
      writeFileSync(join(workspace, 'workspace.duckdb'), 'secret');
      writeFileSync(exported('.hidden'), 'secret');
      const visitor = await letIn(host.url);
      const { headers } = visitor;
      for (const path of [`/download/${file}`, await downloadPath(visitor, file)]) {
        const answer = await ask(host.port, path, { headers });
        expect(answer.status).toBe(404);
        expect(answer.text).not.toContain('secret');
      }
      expect(existsSync(join(workspace, 'workspace.duckdb'))).toBe(true);
    },
  );

  test('follows no link', async () => {
    writeFileSync(join(workspace, 'workspace.duckdb'), 'secret');
    symlinkSync(join(workspace, 'workspace.duckdb'), exported('link.csv'));
    const visitor = await letIn(host.url);
    const path = await downloadPath(visitor, 'link.csv');
    expect((await ask(host.port, path, { headers: visitor.headers })).status).toBe(404);
  });

  test('needs the cookie beside its ticket, and a ticket is for one file', async () => {
    writeFileSync(exported('1.csv'), 'first');
    writeFileSync(exported('2.csv'), 'second');
    const visitor = await letIn(host.url);
    const [first, second] = [await downloadPath(visitor, '1.csv'), await downloadPath(visitor, '2.csv')];
    expect((await ask(host.port, first)).status).toBe(403);
    expect((await ask(host.port, second, { headers: visitor.headers })).text).toBe('second');
    expect((await ask(host.port, first, { headers: visitor.headers })).text).toBe('first');
  });
});

describe('the bridge of a page', () => {
  const call = (talk: Talk, id: number, name: string, request: unknown = {}): void =>
    talk.ws.send(JSON.stringify({ id, name, request }));

  async function page(): Promise<Talk> {
    const { port, headers } = await letIn(host.url);
    const talk = await new Talk(port, '/bridge', headers).opened();
    expect(await talk.next()).toEqual({ event: 'engine:state', payload: { kind: 'ready' } });
    return talk;
  }

  test('answers calls, and hands over captures once', async () => {
    const talk = await page();
    call(talk, 1, 'capture:sample');
    expect(await talk.next()).toEqual({ id: 1, outcome: { ok: true, value: '/r/sample.pcapng' } });
    call(talk, 2, 'capture:handed');
    expect(await talk.next()).toEqual({ id: 2, outcome: { ok: true, value: ['/captures/a.pcap'] } });
    call(talk, 3, 'capture:handed');
    expect(await talk.next()).toEqual({ id: 3, outcome: { ok: true, value: [] } });
  });

  test.each([
    ...[
      'capture:pick',
      'export:pick',
      'export:save',
      'export:show',
      'packet-program:read',
      'packet-program:pick',
      'packets:open',
    ],
    ...['fs:read', 'constructor'],
  ])('refuses %s', async (name) => {
    const requests: Record<string, unknown> = {
      'export:pick': { suggestedName: 'a' },
      'export:save': { file: 'a', target: 'b' },
      'export:show': { path: '/a' },
      'packets:open': { file: 'a', name: 'a.pcapng' },
    };
    const talk = await page();
    call(talk, 1, name, requests[name]);
    expect(await talk.next()).toMatchObject({ id: 1, outcome: { ok: false, error: { code: 'REQUEST_INVALID' } } });
  });

  test('tells every tab how the engine is, and starts it again for any', async () => {
    const { port, headers } = await letIn(host.url);
    const tabs = [new Talk(port, '/bridge', headers), new Talk(port, '/bridge', headers)] as const;
    for (const tab of tabs) await tab.next();
    const down = { kind: 'down', error: { code: 'ENGINE_GONE', message: 'killed', detail: {} } } as const;
    engine.become(down);
    for (const tab of tabs) expect(await tab.next()).toEqual({ event: 'engine:state', payload: down });
    call(tabs[1], 7, 'engine:restart');
    expect(await tabs[0].next()).toEqual({ event: 'engine:state', payload: { kind: 'ready' } });
    expect(await tabs[1].next()).toEqual({ event: 'engine:state', payload: { kind: 'ready' } });
    expect(await tabs[1].next()).toEqual({ id: 7, outcome: { ok: true, value: null } });
    expect(engine.restarts).toBe(1);
  });

  test.each([
    { name: 'no JSON', message: '{', code: 1008 },
    { name: 'no call', message: '[]', code: 1008 },
    { name: 'a call without number', message: '{"name":"capture:sample"}', code: 1008 },
    { name: 'bytes', message: Buffer.from('{}'), code: 1008 },
    { name: 'more than a call can be', message: `"${'x'.repeat(2 << 20)}"`, code: 1009 },
  ])('is closed when it sends $name', async ({ message, code }) => {
    const talk = await page();
    talk.ws.send(message);
    expect(await talk.closed()).toBe(code);
  });

  test.each([
    { name: 'a wrong cookie', change: { cookie: 'natscope_1=x' }, status: 403 },
    { name: 'a foreign origin', change: { origin: 'http://evil.example' }, status: 403 },
    { name: 'a foreign host', change: { host: 'evil.example' }, status: 421 },
    { name: 'the site of another port', change: { 'sec-fetch-site': 'same-site' }, status: 403 },
  ])('is not opened with $name', async ({ change, status }) => {
    const { port, headers } = await letIn(host.url);
    for (const path of ['/bridge', '/engine']) {
      const talk = new Talk(port, path, { ...headers, ...change });
      expect(await talk.closed()).toBe(status);
    }
    expect(engine.accepted).toEqual([]);
  });

  test('is not opened without an origin, nor under another path', async () => {
    const { port, headers } = await letIn(host.url);
    const { origin: _origin, ...withoutOrigin } = headers;
    expect(await new Talk(port, '/bridge', withoutOrigin).closed()).toBe(403);
    expect(await new Talk(port, '/bridge/..', headers).closed()).toBe(404);
  });
});

describe('the way to the engine', () => {
  let visitor: ReturnType<typeof letIn>;
  beforeEach(() => {
    visitor = letIn(host.url);
  });

  async function relay() {
    const { port, headers } = await visitor;
    const before = engine.accepted.length;
    const talk = new Talk(port, '/engine', headers);
    // Sent as soon as it can be, before the engine has answered.
    talk.ws.on('open', () => talk.ws.send(Buffer.from('first')));
    await talk.opened();
    await vi.waitUntil(() => engine.accepted.length > before, waitLong);
    const far = engine.accepted.at(-1);
    if (far === undefined) throw new Error('the engine has no connection');
    return { talk, far };
  }

  test('carries bytes both ways, unopened', async () => {
    const { talk, far } = await relay();
    const [first] = (await once(far, 'data')) as [Buffer];
    expect(first.toString()).toBe('first');
    far.write(Buffer.from([0, 255, 128]));
    expect(await talk.next()).toEqual(Buffer.from([0, 255, 128]));
  });

  test('ends for the engine with the page, and for the page with the engine', async () => {
    const first = await relay();
    first.talk.ws.terminate();
    await once(first.far.resume(), 'close');
    const second = await relay();
    second.far.destroy();
    expect(await second.talk.closed()).toBe(1005);
  });

  test('is a way of its own for each tab', async () => {
    const first = await relay();
    const second = await relay();
    first.far.write('1');
    second.far.write('2');
    expect(String(await first.talk.next())).toBe('1');
    expect(String(await second.talk.next())).toBe('2');
  });

  test('takes no text', async () => {
    const { talk, far } = await relay();
    talk.ws.send('hello');
    expect(await talk.closed()).toBe(1003);
    await once(far.resume(), 'close');
  });

  test('takes no message that is longer than a piece, and says so', async () => {
    const { talk, far } = await relay();
    talk.ws.send(Buffer.alloc(MAX_PIECE_BYTES + 1));
    expect(await talk.closed()).toBe(1009);
    await once(far.resume(), 'close');
  });

  test('is closed at once when the engine is down', async () => {
    engine.become({ kind: 'down', error: { code: 'ENGINE_GONE', message: '', detail: {} } });
    const { port, headers } = await visitor;
    expect(await new Talk(port, '/engine', headers).closed()).toBe(1013);
  });

  test('holds the engine back while the page does not read, and goes on when it does', async () => {
    const { talk, far } = await relay();
    talk.ws.pause();
    const total = 256 << 20;
    const chunk = Buffer.alloc(1 << 20);
    let written = 0;
    const write = (): void => {
      while (written < total && far.write(chunk)) written += chunk.length;
      if (written < total) written += chunk.length;
    };
    far.on('drain', write);
    write();
    let before = -1;
    // Two looks that see the same: nothing moves any more.
    await vi.waitUntil(
      () => {
        const isStill = written === before;
        before = written;
        return isStill;
      },
      { interval: 300, timeout: 30_000 },
    );
    expect(written).toBeLessThan(64 << 20);
    let received = 0;
    talk.ws.removeAllListeners('message');
    talk.ws.on('message', (data: Buffer) => {
      received += data.length;
    });
    talk.ws.resume();
    await vi.waitUntil(() => received >= total, { timeout: 50_000 });
  });

  test('holds the page back while the engine does not read', async () => {
    const { talk, far } = await relay();
    far.pause();
    const total = 64 << 20;
    const piece = Buffer.alloc(MAX_PIECE_BYTES);
    for (let sent = 0; sent < total; sent += piece.length) talk.ws.send(piece);
    let before = -1;
    await vi.waitUntil(
      () => {
        const isStill = talk.ws.bufferedAmount === before;
        before = talk.ws.bufferedAmount;
        return isStill;
      },
      { interval: 300, timeout: 30_000 },
    );
    expect(talk.ws.bufferedAmount).toBeGreaterThan(total / 2);
    let received = 0;
    far.on('data', (data: Buffer) => {
      received += data.length;
    });
    far.resume();
    await vi.waitUntil(() => received >= total, { timeout: 50_000 });
  });
});

test('a port that is taken is named, with the way out', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => {
    other.close();
  });
  const { port } = other.address() as AddressInfo;
  const starting = startBrowserHost({ engine, workspace, pageFolder: '/', samplePath: '/', captures: [], port });
  await expect(starting).rejects.toSatisfy((cause) => isAppError(cause, 'OPTION_INVALID'));
  await expect(starting).rejects.toThrow(
    `port ${port} of 127.0.0.1 cannot be used (another program has it): name another`,
  );
});
