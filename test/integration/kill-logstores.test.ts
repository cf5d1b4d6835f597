import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { natscopeBin } from '../support/command';
import { natscopeHere } from '../support/command-here';
import { seededRandom } from '../support/random';
import { tempFolder } from '../support/temp';

/** Of each kind. */
const KILLS = Number(process.env['NATSCOPE_KILLS'] ?? 6);
const ENTRIES = 20_000;
/** Per kill: commands that set it up, that is killed, and that looks at what is left, on a machine that has much else to do. */
const TIMEOUT_MS = 60_000 + KILLS * 60_000;

function writeEntries(path: string, from: number): void {
  const line = (_: unknown, index: number): string =>
    `{"time":${1_700_000_000 + index},"n":${from + index},"s":"x${index % 7}"}\n`;
  writeFileSync(path, Array.from({ length: ENTRIES }, line).join(''));
}

/** Runs a command and kills it at some moment of its life. @returns whether it was killed, and how long it lived */
async function killed(
  args: readonly string[],
  afterMs: number,
): Promise<{ readonly isKilled: boolean; readonly ms: number }> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [natscopeBin, ...args], { stdio: 'ignore' });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on('exit', (_code, signal) => {
      resolve(signal);
    });
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
  const signal = await ended;
  clearTimeout(timer);
  return { isKilled: signal === 'SIGKILL', ms: performance.now() - startMs };
}

async function killLoop(
  args: readonly string[],
  look: () => Promise<void>,
  prepare: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const random = seededRandom(4711);
  let kills = 0;
  let wholeMs = 1500;
  for (let attempt = 0; kills < KILLS && attempt < 4 * KILLS; attempt++) {
    await prepare();
    const { isKilled, ms } = await killed(args, wholeMs * (0.3 + (0.7 * random.int(0, 1000)) / 1000));
    await look();
    if (isKilled) kills++;
    // The machine has less else to do than before, or more.
    wholeMs = isKilled ? wholeMs * 1.1 : ms;
  }
  expect(kills).toBe(KILLS);
}

async function ask(workspace: string, ...args: string[]): Promise<unknown> {
  const { stdout } = await natscopeHere([...args, '--workspace', workspace, '--json']);
  return JSON.parse(stdout);
}

test(`kill -9 at ${KILLS} moments of a load leaves all of it or nothing`, { timeout: TIMEOUT_MS }, async () => {
  const folder = tempFolder();
  const workspace = join(folder, 'workspace');
  const path = join(folder, 'log.ndjson');
  writeEntries(path, 0);
  await ask(workspace, 'load', path);
  const sumOfOne = (ENTRIES * (ENTRIES - 1)) / 2;
  await killLoop(['load', path, '--again', '--workspace', workspace], async () => {
    const [row] = (await ask(workspace, 'query', '* | SELECT count(*) AS n, sum(n) AS sum', '--logstore', 'log')) as [
      { n: number; sum: number },
    ];
    expect(row.n % ENTRIES).toBe(0);
    expect(row.n).toBeGreaterThanOrEqual(ENTRIES);
    expect(row.sum).toBe((row.n / ENTRIES) * sumOfOne);
    expect(await ask(workspace, 'logstore', 'show', 'log')).toMatchObject({ entries: row.n });
  });
});

test(
  `kill -9 at ${KILLS} moments of reindex leaves the old index or the new one`,
  { timeout: TIMEOUT_MS },
  async () => {
    const folder = tempFolder();
    const workspace = join(folder, 'workspace');
    const path = join(folder, 'log.ndjson');
    writeEntries(path, 0);
    await ask(workspace, 'load', path);
    const { config } = (await ask(workspace, 'index', 'show', '--logstore', 'log')) as { config: { keys: object } };
    const narrow = join(folder, 'narrow.json');
    const wide = join(folder, 'wide.json');
    writeFileSync(narrow, JSON.stringify({ keys: { n: { type: 'long' } } }));
    writeFileSync(wide, JSON.stringify(config));
    await killLoop(
      ['index', 'reindex', '--logstore', 'log', '--workspace', workspace],
      async () => {
        const { older_entries: older, config: current } = (await ask(
          workspace,
          'index',
          'show',
          '--logstore',
          'log',
        )) as {
          older_entries: number;
          config: { keys: object };
        };
        expect([0, ENTRIES]).toContain(older);
        expect(Object.keys(current.keys)).toEqual(['n']);
        expect(await ask(workspace, 'query', '* | SELECT count(*) AS c', '--logstore', 'log')).toEqual([
          { c: ENTRIES },
        ]);
      },
      async () => {
        await ask(workspace, 'index', 'set', wide, '--logstore', 'log', '--reindex');
        await ask(workspace, 'index', 'set', narrow, '--logstore', 'log');
      },
    );
  },
);

test(
  `kill -9 at ${KILLS} moments of a deletion leaves the whole Logstore or none`,
  { timeout: TIMEOUT_MS },
  async () => {
    const folder = tempFolder();
    const workspace = join(folder, 'workspace');
    const kept = join(folder, 'kept.ndjson');
    const path = join(folder, 'log.ndjson');
    writeEntries(kept, 7);
    writeEntries(path, 0);
    await ask(workspace, 'load', kept);
    let isThere = false;
    await killLoop(
      ['logstore', 'delete', 'log', '--yes', '--workspace', workspace],
      async () => {
        const stores = (await ask(workspace, 'logstore', 'list')) as readonly { logstore: string; entries: number }[];
        const found = stores.map(({ logstore, entries }) => [logstore, entries]);
        isThere = found.length === 2;
        expect(found).toEqual([['kept', ENTRIES], ...(isThere ? [['log', ENTRIES]] : [])]);
        const [{ c } = { c: -1 }] = (await ask(
          workspace,
          'query',
          '* | SELECT count(*) AS c',
          '--logstore',
          isThere ? 'log' : 'kept',
        )) as {
          c: number;
        }[];
        expect(c).toBe(ENTRIES);
      },
      async () => {
        if (!isThere) await ask(workspace, 'load', path);
      },
    );
  },
);
