import { AppError } from '../contract/errors';
import { instantOf, parseOffset, zoneOffset, type ZoneOffset } from './zone';

export interface RangeRequest {
  /** As the user wrote it; null for the start of the log. */
  readonly from: string | null;
  /** As the user wrote it; null for the end of the log. */
  readonly to: string | null;
  /** `UTC`, an IANA name or an offset such as `+08:00`; for local times only. */
  readonly zone: string;
}

/** Times of the first and the last entry, epoch seconds, both inside. */
export interface LogExtent {
  readonly firstSec: number;
  readonly lastSec: number;
}

export interface InstantRequest {
  /** As the user wrote it. */
  readonly text: string;
  /** As in `RangeRequest`. */
  readonly zone: string;
}

/** Half-open, epoch seconds. */
export interface TimeRange {
  readonly fromSec: number;
  readonly toSec: number;
}

const SHAPES =
  'epoch seconds (1700000000), RFC 3339 (2026-01-31T09:00:00+08:00), local time (2026-01-31 09:00:00, 2026-01-31 09:00 ' +
  'or 2026-01-31), -30s, -15m, -1h or -7d before the end of the log, start or end, and the start of a minute, a window of ' +
  '10 minutes, an hour, a day, a week or a month around the last entry (@m, @10m, @h, @d, @w, @M), or others from there (-1d@d, +1w@w)';
const UNIT_SEC: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const EPOCH = /^(\d{1,11})(?:\.(\d+))?$/u;
const RELATIVE = /^-(\d{1,9})([smhd])$/u;
const UNIT = /^(?:([+-]\d{1,5})([mhdwM]))?@(10m|[mhdwM])$/u;
const CALENDAR =
  /^(\d{4})-(\d{2})-(\d{2})(?:([Tt ])(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?([Zz]|[+-]\d{2}:\d{2})?)?$/u;

const NANOS_PER_SEC = 1_000_000_000n;
const NANO_DIGITS = 9;
/** Of 64 bits with a sign, which is how entries have them: 2262-04-11T23:47:16.854775807Z. */
const LAST_NS = 2n ** 63n - 1n;

/** A time as written: at an instant, or counted from one end of the log. */
type WrittenTime =
  /** `fraction` are the digits behind the point. */
  | { readonly kind: 'instant'; readonly sec: number; readonly fraction: string }
  | { readonly kind: 'start' }
  | { readonly kind: 'before-end'; readonly sec: number }
  | UnitStart;

/** The start of a unit of the calendar: that of the last entry, or so many steps from it. */
interface UnitStart {
  readonly kind: 'unit';
  readonly steps: number;
  readonly step: string;
  readonly unit: string;
}

function invalid(text: string, why: string): AppError {
  const message = `"${text}" is no time: ${why}. Accepted are ${SHAPES}.`;
  return new AppError('TIME_INVALID', message, { text, accepted: SHAPES });
}

function parseCalendar(text: string, offsetAt: ZoneOffset): WrittenTime | null {
  const match = CALENDAR.exec(text);
  if (match === null) return null;
  const [, year, month, day, separator, hour = '0', minute = '0', second, fraction = '', offset] = match;
  // the T belongs to RFC 3339, which has seconds and an offset
  const isRfc3339 = offset !== undefined;
  if (isRfc3339 ? second === undefined : separator?.toUpperCase() === 'T') return null;
  const fields = [
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second ?? 0),
  ] as const;
  const local = new Date(Date.UTC(...fields));
  const isReal =
    local.getUTCFullYear() === fields[0] &&
    local.getUTCMonth() === fields[1] &&
    local.getUTCDate() === fields[2] &&
    local.getUTCHours() === fields[3] &&
    local.getUTCMinutes() === fields[4] &&
    local.getUTCSeconds() === fields[5];
  if (!isReal) throw invalid(text, 'there is no such date or time of day');
  const localSec = local.getTime() / 1000;
  if (offset === undefined) return { kind: 'instant', sec: instantOf(localSec, offsetAt), fraction };
  const fixed = /^[Zz]$/u.test(offset) ? 0 : parseOffset(offset);
  if (fixed === null) throw invalid(text, 'its offset is out of range');
  return { kind: 'instant', sec: localSec - fixed, fraction };
}

