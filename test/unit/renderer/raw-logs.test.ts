import { describe, expect, test, vi } from 'vitest';
import type { QueryRequest } from '../../../src-main/contract/query';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import { EntryValues } from '../../../src-renderer/features/entry/entry-values';
import { AS_THEY_ARE, ColumnChoice } from '../../../src-renderer/features/logstore/column-choice.svelte';
import { allColumns, columnsOfView } from '../../../src-renderer/features/logstore/columns';
import { CONTEXT_STEP, ContextState } from '../../../src-renderer/features/logstore/context-state.svelte';
import { jsonText, prettyJson } from '../../../src-renderer/features/logstore/json-text';
import { longText } from '../../../src-renderer/features/logstore/long-text';
import { RawChoices } from '../../../src-renderer/features/logstore/raw-choices.svelte';
import { RowActs, type RowListeners } from '../../../src-renderer/features/logstore/row-acts.svelte';
import { StatementRows } from '../../../src-renderer/features/logstore/statement-rows';
import { FakeEngine, SNAPSHOT, failed, numbers, ok } from './fake-engine';

const PLACE = { project: 'local', logstore: 'session-log' };
const LARGEST = 2n ** 63n - 1n;

/** Entries 1-1 and 1-2, of a host each, with a number that no double has. */
function entries(): ResultBatch {
  return {
    rowCount: 2,
    columns: [
      { name: 'entry', type: 'text', data: Uint32Array.of(0, 1), dictionary: ['1-1', '1-2'] },
      { name: 'vpc_id', type: 'text', data: Uint32Array.of(0, 0), dictionary: ['vpc "a"'] },
      { name: 'pri_ip', type: 'ipv4', data: Uint32Array.of(0x0a000001, 0x0a000002) },
      { name: 'bytes_from_vpc', type: 'int64', data: BigInt64Array.of(LARGEST, 0n), validity: Uint8Array.of(1, 0) },
      { name: 'start_time', type: 'int64', data: BigInt64Array.of(1_773_133_052n, 1_773_133_053n) },
    ],
  };
}

const rows = new StatementRows([entries()], [], Infinity);
const all = allColumns(rows, true);
const namesOf = (columns: readonly { readonly name: string }[]): string[] => columns.map(({ name }) => name);

class MemoryStore {
  readonly items = new Map<string, string>();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
  removeItem = (key: string): void => void this.items.delete(key);
}

describe('columns', () => {
  const inOrder = ['start_time', 'pri_ip', 'bytes_from_vpc', 'vpc_id'];

  test('are hidden, moved and widened, and as they were after a reset', () => {
    const choice = new ColumnChoice(AS_THEY_ARE, () => undefined);
    expect(namesOf(choice.shown(all))).toEqual(inOrder);
    choice.toggle('pri_ip', all);
    choice.move('vpc_id', 0, all);
    choice.resize('vpc_id', 1);
    expect(namesOf(choice.shown(all))).toEqual(['vpc_id', 'start_time', 'bytes_from_vpc']);
    expect(choice.shown(all)[0]?.width).toBe(3);
    choice.move('vpc_id', 99, all);
    expect(namesOf(choice.arrange(all)).at(-1)).toBe('vpc_id');
    choice.resize('vpc_id', null);
    choice.showAll();
    expect(choice.isAsItWas).toBe(false);
    choice.reset();
    expect(choice.shown(all)).toEqual(all);
    expect(choice.isAsItWas).toBe(true);
  });

  test('the last one that is shown stays', () => {
    const choice = new ColumnChoice(AS_THEY_ARE, () => undefined);
    for (const name of inOrder) choice.toggle(name, all);
    expect(namesOf(choice.shown(all))).toEqual(['vpc_id']);
  });

  test('have the width of what is in them where their name is one that every object knows', () => {
    const odd = new StatementRows([numbers('constructor', [1])], [], Infinity);
    const [column] = new ColumnChoice(AS_THEY_ARE, () => undefined).shown(allColumns(odd, false));
    expect(column?.width).toBe('constructor'.length);
  });

  test('all are shown where those that were chosen are gone', () => {
    const choice = new ColumnChoice({ ...AS_THEY_ARE, order: ['gone'], hidden: inOrder }, () => undefined);
    expect(choice.shown(all)).toEqual(all);
  });

  test.each([
    { view: 'table', names: ['start_time', 'bytes_from_vpc', 'vpc_id'] },
    { view: 'raw', names: inOrder },
    { view: 'json', names: ['vpc_id', 'pri_ip', 'bytes_from_vpc', 'start_time'] },
  ] as const)('of the view $view', ({ view, names }) => {
    const choice = new ColumnChoice({ ...AS_THEY_ARE, hidden: ['pri_ip'] }, () => undefined);
    expect(namesOf(columnsOfView(rows, view, true, choice))).toEqual(names);
  });
});

