import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { VALUE_KIND } from '../../../src-main/logstore/entry-fields';
import { parseEntryTime, readEntryTime } from '../../../src-main/logstore/entry-time';
import { FieldSurvey } from '../../../src-main/logstore/field-values';
import { long, readDouble, readIpv4, readLong } from '../../../src-main/logstore/octet-values';
import { readSchema } from '../../../src-main/logstore/read-schema';
import type { EntryBatch } from '../../../src-main/logstore/entry-batch';
import { batchOf } from '../../support/entry-fields';
import { PROPERTY_RUNS } from '../../support/property-runs';

type Kind = keyof typeof VALUE_KIND;

/** A batch of one cell. */
function cellOf(kind: Kind, text: string): EntryBatch {
  const batch = batchOf(text);
  batch.addCell(0, VALUE_KIND[kind], 0, batch.filled);
  return batch;
}

describe('the type of a field', () => {
  const survey = (kind: Kind, ...texts: readonly string[]): FieldSurvey => {
    const found = new FieldSurvey();
    for (const text of texts) found.add(cellOf(kind, text), 0);
    return found;
  };
  test.each<{ kind: Kind; texts: readonly string[]; type: string }>([
    { kind: 'number', texts: ['1', '-2', '9223372036854775807'], type: 'long' },
    { kind: 'text', texts: ['200', '404'], type: 'long' },
    { kind: 'number', texts: ['1', '1.50'], type: 'double' },
    { kind: 'text', texts: ['0.5', '2'], type: 'double' },
    { kind: 'text', texts: ['1.10', '1.2'], type: 'text' },
    { kind: 'text', texts: ['007'], type: 'text' },
    { kind: 'text', texts: ['200', '-'], type: 'text' },
    { kind: 'boolean', texts: ['true'], type: 'text' },
    { kind: 'number', texts: ['9223372036854775808'], type: 'double' },
    { kind: 'json', texts: ['{"a":1}', '[]'], type: 'json' },
  ])('of $kind $texts is proposed as $type', ({ kind, texts, type }) => {
    expect(survey(kind, ...texts).type).toBe(type);
  });

  test('that holds addresses alone is known as such', () => {
    expect(survey('text', '10.0.0.1', '::1', '2001:db8::7').isAddress).toBe(true);
    expect(survey('text', '10.0.0.1', 'localhost').isAddress).toBe(false);
    expect(survey('text', '10.0.0.256').isAddress).toBe(false);
    expect(survey('text', '10.0.0.1', '255.255.255.255').type).toBe('ipv4');
    expect(survey('text', '10.0.0.1', '::1').type).toBe('text');
    expect(survey('text', '10.0.0.1', '10.0.0.01').type).toBe('text');
    expect(survey('text', '1', '10.0.0.1').type).toBe('text');
  });

  test('of JSON has the leaves that are in no list, by path and type', () => {
    const { leaves } = survey(
      'json',
      '{"a":{"b":1,"c":"x"},"d":[{"e":1}],"f":1.5}',
      '{"a":{"b":2.5,"c":null},"f":"y"}',
    );
    expect(Object.fromEntries(leaves)).toEqual({ 'a.b': 'double', 'a.c': 'text', f: 'text' });
  });
});

