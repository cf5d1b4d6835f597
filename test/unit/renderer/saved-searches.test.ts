import { expect, test } from 'vitest';
import type { ErrorCode, Outcome } from '../../../src-main/contract/errors';
import type { SavedSearchReport } from '../../../src-main/contract/saved-search';
import { LogstoreState } from '../../../src-renderer/features/logstore/logstore-state.svelte';
import { QueryHistory } from '../../../src-renderer/features/logstore/query-history';
import { FakeEngine, failed, histogram, ok, report, settled } from './fake-engine';

const PLACE = { project: 'local', logstore: 'session-log' };
const BY_HOST: SavedSearchReport = {
  ...{ name: 'by host', query: 'pri_ip:${host} and x:1', range: { from: '-1h', to: null }, variables: { host: '*' } },
  ...{ createdMs: 1, updatedMs: 2 },
};

function start(): { engine: FakeEngine; logs: LogstoreState } {
  const engine = new FakeEngine();
  return { engine, logs: new LogstoreState(engine, PLACE, () => 'UTC', new QueryHistory(null)) };
}

async function answer(engine: FakeEngine): Promise<void> {
  await engine.last('query:run').answer(ok(report(0)));
  await engine.last('histogram:run').answer(ok(histogram(0)));
}

async function opened(): Promise<{ engine: FakeEngine; logs: LogstoreState }> {
  const { engine, logs } = start();
  void logs.saved.open('by host');
  expect(engine.last('saved-search:read').request).toEqual({ ...PLACE, name: 'by host' });
  await engine.last('saved-search:read').answer(ok(BY_HOST));
  await answer(engine);
  return { engine, logs };
}

test('a saved search is opened with its range and default values, and runs', async () => {
  const { engine, logs } = await opened();
  expect(engine.last('query:run').request).toMatchObject({ text: 'pri_ip:* and x:1', from: '-1h', to: null });
  expect(logs.text).toBe(BY_HOST.query);
  expect([logs.saved.isChanged, logs.isEdited]).toEqual([false, false]);
});

test('a value that is typed is of the query that runs, and no change of the saved search', async () => {
  const { engine, logs } = await opened();
  logs.setVariable('host', '10.0.1.1 or x:2');
  expect([logs.saved.isChanged, logs.isEdited]).toEqual([false, true]);
  void logs.run();
  expect(engine.last('query:run').request['text']).toBe('pri_ip:"10.0.1.1 or x:2" and x:1');
});

test('a variable has no value of itself, whatever its name', () => {
  const { logs } = start();
  const { variables } = logs;
  expect([variables.valueOf('constructor'), variables.valueOf('__proto__'), variables.typedOf('toString')]).toEqual([
    ...[undefined, undefined, ''],
  ]);
  variables.type('__proto__', '1');
  expect(variables.apply('pri_port=${__proto__}')).toMatchObject({ ok: true, value: { text: 'pri_port=1' } });
});

test('what is saved or deleted by a double click is so once, and what went wrong before is told once', async () => {
  const { engine, logs } = await opened();
  const { saved } = logs;
  const count = (name: string): number => engine.asked.filter((each) => each.name === name).length;
  const saving = saved.saveAs('twice', { withRange: false, defaults: {} });
  expect(await saved.saveAs('twice', { withRange: false, defaults: {} })).toBe(false);
  await engine.last('saved-search:write').answer(ok({ ...BY_HOST, name: 'twice' }));
  await engine.last('saved-search:list').answer(ok({ savedSearches: [] }));
  expect([await saving, count('saved-search:write')]).toEqual([true, 1]);

  const deleting = saved.delete();
  expect(await saved.delete()).toBe(false);
  expect(count('saved-search:delete')).toBe(1);
  await engine.last('saved-search:delete').answer(failed('ENGINE_GONE'));
  expect([await deleting, saved.error?.code]).toEqual([false, 'ENGINE_GONE']);
  saved.ask('save');
  expect([saved.asking, saved.error]).toEqual(['save', null]);
});

test('a change is shown, reverted, and saved under the same name', async () => {
  const { engine, logs } = await opened();
  logs.text = 'pri_ip:${host}';
  expect(logs.saved.isChanged).toBe(true);
  logs.saved.revert();
  await engine.last('saved-search:read').answer(ok(BY_HOST));
  expect(logs.text).toBe(BY_HOST.query);
  logs.range = { from: '@d', to: null };
  expect(logs.saved.isChanged).toBe(true);
  void logs.saved.save();
  const range = { from: '@d', to: null };
  const savedSearch = { name: 'by host', query: BY_HOST.query, range, variables: { host: '*' } };
  expect(engine.last('saved-search:write').request).toEqual({ ...PLACE, savedSearch, replace: true, knownMs: 2 });
  await engine.last('saved-search:write').answer(ok({ ...BY_HOST, range }));
  expect(logs.saved.isChanged).toBe(false);
});

