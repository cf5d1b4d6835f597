import { expect, test } from 'vitest';
import type { ColumnMeaning } from '../../../src-main/contract/query';
import type { ResultBatch, ResultColumn } from '../../../src-main/contract/result-batch';
import type { ChartTheme } from '../../../src-renderer/lib/chart-theme';
import {
  chartTypesFor,
  chooseChart,
  MAX_SERIES,
  splitColumns,
  withType,
} from '../../../src-renderer/features/graph/chart-choice';
import { MAX_MARKS, readChartData, type ChartData } from '../../../src-renderer/features/graph/chart-data';
import { chartOption, flowsOf, pointsOf, slicesOf } from '../../../src-renderer/features/graph/chart-options';
import { chartSummary } from '../../../src-renderer/features/graph/chart-summary';
import { binNumbers } from '../../../src-renderer/features/graph/histogram-bins';
import { roundTimes } from '../../../src-renderer/features/graph/time-axis';
import { StatementChart } from '../../../src-renderer/features/graph/statement-chart.svelte';
import type { Answer } from '../../../src-renderer/features/logstore/logstore-state.svelte';
import { StatementRows } from '../../../src-renderer/features/logstore/statement-rows';

type Values = readonly (number | string | null)[];

function column(name: string, values: Values, type?: 'timestamp'): ResultColumn {
  const validity = Uint8Array.from(values, (value) => (value === null ? 0 : 1));
  if (type === 'timestamp') {
    return { name, type, validity, data: BigInt64Array.from(values, (value) => BigInt(Number(value)) * 1_000_000n) };
  }
  if (values.every((value) => typeof value !== 'string')) {
    return { name, type: 'float64', validity, data: Float64Array.from(values, Number) };
  }
  const dictionary = values.map(String);
  return { name, type: 'text', validity, data: Uint32Array.from(dictionary.keys()), dictionary };
}

function rowsOf(...columns: readonly ResultColumn[]): StatementRows {
  const batch: ResultBatch = { rowCount: columns[0]?.data.length ?? 0, columns };
  return new StatementRows([batch], [], 1_000_000);
}

const dataOf = (...columns: readonly ResultColumn[]): ChartData => readChartData(rowsOf(...columns));
const answerOf = (...columns: readonly ResultColumn[]): Answer => ({ rows: rowsOf(...columns) }) as unknown as Answer;

const TEXTS = {
  time: (sec: number) => `at ${sec}`,
  localSec: (sec: number) => sec,
  noValue: 'none',
  other: 'Other',
  rows: 'Rows',
};
const THEME = { series: ['#111', '#222'], quiet: 'quiet', font: 'x', isDark: false } as unknown as ChartTheme;

const hosts = column('pri_ip', ['10.0.0.1', '10.0.0.2', '10.0.0.3']);
const servers = column('pub_ip', ['192.0.2.1', '192.0.2.1', '192.0.2.2']);
const n = column('n', [3, 1, 2]);
const time = column('t', [1200, 600, 1800], 'timestamp');

test.each([
  ['times with numbers', [time, n], 'line', 0, [1]],
  ['one text with numbers', [hosts, n], 'column', 0, [1]],
  ['two texts with a number', [hosts, servers, n], 'sankey', 0, [2]],
  ['numbers behind a number', [column('port', [1, 2]), column('count', [5, 6])], 'column', 0, [1]],
  ['one row of numbers', [column('a', [1]), column('b', [2])], 'stat', -1, [0, 1]],
  ['one column of numbers', [n], 'histogram', -1, [0]],
  ['texts alone', [hosts, servers], 'table', -1, []],
  ['nothing', [column('n', [])], 'table', -1, []],
] as const)('a result of %s is drawn as fits it', (_, columns, type, x, y) => {
  const data = dataOf(...columns);
  expect(chooseChart(data)).toMatchObject({ type, x, y });
  expect(chartTypesFor(data)).toContain(type);
});

test('many names lie beside their bars, and numbers that are times are an axis', () => {
  const many = Array.from({ length: 40 }, (_, index) => `host ${index}`);
  const counts = column(
    'n',
    many.map((_, index) => index),
  );
  expect(chooseChart(dataOf(column('host', many), counts)).type).toBe('bar');
  const starts: ResultColumn = { name: 'start_time', type: 'int64', data: BigInt64Array.of(600n, 1200n, 1800n) };
  expect(dataOf(starts, n).columns[0]).toMatchObject({ kind: 'time', numbers: [600, 1200, 1800] });
});

