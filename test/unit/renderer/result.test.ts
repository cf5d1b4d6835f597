import { describe, expect, test } from 'vitest';
import { ERROR_CODES, type ErrorShape } from '../../../src-main/contract/errors';
import { imbalances, type Ledger } from '../../../src-main/contract/ledger';
import { SESSION_LOG_FIELDS } from '../../../src-main/contract/log-entry';
import type { ResultBatch, ResultColumn } from '../../../src-main/contract/result-batch';
import { ledgerSums, reasonLines } from '../../../src-renderer/features/ledger/ledger-lines';
import { cellText } from '../../../src-renderer/features/logstore/cell-text';
import { inReadingOrder, shownColumns, shownText } from '../../../src-renderer/features/logstore/columns';
import { StatementRows } from '../../../src-renderer/features/logstore/statement-rows';
import { BETWEEN } from '../../../src-renderer/services/number-format';
import {
  meantRange,
  rangeLabel,
  snappedToWindows,
  writtenTime,
} from '../../../src-renderer/features/logstore/time-range';
import { engineDownText, errorText, skippedError, wholeText } from '../../../src-renderer/services/error-text';
import { ZoneClock } from '../../../src-renderer/services/time-format';
import { numbers } from './fake-engine';

const utc = new ZoneClock('UTC');

describe('a cell', () => {
  const columns: readonly (ResultColumn & { readonly expected: readonly (string | null)[] })[] = [
    { name: 'int', type: 'int64', data: BigInt64Array.of(-(2n ** 63n)), expected: ['-9223372036854775808'] },
    { name: 'double', type: 'float64', data: Float64Array.of(0.1), expected: ['0.1'] },
    { name: 'bool', type: 'bool', data: Uint8Array.of(0, 1), expected: ['false', 'true'] },
    {
      name: 'ip',
      type: 'ipv4',
      data: Uint32Array.of(0xffff_ffff, 0x0a00_0216),
      expected: ['255.255.255.255', '10.0.2.22'],
    },
    { name: 'text', type: 'text', data: Uint32Array.of(1, 0), dictionary: ['a', ''], expected: ['', 'a'] },
    { name: 'null', type: 'int64', data: BigInt64Array.of(5n), validity: Uint8Array.of(0), expected: [null] },
  ];
  test.each(columns)('of type $type ($name) is what is queried and exported', (column) => {
    expect(column.expected.map((_, row) => cellText(column, row))).toEqual(column.expected);
  });

  test('of a timestamp keeps its microseconds, also before 1970', () => {
    const column: ResultColumn = {
      name: 't',
      type: 'timestamp',
      data: BigInt64Array.of(1_700_000_000_123_000n, 1n, -1n),
    };
    expect([0, 1, 2].map((row) => cellText(column, row))).toEqual([
      ...['2023-11-14 22:13:20.123', '1970-01-01 00:00:00.000001', '1969-12-31 23:59:59.999999'],
    ]);
  });
});

describe('columns', () => {
  test('of the session log have the side of what they name', () => {
    const sides = shownColumns(
      new StatementRows(
        [],
        SESSION_LOG_FIELDS.map(({ name }) => ({ name, type: 'int64' })),
        1,
      ),
    ).map(({ name, side }) => `${name} ${side ?? '-'}`);
    expect(sides).toEqual([
      ...['instance -', 'vpc_id -', 'protocol -', 'pri_ip vpc', 'pri_port vpc', 'pub_ip pub', 'pub_port pub'],
      ...['nat_ip nat', 'nat_port nat', 'bytes_from_pub pub', 'pkts_from_pub pub', 'bytes_from_vpc vpc'],
      ...['pkts_from_vpc vpc', 'start_time -', 'end_time -'],
    ]);
  });

  test('of an entry are read from its time over the three sides to its bytes, and none is lost', () => {
    const columns = shownColumns(
      new StatementRows(
        [],
        SESSION_LOG_FIELDS.map(({ name }) => ({ name, type: 'int64' })),
        1,
      ),
    );
    const read = inReadingOrder(columns);
    expect(read.map(({ name }) => name).slice(0, 10)).toEqual([
      ...['start_time', 'end_time', 'protocol', 'pri_ip', 'pri_port', 'nat_ip', 'nat_port', 'pub_ip', 'pub_port'],
      ...['bytes_from_vpc'],
    ]);
    expect(read.toSorted((one, other) => one.index - other.index)).toEqual(columns);
  });

  test('group the digits of counts, and not of ports; times are shown in the zone', () => {
    const show = (name: string, value: number): string => {
      const [column] = shownColumns(new StatementRows([numbers(name, [value])], [], 10));
      return column === undefined ? '' : shownText(column, String(value), utc);
    };
    expect(show('bytes_from_vpc', 65535)).toBe('65,535');
    expect(show('pri_port', 65535)).toBe('65535');
    expect(show('start_time', 1_700_000_000)).toBe('2023-11-14 22:13:20');
  });

  test('are wide enough for their name and what is in them', () => {
    const [column] = shownColumns(new StatementRows([numbers('n', [1_234_567_890])], [], 10));
    expect(column?.width).toBeGreaterThanOrEqual('1,234,567,890'.length);
  });
});

