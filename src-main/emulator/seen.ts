import { hashTuple } from './hash';

/*
 * When entries of the open window were first seen by the gateway's clock, where that is behind their first packet, which came
 * late then: their sessions were not opened before. By session.
 */

@unmanaged
class Seen {
  sec: f64;
  nsec: u32;
  /** 0 is a free slot. */
  sessionId: u32;
}
const SEEN_BYTES: usize = 16;
const INITIAL_SLOTS: u32 = 1 << 6;

let slots: usize = 0;
let mask: u32 = 0;
let used: u32 = 0;

/* What `findSeen` found. */
export let seenSec: f64 = 0;
export let seenNsec: u32 = 0;

/** @returns whether the entry of the session began late; when it was first seen is in `seenSec` and `seenNsec` then */
export function findSeen(sessionId: u32): bool {
  if (used == 0) return false;
  const seen = slotOf(sessionId);
  if (seen.sessionId == 0) return false;
  seenSec = seen.sec;
  seenNsec = seen.nsec;
  return true;
}

/** Notes when the entry of a session was first seen; later times of the same one change nothing. */
export function noteSeen(sessionId: u32, sec: f64, nsec: u32): void {
  if ((used + 1) * 2 > mask) grow();
  const seen = slotOf(sessionId);
  if (seen.sessionId != 0) return;
  fill(seen, sessionId, sec, nsec);
}

/** The window is closed. */
export function forgetSeen(): void {
  if (used > 0) memory.fill(slots, 0, (mask + 1) * SEEN_BYTES);
  used = 0;
}

function fill(seen: Seen, sessionId: u32, sec: f64, nsec: u32): void {
  seen.sessionId = sessionId;
  seen.sec = sec;
  seen.nsec = nsec;
  used++;
}

/** @returns the slot of the session, or the free one where it belongs */
function slotOf(sessionId: u32): Seen {
  let at = hashTuple(sessionId, 0, 0, 0) & mask;
  let seen = changetype<Seen>(slots + at * SEEN_BYTES);
  while (seen.sessionId != 0 && seen.sessionId != sessionId) {
    at = (at + 1) & mask;
    seen = changetype<Seen>(slots + at * SEEN_BYTES);
  }
  return seen;
}

function grow(): void {
  const old = slots;
  const oldSlots: u32 = old == 0 ? 0 : mask + 1;
  mask = old == 0 ? INITIAL_SLOTS - 1 : mask * 2 + 1;
  slots = heap.alloc((mask + 1) * SEEN_BYTES);
  memory.fill(slots, 0, (mask + 1) * SEEN_BYTES);
  used = 0;
  for (let at: u32 = 0; at < oldSlots; at++) {
    const seen = changetype<Seen>(old + at * SEEN_BYTES);
    if (seen.sessionId != 0) fill(slotOf(seen.sessionId), seen.sessionId, seen.sec, seen.nsec);
  }
  if (old != 0) heap.free(old);
}