test('what a type has no use for is left out, and what it needs is found', () => {
  const data = dataOf(hosts, n, column('bytes', [30, 10, 20]));
  const chosen = chooseChart(data);
  expect(chosen.y).toEqual([1, 2]);
  const pie = withType(chosen, 'pie', data);
  expect(pie).toEqual({ type: 'pie', x: 0, target: -1, y: [1], split: -1 });
  expect(withType(pie, 'sankey', data)).toEqual({ type: 'sankey', x: 0, target: 2, y: [1], split: -1 });
  const histogram = withType({ type: 'table', x: -1, target: -1, y: [], split: -1 }, 'histogram', data);
  expect(histogram).toEqual({ type: 'histogram', x: -1, target: -1, y: [1], split: -1 });
  expect(withType(histogram, 'line', data)).toEqual({ type: 'line', x: 0, target: -1, y: [1], split: -1 });
});

test('more rows than are drawn are counted, not lost from sight', () => {
  const values = Array.from({ length: MAX_MARKS + 7 }, (_, index) => index);
  const data = dataOf(column('n', values));
  expect([data.rowCount, data.left, data.columns[0]?.numbers.length]).toEqual([MAX_MARKS, 7, MAX_MARKS]);
});

test('times go from the earliest, names as the statement has them, and nothing is called nothing', () => {
  const data = dataOf(time, n, column('host', ['b', null, 'a']));
  expect(pointsOf(data, data.columns[0], TEXTS).map(({ name, row }) => [name, row])).toEqual([
    ['at 600', 1],
    ['at 1200', 0],
    ['at 1800', 2],
  ]);
  expect(pointsOf(data, data.columns[2], TEXTS).map(({ name }) => name)).toEqual(['b', 'none', 'a']);
});

test('a line has the numbers of its rows, and gaps where there are none', () => {
  const data = dataOf(time, column('n', [3, null, 2]));
  const option = chartOption(data, chooseChart(data), THEME, TEXTS);
  const ms = (sec: number, value: number | null): unknown => [sec * 1000, value];
  expect(option).toMatchObject({
    xAxis: { type: 'time' },
    series: [{ type: 'line', name: 'n', data: [ms(600, null), ms(1200, 3), ms(1800, 2)] }],
  });
  expect(chartOption(data, withType(chooseChart(data), 'bar', data), THEME, TEXTS)).toMatchObject({
    yAxis: { data: ['at 600', 'at 1200', 'at 1800'], inverse: true },
    xAxis: { type: 'value' },
  });
});

test('a line over time has places as far apart as its times are', () => {
  const data = dataOf(column('t', [90_000_000, 600, 660], 'timestamp'), n);
  const option = chartOption(data, chooseChart(data), THEME, TEXTS) as {
    xAxis: { min: number; max: number; axisLabel: { customValues: number[]; formatter: (ms: number) => string } };
    series: { data: [number, number][] }[];
  };
  expect(option.series[0]?.data.map(([ms]) => ms)).toEqual([600_000, 660_000, 90_000_000_000]);
  expect([option.xAxis.min, option.xAxis.max]).toEqual([600_000, 90_000_000_000]);
  expect(option.xAxis.axisLabel.customValues.length).toBeLessThanOrEqual(8);
  expect(option.xAxis.axisLabel.formatter(600_000)).toBe('at 600');
  const named = dataOf(column('t', [600, null], 'timestamp'), column('n', [1, 2]));
  expect(chartOption(named, chooseChart(named), THEME, TEXTS)).toMatchObject({
    xAxis: { type: 'category', data: ['at 600', 'none'] },
  });
});

test.each([
  ['seconds', 3, 8, 0, [3, 4, 5, 6, 7, 8]],
  ['minutes of a zone', 600, 3600, 1800, [1800, 3600]],
  ['a moment', 7.5, 7.5, 0, [7.5]],
])('times under an axis are round: %s', (_, from, to, aheadSec, times) => {
  expect(roundTimes(from, to, (sec) => sec + aheadSec, aheadSec > 0 ? 2 : 8)).toEqual(times);
});

test('times under an axis of years are no more than fit', () => {
  const times = roundTimes(1_600_000_000, 1_760_000_000, (sec) => sec);
  expect(times.length).toBeGreaterThan(3);
  expect(times.length).toBeLessThanOrEqual(8);
});

test('numbers that would not be seen beside the first are left to be chosen, but not those of one row', () => {
  const bytes = column('bytes', [30_000, 900_000, 20]);
  expect(chooseChart(dataOf(hosts, bytes, n))).toMatchObject({ type: 'column', y: [1] });
  expect(chooseChart(dataOf(hosts, column('losses', [0, 0, 0]), bytes))).toMatchObject({ y: [1, 2] });
  expect(chooseChart(dataOf(column('a', [1]), column('b', [9e9])))).toMatchObject({ type: 'stat', y: [0, 1] });
});

