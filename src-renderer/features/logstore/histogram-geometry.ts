import type { HistogramReport } from '../../../src-main/contract/query';
import type { ZoneClock } from '../../services/time-format';

type Bins = HistogramReport['bins'];

export interface AxisTick {
  readonly at: number;
  readonly value: number;
}

const WINDOW_SEC = 600;
/** Closer lines would be a grey surface. */
const LEAST_LINE_PX = 5;
const LABEL_PX = 84;
/** Between the widest label and the next. */
const LABEL_GAP_PX = 16;

/** The least number of 1, 2, 5 × 10ⁿ that is no less than `value`, and 1 for nothing. */
export function niceTop(value: number): number {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 5, 8, 10].find((step) => step * power >= value) ?? 10) * power;
}

/** Pixels from the left at which an instant lies; bins are equally wide, whatever time they hold. */
export function instantX(bins: Bins, binSec: number, width: number, epochSec: number): number {
  const index = bins.findLastIndex(({ startSec }) => startSec <= epochSec);
  const start = bins[Math.max(0, index)];
  if (start === undefined) return 0;
  const end = bins[index + 1]?.startSec ?? start.startSec + binSec;
  const part = Math.min(1, Math.max(0, (epochSec - start.startSec) / (end - start.startSec)));
  return ((Math.max(0, index) + part) / bins.length) * width;
}

/** Boundaries of 10-minute windows, in pixels from the left; none where they would stand too close. */
export function windowLines({ bins, binSec }: HistogramReport, width: number): readonly number[] {
  const first = bins[0]?.startSec;
  const last = bins.at(-1)?.startSec;
  if (first === undefined || last === undefined) return [];
  const end = last + binSec;
  if ((width * WINDOW_SEC) / (end - first) < LEAST_LINE_PX) return [];
  const lines: number[] = [];
  for (let sec = Math.ceil(first / WINDOW_SEC) * WINDOW_SEC; sec <= end; sec += WINDOW_SEC) {
    lines.push(instantX(bins, binSec, width, sec));
  }
  return lines;
}

/** Distances of labels that people count in. */
export const LABEL_STEPS_SEC: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800],
  ...[3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800],
];

/** @returns whether a label stands under a bin, when each label has `labelPx` pixels; round local times first */
export function isLabelled(
  { bins, binSec }: HistogramReport,
  width: number,
  clock: ZoneClock,
  labelPx = LABEL_PX,
): (startSec: number, index: number) => boolean {
  const every = Math.max(1, Math.ceil(bins.length / Math.max(1, Math.floor(width / labelPx))));
  const stepSec = LABEL_STEPS_SEC.find((step) => step >= every * binSec && step % binSec === 0);
  if (stepSec === undefined) return (_, index) => index % every === 0;
  return (startSec) => clock.localSec(startSec) % stepSec === 0;
}

/** Bins whose start is written under the axis, as many as fit. */
export function axisTicks(histogram: HistogramReport, width: number, clock: ZoneClock): readonly AxisTick[] {
  const isShown = isLabelled(histogram, width, clock);
  const { length } = histogram.bins;
  return histogram.bins
    .map(({ startSec }, index) => ({ at: (index / length) * width, value: startSec, index }))
    .filter(({ value, index, at }) => isShown(value, index) && at <= width - LABEL_PX + LABEL_GAP_PX);
}

/** Windows of which entries were not delivered, in pixels from the left; those that touch each other are one. */
export function incompleteBands(
  { bins, binSec, incomplete }: HistogramReport,
  width: number,
): readonly { readonly at: number; readonly width: number }[] {
  const spans: { startSec: number; endSec: number }[] = [];
  for (const { startSec, endSec } of incomplete) {
    const last = spans.at(-1);
    if (last !== undefined && startSec <= last.endSec) last.endSec = Math.max(last.endSec, endSec);
    else spans.push({ startSec, endSec });
  }
  return spans
    .map(({ startSec, endSec }) => {
      const at = instantX(bins, binSec, width, startSec);
      return { at, width: instantX(bins, binSec, width, endSec) - at };
    })
    .filter((band) => band.width > 0);
}
