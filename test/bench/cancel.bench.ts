import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../src-main/contract/engine-client';
import type { ImportRequest } from '../../src-main/contract/imports';
import { EngineProcess } from '../../src-main/engine/engine-process';
import { forkEngine } from '../../src-main/engine/fork-engine';
import { SocketTransport } from '../../src-main/engine/protocol/socket-transport';
import { builtEntry } from '../support/built';
import { manySessions } from '../support/many-sessions';
import { pcapFile } from '../support/pcap-writer';
import { MILLISECOND } from '../support/time';
import { median } from './measure';

/* From the cancel of a call until its caller has the answer, on an engine process as the app has one. */
const ROUNDS = Number(process.env['NATSCOPE_BENCH_ROUNDS'] ?? 5);
const GOAL_MS = 100;
const SESSIONS = 500_000;
const folder = mkdtempSync(join(tmpdir(), 'natscope-bench-'));
const capture = join(folder, 'many.pcap');
let engine: EngineProcess;

beforeAll(async () => {
  writeFileSync(capture, pcapFile(manySessions(SESSIONS, 20n * MILLISECOND)));
  const entryPath = await builtEntry('engine-entry');
  engine = new EngineProcess({ launch: forkEngine, entryPath, workspaceDir: join(folder, 'workspace') });
});
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

test('an import is cancelled while it runs', async () => {
  const client = createClient(new SocketTransport(await engine.connect()));
  const tookMs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let cancelledMs = Infinity;
    const request: ImportRequest = {
      ...{ captures: [capture], project: 'local', logstore: 'session-log', inside: [], eips: [], seed: 0 },
      ...{ layer: 'auto', createIndex: true, again: true, keepGoing: false },
    };
    const running = client.call('import:run', request, {
      onEvent: (_name, progress) => {
        // After the first window or the second, so that it is cancelled in different moments.
        if (!('windows' in progress) || progress.windows <= round % 2 || cancelledMs < Infinity) return;
        cancelledMs = performance.now();
        running.cancel();
      },
    });
    const outcome = await running.outcome;
    tookMs.push(performance.now() - cancelledMs);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'IMPORT_CANCELLED' } });
  }
  await client.close();
  const [middle, slowest] = [median(tookMs), Math.max(...tookMs)];
  console.log(
    `a cancelled import is answered after ${middle.toFixed(0)} ms (median of ${ROUNDS}), ${slowest.toFixed(0)} ms at most; ` +
      `goal: below ${GOAL_MS} ms, ${slowest < GOAL_MS ? 'reached' : 'missed'}`,
  );
});