test('an axis of small numbers says which they are, and so does the sentence', () => {
  const shares = dataOf(hosts, column('share', [0.25, 0.05, 0.7]));
  const choice = chooseChart(shares);
  const { yAxis } = chartOption(shares, choice, THEME, TEXTS) as {
    yAxis: { axisLabel: { formatter: (value: number) => string } };
  };
  expect([0, 0.1, 0.2].map(yAxis.axisLabel.formatter)).toEqual(['0', '0.1', '0.2']);
  expect(chartSummary(shares, choice, TEXTS.time)).toContain('at most 0.7 (10.0.0.3), at least 0.05 (10.0.0.2)');
  const parts = dataOf(column('part', [0.01, 0.02, 0.05]));
  const { xAxis } = chartOption(parts, chooseChart(parts), THEME, TEXTS) as { xAxis: { data: readonly string[] } };
  expect(xAxis.data).toContain('0.01 – 0.012');
});

test('a point that no line leads to is marked, however many there are', () => {
  const starts = column(
    't',
    Array.from({ length: 100 }, (_, index) => index * 10),
    'timestamp',
  );
  const numbers = column(
    'n',
    Array.from({ length: 100 }, (_, index) => (index === 50 ? 70 : index < 10 ? 1 : null)),
  );
  const data = dataOf(starts, numbers);
  const { series } = chartOption(data, { ...chooseChart(data), type: 'line' }, THEME, TEXTS) as {
    series: readonly { data: readonly { value: [number, number | null]; symbolSize: number }[]; showSymbol: boolean }[];
  };
  expect(series[0]?.showSymbol).toBe(true);
  const marked = series[0]?.data.flatMap(({ value: [, value], symbolSize }) =>
    value !== null && symbolSize > 0 ? [value] : [],
  );
  expect(marked).toEqual([70]);
});

test('a pie has a slice for each name, eight at most, and all of the rest in the last', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'b'];
  const data = dataOf(column('host', names), column('n', [1, 5, 2, 8, 3, -4, 4, 5, 6, 7, 4]));
  const slices = slicesOf(data, { type: 'pie', x: 0, target: -1, y: [1], split: -1 }, TEXTS);
  expect(slices).toEqual([
    { name: 'b', value: 9 },
    { name: 'd', value: 8 },
    { name: 'j', value: 7 },
    { name: 'i', value: 6 },
    { name: 'h', value: 5 },
    { name: 'g', value: 4 },
    { name: 'e', value: 3 },
    { name: 'Other', value: 3 },
  ]);
  const { series } = chartOption(data, { type: 'pie', x: 0, target: -1, y: [1], split: -1 }, THEME, TEXTS) as {
    series: { label: { formatter: (slice: { name: string; value: number }) => string } }[];
  };
  expect(series[0]?.label.formatter({ name: 'b', value: 9 })).toBe('b  20.0\u202f%');
});

test('flows between the same ends are one, and an end of both sides is two nodes', () => {
  const data = dataOf(column('a', ['x', 'x', 'y']), column('b', ['y', 'y', 'x']), column('n', [1, 2, 4]));
  const choice = chooseChart(data);
  expect(flowsOf(data, choice, TEXTS)).toEqual([
    { source: 'x', target: 'y', value: 3 },
    { source: 'y', target: 'x', value: 4 },
  ]);
  const option = chartOption(data, choice, THEME, TEXTS) as {
    series: { data: { itemStyle: { color: string } }[]; links: unknown[] }[];
  };
  expect(option.series[0]?.links).toHaveLength(2);
  expect(option.series[0]?.data.map(({ itemStyle }) => itemStyle.color)).toEqual(['#111', 'quiet', '#222', 'quiet']);
});

test.each([
  [[], []],
  [[5, 5, 5], [3]],
  [
    [0, 1, 2, 3],
    [1, 1, 1, 1],
  ],
  [[-1.5, 0, Infinity, NaN, 1.5], undefined],
  [[0, 1e300], undefined],
  [[0, 5e-324], undefined],
  [[-1.7e308, 0, 1.7e308], undefined],
])('the numbers %j are counted once each', (values, counts) => {
  const bins = binNumbers(values);
  const finite = values.filter((value) => Number.isFinite(value));
  expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(finite.length);
  expect(bins.length).toBeLessThanOrEqual(26);
  if (counts !== undefined) expect(bins.map(({ count }) => count)).toEqual(counts);
  for (const value of finite) expect(bins.some(({ from, to }) => from <= value && value <= to)).toBe(true);
});

test('what was chosen stays for the same columns, and goes with others', () => {
  const chart = new StatementChart();
  chart.follow(answerOf(hosts, n));
  expect(chart.choice.type).toBe('column');
  chart.setType('pie');
  chart.follow(answerOf(hosts, column('n', [7, 8, 9])));
  expect(chart.choice.type).toBe('pie');
  chart.follow(answerOf(time, n));
  expect(chart.choice.type).toBe('line');
});

