import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { delimiterOf } from '../../../src-main/logstore/csv-entry';
import { LineError } from '../../../src-main/logstore/entry-fields';
import { FieldNames, LASTING_NAMES } from '../../../src-main/logstore/field-names';
import { readCsvFields, readCsvNames, readJsonFields } from '../../support/entry-fields';
import { PROPERTY_RUNS } from '../../support/property-runs';

const texts = (line: string): Record<string, string> =>
  Object.fromEntries(readJsonFields(line).map(({ name, text }) => [name, text]));

function isParsed(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function faultOf(line: string): string | null {
  try {
    readJsonFields(line);
    return null;
  } catch (cause) {
    if (cause instanceof LineError) return cause.code;
    throw cause;
  }
}

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
    {
      name: 'characters beyond the first plane',
      line: String.raw`{"a":"\ud83d\ude00 \uD83D\uDE00é\ud83d\ude00","b":"😀\u0000"}`,
      fields: [
        { name: 'a', kind: 'text', text: '😀 😀é😀' },
        { name: 'b', kind: 'text', text: '😀\u0000' },
      ],
    },
    {
      name: 'names that other objects have',
      line: '{"__proto__":"x","constructor":{}}',
      fields: [
        { name: '__proto__', kind: 'text', text: 'x' },
        { name: 'constructor', kind: 'json', text: '{}' },
      ],
    },
    {
      name: 'numbers that no double holds',
      line: '{"a":1e400}',
      fields: [{ name: 'a', kind: 'number', text: '1e400' }],
    },
    { name: 'negative zero', line: '{"a":-0}', fields: [{ name: 'a', kind: 'number', text: '-0' }] },
  ])('has $name', ({ line, fields }) => {
    expect(readJsonFields(line)).toEqual(fields);
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
    { line: String.raw`{"a":"x\ud83d"}`, code: 'ENCODING' },
    { line: String.raw`{"a":"\ude00\ud83d"}`, code: 'ENCODING' },
    { line: String.raw`{"a":"\ud83d\ud83d\ude00"}`, code: 'ENCODING' },
    { line: String.raw`{"a":1,"b\ud83d":2}`, code: 'ENCODING' },
    { line: String.raw`{"a":{"b":["\ud83d\n"]}}`, code: 'ENCODING' },
    { line: String.raw`{"a":"\ud83d"`, code: 'SYNTAX' },
  ])('$line is no log entry: $code', ({ line, code }) => {
    expect(() => readJsonFields(line)).toThrow(expect.objectContaining({ code }));
  });

  test('a name that stands there 200,000 times is read to its last value', () => {
    const count = 200_000;
    const line = `{${Array.from({ length: count }, (_, index) => `"a":${index}`).join(',')}}`;
    const fields = readJsonFields(line);
    expect(fields.at(-1)).toEqual({ name: `a_${count - 2}`, kind: 'number', text: String(count - 1) });
  });

  test('is read however deep it is', () => {
    const depth = 1_000_000;
    const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(readJsonFields(`{"a":${nested}}`)).toEqual([{ name: 'a', kind: 'json', text: nested }]);
    expect(() => readJsonFields(`{"a":${'{"b":'.repeat(1000)}1${'}'.repeat(999)}}`)).toThrow(
      expect.objectContaining({ code: 'SYNTAX' }),
    );
  });

  test('has the names that it has when others were read before, more than are kept', () => {
    const names = new FieldNames();
    for (let index = 0; index < LASTING_NAMES + 10; index++) readJsonFields(`{"n${index}":1}`, names);
    names.forget();
    expect(readJsonFields('{"n1":1,"new":2}', names).map(({ name }) => name)).toEqual(['n1', 'new']);
    expect(readJsonFields(`{"n${LASTING_NAMES + 1}":1}`, names)).toHaveLength(1);
  });

  test('is refused exactly where JSON.parse refuses it', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '"b":',
      '1',
      '-',
      '0',
      '.5',
      'e+3',
      'true',
      'null',
      ' ',
      '\t',
    ];
    const more = [
      '\\',
      '\\u00e9',
      '\\ud800',
      '\\x',
      '\u0001',
      'é',
      '{"a":',
      '"a":1',
      '{"a":1',
      ',"b":[',
      '\ufeff',
      'tru',
      '01',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces, ...more), { maxLength: 12 }), (parts) => {
        const line = parts.join('');
        const isJson = isParsed(line);
        const code = faultOf(line);
        if (isJson) expect([null, 'ENCODING', 'NOT_AN_OBJECT', 'NO_FIELDS', 'FIELD_NAME']).toContain(code);
        else expect(code).toBe('SYNTAX');
      }),
      { numRuns: PROPERTY_RUNS * 20 },
    );
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
        const found = readJsonFields(line).map(({ name: key, kind, text }) => [
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
    const fields = readCsvFields(record, ',', head);
    expect(Object.fromEntries(fields.map(({ name, text }) => [name, text]))).toEqual(cells);
  });

  test.each([
    { record: '1,2', code: 'CELLS' },
    { record: '1,2,3,4', code: 'CELLS' },
    { record: '1,"2"x,3', code: 'SYNTAX' },
    { record: '1,2,"3', code: 'SYNTAX' },
    { record: ',,', code: 'NO_FIELDS' },
  ])('$record is no log entry: $code', ({ record, code }) => {
    expect(() => readCsvFields(record, ',', head)).toThrow(expect.objectContaining({ code }));
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
    expect(() => readCsvNames(line, ',')).toThrow(expect.objectContaining({ code: 'FIELD_NAME' }));
  });
});
