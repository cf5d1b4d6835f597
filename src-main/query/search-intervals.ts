import type { BindValue } from './search-bind';

/** Whole numbers from `low` to `high`, both included; null for no bound. */
export interface Interval {
  readonly low: bigint | null;
  readonly high: bigint | null;
}

export const EVERYTHING: Interval = { low: null, high: null };

const isEmpty = ({ low, high }: Interval): boolean => low !== null && high !== null && low > high;

/** @returns the same numbers as intervals in order that neither touch nor overlap */
export function mergeIntervals(intervals: readonly Interval[]): readonly Interval[] {
  const rising = intervals
    .filter((interval) => !isEmpty(interval))
    .sort(({ low: one }, { low: other }) =>
      one === other ? 0 : one === null || (other !== null && one < other) ? -1 : 1,
    );
  const merged: Interval[] = [];
  for (const interval of rising) {
    const last = merged.at(-1);
    if (last === undefined || (last.high !== null && interval.low !== null && interval.low > last.high + 1n)) {
      merged.push(interval);
    } else if (last.high !== null && (interval.high === null || interval.high > last.high)) {
      merged[merged.length - 1] = { low: last.low, high: interval.high };
    }
  }
  return merged;
}

/** Cuts what the type cannot hold off, so that every bound can be bound as one. */
export function clampInterval({ low, high }: Interval, lowest: bigint, highest: bigint): Interval {
  if ((low !== null && low > highest) || (high !== null && high < lowest)) return { low: 1n, high: 0n };
  return { low: low === null || low <= lowest ? null : low, high: high === null || high >= highest ? null : high };
}

/** @returns a condition that is true for exactly the values of the intervals, and for NULL is not */
export function intervalsSql(
  expression: string,
  type: 'BIGINT' | 'UINTEGER',
  intervals: readonly Interval[],
  bind: BindValue,
): string {
  const singles: bigint[] = [];
  const conditions = mergeIntervals(intervals).flatMap(({ low, high }) => {
    if (low === null && high === null) return [`(${expression}) IS NOT NULL`];
    if (low === null) return [`(${expression}) <= ${bind(high ?? 0n, type)}`];
    if (high === null) return [`(${expression}) >= ${bind(low, type)}`];
    if (low !== high) return [`(${expression}) BETWEEN ${bind(low, type)} AND ${bind(high, type)}`];
    singles.push(low);
    return [];
  });
  const [first, second] = singles;
  if (second !== undefined) {
    conditions.push(`(${expression}) IN (${singles.map((single) => bind(single, type)).join(', ')})`);
  } else if (first !== undefined) conditions.push(`(${expression}) = ${bind(first, type)}`);
  if (conditions.length === 0) return 'FALSE';
  return conditions.length === 1 ? (conditions[0] ?? 'FALSE') : `(${conditions.join(' OR ')})`;
}
