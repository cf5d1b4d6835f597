import { DuckDBTimestampValue } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileQuery } from '../../../src-main/query/compile';
import type { CompileRequest } from '../../../src-main/query/compiled-query';
import { instantOf, zoneOffset } from '../../../src-main/query/zone';
import { openSampleLog, plainValue, RELATION, WHOLE, type SampleLog } from './sample-log';

let log: SampleLog;
beforeAll(async () => {
  log = await openSampleLog();
});
afterAll(() => {
  log.close();
});

const sec = (iso: string): number => Date.parse(iso) / 1000;
/** Over the first, the changes of 2026 are known beforehand; over the second, the database is asked for them. */
const RANGES = {
  'changes that are known': { fromSec: 0, toSec: sec('2026-11-26T00:00:00Z') },
  'changes that are asked for': WHOLE,
};

async function rowsOf(text: string, zone: string, request: Partial<CompileRequest> = {}): Promise<unknown[][]> {
  const query = await compileQuery(
    { text, range: WHOLE, limit: null, offset: 0, reverse: false, zone, nowMs: 0, ...request },
    RELATION,
    log.parser,
  );
  return (await log.run(query)).rows.map((row) => row.map(plainValue));
}

async function valueOf(expression: string, zone: string, range = WHOLE): Promise<unknown> {
  const [row] = await rowsOf(`* | select ${expression} as v from log where bytes = 100`, zone, { range });
  return row?.[0];
}

/** An instant of UTC in SQL: `at('2026-10-25 00:30')`. */
const at = (utc: string): string => `from_iso8601_timestamp('${utc.replace(' ', 'T')}:00Z')`;
const epoch = (expression: string): string => `cast(to_unixtime(${expression}) as bigint)`;
const utc = (text: string): number => sec(`${text.replace(' ', 'T')}:00Z`);

const BERLIN = 'Europe/Berlin';
const NEW_YORK = 'America/New_York';
const LORD_HOWE = 'Australia/Lord_Howe';

