import { sizeOf } from './sql-check';
import { castNode, choiceNode, columnNode, comparisonNode, constantNode, functionNode, lambdaNode } from './sql-build';
import type { JsonNode } from './sql-json';
import type { TimeRange } from './time-range';
import { instantOf, parseOffset, zoneOffset } from './zone';
import { stretchesAround, type OffsetStretch } from './zone-stretches';

/**
 * Times in SQL. As in Presto, a `timestamp` is an instant: it is kept as a TIMESTAMP of UTC, and a zone gives it the date and
 * the time of day that its clocks show then. So hours and all that is shorter are exact durations; days and all that is longer
 * are those of the calendar. The functions here are between the two: `instant` is such a TIMESTAMP, `local` one that clocks show.
 */

/** A zone: `UTC`, an IANA name, or a fixed offset such as `+08:00`. */
export interface ZoneClock {
  readonly zone: string;
  /** Where the offsets are known beforehand; of any other time the database's own zones are asked, which is slow. */
  readonly stretches: readonly OffsetStretch[];
}

/** What times mean in a statement. */
export interface Clock extends ZoneClock {
  /** What `now()` gives, epoch milliseconds; null for the database's own clock. */
  readonly nowMs: number | null;
  /** The clock of another zone, over the same range. @throws AppError TIME_INVALID */
  within(zone: string): ZoneClock;
}

/** @throws AppError TIME_INVALID for an unknown zone */
export function clockOver(range: TimeRange, zone: string, nowMs: number | null): Clock {
  const within = (name: string): ZoneClock => ({
    zone: name,
    stretches: fixedOffset(name) === null ? stretchesAround(name, range) : [],
  });
  return { ...within(zone), nowMs, within };
}

/** Seconds east of Greenwich of a zone without changes, null for one that has a name. */
function fixedOffset(zone: string): number | null {
  return zone === 'UTC' || zone === 'Z' ? 0 : parseOffset(zone);
}

/** Whether clocks of the zone show instants as they are kept. */
export function isUtc({ zone }: ZoneClock): boolean {
  return fixedOffset(zone) === 0;
}

/** Whether clocks of the zone were never put forward or back. */
export function isFixed({ zone }: ZoneClock): boolean {
  return fixedOffset(zone) !== null;
}

const DAY_SEC = 86_400;
/** No change of any clock was by more, not even those over the date line. */
const LARGEST_CHANGE_SEC = 2 * DAY_SEC;
/** Seconds of the units that are exact durations. */
const EXACT_UNITS: Readonly<Record<string, number>> = { millisecond: 0.001, second: 1, minute: 60, hour: 3600 };

export const isExactUnit = (unit: string): boolean => EXACT_UNITS[unit] !== undefined;

const wide = (value: number): JsonNode => castNode(constantNode('VARCHAR', String(value)), 'BIGINT');
const plus = (left: JsonNode, right: JsonNode): JsonNode => functionNode('+', [left, right], true);
const minus = (left: JsonNode, right: JsonNode): JsonNode => functionNode('-', [left, right], true);
/** The TIMESTAMP of epoch seconds. */
const timeAt = (sec: number): JsonNode => functionNode('make_timestamp', [wide(sec * 1_000_000)]);

function later(time: JsonNode, seconds: number): JsonNode {
  if (seconds === 0) return time;
  const interval = functionNode('to_seconds', [constantNode('INTEGER', Math.abs(seconds))]);
  return seconds > 0 ? plus(time, interval) : minus(time, interval);
}

/** Nodes that may be repeated; more are evaluated once and read by a name. */
const SMALL = 16;
const BOUND = 'λi';

/** An expression that reads another one several times. */
export function reading(value: JsonNode, body: (value: JsonNode) => JsonNode): JsonNode {
  if (sizeOf(value) <= SMALL) return body(value);
  const list = functionNode('list_value', [value]);
  const each = functionNode('list_transform', [list, lambdaNode([BOUND], body(columnNode(BOUND)))]);
  return functionNode('list_extract', [each, constantNode('INTEGER', 1)]);
}

interface Branch {
  readonly fromSec: number;
  readonly toSec: number;
  readonly result: JsonNode;
}

