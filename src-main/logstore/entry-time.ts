import type { EntryBatch } from './entry-batch';
import { long, readLong } from './octet-values';

/** Fields that hold the time of an entry, in the order in which they are looked for. */
export const TIME_FIELDS: readonly string[] = [
  ...['__time__', '@timestamp', 'timestamp', 'time', '_time', 'ts', 'datetime', 'eventTime', 'start_time', 'start'],
  ...['time_iso8601', 'time_local', 'date'],
];

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** More digits are a finer unit: of seconds, twelve digits are the year 5138 on. */
const UNITS = [
  { below: 10n ** 11n, perSec: 1n },
  { below: 10n ** 14n, perSec: 10n ** 3n },
  { below: 10n ** 17n, perSec: 10n ** 6n },
] as const;
const NANOS_PER_SEC = 10n ** 9n;
const LARGEST_SEC = 1e11;

/** As `parseEntryTime`, of a range of octets: most times are seconds. */
export function readEntryTime(batch: EntryBatch, cell: number): number | null {
  const isLong = readLong(batch.octets, batch.cellStarts[cell]!, batch.cellEnds[cell]!);
  if (isLong && long.value >= 0 && long.value < LARGEST_SEC) return long.value;
  return parseEntryTime(batch.text(cell));
}

/**
 * The time of an entry: epoch seconds, milliseconds, microseconds or nanoseconds, as their size tells; RFC 3339 or ISO
 * 8601, with a space or T; and as web servers write it, `22/Dec/2022:06:22:23 +0800`. Without a zone it is UTC.
 *
 * @returns whole epoch seconds, rounded down; null for what is no time
 */
export function parseEntryTime(text: string): number | null {
  const number = /^(-?\d{1,19})(?:\.(\d+))?$/u.exec(text);
  if (number !== null) {
    const [, whole = '', fraction = ''] = number;
    return fromNumber(BigInt(whole), whole.startsWith('-') && /[1-9]/u.test(fraction));
  }
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

/** @returns the nanoseconds behind the whole second of a time from 1970 on that `parseEntryTime` reads */
export function nanosBehind(text: string): number {
  const [, whole, digits = ''] = /^(\d+)(?:\.(\d+))?$/u.exec(text) ?? [];
  const fraction = whole === undefined ? (/:\d\d[.,](\d+)/u.exec(text)?.[1] ?? '') : digits;
  const billionths = BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  if (whole === undefined) return Number(billionths);
  const perSec = UNITS.find(({ below }) => BigInt(whole) < below)?.perSec ?? NANOS_PER_SEC;
  const nanosPerUnit = NANOS_PER_SEC / perSec;
  return Number((BigInt(whole) % perSec) * nanosPerUnit + (billionths * nanosPerUnit) / NANOS_PER_SEC);
}

/** @param isBelow whether digits behind the point make it less than that */
function fromNumber(whole: bigint, isBelow: boolean): number {
  const size = whole < 0n ? -whole : whole;
  const perSec = UNITS.find(({ below }) => size < below)?.perSec ?? NANOS_PER_SEC;
  const rest = whole % perSec;
  return Number(whole / perSec) - (rest < 0n || (rest === 0n && isBelow) ? 1 : 0);
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