function parseTime(text: string, offsetAt: ZoneOffset): WrittenTime {
  const trimmed = text.trim();
  if (trimmed === 'start') return { kind: 'start' };
  if (trimmed === 'end') return { kind: 'before-end', sec: 0 };
  const [, epochSec, epochFraction = ''] = EPOCH.exec(trimmed) ?? [];
  if (epochSec !== undefined) return { kind: 'instant', sec: Number(epochSec), fraction: epochFraction };
  const [, count, unit] = RELATIVE.exec(trimmed) ?? [];
  if (count !== undefined && unit !== undefined) {
    return { kind: 'before-end', sec: Number(count) * (UNIT_SEC[unit] ?? 0) };
  }
  const [, steps = '0', step = 's', wholeUnit] = UNIT.exec(trimmed) ?? [];
  if (wholeUnit !== undefined) return { kind: 'unit', steps: Number(steps), step, unit: wholeUnit };
  const instant = parseCalendar(trimmed, offsetAt);
  if (instant === null) throw invalid(text, 'its shape is not known');
  return instant;
}

function parseWholeSeconds(text: string, offsetAt: ZoneOffset): WrittenTime {
  const time = parseTime(text, offsetAt);
  if (time.kind === 'instant' && /[1-9]/u.test(time.fraction)) throw invalid(text, 'entries have whole seconds');
  return time;
}

const DAY_SEC = 86_400;
/** Of 1970-01-05, the first Monday: weeks begin with one, as those of `date_trunc` do. @see sls-logstore.md §3.4 */
const FIRST_MONDAY_SEC = 4 * DAY_SEC;
/** As windows have them: from the epoch on, whatever the zone. */
const WINDOW_SEC = 600;

const since = (sec: number, size: number): number => ((sec % size) + size) % size;

/** A local time so many months later: on the same day, or the last one of a month that has no such day. */
function monthsLater(localSec: number, months: number): number {
  const date = dateOf(localSec);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + months + 1, 0);
  date.setUTCDate(Math.min(day, date.getUTCDate()));
  return date.getTime() / 1000;
}

function monthStart(localSec: number): number {
  const date = dateOf(localSec);
  date.setUTCDate(1);
  return Math.floor(date.setUTCHours(0, 0, 0, 0) / 1000);
}

/** As far as `Date` goes, with room for steps. */
const FARTHEST_SEC = 8e12;
const dateOf = (sec: number): Date => new Date(Math.min(Math.max(sec, -FARTHEST_SEC), FARTHEST_SEC) * 1000);

/** Days, weeks and months are those of the calendar, so one in which clocks are changed is as long as it is there. */
function unitStart({ steps, step, unit }: UnitStart, fromSec: number, offsetAt: ZoneOffset): number {
  const sec = stepFrom(fromSec, steps, step, offsetAt);
  const localSec = sec + offsetAt(sec);
  switch (unit) {
    case '10m':
      return sec - since(sec, WINDOW_SEC);
    case 'd':
      return instantOf(localSec - since(localSec, DAY_SEC), offsetAt);
    case 'M':
      return instantOf(monthStart(localSec), offsetAt);
    case 'w':
      return instantOf(localSec - since(localSec - FIRST_MONDAY_SEC, 7 * DAY_SEC), offsetAt);
    default:
      // Not by the local time, which an hour that is repeated has twice.
      return sec - since(localSec, UNIT_SEC[unit] ?? 1);
  }
}

function stepFrom(fromSec: number, steps: number, step: string, offsetAt: ZoneOffset): number {
  const localSec = fromSec + offsetAt(fromSec);
  if (step === 'M') return instantOf(monthsLater(localSec, steps), offsetAt);
  const shiftSec = steps * (UNIT_SEC[step] ?? 7 * DAY_SEC);
  return step === 'd' || step === 'w' ? instantOf(localSec + shiftSec, offsetAt) : fromSec + shiftSec;
}

/** The last instant that `Date` has for every offset, and years have four digits. */
const LAST_SHOWN_SEC = Date.UTC(9999, 11, 30) / 1000;

/** What clocks show, to the second; the number itself where none do. */
function clockText(epochSec: number, offsetAt: ZoneOffset): string {
  if (Math.abs(epochSec) > LAST_SHOWN_SEC) return String(epochSec);
  const local = new Date((epochSec + offsetAt(epochSec)) * 1000);
  return local.toISOString().slice(0, -'.000Z'.length).replace('T', ' ');
}