describe.each(Object.entries(RANGES))('%s:', (_, range) => {
  // Berlin goes back from 03:00 to 02:00 at 01:00 UTC on 2026-10-25, and forward at 01:00 UTC on 2026-03-29.
  test.each<readonly [name: string, zone: string, expression: string, result: unknown]>([
    ['the first of two hours', BERLIN, `cast(${at('2026-10-25 00:30')} as varchar)`, '2026-10-25 02:30:00.000'],
    [
      'the second, which is shown alike',
      BERLIN,
      `cast(${at('2026-10-25 01:30')} as varchar)`,
      '2026-10-25 02:30:00.000',
    ],
    ['and is another instant', BERLIN, `${at('2026-10-25 00:30')} = ${at('2026-10-25 01:30')}`, false],
    ['seconds there and back', BERLIN, epoch('from_unixtime(1792891800)'), 1_792_891_800],
    ['seconds there and back, halves', BERLIN, 'to_unixtime(from_unixtime(1792891800.5))', 1_792_891_800.5],
    ['an hour later', BERLIN, epoch(`date_add('hour', 1, ${at('2026-10-25 00:30')})`), utc('2026-10-25 01:30')],
    ['an hour later by +', BERLIN, epoch(`${at('2026-10-25 00:30')} + interval '1' hour`), utc('2026-10-25 01:30')],
    ['90 minutes earlier', BERLIN, epoch(`${at('2026-10-25 01:30')} - interval '90' minute`), utc('2026-10-25 00:00')],
    ['a day later', BERLIN, epoch(`date_add('day', 1, ${at('2026-10-24 10:00')})`), utc('2026-10-25 11:00')],
    ['a day later by +', BERLIN, epoch(`${at('2026-10-24 10:00')} + interval '1' day`), utc('2026-10-25 11:00')],
    ['24 hours later', BERLIN, epoch(`date_add('hour', 24, ${at('2026-10-24 10:00')})`), utc('2026-10-25 10:00')],
    ['a month later', BERLIN, epoch(`date_add('month', 1, ${at('2026-10-01 10:00')})`), utc('2026-11-01 11:00')],
    [
      'a day, and then an hour',
      BERLIN,
      epoch(`${at('2026-10-24 00:30')} + (interval '1' day + interval '1' hour)`),
      utc('2026-10-25 01:30'),
    ],
    ['a day into the gap', BERLIN, epoch(`date_add('day', 1, ${at('2026-03-28 01:30')})`), utc('2026-03-29 01:30')],
    [
      'an hour over the gap',
      BERLIN,
      `cast(date_add('hour', 1, ${at('2026-03-29 00:30')}) as varchar)`,
      '2026-03-29 03:30:00.000',
    ],
    ['hours of a day of 25', BERLIN, `date_diff('hour', ${at('2026-10-24 22:00')}, ${at('2026-10-25 23:00')})`, 25],
    ['which is one day', BERLIN, `date_diff('day', ${at('2026-10-24 22:00')}, ${at('2026-10-25 23:00')})`, 1],
    ['hours of a day of 23', BERLIN, `date_diff('hour', ${at('2026-03-28 23:00')}, ${at('2026-03-29 22:00')})`, 23],
    [
      'minutes between hours shown alike',
      BERLIN,
      `date_diff('minute', ${at('2026-10-25 00:30')}, ${at('2026-10-25 01:30')})`,
      60,
    ],
    [
      'what is between, added again',
      BERLIN,
      epoch(`${at('2026-10-24 10:00')} + (${at('2026-10-26 10:00')} - ${at('2026-10-24 10:00')})`),
      utc('2026-10-26 10:00'),
    ],
    [
      'the start of the first hour',
      BERLIN,
      epoch(`date_trunc('hour', ${at('2026-10-25 00:59')})`),
      utc('2026-10-25 00:00'),
    ],
    [
      'the start of the second hour',
      BERLIN,
      epoch(`date_trunc('hour', ${at('2026-10-25 01:59')})`),
      utc('2026-10-25 01:00'),
    ],
    [
      'the minute of the second hour',
      BERLIN,
      epoch(`date_trunc('minute', date_add('second', 59, ${at('2026-10-25 01:59')}))`),
      utc('2026-10-25 01:59'),
    ],
    [
      'the start of the day of the change',
      BERLIN,
      epoch(`date_trunc('day', ${at('2026-10-25 22:00')})`),
      utc('2026-10-24 22:00'),
    ],
    [
      'the start of the week of the change',
      BERLIN,
      epoch(`date_trunc('week', ${at('2026-10-25 22:00')})`),
      utc('2026-10-18 22:00'),
    ],
    [
      'the start of the month before it',
      BERLIN,
      epoch(`date_trunc('month', ${at('2026-10-30 22:00')})`),
      utc('2026-09-30 22:00'),
    ],
    ['the start of the year', BERLIN, epoch(`date_trunc('year', ${at('2026-07-30 22:00')})`), utc('2025-12-31 23:00')],
    [
      'a literal that occurs twice: its first',
      BERLIN,
      epoch("timestamp '2026-10-25 02:30:00'"),
      utc('2026-10-25 00:30'),
    ],
    ['a literal that does not occur', BERLIN, epoch("timestamp '2026-03-29 02:30:00'"), utc('2026-03-29 01:30')],
    ['a text with an offset', BERLIN, epoch("cast('2026-10-25 02:30:00+01:00' as timestamp)"), utc('2026-10-25 01:30')],
    [
      'a text that is parsed',
      BERLIN,
      epoch("date_parse('2026-07-01 12:00', '%Y-%m-%d %H:%i')"),
      utc('2026-07-01 10:00'),
    ],
    ['a text that is none', BERLIN, "try_cast('noon' as timestamp) is null", true],
    ['a date: its midnight', BERLIN, "to_unixtime(date '2026-07-01')", utc('2026-06-30 22:00')],
    ['the date of an instant', BERLIN, `cast(cast(${at('2026-06-30 22:00')} as date) as varchar)`, '2026-07-01'],
    ['its parts', BERLIN, `hour(${at('2026-10-25 01:30')}) * 100 + minute(${at('2026-10-25 01:30')})`, 230],
    ['a part by EXTRACT', BERLIN, `extract(hour from ${at('2026-07-01 12:00')})`, 14],
    [
      'the last day of its month',
      BERLIN,
      `cast(last_day_of_month(${at('2026-06-30 22:00')}) as varchar)`,
      '2026-07-31',
    ],
    ['a text in a text', BERLIN, `concat('at ', ${at('2026-07-01 12:00')})`, 'at 2026-07-01 14:00:00'],
    ['beside a date', BERLIN, `${at('2026-06-30 22:00')} = date '2026-07-01'`, true],
    ['beside a text', BERLIN, `${at('2026-06-30 22:00')} between '2026-07-01' and '2026-07-02'`, true],
    ['in a list', BERLIN, `${at('2026-06-30 22:00')} in (date '2026-07-01', null)`, true],
    [
      'the greater of a date and a time',
      BERLIN,
      epoch(`greatest(${at('2026-06-30 21:00')}, date '2026-07-01')`),
      utc('2026-06-30 22:00'),
    ],
    [
      'one or the other',
      BERLIN,
      epoch(`if(bytes > 1, date '2026-07-01', ${at('2026-06-30 21:00')})`),
      utc('2026-06-30 22:00'),
    ],
    [
      'the first that is not null',
      BERLIN,
      epoch(`coalesce(cast(null as timestamp), date '2026-07-01')`),
      utc('2026-06-30 22:00'),
    ],
    ['a date and hours', BERLIN, epoch("date '2026-07-01' + interval '1' hour"), utc('2026-06-30 23:00')],
    ['days of a date', BERLIN, "cast(date_add('day', 1, date '2026-03-28') as varchar)", '2026-03-29'],
    ['days between dates', BERLIN, "date_diff('day', date '2026-03-29', date '2026-03-30')", 1],

    // New York goes back at 06:00 UTC on 2026-11-01, and forward at 07:00 UTC on 2026-03-08.
    ['the second 01:30', NEW_YORK, `cast(${at('2026-11-01 06:30')} as varchar)`, '2026-11-01 01:30:00.000'],
    ['its hour', NEW_YORK, epoch(`date_trunc('hour', ${at('2026-11-01 06:30')})`), utc('2026-11-01 06:00')],
    ['an hour before it', NEW_YORK, epoch(`date_add('hour', -1, ${at('2026-11-01 06:30')})`), utc('2026-11-01 05:30')],
    ['a day over the gap', NEW_YORK, epoch(`date_add('day', 1, ${at('2026-03-07 17:00')})`), utc('2026-03-08 16:00')],
    [
      'seconds of 2026-03-08',
      NEW_YORK,
      `date_diff('second', ${at('2026-03-08 05:00')}, ${at('2026-03-09 04:00')})`,
      82_800,
    ],

    [
      'whole hours of half an hour',
      'Asia/Kolkata',
      epoch(`date_trunc('hour', ${at('2026-10-25 00:45')})`),
      utc('2026-10-25 00:30'),
    ],
    [
      'a fixed offset of half an hour',
      '+05:30',
      epoch(`date_trunc('hour', ${at('2026-10-25 00:45')})`),
      utc('2026-10-25 00:30'),
    ],
    [
      'a day of a fixed offset',
      '-09:30',
      epoch(`date_trunc('day', ${at('2026-10-25 09:29')})`),
      utc('2026-10-24 09:30'),
    ],
    [
      'a month of a fixed offset',
      '+05:30',
      epoch(`${at('2026-01-30 20:00')} + interval '1' month`),
      utc('2026-02-27 20:00'),
    ],

    // Lord Howe goes back by half an hour at 15:00 UTC on 2026-04-04, and forward at 15:30 UTC on 2026-10-03.
    [
      'the hour of one and a half',
      LORD_HOWE,
      epoch(`date_trunc('hour', ${at('2026-04-04 15:15')})`),
      utc('2026-04-04 14:00'),
    ],
    ['the hour after it', LORD_HOWE, epoch(`date_trunc('hour', ${at('2026-04-04 15:45')})`), utc('2026-04-04 15:30')],
    ['the hour of a half', LORD_HOWE, epoch(`date_trunc('hour', ${at('2026-10-03 15:45')})`), utc('2026-10-03 15:30')],
    ['the second 01:45', LORD_HOWE, `cast(${at('2026-04-04 15:15')} as varchar)`, '2026-04-05 01:45:00.000'],
    ['an hour later', LORD_HOWE, epoch(`date_add('hour', 1, ${at('2026-04-04 14:45')})`), utc('2026-04-04 15:45')],

    [
      'a time with a zone',
      BERLIN,
      "cast(from_unixtime(1792891800, 'America/New_York') as varchar)",
      '2026-10-24 21:30:00.000 America/New_York',
    ],
    ['is the instant', BERLIN, "from_unixtime(1792891800, 'America/New_York') = from_unixtime(1792891800)", true],
    ['in UTC as well', 'UTC', "to_unixtime(from_unixtime(1792891800, 'America/New_York'))", 1_792_891_800],
    [
      'with the day of its zone',
      'UTC',
      "date_format(date_trunc('day', from_unixtime(1792891800, 'America/New_York')), '%d %H')",
      '24 00',
    ],
    ['with the hour of its zone', BERLIN, "hour(from_unixtime(1792891800, 'America/New_York'))", 21],
    [
      'a day later in its zone',
      'UTC',
      epoch("date_add('day', 1, from_unixtime(1793466000, 'America/New_York'))"),
      utc('2026-11-01 18:00'),
    ],
  ])('%s (%s)', async (_name, zone, expression, result) => {
    expect(await valueOf(expression, zone, range)).toEqual(result);
  });
});

