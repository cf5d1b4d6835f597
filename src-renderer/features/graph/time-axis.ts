import type { ChartTheme } from '../../lib/chart-theme';
import { LABEL_STEPS_SEC } from '../logstore/histogram-geometry';
import { WINDOW_SEC } from '../logstore/time-range';

const DAY_SEC = 86_400;
const MS = 1000;
/** Times with their day are wide: more of them would cover each other. */
const MOST_LABELS = 8;
/** More boundaries of windows would be a grey surface. */
const MOST_WINDOWS = 150;

interface TimeTexts {
  readonly time: (sec: number) => string;
  readonly localSec: (sec: number) => number;
}

/** @returns epoch seconds from first to last that are round on the clocks of a zone, `most` at most */
export function roundTimes(
  firstSec: number,
  lastSec: number,
  localSec: (sec: number) => number,
  most = MOST_LABELS,
): readonly number[] {
  const leastSec = (lastSec - firstSec) / most;
  const stepSec = LABEL_STEPS_SEC.find((step) => step > leastSec) ?? Math.floor(leastSec / DAY_SEC) * DAY_SEC + DAY_SEC;
  const start = Math.ceil(firstSec);
  const local = localSec(start);
  const times: number[] = [];
  for (let sec = start + ((stepSec - (local % stepSec)) % stepSec); sec <= lastSec; sec += stepSec) times.push(sec);
  return times.length > 0 ? times : [firstSec];
}

/** Boundaries of windows from first to last; none where there are too many to be told from each other. */
function windowStarts(firstSec: number, lastSec: number): readonly number[] {
  if (lastSec - firstSec > MOST_WINDOWS * WINDOW_SEC) return [];
  const starts: number[] = [];
  for (let sec = Math.ceil(firstSec / WINDOW_SEC) * WINDOW_SEC; sec <= lastSec; sec += WINDOW_SEC) starts.push(sec);
  return starts;
}

/**
 * An axis on which equal distances are equal times: what is drawn of two captures a year apart is a year apart.
 *
 * @param seconds of what is drawn, from the earliest, at least one
 */
export function timeAxis(
  seconds: readonly number[],
  label: object,
  theme: ChartTheme,
  { time, localSec }: TimeTexts,
): Record<string, unknown> {
  const [firstSec, lastSec] = [seconds[0] ?? 0, seconds.at(-1) ?? 0];
  const windows = windowStarts(firstSec, lastSec);
  const text = (ms: number): string => time(ms / MS);
  return {
    // Numbers would do, but of two axes of numbers, areas are stacked along the wrong one.
    type: 'time',
    min: firstSec * MS,
    max: lastSec * MS,
    axisLabel: {
      ...label,
      hideOverlap: true,
      customValues: roundTimes(firstSec, lastSec, localSec).map((sec) => sec * MS),
      formatter: text,
    },
    axisPointer: { label: { formatter: ({ value }: { value: number }) => text(value) } },
    // Lines stand where ticks would.
    axisTick: { show: false, customValues: windows.map((sec) => sec * MS) },
    axisLine: { lineStyle: { color: theme.line } },
    splitLine: { show: windows.length > 0, lineStyle: { color: theme.windowLine } },
  };
}

/** @returns numbers of an axis with the times that they stand at */
export function timedPoints(
  seconds: readonly number[],
  numbers: readonly (number | null)[],
): [number, number | null][] {
  return numbers.map((value, at) => [(seconds[at] ?? 0) * MS, value]);
}
