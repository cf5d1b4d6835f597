import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../src-main/contract/engine-client';
import type { ImportRequest } from '../../src-main/contract/imports';
import type { HistogramRequest } from '../../src-main/contract/query';
import { EngineProcess } from '../../src-main/engine/engine-process';
import { forkEngine } from '../../src-main/engine/fork-engine';
import { SocketTransport } from '../../src-main/engine/protocol/socket-transport';
import { builtEntry } from '../support/built';
import { BENCH_LOG, benchWorkspace } from './bench-log';
import { benchCapture } from './bench-captures';
import { median } from './measure';

/* The histogram of ten million entries in an engine process as the app has one, while it imports into the same log. */
const ROUNDS = Number(process.env['NATSCOPE_BENCH_ROUNDS'] ?? 5);
const folder = mkdtempSync(join(tmpdir(), 'natscope-bench-'));
const { project, logstore, entries } = BENCH_LOG;
let engine: EngineProcess;

beforeAll(async () => {
  const workspaceDir = join(folder, 'workspace');
  cpSync(await benchWorkspace(), workspaceDir, { recursive: true });
  engine = new EngineProcess({ launch: forkEngine, entryPath: await builtEntry('engine-entry'), workspaceDir });
});
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

test('a histogram during an import of the mix takes at most 3.0 times as long as alone (goal 2.0)', async () => {
  const client = createClient(new SocketTransport(await engine.connect()));
  const request: HistogramRequest = {
    ...{ text: '*', project, logstore, from: null, to: null, zone: 'UTC', snapshot: null },
  };
  const histogram = async (): Promise<{ readonly tookMs: number; readonly found: number }> => {
    const startMs = performance.now();
    const outcome = await client.call('histogram:run', request).outcome;
    if (!outcome.ok) throw new Error(`no histogram: ${JSON.stringify(outcome)}`);
    return { tookMs: performance.now() - startMs, found: outcome.value.entries };
  };
  const alone: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) alone.push((await histogram()).tookMs);

  const importRequest: ImportRequest = {
    ...{ captures: [benchCapture('mix-1g.pcap')], project, logstore, inside: [], eips: [], seed: 0 },
    ...{ layer: 'auto', createIndex: true, again: false, keepGoing: false },
  };
  const running = client.call('import:run', importRequest).outcome;
  const end = running.then(() => true);
  const hasEnded = (): Promise<boolean> => Promise.race([end, Promise.resolve(false)]);
  const during: number[] = [];
  while (!(await hasEnded())) {
    const { tookMs, found } = await histogram();
    // Afterwards its entries are there too.
    if (found === entries) during.push(tookMs);
  }
  expect(await running).toMatchObject({ ok: true });
  await client.close();
  const ratio = median(during) / median(alone.slice(1));
  console.log(
    `histogram alone ${median(alone.slice(1)).toFixed(0)} ms, during an import ${median(during).toFixed(0)} ms ` +
      `(${during.length} of them, ${Math.max(...during).toFixed(0)} ms at most): ${ratio.toFixed(2)} times`,
  );
  expect(during.length).toBeGreaterThan(2);
  expect(ratio).toBeLessThan(3);
});
