import type { ComparedEntry, UnequalSession } from './compared-entry';
import { explainSession, isSameCount, isSameTranslation, type Difference, type OtherLog } from './explain-session';

/** Zones are so many seconds apart, or times that; and at most as far as the first and the last. @see IANA time zone database */
const ZONE_STEP_SEC = 900n;
const MOST_ZONE_SEC = 14n * 3600n;
/** Entries without an equal that tell whether the clocks are set to different zones. */
const LOOKED_AT = 4096;
/** Of one five-tuple and log: each is held against all of the other. */
const MOST_OF_SESSION = 50;
const NO_SHIFT = 0n;

/**
 * Tells with each session by how many seconds the times of the second log are later for another time zone. The first
 * sessions are held back until enough of them is known; they come by five-tuple, and so from all of the time.
 *
 * @param equal gives how many entries so far have an equal: of clocks of different zones, hardly one has
 */
export async function* withZoneShift(
  sessions: AsyncGenerator<UnequalSession, void, undefined>,
  equal: () => number,
): AsyncGenerator<readonly [UnequalSession, bigint], void, undefined> {
  let held: UnequalSession[] | null = [];
  let entries = 0;
  let shiftSec = NO_SHIFT;
  for await (const session of sessions) {
    if (held === null) {
      yield [session, shiftSec];
      continue;
    }
    held.push(session);
    entries += session.rest[0].length + session.rest[1].length;
    if (entries < LOOKED_AT) continue;
    shiftSec = zoneShiftOf(held, equal());
    for (const one of held) yield [one, shiftSec];
    held = null;
  }
  if (held === null) return;
  shiftSec = zoneShiftOf(held, equal());
  for (const one of held) yield [one, shiftSec];
}

/** @returns the shift that makes most entries equal that are not; 0 where none does so for half of them, or more are equal as they are */
export function zoneShiftOf(sessions: readonly UnequalSession[], equal: number): bigint {
  const counts = new Map<bigint, number>();
  let entries: readonly [number, number] = [0, 0];
  for (const { rest } of sessions) {
    entries = [entries[0] + rest[0].length, entries[1] + rest[1].length];
    for (const shift of shiftsOf(rest)) counts.set(shift, (counts.get(shift) ?? 0) + 1);
  }
  const [best = NO_SHIFT, count = 0] = [...counts].toSorted(([, one], [, other]) => other - one)[0] ?? [];
  return count > equal && 2 * count >= Math.min(...entries) ? best : NO_SHIFT;
}

/** @returns the shifts that make an entry equal, once for each */
function shiftsOf([first, second]: UnequalSession['rest']): readonly bigint[] {
  const candidates = second.slice(0, MOST_OF_SESSION);
  return first.slice(0, MOST_OF_SESSION).flatMap((a) => {
    const shifts = candidates.filter((b) => isOtherZone(a, b)).map((b) => b.startSec - a.startSec);
    return [...new Set(shifts)];
  });
}

function isOtherZone(a: ComparedEntry, b: ComparedEntry): boolean {
  const shift = b.startSec - a.startSec;
  const isZone = shift !== 0n && shift % ZONE_STEP_SEC === 0n && shift <= MOST_ZONE_SEC && shift >= -MOST_ZONE_SEC;
  return isZone && b.endSec - a.endSec === shift && isSameTranslation(a, b) && isSameCount(a, b);
}

/** As `explainSession`, with the clock of the second log put right for its zone. */
export function explainShifted(
  host: number | null,
  { rest: [first, second] }: UnequalSession,
  [ofSecond, ofFirst]: readonly [OtherLog, OtherLog],
  shiftSec: bigint,
): readonly Difference[] {
  if (shiftSec === NO_SHIFT) return explainSession(host, first, second, [ofSecond, ofFirst]);
  const originals = new Map(second.map((b) => [shifted(b, -shiftSec), b]));
  const others = [laterBy(ofSecond, shiftSec), ofFirst] as const;
  return explainSession(host, first, [...originals.keys()], others).map((difference): Difference => {
    const b = difference.b === null ? null : (originals.get(difference.b) ?? null);
    if (difference.a === null || b === null) return { ...difference, b };
    const isEqual = difference.fields.length === 0;
    const fields = [...difference.fields.filter((field) => !TIMES.includes(field)), ...TIMES];
    return { ...difference, reason: isEqual ? 'time_zone' : difference.reason, b, fields };
  });
}

const TIMES: readonly string[] = ['start_time', 'end_time'];

function shifted(entry: ComparedEntry, sec: bigint): ComparedEntry {
  const move = (time: bigint): bigint => (time < 0n ? time : time + sec);
  const { startSec, endSec, windowStartSec } = entry;
  return { ...entry, startSec: move(startSec), endSec: move(endSec), windowStartSec: move(windowStartSec) };
}

function laterBy(log: OtherLog, sec: bigint): OtherLog {
  return {
    covers: (windowStartSec) => log.covers(windowStartSec + sec),
    hasLost: (windowStartSec) => log.hasLost(windowStartSec + sec),
    excludes: (host) => log.excludes(host),
  };
}
