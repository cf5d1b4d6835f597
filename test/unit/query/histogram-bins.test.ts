import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binAt, histogramBins } from '../../../src-main/query/histogram-bins';
import { zoneOffset } from '../../../src-main/query/zone';
import { PROPERTY_RUNS } from '../../support/property-runs';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const WEEK = 7 * DAY;
const WIDTHS = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7].map((days) => days * DAY),
];

const sec = (text: string): number => Date.parse(text) / 1000;
const binsOf = (from: string, to: string, zone: string): ReturnType<typeof histogramBins> =>
  histogramBins({ fromSec: sec(from), toSec: sec(to) }, zoneOffset(zone));
const shown = (startsSec: readonly number[]): string[] =>
  startsSec.map((start) => new Date(start * 1000).toISOString().slice(0, 16));

describe('the width is the narrowest with at most 120 bins', () => {
  test.each([
    ...WIDTHS.map((width, index) => ({ span: width * 120, binSec: width, next: WIDTHS[index + 1] ?? 2 * WEEK })),
    { span: 121 * WEEK, binSec: 2 * WEEK, next: 2 * WEEK },
    { span: 240 * WEEK, binSec: 2 * WEEK, next: 3 * WEEK },
    { span: 360 * WEEK, binSec: 3 * WEEK, next: 4 * WEEK },
  ])('$binSec s for $span s, and $next s for a second more', ({ span, binSec, next }) => {
    // A multiple of all widths since the epoch.
    const fromSec = 0;
    const exact = histogramBins({ fromSec, toSec: fromSec + span }, zoneOffset('UTC'));
    expect(exact.binSec).toBe(binSec);
    expect(exact.startsSec.length).toBeLessThanOrEqual(120);
    expect(histogramBins({ fromSec, toSec: fromSec + span + 1 }, zoneOffset('UTC')).binSec).toBe(next);
  });

  test('counting the two that are touched at the ends', () => {
    const bins = histogramBins({ fromSec: 59, toSec: 59 + 119 }, zoneOffset('UTC'));
    expect(bins.binSec).toBe(1);
    const wide = histogramBins({ fromSec: 1, toSec: 240 }, zoneOffset('UTC'));
    expect(wide).toMatchObject({ binSec: 2 });
    expect(wide.startsSec[0]).toBe(0);
    expect(wide.startsSec.at(-1)).toBe(238);
    expect(histogramBins({ fromSec: 1, toSec: 241 }, zoneOffset('UTC')).binSec).toBe(5);
  });

  test('of one second there is one bin', () => {
    expect(histogramBins({ fromSec: 7, toSec: 8 }, zoneOffset('Asia/Kolkata'))).toEqual({
      binSec: 1,
      startsSec: [7],
      quantumSec: 1,
    });
  });

  test.each([
    { name: 'of all times that can be written', fromSec: 0, toSec: 99_999_999_999 },
    { name: 'that begins before any calendar', fromSec: -86_399_999_913_600, toSec: 1 },
  ])('also for a range $name', ({ fromSec, toSec }) => {
    const bins = histogramBins({ fromSec, toSec }, zoneOffset('Europe/Berlin'));
    expect(bins.binSec % WEEK).toBe(0);
    expect(bins.startsSec.length).toBeLessThanOrEqual(120);
    expect(bins.startsSec.length).toBeGreaterThan(100);
  });
});

