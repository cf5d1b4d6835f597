import { expect, test } from 'vitest';
import { FieldAnalyses } from '../../../src-renderer/features/logstore/field-analysis.svelte';
import type { Answer } from '../../../src-renderer/features/logstore/logstore-state.svelte';
import { FakeEngine, SNAPSHOT, failed, ok } from './fake-engine';

const PINNED = {
  project: 'local',
  logstore: 'session-log',
  text: 'protocol:6',
  from: '600',
  to: '1200',
  zone: 'UTC',
  limit: null,
  offset: 0,
  reverse: true,
  snapshot: SNAPSHOT,
};

function answerTo(text: string): Answer {
  return { pinned: { ...PINNED, text } } as unknown as Answer;
}

function open(): { engine: FakeEngine; analyses: FieldAnalyses } {
  const engine = new FakeEngine();
  const analyses = new FieldAnalyses(engine);
  analyses.follow(answerTo('protocol:6'));
  return { engine, analyses };
}

test('a field is counted when it is opened, in what the answer was searched from', async () => {
  const { engine, analyses } = open();
  expect(engine.asked).toHaveLength(0);
  analyses.toggle('pri_ip');
  expect(analyses.open.get('pri_ip')).toEqual({ statistics: null, error: null });
  const { project, logstore, text, from, to, zone, snapshot } = PINNED;
  expect(engine.last('field:read').request).toEqual({
    ...{ project, logstore, text, from, to, zone, snapshot },
    field: 'pri_ip',
  });
  await engine.last('field:read').answer(ok({ field: 'pri_ip' }));
  expect(analyses.open.get('pri_ip')?.statistics).toEqual({ field: 'pri_ip' });
});

test('another answer counts open fields again, the same one does not, and what was known stays meanwhile', async () => {
  const { engine, analyses } = open();
  analyses.toggle('pri_ip');
  await engine.last('field:read').answer(ok({ field: 'pri_ip', distinct: 8 }));
  const same = answerTo('protocol:17');
  analyses.follow(same);
  analyses.follow(same);
  expect(engine.asked.map(({ request }) => request['text'])).toEqual(['protocol:6', 'protocol:17']);
  expect(analyses.open.get('pri_ip')?.statistics).toMatchObject({ distinct: 8 });
  analyses.follow(answerTo('*'));
  const [, late] = engine.asked;
  expect(late?.isCancelled).toBe(true);
  await engine.last('field:read').answer(ok({ field: 'pri_ip', distinct: 9 }));
  await late?.answer(ok({ field: 'pri_ip', distinct: 7 }));
  expect(analyses.open.get('pri_ip')?.statistics).toMatchObject({ distinct: 9 });
});

test('a closed field is forgotten, and one that fails says so', async () => {
  const { engine, analyses } = open();
  analyses.toggle('pri_ip');
  analyses.toggle('pri_ip');
  expect(engine.last('field:read').isCancelled).toBe(true);
  await engine.last('field:read').answer(ok({ field: 'pri_ip' }));
  expect(analyses.open.size).toBe(0);
  analyses.toggle('pub_ip');
  await engine.last('field:read').answer(failed('ENGINE_GONE'));
  expect(analyses.open.get('pub_ip')?.error?.code).toBe('ENGINE_GONE');
  analyses.leave();
  expect(analyses.open.size).toBe(0);
});
