import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  changedChecksum,
  changedUdpChecksum,
  foldSum,
  longChange,
  sumOfWords,
  wordChange,
} from '../../../src-main/capture/checksum';
import { concat, internetChecksum, u16, u32 } from '../../support/bytes';
import { PROPERTY_RUNS } from '../../support/property-runs';

/** Sums that wrap, and words that are the two zeros of ones' complement, more often than chance has them. */
const word = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 1, 0x8000, 0xfffe, 0xffff));
const words = fc.array(word, { minLength: 3, maxLength: 12 }).filter((all) => all.some((each) => each !== 0));
const bytesOf = (all: readonly number[]): Uint8Array => concat(...all.map(u16));
const isRight = (data: Uint8Array, checksum: number): boolean =>
  foldSum(sumOfWords(data, 0, data.length) + checksum) === 0xffff;

test('law: a checksum that follows a change is the one that is computed anew', () => {
  fc.assert(
    fc.property(words, word, fc.nat(), (before, value, place) => {
      const after = before.with(place % before.length, value);
      fc.pre(after.some((each) => each !== 0));
      const change = wordChange(before[place % before.length]!, value);
      expect(changedChecksum(internetChecksum(bytesOf(before)), change)).toBe(internetChecksum(bytesOf(after)));
    }),
    { numRuns: PROPERTY_RUNS * 20 },
  );
});

test('law: a checksum is right after a change if and only if it was before, either zero included', () => {
  fc.assert(
    fc.property(words, word, word, fc.nat(), (before, value, checksum, place) => {
      const after = before.with(place % before.length, value);
      fc.pre(after.some((each) => each !== 0));
      const change = wordChange(before[place % before.length]!, value);
      const own = internetChecksum(bytesOf(before));
      for (const each of [checksum, own, own === 0 ? 0xffff : own]) {
        expect(isRight(bytesOf(after), changedChecksum(each, change))).toBe(isRight(bytesOf(before), each));
      }
    }),
    { numRuns: PROPERTY_RUNS * 20 },
  );
});

test('law: one of UDP never becomes 0 but where there was none, and stays right', () => {
  fc.assert(
    fc.property(words, word, fc.nat(), (before, value, place) => {
      const after = before.with(place % before.length, value);
      fc.pre(after.some((each) => each !== 0));
      const change = wordChange(before[place % before.length]!, value);
      const checksum = changedUdpChecksum(internetChecksum(bytesOf(before)) || 0xffff, change);
      expect(checksum).toBe(internetChecksum(bytesOf(after)) || 0xffff);
      expect(changedUdpChecksum(0, change)).toBe(0);
    }),
    { numRuns: PROPERTY_RUNS * 20 },
  );
});

test('law: an address changes what its two words do', () => {
  const long = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 0xffff, 0xffff_0000, 0xffff_ffff));
  fc.assert(
    fc.property(long, long, words, (before, after, rest) => {
      const checksum = internetChecksum(u32(before), bytesOf(rest));
      expect(changedChecksum(checksum, longChange(before, after))).toBe(internetChecksum(u32(after), bytesOf(rest)));
    }),
    { numRuns: PROPERTY_RUNS * 20 },
  );
});

test.each([
  // The example of RFC 1624 §4, where equation 4 of RFC 1141 gives the other zero.
  { name: 'a change to the zero that is no checksum of TCP', checksum: 0xdd2f, from: 0x5555, to: 0x3285, is: 0x0000 },
  { name: 'nothing changes', checksum: 0xffff, from: 7, to: 7, is: 0xffff },
])('$name', ({ checksum, from, to, is }) => {
  expect(changedChecksum(checksum, wordChange(from, to))).toBe(is);
});

test('the sum of an odd number of octets is that with a zero behind them', () => {
  expect(sumOfWords(Uint8Array.of(9, 1, 2, 3), 1, 4)).toBe(0x0102 + 0x0300);
});
