import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinNanos } from '../../../src-main/duckdb/wide-integers';
import { PROPERTY_RUNS } from '../../support/property-runs';

function int64Of(pair: Uint32Array): bigint {
  return new BigInt64Array(pair.buffer)[0]!;
}

test('joinNanos is sec · 10⁹ + nsec exactly, and the greatest int64 past the year 2262', () => {
  const pair = new Uint32Array(2);
  const sec = fc.oneof(
    fc.integer({ min: -9_000_000_000, max: 9_223_372_036 }),
    fc.integer({ min: 9_223_372_030, max: 9_223_372_040 }),
    fc.integer({ min: 0, max: 253_402_300_799 }),
  );
  fc.assert(
    fc.property(sec, fc.integer({ min: 0, max: 999_999_999 }), (seconds, rest) => {
      joinNanos(seconds, rest, pair);
      const exact = BigInt(seconds) * 1_000_000_000n + BigInt(rest);
      const max = 2n ** 63n - 1n;
      expect(int64Of(pair)).toBe(exact > max ? max : exact);
    }),
    { numRuns: PROPERTY_RUNS * 2 },
  );
});
