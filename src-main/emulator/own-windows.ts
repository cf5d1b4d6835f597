import { countCandidate } from './candidates';
import { hasOwnWindows, windowSec } from './configuration';
import { hashTuple } from './hash';
import { addCut } from './revisions';
import { MARK_CANDIDATE, STATE_DEAD, Session, beginWindow, hasEnded, isActive } from './session';
import { sessionAt, sessionCountNow } from './session-table';

/*
 * Windows that begin with their session, where the gateway has those: by session, the start of the one that is open. What a
 * session did in a window that is over is kept as a row when its next packet comes, or the window of the gateway closes.
 * @see nat-gateway reference §6 "Window alignment"
 */

@unmanaged
class OwnWindow {
  startSec: f64;
  /** When the gateway first saw the window's entry, if that began late: see `hasSeen`. */
  seenSec: f64;
  seenNsec: u32;
  hasSeen: u32;
  /** 0 is a free slot. */
  sessionId: u32;
}
const OWN_WINDOW_BYTES: usize = 32;
const INITIAL_SLOTS: u32 = 1 << 10;

let slots: usize = 0;
let mask: u32 = 0;
let used: u32 = 0;

/**
 * A packet of a session is about to be counted: the session's window is over if the packet comes behind it.
 *
 * @param sec of the packet, whole
 * @returns start of the window that is open then; the packet is late if it is before that
 */
export function enterOwnWindow(session: Session, sec: f64): f64 {
  const own = ownWindowOf(session, sec);
  if (sec < own.startSec + windowSec) return own.startSec;
  if (((<u32>session.marks) & MARK_CANDIDATE) != 0) countCandidate(session);
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
  if ((used + 1) * 2 > mask) rebuild();
  const own = slotOf(session.sessionId);
  if (own.sessionId != 0) return own;
  own.sessionId = session.sessionId;
  own.startSec = isActive(session) ? session.firstSec : sec;
  used++;
  return own;
}

/** @returns start of the window in which the session did what its record says */
export function ownStartOf(session: Session): f64 {
  return slotOf(session.sessionId).startSec;
}

/** What a session did in its window becomes a row now: it has died. */
export function takeOwn(session: Session): void {
  const own = slotOf(session.sessionId);
  addCut(session, own.startSec, own.hasSeen != 0, own.seenSec, own.seenNsec);
}

/** Whether the window of a session is over by `sec`. */
export function isOwnWindowOver(session: Session, sec: f64): bool {
  return ownStartOf(session) + windowSec <= sec;
}

/** As `noteSeen` of `seen.ts`. */
export function noteOwnSeen(session: Session, sec: f64, nsec: u32): void {
  const own = slotOf(session.sessionId);
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
  const own = slotOf(session.sessionId);
  ownSeenSec = own.seenSec;
  ownSeenNsec = own.seenNsec;
  return own.hasSeen != 0;
}

/** The window of the gateway has closed at `sec`: sessions whose own one is over begin the next, and ended ones do no more. */
export function beginOwnWindows(sec: f64): void {
  for (let place: u32 = 0; place < sessionCountNow(); place++) {
    const session = sessionAt(place);
    if (session.state == STATE_DEAD) continue;
    if (hasEnded(session.state)) {
      beginWindow(session);
      continue;
    }
    const own = ownWindowOf(session, sec);
    if (own.startSec + windowSec <= sec) begin(own, session, sec);
  }
}

/** Forgets the windows of sessions whose records are gone. */
export function forgetOwnWindows(): void {
  if (hasOwnWindows) rebuild();
}

function slotOf(sessionId: u32): OwnWindow {
  return slotIn(slots, mask, sessionId);
}

/** @returns the slot of the session, or the free one where it belongs */
function slotIn(table: usize, tableMask: u32, sessionId: u32): OwnWindow {
  let at = hashTuple(sessionId, 0, 0, 0) & tableMask;
  let own = changetype<OwnWindow>(table + at * OWN_WINDOW_BYTES);
  while (own.sessionId != 0 && own.sessionId != sessionId) {
    at = (at + 1) & tableMask;
    own = changetype<OwnWindow>(table + at * OWN_WINDOW_BYTES);
  }
  return own;
}

/** Makes the table anew, with room for twice as many sessions as have records, and the windows of those. */
function rebuild(): void {
  const old = slots;
  const oldMask = mask;
  let count = INITIAL_SLOTS;
  while (count < (sessionCountNow() + 1) * 4) count *= 2;
  slots = heap.alloc(count * OWN_WINDOW_BYTES);
  memory.fill(slots, 0, count * OWN_WINDOW_BYTES);
  mask = count - 1;
  used = 0;
  if (old == 0) return;
  for (let place: u32 = 0; place < sessionCountNow(); place++) {
    const sessionId = sessionAt(place).sessionId;
    const own = slotIn(old, oldMask, sessionId);
    if (own.sessionId == 0) continue;
    memory.copy(changetype<usize>(slotOf(sessionId)), changetype<usize>(own), OWN_WINDOW_BYTES);
    used++;
  }
  heap.free(old);
}