test('entries with fields of their own begin with their time, in the zone', () => {
  const own = new StatementRows(
    [{ rowCount: 1, columns: [...numbers('client', [7]).columns, ...numbers('__time__', [1_700_000_000]).columns] }],
    ...([[], Infinity] as const),
  );
  const [first] = allColumns(own, true);
  expect(first).toMatchObject({ name: '__time__', isTime: true });
});

describe('what was chosen', () => {
  test('is there again after a restart, the columns for each Logstore', () => {
    const store = new MemoryStore();
    const before = new RawChoices(store);
    before.show('json');
    before.wrap(true);
    before.columns(PLACE).toggle('pri_ip', all);
    const after = new RawChoices(store);
    expect([after.view, after.wraps]).toEqual(['json', true]);
    expect(namesOf(after.columns(PLACE).shown(all))).not.toContain('pri_ip');
    expect(after.columns({ ...PLACE, logstore: 'other' }).isAsItWas).toBe(true);
    after.columns(PLACE).reset();
    expect(new RawChoices(store).columns(PLACE).isAsItWas).toBe(true);
  });

  test.each([
    { name: 'no JSON', kept: '{' },
    { name: 'something else', kept: '[1]' },
    { name: 'an unknown view', kept: '{"view":"cards","wraps":1,"columns":[["a/b",{"order":3}],7]}' },
  ])('is as if nothing was where the store has $name', ({ kept }) => {
    const store = new MemoryStore();
    store.setItem('natscope.raw', kept);
    const choices = new RawChoices(store);
    expect([choices.view, choices.wraps]).toEqual(['table', false]);
    expect(choices.columns({ project: 'a', logstore: 'b' }).isAsItWas).toBe(true);
  });

  test('holds without a store', () => {
    const choices = new RawChoices(null);
    choices.show('raw');
    expect(choices.view).toBe('raw');
  });
});

describe('an entry as JSON', () => {
  test('has every digit of its numbers', () => {
    const json = new EntryValues({ batch: entries(), row: 0 }).json();
    expect(json).toContain(`"bytes_from_vpc": ${LARGEST}`);
    expect(json).toContain('"vpc_id": "vpc \\"a\\""');
    expect(jsonText(entries().columns[3]!, 1)).toBe('null');
  });

  test.each([
    {
      name: 'numbers digit for digit',
      json: '{"n":12345678901234567890123}',
      lines: '{\n  "n": 12345678901234567890123\n}',
    },
    { name: 'texts as they are', json: '["{a, b: [c]}","\\""]', lines: '[\n  "{a, b: [c]}",\n  "\\""\n]' },
    { name: 'what is empty on one line', json: '{"a":{},"b":[ ]}', lines: '{\n  "a": {},\n  "b": []\n}' },
    { name: 'a bare value', json: 'true', lines: 'true' },
  ])('is broken into lines with $name', ({ json, lines }) => {
    expect(prettyJson(json)).toBe(lines);
    expect(JSON.parse(lines)).toEqual(JSON.parse(json));
  });
});

test('of a long text the beginning is shown, and how much that leaves out', () => {
  expect(longText('a'.repeat(2000))).toEqual({ shown: 'a'.repeat(2000), more: 0 });
  expect(longText('a'.repeat(2500)).more).toBe(500);
  const { shown, more } = longText(`${'a'.repeat(1999)}😀b`);
  expect([shown.length, more]).toEqual([1999, 3]);
});

