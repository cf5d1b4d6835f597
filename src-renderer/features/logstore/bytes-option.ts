import type { EChartsCoreOption } from 'echarts/core';
import type { ChartTheme } from '../../lib/chart-theme';
import { byteText, grouped } from '../../services/number-format';
import type { ByteSeries } from './bytes-statement';

export interface BytesOptionTexts {
  readonly fromVpc: string;
  readonly fromPub: string;
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
function axisBytes(bytes: number): string {
  return byteText(bytes).replace(/\.0+(?=\D)/u, '');
}

/** Bytes over time as stacked bars: the VPC below, the Internet above it. */
export function bytesOption(series: ByteSeries, theme: ChartTheme, texts: BytesOptionTexts): EChartsCoreOption {
  const { bins } = series;
  const isBoundary = (index: number): boolean => (bins[index]?.startSec ?? 1) % WINDOW_SEC === 0;
  const label = { color: theme.quiet, fontSize: 11, fontFamily: theme.font };
  const bars = { type: 'bar', stack: 'bytes', barCategoryGap: '18%', animation: false } as const;
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
        const startSec = bins[items[0]?.dataIndex ?? 0]?.startSec ?? 0;
        const lines = items.map(({ seriesName, value }) => `${seriesName}  ${byteText(value)} (${grouped(value)})`);
        return [texts.tip(startSec), ...lines].join('\n');
      },
    },
    xAxis: {
      type: 'category',
      data: bins.map(({ startSec }) => texts.axis(startSec)),
      axisLabel: {
        ...label,
        hideOverlap: true,
        interval: (index: number) => texts.isLabelled(bins[index]?.startSec ?? 0, index),
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
      axisLabel: { ...label, formatter: (value: number) => axisBytes(value) },
      splitLine: { lineStyle: { color: theme.grid } },
    },
    series: [
      { ...bars, name: texts.fromVpc, data: bins.map(({ fromVpc }) => fromVpc), itemStyle: { color: theme.vpc } },
      { ...bars, name: texts.fromPub, data: bins.map(({ fromPub }) => fromPub), itemStyle: { color: theme.pub } },
    ],
  };
}
