import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FLOAT, RECORD_WORDS, WORD } from '../../../src-main/nat/session-table';
import { WindowRows } from '../../../src-main/window/window-rows';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom } from '../../support/random';

interface Row {
  readonly natAddress: number;
  readonly natPort: number;
  readonly sessionId: number;
}

/** Records as the session table holds them, each with one packet from the VPC of `100 + index` bytes. */
function recordsOf(rows: readonly Row[]): { readonly words: Int32Array; readonly floats: Float64Array } {
  const words = new Int32Array(rows.length * RECORD_WORDS);
  const floats = new Float64Array(words.buffer);
  rows.forEach(({ natAddress, natPort, sessionId }, index) => {
    const at = index * RECORD_WORDS;
    words[at + WORD.natAddress] = natAddress;
    words[at + WORD.natPort] = natPort;
    words[at + WORD.sessionId] = sessionId;
    words[at + WORD.pktsFromVpc] = 1;
    floats[at / 2 + FLOAT.bytesFromVpc] = 100 + index;
  });
  return { words, floats };
}

function take(rows: readonly Row[], into = new WindowRows()): WindowRows {
  const { words } = recordsOf(rows);
  for (let record = 0; record < rows.length; record++) into.take(words, record);
  return into;
}

function rowAt({ words }: WindowRows, row: number): Row {
  const at = row * RECORD_WORDS;
  return {
    natAddress: words[at + WORD.natAddress]!,
    natPort: words[at + WORD.natPort]!,
    sessionId: words[at + WORD.sessionId]! >>> 0,
  };
}

function checkSorted(window: WindowRows, rows: readonly Row[]): void {
  const sorted = Array.from(window.order.subarray(0, window.length), (row) => rowAt(window, row));
  expect(sorted).toEqual(
    rows.toSorted((a, b) => a.natAddress - b.natAddress || a.natPort - b.natPort || a.sessionId - b.sessionId),
  );
  const bySession = rows.map(({ sessionId }) => sessionId).toSorted((a, b) => a - b);
  const ranks = new Map(bySession.map((sessionId, rank) => [sessionId, rank]));
  expect([...window.ordinals.subarray(0, window.length)]).toEqual(rows.map(({ sessionId }) => ranks.get(sessionId)));
}

/** Few addresses and ports, so that many rows are equal in them; numbers of sessions over both halves of the word. */
const row = (addresses: number): fc.Arbitrary<Row> =>
  fc.record({
    natAddress: fc.integer({ min: 0, max: addresses - 1 }),
    natPort: fc.oneof(fc.constantFrom(1025, 1026, 65_535), fc.integer({ min: 0, max: 65_535 })),
    sessionId: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 0xffff_ffff })),
  });
const rowsOver = (addresses: number): fc.Arbitrary<Row[]> =>
  fc.uniqueArray(row(addresses), { maxLength: 200, selector: ({ sessionId }) => sessionId });

describe('sorting', () => {
  test.each([
    { name: 'one public address', addresses: 1 },
    { name: 'two public addresses', addresses: 2 },
    { name: 'as many public addresses as a gateway has', addresses: 256 },
  ])('with $name equals a plain sort, and ordinals are ranks by session', ({ addresses }) => {
    fc.assert(
      fc.property(rowsOver(addresses), (rows) => {
        const window = take(rows);
        window.sort(addresses);
        checkSorted(window, rows);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });

  test('of a window knows nothing of the one before', () => {
    const window = new WindowRows();
    fc.assert(
      fc.property(rowsOver(3), (rows) => {
        window.clear();
        take(rows, window);
        window.sort(3);
        expect(window.length).toBe(rows.length);
        checkSorted(window, rows);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
});

describe('taking', () => {
  test('passes over a record without packets in the window', () => {
    const { words } = recordsOf([
      { natAddress: 0, natPort: 1, sessionId: 1 },
      { natAddress: 0, natPort: 2, sessionId: 2 },
      { natAddress: 0, natPort: 3, sessionId: 3 },
    ]);
    words[WORD.pktsFromVpc] = 0;
    words[RECORD_WORDS + WORD.pktsFromVpc] = 0;
    words[RECORD_WORDS + WORD.pktsFromPub] = 7;
    const window = new WindowRows();
    for (let record = 0; record < 3; record++) window.take(words, record);
    expect([0, 1].map((index) => rowAt(window, index).sessionId)).toEqual([2, 3]);
    expect(window.length).toBe(2);
  });

  test('takes all, and leaves records with what belongs to the session alone', () => {
    const rows = [
      { natAddress: 0, natPort: 1, sessionId: 1 },
      { natAddress: 0, natPort: 2, sessionId: 2 },
    ];
    const { words, floats } = recordsOf(rows);
    words[WORD.flags] = 0b11;
    const window = new WindowRows();
    window.takeAll(words, floats, 2, 0b10);
    expect([rowAt(window, 0), rowAt(window, 1)]).toEqual(rows);
    expect(window.words[WORD.flags]).toBe(0b11);
    expect(window.floats[FLOAT.bytesFromVpc]).toBe(100);
    expect(words[WORD.flags]).toBe(0b10);
    expect(words[WORD.pktsFromVpc]).toBe(0);
    expect(floats[FLOAT.bytesFromVpc]).toBe(0);
    window.takeAll(words, floats, 2, 0b10);
    expect(window.length).toBe(2);
  });

  test('keeps every row over several growths', () => {
    const random = seededRandom(8);
    const rows = Array.from({ length: 20_000 }, (_, index) => ({
      natAddress: random.int(0, 4),
      natPort: random.int(1025, 65_535),
      sessionId: (index * 7919) % 20_011,
    }));
    const window = take(rows);
    expect(window.length).toBe(rows.length);
    expect(Array.from(rows, (_, index) => rowAt(window, index))).toEqual(rows);
    expect(Array.from(rows, (_, index) => window.floats[(index * RECORD_WORDS) / 2 + FLOAT.bytesFromVpc])).toEqual(
      rows.map((_, index) => 100 + index),
    );
    window.sort(5);
    checkSorted(window, rows);
  });
});