function resolveTime(time: WrittenTime, log: LogExtent | null, offsetAt: ZoneOffset): number | null {
  if (time.kind === 'instant') return time.sec;
  if (log === null) return null;
  // the last entry may be in the last second of its day
  if (time.kind === 'unit') return unitStart(time, log.lastSec, offsetAt);
  // the end is exclusive, so one second after the last entry
  return time.kind === 'start' ? log.firstSec : log.lastSec + 1 - time.sec;
}

/**
 * The half-open range that `--from` and `--to` mean, the whole log by default. `end` is the second after the last entry,
 * so that the entry is inside; `-15m` is 15 minutes before that, so that `-15m` to `end` are 900 seconds. `@d` is the start
 * of the day of the last entry in the zone, and `-1d@d` that of the day before: `-1d@d` to `@d` is yesterday. Local times
 * that a change of the clock repeats or skips: see `instantOf`.
 *
 * @param log null for a log without entries
 * @returns null when the range depends on the entries of a log that has none
 * @throws AppError TIME_INVALID for a text or zone that is not understood, and for a range that is empty or backward
 * @see design.md §5 "Times"
 */
export function resolveRange(request: RangeRequest, log: LogExtent | null): TimeRange | null {
  const offsetAt = zoneOffset(request.zone);
  const fromSec = resolveTime(parseWholeSeconds(request.from ?? 'start', offsetAt), log, offsetAt);
  const toSec = resolveTime(parseWholeSeconds(request.to ?? 'end', offsetAt), log, offsetAt);
  if (fromSec === null || toSec === null) return null;
  if (fromSec < toSec) return { fromSec, toSec };
  const shown = (sec: number): string => clockText(sec, offsetAt);
  const bounds = log === null ? '' : ` The log goes from ${shown(log.firstSec)} to ${shown(log.lastSec)}, both inside.`;
  const message = `The range is empty: it begins at ${shown(fromSec)} and ends before ${shown(toSec)} (${request.zone}).${bounds}`;
  throw new AppError('TIME_INVALID', message, { fromSec, toSec });
}

/**
 * Whether a local time is one that clocks of the zone show twice, since they are put back meanwhile: `resolveInstant` takes the
 * first. Never so of a time with an offset, nor of one that is no date and time of day.
 *
 * @throws AppError TIME_INVALID for an unknown zone
 */
export function isShownTwice({ text, zone }: InstantRequest): boolean {
  const match = CALENDAR.exec(text.trim());
  const offsetAt = zoneOffset(zone);
  const first = match === null || match[9] !== undefined ? null : parseCalendar(text.trim(), offsetAt);
  if (first?.kind !== 'instant') return false;
  const localSec = first.sec + offsetAt(first.sec);
  const second = localSec - offsetAt(first.sec + DAY_SEC);
  return second > first.sec && second + offsetAt(second) === localSec;
}

/**
 * The instant that one time means, to the nanosecond: what `resolveRange` takes, and RFC 3339 and epoch seconds with up to
 * nine digits behind the point. `end` is the second after the last entry, as there.
 *
 * @param log null for a log without entries
 * @returns nanoseconds since 1970; null when the time depends on the entries of a log that has none
 * @throws AppError TIME_INVALID for a text or zone that is not understood, and for a time that no entry can have
 */
export function resolveInstant({ text, zone }: InstantRequest, log: LogExtent | null): bigint | null {
  const offsetAt = zoneOffset(zone);
  const time = parseTime(text, offsetAt);
  const fraction = time.kind === 'instant' ? time.fraction : '';
  if (fraction.length > NANO_DIGITS) throw invalid(text, 'a nanosecond is the ninth digit behind the point');
  const sec = resolveTime(time, log, offsetAt);
  if (sec === null) return null;
  const instantNs = BigInt(sec) * NANOS_PER_SEC + BigInt(fraction.padEnd(NANO_DIGITS, '0'));
  if (instantNs >= LAST_NS || instantNs <= -LAST_NS)
    throw invalid(text, 'nanoseconds go from the year 1677 to the year 2262');
  return instantNs;
}
