import { expect, test } from 'vitest';
import { LedgerState } from '../../../src-renderer/features/ledger/ledger-state.svelte';
import { FakeEngine, failed, ok, settled } from './fake-engine';

const HOSTS = { hosts: 1, outbound: { packets: 2, bytes: 80 }, busiest: [] };

function open(): { engine: FakeEngine; ledgers: LedgerState } {
  const engine = new FakeEngine();
  return { engine, ledgers: new LedgerState(engine) };
}

test('an import is shown as soon as it is read, and its hosts when they are counted', async () => {
  const { engine, ledgers } = open();
  void ledgers.open(3);
  await engine.last('import:read').answer(ok({ run: 3 }));
  expect(ledgers.report?.run).toBe(3);
  expect(ledgers.hosts).toBeNull();
  await engine.last('import:hosts').answer(ok(HOSTS));
  expect(ledgers.hosts).toEqual(HOSTS);
  ledgers.close();
  void ledgers.open(3);
  await settled();
  expect(engine.asked).toHaveLength(2);
});

test('what comes late of another import is not shown', async () => {
  const { engine, ledgers } = open();
  void ledgers.open(3);
  await engine.last('import:read').answer(ok({ run: 3 }));
  const late = engine.last('import:hosts');
  void ledgers.open(4);
  await late.answer(ok(HOSTS));
  expect(ledgers.hosts).toBeNull();
  await engine.last('import:read').answer(ok({ run: 4 }));
  expect(ledgers.report?.run).toBe(4);
  await engine.last('import:hosts').answer(failed('ENGINE_GONE'));
  expect(ledgers.error?.code).toBe('ENGINE_GONE');
});
