/** Fields that hold the time of an entry, in the order in which they are looked for. */
export const TIME_FIELDS: readonly string[] = [
  ...['__time__', '@timestamp', 'timestamp', 'time', '_time', 'ts', 'datetime', 'eventTime', 'start_time', 'start'],
  ...['time_iso8601', 'time_local', 'date'],
];

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** More digits are a finer unit: of seconds, twelve digits are the year 5138 on. */
const UNITS = [
  { below: 1e11, perSec: 1 },
  { below: 1e14, perSec: 1e3 },
  { below: 1e17, perSec: 1e6 },
  { below: Infinity, perSec: 1e9 },
] as const;

/**
 * The time of an entry: epoch seconds, milliseconds, microseconds or nanoseconds, as their size tells; RFC 3339 or ISO
 * 8601, with a space or T; and as web servers write it, `22/Dec/2022:06:22:23 +0800`. Without a zone it is UTC.
 *
 * @returns whole epoch seconds, rounded down; null for what is no time
 */
export function parseEntryTime(text: string): number | null {
  if (/^-?\d{1,19}(?:\.\d+)?$/u.test(text)) return fromNumber(Number(text));
  const iso = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|z|[+-]\d\d:?\d\d)?)?$/u.exec(
    text,
  );
  if (iso !== null) {
    const [, year, month, day, hour = '0', minute = '0', second = '0', zone] = iso;
    return fromParts([year, month, day, hour, minute, second].map(Number), zone);
  }
  const web = /^(\d\d)\/([A-Za-z]{3})\/(\d{4}):(\d\d):(\d\d):(\d\d)(?: ([+-]\d{4}))?$/u.exec(text);
  if (web === null) return null;
  const [, day, monthName = '', year, hour, minute, second, zone] = web;
  const month = MONTHS.indexOf(monthName.toLowerCase()) + 1;
  return month === 0 ? null : fromParts([Number(year), month, ...[day, hour, minute, second].map(Number)], zone);
}

function fromNumber(value: number): number {
  const unit = UNITS.find(({ below }) => Math.abs(value) < below) ?? UNITS[3];
  return Math.floor(value / unit.perSec);
}

function fromParts(parts: readonly number[], zone: string | undefined): number | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(ms);
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 61;
  return isReal ? ms / 1000 - zoneSec(zone) : null;
}

function zoneSec(zone: string | undefined): number {
  if (zone === undefined || /^z$/iu.test(zone)) return 0;
  const digits = zone.replace(':', '');
  const sec = Number(digits.slice(1, 3)) * 3600 + Number(digits.slice(3)) * 60;
  return digits.startsWith('-') ? -sec : sec;
}
