import { nowNsec, nowSec, patienceOf } from './clock';
import { Session } from './session';
import { sessionAt, sessionCountNow } from './session-table';

/*
 * When sessions can have died of idleness, at the soonest: of each group of neighbours, of each run of groups, and of all. So
 * that where new sessions are refused one after another, not all sessions are gone through for each.
 *
 * A packet that puts its session's death off changes nothing here: what is kept is never too late, and is found anew when it
 * has come. Nothing is kept before it is asked for, nor after sessions were moved.
 */

/** Sessions of a group, and groups of a run, as a shift. */
const SHIFT: u32 = 6;
const INITIAL_GROUPS: u32 = 1 << SHIFT;

@unmanaged
class Group {
  /** As `deadlineOf` has it. */
  soonest: f64;
  /** Number of its first session, by which the group of any is found. */
  firstId: u32;
}
const GROUP_BYTES: usize = 16;

let groups: usize = 0;
let groupCount: u32 = 0;
/** Groups for which there is room, a power of two. */
let capacity: u32 = 0;
/** The soonest of each run of groups; float64. */
let runs: usize = 0;
let soonestOfAll: f64 = -Infinity;
let areKept: bool = false;

/** @returns now, to be compared with deadlines: rounding moves no time past another */
export function timeNow(): f64 {
  return nowSec + <f64>nowNsec * 1e-9;
}

/** @returns when the session dies of idleness, or its port is free, if no packet comes */
export function deadlineOf(session: Session): f64 {
  return session.lastSec + patienceOf(session) + <f64>session.lastNsec * 1e-9;
}

/** Sessions have been moved, or time begins anew. */
export function forgetDeadlines(): void {
  areKept = false;
}

/** A session has been created, the last of all so far. */
export function addToDeadlines(session: Session): void {
  if (areKept && (sessionCountNow() - 1) >> SHIFT == groupCount) addGroup(session.sessionId, Infinity);
}

/** The session may die as soon as this. */
export function noteDeadlineOf(session: Session, deadline: f64): void {
  if (!areKept) return;
  const place = groupWith(session.sessionId);
  const group = groupAt(place);
  if (deadline >= group.soonest) return;
  group.soonest = deadline;
  const run = runs + (place >> SHIFT) * 8;
  store<f64>(run, min(load<f64>(run), deadline));
  soonestOfAll = min(soonestOfAll, deadline);
}

/** @returns whether some session may have died by now that has not ended */
export function isAnyDue(): bool {
  if (!areKept) keepDeadlines();
  return soonestOfAll <= timeNow();
}

export function runsNow(): u32 {
  return (groupCount + INITIAL_GROUPS - 1) >> SHIFT;
}

/** @returns whether some session of a run may have died */
export function isRunDue(run: u32): bool {
  return load<f64>(runs + run * 8) <= timeNow();
}

/** @returns the first group of the run before it, or where groups end */
export function endOfRun(run: u32): u32 {
  return min(groupCount, (run + 1) << SHIFT);
}

export function firstOfRun(run: u32): u32 {
  return run << SHIFT;
}

export function isGroupDue(group: u32): bool {
  return groupAt(group).soonest <= timeNow();
}

/** @returns the place of the first session of a group */
export function firstSessionOf(group: u32): u32 {
  return group << SHIFT;
}

/** All sessions of the group have been looked at. @param soonest what was found */
export function setSoonest(group: u32, soonest: f64): void {
  groupAt(group).soonest = soonest;
}

/** All groups of the run that were due have been looked at. */
export function sumUpRun(run: u32): void {
  let soonest = Infinity;
  for (let group = firstOfRun(run); group < endOfRun(run); group++) soonest = min(soonest, groupAt(group).soonest);
  store<f64>(runs + run * 8, soonest);
}

/** All runs that were due have been looked at. */
export function sumUpAll(): void {
  soonestOfAll = Infinity;
  for (let run: u32 = 0; run < runsNow(); run++) soonestOfAll = min(soonestOfAll, load<f64>(runs + run * 8));
}

/** From now on, of sessions of which nothing is known: all may have died. */
function keepDeadlines(): void {
  areKept = true;
  groupCount = 0;
  for (let place: u32 = 0; place < sessionCountNow(); place += 1 << SHIFT) {
    addGroup(sessionAt(place).sessionId, -Infinity);
  }
  soonestOfAll = -Infinity;
}

function groupAt(place: u32): Group {
  return changetype<Group>(groups + place * GROUP_BYTES);
}

function addGroup(firstId: u32, soonest: f64): void {
  if (groupCount == capacity) grow();
  const group = groupAt(groupCount);
  group.firstId = firstId;
  group.soonest = soonest;
  const run = runs + (groupCount >> SHIFT) * 8;
  const isFirst = (groupCount & (INITIAL_GROUPS - 1)) == 0;
  store<f64>(run, isFirst ? soonest : min(load<f64>(run), soonest));
  groupCount++;
}

/** Sessions are in order of their numbers. */
function groupWith(sessionId: u32): u32 {
  let low: u32 = 0;
  let high = groupCount - 1;
  // Most often it is one of the last.
  if (sessionId >= groupAt(high).firstId) return high;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sessionId < groupAt(middle).firstId) high = middle;
    else low = middle;
  }
  return low;
}

function grow(): void {
  const oldGroups = groups;
  const oldRuns = runs;
  capacity = max(INITIAL_GROUPS, capacity * 2);
  groups = heap.alloc(capacity * GROUP_BYTES);
  runs = heap.alloc((capacity >> SHIFT) * 8);
  if (groupCount == 0) return;
  memory.copy(groups, oldGroups, groupCount * GROUP_BYTES);
  memory.copy(runs, oldRuns, (groupCount >> SHIFT) * 8);
  heap.free(oldGroups);
  heap.free(oldRuns);
}
