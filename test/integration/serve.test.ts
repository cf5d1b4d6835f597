import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createClient } from '../../src-main/contract/engine-client';
import { FrameReader, encodeFrame, type Frame } from '../../src-main/contract/frame-codec';
import { KEY_HEADER } from '../../src-main/contract/host-key';
import type { FrameTransport } from '../../src-main/contract/frame-transport';
import { PROTOCOL_VERSION } from '../../src-main/contract/wire';
import { textCoder } from '../../src-main/engine/protocol/text-coder';
import { bundledSample } from '../support/captures';
import { natscope, natscopeBin } from '../support/command';
import { ask, letIn, Talk } from '../support/host-client';
import { manySessions } from '../support/many-sessions';
import { canMount, needingMounts, onTmpfs } from '../support/mounts';
import { pcapFile } from '../support/pcap-writer';
import { isRunning, StartedCommand } from '../support/started-command';
import { tempFolder } from '../support/temp';
import { MILLISECOND } from '../support/time';

interface Served {
  readonly url: string;
  readonly port: number;
  readonly workspace: string;
  readonly pid: number;
}

async function serve(args: readonly string[] = [], workspace = tempFolder()) {
  const command = new StartedCommand(process.execPath, [
    natscopeBin,
    'serve',
    '--workspace',
    workspace,
    '--json',
    ...args,
  ]);
  return { command, served: JSON.parse(await command.firstLine()) as Served };
}

/** The process that owns the workspace. */
function enginePid(workspace: string): number {
  return (JSON.parse(readFileSync(join(workspace, 'owner.json'), 'utf8')) as { pid: number }).pid;
}

const waitLong = { timeout: 20_000, interval: 50 };

/** What the page does: frames over the bytes of a WebSocket. */
function engineClient(talk: Talk) {
  const transport: FrameTransport = {
    listen: ({ onFrame, onClose }) => {
      const reader = new FrameReader(textCoder);
      talk.onBytes((bytes) => {
        for (const frame of reader.push(bytes)) onFrame(frame);
      });
      talk.ws.on('close', onClose);
    },
    send: (frame: Frame) => {
      talk.ws.send(encodeFrame(frame, textCoder));
      return Promise.resolve();
    },
    close: () => {
      talk.ws.close();
    },
  };
  return createClient(transport);
}

const IMPORT = {
  ...{ project: 'local', logstore: 'session-log', inside: [], eips: [], seed: 0, layer: 'auto' as const },
  ...{ createIndex: true, again: false, keepGoing: false },
};

test('it prints its address and nothing else, and the page behind it answers', async () => {
  const workspace = tempFolder();
  const command = new StartedCommand(process.execPath, [natscopeBin, 'serve', '--workspace', workspace]);
  const url = await command.firstLine();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/open\?t=[\w-]{43}$/);
  const { port, headers } = await letIn(url);
  const page = await ask(port, '/', { headers });
  expect(page.status).toBe(200);
  expect(page.text).toContain('<title>Natscope</title>');
  const script = /<script type="module"[^>]* src="\.(\/assets\/[^"]+)"/.exec(page.text)?.[1] ?? '';
  expect(await ask(port, script, { headers })).toMatchObject({ status: 200 });
  command.kill('SIGTERM');
  expect(await command.ended).toEqual({ code: 0, signal: null });
  expect({ stdout: command.stdout, stderr: command.stderr }).toEqual({ stdout: `${url}\n`, stderr: '' });
});

test('a program that was sent the cookie alone reads and changes nothing, and nothing prints the key', async () => {
  const { command, served } = await serve();
  const { port, headers } = await letIn(served.url);
  const { [KEY_HEADER]: key = '', ...stolen } = headers;
  expect(key).toMatch(/^[\w-]{43}$/);
  for (const wrong of ['', 'x'.repeat(43), new URL(served.url).searchParams.get('t') ?? '']) {
    const forged = { ...stolen, 'sec-fetch-site': 'same-origin', ...(wrong === '' ? {} : { [KEY_HEADER]: wrong }) };
    for (const path of ['/bridge', '/engine']) expect(await new Talk(port, path, forged).closed()).toBe(403);
    const refused = await ask(port, '/upload?name=a.pcap', { method: 'POST', headers: forged, body: 'x' });
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.text)).toMatchObject({ ok: false, error: { code: 'HOST_REFUSED' } });
    expect(await ask(port, '/download/1.csv', { headers: forged })).toMatchObject({ status: 404 });
  }
  expect(() => uploadsOf(served.workspace)).toThrow('ENOENT');
  command.kill('SIGTERM');
  await command.ended;
  expect(command.stdout + command.stderr).not.toContain(key);
});

