import { expect, test } from 'vitest';
import { fittedRange } from '../../../src-renderer/features/logstore/fitted-range';

const HOUR = 3600;
const binsOf = (...entries: number[]) => entries.map((count, index) => ({ startSec: index * HOUR, entries: count }));
const fitted = (...entries: number[]) =>
  fittedRange({ binSec: HOUR, bins: binsOf(...entries), entries: entries.reduce((sum, each) => sum + each, 0) });

test('what is found in a small part of the range is looked at alone', () => {
  expect(fitted(0, 0, 0, 5, 0, 2, 0, 0, 0, 0, 0, 0, 0)).toEqual({ fromSec: 3 * HOUR, toSec: 6 * HOUR });
  expect(fitted(1, 0, 0, 0, 0)).toEqual({ fromSec: 0, toSec: HOUR });
});

test.each([
  { name: 'of a quarter of it or more', entries: [1, 0, 0, 0] },
  { name: 'of both of its ends', entries: [1, 0, 0, 0, 0, 0, 0, 0, 1] },
  { name: 'without an entry', entries: [0, 0, 0, 0, 0, 0] },
  { name: 'without a bin', entries: [] },
])('a range stays: $name', ({ entries }) => {
  expect(fitted(...entries)).toBeNull();
});
