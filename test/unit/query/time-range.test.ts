import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import { isShownTwice, resolveInstant, resolveRange } from '../../../src-main/query/time-range';

const LOG = { firstSec: 1_700_000_000, lastSec: 1_700_003_599 };
const END = 1_700_003_600;
const sec = (text: string): number => Date.parse(text) / 1000;

describe('a range begins at', () => {
  test.each([
    { name: 'the first entry by default', from: null, zone: 'UTC', fromSec: LOG.firstSec },
    { name: 'start', from: 'start', zone: 'UTC', fromSec: LOG.firstSec },
    { name: 'epoch seconds', from: '1700000001', zone: 'UTC', fromSec: 1_700_000_001 },
    { name: 'the epoch', from: '0', zone: 'UTC', fromSec: 0 },
    { name: 'seconds before the end', from: '-30s', zone: 'UTC', fromSec: END - 30 },
    { name: 'minutes before the end', from: '-15m', zone: 'UTC', fromSec: END - 900 },
    { name: 'hours before the end', from: '-1h', zone: 'UTC', fromSec: END - 3600 },
    { name: 'days before the end', from: '-2d', zone: 'UTC', fromSec: END - 172_800 },
    {
      name: 'RFC 3339 with Z',
      from: '2023-11-14T00:00:00Z',
      zone: 'Asia/Shanghai',
      fromSec: sec('2023-11-14T00:00:00Z'),
    },
    { name: 'RFC 3339 in lower case', from: '2023-11-14t00:00:00z', zone: 'UTC', fromSec: sec('2023-11-14T00:00:00Z') },
    {
      name: 'RFC 3339 with an offset',
      from: '2023-11-14T00:00:00+08:00',
      zone: 'UTC',
      fromSec: sec('2023-11-13T16:00:00Z'),
    },
    {
      name: 'RFC 3339 with a space and an empty fraction',
      from: '2023-11-14 00:00:00.000-05:30',
      zone: 'UTC',
      fromSec: sec('2023-11-14T05:30:00Z'),
    },
    { name: 'a local day', from: '2023-11-14', zone: 'Asia/Shanghai', fromSec: sec('2023-11-13T16:00:00Z') },
    { name: 'a local minute', from: '2023-11-14 09:30', zone: '+08:00', fromSec: sec('2023-11-14T01:30:00Z') },
    {
      name: 'a local second',
      from: '2023-11-14 09:30:15',
      zone: 'America/New_York',
      fromSec: sec('2023-11-14T14:30:15Z'),
    },
    {
      name: 'a local time in a zone west',
      from: '2023-11-14 00:00',
      zone: '-09:30',
      fromSec: sec('2023-11-14T09:30:00Z'),
    },
    { name: 'a leap day', from: '2020-02-29', zone: 'UTC', fromSec: sec('2020-02-29T00:00:00Z') },
    {
      name: 'the first of two equal local times',
      from: '2022-11-06 01:30',
      zone: 'America/New_York',
      fromSec: sec('2022-11-06T05:30:00Z'),
    },
    {
      name: 'a skipped local time by the offset before',
      from: '2023-03-12 02:30',
      zone: 'America/New_York',
      fromSec: sec('2023-03-12T07:30:00Z'),
    },
    {
      name: 'the second after a skipped hour',
      from: '2023-03-12 03:00',
      zone: 'America/New_York',
      fromSec: sec('2023-03-12T07:00:00Z'),
    },
    {
      name: 'the second after a repeated hour',
      from: '2022-11-06 02:00',
      zone: 'America/New_York',
      fromSec: sec('2022-11-06T07:00:00Z'),
    },
    {
      name: 'a day that begins with a skipped hour',
      from: '2023-03-26',
      zone: 'Asia/Beirut',
      fromSec: sec('2023-03-25T22:00:00Z'),
    },
    {
      name: 'a half-hour change',
      from: '2023-10-01 02:15',
      zone: 'Australia/Lord_Howe',
      fromSec: sec('2023-09-30T15:45:00Z'),
    },
    { name: 'spaces around it', from: ' 1700000001 ', zone: 'UTC', fromSec: 1_700_000_001 },
  ])('$name', ({ from, zone, fromSec }) => {
    expect(resolveRange({ from, to: 'end', zone }, LOG)).toEqual({ fromSec, toSec: END });
  });
});

