import { expect, test } from 'vitest';
import { nearestWord } from '../../../src-main/nat/configuration/nearest';

const KEYS = ['eips', 'snatEntries', 'portMin', 'portMax', 'windowSec'];

test.each([
  { word: 'snatEntires', meant: 'snatEntries' },
  { word: 'SNAT_ENTRIES', meant: 'snatEntries' },
  { word: 'window', meant: 'windowSec' },
  { word: 'portMix', meant: 'portMin' },
  { word: 'eip', meant: 'eips' },
  { word: 'x', meant: null },
  { word: '', meant: null },
  { word: 'somethingElse', meant: null },
  { word: 'e'.repeat(100_000), meant: null },
])('$word means $meant', ({ word, meant }) => {
  expect(nearestWord(word, KEYS)).toBe(meant);
});
