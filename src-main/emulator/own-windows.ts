import { hasOwnWindows, windowSec } from './configuration';
import { addCut } from './revisions';
import { SESSION_BYTES, Session, beginWindow, hasEnded, isActive } from './session';

/*
 * Windows that begin with their session, where the gateway has those: behind each session's record, the start of the one that is
 * open. What a session did in a window that is over is kept as a row when its next packet comes, or the window of the gateway
 * closes.
 * @see nat-gateway reference §6 "Window alignment"
 */

@unmanaged
class OwnWindow {
  startSec: f64;
  /** When the gateway first saw the window's entry, if that began late: see `hasSeen`. */
  seenSec: f64;
  seenNsec: u32;
  /** The session has had a window. */
  hasBegun: u16;
  hasSeen: u16;
}
const OWN_WINDOW_BYTES: usize = 24;

/** @returns octets of the record of a session, with its window if it has one of its own */
export function recordBytes(): usize {
  return hasOwnWindows ? SESSION_BYTES + OWN_WINDOW_BYTES : SESSION_BYTES;
}

/** A new session has no window yet. */
export function clearOwnWindow(session: usize): void {
  if (hasOwnWindows) memory.fill(session + SESSION_BYTES, 0, OWN_WINDOW_BYTES);
}

/** The record of a session moves. */
export function copyOwnWindow(to: usize, from: usize): void {
  if (hasOwnWindows) memory.copy(to + SESSION_BYTES, from + SESSION_BYTES, OWN_WINDOW_BYTES);
}

/**
 * A packet of a session is about to be counted: the session's window is over if the packet comes behind it.
 *
 * @param sec of the packet, whole
 * @returns start of the window that is open then; the packet is late if it is before that
 */
export function enterOwnWindow(session: Session, sec: f64): f64 {
  const own = ownWindowOf(session, sec);
  if (sec < own.startSec + windowSec) return own.startSec;
  if (isActive(session)) addCut(session, own.startSec, own.hasSeen != 0, own.seenSec, own.seenNsec);
  begin(own, session, sec);
  return own.startSec;
}

function begin(own: OwnWindow, session: Session, sec: f64): void {
  beginWindow(session);
  own.startSec += Math.floor((sec - own.startSec) / windowSec) * windowSec;
  own.hasSeen = 0;
}

/** The first window begins with the second of the first packet. */
function ownWindowOf(session: Session, sec: f64): OwnWindow {
  const own = ownOf(session);
  if (own.hasBegun != 0) return own;
  own.hasBegun = 1;
  own.startSec = isActive(session) ? session.firstSec : sec;
  return own;
}

function ownOf(session: Session): OwnWindow {
  return changetype<OwnWindow>(changetype<usize>(session) + SESSION_BYTES);
}

/** @returns start of the window in which the session did what its record says */
export function ownStartOf(session: Session): f64 {
  return ownOf(session).startSec;
}

/** What a session did in its window becomes a row now: it has died. */
export function takeOwn(session: Session): void {
  const own = ownOf(session);
  addCut(session, own.startSec, own.hasSeen != 0, own.seenSec, own.seenNsec);
}

/** Whether the window of a session is over by `sec`. */
export function isOwnWindowOver(session: Session, sec: f64): bool {
  return ownStartOf(session) + windowSec <= sec;
}

/** @returns end of the window of a session that is open at `sec`, which none of its packets need be in */
export function ownWindowEndAt(session: Session, sec: f64): f64 {
  const own = ownWindowOf(session, sec);
  return own.startSec + (Math.floor((sec - own.startSec) / windowSec) + 1) * windowSec;
}

/** As `noteSeen` of `seen.ts`. */
export function noteOwnSeen(session: Session, sec: f64, nsec: u32): void {
  const own = ownOf(session);
  if (own.hasSeen != 0) return;
  own.hasSeen = 1;
  own.seenSec = sec;
  own.seenNsec = nsec;
}

/* What `findOwnSeen` found. */
export let ownSeenSec: f64 = 0;
export let ownSeenNsec: u32 = 0;

/** As `findSeen` of `seen.ts`. */
export function findOwnSeen(session: Session): bool {
  const own = ownOf(session);
  ownSeenSec = own.seenSec;
  ownSeenNsec = own.seenNsec;
  return own.hasSeen != 0;
}

/** The window of the gateway has closed at `sec`: a session whose own one is over begins the next, and an ended one does no more. */
export function beginOwnWindow(session: Session, sec: f64): void {
  if (hasEnded(session.state)) {
    beginWindow(session);
    return;
  }
  const own = ownWindowOf(session, sec);
  if (own.startSec + windowSec <= sec) begin(own, session, sec);
}
