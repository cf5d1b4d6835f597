import { expect, test } from 'vitest';
import { LogstoreState } from '../../../src-renderer/features/logstore/logstore-state.svelte';
import { QueryHistory } from '../../../src-renderer/features/logstore/query-history';
import { FakeEngine, failed, histogram, numbers, ok, report, SNAPSHOT } from './fake-engine';

function open(): { engine: FakeEngine; logs: LogstoreState } {
  const engine = new FakeEngine();
  const place = { project: 'local', logstore: 'session-log' };
  return { engine, logs: new LogstoreState(engine, place, () => 'Asia/Shanghai', new QueryHistory(null)) };
}

test('a search asks for the histogram and the newest page, in the zone', async () => {
  const { engine, logs } = open();
  logs.text = 'pub_port=443';
  const run = logs.run();
  expect(engine.asked.map(({ name }) => name)).toEqual(['histogram:run', 'query:run']);
  expect(engine.last('query:run').request).toEqual({
    entryIds: true,
    entryTime: true,
    text: 'pub_port=443',
    project: 'local',
    logstore: 'session-log',
    from: null,
    to: null,
    zone: 'Asia/Shanghai',
    limit: 500,
    offset: 0,
    reverse: true,
    snapshot: null,
  });
  await engine.last('query:run').listeners.onBatch?.(numbers('n', [7, 8]));
  await engine.last('query:run').answer(ok(report(2)));
  await engine.last('histogram:run').answer(ok(histogram(2)));
  await run;
  expect(logs.phase).toBe('idle');
  expect(logs.answer?.rows.rowCount).toBe(2);
  expect(logs.answer?.rows.rowAt(1)?.row).toBe(1);
});

test('the latest run wins, whatever the order of the answers', async () => {
  const { engine, logs } = open();
  logs.text = 'first';
  void logs.run();
  const [firstCount, firstRead] = engine.asked;
  logs.text = 'second';
  void logs.run();
  expect(firstRead?.isCancelled).toBe(true);
  await engine.last('query:run').answer(ok(report(0)));
  await engine.last('histogram:run').answer(ok(histogram(22)));
  await firstRead?.answer(ok(report(0)));
  await firstCount?.answer(ok(histogram(11)));
  expect(logs.answer?.histogram.entries).toBe(22);
  expect(logs.answer?.request.text).toBe('second');
});

test('an error leaves the answer before it, and names the text that it is about', async () => {
  const { engine, logs } = open();
  void logs.run();
  await engine.last('query:run').answer(ok(report(0)));
  await engine.last('histogram:run').answer(ok(histogram(5)));
  logs.text = 'pub_port=';
  void logs.run();
  await engine.last('query:run').answer(failed('QUERY_SYNTAX'));
  expect(engine.last('histogram:run').isCancelled).toBe(true);
  await engine.last('histogram:run').answer(failed('QUERY_CANCELLED'));
  expect(logs.error?.code).toBe('QUERY_SYNTAX');
  expect(logs.errorText).toBe('pub_port=');
  expect(logs.answer?.histogram.entries).toBe(5);
  expect(logs.isStale).toBe(true);
});

test('what is being written is not asked when the log has changed', async () => {
  const { engine, logs } = open();
  logs.text = 'protocol: 6';
  void logs.run();
  await engine.last('query:run').answer(ok(report(0)));
  await engine.last('histogram:run').answer(ok(histogram(5)));
  logs.text = 'protocol: 6 and pub_po';
  void logs.askAgain();
  expect(engine.last('query:run').request.text).toBe('protocol: 6');
  await engine.last('query:run').answer(ok(report(0)));
  await engine.last('histogram:run').answer(ok(histogram(8)));
  expect(logs.answer?.histogram.entries).toBe(8);
  expect(logs.text).toBe('protocol: 6 and pub_po');
  expect(logs.isEdited).toBe(true);
  logs.text = 'protocol: 6';
  void logs.askAgain();
  expect(engine.last('query:run').request.text).toBe('protocol: 6');
  expect(logs.phase).toBe('running');
});

test('an import that ends between page and count does not part them', async () => {
  const { engine, logs } = open();
  logs.range = { from: '-15m', to: null };
  const run = logs.run();
  const [count] = engine.asked;
  const later = { maxRun: 2, startedMs: 5, hidden: [], runs: 2 };
  await count?.answer(ok(histogram(9)));
  await engine.last('query:run').answer(ok({ ...report(2), snapshot: later }));
  const recount = engine.last('histogram:run');
  expect(recount).not.toBe(count);
  expect(recount.request).toMatchObject({ from: '600', to: '1200', snapshot: later });
  logs.cancel();
  expect(recount.isCancelled).toBe(true);
  await recount.answer(ok({ ...histogram(12), snapshot: later }));
  await run;
  expect(logs.answer?.rows.rowCount).toBe(12);
  expect(logs.exportSubject?.query.snapshot).toEqual(later);
});

test('another zone makes the answer of a statement one to another question', async () => {
  const engine = new FakeEngine();
  let zone = 'UTC';
  const logs = new LogstoreState(
    engine,
    { project: 'local', logstore: 'session-log' },
    () => zone,
    new QueryHistory(null),
  );
  logs.text = '* | select count(*)';
  void logs.run();
  await engine.last('query:run').answer(ok(report(2)));
  await engine.last('histogram:run').answer(ok(histogram(2)));
  zone = 'Asia/Shanghai';
  expect(logs.isEdited).toBe(true);
  expect(logs.exportSubject?.query.zone).toBe('UTC');
});

