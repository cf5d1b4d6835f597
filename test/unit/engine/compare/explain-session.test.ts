import { describe, expect, test } from 'vitest';
import type { DifferenceReason } from '../../../../src-main/contract/compare';
import { ENTRY_FLAG } from '../../../../src-main/contract/log-entry';
import type { ComparedEntry } from '../../../../src-main/engine/compare/compared-entry';
import { explainSession, type OtherLog } from '../../../../src-main/engine/compare/explain-session';

const HOST = 0x0a000005;
const EPOCH = 1_700_000_400;

/** Counters as bytes and packets from the Internet, then from the VPC. */
function entry(
  window: number,
  counters: readonly [number, number, number, number],
  other: Partial<ComparedEntry> & { readonly start?: number; readonly end?: number } = {},
): ComparedEntry {
  const { start = 10, end = 20, ...rest } = other;
  const windowStartSec = BigInt(EPOCH + 600 * window);
  return {
    startSec: windowStartSec + BigInt(start),
    endSec: windowStartSec + BigInt(end),
    natIp: 0xcb007101,
    natPort: 40_000,
    gateway: 1,
    counters: counters.map(BigInt),
    windowStartSec,
    flags: 0,
    run: 1,
    entryNo: 0n,
    isRepeated: false,
    ...rest,
  };
}

const everything: OtherLog = { covers: () => true, hasLost: () => false, excludes: () => false };

type Told = readonly [place: string, reason: DifferenceReason, fields?: readonly string[]];

function told(
  a: readonly ComparedEntry[],
  b: readonly ComparedEntry[],
  others: readonly [OtherLog, OtherLog] = [everything, everything],
): readonly Told[] {
  return explainSession(HOST, a, b, others).map(({ place, reason, fields }) =>
    place === 'both' ? [place, reason, fields] : [place, reason],
  );
}

const BYTES_AND_PACKETS = ['bytes_from_pub', 'pkts_from_pub'];

describe('two entries of one window', () => {
  const cases: readonly {
    readonly name: string;
    readonly a: ComparedEntry;
    readonly b: ComparedEntry;
    readonly is: readonly [DifferenceReason, readonly string[]];
  }[] = [
    {
      name: 'shifted by a second are of two clocks',
      a: entry(0, [100, 1, 100, 1]),
      b: entry(0, [100, 1, 100, 1], { start: 11, end: 21 }),
      is: ['clock', ['start_time', 'end_time']],
    },
    {
      name: 'with another last time have other times',
      a: entry(0, [100, 1, 100, 1]),
      b: entry(0, [100, 1, 100, 1], { end: 21 }),
      is: ['times', ['end_time']],
    },
    {
      name: 'at another port are translated otherwise',
      a: entry(0, [100, 1, 100, 1]),
      b: entry(0, [90, 1, 100, 1], { natPort: 40_001 }),
      is: ['translation', ['nat_port', 'bytes_from_pub']],
    },
    {
      name: 'of another gateway are told as such',
      a: entry(0, [100, 1, 100, 1]),
      b: entry(0, [100, 1, 100, 1], { gateway: 2 }),
      is: ['gateway', ['gateway']],
    },
    {
      name: 'with two headers less for two packets less count fragments on one side',
      a: entry(0, [4040, 4, 100, 1]),
      b: entry(0, [4000, 2, 100, 1]),
      is: ['fragment', BYTES_AND_PACKETS],
    },
    {
      name: 'with less of everything have lost packets',
      a: entry(0, [4000, 4, 100, 1]),
      b: entry(0, [3000, 3, 100, 1]),
      is: ['missing_packets', BYTES_AND_PACKETS],
    },
    {
      name: 'with more of one and less of the other are not explained',
      a: entry(0, [4000, 4, 100, 1]),
      b: entry(0, [3000, 3, 200, 2]),
      is: ['unexplained', [...BYTES_AND_PACKETS, 'bytes_from_vpc', 'pkts_from_vpc']],
    },
    {
      name: 'of which one counts late packets',
      a: entry(0, [4000, 4, 100, 1], { flags: ENTRY_FLAG.lateCarried }),
      b: entry(0, [3000, 3, 100, 1]),
      is: ['late', BYTES_AND_PACKETS],
    },
    {
      name: 'of which one is of a window that the capture does not cover',
      a: entry(0, [4000, 4, 100, 1]),
      b: entry(0, [3000, 3, 100, 1], { flags: ENTRY_FLAG.partialWindow }),
      is: ['partial_window', BYTES_AND_PACKETS],
    },
  ];
  test.each(cases)('$name', ({ a, b, is: [reason, fields] }) => {
    expect(told([a], [b])).toEqual([['both', reason, fields]]);
    expect(told([b], [a])).toEqual([['both', reason, fields]]);
  });
});

