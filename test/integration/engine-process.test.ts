import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createClient, type GreetedClient } from '../../src-main/contract/engine-client';
import { AppError } from '../../src-main/contract/errors';
import type { EngineState } from '../../src-main/contract/host-bridge';
import { FrameReader, MAX_REQUEST_BYTES } from '../../src-main/contract/frame-codec';
import type { ImportRequest } from '../../src-main/contract/imports';
import type { Calls, CallName } from '../../src-main/contract/ipc';
import type { QueryRequest } from '../../src-main/contract/query';
import { PROTOCOL_VERSION } from '../../src-main/contract/wire';
import type { EngineChild } from '../../src-main/engine/engine-child';
import { EngineProcess } from '../../src-main/engine/engine-process';
import { forkEngine } from '../../src-main/engine/fork-engine';
import { textCoder } from '../../src-main/engine/protocol/text-coder';
import { SocketTransport } from '../../src-main/engine/protocol/socket-transport';
import { builtEntry } from '../support/built';
import { bundledSample } from '../support/captures';
import { natscope } from '../support/command';
import { endlessCapture } from '../support/endless-capture';
import { seededRandom } from '../support/random';
import { isRunning } from '../support/started-command';
import { tempFolder } from '../support/temp';

const KILLS = 4;
let entryPath = '';
beforeAll(async () => {
  entryPath = await builtEntry('engine-entry');
});

interface Host {
  readonly engine: EngineProcess;
  readonly states: EngineState[];
  /** What was launched, the newest last. */
  readonly children: EngineChild[];
}

/** Stopped when the test ends. */
function hostOf(workspaceDir: string, entry = entryPath): Host {
  const children: EngineChild[] = [];
  const launch = (path: string, args: readonly string[]): EngineChild => {
    const child = forkEngine(path, args);
    children.push(child);
    return child;
  };
  const engine = new EngineProcess({ launch, entryPath: entry, workspaceDir });
  const states: EngineState[] = [];
  engine.onState((state) => states.push(state));
  onTestFinished(async () => {
    await engine.stop();
  });
  return { engine, states, children };
}

async function clientOf(engine: EngineProcess): Promise<GreetedClient> {
  const client = createClient(new SocketTransport(await engine.connect()));
  onTestFinished(() => client.close());
  return client;
}

async function ask<K extends CallName>(
  client: GreetedClient,
  name: K,
  request: Calls[K]['request'],
): Promise<Calls[K]['reply']> {
  const outcome = await client.call(name, request).outcome;
  if (!outcome.ok) throw AppError.fromShape(outcome.error);
  return outcome.value;
}

