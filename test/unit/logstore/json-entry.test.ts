import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { delimiterOf, readCsvEntry, readCsvHead } from '../../../src-main/logstore/csv-entry';
import { readJsonEntry } from '../../../src-main/logstore/json-entry';
import { PROPERTY_RUNS } from '../../support/property-runs';

const texts = (line: string): Record<string, string> =>
  Object.fromEntries(readJsonEntry(line).map(({ name, text }) => [name, text]));

describe('a line of JSON', () => {
  test.each([
    { name: 'text', line: '{"a":"b"}', fields: [{ name: 'a', kind: 'text', text: 'b' }] },
    {
      name: 'escapes',
      line: String.raw`{"a\"\\":"\u00e9\n\\"}`,
      fields: [{ name: 'a"\\', kind: 'text', text: 'é\n\\' }],
    },
    {
      name: 'a number with all its digits',
      line: '{"a":9007199254740993}',
      fields: [{ name: 'a', kind: 'number', text: '9007199254740993' }],
    },
    {
      name: 'a number as it is written',
      line: '{"a" : 1.50e+3 }',
      fields: [{ name: 'a', kind: 'number', text: '1.50e+3' }],
    },
    { name: 'a boolean', line: '{"a":true}', fields: [{ name: 'a', kind: 'boolean', text: 'true' }] },
    { name: 'null, which is no field', line: '{"a":null,"b":1}', fields: [{ name: 'b', kind: 'number', text: '1' }] },
    {
      name: 'objects and lists as they stand',
      line: '{"a":{"b":[1, "}"]}}',
      fields: [{ name: 'a', kind: 'json', text: '{"b":[1, "}"]}' }],
    },
    { name: 'an empty text', line: '{"a":""}', fields: [{ name: 'a', kind: 'text', text: '' }] },
  ])('has $name', ({ line, fields }) => {
    expect(readJsonEntry(line)).toEqual(fields);
  });

  test('keeps every value of a name that is there more than once, as the vendor shows them', () => {
    expect(texts('{"a":1,"a":2,"a":3}')).toEqual({ a: '1', a_0: '2', a_1: '3' });
  });

  test.each([
    { line: '{"a":1', code: 'SYNTAX' },
    { line: '[1]', code: 'NOT_AN_OBJECT' },
    { line: '"x"', code: 'NOT_AN_OBJECT' },
    { line: '{}', code: 'NO_FIELDS' },
    { line: '{"a":null}', code: 'NO_FIELDS' },
    { line: '{"":1}', code: 'FIELD_NAME' },
    { line: `{"${'é'.repeat(65)}":1}`, code: 'FIELD_NAME' },
  ])('$line is no log entry: $code', ({ line, code }) => {
    expect(() => readJsonEntry(line)).toThrow(expect.objectContaining({ code }));
  });

  test('says of any object what JSON.parse says of it', () => {
    const name = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !/\p{Cc}/u.test(text));
    const object = fc.dictionary(name, fc.jsonValue(), { minKeys: 1, maxKeys: 6 });
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 2), (value, space) => {
        const line = JSON.stringify(value, null, space);
        const expected = Object.entries(JSON.parse(line) as Record<string, unknown>).filter(
          ([, each]) => each !== null,
        );
        fc.pre(expected.length > 0);
        const found = readJsonEntry(line).map(({ name: key, kind, text }) => [
          key,
          kind === 'text' ? text : (JSON.parse(text) as unknown),
        ]);
        expect(found).toEqual(expected);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
});

describe('a line of CSV', () => {
  const head = ['a', 'b', 'c'];
  test.each([
    { name: 'cells', record: '1,x,2', cells: { a: '1', b: 'x', c: '2' } },
    { name: 'empty cells, which are no fields, and empty texts', record: ',"",2', cells: { b: '', c: '2' } },
    {
      name: 'quotes, delimiters and line ends in quotes',
      record: '"a ""b""","x,y","l\nm"',
      cells: { a: 'a "b"', b: 'x,y', c: 'l\nm' },
    },
  ])('has $name', ({ record, cells }) => {
    const fields = readCsvEntry(record, ',', head);
    expect(Object.fromEntries(fields.map(({ name, text }) => [name, text]))).toEqual(cells);
  });

  test.each([
    { record: '1,2', code: 'CELLS' },
    { record: '1,2,3,4', code: 'CELLS' },
    { record: '1,"2"x,3', code: 'SYNTAX' },
    { record: '1,2,"3', code: 'SYNTAX' },
    { record: ',,', code: 'NO_FIELDS' },
  ])('$record is no log entry: $code', ({ record, code }) => {
    expect(() => readCsvEntry(record, ',', head)).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    { line: 'a,b;c,d', delimiter: ',' },
    { line: 'a;b;"c,d,e,f"', delimiter: ';' },
    { line: 'a\tb', delimiter: '\t' },
    { line: 'a', delimiter: ',' },
  ])('$line is cut at $delimiter', ({ line, delimiter }) => {
    expect(delimiterOf(line)).toBe(delimiter);
  });

  test.each(['a,a', 'a,', 'a,""'])('%s names no columns', (line) => {
    expect(() => readCsvHead(line, ',')).toThrow(expect.objectContaining({ code: 'FIELD_NAME' }));
  });
});
