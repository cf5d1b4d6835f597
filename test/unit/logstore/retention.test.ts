import { expect, test } from 'vitest';
import { expiryOf, readTtl } from '../../../src-main/logstore/retention';

test.each([
  { text: 'off', days: null },
  { text: '1', days: 1 },
  { text: '3649', days: 3649 },
  { text: '3650', days: null },
])('a retention of $text keeps entries for $days days', ({ text, days }) => {
  expect(readTtl(text)).toBe(days);
});

test.each(['0', '3651', '-1', '1.5', '', 'never'])('"%s" is no retention', (text) => {
  expect(() => readTtl(text)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
});

test('retention counts back from the newest entry', () => {
  expect(expiryOf(1_700_000_000, 7)).toBe(1_700_000_000 - 7 * 86_400);
});