describe('a value', () => {
  const asLong = (text: string): bigint | null => {
    const { octets, filled } = batchOf(text);
    return readLong(octets, 0, filled) ? BigInt.asIntN(64, (BigInt(long.high) << 32n) | BigInt(long.low)) : null;
  };
  test.each([
    ...['12', '0', '-1', '999999999999999', '9007199254740993', '-1000000000000000000'],
    ...['9223372036854775807', '-9223372036854775808', '-9223372032559808512', '1000000000', '4294967296'],
  ])('%s is a whole number', (text) => {
    expect(asLong(text)).toBe(BigInt(text));
  });

  test.each([
    '',
    '-',
    '007',
    '+1',
    '-0',
    '1.0',
    '1e3',
    '9223372036854775808',
    '-9223372036854775809',
    '10000000000000000000',
    ' 1',
    'a',
  ])('%j is no whole number', (text) => {
    expect(asLong(text)).toBeNull();
  });

  test('of 64 bits is read exactly', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => asLong(String(value)) === value),
      {
        numRuns: PROPERTY_RUNS * 20,
      },
    );
  });

  test.each([
    { kind: 'number', text: '1.50', value: 1.5, isCanonical: false },
    { kind: 'text', text: '1.5', value: 1.5, isCanonical: true },
    { kind: 'text', text: '-0.25', value: -0.25, isCanonical: true },
    { kind: 'text', text: '0.0000001', value: 1e-7, isCanonical: false },
    { kind: 'text', text: '00.5', value: 0.5, isCanonical: false },
    { kind: 'text', text: '.5', value: 0.5, isCanonical: false },
    { kind: 'text', text: '5.', value: 5, isCanonical: false },
    { kind: 'text', text: '1e+21', value: 1e21, isCanonical: true },
    { kind: 'text', text: '0.30000000000000004', value: 0.30000000000000004, isCanonical: true },
    { kind: 'number', text: '9223372036854775808', value: 2 ** 63, isCanonical: false },
    { kind: 'number', text: '-0', value: -0, isCanonical: false },
    { kind: 'text', text: 'NaN', value: Number.NaN, isCanonical: false },
    { kind: 'text', text: '1.2.3', value: Number.NaN, isCanonical: false },
    { kind: 'number', text: '1e999', value: Number.NaN, isCanonical: false },
  ] as const)('$kind $text is the double $value', ({ kind, text, value, isCanonical }) => {
    expect(readDouble(cellOf(kind, text), 0)).toEqual({ value, isCanonical });
  });

  test('with a point is the double that JavaScript makes of it', () => {
    const decimal = fc.stringMatching(/^-?\d{1,12}\.\d{1,12}$/u);
    fc.assert(
      fc.property(decimal, (text) => {
        const { value, isCanonical } = readDouble(cellOf('text', text), 0);
        expect(value).toBe(Number(text));
        expect(isCanonical).toBe(String(Number(text)) === text);
      }),
      { numRuns: PROPERTY_RUNS * 20 },
    );
  });

  test.each([
    { text: '255.0.0.1', address: 0xff00_0001 },
    { text: '0.0.0.0', address: 0 },
    { text: '255.255.255.255', address: 0xffff_ffff },
    ...['::1', '1.2.3', '1.2.3.4.', '1.2.3.256', '01.2.3.4', '1..2.3', '1.2.3.4567', '1.2.3.', '', '1.2.3.4 '].map(
      (text) => {
        return { text, address: -1 };
      },
    ),
  ])('$text is the address $address', ({ text, address }) => {
    const { octets, filled } = batchOf(text);
    expect(readIpv4(octets, 0, filled)).toBe(address);
  });
});

test.each([
  { text: '1700000000', sec: 1_700_000_000 },
  { text: '1700000000.999', sec: 1_700_000_000 },
  { text: '1700000000123', sec: 1_700_000_000 },
  { text: '1700000000123456', sec: 1_700_000_000 },
  { text: '1700000000123456789', sec: 1_700_000_000 },
  { text: '1699999999999999999', sec: 1_699_999_999 },
  { text: '1699999999.99999999999', sec: 1_699_999_999 },
  { text: '-0.5', sec: -1 },
  { text: '-1.0', sec: -1 },
  { text: '-1500', sec: -1500 },
  { text: '2026-03-10', sec: 1_773_100_800 },
  { text: '2026-03-10 08:00:00', sec: 1_773_129_600 },
  { text: '2026-03-10T08:00:00.5Z', sec: 1_773_129_600 },
  { text: '2026-03-10T16:00:00+08:00', sec: 1_773_129_600 },
  { text: '10/Mar/2026:16:00:00 +0800', sec: 1_773_129_600 },
  { text: '2026-02-30', sec: null },
  { text: '2026-03-10T24:00:00Z', sec: null },
  { text: 'now', sec: null },
  { text: '', sec: null },
])('the time $text is $sec', ({ text, sec }) => {
  expect(parseEntryTime(text)).toBe(sec);
  expect(readEntryTime(cellOf('text', text), 0)).toBe(sec);
});

describe('a schema file', () => {
  test('says which field has the time, and types', () => {
    const schema = readSchema({ time: 'ts', fields: { a: 'text', ip: 'ipv4' } });
    expect(schema).toEqual({
      time: 'ts',
      fields: new Map([
        ['a', 'text'],
        ['ip', 'ipv4'],
      ]),
    });
  });

  test.each([
    { schema: 1, says: 'must be an object, in braces' },
    { schema: { times: 'ts' }, says: 'times: "ts" has no known key' },
    { schema: { fields: { a: 'int' } }, says: 'fields.a: "int" must be one of text, long, double, json, ipv4' },
    { schema: { fields: { __time__: 'long' } }, says: 'is a name of the vendor' },
    { schema: { time: 7 }, says: 'time: 7 must be the name of a field' },
  ])('$schema is refused', ({ schema, says }) => {
    expect(() => readSchema(schema)).toThrow(
      expect.objectContaining({ code: 'SCHEMA_INVALID', message: expect.stringContaining(says) }),
    );
  });
});