test('a capture is sent to it, imported and queried, by two tabs at once', async () => {
  const { served } = await serve();
  const { port, headers } = await letIn(served.url);
  const sample = readFileSync(bundledSample);
  const sent = await ask(port, '/upload?name=sample.pcapng', { method: 'POST', headers, body: sample });
  const { value } = JSON.parse(sent.text) as { value: { path: string } };
  expect(statSync(value.path).size).toBe(sample.length);

  const tabs = [new Talk(port, '/engine', headers), new Talk(port, '/engine', headers)] as const;
  const [first, second] = [engineClient(await tabs[0].opened()), engineClient(await tabs[1].opened())];
  const imported = await first.call('import:run', { ...IMPORT, captures: [value.path] }).outcome;
  if (!imported.ok) throw new Error(imported.error.message);
  let rows = 0;
  const query = { text: '*', project: 'local', logstore: 'session-log', from: null, to: null, zone: 'UTC' };
  const outcome = await second.call(
    'query:run',
    { ...query, limit: null, offset: 0, reverse: false, snapshot: null },
    { onBatch: ({ rowCount }) => void (rows += rowCount) },
  ).outcome;
  expect(outcome.ok).toBe(true);
  expect(rows).toBe(imported.value.logEntries);
  expect(rows).toBeGreaterThan(0);
});

const uploadsOf = (workspace: string): string[] => readdirSync(join(workspace, 'uploads'));

async function upload(visitor: Awaited<ReturnType<typeof letIn>>, name: string, body: Buffer): Promise<string> {
  const path = `/upload?name=${encodeURIComponent(name)}`;
  const { text } = await ask(visitor.port, path, { method: 'POST', headers: visitor.headers, body });
  return (JSON.parse(text) as { value: { path: string } }).value.path;
}

test('a capture that was sent stays only when its import has come to name it', async () => {
  const { served } = await serve();
  const visitor = await letIn(served.url);
  const client = engineClient(await new Talk(visitor.port, '/engine', visitor.headers).opened());
  const sample = readFileSync(bundledSample);
  const run = async (captures: readonly string[], changes: object = {}) => {
    const outcome = await client.call('import:run', { ...IMPORT, ...changes, captures }).outcome;
    return outcome.ok ? outcome.value.skipped.length : outcome.error.code;
  };

  const first = await upload(visitor, 'sample.pcapng', sample);
  expect(await run([first])).toBe(0);
  const kept = [basename(dirname(first))];
  expect(await run([await upload(visitor, 'again.pcapng', sample)])).toBe('CAPTURE_ALREADY_IMPORTED');
  expect(uploadsOf(served.workspace)).toEqual(kept);
  expect(await run([await upload(visitor, 'notes.txt', Buffer.from('no capture, but some words'))])).toBe(
    'CAPTURE_NOT_A_CAPTURE',
  );
  expect(uploadsOf(served.workspace)).toEqual(kept);
  // The one that is left out goes, the one that is imported stays.
  const second = await upload(visitor, 'second.pcapng', sample);
  const bad = await upload(visitor, 'bad.pcap', Buffer.from('no capture, but some words'));
  expect(await run([second, bad], { keepGoing: true, again: true })).toBe(1);
  kept.push(basename(dirname(second)));
  expect(uploadsOf(served.workspace).sort()).toEqual(kept.sort());
  // The same file, refused under the path that a run names.
  expect(await run([first])).toBe('CAPTURE_ALREADY_IMPORTED');
  const waiting = await upload(visitor, 'c.pcap', sample);
  expect(await client.call('upload:discard', { captures: [waiting, first] }).outcome).toEqual({
    ok: true,
    value: null,
  });
  expect(uploadsOf(served.workspace).sort()).toEqual(kept.sort());
});

test.each(['cancelled', 'left by its tab'])('a capture that was sent goes when its import is %s', async (how) => {
  const { served } = await serve();
  const visitor = await letIn(served.url);
  const talk = await new Talk(visitor.port, '/engine', visitor.headers).opened();
  const client = engineClient(talk);
  const path = await upload(visitor, 'scan.pcap', Buffer.from(pcapFile(manySessions(300_000, 20n * MILLISECOND))));
  let stop: (() => void) | null = null;
  const call = client.call('import:run', { ...IMPORT, captures: [path] }, { onEvent: () => stop?.() });
  stop = how === 'cancelled' ? () => call.cancel() : () => talk.ws.terminate();
  expect(await call.outcome).toMatchObject({ ok: false });
  await vi.waitUntil(() => uploadsOf(served.workspace).length === 0, waitLong);
});

test('uploads that hosts have left and no run names go when a host starts', async () => {
  const workspace = tempFolder();
  const DEAD = 4_000_000;
  for (const folder of [`a-${DEAD}-0a1b2c3d`, `b-${DEAD}-0a1b2c3d.part`, `c-${process.pid}-0a1b2c3d`]) {
    mkdirSync(join(workspace, 'uploads', folder), { recursive: true });
    writeFileSync(join(workspace, 'uploads', folder, 'a.pcap'), 'x');
  }
  await serve([], workspace);
  await vi.waitUntil(() => uploadsOf(workspace).length === 1, waitLong);
  expect(uploadsOf(workspace)).toEqual([`c-${process.pid}-0a1b2c3d`]);
});

