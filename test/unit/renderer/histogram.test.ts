import { describe, expect, test } from 'vitest';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import { byteSeries, bytesStatement } from '../../../src-renderer/features/logstore/bytes-statement';
import { bytesOverTime, entriesOverTime, hasBytes } from '../../../src-renderer/features/logstore/over-time';
import { overTimeOption } from '../../../src-renderer/features/logstore/over-time-option';
import { binTip } from '../../../src-renderer/features/logstore/bin-text';
import { HistogramBrush } from '../../../src-renderer/features/logstore/histogram-brush.svelte';
import {
  axisTicks,
  incompleteBands,
  instantX,
  niceTop,
  windowLines,
} from '../../../src-renderer/features/logstore/histogram-geometry';
import { ZoneClock } from '../../../src-renderer/services/time-format';
import { numbers, SNAPSHOT } from './fake-engine';

/** Ten minutes from 00:05, a minute a bin, of a log that begins within the first and ends within the last one. */
const report = {
  range: { fromSec: 330, toSec: 871 },
  snapshot: SNAPSHOT,
  binSec: 60,
  bins: Array.from({ length: 10 }, (_, index) => ({ startSec: 300 + 60 * index, entries: index })),
  entries: 45,
  scanned: null,
  incomplete: [],
  notices: [],
};

test('windows of which entries were not delivered are bands of the plot, and a word of the tip', () => {
  const bins = [0, 600, 1200, 1800].map((startSec) => ({ startSec, entries: 1 }));
  const incomplete = [
    { startSec: -600, endSec: 0 },
    { startSec: 600, endSec: 1200 },
    { startSec: 1200, endSec: 1800 },
  ];
  const shown = { ...report, binSec: 600, bins, incomplete };
  expect(incompleteBands(shown, 400)).toEqual([{ at: 100, width: 200 }]);
  const clock = new ZoneClock('UTC');
  const tip = (fromSec: number): string => binTip({ fromSec, toSec: fromSec + 600 }, 1, shown, clock);
  expect(tip(600)).toBe('1 Jan 00:10 – 00:20, 1 entry, incomplete');
  expect(tip(1800)).toBe('1 Jan 00:30 – 00:40, 1 entry');
});

describe('the brush', () => {
  function open(): HistogramBrush {
    const brush = new HistogramBrush();
    brush.show(report);
    return brush;
  }

  test('a click zooms to its bin, unless nothing or all is in it, and a drag to whole bins within the range', () => {
    const brush = open();
    brush.begin(2);
    expect(brush.end()).toEqual({ kind: 'zoom', fromSec: 420, toSec: 480 });
    brush.show({ ...report, bins: report.bins.map((bin, index) => (index === 2 ? { ...bin, entries: 0 } : bin)) });
    brush.begin(2);
    expect(brush.end()).toBeNull();
    brush.show({ ...report, bins: report.bins.slice(0, 1) });
    brush.begin(0);
    expect(brush.end()).toBeNull();
    brush.show(report);
    brush.begin(0);
    brush.active = 9;
    expect(brush.end()).toBeNull();
    brush.begin(4);
    brush.active = 2;
    expect(brush.countAt(2, 4)).toBe(9);
    expect(brush.end()).toEqual({ kind: 'zoom', fromSec: 420, toSec: 600 });
  });

  test('by keyboard: arrows move, Shift brushes, Enter zooms', () => {
    const brush = open();
    expect(brush.onKey('ArrowRight', false)).toBeNull();
    expect(brush.active).toBe(0);
    brush.onKey('ArrowRight', true);
    brush.onKey('ArrowRight', true);
    expect(brush.span).toEqual({ first: 0, last: 2 });
    expect(brush.onKey('Enter', false)).toEqual({ kind: 'zoom', fromSec: 330, toSec: 480 });
  });

  test('the ends hold it, and Esc drops it before it means anything else', () => {
    const brush = open();
    brush.onKey('End', false);
    brush.onKey('ArrowRight', true);
    expect(brush.active).toBe(9);
    expect(brush.onKey('Escape', false)).toBeNull();
    expect(brush.onKey('Escape', false)).toBeUndefined();
    expect(brush.onKey('z', false)).toEqual({ kind: 'undo' });
    expect(brush.onKey('x', false)).toBeUndefined();
  });
});

describe('its picture', () => {
  test.each([
    { value: 0, top: 1 },
    { value: 1, top: 1 },
    { value: 3, top: 4 },
    { value: 73, top: 80 },
    { value: 690, top: 800 },
    { value: 1001, top: 2000 },
  ])('ends at $top for $value', ({ value, top }) => {
    expect(niceTop(value)).toBe(top);
  });

  test('has a line at every boundary of a window, unless they would stand too close', () => {
    expect(windowLines(report, 1000)).toEqual([500]);
    const month = { ...report, binSec: 86_400, bins: [0, 86_400 * 30].map((startSec) => ({ startSec, entries: 1 })) };
    expect(windowLines(month, 1000)).toEqual([]);
  });

  test('gives bins of unequal time the same width', () => {
    const bins = [0, 86_400, 86_400 + 82_800].map((startSec) => ({ startSec, entries: 0 }));
    expect(instantX(bins, 86_400, 300, 86_400 + 41_400)).toBe(150);
  });

  test('labels round times of the zone', () => {
    const kathmandu = new ZoneClock('Asia/Kathmandu');
    const bins = Array.from({ length: 120 }, (_, index) => ({ startSec: 1_760_000_400 + 900 * index, entries: 0 }));
    const ticks = axisTicks({ ...report, binSec: 900, bins }, 1000, kathmandu);
    expect(ticks.length).toBeGreaterThan(4);
    expect(ticks.every(({ value }) => kathmandu.time(value).endsWith(':00'))).toBe(true);
  });

  test('has no label that the edge of the plot would cut', () => {
    const bins = Array.from({ length: 96 }, (_, index) => ({ startSec: 30 + 2 * index, entries: 0 }));
    const widest = 66;
    for (const width of [880, 900, 960, 1270]) {
      const last = axisTicks({ ...report, binSec: 2, bins }, width, new ZoneClock('UTC')).at(-1);
      expect(last?.at).toBeLessThanOrEqual(width - widest);
    }
  });
});