const importOf = (captures: readonly string[]): ImportRequest => ({
  ...{ captures, project: 'local', logstore: 'session-log', inside: [], eips: [], seed: 0, layer: 'auto' },
  ...{ createIndex: true, again: true, keepGoing: false },
});
const queryOf = (changes: Partial<QueryRequest>): QueryRequest => ({
  ...{ text: '*', project: 'local', logstore: 'session-log', from: null, to: null, zone: 'UTC' },
  ...{ limit: null, offset: 0, reverse: false, snapshot: null, ...changes },
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

function kill({ children }: Host): void {
  const pid = children.at(-1)?.pid;
  if (pid === undefined) throw new RangeError('nothing was launched');
  process.kill(pid, 'SIGKILL');
}

describe('an engine process', () => {
  test('takes connections when it is ready, and answers on them', async () => {
    const dir = tempFolder();
    const { engine, states } = hostOf(dir);
    expect(engine.state).toEqual({ kind: 'starting' });
    await engine.start();
    expect(engine.workspaceDir).toBe(dir);
    const clients = [await clientOf(engine), await clientOf(engine)];
    for (const client of clients) expect(await client.greeting).toBe(PROTOCOL_VERSION);
    const report = await ask(clients[0]!, 'import:run', importOf([bundledSample]));
    expect(await ask(clients[1]!, 'import:read', { run: report.run })).toMatchObject({ ledger: report.ledger });
    await engine.stop();
    expect(states.map(({ kind }) => kind)).toEqual(['ready', 'down']);
    expect(readdirSync(dir).sort()).toEqual(['tmp', 'workspace.duckdb']);
    await expect(engine.connect()).rejects.toMatchObject({ code: 'ENGINE_GONE' });
  });

  test('is started by the first connection, once for all that come together', async () => {
    const host = hostOf(tempFolder());
    const sockets = await Promise.all([host.engine.connect(), host.engine.connect(), host.engine.connect()]);
    expect(host.children).toHaveLength(1);
    for (const socket of sockets) socket.destroy();
  });

  test('that is killed is down, says how, and serves again after a restart', async () => {
    const host = hostOf(tempFolder());
    const client = await clientOf(host.engine);
    await ask(client, 'import:run', importOf([bundledSample]));
    const down = new Promise<EngineState>((resolve) => host.engine.onState(resolve));
    kill(host);
    const detail = { signal: 'SIGKILL', exitCode: null, stderr: '' };
    expect(await down).toMatchObject({ kind: 'down', error: { code: 'ENGINE_GONE', detail } });
    await expect(host.engine.connect()).rejects.toMatchObject({ code: 'ENGINE_GONE', detail });
    await Promise.all([host.engine.restart(), host.engine.restart()]);
    expect(host.children).toHaveLength(2);
    expect(host.states.map(({ kind }) => kind)).toEqual(['ready', 'down', 'starting', 'ready']);
    const { imports } = await ask(await clientOf(host.engine), 'workspace:read', {});
    expect(imports).toHaveLength(1);
  });

  test('is exchanged by a restart while it runs', async () => {
    const host = hostOf(tempFolder());
    await host.engine.start();
    await host.engine.restart();
    expect(host.states.map(({ kind }) => kind)).toEqual(['ready', 'starting', 'ready']);
    expect(isRunning(host.children[0]!.pid!)).toBe(false);
    await clientOf(host.engine);
  });

  test.each([
    {
      name: 'a workspace that is a file',
      make: () => {
        const file = join(tempFolder(), 'file');
        writeFileSync(file, '');
        return { dir: file, entry: entryPath };
      },
      code: 'WORKSPACE_UNUSABLE',
      detail: {},
    },
    {
      name: 'a program that is not there',
      make: () => ({ dir: tempFolder(), entry: '/nowhere/engine-entry.js' }),
      code: 'ENGINE_GONE',
      detail: { exitCode: 1, stderr: expect.stringContaining('/nowhere/engine-entry.js') as string },
    },
  ])('that cannot start because of $name is down with the cause', async ({ make, code, detail }) => {
    const { dir, entry } = make();
    const { engine } = hostOf(dir, entry);
    await expect(engine.start()).rejects.toMatchObject({ code, detail });
    expect(engine.state).toMatchObject({ kind: 'down', error: { code } });
    await expect(engine.connect()).rejects.toMatchObject({ code });
  });

  test('that prints a lot before it ends leaves its last lines', async () => {
    const script = join(tempFolder(), 'noisy.mjs');
    writeFileSync(script, `for (let n = 0; n < 100000; n++) console.error('line ' + n); process.exitCode = 7;`);
    const { engine } = hostOf(tempFolder(), script);
    const cause: unknown = await engine.start().catch((error: unknown) => error);
    expect(cause).toMatchObject({ code: 'ENGINE_GONE', detail: { exitCode: 7 } });
    const lines = String((cause as AppError).detail['stderr']).split('\n');
    expect(lines).toHaveLength(20);
    expect(lines.at(-1)).toBe('line 99999');
  });
});

describe('a workspace that has an engine', () => {
  test('is served by that one, and by an own one when it has gone', async () => {
    const dir = tempFolder();
    const [first, second] = [hostOf(dir), hostOf(dir)];
    await first.engine.start();
    await second.engine.start();
    expect(second.engine.state).toEqual({ kind: 'ready' });
    await until(() => !isRunning(second.children[0]!.pid!));
    expect(second.engine.state).toEqual({ kind: 'ready' });
    await ask(await clientOf(second.engine), 'import:run', importOf([bundledSample]));
    kill(first);
    await until(() => first.engine.state.kind === 'down');
    const { imports } = await ask(await clientOf(second.engine), 'workspace:read', {});
    expect(imports).toHaveLength(1);
    expect(second.children).toHaveLength(2);
    expect(second.states.map(({ kind }) => kind)).toEqual(['ready', 'starting', 'ready']);
    // The first host finds that one in turn.
    await first.engine.restart();
    expect(await ask(await clientOf(first.engine), 'workspace:read', {})).toMatchObject({ imports: [{ run: 1 }] });
  });
});

describe('an import of an engine process', () => {
  test('that is cancelled is answered so, and nothing of it is kept', async () => {
    const { engine } = hostOf(tempFolder());
    const client = await clientOf(engine);
    await ask(client, 'import:run', importOf([bundledSample]));
    const before = await ask(client, 'workspace:read', {});
    const running = client.call('import:run', importOf([endlessCapture()]), {
      onEvent: (_name, progress) => {
        if ('windows' in progress && progress.windows >= 1) running.cancel();
      },
    });
    expect(await running.outcome).toMatchObject({ ok: false, error: { code: 'IMPORT_CANCELLED' } });
    expect(await ask(client, 'workspace:read', {})).toEqual(before);
  });

  test(`that is killed at ${KILLS} moments leaves nothing, and everything from before`, async () => {
    const host = hostOf(tempFolder());
    await ask(await clientOf(host.engine), 'import:run', importOf([bundledSample]));
    const before = await ask(await clientOf(host.engine), 'workspace:read', {});
    const total = { text: '* | select count(*), sum(bytes_from_vpc), max(end_time) from log' };
    const sums = async (): Promise<string[]> => {
      const values: string[] = [];
      const client = await clientOf(host.engine);
      await client.call('query:run', queryOf(total), {
        onBatch: ({ columns }) =>
          void values.push(...columns.map((column) => JSON.stringify([...column.data], String))),
      }).outcome;
      return values;
    };
    const expected = await sums();
    const random = seededRandom(7);
    for (let kills = 0; kills < KILLS; kills++) {
      const client = await clientOf(host.engine);
      const atWindow = random.int(0, 4);
      let isKilled = false;
      const down = new Promise<void>((resolve) => {
        const stop = host.engine.onState(({ kind }) => {
          if (kind !== 'down') return;
          stop();
          resolve();
        });
      });
      const running = client.call('import:run', importOf([endlessCapture()]), {
        onEvent: (_name, progress) => {
          if (isKilled || !('windows' in progress) || progress.windows < atWindow) return;
          isKilled = true;
          kill(host);
        },
      });
      expect(await running.outcome).toMatchObject({ ok: false, error: { code: 'ENGINE_GONE' } });
      await down;
      await host.engine.restart();
      expect(await ask(await clientOf(host.engine), 'workspace:read', {})).toEqual(before);
      expect(await sums()).toEqual(expected);
    }
  });
});

describe('an export', () => {
  test.each([
    { name: 'a search', query: { text: 'protocol:6' }, args: ['protocol:6'] },
    {
      name: 'the newest entries of a range',
      query: { from: '-2m', limit: 50, reverse: true },
      args: ['*', '--from', '-2m', '--limit', '50', '--reverse'],
    },
    {
      name: 'a statement with commas, quotes and NULL',
      query: {
        text: `* | select pri_ip, 'a,"b"' as x, '' as y, null as z, 0.1 as w, start_time from log order by start_time, pri_ip, pri_port, pub_ip`,
      },
      args: [
        `* | select pri_ip, 'a,"b"' as x, '' as y, null as z, 0.1 as w, start_time from log order by start_time, pri_ip, pri_port, pub_ip`,
      ],
    },
    { name: 'nothing', query: { text: 'protocol:200' }, args: ['protocol:200'] },
  ])('of $name is byte for byte what the command writes', async ({ query, args }) => {
    const folder = tempFolder();
    const dir = join(folder, 'workspace');
    const { engine } = hostOf(dir);
    const client = await clientOf(engine);
    await ask(client, 'import:run', importOf([bundledSample]));
    const { file, bytes, rowCount } = await ask(client, 'export:run', { query: queryOf(query), format: 'csv' });
    const out = join(folder, 'out.csv');
    const command = await natscope(['query', ...args, '--workspace', dir, '--format', 'csv', '--out', out]);
    expect(command.code).toBe(0);
    const exported = readFileSync(join(dir, 'tmp', 'exports', file));
    expect(exported.equals(readFileSync(out))).toBe(true);
    expect(exported.length).toBe(bytes);
    expect(command.stderr).toContain(`${rowCount} row`);
  });
});

describe('a client that asks for too much', () => {
  test('by a thousand queries at once is served in order, and others beside it', async () => {
    const { engine } = hostOf(tempFolder());
    const [greedy, other] = [await clientOf(engine), await clientOf(engine)];
    await ask(other, 'import:run', importOf([bundledSample]));
    let answered = 0;
    const calls = Array.from({ length: 1000 }, () => greedy.call('query:run', queryOf({ limit: 1 })));
    const outcomes = calls.map(async ({ outcome }) => {
      const settled = await outcome;
      answered += 1;
      return settled.ok ? 'done' : settled.error.code;
    });
    await outcomes[0];
    expect(await other.call('query:run', queryOf({ limit: 1 })).outcome).toMatchObject({ ok: true });
    // Served after all of them it would be a thousand; how many of the first few are told by now depends on this process.
    expect(answered).toBeLessThan(500);
    for (const call of calls) call.cancel();
    const told = await Promise.all(outcomes);
    expect(told[0]).toBe('done');
    // Those that waited cost nothing any more: they were cancelled together, and none was begun but what ran at the time.
    const firstCancelled = told.indexOf('QUERY_CANCELLED');
    expect(firstCancelled).toBeGreaterThan(0);
    expect(told.slice(firstCancelled).filter((code) => code !== 'QUERY_CANCELLED').length).toBeLessThan(100);
  });

  test.runIf(process.platform === 'linux')(
    'by long requests that are half sent is told so, and the memory for them is bounded',
    async () => {
      const host = hostOf(tempFolder());
      const client = await clientOf(host.engine);
      await client.greeting;
      const residentBytes = (): number => {
        const status = readFileSync(`/proc/${host.children[0]!.pid!}/status`, 'utf8');
        return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1]) * 1024;
      };
      const before = residentBytes();
      /** The most that a request may have, without its last byte. */
      const half = Buffer.alloc(MAX_REQUEST_BYTES - 1);
      half.writeUInt32LE(MAX_REQUEST_BYTES);
      const send = async (bytes: Buffer): Promise<{ readonly code: Promise<string | null> }> => {
        const socket = await host.engine.connect();
        onTestFinished(() => void socket.destroy());
        const reader = new FrameReader(textCoder);
        let code: string | null = null;
        socket.on('error', () => undefined);
        socket.on('data', (chunk: Buffer) => {
          for (const frame of reader.push(chunk)) if (frame.kind === 'goodbye') code = frame.error.code;
        });
        const closed = new Promise<string | null>((resolve) => socket.on('close', () => resolve(code)));
        const written = new Promise<null>((resolve) => socket.write(bytes, () => resolve(null)));
        await Promise.race([closed, written]);
        return { code: closed };
      };
      expect(await (await send(Buffer.from(Uint32Array.of(MAX_REQUEST_BYTES + 1).buffer))).code).toBe(
        'REQUEST_INVALID',
      );
      const senders = [];
      for (let at = 0; at < 40; at++) senders.push(await send(half));
      // Four are held, and keep their place.
      for (const { code } of senders.slice(5)) expect(await code).toBe('ENGINE_BUSY');
      expect(await ask(client, 'workspace:read', {})).toMatchObject({ imports: [] });
      // Of 40 times 16 MiB.
      expect(residentBytes() - before).toBeLessThan(200 << 20);
    },
  );
});

