import { castNode, constantNode, functionNode } from './sql-build';
import type { JsonNode } from './sql-json';
import { parseOffset } from './zone';

/** What times of day mean in a statement. */
export interface Clock {
  /** `UTC`, an IANA name, or a fixed offset such as `+08:00`. */
  readonly zone: string;
  /** What `now()` gives, epoch milliseconds; null for the database's own clock. */
  readonly nowMs: number | null;
}

/** Seconds east of Greenwich of a zone without changes, null for one that has a name. */
function fixedOffset(zone: string): number | null {
  return zone === 'UTC' || zone === 'Z' ? 0 : parseOffset(zone);
}

const plus = (left: JsonNode, seconds: number): JsonNode =>
  seconds === 0 ? left : functionNode('+', [left, constantNode('INTEGER', seconds)], true);

/** The time that clocks of the zone show at an instant in epoch seconds, a TIMESTAMP. */
export function localTime(clock: Clock, epochSec: JsonNode): JsonNode {
  return localOf(clock, (shiftSec) => functionNode('to_timestamp', [plus(epochSec, shiftSec)]));
}

function localOf(clock: Clock, zoned: (shiftSec: number) => JsonNode): JsonNode {
  const offset = fixedOffset(clock.zone);
  // the database's own zone is UTC, in which the cast takes the time
  if (offset !== null) return castNode(zoned(offset), 'TIMESTAMP');
  return functionNode('timezone', [constantNode('VARCHAR', clock.zone), zoned(0)]);
}

/** Epoch seconds, a DOUBLE, of a time as clocks of the zone show it. */
export function epochOf(clock: Clock, local: JsonNode): JsonNode {
  const offset = fixedOffset(clock.zone);
  if (offset !== null) return plus(functionNode('epoch', [local]), -offset);
  return functionNode('epoch', [
    functionNode('timezone', [constantNode('VARCHAR', clock.zone), castNode(local, 'TIMESTAMP')]),
  ]);
}

/** The present, a TIMESTAMP in the zone. */
export function presentTime(clock: Clock): JsonNode {
  if (clock.nowMs !== null) {
    const seconds = castNode(constantNode('VARCHAR', String(clock.nowMs / 1000)), 'DOUBLE');
    return localTime(clock, seconds);
  }
  const now = functionNode('epoch', [functionNode('now', [])]);
  return localTime(clock, now);
}
