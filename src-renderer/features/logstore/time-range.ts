import { AppError } from '../../../src-main/contract/errors';
import { resolveRange, type LogExtent, type TimeRange } from '../../../src-main/query/time-range';
import { t } from '../../services/messages/catalogue';
import { durationText, type ZoneClock } from '../../services/time-format';
import type { WrittenRange } from './logstore-state.svelte';

/** Relative to the last entry, since a capture may be of any day. */
export const RELATIVE_RANGES = [
  { from: '-1m', minutes: 1 },
  { from: '-5m', minutes: 5 },
  { from: '-15m', minutes: 15 },
  { from: '-1h', minutes: 60 },
  { from: '-4h', minutes: 240 },
  { from: '-1d', minutes: 1440 },
  { from: '-7d', minutes: 7 * 1440 },
  { from: '-30d', minutes: 30 * 1440 },
] as const;

/** Whole units around the last entry, in the zone. */
export const UNIT_RANGES = [
  { id: 'window', from: '@10m', to: '+10m@10m' },
  { id: 'hour', from: '@h', to: '+1h@h' },
  { id: 'today', from: '@d', to: '+1d@d' },
  { id: 'yesterday', from: '-1d@d', to: '@d' },
  { id: 'week', from: '@w', to: '+1w@w' },
  { id: 'lastWeek', from: '-1w@w', to: '@w' },
  { id: 'month', from: '@M', to: '+1M@M' },
] as const;

/** Of the product's session logs. */
export const WINDOW_SEC = 600;

const EPOCH = /^\d{1,11}$/u;

/** Epoch seconds, steps of fixed lengths before the end, and times with an offset. */
const IN_ANY_ZONE = /^(?:\d{1,11}|start|end|-\d+[smhd]|.*(?:Z|[+-]\d\d:\d\d))$/iu;

/** Whether a time, as it is written, is the same instant in every zone. */
export function isInAnyZone(written: string): boolean {
  return IN_ANY_ZONE.test(written.trim());
}

export function isSameRange(one: WrittenRange, other: WrittenRange): boolean {
  return one.from === other.from && one.to === other.to;
}

/** @returns null for a range that has no name of its own */
export function rangeInWords(range: WrittenRange): string | null {
  if (range.from === null && range.to === null) return t.range.whole;
  const unit = UNIT_RANGES.find((each) => isSameRange(each, range));
  if (unit !== undefined) return t.range.units[unit.id];
  const relative = RELATIVE_RANGES.find(({ from }) => isSameRange({ from, to: null }, range));
  return relative === undefined ? null : t.range.lastOf(t.range.last(relative.minutes));
}

/** What stands on the button: the range in words, if it has some, and the times that were searched, or else what was written. */
export function rangeLabel(
  range: WrittenRange,
  searched: { readonly fromSec: number; readonly toSec: number } | null,
  clock: ZoneClock,
): string {
  const words = rangeInWords(range);
  const times = searched ?? epochRange(range);
  if (times === null) return words ?? t.range.written(range.from ?? 'start', range.to ?? 'end');
  const text = clock.range(times.fromSec, times.toSec);
  return words === null ? text : t.range.named(words, text);
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
  return sec === null ? '' : instantText(sec, clock);
}

/**
 * A time in the zone that is read back as the same instant: the second of two that clocks show alike has its offset, as in
 * `2025-10-26T02:30:00+01:00`.
 */
export function instantText(sec: number, clock: ZoneClock): string {
  const text = clock.dateTime(sec);
  // Where no calendar reaches.
  if (text === String(sec)) return text;
  const read = resolveRange({ from: text, to: null, zone: clock.zone }, { firstSec: sec, lastSec: sec });
  if (read?.fromSec === sec) return text;
  const minutes = (clock.localSec(sec) - sec) / 60;
  // Offsets of the time before zones have seconds, which cannot be written.
  if (!Number.isInteger(minutes)) return String(sec);
  const two = (value: number): string => String(value).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${text.replace(' ', 'T')}${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** What is written in the fields of both ends; an empty one is an end of the log. */
export function readFields(from: string, to: string): WrittenRange {
  return { from: from.trim() === '' ? null : from.trim(), to: to.trim() === '' ? null : to.trim() };
}

export interface MeantRange {
  /** Null while it is not known. */
  readonly range: TimeRange | null;
  /** How long it is, or what is wrong with it. */
  readonly text: string;
  /** Which end is wrong: of two that do not go together, the later one. */
  readonly wrong: 'from' | 'to' | null;
}

/** What a range means in a log. @param extent null where the log has no entries or is not known */
export function meantRange(written: WrittenRange, extent: LogExtent | null, zone: string): MeantRange {
  try {
    const range = resolveRange({ ...written, zone }, extent);
    if (range === null) return { range, text: t.range.unknown, wrong: null };
    const { fromSec, toSec } = range;
    const windows = Math.ceil(toSec / WINDOW_SEC) - Math.floor(fromSec / WINDOW_SEC);
    return { range, text: t.range.long(durationText((toSec - fromSec) * 1000), windows), wrong: null };
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    const isEmpty = 'fromSec' in cause.detail;
    return {
      range: null,
      text: isEmpty ? t.range.empty : t.range.unreadable(String(cause.detail['text'])),
      wrong: !isEmpty && cause.detail['text'] === written.from ? 'from' : 'to',
    };
  }
}

/** The range with all of the windows that it touches. */
export function snappedToWindows({ fromSec, toSec }: TimeRange): TimeRange {
  return {
    fromSec: Math.floor(fromSec / WINDOW_SEC) * WINDOW_SEC,
    toSec: Math.ceil(toSec / WINDOW_SEC) * WINDOW_SEC,
  };
}