test('an engine whose host is killed finishes the calls of others, closes the workspace and ends', async () => {
  const dir = join(tempFolder(), 'workspace');
  const script = `
    const child = require('node:child_process').fork(process.argv[1], [process.argv[2]]);
    child.on('message', (message) => console.log(JSON.stringify(message)));
  `;
  const host = spawn(process.execPath, ['-e', script, entryPath, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void host.kill('SIGKILL'));
  const { value } = (await createInterface({ input: host.stdout })[Symbol.asyncIterator]().next()) as { value: string };
  const message = JSON.parse(value) as { readonly pid: number; readonly isOwner: boolean };
  expect(message).toMatchObject({ kind: 'listening', isOwner: true });
  const watching = hostOf(dir);
  const client = await clientOf(watching.engine);
  await ask(client, 'import:run', importOf([bundledSample]));
  let isAtWork: () => void = () => undefined;
  const atWork = new Promise<void>((resolve) => (isAtWork = resolve));
  const endless = { text: '* | select a.pri_ip from log a, log b, log c, log d' };
  const running = client.call('query:run', queryOf(endless), { onBatch: () => isAtWork() });
  await atWork;
  host.kill('SIGKILL');
  await once(host, 'exit');
  // It is served as long as that runs, which others are as well.
  expect(await ask(await clientOf(hostOf(dir).engine), 'workspace:read', {})).toMatchObject({ imports: [{ run: 1 }] });
  running.cancel();
  expect(await running.outcome).toMatchObject({ ok: false, error: { code: 'QUERY_CANCELLED' } });
  await until(() => !isRunning(message.pid));
  expect(readdirSync(dir).sort()).toEqual(['tmp', 'workspace.duckdb']);
});