test('the whole log is the default, with its last entry inside', () => {
  expect(resolveRange({ from: null, to: null, zone: 'UTC' }, LOG)).toEqual({ fromSec: LOG.firstSec, toSec: END });
  const single = { firstSec: 5, lastSec: 5 };
  expect(resolveRange({ from: null, to: null, zone: 'UTC' }, single)).toEqual({ fromSec: 5, toSec: 6 });
});

/** @param at RFC 3339 of the last entry. @returns the range in RFC 3339 */
function unitRange(at: string, zone: string, from: string, to: string): readonly string[] {
  const lastSec = sec(at);
  const range = resolveRange({ from, to, zone }, { firstSec: lastSec - 1, lastSec });
  const text = (epochSec: number | undefined): string => new Date((epochSec ?? 0) * 1000).toISOString().slice(0, 16);
  return [text(range?.fromSec), text(range?.toSec)];
}

describe('whole units are those of the last entry', () => {
  test.each([
    { name: 'this window', from: '@10m', to: '+10m@10m', is: ['2023-11-14T22:10', '2023-11-14T22:20'] },
    { name: 'this minute', from: '@m', to: '+1m@m', is: ['2023-11-14T22:13', '2023-11-14T22:14'] },
    { name: 'this hour', from: '@h', to: '+1h@h', is: ['2023-11-14T22:00', '2023-11-14T23:00'] },
    { name: 'the hour before', from: '-1h@h', to: '@h', is: ['2023-11-14T21:00', '2023-11-14T22:00'] },
    { name: 'today', from: '@d', to: '+1d@d', is: ['2023-11-14T00:00', '2023-11-15T00:00'] },
    { name: 'yesterday', from: '-1d@d', to: '@d', is: ['2023-11-13T00:00', '2023-11-14T00:00'] },
    { name: 'this week, of a Tuesday', from: '@w', to: '+1w@w', is: ['2023-11-13T00:00', '2023-11-20T00:00'] },
    { name: 'last week', from: '-1w@w', to: '@w', is: ['2023-11-06T00:00', '2023-11-13T00:00'] },
    { name: 'this month', from: '@M', to: '+1M@M', is: ['2023-11-01T00:00', '2023-12-01T00:00'] },
    { name: 'the year before', from: '-12M@M', to: '@M', is: ['2022-11-01T00:00', '2023-11-01T00:00'] },
    { name: 'a day a month before', from: '-1M@d', to: '@d', is: ['2023-10-14T00:00', '2023-11-14T00:00'] },
    {
      name: 'today elsewhere',
      zone: 'Asia/Shanghai',
      from: '@d',
      to: '+1d@d',
      is: ['2023-11-14T16:00', '2023-11-15T16:00'],
    },
    {
      name: 'an hour of half ones',
      zone: '+05:30',
      from: '@h',
      to: '+1h@h',
      is: ['2023-11-14T21:30', '2023-11-14T22:30'],
    },
    {
      name: 'a window of a zone with quarters',
      zone: '+05:45',
      from: '@10m',
      to: '+10m@10m',
      is: ['2023-11-14T22:10', '2023-11-14T22:20'],
    },
  ])('$name', ({ zone = 'UTC', from, to, is }) => {
    expect(unitRange('2023-11-14T22:13:20Z', zone, from, to)).toEqual(is);
  });

  test.each([
    {
      name: 'a day of 25 hours',
      at: '2022-11-06T12:00:00Z',
      from: '@d',
      to: '+1d@d',
      is: ['2022-11-06T04:00', '2022-11-07T05:00'],
    },
    {
      name: 'a day of 23 hours',
      at: '2023-03-12T12:00:00Z',
      from: '@d',
      to: '+1d@d',
      is: ['2023-03-12T05:00', '2023-03-13T04:00'],
    },
    {
      name: 'the day before',
      at: '2023-03-13T12:00:00Z',
      from: '-1d@d',
      to: '@d',
      is: ['2023-03-12T05:00', '2023-03-13T04:00'],
    },
    {
      name: 'the second of two equal hours',
      at: '2022-11-06T06:30:00Z',
      from: '@h',
      to: '+1h@h',
      is: ['2022-11-06T06:00', '2022-11-06T07:00'],
    },
    {
      name: 'a week with a change',
      at: '2022-11-09T12:00:00Z',
      from: '-1w@w',
      to: '@w',
      is: ['2022-10-31T04:00', '2022-11-07T05:00'],
    },
    {
      name: 'a month with a change',
      at: '2022-11-09T12:00:00Z',
      from: '@M',
      to: '+1M@M',
      is: ['2022-11-01T04:00', '2022-12-01T05:00'],
    },
    {
      name: 'a day that a month does not have',
      at: '2024-03-31T12:00:00Z',
      from: '-1M@d',
      to: '@d',
      is: ['2024-02-29T05:00', '2024-03-31T04:00'],
    },
    {
      name: 'the last second of a day',
      at: '2023-07-02T03:59:59Z',
      from: '@d',
      to: '+1d@d',
      is: ['2023-07-01T04:00', '2023-07-02T04:00'],
    },
  ])('$name in New York', ({ at, from, to, is }) => {
    expect(unitRange(at, 'America/New_York', from, to)).toEqual(is);
  });

  test('a day whose midnight is skipped begins when the clock is put forward', () => {
    expect(unitRange('2023-03-26T10:00:00Z', 'Asia/Beirut', '@d', '+1d@d')[0]).toBe('2023-03-25T22:00');
  });
});

