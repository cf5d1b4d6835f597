import { arePrivateDue, arePublicDue, doublePrivate, doublePublic } from './bindings';
import { nowSec } from './clock';
import { hasOwnWindows } from './configuration';
import { forgetDeadlines } from './deadlines';
import { recount } from './destination-load';
import { addToOrder, beginOrder, sortPart } from './entry-order';
import { beginOwnWindow, copyOwnWindow, isOwnWindowOver, takeOwn } from './own-windows';
import { areEventsDue, doubleEvents } from './events';
import { endIfIdle, endSome } from './reaper';
import { RECORD_LIST_BYTES, RecordList, addRecord, recordAt } from './records';
import { clearRevisions, revisionAt, revisionsNow } from './revisions';
import { forgetSeen } from './seen';
import { createdSessions } from './session-opening';
import { SESSION_BYTES, STATE_DEAD, Session, beginWindow, copySession, hasEnded, isActive } from './session';
import { beginHistory, buildMappings, buildTuples, keepSessions, sessionAt, sessionCountNow } from './session-table';

/*
 * What sessions did in the window that is open. It stands in their records; of a session that dies, the record is copied
 * into a row, so that the table of sessions holds the living only, and stays small enough for the cache however many come
 * and go within a window. When the window closes, rows and records are put in order where they are.
 */

/** Fewer records than this are not worth a sweep. */
const MIN_SWEEP_SIZE: u32 = 1 << 12;
/** More sessions are gone through piece by piece, and so is what comes of their moving: a million would take 0.2 s. */
const AT_ONCE: u32 = 1 << 16;
/* What is left to do when dead sessions are looked for, the next one first. */
const CLEARING: u32 = 5;
/* And before packets come, of tables that are large and may be full soon. */
const GROWING_PRIVATE: u32 = 6;
const GROWING_PUBLIC: u32 = 7;
const GROWING_EVENTS: u32 = 8;
const SWEEPING: u32 = 4;
const TUPLES: u32 = 3;
const MAPPINGS: u32 = 2;
const LOADS: u32 = 1;
const TIDY: u32 = 0;

/** Of sessions that have died. */
const rows = changetype<RecordList>(memory.data(RECORD_LIST_BYTES, 8));
let sweepAtSize: u32 = MIN_SWEEP_SIZE;
let leftToDo: u32 = TIDY;
/** Place of the session that is looked at next, and how many before it stay. */
let nextSwept: u32 = 0;
let keptSwept: u32 = 0;
/** When the window closed that is being cleared. */
let clearedSec: f64 = 0;
/* How far the closing of a window is. */
const OPEN: u32 = 0;
const COLLECTING: u32 = 1;
const SORTING: u32 = 2;
let closing: u32 = OPEN;
/** What is collected next: revisions come first, then rows, then sessions. */
let nextCollected: u32 = 0;

/** True when so many sessions were created since the last sweep that looking for dead ones is worth it. */
export function isSweepDue(): bool {
  return sessionCountNow() >= sweepAtSize;
}

/** Ends the sessions whose time is up and forgets the dead, keeping what they did in the window: see `isUntidy`. */
export function sweepSessions(): void {
  nextSwept = 0;
  keptSwept = 0;
  leftToDo = SWEEPING;
  tidyUpIfFew();
}

/** True when many sessions were swept or moved, until `tidyUp` has done all that comes of it: no packet may be translated. */
export function isUntidy(): bool {
  return leftToDo != TIDY;
}

/** Packets are about to come, 1,024 at most before it is called again: what they need room for is made larger. See `isUntidy`. */
export function makeRoom(): void {
  if (arePrivateDue()) leftToDo = GROWING_PRIVATE;
  else if (arePublicDue()) leftToDo = GROWING_PUBLIC;
  else if (areEventsDue()) leftToDo = GROWING_EVENTS;
}

function growSome(): void {
  let isDone = false;
  if (leftToDo == GROWING_PRIVATE) isDone = doublePrivate(AT_ONCE);
  else if (leftToDo == GROWING_PUBLIC) isDone = doublePublic(AT_ONCE);
  else isDone = doubleEvents(AT_ONCE);
  if (isDone) leftToDo = TIDY;
}

