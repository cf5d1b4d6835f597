import { expect, test } from 'vitest';
import type { HostBridge } from '../../../src-renderer/services/host-bridge';
import { RunningWorkState } from '../../../src-renderer/frame/running-work.svelte';
import { windowTitle } from '../../../src-renderer/frame/window-title';

const progress = (readBytes: number) => ({ readBytes, totalBytes: 1000, packets: 1, elapsedMs: 1000 });

function work(kind: 'desktop' | 'browser' = 'desktop') {
  const told: [string, unknown][] = [];
  const sources: Record<string, unknown> = {
    queue: { isBusy: false, current: null },
    loads: { current: null },
    exporting: { isRunning: false },
  };
  const call = (name: string, request: unknown) => {
    told.push([name, request]);
    return Promise.resolve({ ok: true, value: null });
  };
  let nowMs = 5000;
  const state = new RunningWorkState({ kind, call } as unknown as HostBridge, sources as never, () => nowMs);
  const pass = (ms: number): void => void (nowMs += ms);
  return { state, told, sources, pass };
}

test('the desktop is told what runs, once for each hundredth of it', () => {
  const { state, told, sources } = work();
  state.tell();
  sources['queue'] = { isBusy: true, current: null };
  state.tell();
  for (const bytes of [501, 502, 509, 510]) {
    sources['queue'] = { isBusy: true, current: { progress: progress(bytes), plan: {} } };
    state.tell();
  }
  sources['queue'] = { isBusy: false, current: null };
  state.tell();
  expect(told.map(([, request]) => request)).toEqual([
    { running: { kind: 'import', part: null } },
    { running: { kind: 'import', part: 0.5 } },
    { running: { kind: 'import', part: 0.51 } },
    { running: null },
  ]);
});

test('of what is played at its own pace, no part is told', () => {
  const { state, sources } = work();
  sources['queue'] = { isBusy: true, current: { progress: progress(1000), plan: { live: true } } };
  expect(state.current).toEqual({ kind: 'import', part: null });
});

test('a load is half done after its first pass, and an export tells no part', () => {
  const { state, sources } = work();
  sources['exporting'] = { isRunning: true };
  expect(state.current).toEqual({ kind: 'export', part: null });
  sources['loads'] = { current: { progress: { pass: 1, readBytes: 10, totalBytes: 10, entries: 0 } } };
  expect(state.current).toEqual({ kind: 'load', part: 0.5 });
});

test('an end is told with the time that it took since it was asked for', () => {
  const { state, told, pass } = work();
  const job = {};
  state.begin(job);
  pass(31_000);
  state.end(job, 'Imported a.pcap', false);
  expect(told).toEqual([['work:ended', { title: 'Imported a.pcap', tookMs: 31_000, hasFailed: false }]]);
});

test('a browser is told nothing, and still knows that something runs', () => {
  const { state, told, sources } = work('browser');
  sources['queue'] = { isBusy: true, current: null };
  state.tell();
  state.end({}, 'Imported a.pcap', false);
  expect([told, state.current]).toEqual([[], { kind: 'import', part: null }]);
});

test('a window is called what it shows', () => {
  expect(windowTitle({ page: 'logs', project: 'local', logstore: 'session-log' })).toBe('local/session-log – Natscope');
  expect(windowTitle({ page: 'settings' })).toBe('Settings – Natscope');
  expect(windowTitle({ page: 'who' })).toBe('Who – Natscope');
});
