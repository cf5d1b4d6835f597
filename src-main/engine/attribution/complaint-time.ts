import { isShownTwice } from '../../query/time-range';
import { instantOf, parseOffset, zoneOffset } from '../../query/zone';

/** A time as it stands in a complaint. */
export interface WrittenInstant {
  /** As `QueryRequest` takes it: RFC 3339, or a local time without a zone. */
  readonly at: string;
  /** Its place in the text. */
  readonly start: number;
  readonly end: number;
  /** It names no zone of its own. */
  readonly isLocal: boolean;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** Names that stand for one offset only; CST, IST and BST do not. @see RFC 5322 §4.3 */
const ZONE_NAMES: Readonly<Record<string, string>> = {
  z: 'Z',
  utc: 'Z',
  gmt: 'Z',
  ut: 'Z',
  est: '-05:00',
  edt: '-04:00',
  cdt: '-05:00',
  mst: '-07:00',
  mdt: '-06:00',
  pst: '-08:00',
  pdt: '-07:00',
  cet: '+01:00',
  cest: '+02:00',
  eet: '+02:00',
  eest: '+03:00',
  msk: '+03:00',
  jst: '+09:00',
  kst: '+09:00',
  hkt: '+08:00',
  sgt: '+08:00',
  hst: '-10:00',
  akst: '-09:00',
  akdt: '-08:00',
  brt: '-03:00',
  wet: 'Z',
  west: '+01:00',
  mez: '+01:00',
  mesz: '+02:00',
  sast: '+02:00',
  pkt: '+05:00',
  ict: '+07:00',
  wib: '+07:00',
  awst: '+08:00',
  acst: '+09:30',
  acdt: '+10:30',
  aest: '+10:00',
  aedt: '+11:00',
  nzst: '+12:00',
  nzdt: '+13:00',
};

const CLOCK = String.raw`(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?(?:\s?(?<half>[AaPp]\.?[Mm]\b\.?))?`;
/** The offset after `UTC` or alone, also without minutes; what goes on like a time or a number is the end of a range. */
const OFFSET = String.raw`[+-]\d{2}:?\d{2}(?![:\d])|[+-]\d{2}(?![-:.\d])`;
const ZONE = String.raw`(?:\s?[([]?(?<zone>Z\b|${OFFSET}|(?:UTC|GMT)\s?[+-]\d{1,2}(?::?\d{2})?(?![-:.\d])|[A-Z][A-Za-z]+(?:/[A-Za-z_+-]+){1,2}|[A-Z]{2,4}\b)[)\]]?)?`;
const MONTH_NAME = String.raw`(?<monthName>[A-Za-z]{3})[a-z]*\.?`;

/** In the order in which they are tried: the more a shape says, the earlier. */
const SHAPES: readonly RegExp[] = [
  // 2026-03-10T14:03:21.5+08:00, 2026/03/10 14:03 UTC, 2026-3-9_4:03
  new RegExp(String.raw`\b(?<year>\d{4})[-/.](?<month>\d{1,2})[-/.](?<day>\d{1,2})[T\s,_]{1,2}${CLOCK}${ZONE}`, 'gu'),
  // 20260310T140321Z, 20260310 14:03:21, 20260310140321
  new RegExp(
    String.raw`\b(?<year>(?:19|20)\d{2})(?<month>\d{2})(?<day>\d{2})[T\s_-]?(?<hour>\d{2}):?(?<minute>\d{2}):?(?<second>\d{2})(?![\d])(?:[.,](?<fraction>\d{1,9}))?${ZONE}`,
    'gu',
  ),
  // 10.03.2026 14:03:21: with dots, the day is first everywhere
  new RegExp(
    String.raw`(?<![\d.])(?<day>\d{1,2})\.(?<month>\d{1,2})\.(?<year>\d{4})[\s,]{1,2}(?:um )?${CLOCK}${ZONE}`,
    'gu',
  ),
  // 03/25/2026 14:03:21 and 25/03/2026 14:03:21: which is the day, the reader finds out or not
  new RegExp(
    String.raw`(?<![\d/])(?<either>\d{1,2})[/-](?<other>\d{1,2})[/-](?<year>\d{4})[\s,]{1,2}${CLOCK}${ZONE}`,
    'gu',
  ),
  // 10/Mar/2026:14:03:21 +0000
  new RegExp(String.raw`\b(?<day>\d{1,2})/${MONTH_NAME}/(?<year>\d{4}):${CLOCK}${ZONE}`, 'gu'),
  // Tue, 10 Mar 2026 14:03:21 +0800; 10-Mar-2026 14:03
  new RegExp(String.raw`\b(?<day>\d{1,2})[ -]${MONTH_NAME}[ -](?<year>\d{4})[\s,T]{1,2}(?:at )?${CLOCK}${ZONE}`, 'gu'),
  // Tue Mar 10 14:03:21 UTC 2026; Mar 10, 2026 14:03:21
  new RegExp(String.raw`\b${MONTH_NAME} {1,2}(?<day>\d{1,2}),? (?<year>\d{4}),? (?:at )?${CLOCK}${ZONE}`, 'gu'),
  new RegExp(String.raw`\b${MONTH_NAME} {1,2}(?<day>\d{1,2}) ${CLOCK}(?: (?<zone>[A-Z]{2,4}))? (?<year>\d{4})\b`, 'gu'),
  // Mar 10 14:03:21, as syslog has it: the year is the reader's to know
  new RegExp(String.raw`\b${MONTH_NAME} {1,2}(?<day>\d{1,2}) ${CLOCK}`, 'gu'),
];
/** Epoch seconds from 2001 to 2033, and milliseconds. */
const EPOCH = /(?<![\d.])(?<seconds>1\d{9})(?:\.(?<fraction>\d{1,9})|(?<millis>\d{3}))?(?![\d.]*\d)/u;

/**
 * @param year of times that do not name theirs
 * @returns the first time in the text; null where there is none that exists
 */
export function findInstant(text: string, year: number): WrittenInstant | null {
  for (const shape of SHAPES) {
    for (const match of text.matchAll(shape)) {
      const written = calendarText(match.groups ?? {}, year);
      if (written !== null) return { ...written, start: match.index, end: match.index + match[0].length };
    }
  }
  const epoch = EPOCH.exec(text);
  if (epoch === null) return null;
  const { seconds = '', fraction, millis } = epoch.groups ?? {};
  const digits = fraction ?? millis;
  const at = digits === undefined ? seconds : `${seconds}.${digits}`;
  return { at, isLocal: false, start: epoch.index, end: epoch.index + epoch[0].length };
}

type Groups = Readonly<Record<string, string | undefined>>;

function calendarText(groups: Groups, assumedYear: number): Pick<WrittenInstant, 'at' | 'isLocal'> | null {
  const { minute = '', second = '00', fraction, zone } = groups;
  const year = groups['year'] ?? String(assumedYear).padStart(4, '0');
  const date = dateOf(groups);
  const hour = hourOf(groups);
  if (date === null || hour === null) return null;
  const day = `${year}-${date}`;
  const clock = `${hour}:${minute}:${second}`;
  if (!exists(day, clock)) return null;
  const parts = fraction === undefined ? '' : `.${fraction}`;
  const instant = zone === undefined ? null : instantIn(zone, `${day} ${clock}`);
  // Which of two instants it is, nobody can tell.
  if (instant === 'twice') return null;
  if (instant !== null) return { at: `${instant}${parts}`, isLocal: false };
  const offset = zone === undefined ? undefined : offsetOf(zone);
  // A word behind a time that is no zone is no part of it.
  if (offset === undefined) return { at: `${day} ${clock}${parts}`, isLocal: true };
  return { at: `${day}T${clock}${parts}${offset}`, isLocal: false };
}

/** Month and day as `MM-DD`; null where it is not known which is which. */
function dateOf({ day = '', month, monthName = '', either, other }: Groups): string | null {
  const pair = (one: string, two: string): string => `${one.padStart(2, '0')}-${two.padStart(2, '0')}`;
  if (either !== undefined && other !== undefined) {
    if (Number(either) > 12) return pair(other, either);
    return Number(other) > 12 || either === other ? pair(either, other) : null;
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

/** Epoch seconds of a local time in a zone by its name, such as Europe/Berlin; null for what is no such name. */
function instantIn(zone: string, local: string): number | 'twice' | null {
  if (!zone.includes('/')) return null;
  try {
    if (isShownTwice({ text: local, zone })) return 'twice';
    return instantOf(Date.parse(`${local.replace(' ', 'T')}Z`) / 1000, zoneOffset(zone));
  } catch {
    return null;
  }
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

/** Kiritimati is that far ahead; what is more, or not of quarters of an hour, is another time: `14:03-15:03`. */
const MOST_OFFSET_SEC = 14 * 3600;

/** @returns an offset as RFC 3339 has it; undefined for what names none */
function offsetOf(zone: string): string | undefined {
  const named = ZONE_NAMES[zone.toLowerCase()];
  if (named !== undefined) return named;
  const [, sign, hours, minutes = '00'] = /^(?:UTC|GMT)?\s?([+-])(\d{1,2}):?(\d{2})?$/u.exec(zone) ?? [];
  const offset = sign === undefined || hours === undefined ? '' : `${sign}${hours.padStart(2, '0')}:${minutes}`;
  const seconds = parseOffset(offset);
  return seconds === null || Math.abs(seconds) > MOST_OFFSET_SEC || seconds % 900 !== 0 ? undefined : offset;
}
