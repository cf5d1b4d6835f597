import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cellText } from '../../../src-renderer/features/logstore/cell-text';
import { EntryPages } from '../../../src-renderer/features/logstore/entry-pages.svelte';
import { wholeText } from '../../../src-renderer/services/error-text';
import { FakeEngine, failed, numbers, ok, report } from './fake-engine';

const ROWS = 10_000;
const request = {
  ...{ text: '', project: 'local', logstore: 'session-log', from: '0', to: '1', zone: 'UTC' },
  ...{ limit: null, offset: 0, reverse: false, snapshot: null },
};
const page = (from: number, rows: number): number[] => Array.from({ length: rows }, (_, row) => from + row);

function open(): { engine: FakeEngine; pages: EntryPages; valueAt: (index: number) => string | null | undefined } {
  const engine = new FakeEngine();
  const pages = new EntryPages(engine, request, ROWS, [{ name: 'n', type: 'int64' }], [numbers('n', page(0, 500))]);
  const valueAt = (index: number): string | null | undefined => {
    const place = pages.rowAt(index);
    const column = place?.batch.columns[0];
    return place === null || column === undefined ? undefined : cellText(column, place.row);
  };
  return { engine, pages, valueAt };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the first page is there without a call', () => {
  const { engine, pages, valueAt } = open();
  pages.want(0, 40);
  vi.runAllTimers();
  expect(engine.asked).toEqual([]);
  expect(valueAt(39)).toBe('39');
});

test('a page is asked for once, by its offset, when its rows are looked at for a moment', async () => {
  const { engine, pages, valueAt } = open();
  pages.want(980, 1020);
  pages.want(1200, 1240);
  expect(engine.asked).toEqual([]);
  vi.runAllTimers();
  pages.want(1210, 1250);
  vi.runAllTimers();
  expect(engine.asked.map(({ request: { offset, limit, reverse } }) => ({ offset, limit, reverse }))).toEqual([
    { offset: 1000, limit: 500, reverse: false },
  ]);
  expect(valueAt(1200)).toBeUndefined();
  // In two batches, as the engine may cut them.
  await engine.last('query:run').listeners.onBatch?.(numbers('n', page(1000, 201)));
  await engine.last('query:run').listeners.onBatch?.(numbers('n', page(1201, 299)));
  await engine.last('query:run').answer(ok(report(500)));
  expect(valueAt(1200)).toBe('1200');
  expect(valueAt(1201)).toBe('1201');
});

test('the second half is read from the other end, and shown in the right order', async () => {
  const { engine, pages, valueAt } = open();
  pages.want(ROWS - 20, ROWS);
  vi.runAllTimers();
  expect(engine.last('query:run').request).toMatchObject({ offset: 0, limit: 500, reverse: true });
  await engine.last('query:run').listeners.onBatch?.(numbers('n', page(ROWS - 500, 500).reverse()));
  await engine.last('query:run').answer(ok(report(500)));
  expect(valueAt(ROWS - 1)).toBe(String(ROWS - 1));
  expect(valueAt(ROWS - 500)).toBe(String(ROWS - 500));
});

test('what is not looked at any more is cancelled, and that is no error', async () => {
  const { engine, pages } = open();
  pages.want(2000, 2040);
  vi.runAllTimers();
  const left = engine.last('query:run');
  pages.want(4000, 4040);
  expect(left.isCancelled).toBe(true);
  await left.answer(failed('QUERY_CANCELLED'));
  expect(pages.error).toBeNull();
  vi.runAllTimers();
  await engine.last('query:run').answer(failed('INTERNAL'));
  expect(pages.error?.code).toBe('INTERNAL');
});

test('a page that cannot be had is told with its cause, until one can be', async () => {
  const { engine, pages } = open();
  pages.want(2000, 2040);
  vi.runAllTimers();
  const message = 'Entries that the answer was of were deleted since';
  await engine.last('query:run').answer({ ok: false, error: { code: 'SNAPSHOT_GONE', message, detail: { runs: 1 } } });
  expect(pages.error).toMatchObject({ code: 'SNAPSHOT_GONE', detail: { runs: 1 } });
  expect(pages.error === null ? '' : wholeText(pages.error)).toBe(
    'Entries of this answer were deleted since. Run the query again for what is there now.',
  );
  // Its rows stay away, and those that are there stay.
  expect(pages.rowAt(2000)).toBeNull();
  expect(pages.rowAt(0)).not.toBeNull();

  pages.want(4000, 4040);
  vi.runAllTimers();
  await engine.last('query:run').listeners.onBatch?.(numbers('n', page(4000, 500)));
  await engine.last('query:run').answer(ok(report(500)));
  expect(pages.error).toBeNull();
});

test('a page that is wanted again before its cancelling is answered is asked for again', async () => {
  const { engine, pages, valueAt } = open();
  pages.want(2000, 2040);
  vi.runAllTimers();
  const left = engine.last('query:run');
  pages.want(0, 40);
  expect(left.isCancelled).toBe(true);
  pages.want(2000, 2040);
  vi.runAllTimers();
  const again = engine.last('query:run');
  expect(again).not.toBe(left);
  await left.answer(failed('QUERY_CANCELLED'));
  // The end of the one before says nothing about the one that runs.
  pages.want(2000, 2050);
  vi.runAllTimers();
  expect(engine.asked).toHaveLength(2);
  await again.listeners.onBatch?.(numbers('n', page(2000, 500)));
  await again.answer(ok(report(500)));
  expect(valueAt(2000)).toBe('2000');
});