/** Does a part of it. */
export function tidyUp(): void {
  if (leftToDo >= GROWING_PRIVATE) {
    growSome();
    return;
  }
  if (leftToDo == CLEARING) {
    clearSome();
    return;
  }
  if (leftToDo == SWEEPING) {
    sweepSome();
    return;
  }
  if (leftToDo == TUPLES) buildTuples();
  else if (leftToDo == MAPPINGS) buildMappings();
  else if (leftToDo == LOADS) recount();
  leftToDo--;
}

function tidyUpIfFew(): void {
  if (sessionCountNow() > AT_ONCE) return;
  while (isUntidy()) tidyUp();
}

/** All that is done to a record is done while it is in the cache. */
function sweepSome(): void {
  const end = min(sessionCountNow(), nextSwept + AT_ONCE);
  for (; nextSwept < end; nextSwept++) {
    const session = sessionAt(nextSwept);
    endIfIdle(session);
    if (session.state == STATE_DEAD) take(session);
    else keepAt(keptSwept++, session);
  }
  if (nextSwept == sessionCountNow()) keepFirst(keptSwept);
}

/** Moves a session to a place before its own, or leaves it where it is. */
function keepAt(place: u32, session: Session): void {
  const to = changetype<usize>(sessionAt(place));
  const from = changetype<usize>(session);
  if (to == from) return;
  copySession(to, from);
  copyOwnWindow(to, from);
}

/** No more sessions stay than these: where that is all of them, none was moved, and what leads to them is right. */
function keepFirst(count: u32): void {
  const wereMoved = count != sessionCountNow();
  leftToDo = wereMoved ? TUPLES : TIDY;
  if (wereMoved) {
    keepSessions(count);
    forgetDeadlines();
  }
  // At twice as many a sweep is needed half as often, and look-ups miss the cache more often than that saves [measured].
  sweepAtSize = max(MIN_SWEEP_SIZE, count + count / 2);
  tidyUpIfFew();
}

/** @returns entries that the window has at most, if it closes now */
export function entriesAtMost(): u32 {
  return revisionsNow() + rows.length + sessionCountNow();
}

/**
 * Does a part of putting all that sessions did in the window in order. Until `clearRows` no packet may be translated.
 *
 * @param addressCount public addresses that occur
 * @returns whether another part is to be done; else `emit` hands out the entries
 */
export function closeWindow(addressCount: u32): bool {
  if (closing == SORTING) return sortPart(addressCount);
  if (closing == OPEN) {
    if (!endSome(AT_ONCE)) return true;
    beginOrder(entriesAtMost());
    nextCollected = 0;
    closing = COLLECTING;
  }
  const end = min(entriesAtMost(), nextCollected + AT_ONCE);
  for (; nextCollected < end; nextCollected++) collect(nextCollected);
  if (nextCollected == entriesAtMost()) closing = SORTING;
  return true;
}

/** @param place of a revision, a row or a session, counted through all of them */
function collect(place: u32): void {
  if (place < revisionsNow()) {
    addToOrder(revisionAt(place), true);
    return;
  }
  const row = place - revisionsNow();
  if (row < rows.length) {
    addToOrder(recordAt(rows, row), false);
    return;
  }
  const session = sessionAt(row - rows.length);
  if (hasOwnWindows && !hasEnded(session.state) && !isOwnWindowOver(session, nowSec)) return;
  if (isActive(session)) addToOrder(changetype<usize>(session), false);
}

/** Forgets dead sessions and what all did in the window, and makes the living ready for the next one: see `isUntidy`. */
export function clearRows(): void {
  closing = OPEN;
  rows.length = 0;
  clearRevisions(createdSessions());
  forgetSeen();
  nextSwept = 0;
  keptSwept = 0;
  clearedSec = nowSec;
  leftToDo = CLEARING;
  tidyUpIfFew();
}

function clearSome(): void {
  const end = min(sessionCountNow(), nextSwept + AT_ONCE);
  for (; nextSwept < end; nextSwept++) {
    const session = sessionAt(nextSwept);
    if (session.state == STATE_DEAD) continue;
    if (hasOwnWindows) beginOwnWindow(session, clearedSec);
    else beginWindow(session);
    keepAt(keptSwept++, session);
  }
  if (nextSwept != sessionCountNow()) return;
  keepFirst(keptSwept);
  beginHistory();
}

/** Keeps what a session that dies did in the window. */
function take(session: Session): void {
  if (!isActive(session)) return;
  if (hasOwnWindows) takeOwn(session);
  else copySession(addRecord(rows, SESSION_BYTES), changetype<usize>(session));
}
