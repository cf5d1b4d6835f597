import { describe, expect, test } from 'vitest';
import type { ComparedEntry, SessionKey, UnequalSession } from '../../../../src-main/engine/compare/compared-entry';
import type { OtherLog } from '../../../../src-main/engine/compare/explain-session';
import { explainShifted, zoneShiftOf } from '../../../../src-main/engine/compare/zone-shift';

const HOUR = 3600n;
const START = 1_700_000_400n;
const key: SessionKey = { protocol: 6, priIp: 1, priPort: 2, pubIp: 3, pubPort: 4 };
const everything: OtherLog = { covers: () => true, hasLost: () => false, excludes: () => false };

const entry = (atSec: bigint, packets: bigint): ComparedEntry => ({
  ...{ startSec: START + atSec, endSec: START + atSec + 5n, windowStartSec: START + atSec - (atSec % 600n) },
  ...{ natIp: 1, natPort: 2, gateway: 1, counters: [packets, packets, 0n, 0n], flags: 0, run: 1, entryNo: 0n },
  isRepeated: false,
});

const session = (first: readonly ComparedEntry[], second: readonly ComparedEntry[]): UnequalSession => ({
  key,
  rest: [[...first], [...second]],
});

describe('clocks of different time zones', () => {
  const times = [0n, 700n, 1300n];
  const log = (shift: bigint): ComparedEntry[] => times.map((at, index) => entry(at + shift, BigInt(index)));

  test.each([8n * HOUR, -5n * HOUR, 345n * 60n, 14n * HOUR])('are found that are %d s apart', (shift) => {
    expect(zoneShiftOf([session(log(0n), log(shift))], 0)).toBe(shift);
  });

  test.each([
    { name: 'more than 14 hours', sessions: [session(log(0n), log(15n * HOUR))], equal: 0 },
    { name: 'no quarter of an hour', sessions: [session(log(0n), log(HOUR + 7n))], equal: 0 },
    { name: 'less than the entries that are equal as they are', sessions: [session(log(0n), log(HOUR))], equal: 3 },
    {
      name: 'less than half of the entries',
      sessions: [
        session([entry(0n, 1n), entry(10n, 2n), entry(20n, 3n)], [entry(900n, 1n), entry(11n, 7n), entry(21n, 8n)]),
      ],
      equal: 0,
    },
  ])('are none where $name would be explained', ({ sessions, equal }) => {
    expect(zoneShiftOf(sessions, equal)).toBe(0n);
  });

  test('are a difference of its own, and what differs besides is told as ever', () => {
    const [, , third] = log(8n * HOUR);
    const second = [entry(8n * HOUR, 0n), entry(8n * HOUR + 700n, 9n), third!, entry(8n * HOUR + 2000n, 4n)];
    const covers = (windowStartSec: bigint): boolean => windowStartSec >= START + 8n * HOUR;
    const told = explainShifted(
      1,
      session([...log(0n), entry(2600n, 5n)], second),
      [{ ...everything, covers }, everything],
      8n * HOUR,
    );
    expect(
      told.map(({ place, reason, b, fields }) => [place, reason, b === null ? null : second.indexOf(b), fields]),
    ).toEqual([
      ['both', 'time_zone', 0, ['start_time', 'end_time']],
      ['both', 'missing_packets', 1, ['bytes_from_pub', 'pkts_from_pub', 'start_time', 'end_time']],
      ['both', 'time_zone', 2, ['start_time', 'end_time']],
      ['A', 'missing_delivery', null, []],
      ['B', 'missing_delivery', 3, []],
    ]);
  });
});
