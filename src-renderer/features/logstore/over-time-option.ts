import type { EChartsCoreOption } from 'echarts/core';
import type { ChartTheme } from '../../lib/chart-theme';
import type { OverTime } from './over-time';

export interface OverTimeTexts {
  /** Of a bin, for the axis and for the tip. */
  readonly axis: (startSec: number) => string;
  /** Whether a bin has a label under the axis. */
  readonly isLabelled: (startSec: number, index: number) => boolean;
  readonly tip: (startSec: number) => string;
}

/** Windows are the ruler of every time axis. */
const WINDOW_SEC = 600;

interface TipItem {
  readonly seriesName: string;
  readonly value: number;
  readonly dataIndex: number;
}

/** Steps of an axis are round, so its labels need no zeros behind the point. */
function withoutZeros(amount: string): string {
  return amount.replace(/\.0+(?=\D)/u, '');
}

/** Amounts over time as stacked bars: of bytes, the VPC below and the Internet above it. */
export function overTimeOption(
  { startsSec, series, short, full }: OverTime,
  theme: ChartTheme,
  texts: OverTimeTexts,
): EChartsCoreOption {
  const colors = { vpc: theme.vpc, pub: theme.pub, nat: theme.series[0] };
  // Where all bins begin with a window, a line at each would tell nothing.
  const hasWindows = startsSec.some((startSec) => startSec % WINDOW_SEC !== 0);
  const isBoundary = (index: number): boolean => hasWindows && (startsSec[index] ?? 1) % WINDOW_SEC === 0;
  const label = { color: theme.quiet, fontSize: 11, fontFamily: theme.font };
  const bars = { type: 'bar', stack: 'amounts', barCategoryGap: '18%', animation: false } as const;
  return {
    animation: false,
    darkMode: theme.isDark,
    grid: { left: 0, right: 1, top: 36, bottom: 4, containLabel: true },
    legend: {
      left: 0,
      top: 2,
      padding: [2, 0],
      itemWidth: 12,
      itemHeight: 10,
      textStyle: { ...label, color: theme.text },
    },
    tooltip: {
      trigger: 'axis',
      // Markup would need styles of its own, which the window's security policy refuses.
      renderMode: 'richText',
      axisPointer: { type: 'shadow', shadowStyle: { color: theme.hover, opacity: 0.6 } },
      backgroundColor: theme.raised,
      borderColor: theme.line,
      textStyle: { ...label, color: theme.text },
      formatter: (items: readonly TipItem[]) => {
        const startSec = startsSec[items[0]?.dataIndex ?? 0] ?? 0;
        const lines = items.map(({ seriesName, value }) => `${seriesName}  ${full(value)}`);
        return [texts.tip(startSec), ...lines].join('\n');
      },
    },
    xAxis: {
      type: 'category',
      data: startsSec.map((startSec) => texts.axis(startSec)),
      axisLabel: {
        ...label,
        hideOverlap: true,
        interval: (index: number) => texts.isLabelled(startsSec[index] ?? 0, index),
      },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: theme.line } },
      splitLine: {
        show: true,
        interval: (index: number) => isBoundary(index),
        // Else both ends have a line, which no window begins at.
        showMinLine: isBoundary(0),
        showMaxLine: false,
        lineStyle: { color: theme.windowLine },
      },
    },
    yAxis: {
      type: 'value',
      axisLabel: { ...label, formatter: (value: number) => withoutZeros(short(value)) },
      splitLine: { lineStyle: { color: theme.grid } },
    },
    series: series.map(({ label: name, side, numbers }) => ({
      ...bars,
      name,
      data: numbers,
      itemStyle: { color: colors[side ?? 'nat'] },
    })),
  };
}
