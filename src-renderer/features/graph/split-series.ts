import type { ChartColumn } from './chart-data';
import type { Point } from './chart-options';

/** Series of one column's values over the places of an axis. */
export interface SplitSeries {
  /** One for each place of the axis. */
  readonly points: readonly Point[];
  /** Those with the most, in that order; null where a value has no row. */
  readonly series: readonly { readonly name: string; readonly numbers: readonly (number | null)[] }[];
  /** Values that there are. */
  readonly values: number;
}

/**
 * Rows of one place and one value are summed.
 *
 * @param points of the rows, in the order of the axis
 * @param by whose values have a series each
 * @param most series at most
 */
export function readSplit(
  points: readonly Point[],
  by: ChartColumn,
  amounts: ChartColumn,
  noValue: string,
  most: number,
): SplitSeries {
  const places = new Map<string, Point>();
  const sums = new Map<string, Map<string, number>>();
  for (const point of points) {
    const key = String(point.sec ?? point.name);
    if (!places.has(key)) places.set(key, point);
    const value = by.texts[point.row] ?? noValue;
    const ofValue = sums.get(value) ?? new Map<string, number>();
    sums.set(value, ofValue);
    const amount = amounts.numbers[point.row] ?? null;
    if (amount !== null) ofValue.set(key, (ofValue.get(key) ?? 0) + amount);
  }
  const total = (numbers: ReadonlyMap<string, number>): number =>
    [...numbers.values()].reduce((sum, each) => sum + each, 0);
  const ranked = [...sums].sort(([, one], [, other]) => total(other) - total(one));
  const series = ranked.slice(0, most).map(([name, numbers]) => ({
    name,
    numbers: [...places.keys()].map((key) => numbers.get(key) ?? null),
  }));
  return { points: [...places.values()], series, values: sums.size };
}
