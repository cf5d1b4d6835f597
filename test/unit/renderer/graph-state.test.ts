import { expect, test } from 'vitest';
import { GraphState } from '../../../src-renderer/features/logstore/graph-state.svelte';
import type { Answer } from '../../../src-renderer/features/logstore/logstore-state.svelte';
import { StatementRows } from '../../../src-renderer/features/logstore/statement-rows';
import { FakeEngine, failed, histogram, ok, report } from './fake-engine';

function answer(entries: number, isEmpty = false): Answer {
  const request = {
    ...{ text: '', project: 'local', logstore: 'session-log', from: null, to: null, zone: 'UTC' },
    ...{ limit: null, offset: 0, reverse: false, snapshot: null },
  };
  return {
    ...{ kind: 'entries', request, pinned: request, report: report(0), isCut: false, elapsedMs: 1 },
    rows: new StatementRows([], [], 1),
    histogram: isEmpty ? { ...histogram(0), range: null, bins: [] } : histogram(entries),
  };
}

test('an answer is loaded once, and again after it has failed', async () => {
  const engine = new FakeEngine();
  const graph = new GraphState(engine);
  const shown = answer(5);
  void graph.load(shown);
  void graph.load(shown);
  expect(engine.asked).toHaveLength(1);
  await engine.last('query:run').answer(failed('ENGINE_GONE'));
  expect(graph.error?.code).toBe('ENGINE_GONE');
  expect(graph.isRunning).toBe(false);
  void graph.load(shown);
  expect(engine.asked).toHaveLength(2);
  expect(graph.error).toBeNull();
  await engine.last('query:run').answer(ok(report(0)));
  expect(graph.series?.bins).toHaveLength(1);
});

test('an answer without bins ends what ran, and an error before it', async () => {
  const engine = new FakeEngine();
  const graph = new GraphState(engine);
  void graph.load(answer(5));
  void graph.load(answer(0, true));
  expect(engine.last('query:run').isCancelled).toBe(true);
  expect(graph.isRunning).toBe(false);

  void graph.load(answer(5));
  await engine.last('query:run').answer(failed('INTERNAL'));
  void graph.load(answer(0, true));
  expect(graph.error).toBeNull();
});

test('leaving a log leaves nothing of it', async () => {
  const engine = new FakeEngine();
  const graph = new GraphState(engine);
  void graph.load(answer(5));
  await engine.last('query:run').answer(ok(report(0)));
  void graph.load(answer(6));
  graph.leave();
  expect({ series: graph.series, error: graph.error, isRunning: graph.isRunning }).toEqual({
    ...{ series: null, error: null, isRunning: false },
  });
});
