import { nowSec } from './clock';
import { POLICY_SEQUENTIAL, portPolicy } from './configuration';
import { hashTuple } from './hash';
import { STATE_DEAD, Session } from './session';
import { sessionAt, sessionCountNow } from './session-table';

/** Rough counts; they fit the first-level cache. */
const ROUGH_COUNTS: u32 = 1 << 12;
const SLOT_BYTES: usize = 32;

/** One destination, while counts are exact. */
@unmanaged
class Slot {
  pubIp: u32;
  /** `protocol << 16 | port`. */
  service: u32;
  /** Index of the public address + 1; 0 marks a free slot. */
  natAddress: u32;
  count: u32;
  /* Of the sequential policy only: no port below the first is free before the other, a time in seconds. */
  firstFree: u32;
  searchAgainSec: f64;
}

/*
 * Live sessions by public address, protocol and destination.
 *
 * Hardly any destination comes near the limit, so at first only rough counts are kept: one for all destinations with
 * the same hash, never too low. Not before one reaches the limit are destinations counted one by one.
 */
const rough: usize = memory.data(<i32>ROUGH_COUNTS * 4);
/** Null while counts are rough. */
let exact: usize = 0;
let mask: u32 = 0;
let used: u32 = 0;

export function isExact(): bool {
  return exact != 0;
}

/** True when the exact counts have no room for another destination: `countExactly` is due before the next look-up. */
export function isFull(): bool {
  return exact != 0 && used * 2 >= mask;
}

/** Forgets destinations without sessions, after dead records were removed; counts are rough again. */
export function recount(): void {
  // Where each destination is searched on from is in its own count.
  if (portPolicy == POLICY_SEQUENTIAL) {
    countExactly();
    return;
  }
  // Rough counts are right at any time, and have nothing to forget.
  if (exact == 0) return;
  heap.free(exact);
  exact = 0;
  memory.fill(rough, 0, ROUGH_COUNTS * 4);
  countLive();
}

/** Counts each destination by itself, with room for twice as many as there are sessions. */
export function countExactly(): void {
  let slots: u32 = 1;
  while (slots < (sessionCountNow() + 1) * 4) slots *= 2;
  if (exact != 0) heap.free(exact);
  exact = heap.alloc(slots * SLOT_BYTES);
  memory.fill(exact, 0, slots * SLOT_BYTES);
  mask = slots - 1;
  used = 0;
  countLive();
}

/** @returns where the destination is counted, good until counts become exact or are forgotten */
export function findLoad(natAddress: u32, pubIp: u32, pubPort: u32, protocol: u32): u32 {
  const service = (protocol << 16) | pubPort;
  const address = natAddress + 1;
  const hash = hashTuple(pubIp, service, address, 0);
  if (exact == 0) return hash & (ROUGH_COUNTS - 1);
  let at = hash & mask;
  while (true) {
    const slot = changetype<Slot>(exact + at * SLOT_BYTES);
    if (slot.natAddress == 0) {
      slot.pubIp = pubIp;
      slot.service = service;
      slot.natAddress = address;
      used++;
      return at;
    }
    if (slot.pubIp == pubIp && slot.service == service && slot.natAddress == address) return at;
    at = (at + 1) & mask;
  }
}

export function loadAt(place: u32): u32 {
  return exact == 0 ? load<u32>(rough + place * 4) : changetype<Slot>(exact + place * SLOT_BYTES).count;
}

/** Counts a session that was opened. */
export function addLoad(session: Session, place: u32): void {
  session.load = place;
  if (exact == 0) store<u32>(rough + place * 4, load<u32>(rough + place * 4) + 1);
  else changetype<Slot>(exact + place * SLOT_BYTES).count++;
}

/** Counts a session no more: it has ended, and its port is free from now on. */
export function removeLoad(session: Session): void {
  const place = session.load;
  if (exact == 0) {
    store<u32>(rough + place * 4, load<u32>(rough + place * 4) - 1);
    return;
  }
  const slot = changetype<Slot>(exact + place * SLOT_BYTES);
  slot.count--;
  slot.firstFree = min(slot.firstFree, <u32>session.natPort);
}

/** @returns the port below which none is free towards the destination; 0 when that is not known */
export function firstFreeFrom(place: u32): u32 {
  if (exact == 0) return 0;
  const slot = changetype<Slot>(exact + place * SLOT_BYTES);
  return nowSec < slot.searchAgainSec ? slot.firstFree : 0;
}

/** No port up to this one, which is taken now, is free before `againSec`. */
export function noteSearched(place: u32, port: u32, againSec: f64): void {
  if (exact == 0) return;
  const slot = changetype<Slot>(exact + place * SLOT_BYTES);
  const isKnown = nowSec < slot.searchAgainSec;
  slot.firstFree = port + 1;
  slot.searchAgainSec = isKnown ? min(slot.searchAgainSec, againSec) : againSec;
}

/** The port that was found last stays free. */
export function forgetSearched(place: u32, port: u32): void {
  if (exact == 0) return;
  const slot = changetype<Slot>(exact + place * SLOT_BYTES);
  slot.firstFree = min(slot.firstFree, port);
}

/** A session may die at another time than it was taken for. */
export function noteDeadline(session: Session, sec: f64): void {
  if (exact == 0 || portPolicy != POLICY_SEQUENTIAL) return;
  const slot = changetype<Slot>(exact + session.load * SLOT_BYTES);
  slot.searchAgainSec = min(slot.searchAgainSec, sec);
}

function countLive(): void {
  for (let place: u32 = 0; place < sessionCountNow(); place++) {
    const session = sessionAt(place);
    if (session.state == STATE_DEAD) continue;
    addLoad(session, findLoad(session.natAddress, session.pubIp, session.ports & 0xffff, session.protocol));
  }
}
