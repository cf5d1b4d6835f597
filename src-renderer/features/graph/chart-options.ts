import type { EChartsCoreOption } from 'echarts/core';
import type { ChartTheme } from '../../lib/chart-theme';
import { grouped, numberText, share } from '../../services/number-format';
import { WINDOW_SEC } from '../logstore/time-range';
import { MAX_SERIES, splitOf, type ChartChoice } from './chart-choice';
import type { ChartColumn, ChartData } from './chart-data';
import { binNumbers } from './histogram-bins';
import { readSplit } from './split-series';
import { timeAxis, timedPoints } from './time-axis';

/** Words and times of a chart. */
export interface ChartTexts {
  /** Of a time on the axis and in a tip; epoch seconds. */
  readonly time: (sec: number) => string;
  /** What the clocks of the axis show, as seconds. */
  readonly localSec: (sec: number) => number;
  readonly noValue: string;
  readonly other: string;
  readonly rows: string;
}

/** Slices of a pie, as many as there are colours; what is smaller is put together. */
const MOST_SLICES = 8;
/** Points of a line that each have a mark. */
const MOST_MARKED = 60;
const MARK_PX = 5;
/** Half of a time that is written at the end of the axis. */
const RIGHT_OF_TIMES_PX = 56;
/** How lines differ, besides their colours. */
const DASHES = ['solid', 'dashed', 'dotted'] as const;

/** What stands at one place of an axis. */
export interface Point {
  readonly name: string;
  readonly sec: number | null;
  readonly row: number;
}

/** What a canvas is told to draw; `stat` and `table` are no canvas. */
export function chartOption(
  data: ChartData,
  choice: ChartChoice,
  theme: ChartTheme,
  texts: ChartTexts,
): EChartsCoreOption {
  switch (choice.type) {
    case 'pie':
      return pieOption(data, choice, theme, texts);
    case 'sankey':
      return sankeyOption(data, choice, theme, texts);
    case 'histogram':
      return histogramOption(data, choice, theme, texts);
    default:
      return axisOption(data, choice, theme, texts);
  }
}

interface LabelStyle {
  readonly color: string;
  readonly fontSize: number;
  /** Else it is the width of a Chinese character, which is far too small where fonts have none, and labels overlap. */
  readonly lineHeight: number;
  readonly fontFamily: string;
}

function labelOf(theme: ChartTheme): LabelStyle {
  return { color: theme.quiet, fontSize: 11, lineHeight: 14, fontFamily: theme.font };
}

function frame(theme: ChartTheme): EChartsCoreOption {
  return { animation: false, darkMode: theme.isDark, color: [...theme.series] };
}

function tooltip(theme: ChartTheme): Record<string, unknown> {
  return {
    // Markup would need styles of its own, which the window's security policy refuses.
    renderMode: 'richText',
    backgroundColor: theme.raised,
    borderColor: theme.line,
    textStyle: { ...labelOf(theme), color: theme.text },
  };
}

function legend(theme: ChartTheme): Record<string, unknown> {
  return {
    type: 'scroll',
    left: 0,
    top: 2,
    padding: [2, 0],
    itemWidth: 14,
    itemHeight: 10,
    textStyle: { ...labelOf(theme), color: theme.text },
  };
}

/** The rows as they stand on an axis: times from the earliest, and all else in the order of the result. */
export function pointsOf(data: ChartData, column: ChartColumn | undefined, texts: ChartTexts): readonly Point[] {
  const points = Array.from({ length: data.rowCount }, (_, row) => {
    const sec = column?.kind === 'time' ? (column.numbers[row] ?? null) : null;
    const name = sec === null ? (column?.texts[row] ?? texts.noValue) : texts.time(sec);
    return { name, sec, row };
  });
  if (column?.kind !== 'time') return points;
  return points.sort((one, other) => (one.sec ?? Infinity) - (other.sec ?? Infinity));
}

interface AxisSeries {
  readonly name: string;
  /** In the order of the axis; null for a gap. */
  readonly numbers: readonly (number | null)[];
}

/** What stands along the axis, and the series over it. */
function axisSeries(
  data: ChartData,
  choice: ChartChoice,
  texts: ChartTexts,
): { points: readonly Point[]; series: readonly AxisSeries[] } {
  const points = pointsOf(data, data.columns[choice.x], texts);
  const place = splitOf(choice);
  const amounts = data.columns[choice.y[0] ?? -1];
  const by = data.columns[place];
  if (by !== undefined && amounts !== undefined) return readSplit(points, by, amounts, texts.noValue, MAX_SERIES);
  const series = choice.y.map((each) => {
    const column = data.columns[each];
    return { name: column?.name ?? '', numbers: points.map(({ row }) => column?.numbers[row] ?? null) };
  });
  return { points, series };
}

