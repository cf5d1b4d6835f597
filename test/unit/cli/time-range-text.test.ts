import { expect, test } from 'vitest';
import { instantText, packetTime, rangeText, rfc3339Text } from '../../../src-main/cli/time-range-text';

const LAST_SEC = 8_640_000_000_000;

test.each([
  {
    name: 'in UTC',
    fromSec: 0,
    toSec: 1_773_133_200,
    zone: 'UTC',
    shown: '1970-01-01 00:00:00 – 2026-03-10 09:00:00 UTC',
  },
  {
    name: 'up to the last time of Date',
    fromSec: LAST_SEC,
    toSec: LAST_SEC + 1,
    zone: 'UTC',
    shown: '+275760-09-13 00:00:00 – 8640000000001 UTC',
  },
  {
    name: 'before the first one',
    fromSec: -LAST_SEC - 1,
    toSec: 0,
    zone: 'UTC',
    shown: '-8640000000001 – 1970-01-01 00:00:00 UTC',
  },
  {
    name: 'beyond it in a named zone',
    fromSec: 0,
    toSec: 1e15,
    zone: 'Asia/Shanghai',
    shown: '1970-01-01 08:00:00 – 1000000000000000 Asia/Shanghai',
  },
  {
    name: 'beyond it by the offset alone',
    fromSec: 0,
    toSec: LAST_SEC,
    zone: '+08:00',
    shown: '1970-01-01 08:00:00 – 8640000000000 +08:00',
  },
])('a range is shown $name', ({ fromSec, toSec, zone, shown }) => {
  expect(rangeText({ fromSec, toSec }, zone)).toBe(shown);
});

test.each([
  { name: 'cut to milliseconds', epoch: '1773133200.123999999', shown: '2026-03-10 09:00:00.123' },
  { name: 'with its whole year', epoch: '253402300800.000000000', shown: '+010000-01-01 00:00:00.000' },
  {
    name: 'digit for digit where Date does not reach',
    epoch: '18446744073709551615.5',
    shown: '18446744073709551615.500',
  },
])('the time of a packet is shown $name', ({ epoch, shown }) => {
  expect(packetTime(epoch)).toBe(shown);
});

test.each([
  { name: 'in the zone', epoch: '1700000000.000000001', zone: 'Asia/Shanghai', shown: '2023-11-15 06:13:20.000000001' },
  {
    name: 'right after a change of the clock',
    epoch: '1711846800.5',
    zone: 'Europe/Berlin',
    shown: '2024-03-31 03:00:00.500000000',
  },
  { name: 'before 1970', epoch: '-1.250000000', zone: 'UTC', shown: '1969-12-31 23:59:59.250000000' },
])('an instant is shown $name, to the nanosecond', ({ epoch, zone, shown }) => {
  expect(instantText(epoch, zone)).toBe(`${shown} ${zone}`);
});

test('as RFC 3339 it has a T and a Z', () => {
  expect(rfc3339Text(1_700_000_000_000_000_001n)).toBe('2023-11-14T22:13:20.000000001Z');
  expect(rfc3339Text(-1n)).toBe('1969-12-31T23:59:59.999999999Z');
});
