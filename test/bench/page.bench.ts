import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type CDPSession, type Page } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLoopback, type RunningHost } from '../e2e/running-host';
import { chromiumPath } from '../standin/chromium.mjs';
import { BENCH_LOG, benchWorkspace } from './bench-log';
import { median } from './measure';

/*
 * The page of a log of ten million entries, in a browser: from Enter to the frame with the histogram and the first page of
 * rows, what scrolling keeps the main thread busy with, and what the page keeps after many queries.
 */
const MOST_ENTER_MS = 300;
const GOAL_ENTER_MS = 150;
/** As the browser has it: a longer task is one that a person may notice. */
const LONG_TASK_MS = 50;
const QUERIES = Number(process.env['NATSCOPE_BENCH_QUERIES'] ?? 500);
/** V8 goes on compiling for some hundred queries; after 800 the page keeps 0.02 MB for 200 more [measured]. */
const WARM_UP = 200;
const MOST_GROWTH = 1.1;

const SEARCHES = [
  { name: 'everything', text: '' },
  { name: 'a port', text: 'pub_port:443' },
  { name: 'a host', text: 'pri_ip:10.0.0.17' },
  { name: 'a network and a number', text: 'pri_ip:172.16.0.0/16 and bytes_from_vpc > 50000' },
  { name: 'hosts by a prefix, and not a protocol', text: 'pri_ip:172.16.* not protocol:6' },
];

const folder = mkdtempSync(join(tmpdir(), 'natscope-bench-'));
let browser: Browser;
let host: RunningHost;
let page: Page;

beforeAll(async () => {
  const workspace = join(folder, 'workspace');
  cpSync(await benchWorkspace(), workspace, { recursive: true });
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const args = ['--disable-gpu', '--disable-quic', ...sandbox];
  browser = await chromium.launch({ executablePath: chromiumPath(), args });
  host = await startLoopback(browser, { workspace, profile: '', captures: [] });
  ({ page } = host);
  await page.getByText('Engine ready').waitFor();
  await page.getByRole('button', { name: 'Logs', exact: true }).click();
  await page.getByRole('grid').getByRole('row').nth(1).waitFor();
  console.log(`${cpus()[0]?.model ?? '?'}, ${cpus().length} threads, Node ${process.versions.node}`);
});
afterAll(async () => {
  await host.close();
  await browser.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** For the page: from the next key of Enter to the frame after the one in which another answer stands there, in ms. */
const WATCH_NEXT_ANSWER = `
  const isRunning = () => document.querySelector('main .status').textContent.includes('Searching');
  const hasRows = () => document.querySelectorAll('[role=grid] [role=row]').length > 1;
  window.shownMs = new Promise((resolve) => {
    const begin = (event) => {
      if (event.key !== 'Enter') return;
      removeEventListener('keydown', begin, true);
      const startMs = performance.now();
      let hasBegun = false;
      const look = () => {
        hasBegun ||= isRunning();
        if (hasBegun && !isRunning() && hasRows()) resolve(performance.now() - startMs);
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    };
    addEventListener('keydown', begin, true);
  });
  undefined;`;

async function enterMs(text: string): Promise<number> {
  await page.getByRole('search').getByRole('textbox', { name: 'Query' }).fill(text);
  await page.evaluate(WATCH_NEXT_ANSWER);
  await page.keyboard.press('Control+Enter');
  const shown = page.evaluate<number>('window.shownMs');
  const never = new Promise<never>((_, reject) => {
    setTimeout(() => {
      reject(new Error(`no answer to ${text}`));
    }, 20_000).unref();
  });
  return Promise.race([shown, never]);
}

test('from Enter to the first page and the histogram', async () => {
  const costs = new Map(SEARCHES.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < 6; round++) {
    for (const { name, text } of SEARCHES) {
      const ms = await enterMs(text);
      // The first round reads what later ones find in memory.
      if (round > 0) costs.get(name)?.push(ms);
    }
  }
  console.log(
    `${`${BENCH_LOG.entries} entries, from Enter`.padEnd(44)} ${'median ms'.padStart(10)} ${'worst ms'.padStart(10)}`,
  );
  for (const [name, each] of costs) {
    const [middle, worst] = [median(each), Math.max(...each)].map((ms) => ms.toFixed(0).padStart(10));
    const verdict = median(each) < GOAL_ENTER_MS ? 'reached' : 'missed';
    console.log(`${name.padEnd(44)} ${middle} ${worst}   goal of ${GOAL_ENTER_MS} ms ${verdict}`);
  }
  for (const [name, each] of costs) expect(median(each), name).toBeLessThan(MOST_ENTER_MS);
});

/** For the page: from now on, how long each task took that is too long. */
const WATCH_LONG_TASKS = `
  window.longTasksMs = [];
  new PerformanceObserver((list) => window.longTasksMs.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ entryTypes: ['longtask'] });
  undefined;`;
/** Between two steps: the rows are read meanwhile, and shown. */
const STEP_MS = 40;

test('scrolling through ten million rows', async () => {
  await enterMs('');
  await page.evaluate(WATCH_LONG_TASKS);
  const grid = page.getByRole('grid');
  await grid.hover();
  const pressed = (key: string) => () => page.keyboard.press(key);
  const ways = [
    { name: 'the wheel', step: () => page.mouse.wheel(0, 700), steps: 100 },
    { name: 'to a cell', step: () => grid.getByRole('gridcell').first().click(), steps: 1 },
    { name: 'Page Down', step: pressed('PageDown'), steps: 60 },
    { name: 'to the end', step: pressed('Control+End'), steps: 1 },
    { name: 'Page Up', step: pressed('PageUp'), steps: 30 },
    { name: 'to the beginning', step: pressed('Control+Home'), steps: 1 },
  ];
  const long: string[] = [];
  for (const { name, step, steps } of ways) {
    for (let at = 0; at < steps; at++) {
      await step();
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
    const tasks = await page.evaluate<number[]>('window.longTasksMs.splice(0)');
    long.push(...tasks.map((ms) => `${name}: ${ms} ms`));
  }
  console.log(`tasks over ${LONG_TASK_MS} ms while scrolling: ${long.length === 0 ? 'none' : long.join(', ')}`);
  expect(long).toEqual([]);
});

async function heapBytes(session: CDPSession): Promise<number> {
  for (let time = 0; time < 3; time++) await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}

test('what the page keeps after many queries', async () => {
  const session = await page.context().newCDPSession(page);
  const ask = async (count: number): Promise<void> => {
    // Of a thousandth of the log each, so that the time goes into the page.
    for (let at = 0; at < count; at++) await enterMs(`pri_ip:10.0.${at % 7}.${(at % 200) + 1}`);
  };
  await ask(WARM_UP);
  const before = await heapBytes(session);
  await ask(QUERIES);
  const after = await heapBytes(session);
  const [mbBefore, mbAfter] = [before, after].map((bytes) => (bytes / 1e6).toFixed(1));
  console.log(`JavaScript of the page after ${WARM_UP} queries ${mbBefore} MB, after ${QUERIES} more ${mbAfter} MB`);
  expect(after / before).toBeLessThan(MOST_GROWTH);
});
