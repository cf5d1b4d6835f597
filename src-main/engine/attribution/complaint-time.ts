import { parseOffset } from '../../query/zone';

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
};

const CLOCK = String.raw`(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?`;
const ZONE = String.raw`(?:\s?\(?(?<zone>Z\b|[+-]\d{2}:?\d{2}\b|UTC[+-]\d{1,2}(?::\d{2})?\b|[A-Z]{2,4}\b)\)?)?`;
const MONTH_NAME = String.raw`(?<monthName>[A-Z][a-z]{2})[a-z]*\.?`;

/** In the order in which they are tried: the more a shape says, the earlier. */
const SHAPES: readonly RegExp[] = [
  // 2026-03-10T14:03:21.5+08:00, 2026/03/10 14:03 UTC
  new RegExp(String.raw`\b(?<year>\d{4})[-/](?<month>\d{2})[-/](?<day>\d{2})[T ,]{1,2}${CLOCK}${ZONE}`, 'gu'),
  // 10/Mar/2026:14:03:21 +0000
  new RegExp(String.raw`\b(?<day>\d{1,2})/${MONTH_NAME}/(?<year>\d{4}):${CLOCK}${ZONE}`, 'gu'),
  // Tue, 10 Mar 2026 14:03:21 +0800; 10-Mar-2026 14:03
  new RegExp(String.raw`\b(?<day>\d{1,2})[ -]${MONTH_NAME}[ -](?<year>\d{4})[ ,T]{1,2}(?:at )?${CLOCK}${ZONE}`, 'gu'),
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
  const { day = '', hour = '', minute = '', second = '00', fraction, monthName, zone } = groups;
  const year = groups['year'] ?? String(assumedYear).padStart(4, '0');
  const month = groups['month'] ?? monthNumber(monthName ?? '');
  const offset = zone === undefined ? undefined : offsetOf(zone);
  if (month === null) return null;
  const date = `${year}-${month}-${day.padStart(2, '0')}`;
  const clock = `${hour.padStart(2, '0')}:${minute}:${second}`;
  if (!exists(date, clock)) return null;
  // A word behind a time that is no zone is no part of it.
  if (offset === undefined) return { at: `${date} ${clock}`, isLocal: true };
  return { at: `${date}T${clock}${fraction === undefined ? '' : `.${fraction}`}${offset}`, isLocal: false };
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

/** @returns an offset as RFC 3339 has it; undefined for what names none */
function offsetOf(zone: string): string | undefined {
  const named = ZONE_NAMES[zone.toLowerCase()];
  if (named !== undefined) return named;
  const [, sign, hours, minutes = '00'] = /^(?:UTC)?([+-])(\d{1,2}):?(\d{2})?$/u.exec(zone) ?? [];
  const offset = sign === undefined || hours === undefined ? '' : `${sign}${hours.padStart(2, '0')}:${minutes}`;
  return parseOffset(offset) === null ? undefined : offset;
}