test('cancelling is no error', async () => {
  const { engine, logs } = open();
  void logs.run();
  logs.cancel();
  expect(engine.asked.every(({ isCancelled }) => isCancelled)).toBe(true);
  await engine.last('query:run').answer(failed('QUERY_CANCELLED'));
  await engine.last('histogram:run').answer(failed('QUERY_CANCELLED'));
  expect(logs.phase).toBe('cancelled');
  expect(logs.error).toBeNull();
});

test('a statement is read whole, and says when more rows exist than are held', async () => {
  const { engine, logs } = open();
  logs.text = '* | select 1 as n';
  void logs.run();
  expect(engine.last('query:run').request['limit']).toBe(1_000_001);
  await engine.last('query:run').listeners.onBatch?.(numbers('n', [1, 2, 3]));
  await engine.last('query:run').answer(ok(report(1_000_001)));
  await engine.last('histogram:run').answer(ok(histogram(9)));
  expect(logs.answer?.kind).toBe('statement');
  expect(logs.answer?.isCut).toBe(true);
});

test('a zoom can be undone, back to the range as it was written', () => {
  const { logs } = open();
  logs.setRange({ from: '-15m', to: null });
  logs.zoom(600, 900);
  expect(logs.range).toEqual({ from: '600', to: '900' });
  logs.undoZoom();
  expect(logs.range).toEqual({ from: '-15m', to: null });
  expect(logs.zooms).toEqual([]);
});

test('a filter changes the query and runs it', () => {
  const { engine, logs } = open();
  logs.text = 'pub_port=443 | select count(*) from log';
  logs.filter({ field: 'pri_ip', value: '10.0.2.22', isNumber: false, isAgainst: true });
  expect(engine.last('query:run').request['text']).toBe(
    'pub_port=443 and not pri_ip:10.0.2.22 | select count(*) from log',
  );
});

test('an edited query is not taken for an answered one, and an export is of the answer', async () => {
  const { engine, logs } = open();
  expect(logs.exportSubject).toBeNull();
  logs.text = 'protocol:17';
  void logs.run();
  expect(logs.isEdited).toBe(false);
  await engine.last('query:run').answer(ok(report(2)));
  await engine.last('histogram:run').answer(ok(histogram(2)));
  expect(logs.isStale).toBe(false);

  logs.text = 'protocol:6';
  expect(logs.isEdited).toBe(true);
  expect(logs.isStale).toBe(true);
  // The range that was searched, since the end of the log may move.
  expect(logs.exportSubject?.query).toMatchObject({
    text: 'protocol:17',
    from: '600',
    to: '1200',
    limit: null,
    offset: 0,
    snapshot: SNAPSHOT,
  });
  logs.text = 'protocol:17';
  expect(logs.isEdited).toBe(false);
});

test.each([
  ['entries of the whole log', '*', null, false],
  ['entries before the end', '*', '-1d', false],
  ['entries since an instant', '*', '1741597200', false],
  ['entries since a time of the zone', '*', '2025-03-10 09:00', true],
  ['entries of a day of the zone', '*', '@d', true],
  ['a statement', '* | select count(*)', null, true],
])('%s: another zone has another answer or not', async (_, text, from, isOther) => {
  const engine = new FakeEngine();
  const place = { project: 'local', logstore: 'session-log' };
  let zone = 'Asia/Shanghai';
  const logs = new LogstoreState(engine, place, () => zone, new QueryHistory(null));
  logs.text = text;
  logs.range = { from, to: null };
  void logs.run();
  await engine.last('query:run').answer(ok(report(2)));
  await engine.last('histogram:run').answer(ok(histogram(2)));
  zone = 'UTC';
  // Another text, and the same again: no signal tells of the zone here.
  logs.text = `${text} `;
  expect(logs.isEdited).toBe(true);
  logs.text = text;
  expect(logs.isEdited).toBe(isOther);
  expect(logs.exportSubject?.query.zone).toBe(isOther ? 'Asia/Shanghai' : 'UTC');
});

test('a query that was refused is not one that was not tried, until it is edited', async () => {
  const { engine, logs } = open();
  void logs.run();
  await engine.last('query:run').answer(ok(report(0)));
  await engine.last('histogram:run').answer(ok(histogram(5)));
  logs.text = 'pub_port=';
  void logs.run();
  await engine.last('query:run').answer(failed('QUERY_SYNTAX'));
  await engine.last('histogram:run').answer(failed('QUERY_CANCELLED'));
  expect(logs.isEdited).toBe(false);
  logs.text = 'pub_port=4';
  expect(logs.isEdited).toBe(true);
});

test('what is searched for from elsewhere is looked at where it is, and the whole log is one step back', async () => {
  const { engine, logs } = open();
  const answer = async (startSec: number): Promise<void> => {
    const bins = Array.from({ length: 10 }, (_, index) => ({
      startSec: startSec + index * 60,
      entries: index === 3 ? 2 : 0,
    }));
    await engine.last('query:run').answer(ok(report(2)));
    await engine.last('histogram:run').answer(ok({ ...histogram(2), binSec: 60, bins }));
  };
  void logs.search('__run__:2');
  await answer(6000);
  expect(engine.last('histogram:run').request).toMatchObject({ text: '__run__:2', from: '6180', to: '6240' });
  await engine.last('query:run').answer(ok(report(2)));
  await engine.last('histogram:run').answer(ok(histogram(2)));
  expect(logs.range).toEqual({ from: '6180', to: '6240' });
  logs.undoZoom();
  expect(logs.range).toEqual({ from: null, to: null });
});
