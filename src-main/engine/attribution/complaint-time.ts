import type { ComplaintRemark } from '../../contract/attribution';
import { readZone } from './complaint-zone';

/** Whose times are read. */
export interface TimeReader {
  /** Of times that name none. */
  readonly year: number;
  /** As in `AttributionRequest`, which decides what a name of several zones stands for. */
  readonly zone: string;
}

/** A time as it stands in a complaint. */
export interface WrittenTime {
  /** As `QueryRequest` takes it: RFC 3339, or a local time without a zone; null where nobody can tell which it is. */
  readonly at: string | null;
  /** Its place in the text. */
  readonly start: number;
  readonly end: number;
  /** It names no zone of its own. */
  readonly isLocal: boolean;
  readonly remark: ComplaintRemark | null;
}

/** Stands for each character of a time that was found. */
export const TIME_MARK = '\ue000';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const CLOCK = String.raw`(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?(?:\s?(?<half>[AaPp]\.?[Mm]\b\.?))?`;
/** The offset after `UTC` or alone, also without minutes; what goes on like a time or a number is the end of a range. */
const OFFSET = String.raw`[+-]\d{2}:?\d{2}(?![:\d])|[+-]\d{2}(?![-:.\d])`;
const ZONE = String.raw`(?:\s?[([]?(?<zone>Z\b|${OFFSET}|(?:UTC|GMT)\s?[+-]\d{1,2}(?::?\d{2})?(?![-:.\d])|[A-Z][A-Za-z]+(?:/[A-Za-z_+-]+){1,2}|[A-Z]{2,5}\b|[Ll]ocal(?: time)?\b)[)\]]?)?`;
const MONTH_NAME = String.raw`(?<monthName>[A-Za-z]{3})[a-z]*\.?`;
const DAY = String.raw`(?<day>\d{1,2})(?:st|nd|rd|th)?`;
const WEEKDAY = String.raw`(?:\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?`;
const YEAR = String.raw`(?<year>\d{4})`;
/** Between a date and the clock. */
const GAP = String.raw`[T\s,_]{1,2}(?:at |um )?`;

const YEAR_FIRST = String.raw`\b${YEAR}[-/.](?<month>\d{1,2})[-/.](?<day>\d{1,2})`;
/** With dots, the day is first everywhere. */
const DOTTED = String.raw`(?<![\d.])(?<day>\d{1,2})\.(?<month>\d{1,2})\.${YEAR}`;
/** Which is the day, the reader finds out or not. */
const EITHER = String.raw`(?<![\d/])(?<either>\d{1,2})[/-](?<other>\d{1,2})[/-]${YEAR}`;
const DAY_FIRST = String.raw`${WEEKDAY}\b${DAY}[ -]${MONTH_NAME},?[ -]${YEAR}`;
const MONTH_FIRST = String.raw`${WEEKDAY}\b${MONTH_NAME} {1,2}${DAY},? ${YEAR}`;
const DATES = [YEAR_FIRST, DOTTED, EITHER, DAY_FIRST, MONTH_FIRST];