test('rows of a statement are found across batches, and none behind the last', () => {
  const rows = new StatementRows([numbers('n', [0, 1]), numbers('n', []), numbers('n', [2, 3, 4])], [], 4);
  expect(rows.rowCount).toBe(4);
  const values = [0, 1, 2, 3, 4].map((index) => {
    const place = rows.rowAt(index);
    const column = place?.batch.columns[0];
    return column === undefined || place === null ? null : cellText(column, place.row);
  });
  expect(values).toEqual(['0', '1', '2', '3', null]);
});

describe('the range', () => {
  const searched = { fromSec: 0, toSec: 60 };
  test('is named by the times that it turned out to be', () => {
    expect(rangeLabel({ from: null, to: null }, searched, utc)).toBe('Whole log, 1 Jan 1970 00:00:00 – 00:01:00');
    expect(rangeLabel({ from: '-1m', to: null }, searched, utc)).toBe('Last 1 minute, 1 Jan 1970 00:00:00 – 00:01:00');
    expect(rangeLabel({ from: '-1m', to: null }, null, utc)).toBe('Last 1 minute');
    expect(rangeLabel({ from: '-2m', to: null }, null, utc)).toBe('-2m – end');
    expect(rangeLabel({ from: '-1d@d', to: '@d' }, searched, utc)).toMatch(/^Yesterday, 1 Jan 1970/u);
    expect(rangeLabel({ from: '0', to: '60' }, null, utc)).toBe('1 Jan 1970 00:00:00 – 00:01:00');
  });

  test('is told in words while it is written, with its windows or what is wrong', () => {
    const log = { firstSec: 590, lastSec: 3599 };
    expect(meantRange({ from: '-15m', to: null }, log, 'UTC')).toMatchObject({
      range: { fromSec: 2700, toSec: 3600 },
      text: `15${BETWEEN}min 00${BETWEEN}s, in 2 windows`,
    });
    expect(meantRange({ from: null, to: 'start' }, log, 'UTC')).toMatchObject({
      text: 'It ends before it begins.',
      wrong: 'to',
    });
    const soon = meantRange({ from: 'soon', to: null }, log, 'UTC');
    expect(soon).toEqual({ range: null, text: 'soon is no time.', wrong: 'from' });
    expect(meantRange({ from: null, to: null }, null, 'UTC')).toMatchObject({ range: null, wrong: null });
    expect(snappedToWindows({ fromSec: 590, toSec: 601 })).toEqual({ fromSec: 0, toSec: 1200 });
    expect(snappedToWindows({ fromSec: 600, toSec: 1200 })).toEqual({ fromSec: 600, toSec: 1200 });
  });

  test.each([
    { zone: 'Europe/Berlin', days: ['2025-03-30', '2025-10-26'], twice: '2025-10-26T02:30:00+01:00' },
    { zone: 'Australia/Lord_Howe', days: ['2025-04-06', '2025-10-05'], twice: '2025-04-06T01:45:00+10:30' },
    { zone: 'America/St_Johns', days: ['2025-03-09', '2025-11-02'], twice: '2025-11-02T01:15:00-03:30' },
  ])('is read back as it was where clocks of $zone are changed', ({ zone, days, twice }) => {
    const clock = new ZoneClock(zone);
    const starts = days.map((day) => Date.parse(day) / 1000 - 86_400);
    const seconds = starts.flatMap((start) => Array.from({ length: 192 }, (_, quarter) => start + quarter * 900));
    const texts = seconds.map((sec) => writtenTime(String(sec), null, clock));
    expect(texts).toContain(twice);
    for (const [index, from] of texts.entries()) {
      expect(meantRange({ from, to: null }, { firstSec: 0, lastSec: 2 ** 31 }, zone).range?.fromSec).toBe(
        seconds[index],
      );
    }
  });

  test('is edited as times of the zone, and as it was written where it is relative', () => {
    expect(writtenTime('-1m', 0, utc)).toBe('-1m');
    expect(writtenTime('60', null, utc)).toBe('1970-01-01 00:01:00');
    expect(writtenTime(null, 60, utc)).toBe('1970-01-01 00:01:00');
    expect(writtenTime(null, null, utc)).toBe('');
  });
});

