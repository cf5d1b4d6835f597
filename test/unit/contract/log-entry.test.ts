import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Int64Column } from '../../../src-main/contract/log-entry';
import { PROPERTY_RUNS } from '../../support/property-runs';

test('a value of 64 bits is read as it was written, of either sign, as far as numbers are exact', () => {
  const column = new Int64Column();
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.nat({ max: column.values.length - 1 }), (value, row) => {
      column.values[row] = BigInt(value);
      expect(column.at(row)).toBe(value);
    }),
    { numRuns: PROPERTY_RUNS * 2 },
  );
});
