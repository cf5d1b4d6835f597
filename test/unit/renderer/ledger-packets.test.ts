import { expect, test } from 'vitest';
import type { ImportReport } from '../../../src-main/contract/imports';
import { LedgerPacketsState, PAGE } from '../../../src-renderer/features/ledger/ledger-packets.svelte';
import { FakeEngine, failed, ok } from './fake-engine';

const REPORT = {
  run: 3,
  ledger: { packets: { read: 700, inEntries: 190, notInEntries: { intra: 510 } } },
} as unknown as ImportReport;
const packets = (count: number): unknown[] => Array.from({ length: count }, (_, index) => ({ frameNo: index + 1 }));

function open() {
  const engine = new FakeEngine();
  return { engine, state: new LedgerPacketsState(engine) };
}

test('the packets behind a number are read page by page, until there are as many as it says', async () => {
  const { engine, state } = open();
  void state.open(REPORT, 'intra');
  expect([state.total, state.isLoading]).toEqual([510, true]);
  expect(engine.last('import:packets').request).toEqual({ run: 3, of: 'intra', offset: 0, limit: PAGE });
  await engine.last('import:packets').answer(ok({ packets: packets(PAGE), isEnd: false }));
  void state.more();
  expect(engine.last('import:packets').request).toMatchObject({ offset: PAGE });
  await engine.last('import:packets').answer(ok({ packets: packets(10), isEnd: true }));
  expect([state.packets.length, state.isEnd, state.isOff]).toEqual([510, true, false]);
});

test('fewer packets than a number says are told', async () => {
  const { engine, state } = open();
  void state.open(REPORT, 'in_entries');
  await engine.last('import:packets').answer(ok({ packets: packets(5), isEnd: true }));
  expect([state.total, state.isOff]).toEqual([190, true]);
});

test('what is closed is not read any more, and what fails can be tried again', async () => {
  const { engine, state } = open();
  void state.open(REPORT, 'read');
  const first = engine.last('import:packets');
  state.close();
  expect([first.isCancelled, state.report, state.total]).toEqual([true, null, 0]);
  await first.answer(ok({ packets: packets(5), isEnd: true }));
  expect(state.packets).toEqual([]);
  void state.open(REPORT, 'read');
  await engine.last('import:packets').answer(failed('ENGINE_GONE'));
  expect([state.total, state.error?.code, state.isLoading]).toEqual([700, 'ENGINE_GONE', false]);
  void state.more();
  expect(engine.last('import:packets').request).toMatchObject({ of: 'read', offset: 0 });
});

test('packets of a capture are as many as its facts say, and none where nobody knows', async () => {
  const { engine, state } = open();
  const described = [{ details: null }, { details: { ipv6: { packets: 5, bytes: 300 } } }];
  const report = { ...REPORT, described } as unknown as ImportReport;
  void state.open(report, { capture: 1, fact: 'ipv6' });
  expect(engine.last('import:packets').request).toMatchObject({ run: 3, of: { capture: 1, fact: 'ipv6' }, offset: 0 });
  await engine.last('import:packets').answer(ok({ packets: packets(5), isEnd: true }));
  expect([state.total, state.isOff]).toEqual([5, false]);
  void state.open(report, { capture: 0, fact: 'ipv6' });
  expect(state.total).toBe(0);
});
