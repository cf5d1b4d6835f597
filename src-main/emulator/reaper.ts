import {
  addEndpoint,
  boundAddress,
  boundPort,
  findBinding,
  releaseBinding,
  releaseEndpoint,
  returnBinding,
} from './bindings';
import { settleCandidate } from './candidates';
import { isBefore, isIdleForGood, nowNsec, nowSec, patienceOf } from './clock';
import { forgetContact } from './contacts';
import { END_CAPTURE_END, END_FORCED_END, END_IDLE, ENTRY_PARTIAL_WINDOW, PROTOCOL_SCTP } from './codes';
import { OPTION_DROP_EXPIRED, does, hasOwnWindows, holdsPorts, portHoldOf, timeoutOf } from './configuration';
import {
  addToDeadlines,
  deadlineOf,
  endOfRun,
  firstOfRun,
  firstSessionOf,
  isAnyDue,
  isGroupDue,
  isRunDue,
  noteDeadlineOf,
  runsNow,
  setSoonest,
  sumUpAll,
  sumUpRun,
  timeNow,
} from './deadlines';
import { addLoad, countExactly, findLoad, isFull, noteDeadline, removeLoad } from './destination-load';
import { isBeginning, rememberExpired } from './expired';
import { forgetHostSession, returnHostSession } from './limits';
import { isOwnWindowOver, ownWindowEndAt } from './own-windows';
import { releaseBlock } from './port-blocks';
import { releaseOfClass, takeOfClass } from './port-classes';
import {
  MARK_CANDIDATE,
  MARK_OWN_LAST,
  STATE_DEAD,
  STATE_HELD,
  STATE_RESET,
  STATE_FIN_BOTH,
  Session,
  hasEnded,
  naturalEndOf,
  protocolPlace,
  setEndReason,
} from './session';
import { sessionAt, sessionCountNow } from './session-table';

/** Sessions that have not ended. */
export let liveSessions: u32 = 0;

export function countOpened(session: Session): void {
  liveSessions++;
  addToDeadlines(session);
}

/** Puts a session into a state, in which its idle time counts from now on. */
export function enterState(session: Session, state: u32): void {
  session.state = <u8>state;
  const timeoutSec = timeoutOf(state);
  noteDeadlineOf(session, timeNow() + timeoutSec);
  noteDeadline(session, nowSec + timeoutSec);
}

/** The session's idle time does not count from now on, but from its own last time. */
export function noteOwnDeadline(session: Session): void {
  noteDeadlineOf(session, deadlineOf(session));
  noteDeadline(session, session.lastSec + patienceOf(session));
}

/**
 * Ends a session: now, or when its time was up if it was idle for that long. That is its last time from then on; the one of
 * its last packet is kept beside.
 *
 * @param otherwise why, unless by its own FIN or RST
 */
export function endSession(session: Session, otherwise: u32): void {
  if (isIdleForGood(session)) endAt(session, otherwise, session.lastSec + timeoutOf(session.state), session.lastNsec);
  else endAt(session, otherwise, nowSec, nowNsec);
}

function endAt(session: Session, otherwise: u32, sec: f64, nsec: u32): void {
  if (((<u32>session.marks) & MARK_CANDIDATE) != 0) settleCandidate(session);
  liveSessions--;
  setEndReason(session, naturalEnd(session, otherwise));
  forgetContact(session);
  releaseBinding(session);
  forgetHostSession(session);
  keepOwnLast(session);
  session.lastSec = sec;
  session.lastNsec = nsec;
  if (!isHeldBack(session)) {
    free(session);
    return;
  }
  session.state = <u8>STATE_HELD;
  noteOwnDeadline(session);
  if (isIdleForGood(session)) free(session);
}

/** Whether the port of a session is not free when it ends. */
function isHeldBack(session: Session): bool {
  return holdsPorts && portHoldOf(protocolPlace(session.protocol)) > 0;
}