/** 20260310T140321Z, 20260310 14:03:21, 20260310140321 */
const COMPACT = new RegExp(
  String.raw`\b(?<year>(?:19|20)\d{2})(?<month>\d{2})(?<day>\d{2})[T\s_-]?(?<hour>\d{2}):?(?<minute>\d{2}):?(?<second>\d{2})(?![\d])(?:[.,](?<fraction>\d{1,9}))?${ZONE}`,
  'gu',
);
/** What all other shapes have, and addresses with their ports have not. */
const HAS_CLOCK = /(?<![\d.])\d{1,2}:\d{2}|\d{4}:\d{2}:/u;
/** In the order in which they are tried: the more a shape says, the earlier. */
const SHAPES: readonly RegExp[] = [
  // 2026-03-10T14:03:21.5+08:00, 2026/03/10 14:03 UTC, 2026-3-9_4:03
  new RegExp(`${YEAR_FIRST}${GAP}${CLOCK}${ZONE}`, 'gu'),
  COMPACT,
  // 10.03.2026 14:03:21
  new RegExp(`${DOTTED}${GAP}${CLOCK}${ZONE}`, 'gu'),
  // 03/25/2026 14:03:21 and 25/03/2026 14:03:21
  new RegExp(`${EITHER}${GAP}${CLOCK}${ZONE}`, 'gu'),
  // 10/Mar/2026:14:03:21 +0000
  new RegExp(String.raw`\b(?<day>\d{1,2})/${MONTH_NAME}/${YEAR}:${CLOCK}${ZONE}`, 'gu'),
  // Tue, 10 Mar 2026 14:03:21 +0800; 10-Mar-2026 14:03
  new RegExp(`${DAY_FIRST}${GAP}${CLOCK}${ZONE}`, 'gu'),
  // Tue Mar 10 14:03:21 UTC 2026; Mar 10, 2026 14:03:21
  new RegExp(`${MONTH_FIRST}${GAP}${CLOCK}${ZONE}`, 'gu'),
  new RegExp(
    String.raw`${WEEKDAY}\b${MONTH_NAME} {1,2}(?<day>\d{1,2}) ${CLOCK}(?: (?<zone>[A-Z]{2,5}))? (?<year>\d{4})\b`,
    'gu',
  ),
  // 14:03:21 UTC on 10 March 2026
  ...DATES.map((date) => new RegExp(String.raw`(?<![\d:.])${CLOCK}${ZONE},?\s(?:on )?${date}`, 'gu')),
  // Mar 10 14:03:21, as syslog has it: the year is the reader's to know
  new RegExp(String.raw`\b${MONTH_NAME} {1,2}(?<day>\d{1,2}) ${CLOCK}`, 'gu'),
];
/** Epoch seconds from 2001 to 2033, and milliseconds. */
const EPOCH = /(?<![\d.])(?<seconds>1\d{9})(?:\.(?<fraction>\d{1,9})|(?<millis>\d{3}))?(?![\d.]*\d)/gu;

/** The times of a text in their order, and the text with `TIME_MARK` in their places. */
export interface FoundTimes {
  readonly times: readonly WrittenTime[];
  readonly rest: string;
}

/** Finds the times of a text that exist. Numbers are times only where nothing else is. */
export function findTimes(text: string, reader: TimeReader): FoundTimes {
  const times: WrittenTime[] = [];
  const take = (rest: string, shape: RegExp, read: ReadShape): string => {
    const parts: string[] = [];
    let from = 0;
    for (const match of rest.matchAll(shape)) {
      const { index } = match;
      const found = read(match, rest.slice(Math.max(0, index - LABEL_LENGTH), index));
      if (found === null) continue;
      const { length, ...time } = found;
      times.push({ ...time, start: index, end: index + length });
      parts.push(rest.slice(from, index), TIME_MARK.repeat(length));
      from = index + length;
    }
    return from === 0 ? rest : parts.join('') + rest.slice(from);
  };
  let rest = text;
  for (const shape of SHAPES) {
    if (shape !== COMPACT && !HAS_CLOCK.test(rest)) continue;
    rest = take(rest, shape, (match, label) => calendarTime(match, label, reader));
  }
  if (times.length === 0) rest = take(rest, EPOCH, epochTime);
  return { times: times.toSorted((one, other) => one.start - other.start), rest };
}

type ShapeTime = Pick<WrittenTime, 'at' | 'isLocal' | 'remark'> & { readonly length: number };
type ReadShape = (match: RegExpMatchArray, before: string) => ShapeTime | null;
type Groups = Readonly<Record<string, string | undefined>>;

function epochTime(match: RegExpMatchArray): ShapeTime {
  const { seconds = '', fraction, millis } = match.groups ?? {};
  const digits = fraction ?? millis;
  const at = digits === undefined ? seconds : `${seconds}.${digits}`;
  return { at, isLocal: false, remark: null, length: match[0].length };
}

