import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parseOwnerRecord } from '../../src-main/duckdb/owner-record';
import { connectWorkspace, type ConnectOptions, type WorkspaceConnection } from '../../src-main/engine/connect';
import { defaultWorkspaceDir, Workspace } from '../../src-main/engine/workspace';
import { WorkspaceOwner } from '../../src-main/engine/workspace-owner';
import { tempFolder, tempFolderForFile } from '../support/temp';
import { queryOf, sqlCalls, type ProcessAnswer, type ProcessTask } from './ownership-process';

const here = fileURLToPath(new URL('.', import.meta.url));
/** Of eight processes each that race for one workspace. */
const ROUNDS = 3;
let bundleDir: string;

/** Children and workers cannot load TypeScript, so what they run is built once for all tests. */
beforeAll(async () => {
  bundleDir = tempFolderForFile();
  symlinkSync(resolve(here, '../../node_modules'), join(bundleDir, 'node_modules'));
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: join(here, 'ownership-process.ts'),
      outDir: join(bundleDir, 'out'),
      rolldownOptions: { output: { entryFileNames: 'process.mjs' } },
    },
  });
}, 60_000);

class Child {
  readonly process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    const script = join(bundleDir, 'out', 'process.mjs');
    this.process = spawn(process.execPath, [script, 'run'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();
  }

  /** Killed when the test ends. */
  static start(): Child {
    const child = new Child();
    onTestFinished(() => child.kill());
    return child;
  }

  async ask(task: ProcessTask): Promise<ProcessAnswer> {
    this.process.stdin!.write(`${JSON.stringify(task)}\n`);
    const { value } = (await this.#lines.next()) as { value: string };
    return JSON.parse(value) as ProcessAnswer;
  }

  /** By SIGKILL, and gone when this returns. */
  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exit;
  }
}

async function askWorker(task: ProcessTask): Promise<ProcessAnswer> {
  const worker = new Worker(join(bundleDir, 'out', 'process.mjs'), { workerData: task });
  const [answer] = (await once(worker, 'message')) as [ProcessAnswer];
  await worker.terminate();
  return answer;
}

async function openHere(dir: string): Promise<Workspace> {
  const workspace = await Workspace.open(dir, { makeCalls: sqlCalls });
  onTestFinished(() => workspace.close());
  return workspace;
}

async function connectHere(dir: string, options?: ConnectOptions): Promise<WorkspaceConnection> {
  const connection = await connectWorkspace(dir, sqlCalls, options);
  onTestFinished(() => connection.close());
  return connection;
}

/** The record of an owner that was killed. */
async function leaveDeadOwner(dir: string): Promise<void> {
  const child = Child.start();
  expect(await child.ask({ action: 'open', dir })).toMatchObject({ ok: true });
  await child.kill();
  expect(existsSync(join(dir, 'owner.json'))).toBe(true);
}

const LOCKED_HERE = { code: 'WORKSPACE_LOCKED', detail: { pid: process.pid } };

describe('a workspace that is open', () => {
  test.each(['open', 'bare-database'] as const)(
    'cannot be opened again (%s) from main, from a worker or from another process',
    async (action) => {
      const dir = tempFolder();
      await openHere(dir);
      if (action === 'open') await expect(Workspace.open(dir)).rejects.toMatchObject(LOCKED_HERE);
      expect(await askWorker({ action, dir })).toMatchObject({ ok: false, ...LOCKED_HERE });
      expect(await Child.start().ask({ action, dir })).toMatchObject({ ok: false, ...LOCKED_HERE });
    },
  );

  test('cannot be opened again by another name for the same folder', async () => {
    const dir = tempFolder();
    await openHere(dir);
    const alias = join(tempFolder(), 'alias');
    symlinkSync(dir, alias);
    await expect(Workspace.open(alias)).rejects.toMatchObject(LOCKED_HERE);
  });

  test('names the other process that has it', async () => {
    const dir = tempFolder();
    const child = Child.start();
    const { pid } = await child.ask({ action: 'open', dir });
    const refusal: unknown = await Workspace.open(dir).catch((cause: unknown) => cause);
    expect(refusal).toMatchObject({ code: 'WORKSPACE_LOCKED', detail: { pid } });
    expect(String(refusal)).toContain(String(pid));
  });

  test('leaves nothing behind when it is closed, and opens again', async () => {
    const dir = tempFolder();
    const workspace = await Workspace.open(dir, { makeCalls: sqlCalls });
    const record = parseOwnerRecord(readFileSync(join(dir, 'owner.json'), 'utf8'));
    expect(record).toMatchObject({ pid: process.pid });
    expect(existsSync(record!.socketPath)).toBe(true);
    await workspace.close();
    await workspace.close();
    expect(readdirSync(dir).sort()).toEqual(['tmp', 'workspace.duckdb']);
    expect(existsSync(record!.socketPath)).toBe(false);
    await openHere(dir);
  });

  test('is given up also when one step of closing fails', async () => {
    const dir = tempFolder();
    const workspace = await Workspace.open(dir, { makeCalls: sqlCalls });
    workspace.server!.close = () => Promise.reject(new RangeError('it fails'));
    await expect(workspace.close()).rejects.toThrow('it fails');
    await openHere(dir);
  });

  test('that cannot be opened for another reason is given up', async () => {
    const dir = tempFolder();
    writeFileSync(join(dir, 'workspace.duckdb'), 'this is text');
    await expect(Workspace.open(dir)).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
    expect(existsSync(join(dir, 'owner.json'))).toBe(false);
    rmSync(join(dir, 'workspace.duckdb'));
    await openHere(dir);
  });

  test('empties tmp/ at opening', async () => {
    const dir = tempFolder();
    await (await Workspace.open(dir)).close();
    writeFileSync(join(dir, 'tmp', 'export.csv.part'), 'half');
    await openHere(dir);
    expect(readdirSync(join(dir, 'tmp'))).toEqual([]);
  });

  test('whose file another program has open is refused with its pid, and no owner.json stays', async () => {
    const dir = tempFolder();
    await (await Workspace.open(dir)).close();
    const child = Child.start();
    const { pid } = await child.ask({ action: 'bare-database', dir });
    await expect(Workspace.open(dir)).rejects.toMatchObject({ code: 'WORKSPACE_LOCKED', detail: { pid } });
    expect(existsSync(join(dir, 'owner.json'))).toBe(false);
    await expect(connectWorkspace(dir, sqlCalls)).rejects.toMatchObject({ code: 'WORKSPACE_LOCKED', detail: { pid } });
  });

  test('cannot be a file', async () => {
    const file = join(tempFolder(), 'file');
    writeFileSync(file, '');
    await expect(Workspace.open(file)).rejects.toMatchObject({ code: 'WORKSPACE_UNUSABLE', detail: { path: file } });
  });
});

describe('a dead owner', () => {
  let rivals: readonly Child[];
  beforeAll(() => {
    rivals = Array.from({ length: 8 }, () => new Child());
  });
  afterAll(() => Promise.all(rivals.map((rival) => rival.kill())));

  test('that was killed is taken over', async () => {
    const dir = tempFolder();
    await leaveDeadOwner(dir);
    await openHere(dir);
    expect(readdirSync(dir).filter((name) => name.startsWith('owner.'))).toEqual(['owner.json']);
  });

  test.runIf(process.platform === 'linux')('whose pid another process has by now is taken over', async () => {
    const dir = tempFolder();
    const record = { pid: process.pid, startTime: '1', ownerId: '0'.repeat(32), socketPath: '/nowhere' };
    writeFileSync(join(dir, 'owner.json'), JSON.stringify(record));
    await openHere(dir);
  });

  test.each([
    { name: 'nothing', text: '' },
    { name: 'half a record', text: '{"pid":12,"star' },
    { name: 'something else', text: '[]' },
  ])('that left $name in owner.json is taken over', async ({ text }) => {
    const dir = tempFolder();
    const file = join(dir, 'owner.json');
    writeFileSync(file, text);
    utimesSync(file, 1, 1);
    await openHere(dir);
  });

  test('does not lose a live owner his record: release removes only its own', async () => {
    const dir = tempFolder();
    const first = await WorkspaceOwner.acquire(dir, '/nowhere');
    const other = { ...first.record, ownerId: '0'.repeat(32) };
    writeFileSync(join(dir, 'owner.json'), JSON.stringify(other));
    first.release();
    expect(existsSync(join(dir, 'owner.json'))).toBe(true);
  });

  test.each([
    { name: 'find it', prepare: leaveDeadOwner },
    {
      name: 'find it, and the claim of one who died while taking over',
      prepare: async (dir: string) => {
        await leaveDeadOwner(dir);
        const dead = parseOwnerRecord(readFileSync(join(dir, 'owner.json'), 'utf8'));
        const claimant = { ...dead, ownerId: 'a'.repeat(32) };
        writeFileSync(join(dir, `owner.${dead!.ownerId}.claim`), JSON.stringify(claimant));
      },
    },
    {
      name: 'find an empty record',
      prepare: async (dir: string) => {
        writeFileSync(join(dir, 'owner.json'), '');
        utimesSync(join(dir, 'owner.json'), 1, 1);
        await Promise.resolve();
      },
    },
    { name: 'find nobody', prepare: () => Promise.resolve() },
  ])('has one heir when eight processes $name at once', { timeout: 60_000 }, async ({ prepare }) => {
    for (let round = 0; round < ROUNDS; round++) {
      const dir = tempFolder();
      await prepare(dir);
      // Loaded and awake by then, so that they meet.
      const atMs = Date.now() + (round === 0 ? 1000 : 50);
      const answers = await Promise.all(rivals.map((rival) => rival.ask({ action: 'own', dir, atMs })));
      const heirs = answers.filter(({ ok }) => ok);
      expect(heirs).toHaveLength(1);
      const others = answers.filter((answer) => !answer.ok);
      for (const other of others) {
        expect(other).toMatchObject({ code: 'WORKSPACE_LOCKED', detail: { pid: heirs[0]!.pid } });
      }
      expect(readdirSync(dir).filter((name) => /^owner\..*(claim|replacement)$/.test(name))).toEqual([]);
    }
  });

  test('has one heir when eight processes open the workspace at once', { timeout: 60_000 }, async () => {
    const dir = tempFolder();
    await leaveDeadOwner(dir);
    const answers = await Promise.all(rivals.map((rival) => rival.ask({ action: 'open', dir })));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.filter((answer) => !answer.ok && answer.code === 'WORKSPACE_LOCKED')).toHaveLength(7);
  });
});

