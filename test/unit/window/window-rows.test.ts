import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { END_REASON_CODE, ENTRY_FLAG, LogEntryBatch, NAT_SOURCE } from '../../../src-main/contract/log-entry';
import { SESSION_STATE } from '../../../src-main/nat/session-state';
import { FLOAT, OWN_LAST, RECORD_WORDS, STATE_SHIFT, WORD } from '../../../src-main/nat/session-table';
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
  const { words, floats } = recordsOf(rows);
  for (let record = 0; record < rows.length; record++) into.take(words, floats, record);
  return into;
}

function rowAt({ columns }: WindowRows, row: number): Row {
  return {
    natAddress: columns.natAddress[row]!,
    natPort: columns.natPort[row]!,
    sessionId: columns.sessionId[row]!,
  };
}

function checkSorted(window: WindowRows, rows: readonly Row[]): void {
  const sorted = rows.toSorted(
    (a, b) => a.natAddress - b.natAddress || a.natPort - b.natPort || a.sessionId - b.sessionId,
  );
  expect(Array.from({ length: window.length }, (_, row) => rowAt(window, row))).toEqual(sorted);
  const bySession = rows.map(({ sessionId }) => sessionId).toSorted((a, b) => a - b);
  const ranks = new Map(bySession.map((sessionId, rank) => [sessionId, rank]));
  expect([...window.ordinals.subarray(0, window.length)]).toEqual(sorted.map(({ sessionId }) => ranks.get(sessionId)));
  // Every column moves with its row.
  const bytes = new Map(rows.map(({ sessionId }, index) => [sessionId, 100 + index]));
  expect([...window.columns.bytesFromVpc.subarray(0, window.length)]).toEqual(
    sorted.map(({ sessionId }) => bytes.get(sessionId)),
  );
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

describe('handing on', () => {
  test('fills a batch with the rows from where it is told, every fact in its column', () => {
    const window = take(
      [7, 5, 6].map((natPort, index) => ({ natAddress: index % 2, natPort, sessionId: 0xffff_fff0 + index })),
    );
    const { words, floats } = recordsOf([{ natAddress: 1, natPort: 9, sessionId: 3 }]);
    words[WORD.priIp] = 0x0a000001;
    words[WORD.pubIp] = 0xc0000201;
    words[WORD.ports] = (50_000 << 16) | 443;
    words[WORD.kind] = 6 | (SESSION_STATE.dead << STATE_SHIFT);
    words[WORD.endReason] = END_REASON_CODE.fin;
    words[WORD.flags] = ENTRY_FLAG.midstream | OWN_LAST;
    words[WORD.pktsFromPub] = 0xffff_fffe;
    words[WORD.firstNsec] = 999_999_999;
    words[WORD.lastNsec] = 1;
    words[WORD.ownLastNsec] = 2;
    floats[FLOAT.bytesFromPub] = 2 ** 40;
    floats[FLOAT.firstSec] = 1_700_000_000;
    floats[FLOAT.lastSec] = 1_700_000_050;
    floats[FLOAT.ownLastSec] = 1_700_000_049;
    floats[FLOAT.firstPacket] = 2 ** 41 + 1;
    floats[FLOAT.lastPacket] = 2 ** 41 + 9;
    window.take(words, floats, 0);
    window.sort(2);
    const batch = new LogEntryBatch();
    batch.length = 2;
    window.emit(batch, 2, Uint32Array.of(0xcb007101, 0xcb007102), 1000, 1_699_999_800, ENTRY_FLAG.partialWindow);
    const second = Object.fromEntries(
      Object.entries(batch).flatMap(([name, column]) =>
        ArrayBuffer.isView(column) ? [[name, Number(Reflect.get(column, 1))]] : [],
      ),
    );
    expect([...batch.natPort.subarray(0, 2)]).toEqual([5, 9]);
    expect([...batch.sessionId.subarray(0, 2)]).toEqual([0xffff_fff1, 3]);
    expect([...batch.entryNo.subarray(0, 2)]).toEqual([1002, 1000]);
    expect(second).toEqual({
      protocol: 6,
      priIp: 0x0a000001,
      priPort: 50_000,
      pubIp: 0xc0000201,
      pubPort: 443,
      natIp: 0xcb007102,
      natPort: 9,
      bytesFromPub: 2 ** 40,
      pktsFromPub: 0xffff_fffe,
      bytesFromVpc: 100,
      pktsFromVpc: 1,
      entryNo: 1000,
      sessionId: 3,
      windowStart: 1_699_999_800,
      firstSec: 1_700_000_000,
      firstNsec: 999_999_999,
      lastSec: 1_700_000_049,
      lastNsec: 2,
      endReason: END_REASON_CODE.fin,
      natEip: 0xcb007102,
      natSource: NAT_SOURCE.emulated,
      flags: ENTRY_FLAG.midstream | ENTRY_FLAG.partialWindow,
      firstPacket: 2 ** 41 + 1,
      lastPacket: 2 ** 41 + 9,
    });
  });
});

describe('taking', () => {
  test('passes over a record without packets in the window', () => {
    const { words, floats } = recordsOf([
      { natAddress: 0, natPort: 1, sessionId: 1 },
      { natAddress: 0, natPort: 2, sessionId: 2 },
      { natAddress: 0, natPort: 3, sessionId: 3 },
    ]);
    words[WORD.pktsFromVpc] = 0;
    words[RECORD_WORDS + WORD.pktsFromVpc] = 0;
    words[RECORD_WORDS + WORD.pktsFromPub] = 7;
    const window = new WindowRows();
    for (let record = 0; record < 3; record++) window.take(words, floats, record);
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
    expect(window.columns.flags[0]).toBe(0b11);
    expect(window.columns.bytesFromVpc[0]).toBe(100);
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
    expect([...window.columns.bytesFromVpc.subarray(0, rows.length)]).toEqual(rows.map((_, index) => 100 + index));
    window.sort(5);
    checkSorted(window, rows);
  });
});