test('captures of the command line are handed to the page', async () => {
  const { served } = await serve([bundledSample]);
  const { port, headers } = await letIn(served.url);
  const page = await new Talk(port, '/bridge', headers).opened();
  await page.next();
  page.ws.send(JSON.stringify({ id: 1, name: 'capture:handed', request: {} }));
  expect(await page.next()).toEqual({ id: 1, outcome: { ok: true, value: [bundledSample] } });
});

test('an engine that is killed is told to every tab, and starts again', async () => {
  const { served } = await serve();
  const { port, headers } = await letIn(served.url);
  const tabs = [new Talk(port, '/bridge', headers), new Talk(port, '/bridge', headers)] as const;
  for (const tab of tabs) expect(await tab.next()).toMatchObject({ payload: { kind: 'ready' } });
  const way = await new Talk(port, '/engine', headers).opened();
  await vi.waitUntil(() => way.ws.readyState === way.ws.OPEN, waitLong);
  const killed = enginePid(served.workspace);
  expect(killed).not.toBe(served.pid);
  const closed = way.closed();
  process.kill(killed, 'SIGKILL');
  for (const tab of tabs) {
    expect(await tab.next()).toMatchObject({
      event: 'engine:state',
      payload: { kind: 'down', error: { code: 'ENGINE_GONE' } },
    });
  }
  await closed;
  tabs[0].ws.send(JSON.stringify({ id: 5, name: 'engine:restart', request: {} }));
  for (const kind of ['starting', 'ready']) expect(await tabs[1].next()).toMatchObject({ payload: { kind } });
  expect(enginePid(served.workspace)).not.toBe(killed);
  const again = engineClient(await new Talk(port, '/engine', headers).opened());
  expect(await again.greeting).toBe(PROTOCOL_VERSION);
  await again.close();
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it, with its engine', async (signal) => {
  const { command, served } = await serve();
  const engine = enginePid(served.workspace);
  const { port, headers } = await letIn(served.url);
  const page = await new Talk(port, '/bridge', headers).opened();
  const closed = page.closed();
  command.kill(signal);
  expect(await command.ended).toEqual({ code: 0, signal: null });
  await closed;
  expect(isRunning(engine)).toBe(false);
});

test('a host that is killed leaves no engine behind', async () => {
  const { command, served } = await serve();
  const engine = enginePid(served.workspace);
  command.kill('SIGKILL');
  await command.ended;
  await vi.waitUntil(() => !isRunning(engine), waitLong);
});

test('two hosts of one workspace are both of use, and the address of one is none of the other', async () => {
  const first = await serve();
  const second = await serve([], first.served.workspace);
  expect(second.served.port).not.toBe(first.served.port);
  const visitors = [await letIn(first.served.url), await letIn(second.served.url)] as const;
  expect((await ask(visitors[0].port, '/', { headers: visitors[1].headers })).status).toBe(403);
  for (const { port, headers } of visitors) {
    const client = engineClient(await new Talk(port, '/engine', headers).opened());
    expect(await client.greeting).toBe(PROTOCOL_VERSION);
    await client.close();
  }
});

test('a port that is taken ends it with the way out, and without an engine', async () => {
  const { served } = await serve();
  const workspace = tempFolder();
  const { code, stdout, stderr } = await natscope([
    ...['serve', '--port', String(served.port), '--workspace', workspace, '--json'],
  ]);
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'OPTION_INVALID', detail: { port: served.port } } });
  expect(stderr).toContain(`port ${served.port} of 127.0.0.1 cannot be used (another program has it)`);
});

test('a workspace that cannot be one ends it with the reason', async () => {
  const { code, stdout } = await natscope(['serve', '--workspace', join(bundledSample, 'w'), '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'WORKSPACE_UNUSABLE' } });
});

test.skipIf(!canMount)(
  needingMounts('a disk that is full ends an upload with the reason, and keeps none of it'),
  async () => {
    const workspace = tempFolder();
    const command = [process.execPath, natscopeBin, 'serve', '--workspace', workspace];
    const host = new StartedCommand('unshare', onTmpfs(workspace, 'size=24m', command));
    const { port, headers } = await letIn(await host.firstLine());
    // In chunks, without a length that would be refused beforehand.
    const chunked = { ...headers, 'transfer-encoding': 'chunked' };
    const send = (bytes: number) =>
      ask(port, '/upload?name=a.pcap', { method: 'POST', headers: chunked, body: Buffer.alloc(bytes) });
    const refused = await send(40 << 20);
    expect(refused.status).toBe(507);
    expect(JSON.parse(refused.text)).toMatchObject({ ok: false, error: { code: 'WORKSPACE_FULL' } });
    // What was written is gone, or this would find no room.
    expect(await send(8 << 20)).toMatchObject({ status: 200 });
    host.kill('SIGTERM');
    await host.ended;
  },
);
