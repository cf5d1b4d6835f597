import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { _electron, chromium, type Browser, type Page } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath } from '../standin/chromium.mjs';
import { standinPath } from '../support/standin';
import { median } from './measure';

/*
 * From the start of a host until its page can be used: "Engine ready" stands there and "Open the sample" can be clicked.
 * The browser is there already for the browser host, as a user's is; the desktop on the stand-in starts a Chromium of
 * its own, which a real Electron does in its own way, so its time says only how it changes from build to build.
 */
const ROUNDS = Number(process.env['NATSCOPE_BENCH_ROUNDS'] ?? 5);
const GOAL_SEC = 1.5;
/** Of the clock in which Linux counts the time of processes. */
const TICKS_PER_SEC = 100;
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'natscope-bench-'));

interface Start {
  readonly wallSec: number;
  /** User and system time of the host and all that it started. */
  readonly cpuSec: number;
}

let browser: Browser;
beforeAll(async () => {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: ['--disable-gpu', '--disable-quic', ...sandbox],
  });
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function usable(page: Page): Promise<void> {
  await page.getByText('Engine ready').waitFor();
  await page.getByRole('button', { name: 'Open the sample' }).click({ trial: true });
}

/** @returns CPU time of a process and of all that it started and that still run */
function cpuSecOf(pid: number): number {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), statOf(name)]),
  );
  const isOurs = (id: number): boolean => id === pid || (id > 1 && isOurs(parents.get(id)?.parent ?? 0));
  const ticks = [...parents].filter(([id]) => isOurs(id)).reduce((sum, [, stat]) => sum + stat.ticks, 0);
  return ticks / TICKS_PER_SEC;
}

function statOf(pid: string): { readonly parent: number; readonly ticks: number } {
  try {
    // Behind the name, which is in brackets and may hold anything: state, parent, …; the times are fields 14 to 17.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number);
    return { parent: fields[1] ?? 0, ticks: fields.slice(11, 15).reduce((sum, each) => sum + each, 0) };
  } catch {
    return { parent: 0, ticks: 0 };
  }
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

async function startServe(workspace: string): Promise<Start> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const startMs = performance.now();
  const command = join(root, 'src-main/launch/natscope.mjs');
  const host = spawn(process.execPath, [command, 'serve', '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface(host.stdout), 'line')) as [string];
  await page.goto(url, { waitUntil: 'commit' });
  await usable(page);
  const start = { wallSec: (performance.now() - startMs) / 1000, cpuSec: cpuSecOf(host.pid ?? 0) };
  await context.close();
  await end(host);
  return start;
}

async function startDesktop(workspace: string): Promise<Start> {
  const profile = mkdtempSync(join(folder, 'profile-'));
  const env = { ...(process.env as Record<string, string>), NATSCOPE_STANDIN_DIR: join(folder, 'standin') };
  const startMs = performance.now();
  const app = await _electron.launch({
    ...{ executablePath: standinPath, env, args: [root, `--workspace=${workspace}`, `--user-data-dir=${profile}`] },
  });
  await usable(await app.firstWindow());
  const start = { wallSec: (performance.now() - startMs) / 1000, cpuSec: cpuSecOf(app.process().pid ?? 0) };
  await app.close();
  return start;
}

test('a host is started until its page can be used', async () => {
  const hosts = [
    { name: 'natscope serve', start: startServe },
    { name: 'desktop on the stand-in, with Chromium', start: startDesktop },
  ];
  const rows = hosts.flatMap(({ name, start }) => [
    { name: `${name}, new workspace`, start, isNew: true, runs: [] as Start[] },
    { name: `${name}, again`, start, isNew: false, runs: [] as Start[] },
  ]);
  // In turn, so that a busy spell of the machine meets all of them.
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, start, isNew, runs } of rows) {
      const workspace = join(folder, name.split(',')[0]?.replaceAll(' ', '-') ?? '');
      if (isNew) rmSync(workspace, { recursive: true, force: true });
      runs.push(await start(workspace));
    }
  }
  console.log(
    `${cpus()[0]?.model ?? '?'}, ${cpus().length} threads, Node ${process.versions.node}, medians of ${ROUNDS}`,
  );
  console.log(`${''.padEnd(56)} ${'cpu s'.padStart(8)} ${'wall s'.padStart(8)}`);
  for (const { name, runs } of rows) {
    const [cpu, wall] = [median(runs.map(({ cpuSec }) => cpuSec)), median(runs.map(({ wallSec }) => wallSec))];
    console.log(`${name.padEnd(56)} ${cpu.toFixed(2).padStart(8)} ${wall.toFixed(2).padStart(8)}`);
  }
  const served = median(rows[0]?.runs.map(({ wallSec }) => wallSec) ?? []);
  console.log(`goal of natscope serve: below ${GOAL_SEC} s, ${served < GOAL_SEC ? 'reached' : 'missed'}`);
  expect(rows.every(({ runs }) => runs.length === ROUNDS)).toBe(true);
});