test('both ends may be relative', () => {
  expect(resolveRange({ from: '-30m', to: '-15m', zone: 'UTC' }, LOG)).toEqual({
    fromSec: END - 1800,
    toSec: END - 900,
  });
});

describe('a log without entries', () => {
  test.each([
    { name: 'has no default range', from: null, to: null, range: null },
    { name: 'has no relative range', from: '-15m', to: '1700000000', range: null },
    { name: 'keeps an absolute range', from: '10', to: '20', range: { fromSec: 10, toSec: 20 } },
  ])('$name', ({ from, to, range }) => {
    expect(resolveRange({ from, to, zone: 'UTC' }, null)).toEqual(range);
  });

  test('still has its texts checked', () => {
    expect(() => resolveRange({ from: 'soon', to: null, zone: 'UTC' }, null)).toThrow(AppError);
  });
});

describe('a time is refused with the text and what is accepted:', () => {
  test.each(
    [
      ...['', 'now', 'yesterday', '-15', '-15w', '15m', '+15m', '- 15m', '-1.5h', '1.5', '1e9', '0x10', '999999999999'],
      ...['2023', '2023-11', '2023-11-14T00:00:00', '2023-11-14T00:00', '2023-11-14T00:00Z', '2023-11-14 9:00'],
      ...['2023-11-14 00:00:00.5', '2023-11-14T00:00:00.5Z', '2023-11-14 00', '2023-1-1', '14.11.2023', '2023-11-14Z'],
      ...['2023-02-29', '2023-13-01', '2023-00-01', '2023-11-31', '2023-11-14 24:00', '2023-11-14 12:60'],
      ...[
        '2023-11-14T23:59:60Z',
        '0050-01-01',
        '2023-11-14T00:00:00+24:00',
        '2023-11-14T00:00:00+0800',
        'START',
        'end-1h',
      ],
    ].filter((text) => text !== '2023'),
  )('%j', (text) => {
    const attempt = (): unknown => resolveRange({ from: text, to: null, zone: 'UTC' }, LOG);
    expect(attempt).toThrow(
      expect.objectContaining({ code: 'TIME_INVALID', detail: expect.objectContaining({ text }) }),
    );
    expect(attempt).toThrow('Accepted are epoch seconds');
  });
});

test.each(['Mars/Olympus', '', '+8', '08:00', '+24:00', '+08:60'])('an unknown zone %j is named', (zone) => {
  const attempt = (): unknown => resolveRange({ from: null, to: null, zone }, LOG);
  expect(attempt).toThrow(expect.objectContaining({ code: 'TIME_INVALID', detail: { zone } }));
});

test.each([
  { name: 'ends where it begins', from: '20', to: '20' },
  { name: 'ends before it begins', from: '20', to: '10' },
  { name: 'begins after the log', from: '1800000000', to: null },
  { name: 'ends before the log', from: null, to: '1600000000' },
])('a range that $name is refused', ({ from, to }) => {
  const attempt = (): unknown => resolveRange({ from, to, zone: 'UTC' }, LOG);
  expect(attempt).toThrow(expect.objectContaining({ code: 'TIME_INVALID' }));
  expect(attempt).toThrow('The range is empty');
});

test('an empty range is told as clocks of the zone show it', () => {
  const log = { firstSec: 1_741_597_050, lastSec: 1_741_604_309 };
  const attempt = (to: string): unknown => resolveRange({ from: '1741597200', to, zone: 'Asia/Shanghai' }, log);
  expect(() => attempt('2025-03-10 16:00')).toThrow(
    'The range is empty: it begins at 2025-03-10 17:00:00 and ends before 2025-03-10 16:00:00 (Asia/Shanghai). ' +
      'The log goes from 2025-03-10 16:57:30 to 2025-03-10 18:58:29, both inside.',
  );
  const beyond = (): unknown => resolveRange({ from: '99999999999', to: '1', zone: 'UTC' }, null);
  expect(beyond).toThrow('begins at 5138-11-16 09:46:39');
});