/** The result of the branch that a time is in, or else `otherwise`. */
function branched(time: JsonNode, branches: readonly Branch[], otherwise: JsonNode): JsonNode {
  const checks = branches
    .filter(({ fromSec, toSec }) => fromSec < toSec)
    .map(({ fromSec, toSec, result }) => ({
      when_expr: {
        class: 'CONJUNCTION',
        type: 'CONJUNCTION_AND',
        alias: '',
        children: [
          comparisonNode('COMPARE_GREATERTHANOREQUALTO', time, timeAt(fromSec)),
          comparisonNode('COMPARE_LESSTHAN', time, timeAt(toSec)),
        ],
      },
      then_expr: result,
    }));
  if (checks.length === 0) return otherwise;
  return { class: 'CASE', type: 'CASE_EXPR', alias: '', case_checks: checks, else_expr: otherwise };
}

/** The instant of epoch seconds; `type` of the number. */
export function instantAt(seconds: JsonNode, type: 'integer' | 'double'): JsonNode {
  const million = wide(1_000_000);
  if (type === 'integer') {
    return functionNode('make_timestamp', [functionNode('*', [castNode(seconds, 'BIGINT'), million], true)]);
  }
  const micros = functionNode('round', [functionNode('*', [castNode(seconds, 'DOUBLE'), million], true)]);
  return functionNode('make_timestamp', [castNode(micros, 'BIGINT')]);
}

/** Epoch seconds of an instant, a DOUBLE. */
export const epochOf = (instant: JsonNode): JsonNode => functionNode('epoch', [instant]);

/** What the database's own zones say; its own zone is UTC. A cast between the two kinds of time would ask them as well. */
function askedLocal({ zone }: ZoneClock, instant: JsonNode): JsonNode {
  const zoned = functionNode('make_timestamptz', [functionNode('epoch_us', [instant])]);
  return functionNode('timezone', [constantNode('VARCHAR', zone), zoned]);
}

/** Of two instants at which clocks show the same the database takes the second, and the first is meant. @see instantOf */
function askedInstant(clock: ZoneClock, local: JsonNode): JsonNode {
  const asked = (time: JsonNode): JsonNode => {
    const zoned = functionNode('timezone', [constantNode('VARCHAR', clock.zone), time]);
    return functionNode('make_timestamp', [functionNode('epoch_us', [zoned])]);
  };
  const first = later(asked(later(local, -DAY_SEC)), DAY_SEC);
  const isShown = comparisonNode('COMPARE_EQUAL', askedLocal(clock, first), local);
  return choiceNode(isShown, first, asked(local));
}

/** The time that clocks of the zone show at an instant. */
export function localTime(clock: ZoneClock, instant: JsonNode): JsonNode {
  const offset = fixedOffset(clock.zone);
  if (offset !== null) return later(instant, offset);
  return reading(instant, (time) => {
    const branches = clock.stretches.map((stretch) => ({ ...stretch, result: later(time, stretch.offsetSec) }));
    return branched(time, branches, askedLocal(clock, time));
  });
}

/** The first local time of a stretch that its offset is the one of: those that occur twice belong to the stretch before. */
function firstLocal(stretch: OffsetStretch, before: OffsetStretch | undefined): number {
  if (before === undefined) return stretch.fromSec + stretch.offsetSec + LARGEST_CHANGE_SEC;
  return stretch.fromSec + Math.max(stretch.offsetSec, before.offsetSec);
}

/**
 * The instant at which clocks of the zone show a time: the first of two where clocks are put back, and where they are put
 * forward, what they would show without that. @see instantOf in zone.ts
 */
export function instantOfLocal(clock: ZoneClock, local: JsonNode): JsonNode {
  const offset = fixedOffset(clock.zone);
  if (offset !== null) return later(local, -offset);
  return reading(local, (time) => {
    const branches = clock.stretches.map((stretch, at, all): Branch => {
      const next = all[at + 1];
      return {
        fromSec: firstLocal(stretch, all[at - 1]),
        toSec: next === undefined ? stretch.toSec + stretch.offsetSec : firstLocal(next, stretch),
        result: later(time, -stretch.offsetSec),
      };
    });
    return branched(time, branches, askedInstant(clock, time));
  });
}

