import { isIdleForGood, nowSec } from './clock';
import { END_CAPTURE_END, END_IDLE } from './codes';
import { timeoutOf } from './configuration';
import { removeLoad } from './destination-load';
import { SESSION_BYTES, STATE_DEAD, Session, endReasonOf } from './session';
import { sessionsEnd, sessionsStart } from './session-table';

/** No session can have died since a full search found none, before this time. */
let nothingToReapBeforeSec: f64 = -Infinity;

/** Puts a session into a state, in which its idle time counts from now on. */
export function enterState(session: Session, state: u32): void {
  session.state = <u8>state;
  nothingToReapBeforeSec = min(nothingToReapBeforeSec, nowSec + timeoutOf(state));
}

export function endSession(session: Session, endReason: u32): void {
  session.state = <u8>STATE_DEAD;
  session.endReason = <u8>endReason;
  removeLoad(session);
}

/** Why a session ends now: by its own FIN or RST if there was one, else for the reason given. */
export function naturalEnd(session: Session, otherwise: u32): u32 {
  const own = endReasonOf(session.state);
  return own == END_IDLE ? otherwise : own;
}

/** @returns true when the session is dead, having ended it if its time was up */
export function endIfIdle(session: Session): bool {
  if (session.state == STATE_DEAD) return true;
  if (!isIdleForGood(session)) return false;
  endSession(session, endReasonOf(session.state));
  return true;
}

/** Ends the sessions whose time is up. */
export function endIdleSessions(): void {
  for (let at = sessionsStart; at < sessionsEnd; at += SESSION_BYTES) endIfIdle(changetype<Session>(at));
}

/** The capture has ended, and every session with it. */
export function endAllSessions(): void {
  for (let at = sessionsStart; at < sessionsEnd; at += SESSION_BYTES) {
    const session = changetype<Session>(at);
    if (!endIfIdle(session)) endSession(session, naturalEnd(session, END_CAPTURE_END));
  }
}

/** A search through all sessions, left out while it is known that it would find nothing. */
export function reapAll(): void {
  if (nowSec < nothingToReapBeforeSec) return;
  let nextDeadline = Infinity;
  for (let at = sessionsStart; at < sessionsEnd; at += SESSION_BYTES) {
    const session = changetype<Session>(at);
    if (!endIfIdle(session)) nextDeadline = min(nextDeadline, session.lastSec + timeoutOf(session.state));
  }
  nothingToReapBeforeSec = nextDeadline;
}
