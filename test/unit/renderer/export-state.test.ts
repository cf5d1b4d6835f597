import { expect, test } from 'vitest';
import type { Outcome } from '../../../src-main/contract/errors';
import { ExportState } from '../../../src-renderer/features/logstore/export-state.svelte';
import type { HostBridge } from '../../../src-renderer/services/host-bridge';
import { failed, FakeEngine, settled } from './fake-engine';

const query = {
  ...{ text: '*', project: 'local', logstore: 'session-log', from: null, to: null, zone: 'UTC' },
  ...{ limit: null, offset: 0, reverse: true, snapshot: null },
};

test('the second half of a double click does not cancel the export that the first one began', async () => {
  let nowMs = 10_000;
  const engine = new FakeEngine();
  const nothing = (): void => undefined;
  const listeners = { onDone: nothing, onPackets: nothing, onFailed: nothing, fetchFile: nothing };
  const bridge = { kind: 'browser' } as HostBridge;
  const exporting = new ExportState(engine, bridge, listeners, () => nowMs);
  void exporting.run(query);
  await settled();
  nowMs += 499;
  exporting.cancel();
  expect(engine.last('export:run').isCancelled).toBe(false);
  nowMs += 1;
  exporting.cancel();
  expect(engine.last('export:run').isCancelled).toBe(true);
});

/** @param answers of the host, by the name of the call */
function exportBy(kind: HostBridge['kind'], answers: Readonly<Record<string, Outcome<unknown>>>) {
  const engine = new FakeEngine();
  const told: string[] = [];
  const asked: string[] = [];
  const bridge = {
    kind,
    call: (name: string) => {
      asked.push(name);
      return Promise.resolve(answers[name]);
    },
    downloadUrl: () => (kind === 'desktop' ? null : Promise.resolve(answers['url'])),
  } as unknown as HostBridge;
  const exporting = new ExportState(engine, bridge, {
    onDone: (rows, path) => told.push(`done: ${rows} rows, ${path ?? 'by the browser'}`),
    onPackets: ({ found }, path) => told.push(`packets: ${found.packets}, ${path ?? 'by the browser'}`),
    onFailed: ({ code }) => told.push(`failed: ${code}`),
    fetchFile: (url) => told.push(`fetch: ${url}`),
  });
  return { engine, exporting, told, asked };
}

const exported = { ok: true, value: { file: '1.csv', bytes: 4, rowCount: 7, notices: [] } } as const;
const unwritable = { ok: false, error: { code: 'OUTPUT_UNWRITABLE', message: '', detail: {} } } as const;

test('who cancels the dialog has nothing exported, so nothing is left', async () => {
  const { engine, exporting, told, asked } = exportBy('desktop', { 'export:pick': { ok: true, value: null } });
  await exporting.run(query);
  expect(engine.asked).toEqual([]);
  expect({ told, asked }).toEqual({ told: [], asked: ['export:pick'] });
});

test('an export that cannot be saved is told, not done', async () => {
  const target = { ok: true, value: { id: '1', path: '/x.csv' } } as const;
  const answers = { 'export:pick': target, 'export:save': unwritable };
  const { engine, exporting, told } = exportBy('desktop', answers);
  const running = exporting.run(query);
  await settled();
  await engine.last('export:run').answer(exported);
  await running;
  expect(told).toEqual(['failed: OUTPUT_UNWRITABLE']);
});

test.each([
  {
    name: 'fetches it',
    url: { ok: true, value: '/download/t' } as const,
    told: ['fetch: /download/t', 'done: 7 rows, by the browser'],
  },
  { name: 'is told when it gets no ticket', url: failed('ENGINE_GONE'), told: ['failed: ENGINE_GONE'] },
])('a browser that has exported $name', async ({ url, told }) => {
  const { engine, exporting, told: heard } = exportBy('browser', { url });
  const running = exporting.run(query);
  await settled();
  await engine.last('export:run').answer(exported);
  await running;
  expect(heard).toEqual(told);
});

test('the packets of an entry go the same way, under its name, and show how many were found', async () => {
  const { engine, exporting, told } = exportBy('browser', { url: { ok: true, value: '/download/t' } });
  const running = exporting.savePackets({ run: 2, entryNo: 40 });
  await settled();
  const call = engine.last('packets:write');
  expect(call.request).toEqual({ run: 2, entryNo: 40 });
  const counts = { packets: 3, ipBytes: 180 };
  const reply = { file: '1.pcapng', bytes: 900, found: counts, counted: counts, description: '', notices: [] };
  await call.answer({ ok: true, value: reply });
  await running;
  expect(told).toEqual(['fetch: /download/t', 'packets: 3, by the browser']);
  expect(exporting.progress).toBeNull();
});