function axisOption(data: ChartData, choice: ChartChoice, theme: ChartTheme, texts: ChartTexts): EChartsCoreOption {
  const { points, series } = axisSeries(data, choice, texts);
  const isSplit = splitOf(choice) >= 0;
  const isSideways = choice.type === 'bar';
  const isLine = choice.type === 'line' || choice.type === 'area';
  const isBoundary = (index: number): boolean => {
    const sec = points[index]?.sec;
    return sec != null && sec % WINDOW_SEC === 0;
  };
  const names = {
    type: 'category',
    data: points.map(({ name }) => name),
    // Rows are read from above.
    inverse: isSideways,
    boundaryGap: !isLine,
    axisLabel: { ...labelOf(theme), hideOverlap: true, width: isSideways ? 180 : undefined, overflow: 'truncate' },
    axisTick: { show: false },
    axisLine: { lineStyle: { color: theme.line } },
    splitLine: {
      show: points.some((_, index) => isBoundary(index)),
      interval: (index: number) => isBoundary(index),
      showMinLine: isBoundary(0),
      showMaxLine: false,
      lineStyle: { color: theme.windowLine },
    },
  };
  const amounts = {
    type: 'value',
    axisLabel: { ...labelOf(theme), formatter: (value: number) => numberText(value) },
    splitLine: { lineStyle: { color: theme.grid } },
  };
  const seconds = points.flatMap(({ sec }) => sec ?? []);
  // A row without a time has a place among names alone.
  const isTimed = isLine && seconds.length > 0 && seconds.length === points.length;
  const along = isTimed ? timeAxis(seconds, labelOf(theme), theme, texts) : names;
  return {
    ...frame(theme),
    grid: { left: 0, right: isTimed ? RIGHT_OF_TIMES_PX : 12, top: 36, bottom: 4, containLabel: true },
    legend: legend(theme),
    tooltip: { ...tooltip(theme), trigger: 'axis', valueFormatter: amountText },
    xAxis: isSideways ? amounts : along,
    yAxis: isSideways ? names : amounts,
    series: series.map(({ name, numbers }, index) => ({
      type: isLine ? 'line' : 'bar',
      name,
      ...(isLine
        ? linePoints(numbers, isTimed ? timedPoints(seconds, numbers) : numbers)
        : { data: numbers, barMaxWidth: 48 }),
      ...(isLine ? { lineStyle: { width: 2, type: DASHES[Math.floor(index / 4) % DASHES.length] } } : {}),
      ...(choice.type === 'area' ? { areaStyle: { opacity: 0.25 }, stack: 'all' } : {}),
      ...(isSplit && !isLine ? { stack: 'all' } : {}),
    })),
  };
}

/** The marks of a line: where there are many, only those that no line leads to, which would not be seen without. */
function linePoints(numbers: readonly (number | null)[], places: readonly unknown[]): Record<string, unknown> {
  if (numbers.length <= MOST_MARKED) return { data: places, symbolSize: MARK_PX };
  const isAlone = (at: number): boolean => (numbers[at - 1] ?? null) === null && (numbers[at + 1] ?? null) === null;
  return { data: places.map((value, at) => ({ value, symbolSize: isAlone(at) ? MARK_PX : 0 })), showSymbol: true };
}

function amountText(value: unknown): string {
  if (typeof value !== 'number') return '–';
  return Number.isInteger(value) ? grouped(value) : String(value);
}

interface Slice {
  readonly name: string;
  readonly value: number;
}

