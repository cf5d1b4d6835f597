import type { TypedNode } from './functions/entry';
import { castNode, constantNode, functionNode } from './sql-build';
import { durationBetween, instantOfLocal, isFixed, isUtc, localTime, reading, type Clock } from './sql-clock';
import { asInstant, clockOf } from './sql-times';
import type { JsonNode } from './sql-json';
import { isInstant, isTime } from './sql-types';

/** What DuckDB's parser makes of INTERVAL with a unit that is an exact duration, and of one that the calendar has. */
const EXACT: readonly string[] = ['to_hours', 'to_minutes', 'to_seconds', 'to_milliseconds', 'to_microseconds'];
const CALENDAR: readonly string[] = ['to_days', 'to_weeks', 'to_months', 'to_quarters', 'to_years'];

type Sign = '+' | '-';
const signed = (sign: Sign, left: JsonNode, right: JsonNode): JsonNode => functionNode(sign, [left, right], true);

/** The months and days of an interval, without its hours and what is shorter. */
function calendarPart(interval: JsonNode): JsonNode {
  const part = (name: string): JsonNode =>
    castNode(functionNode('date_part', [constantNode('VARCHAR', name), interval]), 'INTEGER');
  const sum = (left: JsonNode, right: JsonNode): JsonNode => functionNode('+', [left, right], true);
  const parts = [
    functionNode('to_years', [part('year')]),
    functionNode('to_months', [part('month')]),
    functionNode('to_days', [part('day')]),
  ] as const;
  return sum(sum(parts[0], parts[1]), parts[2]);
}

/**
 * A time and an interval, an instant: days, weeks, months and years are those of the calendar in the time's zone, and then
 * hours and what is shorter are exact durations. A date is its midnight.
 */
export function plusInterval(sign: Sign, time: TypedNode, interval: JsonNode, clock: Clock): JsonNode {
  const zone = clockOf(time.type, clock);
  if (isUtc(zone)) return signed(sign, time.node, interval);
  const instant = asInstant(time, clock);
  const name = interval['function_name'];
  if (typeof name === 'string' && EXACT.includes(name)) return signed(sign, instant, interval);
  const byCalendar = (days: JsonNode): JsonNode => instantOfLocal(zone, signed(sign, localTime(zone, instant), days));
  if (isFixed(zone) || (typeof name === 'string' && CALENDAR.includes(name))) return byCalendar(interval);
  return reading(interval, (whole) => {
    const rest = signed('-', whole, calendarPart(whole));
    return signed(sign, byCalendar(calendarPart(whole)), rest);
  });
}

/** `+` and `-` where one side is a time; null for any other operands, which are DuckDB's own. */
export function timeArithmetic(name: string, operands: readonly TypedNode[], clock: Clock): TypedNode | null {
  const [left, right] = operands;
  if ((name !== '+' && name !== '-') || left === undefined || right === undefined) return null;
  const [time, other] = isTime(left.type) ? [left, right] : [right, left];
  if (!isTime(time.type)) return null;
  if (other.type === 'interval' && (name === '+' || time === left)) {
    const type = isInstant(time.type) ? time.type : 'timestamp';
    return { node: plusInterval(name, time, other.node, clock), type };
  }
  const areInstants = isTime(other.type) && (isInstant(time.type) || isInstant(other.type));
  const areOfUtc = isUtc(clockOf(left.type, clock)) && isUtc(clockOf(right.type, clock));
  if (name === '+' || !areInstants || areOfUtc) return null;
  return { node: durationBetween(asInstant(right, clock), asInstant(left, clock)), type: 'interval' };
}
