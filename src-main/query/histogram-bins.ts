import type { TimeRange } from './time-range';
import type { ZoneOffset } from './zone';
import { stretchesBetween } from './zone-stretches';

const DAY_SEC = 86_400;
const WEEK_SEC = 7 * DAY_SEC;
const MAX_BINS = 120;

/** @see design.md §5 "Histogram width"; beyond the last, whole multiples of it */
const WIDTHS_SEC: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60),
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3600),
  ...[1, 2, 7].map((days) => days * DAY_SEC),
];

/** More than any clock was ahead of Greenwich (15:13:42) or behind (15:56:08). @see the IANA time zone database */
const MOST_OFFSET_SEC = 16 * 3600;

/** Years beyond are no times of packets, and `Date` does not know them all. */
const FIRST_KNOWN_SEC = Date.UTC(1000, 0, 1) / 1000;
const LAST_KNOWN_SEC = 8_640_000_000_000;
/** Clocks that are put back lengthen a bin, so the number of bins is only about the range by the width. */
const SPARE_BINS = 8;

/** The two bins that are touched in part widen the others by a hundredth, which is not more for ranges up to 4,000 years. */
const TRIED_WEEKS = 16;

export interface HistogramBins {
  readonly binSec: number;
  /** Start of each bin, epoch seconds, ascending; a bin ends where the next one starts. */
  readonly startsSec: readonly number[];
  /** Every start is a whole multiple of this after the first one, and so is `binSec`. */
  readonly quantumSec: number;
}

const modulo = (value: number, divisor: number): number => ((value % divisor) + divisor) % divisor;

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * The edges of bins: the instants at which a clock of the zone first shows a whole multiple of the width, or more.
 *
 * Where clocks are put forward over an edge, the change is the edge. Where they are put back by the width or more, the
 * change is an edge as well, and the repeated hour has bins of its own; by less than the width, the bin becomes longer.
 */
class BinEdges {
  readonly #widthSec: number;
  readonly #offsetAt: ZoneOffset;
  /** Where clocks are put back by the width or more: what they show afterwards is shown for the first time again. */
  readonly #repeatsSec: readonly number[];

  constructor({ fromSec, toSec }: TimeRange, widthSec: number, offsetAt: ZoneOffset) {
    this.#widthSec = widthSec;
    this.#offsetAt = offsetAt;
    this.#repeatsSec =
      widthSec > DAY_SEC ? [] : repeatsBetween(fromSec - widthSec - 2 * DAY_SEC, toSec, widthSec, offsetAt);
  }

  /** @returns the last edge that is not after `sec`, an instant of the range */
  atOrBefore(sec: number): number {
    const repeatSec = this.#repeatsSec.findLast((repeat) => repeat <= sec) ?? -Infinity;
    let shownSec = this.#shownAt(sec);
    // What clocks showed before they were put back may have been a bin further.
    while (this.#firstShowing(shownSec + this.#widthSec, repeatSec) <= sec) shownSec += this.#widthSec;
    return this.#firstShowing(shownSec, repeatSec);
  }

  /** @param edge of this width, before the end of the range */
  after(edge: number): number {
    const repeatSec = this.#repeatsSec.findLast((repeat) => repeat <= edge) ?? -Infinity;
    const nextRepeatSec = this.#repeatsSec.find((repeat) => repeat > edge) ?? Infinity;
    return Math.min(nextRepeatSec, this.#firstShowing(this.#shownAt(edge) + this.#widthSec, repeatSec));
  }

  /** @returns the last multiple of the width up to what a clock shows then, as if that were UTC */
  #shownAt(sec: number): number {
    const shownSec = sec + this.#offsetAt(sec);
    return shownSec - modulo(shownSec, this.#widthSec);
  }

  /** @returns the first instant since `sinceSec` at which a clock shows `shownSec` or more */
  #firstShowing(shownSec: number, sinceSec: number): number {
    const untilSec = shownSec + MOST_OFFSET_SEC;
    for (const stretch of stretchesBetween(Math.max(sinceSec, shownSec - MOST_OFFSET_SEC), untilSec, this.#offsetAt)) {
      const sec = Math.max(stretch.fromSec, shownSec - stretch.offsetSec);
      if (sec < stretch.toSec) return sec;
    }
    return untilSec;
  }
}

function repeatsBetween(fromSec: number, toSec: number, widthSec: number, offsetAt: ZoneOffset): number[] {
  const stretches = stretchesBetween(fromSec, toSec, offsetAt);
  return stretches
    .filter(({ offsetSec }, index) => index > 0 && stretches[index - 1]!.offsetSec - offsetSec >= widthSec)
    .map((stretch) => stretch.fromSec);
}

/** @returns null when there are more than `MAX_BINS` */
function startsOf(range: TimeRange, widthSec: number, offsetAt: ZoneOffset): number[] | null {
  const { fromSec, toSec } = range;
  if ((toSec - fromSec) / widthSec > MAX_BINS + SPARE_BINS) return null;
  const edges = new BinEdges(range, widthSec, offsetAt);
  const starts: number[] = [];
  for (let start = edges.atOrBefore(fromSec); start < toSec; start = edges.after(start)) {
    if (starts.length === MAX_BINS) return null;
    starts.push(start);
  }
  return starts;
}

/** In ascending order; the last one fits every range. */
function* widths({ fromSec, toSec }: TimeRange): Generator<number> {
  yield* WIDTHS_SEC;
  const spanSec = toSec - fromSec;
  // A day for clocks that are put back within the range.
  const least = Math.max(2, Math.ceil((spanSec - DAY_SEC) / (WEEK_SEC * MAX_BINS)));
  for (let weeks = least; weeks < least + TRIED_WEEKS; weeks++) yield weeks * WEEK_SEC;
  yield Math.ceil(spanSec / (WEEK_SEC * (MAX_BINS - 2))) * WEEK_SEC;
}

/**
 * The bins of a histogram over a range: of the narrowest width with which at most 120 of them touch the range, aligned
 * to the epoch in the zone (so days begin at its midnight, and weeks on Thursday, the first day of 1970).
 *
 * @param range not empty
 */
export function histogramBins(range: TimeRange, offsetAt: ZoneOffset): HistogramBins {
  const knownOffset: ZoneOffset = (sec) => offsetAt(Math.min(LAST_KNOWN_SEC, Math.max(FIRST_KNOWN_SEC, sec)));
  for (const binSec of widths(range)) {
    const startsSec = startsOf(range, binSec, knownOffset);
    if (startsSec === null) continue;
    const [first = 0] = startsSec;
    const quantumSec = startsSec.reduce((divisor, start) => greatestCommonDivisor(divisor, start - first), binSec);
    return { binSec, startsSec, quantumSec };
  }
  throw new RangeError('there is a width for every range');
}

/** @returns the ordinal of the bin that holds an instant of the range */
export function binAt({ startsSec }: Pick<HistogramBins, 'startsSec'>, sec: number): number {
  let [low, high] = [0, startsSec.length];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (startsSec[middle]! <= sec) low = middle;
    else high = middle;
  }
  return low;
}
