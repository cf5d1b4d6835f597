import { t } from '../../services/messages/catalogue';
import type { ZoneClock } from '../../services/time-format';
import type { WrittenRange } from './logstore-state.svelte';

/** Relative to the last entry, since a capture may be of any day. */
export const RELATIVE_RANGES = [
  { from: '-1m', minutes: 1 },
  { from: '-5m', minutes: 5 },
  { from: '-15m', minutes: 15 },
  { from: '-1h', minutes: 60 },
  { from: '-4h', minutes: 240 },
  { from: '-1d', minutes: 1440 },
] as const;

const EPOCH = /^\d{1,11}$/u;

/** What stands on the button: the range that was searched, or else what was written. */
export function rangeLabel(
  range: WrittenRange,
  searched: { readonly fromSec: number; readonly toSec: number } | null,
  clock: ZoneClock,
): string {
  const isWhole = range.from === null && range.to === null;
  const times = searched ?? epochRange(range);
  if (times === null) return isWhole ? t.range.whole : t.range.written(range.from ?? 'start', range.to ?? 'end');
  const text = clock.range(times.fromSec, times.toSec);
  return isWhole ? t.range.wholeOf(text) : text;
}

/** Both ends where they are written as epoch seconds, as a zoom writes them. */
function epochRange({ from, to }: WrittenRange): { readonly fromSec: number; readonly toSec: number } | null {
  return from !== null && to !== null && EPOCH.test(from) && EPOCH.test(to)
    ? { fromSec: Number(from), toSec: Number(to) }
    : null;
}

/** What the field of one end begins with: a time in the zone, or a relative one as it was written. */
export function writtenTime(written: string | null, searchedSec: number | null, clock: ZoneClock): string {
  if (written !== null && !EPOCH.test(written)) return written;
  const sec = written === null ? searchedSec : Number(written);
  return sec === null ? '' : clock.dateTime(sec);
}
