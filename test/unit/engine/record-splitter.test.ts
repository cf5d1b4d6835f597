import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CsvSplitter } from '../../../src-main/engine/load/csv-splitter';
import { RecordSplitter, type RecordKind } from '../../../src-main/engine/load/record-splitter';
import { PROPERTY_RUNS } from '../../support/property-runs';

type Told = readonly [line: number, text: string, fault: string | null];

type Kind = RecordKind | 'csv';

function split(kind: Kind, bytes: Uint8Array, pieceBytes = bytes.length): readonly Told[] {
  const splitter = kind === 'csv' ? new CsvSplitter(',') : new RecordSplitter(kind);
  const held = new Uint8Array(bytes.length + pieceBytes);
  const records: Told[] = [];
  let filled = 0;
  const take = (): void => {
    const text = Buffer.from(held.subarray(splitter.start, splitter.end)).toString();
    records.push([splitter.line, text, splitter.fault?.code ?? null]);
  };
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    filled = splitter.keep(held, filled);
    held.set(bytes.subarray(at, at + pieceBytes), filled);
    filled += Math.min(pieceBytes, bytes.length - at);
    while (splitter.next(held, filled)) take();
  }
  while (splitter.next(held, filled) || splitter.last(held, filled)) take();
  return records;
}
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a file is cut', () => {
  test.each<{ name: string; kind: Kind; text: string; records: readonly Told[] }>([
    {
      name: 'at line ends of both kinds',
      kind: 'lines',
      text: 'a\r\nb\n\n c\nd',
      records: [
        [1, 'a', null],
        [2, 'b', null],
        [4, ' c', null],
        [5, 'd', null],
      ],
    },
    {
      name: 'at line ends outside of quotes',
      kind: 'csv',
      text: 'a,"b\nc"\n"d""\n",e\n',
      records: [
        [1, 'a,"b\nc"', null],
        [3, '"d""\n",e', null],
      ],
    },
    {
      name: 'in CSV whose last quote is open',
      kind: 'csv',
      text: 'a\n"b\n',
      records: [
        [1, 'a', null],
        [2, '"b', null],
      ],
    },
    {
      name: 'around the objects of a list',
      kind: 'objects',
      text: '[{"a":"}]"},\n {"b":[1,{"c":2}]}]\n',
      records: [
        [1, '{"a":"}]"}', null],
        [2, '{"b":[1,{"c":2}]}', null],
      ],
    },
    {
      name: 'around objects below each other',
      kind: 'objects',
      text: '{\n"a":"\\""\n}\n{"b":1}',
      records: [
        [1, '{\n"a":"\\""\n}', null],
        [4, '{"b":1}', null],
      ],
    },
    {
      name: 'around what is no object',
      kind: 'objects',
      text: '[1, {"a":2}, null]',
      records: [
        [1, '1', null],
        [1, '{"a":2}', null],
        [1, 'null', null],
      ],
    },
    {
      name: 'in the middle of an object',
      kind: 'objects',
      text: '[{"a":1},{"b":',
      records: [
        [1, '{"a":1}', null],
        [1, '{"b":', 'CUT_OFF'],
      ],
    },
    {
      name: 'in the middle of a list',
      kind: 'objects',
      text: '[{"a":1},\n',
      records: [
        [1, '{"a":1}', null],
        [2, '', 'CUT_OFF'],
      ],
    },
  ])('$name', ({ kind, text, records }) => {
    expect(split(kind, octets(text))).toEqual(records);
    expect(split(kind, octets(text), 1)).toEqual(records);
  });

  test('a line beyond 16 MiB is one fault, and the next is read', () => {
    const bytes = octets(`${'x'.repeat((16 << 20) + 1)}\nb`);
    const records = split('lines', bytes, 1 << 20);
    expect(records.map(([line, , fault]) => [line, fault])).toEqual([
      [1, 'TOO_LONG'],
      [2, null],
    ]);
  });

  test('the same in whatever pieces it comes', () => {
    const alphabet = fc.constantFrom('a', 'é', '"', '\\', '{', '}', '[', ']', ',', '\n', '\r', ' ');
    const text = fc.array(alphabet, { maxLength: 60 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.constantFrom<Kind>('lines', 'csv', 'objects'),
        text,
        fc.integer({ min: 1, max: 9 }),
        (kind, whole, piece) => {
          expect(split(kind, octets(whole), piece)).toEqual(split(kind, octets(whole)));
        },
      ),
      { numRuns: PROPERTY_RUNS * 4 },
    );
  });
});
