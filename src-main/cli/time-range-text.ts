import type { TimeResolution } from '../contract/capture-details';
import { nanosOf } from '../engine/time-text';
import { zoneOffset } from '../query/zone';

/** `Date` ends 100,000,000 days from 1970. @see ECMA-262 §21.4.1.1 */
const LAST_SEC = 8_640_000_000_000;
const NANOS_PER_SEC = 1_000_000_000n;

/**
 * Whole epoch seconds as `2026-11-20 15:17:42` in the zone; the number itself where `Date` does not reach.
 * @throws AppError TIME_INVALID for an unknown zone
 */
function localTime(epochSec: number, zone: string): string {
  const offsetAt = zoneOffset(zone);
  if (!isShown(epochSec)) return String(epochSec);
  const localSec = epochSec + offsetAt(epochSec);
  return isShown(localSec) ? utcTime(localSec) : String(epochSec);
}

function isShown(epochSec: number): boolean {
  return Math.abs(epochSec) <= LAST_SEC;
}

/** Years beyond 9999 have a sign and six digits. */
function utcTime(epochSec: number): string {
  return new Date(epochSec * 1000).toISOString().slice(0, -'.000Z'.length).replace('T', ' ');
}

/** A half-open range of epoch seconds with its zone. */
export function rangeText(range: { readonly fromSec: number; readonly toSec: number }, zone: string): string {
  return `${localTime(range.fromSec, zone)} – ${localTime(range.toSec, zone)} ${zone}`;
}

/** A whole second in the zone, which is named. @throws as `localTime` */
export function secondText(epochSec: number, zone: string): string {
  return `${localTime(epochSec, zone)} ${zone}`;
}

/** @returns what writes nanoseconds since 1970 as `2026-11-20 15:17:42.106000001` in the zone. @throws as `localTime` */
export function nanosText(zone: string): (epochNs: bigint) => string {
  const offsetAt = zoneOffset(zone);
  // Asking a named zone takes microseconds, and many times are of the same second.
  const offsets = new Map<number, number>();
  return (epochNs) => {
    const nsec = ((epochNs % NANOS_PER_SEC) + NANOS_PER_SEC) % NANOS_PER_SEC;
    const sec = Number((epochNs - nsec) / NANOS_PER_SEC);
    const offset = offsets.get(sec) ?? offsetAt(sec);
    offsets.set(sec, offset);
    return `${utcTime(sec + offset)}.${String(nsec).padStart(9, '0')}`;
  };
}

const utcNanosText = nanosText('UTC');

/** Nanoseconds since 1970 as `2026-11-20T15:17:42.106000001Z`. */
export function rfc3339Text(epochNs: bigint): string {
  return `${utcNanosText(epochNs).replace(' ', 'T')}Z`;
}

/** Epoch seconds with nanosecond digits, as text, to the nanosecond in the zone, which is named. */
export function instantText(epochText: string, zone: string): string {
  return `${nanosText(zone)(nanosOf(epochText))} ${zone}`;
}

/** Epoch seconds with nanosecond digits, as text, to milliseconds in UTC; cut, not rounded. The seconds stay where `Date` does not reach. */
export function packetTime(epochText: string): string {
  const [seconds = '0', fraction = ''] = epochText.split('.');
  const shown = isShown(Number(seconds)) ? utcTime(Number(seconds)) : seconds;
  return `${shown}.${fraction.slice(0, 3).padEnd(3, '0')}`;
}

/** The same to nanoseconds. */
export function exactTime(epochText: string): string {
  const [seconds = '0', fraction = ''] = epochText.split('.');
  const shown = isShown(Number(seconds)) ? utcTime(Number(seconds)) : seconds;
  return `${shown}.${fraction.padEnd(9, '0')}`;
}

/** @returns seconds with nine digits behind the point between two times of that kind; null without them */
export function durationSec(first: string | null, last: string | null): string | null {
  if (first === null || last === null) return null;
  const nanos = nanosOf(last) - nanosOf(first);
  return `${nanos / NANOS_PER_SEC}.${String(nanos % NANOS_PER_SEC).padStart(9, '0')}`;
}

const DECIMAL_UNITS: Readonly<Record<number, string>> = { 0: '1 s', 3: '1 ms', 6: '1 µs', 9: '1 ns' };

/** A tick of a clock: `1 µs`, `10^-7 s`, `2^-20 s`. */
export function resolutionText({ base, exponent }: TimeResolution): string {
  return (base === 10 ? DECIMAL_UNITS[exponent] : undefined) ?? `${base}^-${exponent} s`;
}
