import { expect, test } from 'vitest';
import type { QueryRequest } from '../../../src-main/contract/query';
import type { ResultBatch, ResultColumn } from '../../../src-main/contract/result-batch';
import { evidenceLines, entryLines } from '../../../src-renderer/features/entry/entry-facts';
import { EntryState, MAX_CHAIN, questionOf } from '../../../src-renderer/features/entry/entry-state.svelte';
import { EntryValues, entriesOf } from '../../../src-renderer/features/entry/entry-values';
import { ZoneClock } from '../../../src-renderer/services/time-format';
import { FakeEngine, SNAPSHOT, failed, ok } from './fake-engine';

const REQUEST = { project: 'local', logstore: 'session-log', snapshot: SNAPSHOT } as unknown as QueryRequest;

function whole(name: string, values: readonly (bigint | number)[]): ResultColumn {
  return { name, type: 'int64', data: BigInt64Array.from(values, BigInt) };
}

function text(name: string, values: readonly string[]): ResultColumn {
  return { name, type: 'text', data: Uint32Array.from(values.keys()), dictionary: values };
}

/** Entries 3-1, 3-2 …, a window each. */
function batch(count = 1): ResultBatch {
  const rows = Array.from({ length: count }, (_, row) => row);
  const columns: ResultColumn[] = [
    text(
      'entry',
      rows.map((row) => `3-${row + 1}`),
    ),
    whole(
      'start_time',
      rows.map((row) => 1_773_133_052 + row * 600),
    ),
    whole(
      'end_time',
      rows.map((row) => 1_773_133_072 + row * 600),
    ),
    whole(
      'protocol',
      rows.map(() => 6),
    ),
    ...(['pri', 'nat', 'pub'] as const).flatMap((side, index) => [
      text(
        `${side}_ip`,
        rows.map(() => `10.0.0.${index + 1}`),
      ),
      whole(
        `${side}_port`,
        rows.map(() => 1000 + index),
      ),
    ]),
    whole(
      'bytes_from_vpc',
      rows.map(() => 2n ** 60n),
    ),
    whole(
      'pkts_from_vpc',
      rows.map(() => 1),
    ),
    { ...whole('bytes_from_pub', [...rows.map(() => 0)]), validity: Uint8Array.from(rows, () => 0) },
  ];
  return { rowCount: count, columns };
}

const entry = (): EntryValues => new EntryValues({ batch: batch(), row: 0 });

const SESSION = {
  from: '1773133052.250000000',
  until: '1773133112.250000000',
  isObserved: false,
  endReason: 'fin',
  entries: [
    { id: '3-1', firstPacket: { capture: '/a.pcap', number: 7 }, lastPacket: { capture: '/a.pcap', number: 9 } },
  ],
};

test('an entry is shown with the entries of its session and the life of its mapping', async () => {
  const engine = new FakeEngine();
  const state = new EntryState(engine);
  void state.show(REQUEST, entry());
  expect(engine.last('context:read').request).toEqual({
    ...{ project: 'local', logstore: 'session-log', snapshot: SNAPSHOT },
    ...{ entry: { run: 3, entryNo: 1 }, same: 'session', back: MAX_CHAIN, forward: MAX_CHAIN },
  });
  expect(engine.last('attribution:read').request).toMatchObject({
    run: 3,
    questions: [
      {
        ...{ address: '10.0.0.2', port: 1001, protocol: 6, at: '1773133052', skewSec: 1 },
        destination: { address: '10.0.0.3', port: 1002 },
      },
    ],
  });
  void engine.last('context:read').listeners.onBatch?.(batch(3));
  await engine.last('context:read').answer(ok({ before: 0, after: 2 }));
  expect(state.evidence).toBeNull();
  const other = { ...SESSION, entries: [] };
  await engine.last('attribution:read').answer(ok({ answers: [{ hosts: [{ sessions: [other, SESSION] }] }] }));
  expect(state.evidence?.chain?.map(({ id }) => id?.entryNo)).toEqual([1, 2, 3]);
  expect([state.evidence?.isChainCut, state.evidence?.session]).toEqual([false, SESSION]);

  // The same one once more asks nothing.
  void state.show(REQUEST, entry());
  expect(engine.asked).toHaveLength(2);
});

test('what comes late of another entry, or of one that was closed, is not shown', async () => {
  const engine = new FakeEngine();
  const state = new EntryState(engine);
  state.open(0);
  void state.show(REQUEST, entry());
  const first = engine.last('context:read');
  void state.show(REQUEST, new EntryValues({ batch: batch(2), row: 1 }));
  expect(first.isCancelled).toBe(true);
  state.close();
  expect(engine.last('context:read').isCancelled).toBe(true);
  for (const call of engine.asked) await call.answer(ok({ before: 0, after: 0, answers: [] }));
  expect([state.isOpen, state.evidence]).toEqual([false, null]);
});