describe('bins are aligned in the zone', () => {
  test('with an offset of half an hour, hours begin at half past in UTC, and days at local midnight', () => {
    const hours = binsOf('2026-03-10T00:00:00Z', '2026-03-14T00:00:00Z', 'Asia/Kolkata');
    expect(hours.binSec).toBe(HOUR);
    expect(shown(hours.startsSec).slice(0, 2)).toEqual(['2026-03-09T23:30', '2026-03-10T00:30']);
    const days = binsOf('2026-01-01T00:00:00Z', '2026-04-01T00:00:00Z', '+05:30');
    expect(days.binSec).toBe(DAY);
    expect(shown(days.startsSec).slice(0, 2)).toEqual(['2025-12-31T18:30', '2026-01-01T18:30']);
  });

  test('days go from midnight to midnight through a change of the clock, 23 and 25 hours long', () => {
    const spring = binsOf('2026-03-27T23:00:00Z', '2026-06-20T22:00:00Z', 'Europe/Berlin');
    expect(spring.binSec).toBe(DAY);
    expect(shown(spring.startsSec).slice(0, 4)).toEqual([
      ...['2026-03-27T23:00', '2026-03-28T23:00', '2026-03-29T22:00', '2026-03-30T22:00'],
    ]);
    expect(spring.quantumSec).toBe(HOUR);
    const autumn = binsOf('2026-10-23T22:00:00Z', '2027-01-20T00:00:00Z', 'Europe/Berlin');
    expect(shown(autumn.startsSec).slice(0, 4)).toEqual([
      ...['2026-10-23T22:00', '2026-10-24T22:00', '2026-10-25T23:00', '2026-10-26T23:00'],
    ]);
  });

  test('the hour that is shown twice has bins of its own, and the one that is not shown has none', () => {
    const autumn = binsOf('2026-10-25T00:00:00Z', '2026-10-25T02:00:00Z', 'Europe/Berlin');
    expect(autumn.binSec).toBe(MINUTE);
    expect(autumn.startsSec).toHaveLength(120);
    const hours = binsOf('2026-10-24T00:00:00Z', '2026-10-27T00:00:00Z', 'Europe/Berlin');
    expect(hours.binSec).toBe(HOUR);
    expect(new Set(hours.startsSec.slice(1).map((start, index) => start - hours.startsSec[index]!))).toEqual(
      new Set([HOUR]),
    );
    const spring = binsOf('2026-03-28T00:00:00Z', '2026-03-31T00:00:00Z', 'Europe/Berlin');
    expect(spring.startsSec).toHaveLength(72);
  });

  test('half days: one is an hour longer in autumn, and one shorter in spring', () => {
    const lengths = (from: string, to: string): number[] => {
      const { binSec, startsSec } = binsOf(from, to, 'America/New_York');
      expect(binSec).toBe(12 * HOUR);
      return startsSec.slice(1).map((start, index) => (start - startsSec[index]!) / HOUR);
    };
    expect(new Set(lengths('2026-10-10T00:00:00Z', '2026-11-20T00:00:00Z'))).toEqual(new Set([12, 13]));
    expect(new Set(lengths('2026-02-20T00:00:00Z', '2026-04-01T00:00:00Z'))).toEqual(new Set([12, 11]));
  });

  test('where midnight itself is skipped, the day begins with the change', () => {
    // Clocks went from 2018-11-03 24:00 straight to 01:00.
    const { binSec, startsSec } = binsOf('2018-10-20T00:00:00Z', '2019-01-01T00:00:00Z', 'America/Sao_Paulo');
    expect(binSec).toBe(DAY);
    expect(shown(startsSec)).toContain('2018-11-04T03:00');
    expect(shown(startsSec)).toContain('2018-11-05T02:00');
    expect(shown(startsSec)).not.toContain('2018-11-04T02:00');
  });

  test('where a whole day was skipped, it has no bin', () => {
    const { binSec, startsSec } = binsOf('2011-11-20T10:00:00Z', '2012-02-20T10:00:00Z', 'Pacific/Apia');
    expect(binSec).toBe(DAY);
    const days = startsSec.map((start) => new Date((start + zoneOffset('Pacific/Apia')(start)) * 1000).toISOString());
    expect(days.some((day) => day.startsWith('2011-12-29'))).toBe(true);
    expect(days.some((day) => day.startsWith('2011-12-30'))).toBe(false);
    expect(days.some((day) => day.startsWith('2011-12-31'))).toBe(true);
  });

  test('of a width with several changes of the clock within it, each bin still begins where the clock first shows it', () => {
    // Put forward an hour in September and a whole day in December; bins of 16 weeks begin at local midnight.
    const { binSec, startsSec } = binsOf('2011-12-30T10:00:00Z', '2046-06-23T06:53:21Z', 'Pacific/Apia');
    expect(binSec).toBe(16 * WEEK);
    expect(shown(startsSec).slice(0, 2)).toEqual(['2011-09-15T11:00', '2012-01-04T10:00']);
  });

  test('where midnight is shown twice, the day begins with the first', () => {
    // Clocks went from 01:00 back to 00:00 on 2026-11-01.
    const through = binsOf('2026-10-25T04:00:00Z', '2027-01-20T00:00:00Z', 'America/Havana');
    expect(through.binSec).toBe(DAY);
    expect(shown(through.startsSec)).toContain('2026-11-01T04:00');
    expect(shown(through.startsSec)).not.toContain('2026-11-01T05:00');
    const within = binsOf('2026-11-01T06:00:00Z', '2027-01-20T00:00:00Z', 'America/Havana');
    expect(shown(within.startsSec).slice(0, 2)).toEqual(['2026-11-01T04:00', '2026-11-02T05:00']);
  });
});