describe('columns of times', () => {
  const times = (select: string): string =>
    `* | select ${select} from log, unnest(sequence(${utc('2026-10-25 00:00')}, ${utc('2026-10-25 01:59')}, 1800)) as u(x) where bytes = 100`;
  const plain = async (text: string, request: Partial<CompileRequest> = {}): Promise<unknown[][]> =>
    (await rowsOf(text, BERLIN, request)).map((row) => row.map(String));

  test('are shown as clocks of the zone do, in the order of the statement, hours shown alike side by side', async () => {
    const text = times("date_trunc('hour', from_unixtime(x)) as h, count(*) as n, max(x) as x");
    expect(await plain(`${text} group by h order by h desc`)).toEqual([
      ['2026-10-25 02:00:00', '2', String(utc('2026-10-25 01:30'))],
      ['2026-10-25 02:00:00', '2', String(utc('2026-10-25 00:30'))],
    ]);
  });

  test('are instants where those are asked for', async () => {
    const text = times("date_trunc('hour', from_unixtime(x)) as h, count(*) as n");
    expect(await plain(`${text} group by 1 order by 1`, { times: 'instant' })).toEqual([
      ['2026-10-25 00:00:00', '2'],
      ['2026-10-25 01:00:00', '2'],
    ]);
  });

  test('are shown inside of arrays and maps too', async () => {
    const text = `* | select array[from_unixtime(${utc('2026-07-01 12:00')})] as a, map(array['k'], array[from_unixtime(${utc('2026-07-01 13:00')})]) as m from log where bytes = 100`;
    const rows = await rowsOf(text, BERLIN, { times: 'instant' });
    const shown = JSON.stringify(rows, (_, value: unknown) =>
      value instanceof DuckDBTimestampValue ? value.toString() : value,
    );
    expect(shown).toBe('[[["2026-07-01 14:00:00"],{"k":"2026-07-01 15:00:00"}]]');
  });

  test('are shown in rows, of which one may be null', async () => {
    const text = '* | select zip(array[from_unixtime(0), null], array[1, 2, 3]) as z from log where bytes = 100';
    const rows = await rowsOf(text, BERLIN);
    const shown = JSON.stringify(rows, (_, value: unknown) =>
      value instanceof DuckDBTimestampValue ? value.toString() : value,
    );
    expect(shown).toBe(
      '[[[{"field0":"1970-01-01 01:00:00","field1":1},{"field0":null,"field1":2},{"field0":null,"field1":3}]]]',
    );
  });

  test('are shown where rows and maps were unnested', async () => {
    const arrays = `array[from_unixtime(${utc('2026-07-01 12:00')})]`;
    const text = `* | select x, v from log, unnest(zip(${arrays}, array[1])) as t(x, y), unnest(map(array['k'], ${arrays})) as m(k, v) where bytes = 100`;
    expect(await plain(text)).toEqual([['2026-07-01 14:00:00', '2026-07-01 14:00:00']]);
  });

  test('are those of their own zone where they have one', async () => {
    const text = times("min(from_unixtime(x, 'Asia/Kolkata')) as t");
    expect(await plain(text)).toEqual([['2026-10-25 05:30:00']]);
  });

  test.each([
    ['of two zones', "if(bytes > 1, from_unixtime(0), from_unixtime(0, 'Asia/Kolkata')) as t", /Times of two zones/],
  ])('that cannot be shown fail: %s', async (_, select, message) => {
    await expect(rowsOf(`* | select ${select} from log`, BERLIN)).rejects.toThrow(message);
  });

  test.each([
    [
      'UNION',
      "select from_unixtime(0) as t from log union all select date '2026-01-01' from log",
      'UNION has timestamp',
    ],
    ['IN', "select 1 from log where date '2026-01-01' in (select from_unixtime(0) from log)", 'cannot be compared'],
    [
      'USING',
      "select 1 from (select from_unixtime(0) as t from log) a join (select date '2026-01-01' as t from log) b using (t)",
      'USING has timestamp',
    ],
  ])('do not meet dates in %s', async (_, sql, message) => {
    await expect(rowsOf(`* | ${sql}`, BERLIN)).rejects.toMatchObject({
      code: 'QUERY_WRONG_TYPE',
      message: expect.stringContaining(message) as string,
    });
  });

  test('meet dates in UTC', async () => {
    const text = "* | select from_unixtime(0) as t union all select date '2026-01-01' order by t limit 1";
    expect((await rowsOf(text, 'UTC')).map(String)).toEqual(['1970-01-01 00:00:00']);
  });
});