describe('an instant is', () => {
  test.each([
    { name: 'epoch seconds', text: '1700000000', ns: 1_700_000_000_000_000_000n },
    { name: 'epoch seconds with a fraction', text: '1700000000.5', ns: 1_700_000_000_500_000_000n },
    { name: 'a local time with a fraction', text: '2023-11-15 06:13:20.5', ns: 1_700_000_000_500_000_000n },
    { name: 'epoch seconds to the nanosecond', text: '1700000000.000000001', ns: 1_700_000_000_000_000_001n },
    { name: 'RFC 3339', text: '2023-11-14T22:13:20Z', ns: 1_700_000_000_000_000_000n },
    { name: 'RFC 3339 to the nanosecond', text: '2023-11-15T06:13:20.123456789+08:00', ns: 1_700_000_000_123_456_789n },
    { name: 'before 1970', text: '1969-12-31T23:59:59.25Z', ns: -750_000_000n },
    { name: 'a local time', text: '2023-11-15 06:13:20', ns: 1_700_000_000_000_000_000n },
    { name: 'the start of the log', text: 'start', ns: BigInt(LOG.firstSec) * 1_000_000_000n },
    { name: 'the second after its last entry', text: 'end', ns: BigInt(END) * 1_000_000_000n },
    { name: 'a minute before that', text: '-1m', ns: BigInt(END - 60) * 1_000_000_000n },
    { name: 'the last but one that 64 bits hold', text: '9223372036.854775806', ns: 2n ** 63n - 2n },
  ])('$name', ({ text, ns }) => {
    expect(resolveInstant({ text, zone: 'Asia/Shanghai' }, LOG)).toBe(ns);
  });

  test.each([
    { name: 'finer than a nanosecond', text: '1700000000.0000000001', says: 'ninth digit' },
    { name: 'finer than that in RFC 3339', text: '2023-11-14T22:13:20.0000000000Z', says: 'ninth digit' },
    { name: 'a local time with a T', text: '2023-11-14T22:13:20.5', says: 'its shape is not known' },
    { name: 'a point without digits', text: '1700000000.', says: 'its shape is not known' },
    { name: 'beyond 64 bits', text: '9223372036.854775807', says: 'to the year 2262' },
    { name: 'before what 64 bits hold', text: '1600-01-01', says: 'to the year 2262' },
    { name: 'no time', text: 'noon', says: 'its shape is not known' },
  ])('refused when it is $name', ({ text, says }) => {
    const attempt = (): unknown => resolveInstant({ text, zone: 'UTC' }, LOG);
    expect(attempt).toThrow(expect.objectContaining({ code: 'TIME_INVALID' }));
    expect(attempt).toThrow(says);
  });

  test('none where it depends on entries that there are not', () => {
    expect(resolveInstant({ text: '-1h', zone: 'UTC' }, null)).toBeNull();
    expect(resolveInstant({ text: '12', zone: 'UTC' }, null)).toBe(12_000_000_000n);
  });
});

test('ranges have whole seconds, however these are written', () => {
  expect(resolveRange({ from: '10.000', to: '1970-01-01T00:00:20.0Z', zone: 'UTC' }, LOG)).toEqual({
    fromSec: 10,
    toSec: 20,
  });
  const attempt = (): unknown => resolveRange({ from: '10.5', to: null, zone: 'UTC' }, LOG);
  expect(attempt).toThrow('entries have whole seconds');
});

test.each([
  ['2026-10-25 02:30', 'Europe/Berlin', true],
  ['2026-10-25 02:59:59.9', 'Europe/Berlin', true],
  ['2026-10-25 03:00', 'Europe/Berlin', false],
  ['2026-10-25 01:59:59', 'Europe/Berlin', false],
  ['2026-03-29 02:30', 'Europe/Berlin', false],
  ['2026-10-25T02:30:00+02:00', 'Europe/Berlin', false],
  ['2026-04-05 01:45', 'Australia/Lord_Howe', true],
  ['2026-10-25 02:30', 'UTC', false],
  ['1792888200', 'Europe/Berlin', false],
  ['-1h', 'Europe/Berlin', false],
])('%s in %s is shown twice: %s', (text, zone, isTwice) => {
  expect(isShownTwice({ text, zone })).toBe(isTwice);
});
