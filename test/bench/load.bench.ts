import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SESSION_LOG_FIELDS } from '../../src-main/contract/log-entry';
import { seededRandom } from '../support/random';
import { raced, table, type Command, type Medians } from './measure';

/*
 * Loading a million session logs, and a million entries of a web server, whose texts are of any length. The rival parses
 * the same lines with JSON.parse, once, and does nothing else.
 */
const ENTRIES = 1_000_000;
const ROUNDS = Number(process.env['NATSCOPE_BENCH_ROUNDS'] ?? 3);
const command = join(import.meta.dirname, '../../src-main/launch/natscope.mjs');
const folder = mkdtempSync(join(tmpdir(), 'natscope-bench-'));
const workspace = join(folder, 'workspace');
const [sessions, sessionsCsv, requests] = ['sessions.ndjson', 'sessions.csv', 'requests.ndjson'].map((name) =>
  join(folder, name),
) as [string, string, string];
let rows: readonly Medians[] = [];

const random = seededRandom(1);
const below = (limit: number): number => random.int(0, limit - 1);
const address = (): string => [1 + below(220), below(256), below(256), below(256)].join('.');

function session(index: number): readonly (string | number)[] {
  const start = 1_750_000_000 + Math.floor(index / 50);
  return [
    ...[
      'ngw-default',
      'vpc-default',
      [6, 17, 1][below(3)] ?? 6,
      `10.0.${below(256)}.${below(256)}`,
      1024 + below(60_000),
    ],
    ...[address(), 443, '203.0.113.1', 1024 + below(60_000)],
    ...[random.u32() * 7, below(4096), below(2 ** 28), below(4096), start, start + below(600)],
  ];
}

function request(index: number): object {
  return {
    time: new Date(1_750_000_000_000 + index * 20).toISOString(),
    status: [200, 200, 304, 404, 500][below(5)],
    client: address(),
    method: 'GET',
    path: `/shop/items/${below(100_000)}?page=${below(9)}`,
    agent: `Mozilla/5.0 (X11; Linux x86_64) "AppleWebKit/${below(600)}"`,
    latency: below(100_000) / 1000,
    user: { id: below(10_000), name: `user ${below(10_000)}` },
  };
}

async function write(path: string, line: (index: number) => string, head = ''): Promise<void> {
  const stream = createWriteStream(path);
  stream.write(head);
  for (let from = 0; from < ENTRIES; from += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, index) => line(from + index));
    if (!stream.write(`${lines.join('\n')}\n`)) await once(stream, 'drain');
  }
  await finished(stream.end());
}

const load = (name: string, file: string): Command => ({
  name,
  argv: ['node', command, 'load', file, '--workspace', workspace, '--json'],
  prepare: () => rmSync(workspace, { recursive: true, force: true }),
});

const PARSE = `
  const { createInterface } = require('node:readline');
  let count = 0;
  createInterface({ input: require('node:fs').createReadStream(process.argv[1]) })
    .on('line', (line) => { JSON.parse(line); count++; })
    .on('close', () => console.log(count));`;

beforeAll(async () => {
  const names = SESSION_LOG_FIELDS.map(({ name }) => name);
  await write(sessions, (index) =>
    JSON.stringify(Object.fromEntries(session(index).map((value, at) => [names[at], value]))),
  );
  await write(sessionsCsv, (index) => session(index).join(','), `${names.join(',')}\n`);
  await write(requests, (index) => JSON.stringify(request(index)));
  // Builds what is out of date, unmeasured.
  execFileSync('node', [command, '--version']);
  rows = await raced(
    [
      load('session logs, NDJSON', sessions),
      load('session logs, CSV', sessionsCsv),
      load('requests, NDJSON', requests),
      { name: 'JSON.parse of session logs', argv: ['node', '-e', PARSE, sessions] },
    ],
    ROUNDS,
  );
  const megabytes = [sessions, sessionsCsv, requests].map((path) => Math.round(statSync(path).size / 1e6)).join(', ');
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  console.log(`${ROUNDS} rounds, medians; ${ENTRIES} entries each, ${megabytes} MB; ${machine}\n${table(rows)}`);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const medians = (name: string): Medians => {
  const found = rows.find((row) => row.name === name);
  if (found === undefined) throw new Error(`${name} did not run`);
  return found;
};

test.each(['session logs, NDJSON', 'session logs, CSV'])('%s: every entry, in less than 10 s of CPU', (name) => {
  const { stdout, cpuSec, peakMegabytes } = medians(name);
  expect(JSON.parse(stdout)).toMatchObject({ entries: ENTRIES, bad_lines: 0, schema: 'session_log' });
  expect(cpuSec).toBeLessThan(10);
  expect(peakMegabytes).toBeLessThan(350);
});

test('requests: every entry, with the types of its fields', () => {
  const { stdout, cpuSec } = medians('requests, NDJSON');
  const { entries, fields } = JSON.parse(stdout) as {
    entries: number;
    fields: readonly { name: string; type: string }[];
  };
  expect(entries).toBe(ENTRIES);
  expect(fields.map(({ type }) => type)).toEqual(['text', 'long', 'ipv4', 'text', 'text', 'text', 'double', 'json']);
  expect(cpuSec).toBeLessThan(20);
});

test('the rival parsed as many lines', () => {
  expect(Number(medians('JSON.parse of session logs').stdout)).toBe(ENTRIES);
});
