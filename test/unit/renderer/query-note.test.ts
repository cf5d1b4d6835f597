import { expect, test } from 'vitest';
import { LogstoreState } from '../../../src-renderer/features/logstore/logstore-state.svelte';
import { QueryHistory } from '../../../src-renderer/features/logstore/query-history';
import { QueryNote } from '../../../src-renderer/features/logstore/query-note';
import { FakeEngine, ok } from './fake-engine';

const tab = (kept = new Map<string, string>()): Storage =>
  ({
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }) as unknown as Storage;

function open(logstore = 'nat', engine = new FakeEngine()): LogstoreState {
  return new LogstoreState(engine, { project: 'local', logstore }, () => 'UTC', new QueryHistory(null));
}

test('what was written is there again after the page was loaded again, once, and for its Logstore alone', () => {
  const storage = tab();
  const left = open();
  Object.assign(left, { text: 'pub_port=443 ', range: { from: '-1h', to: null }, tab: 'graph', isNewestFirst: false });
  new QueryNote(storage).write(left);

  const note = new QueryNote(storage);
  const [again, later] = [open(), open()];
  note.restore(again);
  note.restore(later);
  expect([again.text, again.range, again.tab, again.isNewestFirst]).toEqual([
    ...['pub_port=443 ', { from: '-1h', to: null }, 'graph', false],
  ]);
  expect(later.text).toBe('');

  const other = open('web');
  new QueryNote(storage).restore(other);
  expect([other.text, other.tab]).toEqual(['', 'raw']);
});

const BY_HOST = {
  ...{ name: 'by host', query: 'pri_ip:${host}', range: null, variables: { host: '*', port: '1' } },
  ...{ createdMs: 1, updatedMs: 2 },
};

test('a saved search is open again with what was changed of it and typed for its variables', async () => {
  const storage = tab();
  const left = open();
  left.saved.current = BY_HOST;
  left.text = 'pri_ip:${host} and pri_port=${port}';
  left.setVariable('host', '10.0.0.7');
  new QueryNote(storage).write(left);

  const engine = new FakeEngine();
  const again = open('nat', engine);
  again.saved.await('by host');
  new QueryNote(storage).restore(again);
  const arriving = again.saved.arrive();
  await engine.last('saved-search:read').answer(ok(BY_HOST));
  await arriving;
  expect([again.text, again.saved.current?.name, again.saved.isChanged]).toEqual([left.text, 'by host', true]);
  expect(again.variables.apply(again.text)).toMatchObject({ value: { text: 'pri_ip:10.0.0.7 and pri_port=1' } });

  again.saved.revert();
  await engine.last('saved-search:read').answer(ok(BY_HOST));
  expect([again.text, again.variables.valueOf('host')]).toEqual([BY_HOST.query, '*']);
});

test('a link to another saved search has nothing of what was left', () => {
  const storage = tab();
  const left = open();
  left.text = 'pri_ip:${host}';
  left.setVariable('host', '10.0.0.7');
  new QueryNote(storage).write(left);
  const linked = open();
  linked.saved.await('by host');
  new QueryNote(storage).restore(linked);
  expect([linked.text, linked.saved.wanted, linked.variables.typed]).toEqual(['', 'by host', {}]);

  const again = open();
  new QueryNote(storage).restore(again);
  expect(again.variables.typed).toEqual({ host: '10.0.0.7' });
});

test.each(['', 'null', '{}', '[1', '{"place":"local/nat","text":1}', '{"place":"local/nat","text":"a","range":null}'])(
  'what is kept and cannot be read (%s) changes nothing',
  (json) => {
    const logs = open();
    new QueryNote(tab(new Map([['natscope.query', json]]))).restore(logs);
    expect([logs.text, logs.tab]).toEqual(['', 'raw']);
  },
);
