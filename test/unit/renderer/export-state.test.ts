import { expect, test } from 'vitest';
import type { Outcome } from '../../../src-main/contract/errors';
import type { ExportRequest } from '../../../src-main/contract/export';
import { ExportState } from '../../../src-renderer/features/exports/export-state.svelte';
import type { HostBridge } from '../../../src-renderer/services/host-bridge';
import { failed, FakeEngine, settled } from './fake-engine';

const request: ExportRequest = {
  query: {
    ...{ text: '*', project: 'local', logstore: 'session-log', from: null, to: null, zone: 'UTC' },
    ...{ limit: null, offset: 0, reverse: true, snapshot: null },
  },
  format: 'csv',
};

/** An export that has begun at that time. */
async function begun(clock: { ms: number }) {
  const engine = new FakeEngine();
  const nothing = (): void => undefined;
  const listeners = { onPackets: nothing, onFailed: nothing, fetchFile: nothing };
  const bridge = { kind: 'browser' } as HostBridge;
  const exporting = new ExportState(engine, bridge, listeners, () => clock.ms);
  void exporting.run(request, 'session-log.csv');
  await settled();
  return { engine, exporting };
}

test('the second half of a double click does not cancel the export that the first one began', async () => {
  const clock = { ms: 10_000 };
  const { engine, exporting } = await begun(clock);
  clock.ms += 499;
  exporting.cancel();
  expect(engine.last('export:run').isCancelled).toBe(false);
  clock.ms += 1;
  exporting.cancel();
  expect(engine.last('export:run').isCancelled).toBe(true);
});

test('a button that stands elsewhere cancels an export that has only begun', async () => {
  const { engine, exporting } = await begun({ ms: 10_000 });
  exporting.stop();
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
    downloadUrl: (file: string, name: string) => {
      asked.push(`${file} as ${name}`);
      return kind === 'desktop' ? null : Promise.resolve(answers['url']);
    },
  } as unknown as HostBridge;
  const exporting = new ExportState(engine, bridge, {
    onPackets: ({ found }, path) => told.push(`packets: ${found.packets}, ${path ?? 'by the browser'}`),
    onFailed: ({ code }) => told.push(`failed: ${code}`),
    fetchFile: (url) => told.push(`fetch: ${url}`),
  });
  return { engine, exporting, told, asked };
}

const report = { file: '1.csv', bytes: 4, rowCount: 7, notices: [] };
const exported = { ok: true, value: report } as const;
const unwritable = { ok: false, error: { code: 'OUTPUT_UNWRITABLE', message: '', detail: {} } } as const;

test('who cancels the dialog has nothing exported, so nothing is left', async () => {
  const { engine, exporting, asked } = exportBy('desktop', { 'export:pick': { ok: true, value: null } });
  expect(await exporting.run(request, 'session-log.csv')).toEqual({ kind: 'unplaced' });
  expect({ asked, calls: engine.asked }).toEqual({ asked: ['export:pick'], calls: [] });
});

test.each([
  { name: 'is saved where the user said', save: { ok: true, value: { path: '/x.csv' } } as const, kind: 'saved' },
  { name: 'that cannot be saved is not done', save: unwritable, kind: 'failed' },
])('an export of the desktop $name', async ({ save, kind }) => {
  const target = { ok: true, value: { id: '1', path: '/x.csv' } } as const;
  const { engine, exporting } = exportBy('desktop', { 'export:pick': target, 'export:save': save });
  const running = exporting.run(request, 'session-log.csv');
  await settled();
  expect(engine.last('export:run').request).toEqual(request);
  await engine.last('export:run').answer(exported);
  expect(await running).toEqual(
    kind === 'saved' ? { kind, report, path: '/x.csv' } : { kind, error: unwritable.error },
  );
});

test.each([
  {
    name: 'fetches it under its name',
    url: { ok: true, value: '/download/t' } as const,
    told: ['fetch: /download/t'],
    kind: 'saved',
  },
  { name: 'is told when it gets no ticket', url: failed('ENGINE_GONE'), told: [], kind: 'failed' },
])('a browser that has exported $name', async ({ url, told, kind }) => {
  const { engine, exporting, told: heard, asked } = exportBy('browser', { url });
  const running = exporting.run(request, 'session-log.csv');
  await settled();
  await engine.last('export:run').answer(exported);
  expect((await running).kind).toBe(kind);
  expect({ heard, asked }).toEqual({ heard: told, asked: ['1.csv as session-log.csv'] });
});

test('an export that is cancelled is no failure, and another one can be made', async () => {
  const { engine, exporting } = exportBy('browser', {});
  const running = exporting.run(request, 'session-log.csv');
  await settled();
  expect(await exporting.run(request, 'again.csv')).toEqual({ kind: 'unplaced' });
  await engine.last('export:run').answer(failed('QUERY_CANCELLED'));
  expect(await running).toEqual({ kind: 'cancelled' });
  expect(exporting.isRunning).toBe(false);
});

test('the packets of an entry go the same way, under its name, and show how many were found', async () => {
  const { engine, exporting, told, asked } = exportBy('browser', { url: { ok: true, value: '/download/t' } });
  const running = exporting.savePackets({ run: 2, entryNo: 40 });
  await settled();
  const call = engine.last('packets:write');
  expect(call.request).toEqual({ run: 2, entryNo: 40 });
  call.listeners.onEvent?.('packets:progress', { foundPackets: 2, searchedBytes: 90 });
  expect(exporting.progress).toEqual({ foundPackets: 2, searchedBytes: 90 });
  const counts = { packets: 3, ipBytes: 180 };
  const reply = { file: '1.pcapng', bytes: 900, found: counts, counted: counts, description: '', notices: [] };
  await call.answer({ ok: true, value: reply });
  await running;
  expect(asked).toEqual(['1.pcapng as entry-2-40.pcapng']);
  expect(told).toEqual(['fetch: /download/t', 'packets: 3, by the browser']);
  expect(exporting.progress).toBeNull();
});
