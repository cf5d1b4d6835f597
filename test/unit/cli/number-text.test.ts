import { expect, test } from 'vitest';
import { durationText, humanBytes, humanCount, share } from '../../../src-main/cli/number-text';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [38_520, '38.5 kB'],
  [999_499, '999 kB'],
  [999_500, '1.00 MB'],
  [1_073_741_824, '1.07 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(humanBytes(bytes)).toBe(text);
});

test.each([
  [0, '0'],
  [812.4, '812'],
  [1_420_000, '1.42 M'],
])('a count of %d is %s', (count, text) => {
  expect(humanCount(count)).toBe(text);
});

test.each([
  [0, 10, '0.00 %'],
  [0, 0, '0.00 %'],
  [10, 10, '100.00 %'],
  [1, 3, '33.33 %'],
  [1, 1_000_000, '< 0.01 %'],
  [999_999, 1_000_000, '> 99.99 %'],
])('%d of %d is %s', (part, whole, text) => {
  expect(share(part, whole)).toBe(text);
});

test.each([
  [0.04, '0.0 s'],
  [1.234, '1.2 s'],
  [38.4, '38 s'],
  [1461, '24 min 21 s'],
  [7_440, '2 h 04 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