test('another name is another saved search, without the range and without what is no variable of it', async () => {
  const { engine, logs } = await opened();
  logs.text = 'x:1';
  const saving = logs.saved.saveAs('all', { withRange: false, defaults: { host: '*' } });
  const savedSearch = { name: 'all', query: 'x:1', range: null, variables: {} };
  expect(engine.last('saved-search:write').request).toEqual({ ...PLACE, savedSearch, replace: false, knownMs: null });
  await engine
    .last('saved-search:write')
    .answer({ ok: false, error: { code: 'SAVED_SEARCH_EXISTS', message: '', detail: {} } });
  expect(await saving).toBe(false);
  expect([logs.saved.error?.code, logs.saved.current?.name]).toEqual(['SAVED_SEARCH_EXISTS', 'by host']);
});

const refused = (code: ErrorCode): Outcome<never> => ({ ok: false, error: { code, message: '', detail: {} } });

test('one that was changed elsewhere is not replaced unless it is saved again', async () => {
  const { engine, logs } = await opened();
  logs.text = 'mine:${host}';
  const saving = logs.saved.save();
  await engine.last('saved-search:write').answer(refused('SAVED_SEARCH_CHANGED'));
  await engine.last('saved-search:read').answer(ok({ ...BY_HOST, query: 'theirs:1', variables: {}, updatedMs: 9 }));
  expect(await saving).toBe(false);
  expect([logs.saved.error?.code, logs.text, logs.saved.isChanged]).toEqual([
    'SAVED_SEARCH_CHANGED',
    'mine:${host}',
    true,
  ]);
  void logs.saved.save();
  expect(engine.last('saved-search:write').request).toMatchObject({
    savedSearch: { query: 'mine:${host}', variables: { host: '*' } },
    knownMs: 9,
  });
});

test('one that was deleted elsewhere does not come back unasked', async () => {
  const { engine, logs } = await opened();
  logs.text = 'mine:1';
  const saving = logs.saved.save();
  await engine.last('saved-search:write').answer(refused('SAVED_SEARCH_NOT_FOUND'));
  expect(await saving).toBe(false);
  expect([logs.saved.current, logs.text]).toEqual([null, 'mine:1']);
});

test('one that is deleted leaves its query', async () => {
  const { engine, logs } = await opened();
  void logs.saved.delete();
  await engine.last('saved-search:delete').answer(ok(null));
  await engine.last('saved-search:list').answer(ok({ savedSearches: [] }));
  expect([logs.saved.current, logs.saved.list, logs.text]).toEqual([null, [], BY_HOST.query]);
});

test.each(['delete', 'save'] as const)(
  'one that is deleted ends the question about it, and not that to %s',
  async (asked) => {
    const { engine, logs } = await opened();
    logs.saved.asking = 'delete';
    void logs.saved.delete();
    logs.saved.asking = asked;
    await engine.last('saved-search:delete').answer(ok(null));
    // Before the list is there.
    expect([logs.saved.current, logs.saved.asking]).toEqual([null, asked === 'delete' ? null : asked]);
  },
);

test('a link is taken before the first run, and stays one while there is no engine', async () => {
  const { engine, logs } = start();
  logs.saved.await('by host');
  void logs.saved.arrive();
  await engine.last('saved-search:read').answer({ ok: false, error: { code: 'ENGINE_GONE', message: '', detail: {} } });
  expect(logs.saved.wanted).toBe('by host');
  void logs.saved.arrive();
  await engine.last('saved-search:read').answer(ok(BY_HOST));
  expect([logs.saved.wanted, logs.text, logs.saved.error]).toEqual([null, BY_HOST.query, null]);
  await logs.saved.arrive();
  expect(engine.asked).toHaveLength(2);
});

test('a variable without a value is an error at its place, until it has one', async () => {
  const { engine, logs } = start();
  logs.text = 'x:1 and y:${y}';
  await logs.run();
  expect(engine.asked).toEqual([]);
  expect(logs.error).toMatchObject({ code: 'QUERY_VARIABLE', detail: { name: 'y', position: 10, length: 4 } });
  logs.setVariable('y', '2');
  expect(logs.error).toBeNull();
});

test('an error of what ran is at its place in what was written', async () => {
  const { engine, logs } = start();
  logs.text = 'x:${x} | SELECT wrong';
  logs.setVariable('x', 'a long value');
  void logs.run();
  const text = String(engine.last('query:run').request['text']);
  expect(text).toBe('x:"a long value" | SELECT wrong');
  const detail = { position: text.indexOf('wrong'), length: 5 };
  await engine.last('query:run').answer({ ok: false, error: { code: 'QUERY_UNKNOWN_FIELD', message: '', detail } });
  await engine.last('histogram:run').answer(ok(histogram(0)));
  await settled();
  expect(logs.error?.detail).toEqual({ position: logs.text.indexOf('wrong'), length: 5 });
});