test('a chart has one series at least, and eight at most', () => {
  const chart = new StatementChart();
  const names = Array.from({ length: 10 }, (_, index) => column(`n${index}`, [index, 1]));
  chart.follow(answerOf(column('host', ['a', 'b']), ...names));
  expect(chart.choice.y).toHaveLength(MAX_SERIES);
  chart.toggleY(10);
  expect(chart.choice.y).not.toContain(10);
  for (const place of [...chart.choice.y]) chart.toggleY(place);
  expect(chart.choice.y).toHaveLength(1);
});

test('a chart is said in a sentence', () => {
  const data = dataOf(hosts, n);
  expect(chartSummary(data, chooseChart(data), TEXTS.time)).toBe(
    'n by pri_ip: at most 3 (10.0.0.1), at least 1 (10.0.0.2).',
  );
  const empty = dataOf(column('a', [null, null]), hosts);
  expect(chartSummary(empty, { type: 'histogram', x: -1, target: -1, y: [0], split: -1 }, TEXTS.time)).toBe(
    'a has no number in any row.',
  );
});

const EPOCHS = [1741596600, 1741596600, 1741597200, 1741596000];
const atEpochs = (...values: readonly (number | null)[]): unknown =>
  values.map((value, at) => [[1741596000000, 1741596600000, 1741597200000][at], value]);
const key: ColumnMeaning = { isTime: false, isKey: true };

function meant(meanings: readonly ColumnMeaning[], ...columns: readonly ResultColumn[]): ChartData {
  const batch: ResultBatch = { rowCount: columns[0]?.data.length ?? 0, columns };
  return readChartData(new StatementRows([batch], [], 1_000_000, meanings));
}

test('numbers that the statement makes of times are an axis, and a name beside them has a series for each value', () => {
  const names = column('pri_ip', ['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.1']);
  const meanings = [{ isTime: true, isKey: true }, key, { isTime: false, isKey: false }];
  const data = meant(meanings, column('t', EPOCHS), names, column('n', [1, 7, 2, 3]));
  const choice = chooseChart(data);
  expect(choice).toEqual({ type: 'line', x: 0, target: -1, y: [2], split: 1 });
  expect(chartOption(data, choice, THEME, TEXTS)).toMatchObject({
    xAxis: { min: 1741596000000, max: 1741597200000 },
    series: [
      { name: '10.0.0.2', data: atEpochs(null, 7, null) },
      { name: '10.0.0.1', data: atEpochs(3, 1, 2) },
    ],
  });
  expect(chartOption(data, withType(choice, 'column', data), THEME, TEXTS)).toMatchObject({
    series: [{ stack: 'all' }, { stack: 'all' }],
  });
  expect(chartSummary(data, choice, TEXTS.time)).toBe(
    'n by t → pri_ip: at most 7 (at 1741596600 → 10.0.0.2), at least 1 (at 1741596600 → 10.0.0.1).',
  );
  const chart = new StatementChart();
  chart.data = data;
  chart.choice = choice;
  chart.setSplit(-1);
  expect(chartOption(data, chart.choice, THEME, TEXTS)).toMatchObject({ series: [{ name: 'n' }] });
});

test('small numbers that rows are grouped by are names, and so are protocols and ports', () => {
  const series = { isTime: true, isKey: true };
  const times = column('t', ['10:00', '10:00', '10:10']);
  const data = meant([series, key], times, column('kind', [6, 17, 6]), column('n', [5, 4, 3]));
  expect(chooseChart(data)).toEqual({ type: 'line', x: 0, target: -1, y: [2], split: 1 });
  expect(splitColumns(data, chooseChart(data))).toEqual([1]);
  const option = chartOption(data, chooseChart(data), THEME, TEXTS);
  expect(option).toMatchObject({ xAxis: { data: ['10:00', '10:10'] }, series: [{ name: '6' }, { name: '17' }] });
  const ports = dataOf(column('pub_port', [443, 53]), column('n', [5, 4]));
  expect(chooseChart(ports)).toMatchObject({ type: 'column', x: 0, y: [1] });
  expect(chooseChart(dataOf(column('pub_port', [443, 53])))).toMatchObject({ type: 'histogram', y: [0] });
});

test('more values than a chart has series are left out by their sums, and rows of one place are summed', () => {
  const values = Array.from({ length: 10 }, (_, index) => `host ${index}`);
  const twice = [...values, ...values];
  const data = dataOf(
    column(
      't',
      twice.map(() => 600),
      'timestamp',
    ),
    column('host', twice),
    column(
      'n',
      twice.map((_, index) => index % 10),
    ),
  );
  const { series } = chartOption(data, chooseChart(data), THEME, TEXTS) as {
    series: { name: string; data: [number, number][] }[];
  };
  expect(series).toHaveLength(MAX_SERIES);
  expect(series[0]).toMatchObject({ name: 'host 9', data: [[600_000, 18]] });
});