function calendarTime(match: RegExpMatchArray, before: string, reader: TimeReader): ShapeTime | null {
  const groups: Groups = match.groups ?? {};
  const [written] = match;
  const date = dateOf(groups);
  const hour = hourOf(groups);
  if (date === undefined && hour !== null) return unclearTime(written, 'day_unclear', written.trim());
  if (date == null || hour === null) return null;
  const { minute = '', second = '00', fraction, zone } = groups;
  const day = `${groups['year'] ?? String(reader.year).padStart(4, '0')}-${date}`;
  const clock = `${hour}:${minute}:${second}`;
  if (!exists(day, clock)) return null;
  const local = `${day} ${clock}`;
  const parts = fraction === undefined ? '' : `.${fraction}`;
  const behind = zone === undefined ? null : readZone(zone, local, reader.zone);
  // A word behind a time that is no zone is no part of it.
  const length = behind === null && zone !== undefined ? lengthWithout(written, zone) : written.length;
  const label = behind === null ? zoneOfLabel(before) : null;
  const name = behind === null ? (label ?? '') : (zone ?? '');
  const read = behind ?? (label === null ? null : readZone(label, local, reader.zone));
  const plain = { isLocal: false, remark: null, length };
  switch (read?.kind) {
    case undefined:
      return { ...plain, at: `${local}${parts}`, isLocal: true };
    case 'assumed':
      return { ...plain, at: `${local}${parts}`, isLocal: true, remark: { kind: 'zone_assumed', subject: name } };
    case 'unclear':
      return unclearTime(written, 'zone_unclear', name);
    case 'twice':
      return unclearTime(written, 'twice', written.trim());
    case 'instant':
      return { ...plain, at: `${read.sec}${parts}` };
    case 'offset':
      return { ...plain, at: `${day}T${clock}${parts}${read.offset}` };
  }
}

function unclearTime(written: string, kind: ComplaintRemark['kind'], subject: string): ShapeTime {
  return { at: null, isLocal: false, remark: { kind, subject }, length: written.length };
}

function lengthWithout(written: string, zone: string): number {
  return written.slice(0, written.lastIndexOf(zone)).replace(/\s?[([]?$/u, '').length;
}

/** What stands before a time says no more of it. */
const LABEL_LENGTH = 48;
/** `Time (UTC): `, `time_utc=`, `"timestampUtc": "`: only names in capitals are no words. */
const LABEL_ZONE =
  /(?<![A-Z])(?<zone>(?:UTC|GMT)(?:\s?[+-]\d{1,2}(?::?\d{2})?)?|Utc|(?<![A-Za-z])(?:utc|gmt)|(?<![A-Za-z])[A-Z]{3,5})[)\]]?["']?[^\S\n]*(?:[:=|][^\S\n]*)?["'[(]?$/u;

function zoneOfLabel(before: string): string | null {
  return LABEL_ZONE.exec(before)?.groups?.['zone'] ?? null;
}

/** Month and day as `MM-DD`; null where there is no such month, and undefined where nobody can tell which of two it is. */
function dateOf({ day = '', month, monthName = '', either, other }: Groups): string | null | undefined {
  const pair = (one: string, two: string): string => `${one.padStart(2, '0')}-${two.padStart(2, '0')}`;
  if (either !== undefined && other !== undefined) {
    if (Number(either) > 12) return pair(other, either);
    return Number(other) > 12 || Number(either) === Number(other) ? pair(either, other) : undefined;
  }
  const number = month ?? monthNumber(monthName);
  return number === null ? null : pair(number, day);
}

/** Of clocks with 12 hours: noon is 12 pm. */
function hourOf({ hour = '', half }: Groups): string | null {
  if (half === undefined) return hour.padStart(2, '0');
  const shown = Number(hour);
  if (shown < 1 || shown > 12) return null;
  return String((shown % 12) + (half.toLowerCase().startsWith('p') ? 12 : 0)).padStart(2, '0');
}

function monthNumber(name: string): string | null {
  const index = MONTHS.indexOf(name.slice(0, 3).toLowerCase());
  return index < 0 ? null : String(index + 1).padStart(2, '0');
}

/** Entries have times up to 64 bits of nanoseconds, and one complaint of another time must not stop all others. */
const LAST_YEAR = 2261;

function exists(date: string, clock: string): boolean {
  const year = Number(date.slice(0, 4));
  if (year < 1970 || year > LAST_YEAR) return false;
  const parsed = new Date(`${date}T${clock}Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(`${date}T${clock}`);
}
