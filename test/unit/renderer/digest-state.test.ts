import { describe, expect, test } from 'vitest';
import { digestLine, type DigestActs } from '../../../src-renderer/features/ledger/digest-line';
import { DigestState, type DigestStatus } from '../../../src-renderer/features/ledger/digest-state.svelte';
import { FakeEngine, failed, ok, settled } from './fake-engine';

const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const changed = { code: 'CAPTURE_CHANGED', message: '/b.pcap is not what import 4 read any more', detail: {} } as const;

function open(): { engine: FakeEngine; digests: DigestState } {
  const engine = new FakeEngine();
  return { engine, digests: new DigestState(engine) };
}

test('imports are read one after the other, and each once', async () => {
  const { engine, digests } = open();
  digests.compute(4);
  digests.compute(5);
  digests.compute(4);
  digests.compute(5);
  expect(engine.asked.map(({ request }) => request)).toEqual([{ run: 4 }]);
  expect(digests.statusOf(4, 0, null)).toEqual({ kind: 'computing', part: null });
  expect(digests.statusOf(5, 0, null)).toEqual({ kind: 'waiting' });
  expect(digests.statusOf(6, 0, null)).toEqual({ kind: 'none' });

  engine.last('digest:run').listeners.onEvent?.('digest:progress', { readBytes: 30, totalBytes: 40 });
  expect(digests.statusOf(4, 0, null)).toEqual({ kind: 'computing', part: 0.75 });
  const answers = [
    { sha256: SHA256, error: null },
    { sha256: null, error: changed },
  ];
  await engine.last('digest:run').answer(ok({ digests: answers }));
  expect(digests.statusOf(4, 0, null)).toEqual({ kind: 'known', sha256: SHA256 });
  expect(digests.statusOf(4, 1, null)).toEqual({ kind: 'failed', error: changed });
  expect(engine.last('digest:run').request).toEqual({ run: 5 });
  expect(digests.statusOf(5, 0, null)).toEqual({ kind: 'computing', part: null });
});

test('what the import was told with needs no computing', () => {
  expect(open().digests.statusOf(4, 0, SHA256)).toEqual({ kind: 'known', sha256: SHA256 });
});

test('one that is stopped is as if it was never asked for, and may be asked for again', async () => {
  const { engine, digests } = open();
  digests.compute(4);
  digests.compute(5);
  digests.stop(5);
  expect(digests.statusOf(5, 0, null)).toEqual({ kind: 'none' });
  digests.stop(4);
  expect(engine.last('digest:run').isCancelled).toBe(true);
  await engine.last('digest:run').answer(failed('QUERY_CANCELLED'));
  expect(digests.statusOf(4, 0, null)).toEqual({ kind: 'none' });
  digests.compute(4);
  await settled();
  expect(engine.asked).toHaveLength(2);
});

test('an engine that goes while it reads is the cause', async () => {
  const { engine, digests } = open();
  digests.compute(4);
  await engine.last('digest:run').answer(failed('ENGINE_GONE'));
  expect(digests.statusOf(4, 0, null)).toMatchObject({ kind: 'failed', error: { code: 'ENGINE_GONE' } });
});

describe('the line of a digest', () => {
  const did: string[] = [];
  const acts: DigestActs = {
    copy: (text) => void did.push(`copy ${text}`),
    compute: () => void did.push('compute'),
    stop: () => void did.push('stop'),
  };
  test.each<{ status: DigestStatus; value: string; button: string; act: string }>([
    { status: { kind: 'known', sha256: SHA256 }, value: SHA256, button: 'Copy', act: `copy ${SHA256}` },
    {
      status: { kind: 'none' },
      value: 'Not computed yet: that takes reading all of the capture once more.',
      button: 'Compute',
      act: 'compute',
    },
    { status: { kind: 'waiting' }, value: 'Waits for that of another import.', button: 'Stop', act: 'stop' },
    { status: { kind: 'computing', part: null }, value: 'Being computed', button: 'Stop', act: 'stop' },
    { status: { kind: 'computing', part: 0.254 }, value: 'Being computed, 25 %', button: 'Stop', act: 'stop' },
    {
      status: { kind: 'failed', error: { ...changed, detail: { file: '/b.pcap' } } },
      value: 'Not known. b.pcap is not the file any more that was imported.',
      button: 'Try again',
      act: 'compute',
    },
  ])('$status.kind: $value', ({ status, value, button, act }) => {
    const line = digestLine(status, 'b.pcap', acts);
    expect(line.value.replaceAll('\u202f', ' ')).toContain(value);
    expect(line.isUnknown).toBe(status.kind !== 'known');
    expect(line.action?.label).toBe(button);
    expect(line.action?.name).toContain('b.pcap');
    line.action?.run();
    expect(did.pop()).toBe(act);
  });
});
