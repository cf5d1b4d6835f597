import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createClient, type GreetedClient } from '../../src-main/contract/engine-client';
import { ownerFile, readOwnerRecord } from '../../src-main/duckdb/owner-record';
import { connectWorkspace } from '../../src-main/engine/connect';
import type { EngineCalls } from '../../src-main/engine/engine-calls';
import { openSocket } from '../../src-main/engine/protocol/open-socket';
import { SocketTransport } from '../../src-main/engine/protocol/socket-transport';
import { Workspace } from '../../src-main/engine/workspace';
import { bundledSample } from '../support/captures';
import { natscope, natscopeBin } from '../support/command';
import { handlersWith, unchecked } from '../support/engine-calls';
import { ask, letIn } from '../support/host-client';
import { manySessions } from '../support/many-sessions';
import { pcapFile } from '../support/pcap-writer';
import { isRunning, StartedCommand } from '../support/started-command';
import { tempFolder, tempFolderForFile } from '../support/temp';
import { MILLISECOND } from '../support/time';
import { queryOf } from './ownership-process';

/** Enough for an import of a second or two. */
const SESSIONS = 500_000;
let many = '';
beforeAll(() => {
  many = join(tempFolderForFile(), 'many.pcap');
  writeFileSync(many, pcapFile(manySessions(SESSIONS, 20n * MILLISECOND)));
});

const waitLong = { timeout: 60_000, interval: 20 };

function start(...args: readonly string[]): StartedCommand {
  return new StartedCommand(process.execPath, [natscopeBin, ...args]);
}

async function serve(workspace: string) {
  const command = start('serve', '--workspace', workspace, '--json');
  const { url } = JSON.parse(await command.firstLine()) as { readonly url: string };
  const owner = readOwnerRecord(ownerFile(workspace));
  if (typeof owner === 'string') throw new Error(`the host has no engine: its record is ${owner}`);
  return { command, url, engine: owner.pid };
}

/** An import of another process, when its first packets are read. */
async function importing(workspace: string): Promise<StartedCommand> {
  const command = start('import', many, '--workspace', workspace, '--progress', 'always', '--json');
  await vi.waitUntil(() => command.stderr.includes('%'), waitLong);
  return command;
}

async function entriesOf(workspace: string): Promise<number> {
  const { stdout } = await natscope([
    ...['query', '* | select count(*) as n from log', '--workspace', workspace, '--format', 'json'],
  ]);
  return Number((JSON.parse(stdout) as readonly { readonly n: number }[])[0]?.n);
}

async function expectGone(workspace: string, engine: number): Promise<void> {
  await vi.waitUntil(() => !isRunning(engine), waitLong);
  expect(existsSync(ownerFile(workspace))).toBe(false);
}

describe('an import that another command runs in the engine of a host', () => {
  test.each([
    { how: 'is ended by Ctrl-C', signal: 'SIGINT', ended: { code: 0, signal: null } },
    { how: 'is killed', signal: 'SIGKILL', ended: { code: null, signal: 'SIGKILL' } },
  ] as const)('goes on when the host $how, and the engine ends after it', async ({ signal, ended }) => {
    const workspace = tempFolder();
    const { command, engine } = await serve(workspace);
    const other = await importing(workspace);
    let isImported = false;
    void other.ended.then(() => (isImported = true));
    command.kill(signal);
    expect(await command.ended).toEqual(ended);
    expect(isImported).toBe(false);
    expect(command.stderr).toBe(
      signal === 'SIGKILL'
        ? ''
        : `Process ${engine} finishes what another command or host does in this workspace, and ends with it.\n`,
    );
    // Who comes meanwhile is served, or has the workspace when the engine is gone.
    const second = await natscope(['import', bundledSample, '--workspace', workspace, '--json']);
    expect(second).toMatchObject({ code: 0 });
    expect(await other.ended).toEqual({ code: 0, signal: null });
    expect(JSON.parse(other.stdout)).toMatchObject({ balanced: true, packets: { read: SESSIONS } });
    await expectGone(workspace, engine);
    const { log_entries: sampled } = JSON.parse(second.stdout) as { readonly log_entries: number };
    expect(await entriesOf(workspace)).toBe(SESSIONS + sampled);
  });

  test('goes on when the host is exchanged, which serves pages meanwhile and after it', async () => {
    const workspace = tempFolder();
    const first = await serve(workspace);
    const other = await importing(workspace);
    first.command.kill('SIGTERM');
    await first.command.ended;
    const second = await serve(workspace);
    const { port, headers } = await letIn(second.url);
    expect(await ask(port, '/', { headers })).toMatchObject({ status: 200 });
    expect(await other.ended).toEqual({ code: 0, signal: null });
    await vi.waitUntil(() => !isRunning(first.engine), waitLong);
    expect(await entriesOf(workspace)).toBe(SESSIONS);
  });
});

test('a second Ctrl-C ends a host at once that waits for its engine, and says so before', async () => {
  const workspace = tempFolder();
  const { command, engine } = await serve(workspace);
  process.kill(engine, 'SIGSTOP');
  try {
    command.kill('SIGINT');
    await vi.waitUntil(() => command.stderr !== '', waitLong);
    expect(command.stderr).toBe('Ending the engine … Ctrl-C again ends at once.\n');
    command.kill('SIGINT');
    expect(await command.ended).toEqual({ code: null, signal: 'SIGINT' });
  } finally {
    process.kill(engine, 'SIGCONT');
  }
  await expectGone(workspace, engine);
});

