import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinNanos, widen } from '../../../src-main/duckdb/wide-integers';
import { PROPERTY_RUNS } from '../../support/property-runs';

function int64Of(pairs: Uint32Array): bigint {
  return new BigInt64Array(pairs.buffer)[0]!;
}

test('widen is the identity for every whole number below 2^53, of either sign', () => {
  const pairs = new Uint32Array(2);
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      widen(Float64Array.of(value), 0, 1, pairs);
      expect(int64Of(pairs)).toBe(BigInt(value));
    }),
    { numRuns: PROPERTY_RUNS * 2 },
  );
});

test('joinNanos is sec · 10⁹ + nsec exactly, and the greatest int64 past the year 2262', () => {
  const pairs = new Uint32Array(2);
  const sec = fc.oneof(
    fc.integer({ min: -9_000_000_000, max: 9_223_372_036 }),
    fc.integer({ min: 9_223_372_030, max: 9_223_372_040 }),
    fc.integer({ min: 0, max: 253_402_300_799 }),
  );
  fc.assert(
    fc.property(sec, fc.integer({ min: 0, max: 999_999_999 }), (seconds, rest) => {
      joinNanos(Float64Array.of(seconds), Uint32Array.of(rest), 0, 1, pairs);
      const exact = BigInt(seconds) * 1_000_000_000n + BigInt(rest);
      const max = 2n ** 63n - 1n;
      expect(int64Of(pairs)).toBe(exact > max ? max : exact);
    }),
    { numRuns: PROPERTY_RUNS * 2 },
  );
});