describe('a client of a workspace', () => {
  const ROWS = 300_000;
  const SQL = `SELECT range FROM range(${ROWS})`;
  const SUM = (ROWS * (ROWS - 1)) / 2;

  test('in another process gets whole results over the socket of the owner', async () => {
    const dir = tempFolder();
    await openHere(dir);
    const children = [Child.start(), Child.start()];
    const answers = await Promise.all(children.map((child) => child.ask({ action: 'query', dir, text: SQL })));
    expect(answers).toMatchObject([1, 2].map(() => ({ ok: true, rows: ROWS, sum: SUM })));
  });

  test('in the process of the owner is one by memory, and a second one by the socket', async () => {
    const dir = tempFolder();
    const first = await connectHere(dir);
    const second = await connectHere(dir);
    expect([first.isOwner, second.isOwner]).toEqual([true, false]);
    for (const { client } of [first, second]) {
      let sum = 0;
      const onBatch: NonNullable<Parameters<typeof client.call>[2]>['onBatch'] = ({ columns }) => {
        for (const value of columns[0]!.data) sum += Number(value);
      };
      const outcome = await client.call('query:run', queryOf(SQL), { onBatch }).outcome;
      expect(outcome).toMatchObject({ ok: true, value: { rowCount: ROWS } });
      expect(sum).toBe(SUM);
    }
  });

  test('that reads slowly holds the query back, and cancels it over the socket', async () => {
    const dir = tempFolder();
    const child = Child.start();
    await child.ask({ action: 'serve', dir });
    const { client, isOwner } = await connectHere(dir);
    expect(isOwner).toBe(false);
    let batches = 0;
    const call = client.call('query:run', queryOf('SELECT range FROM range(100000000000)'), {
      onBatch: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        if (++batches >= 5) call.cancel();
      },
    });
    expect(await call.outcome).toMatchObject({ ok: false, error: { code: 'QUERY_CANCELLED' } });
    expect(batches).toBeLessThanOrEqual(9);
    const after = await client.call('query:run', queryOf('SELECT 1')).outcome;
    expect(after).toMatchObject({ ok: true, value: { rowCount: 1 } });
  });

  test('whose owner is killed is told ENGINE_GONE, and becomes the owner by connecting again', async () => {
    const dir = tempFolder();
    const child = Child.start();
    await child.ask({ action: 'serve', dir });
    const first = await connectHere(dir);
    let kill: Promise<void> | undefined;
    const call = first.client.call('query:run', queryOf('SELECT range FROM range(100000000000)'), {
      onBatch: () => void (kill ??= child.kill()),
    });
    expect(await call.outcome).toMatchObject({ ok: false, error: { code: 'ENGINE_GONE' } });
    await kill;
    expect((await connectHere(dir)).isOwner).toBe(true);
  });

  test('whose owner does not listen is refused with its pid', async () => {
    const dir = tempFolder();
    const child = Child.start();
    const { pid } = await child.ask({ action: 'open', dir });
    const refusal = connectWorkspace(dir, sqlCalls, { ownerStartsMs: 200 });
    await expect(refusal).rejects.toMatchObject({ code: 'WORKSPACE_LOCKED', detail: { pid } });
  });

  test('has its answer when several start at once after a dead owner, whichever of them takes over', async () => {
    const dir = tempFolder();
    await leaveDeadOwner(dir);
    const children = [1, 2, 3].map(() => Child.start());
    const answers = await Promise.all(children.map((child) => child.ask({ action: 'query', dir, text: 'SELECT 7' })));
    // The first to finish ends its engine, which another may be using: that one is told so, and not left without answer.
    expect(answers.some(({ ok }) => ok)).toBe(true);
    for (const answer of answers) {
      expect(answer).toMatchObject(answer.ok ? { rows: 1, sum: 7 } : { code: 'ENGINE_GONE' });
    }
  });
});

describe('the default workspace', () => {
  test.each([
    { name: 'the one named', env: { NATSCOPE_WORKSPACE: '/w', XDG_DATA_HOME: '/x' }, dir: '/w' },
    { name: "the desktop's data folder", env: { XDG_DATA_HOME: '/x' }, dir: '/x/natscope/default' },
  ])('is $name', ({ env, dir }) => {
    if (process.platform === 'linux') expect(defaultWorkspaceDir(env)).toBe(dir);
  });
});