describe('an owner that ends', () => {
  /** An engine whose queries are held until the test lets them go, by their text. */
  class HeldQueries {
    readonly #begun = new Set<string>();
    readonly #releases = new Map<string, () => void>();

    readonly makeCalls = (): EngineCalls => ({
      handlers: handlersWith({
        'query:run': async ({ text }) => {
          this.#begun.add(text);
          await new Promise<void>((resolve) => this.#releases.set(text, resolve));
          return {
            rowCount: 0,
            columns: [],
            range: null,
            snapshot: { maxRun: null, startedMs: null, hidden: [], runs: 0 },
            notices: [],
            sql: text,
          };
        },
        'workspace:read': () => Promise.resolve({ workspace: '/w', logstores: [], imports: [] }),
      }),
      parseRequest: unchecked,
    });

    begun = (text: string): Promise<true> => vi.waitUntil(() => this.#begun.has(text), waitLong);
    release = (text: string): void => this.#releases.get(text)?.();
  }

  async function join(workspace: Workspace): Promise<GreetedClient> {
    const socket = await openSocket(workspace.socketPath);
    if (socket === null) throw new Error('nobody listens');
    const client = createClient(new SocketTransport(socket));
    onTestFinished(() => client.close());
    return client;
  }

  /** A workspace of a client whose query, `first`, runs until it is released. */
  async function busyWorkspace() {
    const dir = tempFolder();
    const held = new HeldQueries();
    const workspace = await Workspace.open(dir, { makeCalls: held.makeCalls });
    onTestFinished(() => workspace.close());
    const first = await join(workspace);
    const running = first.call('query:run', queryOf('first')).outcome;
    await held.begun('first');
    return { dir, held, workspace, first, running };
  }

  test('serves all until what ran is done, then begins nothing, and leaves the workspace to who waits', async () => {
    const { dir, held, workspace, first, running } = await busyWorkspace();
    let isDrained = false;
    const drained = workspace.drain().then(() => (isDrained = true));

    // Who comes while it waits is served.
    const joined = await connectWorkspace(dir, held.makeCalls);
    expect(joined.isOwner).toBe(false);
    expect(await joined.client.call('workspace:read', {}).outcome).toMatchObject({ ok: true });
    const later = joined.client.call('query:run', queryOf('later')).outcome;
    await held.begun('later');
    const idle = await join(workspace);
    await idle.greeting;
    held.release('first');
    expect(await running).toMatchObject({ ok: true });

    // What has come meanwhile is finished, and nothing else is begun.
    await vi.waitUntil(() => !existsSync(workspace.socketPath), waitLong);
    expect(readOwnerRecord(ownerFile(dir))).toMatchObject({ isClosing: true });
    const gone = {
      ok: false,
      error: { code: 'ENGINE_GONE', message: expect.stringContaining('about to end') as string },
    };
    await vi.waitUntil(async () => !(await idle.call('workspace:read', {}).outcome).ok, waitLong);
    for (const client of [first, idle, joined.client]) {
      expect(await client.call('workspace:read', {}).outcome).toMatchObject(gone);
    }
    const next = connectWorkspace(dir, held.makeCalls, { ownerStartsMs: 0 });
    // Far longer than an owner that is silent is waited for.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isDrained).toBe(false);
    held.release('later');
    expect(await later).toMatchObject({ ok: true });
    await drained;
    await workspace.close();
    const owned = await next;
    expect(owned.isOwner).toBe(true);
    await owned.close();
    expect(readdirSync(dir).sort()).toEqual(['tmp', 'workspace.duckdb']);
  });

  test('is not waited for against the will of who waits, and names itself meanwhile', async () => {
    const { dir, held, workspace, running } = await busyWorkspace();
    const drained = workspace.drain();
    const joined = await connectWorkspace(dir, held.makeCalls);
    const later = joined.client.call('query:run', queryOf('later')).outcome;
    await held.begun('later');
    held.release('first');
    await running;
    await vi.waitUntil(() => !existsSync(workspace.socketPath), waitLong);

    const waiting = new AbortController();
    const onWaiting = vi.fn<(pid: number) => void>();
    const next = connectWorkspace(dir, held.makeCalls, { onWaiting, signal: waiting.signal });
    const refused = expect(next).rejects.toMatchObject({ code: 'WORKSPACE_LOCKED', detail: { pid: process.pid } });
    await vi.waitUntil(() => onWaiting.mock.calls.length > 0, waitLong);
    expect(onWaiting.mock.calls).toEqual([[process.pid]]);
    waiting.abort();
    await refused;
    held.release('later');
    await later;
    await drained;
  });

  test('is not kept by a client that makes one call after the other', async () => {
    const dir = tempFolder();
    const held = new HeldQueries();
    const workspace = await Workspace.open(dir, { makeCalls: held.makeCalls });
    const client = await join(workspace);
    let calls = 0;
    const asking = (async () => {
      while ((await client.call('workspace:read', {}).outcome).ok) calls += 1;
    })();
    await vi.waitUntil(() => calls > 0, waitLong);
    await workspace.drain();
    await asking;
    await workspace.close();
  });
});

test('what an engine without its host finishes is not kept by a host that is only there', async () => {
  const workspace = tempFolder();
  const { command, engine } = await serve(workspace);
  const second = await serve(workspace);
  expect(second.engine).toBe(engine);
  const { port, headers } = await letIn(second.url);
  expect(await ask(port, '/', { headers })).toMatchObject({ status: 200 });
  command.kill('SIGINT');
  expect(await command.ended).toEqual({ code: 0, signal: null });
  await expectGone(workspace, engine);
});