describe('time_series over a change', () => {
  const series = (fromUtc: string, toUtc: string, zone: string): Promise<unknown[][]> =>
    rowsOf("* | select time_series(__time__, '1h', '%H:%i', '0') as t, count(*) as n group by t order by t", zone, {
      range: { fromSec: utc(fromUtc), toSec: utc(toUtc) },
    });

  test('has no window of the hour that is skipped', async () => {
    expect(await series('2026-03-29 00:00', '2026-03-29 03:00', BERLIN)).toEqual([
      ['01:00', 0],
      ['03:00', 0],
      ['04:00', 0],
    ]);
  });

  test('has one window for hours that are shown alike', async () => {
    expect(await series('2026-10-25 00:30', '2026-10-25 02:10', BERLIN)).toEqual([
      ['02:00', 0],
      ['03:00', 0],
    ]);
  });
});

describe('a comparison with whole days ago over a change', () => {
  const compared = (fromUtc: string, toUtc: string): Promise<unknown[][]> =>
    rowsOf(
      `* | select cast(to_unixtime(t) as bigint) as s, ts_compare(n, 86400) as c
         from (select from_unixtime(x) as t, x as n from unnest(sequence(${utc(fromUtc)}, ${utc(toUtc)}, 3600)) as u(x))
         group by t order by 1`,
      BERLIN,
    );
  const row = (now: number, then: number): unknown[] => [now, [now, then, now / then, then]];

  test('finds of each hour the one that clocks showed a day before, and each hour once', async () => {
    const rows = await compared('2026-03-27 23:00', '2026-03-29 22:00');
    expect(rows.slice(24)).toEqual([
      row(utc('2026-03-28 23:00'), utc('2026-03-27 23:00')),
      row(utc('2026-03-29 00:00'), utc('2026-03-28 00:00')),
      ...Array.from({ length: 21 }, (_, hour) => {
        const now = utc('2026-03-29 01:00') + hour * 3600;
        return row(now, now - 82_800);
      }),
      row(utc('2026-03-29 22:00'), utc('2026-03-28 22:00') + 3600),
    ]);
  });

  test('finds of both hours that are shown alike the one of the day before', async () => {
    const rows = await compared('2026-10-23 22:00', '2026-10-25 02:00');
    expect(rows.slice(-3)).toEqual([
      row(utc('2026-10-25 00:00'), utc('2026-10-24 00:00')),
      row(utc('2026-10-25 01:00'), utc('2026-10-24 00:00')),
      row(utc('2026-10-25 02:00'), utc('2026-10-24 01:00')),
    ]);
  });

  test.each([
    { name: 'the day after the short one', day: ['2026-03-29 22:00', '2026-03-30 22:00'], hours: 23 },
    { name: 'the long day', day: ['2026-10-24 22:00', '2026-10-25 23:00'], hours: 24 },
    { name: 'the day after the long one', day: ['2026-10-25 23:00', '2026-10-26 23:00'], hours: 25 },
  ])('reads the whole day before: $name', async ({ day, hours }) => {
    const [fromSec, toSec] = [utc(day[0] ?? ''), utc(day[1] ?? '')];
    const text = '* | select compare(n, 86400) as c from (select count(*) as n from log)';
    const request = { text, range: { fromSec, toSec }, limit: null, offset: 0, reverse: false, zone: BERLIN, nowMs: 0 };
    const query = await compileQuery(request, RELATION, log.parser);
    const past = fromSec - hours * 3600;
    expect(query.params).toEqual(expect.arrayContaining([fromSec, toSec, past].map(BigInt)));
  });

  test('takes less than whole days as they are', async () => {
    expect(
      await rowsOf(
        '* | select ts_compare(n, 3600) as c from (select from_unixtime(x) as t, x as n from unnest(array[1774746000, 1774749600]) as u(x)) group by t order by t',
        BERLIN,
      ),
    ).toEqual([
      [[1_774_746_000, null, null, 1_774_742_400]],
      [[1_774_749_600, 1_774_746_000, 1_774_749_600 / 1_774_746_000, 1_774_746_000]],
    ]);
  });
});

