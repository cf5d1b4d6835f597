import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MOST_INTEGER_BYTES, putInteger, putIpv4 } from '../../../../src-main/engine/output/octet-text';
import { formatIpv4 } from '../../../../src-main/nat/address-text';
import { PROPERTY_RUNS } from '../../../support/property-runs';

function integerText(value: bigint): string {
  const octets = Buffer.alloc(2 * MOST_INTEGER_BYTES, '.');
  const end = putInteger(octets, 3, Number(BigInt.asIntN(32, value)), Number(value >> 32n));
  expect(octets.toString('latin1', 0, 3)).toBe('...');
  return octets.toString('latin1', 3, end);
}

test('an integer has the digits of its value, on both sides of every bound', () => {
  const powers = [2n, 10n].flatMap((base) => Array.from({ length: 64 }, (_, exponent) => base ** BigInt(exponent)));
  const values = powers.flatMap((power) => [power - 1n, power, power + 1n]).flatMap((value) => [value, -value]);
  const stored = values.filter((value) => BigInt.asIntN(64, value) === value);
  expect(stored.map(integerText)).toEqual(stored.map(String));
});

test('any integer of 64 bits has the digits of its value', () => {
  const property = fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
    expect(integerText(value)).toBe(String(value));
  });
  fc.assert(property, { numRuns: PROPERTY_RUNS });
});

test('an address is written as elsewhere', () => {
  const property = fc.property(fc.nat(0xffff_ffff), (address) => {
    const octets = Buffer.alloc(20);
    expect(octets.toString('latin1', 0, putIpv4(octets, 0, address))).toBe(formatIpv4(address));
  });
  fc.assert(property, { numRuns: PROPERTY_RUNS, examples: [[0], [0xffff_ffff], [0xcb00_7101]] });
});
