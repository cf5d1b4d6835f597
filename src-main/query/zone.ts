import { AppError } from '../contract/errors';

/** Seconds east of Greenwich at an instant in epoch seconds. */
export type ZoneOffset = (epochSec: number) => number;

const FIXED = /^([+-])(\d{2}):(\d{2})$/u;
const DAY_SEC = 86_400;

/** @returns the offset of `+08:00` and its like in seconds, or null for other text */
export function parseOffset(text: string): number | null {
  const [, sign, hours, minutes] = FIXED.exec(text) ?? [];
  if (sign === undefined || Number(hours) > 23 || Number(minutes) > 59) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

function namedOffset(zone: string): ZoneOffset {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (epochSec) => {
    const parts = new Map(format.formatToParts(epochSec * 1000).map((part) => [part.type, Number(part.value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    return local / 1000 - epochSec;
  };
}

/**
 * The offsets of a zone: `UTC`, an IANA name, or a fixed offset such as `+08:00`.
 * @throws AppError TIME_INVALID for an unknown zone
 */
export function zoneOffset(zone: string): ZoneOffset {
  const fixed = zone === 'UTC' || zone === 'Z' ? 0 : parseOffset(zone);
  if (fixed !== null) return () => fixed;
  try {
    return namedOffset(zone);
  } catch (cause) {
    const message = `"${zone}" is no time zone: use UTC, an IANA name such as Asia/Shanghai, or an offset such as +08:00.`;
    throw new AppError('TIME_INVALID', message, { zone }, { cause });
  }
}

/**
 * The instant of a local time, both in seconds (the local one as if it were UTC). Where clocks are put back, a local
 * time occurs twice; where they are put forward, it does not occur at all. In both cases the offset in force before the
 * change is taken: the first of the two, and the time that a clock not put forward would show.
 */
export function instantOf(localSec: number, offsetAt: ZoneOffset): number {
  const before = localSec - offsetAt(localSec - DAY_SEC);
  if (before + offsetAt(before) === localSec) return before;
  const after = localSec - offsetAt(localSec + DAY_SEC);
  return after + offsetAt(after) === localSec ? after : before;
}

/** Beyond, no time is one of an entry, and zones are not asked. */
const LAST_SEC = Date.UTC(2200, 0, 1) / 1000;

/** The instant so many seconds before another: whole days are those of the zone's calendar, all else is exact. */
export function secondsBefore(epochSec: number, shiftSec: number, offsetAt: ZoneOffset): number {
  if (shiftSec % DAY_SEC !== 0 || Math.abs(epochSec) > LAST_SEC) return epochSec - shiftSec;
  return instantOf(epochSec + offsetAt(epochSec) - shiftSec, offsetAt);
}