describe('any instant in any zone', () => {
  const zones = [BERLIN, NEW_YORK, LORD_HOWE, 'Asia/Kolkata', 'America/Havana', 'Asia/Beirut', '+05:30', 'UTC'];
  const UNITS = { hour: 3600, day: 86_400 } as const;

  /** By the offsets of each instant alone: how far back the unit's start is, a second at a time from a guess. */
  function startOf(instant: number, unit: keyof typeof UNITS, zone: string): number {
    const offsetAt = zoneOffset(zone);
    const local = instant + offsetAt(instant);
    const start = Math.floor(local / UNITS[unit]) * UNITS[unit];
    const guess = instant - (local - start);
    const isExact = unit === 'hour' && guess + offsetAt(guess) === start;
    return isExact ? guess : instantOf(start, offsetAt);
  }

  test('is shown, truncated and read back as by its offsets', async () => {
    const instant = fc.oneof(
      fc.integer({ min: utc('2025-10-01 00:00'), max: utc('2026-11-25 00:00') }),
      ...[
        '2026-10-25 01:00',
        '2026-03-29 01:00',
        '2026-11-01 06:00',
        '2026-04-04 15:00',
        '2026-10-03 15:30',
        '2026-11-01 05:00',
        '2026-03-28 22:00',
      ]
        .map(utc)
        .map((change) => fc.integer({ min: change - 10_000, max: change + 10_000 })),
    );
    const cases = fc.tuple(
      fc.constantFrom(...zones),
      fc.array(instant, { minLength: 20, maxLength: 20 }),
      fc.constantFrom(...Object.values(RANGES)),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([zone, instants, range]) => {
        const t = 'from_unixtime(x)';
        const columns = [
          'x',
          `to_unixtime(${t})`,
          `to_unixtime(date_trunc('hour', ${t}))`,
          `to_unixtime(date_trunc('day', ${t}))`,
          `to_unixtime(cast(date_format(${t}, '%Y-%m-%d %H:%i:%S') as timestamp))`,
        ];
        const text = `* | select ${columns.join(', ')} from log, unnest(array[${instants.join(', ')}]) as u(x) where bytes = 100`;
        const offsetAt = zoneOffset(zone);
        expect(await rowsOf(text, zone, { range })).toEqual(
          instants.map((x) => [
            x,
            x,
            startOf(x, 'hour', zone),
            startOf(x, 'day', zone),
            instantOf(x + offsetAt(x), offsetAt),
          ]),
        );
      }),
      { numRuns: 40 },
    );
  });
});