describe('what a value can be asked for', () => {
  function acting(areEntries = true, canChoose = false): { readonly acts: RowActs; readonly on: RowListeners } {
    const packets = { openLabel: '', canChoose, save: vi.fn(), open: vi.fn(), openElsewhere: vi.fn() };
    const on = { onfilter: vi.fn(), oncopy: vi.fn(), packets, onopen: vi.fn(), oncontext: vi.fn() };
    const fields = new Set(['pri_ip', 'start_time']);
    return {
      acts: new RowActs(
        () => ({ rows, areEntries, columns: all, fields }),
        () => on,
      ),
      on,
    };
  }
  const labels = (acts: RowActs): string[] => acts.menuItems.map(({ id }) => id);
  const place = { row: 1, place: { x: 0, y: 0 } };

  test('a field of the index can be filtered for and out, by its value', () => {
    const { acts, on } = acting();
    acts.menu = { ...place, column: 1 };
    expect(acts.menuLabel).toBe('pri_ip 10.0.0.2');
    expect(labels(acts)).toEqual(['for', 'out', 'copy', 'json', 'wireshark', 'packets', 'context', 'open']);
    for (const { id, run } of acts.menuItems) if (id === 'out' || id === 'context') run();
    expect(on.onfilter).toHaveBeenCalledWith({ field: 'pri_ip', value: '10.0.0.2', isNumber: false, isAgainst: true });
    expect(on.oncontext).toHaveBeenCalledWith(1, { run: 1, entryNo: 2 });
  });

  test('the packets of an entry are saved, and opened in a program, another one where one can be chosen', () => {
    const { acts, on } = acting(true, true);
    acts.menu = { ...place, column: 1 };
    for (const { id, run } of acts.menuItems) if (['wireshark', 'program', 'packets'].includes(id)) run();
    for (const act of [on.packets.open, on.packets.openElsewhere, on.packets.save]) {
      expect(act).toHaveBeenCalledExactlyOnceWith({ run: 1, entryNo: 2 });
    }
  });

  test('another one can only be copied, and its row as JSON', () => {
    const { acts, on } = acting(false);
    acts.menu = { ...place, column: 3 };
    expect(labels(acts)).toEqual(['copy', 'json']);
    for (const { run } of acts.menuItems) run();
    expect(on.oncopy).toHaveBeenNthCalledWith(1, 'vpc "a"');
    expect(on.oncopy).toHaveBeenNthCalledWith(2, new EntryValues({ batch: entries(), row: 1 }).json());
  });
});

describe('the context of an entry', () => {
  const request = { ...PLACE, snapshot: SNAPSHOT } as unknown as QueryRequest;
  const report = (before: number, after: number) => ok({ before, after, columns: [], snapshot: SNAPSHOT, notices: [] });

  test('is read around it, and further on either side, in the snapshot of the answer', async () => {
    const engine = new FakeEngine();
    const context = new ContextState(engine);
    void context.open(request, { run: 1, entryNo: 7 });
    const asked = engine.last('context:read');
    expect(asked.request).toEqual({
      ...{ ...PLACE, snapshot: SNAPSHOT, entry: { run: 1, entryNo: 7 }, same: 'log' },
      ...{ back: CONTEXT_STEP, forward: CONTEXT_STEP, entryTime: true },
    });
    void asked.listeners.onBatch?.({
      rowCount: 1,
      columns: [...numbers('n', [5]).columns, ...numbers('__index_number__', [0]).columns],
    });
    await asked.answer(report(CONTEXT_STEP, 3));
    expect(context.around).toMatchObject({ own: CONTEXT_STEP, hasOlder: true, hasNewer: false });
    expect(namesOf(context.around?.rows.columns ?? [])).toEqual(['n']);

    const onshift = vi.fn();
    void context.older(onshift);
    expect(engine.last('context:read').request).toMatchObject({ back: 2 * CONTEXT_STEP, forward: CONTEXT_STEP });
    await engine.last('context:read').answer(report(CONTEXT_STEP + 8, 3));
    expect(onshift).toHaveBeenCalledWith(8);
    expect(context.around).toMatchObject({ own: CONTEXT_STEP + 8, hasOlder: false });
    void context.newer();
    expect(engine.last('context:read').request).toMatchObject({ back: 2 * CONTEXT_STEP, forward: 2 * CONTEXT_STEP });
  });

  test('what failed says so, and what was read before stays', async () => {
    const engine = new FakeEngine();
    const context = new ContextState(engine);
    void context.open(request, { run: 1, entryNo: 7 });
    await engine.last('context:read').answer(report(CONTEXT_STEP, CONTEXT_STEP));
    void context.newer();
    await engine.last('context:read').answer(failed('ENGINE_GONE'));
    expect(context.error?.code).toBe('ENGINE_GONE');
    expect(context.around?.own).toBe(CONTEXT_STEP);
  });

  test('that was closed, or is of another entry by now, is not shown', async () => {
    const engine = new FakeEngine();
    const context = new ContextState(engine);
    void context.open(request, { run: 1, entryNo: 7 });
    const first = engine.last('context:read');
    void context.open(request, { run: 1, entryNo: 8 });
    expect(first.isCancelled).toBe(true);
    await first.answer(report(1, 1));
    expect(context.around).toBeNull();
    context.close();
    expect(engine.last('context:read').isCancelled).toBe(true);
    await engine.last('context:read').answer(report(1, 1));
    expect([context.around, context.entry, context.isReading]).toEqual([null, null, false]);
  });
});