describe('bytes over time', () => {
  const rows = (starts: number[], vpc: number[], pub: number[]): ResultBatch => ({
    rowCount: starts.length,
    columns: [numbers('bin_start', starts), numbers('from_vpc', vpc), numbers('from_pub', pub)].flatMap(
      ({ columns }) => columns,
    ),
  });

  test('are asked for by the same search and bins, whatever statement stands behind it', () => {
    expect(bytesStatement('pub_port=443 | select 1', report)).toBe(
      'pub_port=443 | select __time__ - (__time__ - 300) % 60 as bin_start, sum(bytes_from_vpc) as from_vpc, ' +
        'sum(bytes_from_pub) as from_pub from log group by bin_start order by bin_start',
    );
    expect(bytesStatement('', report)).toMatch(/^\* \| select/u);
  });

  test('are asked for by the hour where a change of the clock makes a day shorter', () => {
    const bins = [0, 82_800, 82_800 + 86_400].map((startSec) => ({ startSec, entries: 1 }));
    const days = { ...report, binSec: 86_400, bins };
    expect(bytesStatement('*', days)).toContain('% 3600 as');
    expect(byteSeries(days, [rows([0, 79_200, 82_800], [1, 2, 4], [0, 0, 8])]).bins).toEqual([
      { startSec: 0, fromVpc: 3, fromPub: 0 },
      { startSec: 82_800, fromVpc: 4, fromPub: 8 },
      { startSec: 169_200, fromVpc: 0, fromPub: 0 },
    ]);
  });

  test('fill their bins, and bins without rows stay 0', () => {
    const series = byteSeries(report, [rows([300, 420], [10, 20], [1, 2]), rows([840], [5], [0])]);
    expect(series.bins.map(({ fromVpc }) => fromVpc)).toEqual([10, 0, 20, 0, 0, 0, 0, 0, 0, 5]);
    expect(series).toMatchObject({ fromVpc: 35, fromPub: 3 });
  });

  test('are the entries where the log has no bytes', () => {
    const facts = { project: 'p', name: 'l', entries: 1, extent: null, fields: [] };
    const field = (name: string) => ({ name, type: 'long' as const, meaning: '' });
    const both = ['bytes_from_vpc', 'bytes_from_pub'].map(field);
    expect([hasBytes(null), hasBytes(facts), hasBytes({ ...facts, fields: both })]).toEqual([true, false, true]);
    const { series, summary, startsSec } = entriesOverTime(report, new ZoneClock('UTC'));
    expect(series).toEqual([{ label: 'Entries', side: null, numbers: report.bins.map(({ entries }) => entries) }]);
    expect(startsSec[9]).toBe(840);
    expect(summary.replaceAll('\u202f', ' ')).toBe('45 entries; at most 9 in 1 min, at 1 Jan 1970 00:14.');
  });

  test('are drawn as two stacked series, with a line at every window', () => {
    const theme = {
      ...{ isDark: false, vpc: '#00f', pub: '#f80', text: '#000', quiet: '#666', grid: '#eee', windowLine: '#ccc' },
      ...{ raised: '#fff', line: '#ccc', hover: '#eee', font: 'sans-serif', surface: '#fff', series: ['#00f'] },
    };
    const texts = { axis: String, tip: String, isLabelled: () => true };
    const bytes = bytesOverTime(byteSeries(report, [rows([300], [10], [1])]), 60, new ZoneClock('UTC'));
    const option = overTimeOption(bytes, theme, texts);
    expect(option).toMatchObject({
      tooltip: { renderMode: 'richText' },
      series: [
        { name: 'Bytes from the VPC', stack: 'amounts', itemStyle: { color: '#00f' } },
        { name: 'Bytes from the Internet', stack: 'amounts', itemStyle: { color: '#f80' } },
      ],
    });
    const { xAxis } = option as { xAxis: { splitLine: { interval: (index: number) => boolean } } };
    expect(report.bins.filter((_, index) => xAxis.splitLine.interval(index)).map(({ startSec }) => startSec)).toEqual([
      600,
    ]);
    const wide = { ...report, binSec: 86_400, bins: [0, 1, 2].map((day) => ({ startSec: 86_400 * day, entries: 1 })) };
    const days = overTimeOption(entriesOverTime(wide, new ZoneClock('UTC')), theme, texts) as typeof option & {
      xAxis: { splitLine: { interval: (index: number) => boolean } };
    };
    expect([0, 1, 2].map((index) => days.xAxis.splitLine.interval(index))).toEqual([false, false, false]);
  });
});
