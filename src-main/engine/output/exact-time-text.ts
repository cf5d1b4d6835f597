import { instantOf, zoneOffset, type ZoneOffset } from '../../query/zone';
import type { TimeText } from './result-cells';
import { timestampText } from './timestamp-text';

const MICROS_PER_SECOND = 1_000_000n;
/** 0001-01-01 and 10000-01-01, between which RFC 3339 writes every time. */
const FIRST_SEC = -62_135_596_800;
const END_SEC = 253_402_300_800;
/** 1000-01-01: long before the first change of any zone, and what `Date.UTC` takes as it is. */
const EARLIEST_ZONED_SEC = -30_610_224_000;
/** Asking a named zone takes microseconds, and many times are of the same second. */
const KEPT_OFFSETS = 65_536;

/**
 * Local times of a zone with their offset, `2026-11-20T15:17:42.106+08:00`: the very instant, also where the zone was not
 * whole minutes away from UTC. Of a local time that occurs twice, the first is meant. Years that have no four digits, and
 * infinite times, are written as `timestampText` does.
 *
 * @see RFC 3339 §5.6
 * @throws AppError TIME_INVALID for an unknown zone
 */
export function exactTimeText(zone: string): TimeText {
  const offsetAt = zoneOffset(zone);
  const offsets = new Map<number, number>();
  const isUtc = zone === 'UTC' || zone === 'Z';
  return (micros) => {
    const localSec = Number(
      (micros - (((micros % MICROS_PER_SECOND) + MICROS_PER_SECOND) % MICROS_PER_SECOND)) / MICROS_PER_SECOND,
    );
    if (localSec < FIRST_SEC || localSec >= END_SEC) return timestampText(micros);
    if (isUtc) return `${timestampText(micros).replace(' ', 'T')}Z`;
    let offsetSec = offsets.get(localSec);
    if (offsetSec === undefined) {
      if (offsets.size >= KEPT_OFFSETS) offsets.clear();
      offsetSec = offsetOfLocal(localSec, offsetAt);
      offsets.set(localSec, offsetSec);
    }
    const minutes = Math.floor(offsetSec / 60);
    const shown = micros - BigInt(offsetSec - minutes * 60) * MICROS_PER_SECOND;
    return `${timestampText(shown).replace(' ', 'T')}${offsetText(minutes)}`;
  };
}

function offsetOfLocal(localSec: number, offsetAt: ZoneOffset): number {
  const sec = Math.max(localSec, EARLIEST_ZONED_SEC);
  return sec - instantOf(sec, offsetAt);
}

function offsetText(minutes: number): string {
  const [hour, minute] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