/* Of the session that is suspended. */
let suspendedState: u32 = 0;
let suspendedAddress: u32 = 0;
let suspendedPort: u32 = 0;
let suspendedLastSec: f64 = 0;
let suspendedLastNsec: u32 = 0;

/**
 * What ends with a live session counts as if it had ended, until `resume`: whether a new one could follow it can be asked then. Its
 * block, where it has one, stays its host's: a free port in it is as good as a free block.
 */
export function suspend(session: Session): void {
  liveSessions--;
  suspendedState = session.state;
  suspendedLastSec = session.lastSec;
  suspendedLastNsec = session.lastNsec;
  findBinding(session.priIp, session.ports >> 16, session.protocol);
  suspendedAddress = boundAddress;
  suspendedPort = boundPort;
  releaseBinding(session);
  forgetHostSession(session);
  if (isHeldBack(session)) {
    session.state = <u8>STATE_HELD;
    setLast(session);
    return;
  }
  session.state = <u8>STATE_DEAD;
  removeLoad(session);
  releaseOfClass(session);
  releaseEndpoint(session);
}

/** The session lives on as if nothing had been. */
export function resume(session: Session): void {
  liveSessions++;
  returnHostSession(session);
  if (session.state == STATE_DEAD) {
    if (isFull()) countExactly();
    addLoad(session, findLoad(session.natAddress, session.pubIp, session.ports & 0xffff, session.protocol));
    takeOfClass(session);
    addEndpoint(session);
  }
  returnBinding(session, suspendedAddress, suspendedPort);
  session.state = <u8>suspendedState;
  session.lastSec = suspendedLastSec;
  session.lastNsec = suspendedLastNsec;
  noteOwnDeadline(session);
}

function setLast(session: Session): void {
  session.lastSec = nowSec;
  session.lastNsec = nowNsec;
}

/** The time of the last packet is about to differ from the one that idleness counts from. */
export function keepOwnLast(session: Session): void {
  if (((<u32>session.marks) & MARK_OWN_LAST) != 0) return;
  session.ownLastSec = session.lastSec;
  session.ownLastNsec = session.lastNsec;
  session.marks |= <u8>MARK_OWN_LAST;
}

/** Lets the port of a session go that has ended. */
export function free(session: Session): void {
  const heldSec = session.state == STATE_HELD ? patienceOf(session) : 0;
  session.state = <u8>STATE_DEAD;
  removeLoad(session);
  releaseOfClass(session);
  releaseEndpoint(session);
  // All ports are free when the capture ends, held or not.
  const isHeldOn = isBefore(nowSec, nowNsec, session.lastSec + heldSec, session.lastNsec);
  releaseBlock(session, isHeldOn ? nowSec : session.lastSec + heldSec, isHeldOn ? nowNsec : session.lastNsec);
}

/** Why a session ends now: by its own FIN or RST if there was one, else for the reason given. */
function naturalEnd(session: Session, otherwise: u32): u32 {
  const own = naturalEndOf(session.state);
  return own == END_IDLE ? otherwise : own;
}

/** @returns true when the session has ended, having ended it if its time was up */
export function endIfIdle(session: Session): bool {
  if (hasEnded(session.state)) {
    if (session.state == STATE_HELD && isIdleForGood(session)) free(session);
    return true;
  }
  if (!isIdleForGood(session)) return false;
  if (isToBeRemembered(session)) rememberExpired(session);
  endSession(session, END_IDLE);
  return true;
}

/** Whether it matters later that a session has died, which does now. */
function isToBeRemembered(session: Session): bool {
  if (session.protocol == PROTOCOL_SCTP) return isBeginning();
  return does(OPTION_DROP_EXPIRED) && <u32>session.state != STATE_FIN_BOTH && <u32>session.state != STATE_RESET;
}

/** @returns true when the port of the session is free, having ended it if its time was up */
export function hasFreePort(session: Session): bool {
  endIfIdle(session);
  return session.state == STATE_DEAD;
}