test('a log without sessions has none, and an engine that is gone says so and is asked again', async () => {
  const engine = new FakeEngine();
  const state = new EntryState(engine);
  void state.show(REQUEST, entry());
  const mismatch = { ok: false, error: { code: 'LOGSTORE_MISMATCH', message: 'no sessions', detail: {} } } as const;
  await engine.last('context:read').answer(mismatch);
  await engine.last('attribution:read').answer(ok({ answers: [] }));
  expect(state.error).toBeNull();
  expect(state.evidence).toEqual({ chain: null, isChainCut: false, session: null, isLoaded: false });

  void state.show(REQUEST, new EntryValues({ batch: batch(2), row: 1 }));
  await engine.last('context:read').answer(failed('ENGINE_GONE'));
  await engine.last('attribution:read').answer(failed('ENGINE_GONE'));
  expect(state.error?.code).toBe('ENGINE_GONE');
  void state.show(REQUEST, new EntryValues({ batch: batch(2), row: 1 }));
  expect(engine.asked).toHaveLength(6);
});

test('a session with more entries than are shown says so', async () => {
  const engine = new FakeEngine();
  const state = new EntryState(engine);
  void state.show(REQUEST, entry());
  await engine.last('context:read').answer(ok({ before: 3, after: MAX_CHAIN }));
  await engine.last('attribution:read').answer(ok({ answers: [] }));
  expect(state.evidence?.isChainCut).toBe(true);
});

test('an entry of other fields has no translation to be asked for', () => {
  const values = new EntryValues({
    batch: { rowCount: 1, columns: [text('entry', ['1-0']), text('url', ['/'])] },
    row: 0,
  });
  expect(questionOf(values)).toBeNull();
  expect(entryLines(values, new ZoneClock('UTC'))).toEqual([]);
  expect([values.endpoint('pri_ip', 'pri_port'), values.sum('pkts_from_vpc', 'pkts_from_pub')]).toEqual([null, null]);
});

test('an entry as JSON has its numbers digit for digit, and null where there is nothing', () => {
  const json = entry().json();
  expect(json).toContain(`"bytes_from_vpc": ${2n ** 60n}`);
  expect(JSON.parse(json)).toMatchObject({ pri_ip: '10.0.0.1', pri_port: 1000, bytes_from_pub: null });
  expect(json).not.toContain('"entry"');
  const hostile = 'a"b\\\n\u2028';
  const odd = new EntryValues({ batch: { rowCount: 1, columns: [text(hostile, [hostile])] }, row: 0 });
  expect(JSON.parse(odd.json())).toEqual({ [hostile]: hostile });
});

test('what an entry says, and what is known of it, in words', () => {
  const clock = new ZoneClock('UTC');
  const [values] = entriesOf([batch()]) as [EntryValues];
  expect(entryLines(values, clock).map(({ value }) => value)).toEqual([
    '10 Mar 2026 08:57:32 – 08:57:52',
    '6 TCP',
    '1,152,921,504,606,846,976 bytes, 1 packet',
  ]);
  const lines = evidenceLines(SESSION as unknown as Parameters<typeof evidenceLines>[0], '3-1', clock);
  expect(lines.map(({ value }) => value)).toEqual([
    'FIN from both',
    '2026-03-10 08:57:32.250',
    '2026-03-10 08:58:32.250, after 1\u202fmin 00\u202fs',
    'Made by the emulated gateway',
    'a.pcap 7 – 9',
  ]);
  const cut = { ...SESSION, endReason: 'capture_end' } as unknown as Parameters<typeof evidenceLines>[0];
  expect(evidenceLines(cut, '3-1', clock).find(({ isUnknown }) => isUnknown)?.value).toBe(
    'not before 2026-03-10 08:58:32.250: the capture ended while it was held',
  );
});

test('of an entry that was loaded nobody knows more, which is no failure', async () => {
  const engine = new FakeEngine();
  const state = new EntryState(engine);
  const shown = state.show(REQUEST, entry());
  await engine.last('context:read').answer(ok({ before: 0, after: 0 }));
  const missing = { ok: false, error: { code: 'RUN_NOT_FOUND', message: 'no import 3', detail: {} } } as const;
  await engine.last('attribution:read').answer(missing);
  await shown;
  expect([state.error, state.evidence?.isLoaded, state.evidence?.session]).toEqual([null, true, null]);
});