/** The largest slices, one for each name, and all others as one. Negative amounts have no slice. */
export function slicesOf(data: ChartData, choice: ChartChoice, texts: ChartTexts): Slice[] {
  const names = data.columns[choice.x];
  const amounts = data.columns[choice.y[0] ?? -1];
  const sums = new Map<string, number>();
  for (const { name, row } of pointsOf(data, names, texts)) {
    const value = amounts?.numbers[row] ?? 0;
    if (value > 0) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  const slices = [...sums].map(([name, value]) => ({ name, value })).sort((one, other) => other.value - one.value);
  if (slices.length <= MOST_SLICES) return slices;
  const rest = slices.slice(MOST_SLICES - 1).reduce((sum, { value }) => sum + value, 0);
  return [...slices.slice(0, MOST_SLICES - 1), { name: texts.other, value: rest }];
}

function pieOption(data: ChartData, choice: ChartChoice, theme: ChartTheme, texts: ChartTexts): EChartsCoreOption {
  const slices = slicesOf(data, choice, texts);
  const sum = slices.reduce((total, { value }) => total + value, 0);
  return {
    ...frame(theme),
    legend: legend(theme),
    tooltip: { ...tooltip(theme), valueFormatter: amountText },
    series: [
      {
        type: 'pie',
        radius: ['40%', '70%'],
        center: ['50%', '54%'],
        data: slices,
        itemStyle: { borderColor: theme.surface, borderWidth: 1 },
        // With its name, so that no slice is told from another by its colour alone.
        label: {
          ...labelOf(theme),
          color: theme.text,
          formatter: ({ name, value }: Slice) => `${name}  ${share(value, sum)}`,
        },
        labelLine: { lineStyle: { color: theme.line } },
      },
    ],
  };
}

export interface Flow {
  readonly source: string;
  readonly target: string;
  readonly value: number;
}

/** What flows from where to where. An end that is on both sides is two: a diagram cannot run in circles. */
export function flowsOf(data: ChartData, choice: ChartChoice, texts: ChartTexts): readonly Flow[] {
  const [from, to] = [data.columns[choice.x], data.columns[choice.target]];
  const amounts = data.columns[choice.y[0] ?? -1];
  const sums = new Map<string, Flow>();
  for (let row = 0; row < data.rowCount; row++) {
    const value = amounts?.numbers[row] ?? 0;
    if (!(value > 0)) continue;
    const source = from?.texts[row] ?? texts.noValue;
    const target = to?.texts[row] ?? texts.noValue;
    const key = JSON.stringify([source, target]);
    sums.set(key, { source, target, value: (sums.get(key)?.value ?? 0) + value });
  }
  return [...sums.values()];
}

/** Where flows begin each has a colour in its turn; without, colours are mixed by amounts, which they do not show. */
function nodeStyles(names: readonly string[], theme: ChartTheme): object[] {
  let begun = 0;
  return names.map((name) => {
    const color = name.startsWith('<') ? theme.series[begun++ % theme.series.length] : theme.quiet;
    return { name, itemStyle: { color } };
  });
}

function sankeyOption(data: ChartData, choice: ChartChoice, theme: ChartTheme, texts: ChartTexts): EChartsCoreOption {
  const flows = flowsOf(data, choice, texts);
  // Names tell nodes apart, so that each side has its own.
  const nodes = new Map<string, string>();
  for (const { source, target } of flows) {
    nodes.set(`< ${source}`, source);
    nodes.set(`> ${target}`, target);
  }
  return {
    ...frame(theme),
    tooltip: { ...tooltip(theme), valueFormatter: amountText },
    series: [
      {
        type: 'sankey',
        left: 4,
        right: 140,
        top: 12,
        bottom: 8,
        nodeGap: 6,
        data: nodeStyles([...nodes.keys()], theme),
        links: flows.map(({ source, target, value }) => ({ source: `< ${source}`, target: `> ${target}`, value })),
        lineStyle: { color: 'source', opacity: 0.32 },
        // Small nodes have names in their tips alone, where there is no room beside them.
        labelLayout: { hideOverlap: true },
        label: {
          ...labelOf(theme),
          color: theme.text,
          width: 130,
          overflow: 'truncate',
          formatter: ({ name }: { name: string }) => nodes.get(name) ?? '',
        },
      },
    ],
  };
}

function histogramOption(
  data: ChartData,
  choice: ChartChoice,
  theme: ChartTheme,
  texts: ChartTexts,
): EChartsCoreOption {
  const column = data.columns[choice.y[0] ?? -1];
  const bins = binNumbers((column?.numbers ?? []).filter((value) => value !== null));
  return {
    ...frame(theme),
    grid: { left: 0, right: 12, top: 12, bottom: 4, containLabel: true },
    tooltip: { ...tooltip(theme), trigger: 'axis', valueFormatter: amountText },
    xAxis: {
      type: 'category',
      data: bins.map(({ from, to }) => (from === to ? numberText(from) : `${numberText(from)} – ${numberText(to)}`)),
      axisLabel: { ...labelOf(theme), hideOverlap: true },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: theme.line } },
    },
    yAxis: {
      type: 'value',
      // There is no half of a row.
      minInterval: 1,
      axisLabel: { ...labelOf(theme), formatter: (value: number) => numberText(value) },
      splitLine: { lineStyle: { color: theme.grid } },
    },
    series: [{ type: 'bar', name: texts.rows, barCategoryGap: '2%', data: bins.map(({ count }) => count) }],
  };
}
