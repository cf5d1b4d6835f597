import type { TimeRange } from './time-range';
import { zoneOffset, type ZoneOffset } from './zone';

const DAY_SEC = 86_400;
/** No zone has changed its clocks twice within this: Recife did so within 7 days in 2000. @see the IANA time zone database since 1900 */
const STEP_SEC = 5 * DAY_SEC;
/** Times that a statement makes of those of its range are mostly near it, such as the same hour a month ago. */
const MARGIN_STEPS = 8;
/** A year with its two changes, and the margins. Beyond it the database asks its own zones, which is slower. */
const MOST_SEC = 500 * DAY_SEC;
/** Years beyond are no times of entries, and `Date` does not know them all. */
const FIRST_SEC = Date.UTC(1900, 0, 1) / 1000;
const END_SEC = Date.UTC(2200, 0, 1) / 1000;

/** Asking a zone takes 40 µs [measured], and queries of a screen are over one range. */
const MOST_KEPT = 64;
const kept = new Map<string, readonly OffsetStretch[]>();

/** A time in which clocks of a zone were not changed: half-open, epoch seconds. */
export interface OffsetStretch {
  readonly fromSec: number;
  readonly toSec: number;
  /** Seconds east of Greenwich. */
  readonly offsetSec: number;
}

/** @returns the first instant after `beforeSec` from which on the offset is that of `afterSec`, where it is another one */
function changeBetween(beforeSec: number, afterSec: number, offsetAt: ZoneOffset): number {
  const offset = offsetAt(afterSec);
  let [low, high] = [beforeSec, afterSec];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === offset) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * The stretches between two times, whole epoch seconds: ascending and without gaps. Between two of them clocks are changed; the
 * start of the first and the end of the last are no changes.
 */
export function stretchesBetween(fromSec: number, toSec: number, offsetAt: ZoneOffset): readonly OffsetStretch[] {
  const stretches: OffsetStretch[] = [];
  let startSec = fromSec;
  let offsetSec = offsetAt(fromSec);
  for (let sec = fromSec; sec < toSec; sec += STEP_SEC) {
    const nextSec = Math.min(sec + STEP_SEC, toSec);
    const nextOffset = offsetAt(nextSec);
    if (nextOffset === offsetSec) continue;
    const changeSec = changeBetween(sec, nextSec, offsetAt);
    stretches.push({ fromSec: startSec, toSec: changeSec, offsetSec });
    startSec = changeSec;
    offsetSec = nextOffset;
  }
  if (startSec < toSec) stretches.push({ fromSec: startSec, toSec, offsetSec });
  return stretches;
}

/**
 * The stretches around a range, with margins: of a range that is too long, those of its end; of one that no entry has, none.
 * @throws AppError TIME_INVALID for an unknown zone
 */
export function stretchesAround(zone: string, range: TimeRange): readonly OffsetStretch[] {
  const toSec = Math.min((Math.ceil(range.toSec / STEP_SEC) + MARGIN_STEPS) * STEP_SEC, END_SEC);
  const fromSec = Math.max(
    (Math.floor(range.fromSec / STEP_SEC) - MARGIN_STEPS) * STEP_SEC,
    toSec - MOST_SEC,
    FIRST_SEC,
  );
  const key = `${fromSec} ${toSec} ${zone}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const stretches = stretchesBetween(fromSec, toSec, zoneOffset(zone));
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(key, stretches);
  return stretches;
}