describe('laws', () => {
  const zone = fc.constantFrom(
    ...['UTC', '+05:30', '-09:30', 'Europe/Berlin', 'America/New_York', 'America/St_Johns', 'Australia/Lord_Howe'],
    ...['America/Sao_Paulo', 'Asia/Kathmandu', 'Africa/Casablanca', 'Pacific/Apia', 'Africa/Monrovia'],
    ...['America/Havana', 'Atlantic/Azores', 'Pacific/Kwajalein', 'Antarctica/Troll', 'America/Scoresbysund'],
  );
  const from = fc.integer({ min: 0, max: 2_000_000_000 });
  const span = fc.oneof(
    fc.integer({ min: 1, max: 7200 }),
    fc.integer({ min: 1, max: 40 * DAY }),
    fc.integer({ min: 1, max: 1200 * DAY }),
    fc.integer({ min: 1, max: 20_000 * DAY }),
  );

  test('bins cover the range without gaps, none lies outside, and the quantum divides every one', () => {
    fc.assert(
      fc.property(zone, from, span, (name, fromSec, length) => {
        const toSec = fromSec + length;
        const { binSec, startsSec, quantumSec } = histogramBins({ fromSec, toSec }, zoneOffset(name));
        expect(WIDTHS.includes(binSec) || binSec % WEEK === 0).toBe(true);
        expect(startsSec.length).toBeLessThanOrEqual(120);
        expect(startsSec[0]).toBeLessThanOrEqual(fromSec);
        expect(startsSec[1] ?? Infinity).toBeGreaterThan(fromSec);
        expect(startsSec.at(-1)).toBeLessThan(toSec);
        startsSec.slice(1).forEach((start, index) => {
          expect(start).toBeGreaterThan(startsSec[index]!);
          expect((start - startsSec[0]!) % quantumSec).toBe(0);
        });
        expect(binSec % quantumSec).toBe(0);
        expect(binAt({ startsSec }, fromSec)).toBe(0);
        expect(binAt({ startsSec }, toSec - 1)).toBe(startsSec.length - 1);
      }),
      { numRuns: PROPERTY_RUNS * 4 },
    );
  });

  test('a bin is where it is, whichever range of the same width shows it', () => {
    fc.assert(
      fc.property(zone, from, span, fc.double({ min: 0, max: 1, noNaN: true }), (name, fromSec, length, part) => {
        const offsetAt = zoneOffset(name);
        const whole = histogramBins({ fromSec, toSec: fromSec + length }, offsetAt);
        const laterSec = fromSec + Math.floor(part * (length - 1));
        // As long as the first, so that the width is the same; all but its end is within the first.
        const later = histogramBins({ fromSec: laterSec, toSec: laterSec + length }, offsetAt);
        if (later.binSec !== whole.binSec) return;
        const shared = whole.startsSec.slice(binAt(whole, laterSec));
        expect(later.startsSec.slice(0, shared.length)).toEqual(shared);
      }),
      { numRuns: PROPERTY_RUNS * 4 },
    );
  });
});
