export interface NumberBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const MOST_BINS = 24;

/** Numbers by size, in bins of a round width: each without its end, but for the last. */
export function binNumbers(values: readonly number[]): readonly NumberBin[] {
  const finite = values.filter((value) => Number.isFinite(value));
  if (finite.length === 0) return [];
  const least = finite.reduce((low, value) => Math.min(low, value), Infinity);
  const most = finite.reduce((high, value) => Math.max(high, value), -Infinity);
  if (least === most) return [{ from: least, to: most, count: finite.length }];
  const width = roundWidth((most - least) / MOST_BINS, finite.every(Number.isInteger));
  // Between neighbours of zero, or over all that there are, no bin has a width that is a number.
  if (width === 0 || !Number.isFinite(width)) return [{ from: least, to: most, count: finite.length }];
  const first = Math.floor(least / width);
  const bins = Array.from({ length: Math.floor(most / width) - first + 1 }, () => 0);
  for (const value of finite) bins[Math.floor(value / width) - first]! += 1;
  return bins.map((count, index) => ({ from: (first + index) * width, to: (first + index + 1) * width, count }));
}

/** @returns the next of 1, 2, 5, 10, 20 … and their fractions */
function roundWidth(least: number, isWhole: boolean): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const width = [1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10;
  return isWhole ? Math.max(1, width * power) : width * power;
}
