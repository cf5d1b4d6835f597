import { expect, test } from 'vitest';
import { arrivedBars, barsPath } from '../../../src-renderer/features/captures/arrived-bars';

test('windows are bars in order of time, whenever they came', () => {
  const bars = arrivedBars(
    new Map(
      [
        [1200, 5],
        [600, 10],
      ].map(([start, entries]) => [start!, entries!]),
    ),
  );
  expect(bars).toEqual([
    { startSec: 600, entries: 10 },
    { startSec: 1200, entries: 5 },
  ]);
  expect(barsPath(bars)).toBe('M0.1 100V0.0h0.8V100ZM1.1 100V50.0h0.8V100Z');
});

test('of many windows, those that follow one another are one bar, and no entry is left out', () => {
  const arrived = new Map(Array.from({ length: 1000 }, (_, index) => [index * 600, 3] as const));
  const bars = arrivedBars(arrived);
  expect(bars.length).toBeLessThanOrEqual(240);
  expect(bars.reduce((sum, { entries }) => sum + entries, 0)).toBe(3000);
});