/** Ends the sessions whose time is up. */
export function endIdleSessions(): void {
  for (let place: u32 = 0; place < sessionCountNow(); place++) endIfIdle(sessionAt(place));
}

/* What is to end before the window closes, in this order. */
let endsIdle: bool = false;
let endsAll: bool = false;
let allEndFor: u32 = END_CAPTURE_END;
/** Place of the session that is looked at next. */
let nextEnded: u32 = 0;

/** Sessions are to end whose time is up: see `endSome`. */
export function beginEndingIdle(): void {
  endsIdle = true;
}

/** The capture has ended, or its clock was set back, and every session is to end with it, and every port to be free. */
export function beginEndingAll(isForced: bool): void {
  endsAll = true;
  allEndFor = isForced ? END_FORCED_END : END_CAPTURE_END;
}

/** Ends some of those sessions that are to end, of so many at most. @returns whether all have ended */
export function endSome(atMost: u32): bool {
  if (!endsIdle && !endsAll) return true;
  const end = min(sessionCountNow(), nextEnded + atMost);
  if (endsIdle) for (; nextEnded < end; nextEnded++) endIfIdle(sessionAt(nextEnded));
  else for (; nextEnded < end; nextEnded++) endWithAll(sessionAt(nextEnded));
  if (nextEnded < sessionCountNow()) return false;
  nextEnded = 0;
  if (endsIdle) endsIdle = false;
  else endsAll = false;
  return !endsAll;
}

/** The capture has ended, though time goes on: see `noteCutOff`. */
export function noteAllCutOff(): void {
  if (!hasOwnWindows) return;
  for (let place: u32 = 0; place < sessionCountNow(); place++) {
    const session = sessionAt(place);
    if (!endIfIdle(session)) noteCutOff(session);
  }
}

/** Of windows that begin with their session, those that are not over by the end of the capture are not covered whole. */
function noteCutOff(session: Session): void {
  if (hasOwnWindows && !isOwnWindowOver(session, nowSec)) session.flags |= <u16>ENTRY_PARTIAL_WINDOW;
}

function endWithAll(session: Session): void {
  if (!endIfIdle(session)) {
    noteCutOff(session);
    if (allEndFor == END_CAPTURE_END) endWithCapture(session);
    else endSession(session, allEndFor);
  }
  if (session.state == STATE_HELD) free(session);
}

/**
 * The last window is sealed when the capture has ended, as if time went on until its end: who is idle by then died of that, whether
 * or not a packet of others came meanwhile, and one that was closed only waits for its timer.
 * @see nat-gateway reference §4.2 rule 9; §6 "Sealing"; §7 scenario 7
 */
function endWithCapture(session: Session): void {
  const edgeSec = hasOwnWindows ? ownWindowEndAt(session, nowSec) : nowSec;
  const deathSec = session.lastSec + timeoutOf(session.state);
  const isClosed = naturalEndOf(session.state) != END_IDLE;
  if (isClosed || !isBefore(edgeSec, 0, deathSec, session.lastNsec)) {
    endAt(session, END_IDLE, deathSec, session.lastNsec);
  } else {
    endAt(session, END_CAPTURE_END, edgeSec, 0);
  }
}

/** Ends the sessions whose time is up, too, but looks only where there may be some. */
export function reapAll(): void {
  if (!isAnyDue()) return;
  for (let run: u32 = 0; run < runsNow(); run++) {
    if (!isRunDue(run)) continue;
    for (let group = firstOfRun(run); group < endOfRun(run); group++) if (isGroupDue(group)) reapGroup(group);
    sumUpRun(run);
  }
  sumUpAll();
}

function reapGroup(group: u32): void {
  let soonest = Infinity;
  const end = min(sessionCountNow(), firstSessionOf(group + 1));
  for (let place = firstSessionOf(group); place < end; place++) {
    const session = sessionAt(place);
    endIfIdle(session);
    if (session.state != STATE_DEAD) soonest = min(soonest, deadlineOf(session));
  }
  setSoonest(group, soonest);
}
