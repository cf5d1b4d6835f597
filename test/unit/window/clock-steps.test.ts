import { expect, test } from 'vitest';
import { PacketBatch } from '../../../src-main/capture/packet-batch';
import { ClockSteps } from '../../../src-main/window/clock-steps';

/** One packet, and then eighty from `backNs` before it on. @returns whether the clock counts as set back */
function stepsBack(backNs: number, firstNsec: number): boolean {
  let steps = 0;
  const times: number[] = [];
  const clock = new ClockSteps(60, {
    consume: ({ tsSec, length }) => times.push(...tsSec.subarray(0, length)),
    restart: () => steps++,
  });
  const batch = new PacketBatch();
  const at = (sec: number, nsec: number): void => {
    batch.tsSec[batch.length] = sec;
    batch.tsNsec[batch.length++] = nsec;
  };
  at(1109, firstNsec);
  const ns = 1109e9 + firstNsec - backNs;
  for (let count = 0; count < 80; count++) at(Math.floor(ns / 1e9), ns % 1e9);
  clock.push(batch);
  clock.flush();
  expect(times).toHaveLength(81);
  return steps === 1;
}

test.each([
  { name: 'sixty seconds', backNs: 60e9, isStep: false },
  { name: 'a nanosecond more', backNs: 60e9 + 1, isStep: true },
  { name: 'nearly a second more', backNs: 60.9e9, isStep: true },
])('a clock is set back by more than 60 s, to the nanosecond: $name', ({ backNs, isStep }) => {
  for (const firstNsec of [0, 100_000_000, 900_000_000])
    expect([firstNsec, stepsBack(backNs, firstNsec)]).toEqual([firstNsec, isStep]);
});
