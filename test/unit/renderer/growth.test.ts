import { expect, onTestFinished, test, vi } from 'vitest';
import type { WorkspaceReport } from '../../../src-main/contract/workspace-report';
import { LogstoreState } from '../../../src-renderer/features/logstore/logstore-state.svelte';
import { QueryHistory } from '../../../src-renderer/features/logstore/query-history';
import { Growth } from '../../../src-renderer/growth';
import { FakeEngine, failed, histogram, ok, report, settled } from './fake-engine';

const workspace = (entries: number): WorkspaceReport => ({
  workspace: '/w',
  logstores: [
    { project: 'local', name: 'session-log', entries, extent: { firstSec: 0, lastSec: entries }, fields: [] },
    { project: 'local', name: 'other', entries: 5, extent: null, fields: null },
  ],
  imports: [],
});

test('what has grown between two looks is told, and nothing at the first look', async () => {
  const reports = [workspace(1), workspace(1), null, workspace(3)];
  const grown: unknown[] = [];
  let isWanted = true;
  const growth = new Growth(() => Promise.resolve(reports.shift() ?? null), {
    isWanted: () => isWanted,
    isExpected: () => false,
    onGrown: (places) => grown.push(...places),
  });
  await growth.look();
  await growth.look();
  await growth.look();
  expect(grown).toEqual([]);
  isWanted = false;
  await growth.look();
  expect(reports).toHaveLength(1);
  isWanted = true;
  await growth.look();
  expect(grown).toEqual([{ project: 'local', logstore: 'session-log' }]);
});

test('what has grown since the window opened is told at the first look', async () => {
  const grown: unknown[] = [];
  const growth = new Growth(() => Promise.resolve(workspace(3)), {
    isWanted: () => true,
    isExpected: () => false,
    onGrown: (places) => grown.push(...places),
  });
  growth.begin(workspace(1));
  await growth.look();
  expect(grown).toEqual([{ project: 'local', logstore: 'session-log' }]);
});

test('it is looked every ten seconds, and every two from when something begins that lets a log grow', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let [looks, isExpected] = [0, false];
  const load = (): Promise<WorkspaceReport> => {
    looks += 1;
    return Promise.resolve(workspace(1));
  };
  const listeners = { isWanted: () => true, isExpected: () => isExpected, onGrown: () => undefined };
  const stop = new Growth(load, listeners, Date.now).start();
  await vi.advanceTimersByTimeAsync(9900);
  expect(looks).toBe(0);
  await vi.advanceTimersByTimeAsync(1000);
  expect(looks).toBe(1);
  isExpected = true;
  await vi.advanceTimersByTimeAsync(4000);
  expect(looks).toBe(3);
  stop();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(looks).toBe(3);
});

async function answered(entries: number): Promise<{ engine: FakeEngine; logs: LogstoreState }> {
  const engine = new FakeEngine();
  const place = { project: 'local', logstore: 'session-log' };
  const logs = new LogstoreState(engine, place, () => 'UTC', new QueryHistory(null));
  void logs.run();
  await answer(engine, entries);
  return { engine, logs };
}

async function answer(engine: FakeEngine, entries: number): Promise<void> {
  await engine.last('query:run').answer(ok(report(entries)));
  await engine.last('histogram:run').answer(ok(histogram(entries)));
  await settled();
}

test('new entries are offered with their number, and what is shown stays', async () => {
  const { engine, logs } = await answered(5);
  const shown = logs.answer;
  void logs.grow(false);
  await engine.last('histogram:run').answer(ok(histogram(12)));
  expect(logs.newer).toEqual({ entries: 7 });
  expect(logs.answer).toBe(shown);
  expect(engine.asked.filter(({ name }) => name === 'query:run')).toHaveLength(1);
  void logs.run();
  await answer(engine, 12);
  expect([logs.newer, logs.answer?.histogram.entries]).toEqual([null, 12]);
});

test('growth that the answer has already is none, and refreshing is offered when there is more', async () => {
  const { engine, logs } = await answered(5);
  void logs.grow(false);
  await engine.last('histogram:run').answer(ok(histogram(5)));
  expect([logs.newer, logs.hasGrown]).toEqual([null, false]);
  void logs.grow(false);
  await engine.last('histogram:run').answer(ok({ ...histogram(5), scanned: 77 }));
  expect([logs.newer, logs.hasGrown]).toEqual([null, true]);
});

test('a range that moves with the log has newer entries without a number', async () => {
  const { engine, logs } = await answered(5);
  void logs.grow(false);
  await engine.last('histogram:run').answer(ok({ ...histogram(5), range: { fromSec: 1200, toSec: 1800 } }));
  expect(logs.newer).toEqual({ entries: null });
  void logs.grow(false);
  await engine.last('histogram:run').answer(ok(histogram(5)));
  expect(logs.newer).toBeNull();
});

test('followed, new entries are shown by themselves, with the answer before until they are there', async () => {
  const { engine, logs } = await answered(5);
  logs.isFollowing = true;
  const shown = logs.answer;
  void logs.grow(false);
  expect([logs.phase, logs.answer, logs.isStale]).toEqual(['idle', shown, false]);
  await answer(engine, 6);
  expect(logs.answer?.histogram.entries).toBe(6);
  void logs.grow(false);
  await engine.last('histogram:run').answer(failed('INTERNAL'));
  await engine.last('query:run').answer(failed('INTERNAL'));
  await settled();
  expect([logs.error, logs.answer?.histogram.entries]).toEqual([null, 6]);
});

test.each([
  { name: 'rows further down', read: (logs: LogstoreState) => (logs.isAway = true), isBusy: false },
  { name: 'a row that was chosen', read: (logs: LogstoreState) => (logs.hasChosen = true), isBusy: false },
  { name: 'an open entry', read: () => undefined, isBusy: true },
])('followed, nothing moves under $name', async ({ read, isBusy }) => {
  const { engine, logs } = await answered(5);
  logs.isFollowing = true;
  read(logs);
  void logs.grow(isBusy);
  await engine.last('histogram:run').answer(ok(histogram(9)));
  expect([logs.newer, logs.answer?.histogram.entries]).toEqual([{ entries: 4 }, 5]);
});

test('followed, nothing moves under what is read since newer entries were asked for', async () => {
  const { engine, logs } = await answered(5);
  logs.isFollowing = true;
  const shown = logs.answer;
  void logs.grow(false);
  logs.hasChosen = true;
  await answer(engine, 9);
  expect([logs.newer, logs.answer]).toEqual([{ entries: 4 }, shown]);
  expect([logs.hasChosen, logs.isStale]).toEqual([true, false]);
});

test('of two counts of newer entries, the one that was asked for later holds', async () => {
  const { engine, logs } = await answered(5);
  void logs.grow(false);
  const older = engine.last('histogram:run');
  void logs.grow(false);
  await engine.last('histogram:run').answer(ok(histogram(12)));
  await older.answer(ok(histogram(9)));
  expect(logs.newer).toEqual({ entries: 7 });
});

test('a log that was empty shows its first entries by itself', async () => {
  const { engine, logs } = await answered(0);
  void logs.grow(false);
  await answer(engine, 3);
  expect(logs.answer?.histogram.entries).toBe(3);
});

test('what is being written is not answered anew', async () => {
  const { engine, logs } = await answered(5);
  logs.text = 'pub_port=';
  const { length } = engine.asked;
  await logs.grow(false);
  expect(engine.asked).toHaveLength(length);
});