/** The unit that a local time is in: its start and the next one, in seconds. */
function unitAround(unit: string, localSec: number): { readonly startSec: number; readonly endSec: number } {
  const around = (widthSec: number, originSec = 0): { readonly startSec: number; readonly endSec: number } => {
    const startSec = Math.floor((localSec - originSec) / widthSec) * widthSec + originSec;
    return { startSec, endSec: startSec + widthSec };
  };
  const exact = EXACT_UNITS[unit];
  if (exact !== undefined) return around(Math.max(exact, 1));
  if (unit === 'day') return around(DAY_SEC);
  // weeks begin on Monday, and 1970 on a Thursday
  if (unit === 'week') return around(7 * DAY_SEC, 4 * DAY_SEC);
  const months = unit === 'month' ? 1 : unit === 'quarter' ? 3 : 12;
  const date = new Date(localSec * 1000);
  const first = Math.floor(date.getUTCMonth() / months) * months;
  const start = (month: number): number => Date.UTC(date.getUTCFullYear(), month) / 1000;
  return { startSec: start(first), endSec: start(first + months) };
}

/** The first start of a unit at a local time or after it. */
function nextStart(unit: string, localSec: number): number {
  const { startSec, endSec } = unitAround(unit, localSec);
  return startSec === localSec ? startSec : endSec;
}

/**
 * The instant at which the unit of the zone's clocks began that an instant is in. An hour that occurs twice has two starts.
 * Where the clocks are put forward or back inside of an hour, it is longer or shorter, and its start is where they first
 * show it.
 */
export function truncatedTime(clock: ZoneClock, unit: string, instant: JsonNode): JsonNode {
  const start = (local: JsonNode): JsonNode => functionNode('date_trunc', [constantNode('VARCHAR', unit), local]);
  const offset = fixedOffset(clock.zone);
  if (offset !== null) {
    const isAligned = isExactUnit(unit) && offset % Math.max(EXACT_UNITS[unit] ?? 1, 1) === 0;
    return isAligned ? start(instant) : later(start(later(instant, offset)), -offset);
  }
  return reading(instant, (time) => {
    const branches = clock.stretches.flatMap((stretch, at, all): readonly Branch[] => {
      const { offsetSec, toSec } = stretch;
      const isExact = isExactUnit(unit);
      const safeSec = isExact ? stretch.fromSec + offsetSec : firstLocal(stretch, all[at - 1]);
      const fromSec = nextStart(unit, safeSec) - offsetSec;
      const known = { fromSec, toSec, result: later(start(later(time, offsetSec)), -offsetSec) };
      if (isExact || at === 0) return [known];
      return [...changedUnit(clock, unit, stretch, Math.min(fromSec, toSec)), known];
    });
    return branched(time, branches, askedStart(clock, unit, time, start));
  });
}

/** The rest of the unit in which clocks were changed to a stretch, where it is one: it has one start. */
function changedUnit(clock: ZoneClock, unit: string, stretch: OffsetStretch, toSec: number): readonly Branch[] {
  const { fromSec, offsetSec } = stretch;
  const { startSec, endSec } = unitAround(unit, fromSec + offsetSec);
  if (toSec > endSec - offsetSec) return [];
  return [{ fromSec, toSec, result: timeAt(instantOf(startSec, zoneOffset(clock.zone))) }];
}

function askedStart(clock: ZoneClock, unit: string, instant: JsonNode, start: (local: JsonNode) => JsonNode): JsonNode {
  const local = askedLocal(clock, instant);
  if (!isExactUnit(unit)) return askedInstant(clock, start(local));
  // as long ago as the clocks say, unless they were changed meanwhile
  const within = minus(instant, functionNode('to_microseconds', [minus(micros(local), micros(start(local)))]));
  const isShown = comparisonNode('COMPARE_EQUAL', askedLocal(clock, within), start(local));
  return choiceNode(isShown, within, askedInstant(clock, start(local)));
}

const micros = (time: JsonNode): JsonNode => functionNode('epoch_us', [time]);

/** What is between two instants: exact seconds, which no calendar adds as days. */
export function durationBetween(earlier: JsonNode, instant: JsonNode): JsonNode {
  return functionNode('to_microseconds', [minus(micros(instant), micros(earlier))]);
}

/** The present, an instant. */
export function presentTime({ nowMs }: Clock): JsonNode {
  if (nowMs !== null) return functionNode('make_timestamp', [wide(nowMs * 1000)]);
  return functionNode('make_timestamp', [functionNode('epoch_us', [functionNode('now', [])])]);
}
