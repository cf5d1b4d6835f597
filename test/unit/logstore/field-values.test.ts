import { describe, expect, test } from 'vitest';
import type { ValueKind } from '../../../src-main/logstore/entry-fields';
import { parseEntryTime } from '../../../src-main/logstore/entry-time';
import { columnValue, FieldSurvey } from '../../../src-main/logstore/field-values';
import { readSchema } from '../../../src-main/logstore/read-schema';

describe('the type of a field', () => {
  const survey = (kind: ValueKind, ...texts: readonly string[]): FieldSurvey => {
    const found = new FieldSurvey();
    for (const text of texts) found.add({ name: 'a', kind, text });
    return found;
  };
  test.each<{ kind: ValueKind; texts: readonly string[]; type: string }>([
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
  test.each([
    { kind: 'number', text: '12', type: 'long', value: 12n, keepsText: false },
    { kind: 'text', text: '007', type: 'long', value: null, keepsText: true },
    { kind: 'text', text: '1.5', type: 'long', value: null, keepsText: true },
    { kind: 'number', text: '1.50', type: 'double', value: 1.5, keepsText: false },
    { kind: 'text', text: '1.50', type: 'double', value: 1.5, keepsText: true },
    { kind: 'text', text: 'NaN', type: 'double', value: null, keepsText: true },
    { kind: 'number', text: '1e999', type: 'double', value: null, keepsText: true },
    { kind: 'text', text: '255.0.0.1', type: 'ipv4', value: 0xff00_0001, keepsText: false },
    { kind: 'text', text: '::1', type: 'ipv4', value: null, keepsText: true },
    { kind: 'text', text: '{}', type: 'json', value: null, keepsText: true },
    { kind: 'json', text: '{}', type: 'text', value: '{}', keepsText: false },
  ] as const)('$kind $text goes into a column of $type', ({ kind, text, type, value, keepsText }) => {
    expect(columnValue({ kind, text }, type)).toEqual({ value, keepsText });
  });
});

test.each([
  { text: '1700000000', sec: 1_700_000_000 },
  { text: '1700000000.999', sec: 1_700_000_000 },
  { text: '1700000000123', sec: 1_700_000_000 },
  { text: '1700000000123456', sec: 1_700_000_000 },
  { text: '1700000000123456789', sec: 1_700_000_000 },
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
    { schema: { times: 'ts' }, says: 'times is no known key' },
    { schema: { fields: { a: 'int' } }, says: 'fields.a: "int" must be one of text, long, double, json, ipv4' },
    { schema: { fields: { __time__: 'long' } }, says: 'is a name of the vendor' },
    { schema: { time: 7 }, says: 'time: 7 must be the name of a field' },
  ])('$schema is refused', ({ schema, says }) => {
    expect(() => readSchema(schema)).toThrow(
      expect.objectContaining({ code: 'SCHEMA_INVALID', message: expect.stringContaining(says) }),
    );
  });
});
