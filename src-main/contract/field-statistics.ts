import type { HistogramRequest, QueryReport } from './query';
import type { Notice } from './result-batch';

/** What one field holds in the entries that the search part of a query finds. */
export interface FieldStatisticsRequest extends Omit<HistogramRequest, 'limits'> {
  /** Name of an indexed field, without regard to case. */
  readonly field: string;
}

/** All of it is exact: nothing is sampled. Values are texts, as queries show them. */
export interface FieldStatistics {
  /** As the index spells it. */
  readonly field: string;
  readonly type: 'text' | 'long' | 'double' | 'ipv4';
  /** As in `QueryReport`. */
  readonly range: QueryReport['range'];
  readonly snapshot: QueryReport['snapshot'];
  /** Entries that were found, and those of them that have a value. */
  readonly entries: number;
  readonly present: number;
  /** Different values. */
  readonly distinct: number;
  /** The values of the most entries, at most `TOP_VALUES`; of equally many the smaller value first. */
  readonly top: readonly ValueCount[];
  /** Null for texts and addresses, and where no entry has a number. */
  readonly numbers: NumberStatistics | null;
  /** The first `TOP_OVER_TIME` of `top` by time, in the bins of a histogram over the range. */
  readonly overTime: {
    readonly binSec: number;
    readonly startsSec: readonly number[];
    readonly values: readonly ValueOverTime[];
  };
  /** The query that gives `top`. */
  readonly query: string;
  readonly notices: readonly Notice[];
}

export const TOP_VALUES = 10;
export const TOP_OVER_TIME = 5;
export const NUMBER_BUCKETS = 10;

export interface ValueCount {
  readonly value: string;
  readonly entries: number;
}

/** Entries with the value in each bin. */
export interface ValueOverTime {
  readonly value: string;
  readonly entries: readonly number[];
}

/** Of the finite values. */
export interface NumberStatistics {
  readonly least: string;
  readonly most: string;
  readonly average: number;
  /** Digit for digit for whole numbers, whatever its size. */
  readonly sum: string;
  /** Infinities and NaN. */
  readonly notFinite: number;
  /** Equally wide, without gaps from the least value to the most; each without its end, but for the last. */
  readonly buckets: readonly { readonly from: number; readonly to: number; readonly entries: number }[];
}
