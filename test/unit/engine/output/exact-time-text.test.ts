import { expect, test } from 'vitest';
import { exactTimeText } from '../../../../src-main/engine/output/exact-time-text';

const micros = (local: string, more = 0n): bigint => BigInt(Date.parse(`${local}Z`)) * 1000n + more;

test.each([
  { zone: 'UTC', local: micros('2026-11-20T15:17:42.106'), text: '2026-11-20T15:17:42.106Z' },
  { zone: '+08:00', local: micros('2026-11-20T15:17:42', 7n), text: '2026-11-20T15:17:42.000007+08:00' },
  { zone: '-03:30', local: micros('1969-12-31T23:59:59', -1n), text: '1969-12-31T23:59:58.999999-03:30' },
  { zone: 'Asia/Shanghai', local: micros('2026-11-20T15:17:42'), text: '2026-11-20T15:17:42.000+08:00' },
  { zone: 'Europe/Berlin', local: micros('2026-07-01T00:00:00'), text: '2026-07-01T00:00:00.000+02:00' },
  // the first of the two 02:30 of that night
  { zone: 'Europe/Berlin', local: micros('2026-10-25T02:30:00'), text: '2026-10-25T02:30:00.000+02:00' },
  { zone: 'Europe/Berlin', local: micros('2026-10-25T03:00:00'), text: '2026-10-25T03:00:00.000+01:00' },
  { zone: 'America/St_Johns', local: micros('2026-01-01T00:00:00'), text: '2026-01-01T00:00:00.000-03:30' },
  // local mean time was 5 minutes and 43 seconds ahead of +08:00; 43 seconds have no place in an offset
  { zone: 'Asia/Shanghai', local: micros('1890-01-01T00:00:43'), text: '1890-01-01T00:00:00.000+08:05' },
  { zone: 'Asia/Shanghai', local: -62_135_596_800_000_000n + 43_000_000n, text: '0001-01-01T00:00:00.000+08:05' },
  { zone: '+08:00', local: 253_402_300_800_000_000n, text: '10000-01-01 00:00:00.000' },
  { zone: 'UTC', local: 2n ** 63n - 1n, text: 'infinity' },
])('a time in $zone is the instant $text', ({ zone, local, text }) => {
  expect(exactTimeText(zone)(local)).toBe(text);
  if (text.startsWith('20')) expect(Number.isNaN(Date.parse(text))).toBe(false);
});

test('a zone that there is not is refused', () => {
  expect(() => exactTimeText('Mars/Olympus')).toThrow(expect.objectContaining({ code: 'TIME_INVALID' }));
});
