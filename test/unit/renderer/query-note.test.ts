import { expect, test } from 'vitest';
import { LogstoreState } from '../../../src-renderer/features/logstore/logstore-state.svelte';
import { QueryHistory } from '../../../src-renderer/features/logstore/query-history';
import { QueryNote } from '../../../src-renderer/features/logstore/query-note';
import { FakeEngine } from './fake-engine';

const tab = (kept = new Map<string, string>()): Storage =>
  ({
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }) as unknown as Storage;

function open(logstore = 'nat'): LogstoreState {
  return new LogstoreState(new FakeEngine(), { project: 'local', logstore }, () => 'UTC', new QueryHistory(null));
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

test.each(['', 'null', '{}', '[1', '{"place":"local/nat","text":1}', '{"place":"local/nat","text":"a","range":null}'])(
  'what is kept and cannot be read (%s) changes nothing',
  (json) => {
    const logs = open();
    new QueryNote(tab(new Map([['natscope.query', json]]))).restore(logs);
    expect([logs.text, logs.tab]).toEqual(['', 'raw']);
  },
);
