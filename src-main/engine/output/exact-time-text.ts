import { zoneOffset, type ZoneOffset } from '../../query/zone';
import type { TimeText } from './result-cells';
import { timestampText } from './timestamp-text';

const MICROS_PER_SECOND = 1_000_000n;
const DAY_SEC = 86_400;
/** 0001-01-01 and 10000-01-01, between which RFC 3339 writes every time. */
const FIRST_SEC = -62_135_596_800;
const END_SEC = 253_402_300_800;
/** 1000-01-01: long before the first change of any zone, and what `Date.UTC` takes as it is. */
const EARLIEST_ZONED_SEC = -30_610_224_000;
/** Asking a named zone takes microseconds, and many times are of the same second. */
const KEPT_OFFSETS = 65_536;

/**
 * Instants as local times of a zone with their offset, `2026-11-20T15:17:42.106+08:00`, also where the zone was not whole
 * minutes away from UTC. Years that have no four digits, and infinite times, are written as `timestampText` does.
 *
 * @returns the text of microseconds since 1970
 * @see RFC 3339 §5.6
 * @throws AppError TIME_INVALID for an unknown zone
 */
export function exactTimeText(zone: string): TimeText {
  const offsetOf = keptOffsets(zoneOffset(zone));
  const isUtc = zone === 'UTC' || zone === 'Z';
  return (micros) => {
    const sec = Number(
      (micros - (((micros % MICROS_PER_SECOND) + MICROS_PER_SECOND) % MICROS_PER_SECOND)) / MICROS_PER_SECOND,
    );
    if (sec < FIRST_SEC - DAY_SEC || sec >= END_SEC + DAY_SEC) return timestampText(micros);
    const offsetSec = offsetOf(sec);
    const local = micros + BigInt(offsetSec) * MICROS_PER_SECOND;
    if (sec + offsetSec < FIRST_SEC || sec + offsetSec >= END_SEC) return timestampText(local);
    if (isUtc) return `${timestampText(micros).replace(' ', 'T')}Z`;
    const minutes = Math.floor(offsetSec / 60);
    const shown = micros + BigInt(minutes * 60) * MICROS_PER_SECOND;
    return `${timestampText(shown).replace(' ', 'T')}${offsetText(minutes)}`;
  };
}

function keptOffsets(offsetAt: ZoneOffset): ZoneOffset {
  const offsets = new Map<number, number>();
  return (sec) => {
    const known = offsets.get(sec);
    if (known !== undefined) return known;
    if (offsets.size >= KEPT_OFFSETS) offsets.clear();
    const offsetSec = offsetAt(Math.max(sec, EARLIEST_ZONED_SEC));
    offsets.set(sec, offsetSec);
    return offsetSec;
  };
}

function offsetText(minutes: number): string {
  const [hour, minute] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