describe('errors', () => {
  test.each(ERROR_CODES.map((code) => ({ code })))('$code has a sentence and says what is known', ({ code }) => {
    const { title, facts } = errorText({
      code,
      message: '/x/a.pcap cannot be: for a reason',
      detail: { file: '/x/a.pcap' },
    });
    expect(title).toMatch(/^\S.*\.$/u);
    expect(facts).toMatch(/^\S.*[.!?]$/u);
    expect(`${title} ${facts}`).not.toMatch(/--\w/u);
  });

  test('name the file, and do not say it twice', () => {
    const error = {
      code: 'CAPTURE_NOT_A_CAPTURE',
      message: '/x/a.pcap is no packet capture: at offset 0 is no magic',
      detail: { file: '/x/a.pcap' },
    } as const;
    expect(errorText(error)).toEqual({ title: 'a.pcap is no packet capture.', facts: 'At offset 0 is no magic.' });
  });

  test.each([
    {
      name: 'one problem',
      message: 'the delivery script is invalid: lossRate: 2 must be a share from 0 to 1',
      facts: 'lossRate: 2 must be a share from 0 to 1.',
    },
    {
      name: 'several',
      message: 'the delivery script has 2 problems\n  seed: -1 is none\n  lossRate: 2 is none',
      facts: 'seed: -1 is none.\nlossRate: 2 is none.',
    },
    { name: 'another reason', message: 'the gateway has none: add one', facts: 'The gateway has none: add one.' },
  ])('of a configuration do not repeat that it is invalid: $name', ({ message, facts }) => {
    expect(errorText({ code: 'DELIVERY_INVALID', message, detail: {} }).facts).toBe(facts);
  });

  test.each([
    {
      name: 'a copy that the host refused',
      code: 'CAPTURE_UNREADABLE',
      detail: { file: 'a', copyStatus: 500 },
      text: 'a could not be copied to the host. The host answered with HTTP 500. Try again.',
    },
    {
      name: 'a copy without an answer',
      code: 'CAPTURE_UNREADABLE',
      detail: { file: 'a', copyStatus: null },
      text: 'a could not be copied to the host. The host does not answer. Try again when the connection is back.',
    },
    {
      name: 'a file without a path',
      code: 'CAPTURE_NOT_FOUND',
      detail: { file: 'a', hasPath: false },
      text: 'a is no file of this computer. Save it to a folder, then open it from there.',
    },
    {
      name: 'an import twice',
      code: 'CAPTURE_ALREADY_IMPORTED',
      detail: { file: 'a', files: 3, run: 7 },
      text: 'a and 2 more files are in the Logstore already. It was imported with the same options as run 7. Importing it again would count its packets twice.',
    },
    {
      name: 'an import twice through one of several gateways',
      code: 'CAPTURE_ALREADY_IMPORTED',
      detail: { file: 'a', files: 1, run: 7, gateways: 'ngw-b', left: 'ngw-a\nngw-c' },
      text: 'a is in the Logstore already. It went through ngw-b before, so nothing was imported: its packets would count twice there. ngw-a, ngw-c have nothing of it yet.',
    },
  ] as const)('say by their detail: $name', ({ code, detail, text }) => {
    expect(wholeText({ code, detail, message: 'as the host has it' })).toBe(text);
  });

  test('of a file that was left out name it', () => {
    const skipped = { code: 'CAPTURE_EMPTY', path: '/x/a.pcap', message: '/x/a.pcap is empty' } as const;
    expect(wholeText(skippedError(skipped))).toBe('a.pcap is empty. Capture it again.');
  });

  test('of a time speak of no range', () => {
    const ofTime = errorText({ code: 'TIME_INVALID', message: '"noon" is no time', detail: { text: 'noon' } });
    const ofRange = errorText({ code: 'TIME_INVALID', message: 'it is empty', detail: { fromSec: 2, toSec: 1 } });
    expect([ofTime.title, ofRange.title]).toEqual(['The time cannot be read.', 'The time range cannot be used.']);
  });

  test('of more than is taken at once speak of no option', () => {
    const detail = { found: 10_001, most: 10_000 };
    expect(errorText({ code: 'OPTION_INVALID', message: 'split it', detail }).title).toBe('That is too much at once.');
  });

  test('of a workspace that was deleted promise nothing of what it held', () => {
    const message = '/w/workspace.duckdb was removed or exchanged while it was open, and what it held is gone with it';
    for (const text of [errorText, engineDownText]) {
      const { title, facts } = text({ code: 'WORKSPACE_UNUSABLE', message, detail: { path: '/w' } });
      expect(`${title} ${facts}`).toBe(`The workspace cannot be used. ${message}.`);
    }
  });

  test('of an engine that is gone say once what its end means for imports', () => {
    const ended =
      'the engine ended unexpectedly (signal SIGKILL), which takes nothing from what was imported before: start it again';
    const gone = (message: string, detail: ErrorShape['detail']): string => {
      const { title, facts } = engineDownText({ code: 'ENGINE_GONE', message, detail });
      return `${title} ${facts}`;
    };
    expect(gone(ended, { exitCode: null, signal: 'SIGKILL' })).toBe(
      'The engine stopped. It was ended by signal SIGKILL. That takes nothing from what was imported before; an import that was running is lost.',
    );
    expect(gone('the engine cannot be started: no memory', { exitCode: null, signal: null })).toBe(
      'The engine stopped. The engine cannot be started: no memory. That takes nothing from what was imported before; an import that was running is lost.',
    );
    const locked = { code: 'WORKSPACE_LOCKED', message: 'another process has it', detail: {} } as const;
    expect(engineDownText(locked)).toEqual(errorText(locked));
  });
});

