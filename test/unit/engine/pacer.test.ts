import { expect, test } from 'vitest';
import { PacketBatch } from '../../../src-main/capture/packet-batch';
import type { ScriptTime } from '../../../src-main/contract/delivery';
import { Pacer } from '../../../src-main/engine/pacer';
import { ReplayClock } from '../../../src-main/engine/replay-clock';

/** A replay of packets at these seconds, through a clock that stands still until it is moved. */
function replay(timesSec: readonly number[], speed = 1, from: ScriptTime | null = null) {
  let nowMs = 5000;
  const passed: number[] = [];
  const clock = ReplayClock.begin(speed);
  const pacer = new Pacer(
    { clock, from, clockMs: () => nowMs },
    (sec) => sec - (sec % 600),
    (batch) => passed.push(...batch.tsSec.subarray(0, batch.length)),
  );
  const batch = new PacketBatch();
  for (const sec of timesSec) batch.tsSec[batch.length++] = sec;
  pacer.push(batch);
  return {
    ...{ pacer, clock, passed },
    after: (ms: number): void => {
      nowMs += ms;
      void pacer.pass();
    },
  };
}

test('packets go through at their times, so many times as fast', () => {
  const { passed, after } = replay([1000, 1010, 1020], 10);
  after(0);
  expect(passed).toEqual([1000]);
  after(999);
  expect(passed).toEqual([1000]);
  after(1);
  expect(passed).toEqual([1000, 1010]);
});

test('another speed holds from when it is told, and packet time goes on from where it is', () => {
  const { passed, clock, after } = replay([1000, 1010, 1020]);
  after(0);
  after(5000);
  expect(clock.atSec).toBe(1005);
  clock.speed = 100;
  after(0);
  after(49);
  expect(passed).toEqual([1000]);
  after(1);
  expect(passed).toEqual([1000, 1010]);
});

test('paused, packet time stands still, however long', () => {
  const { passed, clock, after } = replay([1000, 1010]);
  after(0);
  after(4000);
  clock.isPaused = true;
  after(0);
  after(3_600_000);
  expect({ passed, atSec: clock.atSec }).toEqual({ passed: [1000], atSec: 1004 });
  clock.isPaused = false;
  after(0);
  after(5999);
  expect(passed).toEqual([1000]);
  after(1);
  expect(passed).toEqual([1000, 1010]);
});

test.each<{ name: string; from: ScriptTime; atOnce: number[]; nextMs: number }>([
  { name: 'after the first window begins', from: { base: 'start', sec: 600 }, atOnce: [1100, 1150], nextMs: 50_000 },
  { name: 'at an epoch second', from: { base: 'epoch', sec: 1240 }, atOnce: [1100, 1150], nextMs: 10_000 },
  {
    name: 'before the capture, which is not waited for',
    from: { base: 'start', sec: 0 },
    atOnce: [1100],
    nextMs: 50_000,
  },
  { name: 'behind the capture', from: { base: 'start', sec: 6000 }, atOnce: [1100, 1150, 1250], nextMs: 0 },
])('a replay begins $name', ({ from, atOnce, nextMs }) => {
  const { passed, after } = replay([1100, 1150, 1250], 1, from);
  after(0);
  expect(passed).toEqual(atOnce);
  after(nextMs - 1);
  expect(passed).toEqual(atOnce);
  after(1);
  expect(passed).toHaveLength(Math.min(3, atOnce.length + 1));
});

test('in a hurry nothing waits, also of what is paused', () => {
  const { passed, pacer, clock, after } = replay([1000, 5000]);
  clock.isPaused = true;
  after(0);
  pacer.hurry();
  after(0);
  expect(passed).toEqual([1000, 5000]);
});