describe('packets that were counted elsewhere', () => {
  test('in the window beside, which both have', () => {
    const a = [entry(0, [900, 9, 0, 0]), entry(1, [100, 1, 0, 0])];
    const b = [entry(0, [1000, 10, 0, 0]), entry(1, [0, 0, 0, 0])];
    expect(told(a, b)).toEqual([
      ['both', 'window_edge', BYTES_AND_PACKETS],
      ['both', 'window_edge', BYTES_AND_PACKETS],
    ]);
  });

  test('in the window beside, which only one has', () => {
    const a = [entry(0, [900, 9, 0, 0]), entry(1, [100, 1, 0, 0])];
    expect(told(a, [entry(0, [1000, 10, 0, 0])])).toEqual([
      ['both', 'window_edge', BYTES_AND_PACKETS],
      ['A', 'window_edge'],
    ]);
  });

  test('after an entry that is missing for another reason', () => {
    const a = [entry(0, [500, 5, 0, 0]), entry(1, [900, 9, 0, 0]), entry(2, [100, 1, 0, 0])];
    const b = [entry(1, [800, 8, 0, 0]), entry(2, [200, 2, 0, 0])];
    expect(told(a, b)).toEqual([
      ['both', 'window_edge', BYTES_AND_PACKETS],
      ['both', 'window_edge', BYTES_AND_PACKETS],
      ['A', 'missing_delivery'],
    ]);
  });

  test('not in a window that is no neighbour', () => {
    const a = [entry(0, [900, 9, 0, 0]), entry(5, [100, 1, 0, 0])];
    const b = [entry(0, [800, 8, 0, 0]), entry(5, [200, 2, 0, 0])];
    expect(told(a, b).map(([, reason]) => reason)).toEqual(['missing_packets', 'missing_packets']);
  });

  test('in two entries of the same window', () => {
    const a = [entry(0, [900, 9, 0, 0]), entry(0, [100, 1, 0, 0], { start: 30, end: 40 })];
    expect(told(a, [entry(0, [1000, 10, 0, 0])])).toEqual([
      ['both', 'split', BYTES_AND_PACKETS],
      ['A', 'split'],
    ]);
  });
});

describe('an entry that only one log has', () => {
  const a = entry(3, [100, 1, 100, 1]);
  const without = (other: Partial<OtherLog>): [OtherLog, OtherLog] => [{ ...everything, ...other }, everything];

  test('was not delivered, where the other has its time', () => {
    expect(told([a], [])).toEqual([['A', 'missing_delivery']]);
    expect(told([], [a])).toEqual([['B', 'missing_delivery']]);
  });

  test('is of a time that the other has nothing of', () => {
    const covers = (windowStartSec: bigint): boolean => windowStartSec > a.windowStartSec;
    expect(told([a], [], without({ covers }))).toEqual([['A', 'not_covered']]);
  });

  test('was not delivered, where the other is known to have lost some of its window', () => {
    const hasLost = (windowStartSec: bigint): boolean => windowStartSec === a.windowStartSec;
    expect(told([a], [], without({ covers: () => false, hasLost }))).toEqual([['A', 'missing_delivery']]);
  });

  test('is one that both have, once more', () => {
    const again = { ...a, isRepeated: true };
    expect(told([again], [entry(3, [200, 2, 100, 1])])).toEqual([
      ['A', 'duplicate'],
      ['B', 'missing_delivery'],
    ]);
  });

  test('is of a host that leaves by DNAT there', () => {
    expect(told([a], [], without({ excludes: (host) => host === HOST }))).toEqual([['A', 'dnat']]);
    expect(told([], [a], without({ excludes: (host) => host === HOST }))).toEqual([['B', 'missing_delivery']]);
  });

  test('may be one with another of the next window, by a clock that is seconds apart', () => {
    const late = entry(1, [100, 1, 100, 1], { start: 1, end: 11 });
    const early = entry(0, [100, 1, 100, 1], { start: 598, end: 608 });
    expect(told([early], [late])).toEqual([['both', 'clock', ['start_time', 'end_time']]]);
    const much = entry(1, [100, 1, 100, 1], { start: 400, end: 410 });
    expect(told([early], [much]).map(([place]) => place)).toEqual(['A', 'B']);
  });
});