test('the ledger on screen has the sums that the contract checks', () => {
  const ledger: Ledger = {
    fileBytes: {
      read: 100,
      container: 20,
      captured: 70,
      unreadable: [{ file: '/a', offset: 90, bytes: 10, cause: 'cut' }],
    },
    packets: { read: 10, inEntries: 6, notInEntries: { no_port: 1, non_ip: 3 } },
    ipBytes: { read: 60, inEntries: 50, notInEntries: { no_port: 10 } },
  };
  expect(imbalances(ledger)).toEqual([]);
  expect(ledgerSums(ledger)).toEqual({ fileBytes: 100, packets: 10, ipBytes: 60 });
  expect(reasonLines(ledger).map(({ reason, isLoss }) => `${reason} ${isLoss}`)).toEqual([
    'non_ip false',
    'no_port true',
  ]);
});

test('what a statement makes of times is shown as a time in the zone', () => {
  const batch: ResultBatch = {
    rowCount: 1,
    columns: [{ name: 't', type: 'int64', data: BigInt64Array.of(1_741_596_600n) }],
  };
  const shown = (isTime: boolean): string => {
    const [column] = shownColumns(new StatementRows([batch], [], 10, [{ isTime, isKey: true }]));
    return column === undefined ? '' : shownText(column, '1741596600', new ZoneClock('Asia/Shanghai'));
  };
  expect([shown(true), shown(false)]).toEqual(['2025-03-10 16:50:00', '1,741,596,600']);
});
