import { expect, test } from 'vitest';
import { exactTimeText } from '../../../../src-main/engine/output/exact-time-text';

const micros = (utc: string, more = 0n): bigint => BigInt(Date.parse(`${utc}Z`)) * 1000n + more;

test.each([
  { zone: 'UTC', instant: micros('2026-11-20T15:17:42.106'), text: '2026-11-20T15:17:42.106Z' },
  { zone: '+08:00', instant: micros('2026-11-20T07:17:42', 7n), text: '2026-11-20T15:17:42.000007+08:00' },
  { zone: '-03:30', instant: micros('1970-01-01T03:29:59', -1n), text: '1969-12-31T23:59:58.999999-03:30' },
  { zone: 'Asia/Shanghai', instant: micros('2026-11-20T07:17:42'), text: '2026-11-20T15:17:42.000+08:00' },
  { zone: 'Europe/Berlin', instant: micros('2026-06-30T22:00:00'), text: '2026-07-01T00:00:00.000+02:00' },
  // both 02:30 of that night
  { zone: 'Europe/Berlin', instant: micros('2026-10-25T00:30:00'), text: '2026-10-25T02:30:00.000+02:00' },
  { zone: 'Europe/Berlin', instant: micros('2026-10-25T01:30:00'), text: '2026-10-25T02:30:00.000+01:00' },
  { zone: 'America/St_Johns', instant: micros('2026-01-01T03:30:00'), text: '2026-01-01T00:00:00.000-03:30' },
  // local mean time was 5 minutes and 43 seconds ahead of +08:00; 43 seconds have no place in an offset
  { zone: 'Asia/Shanghai', instant: micros('1889-12-31T15:55:00'), text: '1890-01-01T00:00:00.000+08:05' },
  { zone: 'Asia/Shanghai', instant: -62_135_596_800_000_000n - 29_100_000_000n, text: '0001-01-01T00:00:00.000+08:05' },
  { zone: '+08:00', instant: 253_402_272_000_000_000n, text: '10000-01-01 00:00:00.000' },
  { zone: 'UTC', instant: 2n ** 63n - 1n, text: 'infinity' },
])('an instant in $zone is $text', ({ zone, instant, text }) => {
  expect(exactTimeText(zone)(instant)).toBe(text);
  if (text.startsWith('20')) expect(Date.parse(text)).toBe(Number(instant / 1000n));
});

test('a zone that there is not is refused', () => {
  expect(() => exactTimeText('Mars/Olympus')).toThrow(expect.objectContaining({ code: 'TIME_INVALID' }));
});
