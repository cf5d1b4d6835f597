import { expect, test } from 'vitest';
import { ExplainState } from '../../../src-renderer/features/logstore/explain-state.svelte';
import type { Answer } from '../../../src-renderer/features/logstore/logstore-state.svelte';
import { FakeEngine, SNAPSHOT, failed, ok } from './fake-engine';

function answerTo(text: string): Answer {
  const place = { project: 'local', logstore: 'session-log', zone: 'UTC', from: '600', to: '1200' };
  return { pinned: { ...place, text, snapshot: SNAPSHOT, limit: null, offset: 0, reverse: true } } as unknown as Answer;
}

test('the query of an answer is explained once, with what was searched', async () => {
  const engine = new FakeEngine();
  const state = new ExplainState(engine);
  const answer = answerTo('protocol:6');
  void state.load(answer);
  void state.load(answer);
  expect(engine.asked.map(({ request }) => request)).toEqual([
    {
      ...{ text: 'protocol:6', project: 'local', logstore: 'session-log' },
      ...{ from: '600', to: '1200', zone: 'UTC', snapshot: SNAPSHOT },
    },
  ]);
  await engine.last('query:explain').answer(ok({ sql: 'SELECT 1' }));
  expect(state.report).toEqual({ sql: 'SELECT 1' });
});

test('what comes late of another answer is not shown, and what failed is asked again', async () => {
  const engine = new FakeEngine();
  const state = new ExplainState(engine);
  void state.load(answerTo('protocol:6'));
  const late = engine.last('query:explain');
  const next = answerTo('protocol:17');
  void state.load(next);
  expect(late.isCancelled).toBe(true);
  await late.answer(ok({ sql: 'late' }));
  expect(state.report).toBeNull();
  await engine.last('query:explain').answer(failed('ENGINE_GONE'));
  expect(state.error?.code).toBe('ENGINE_GONE');
  void state.load(next);
  await engine.last('query:explain').answer(ok({ sql: 'SELECT 2' }));
  expect([state.report?.sql, state.error]).toEqual(['SELECT 2', null]);
  state.leave();
  expect(state.report).toBeNull();
});
