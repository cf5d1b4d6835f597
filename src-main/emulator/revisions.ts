import { batchIpBytes, batchNsec, batchPacketNo, batchSec } from './batch';
import { isBefore, nowNsec, nowSec } from './clock';
import { COUNT_TABLE_BYTES, CountTable, clearCounts, counterOf } from './count-table';
import { MARK_OWN_LAST, SESSION_BYTES, Session, copySession } from './session';

/*
 * Packets whose window was closed when they came, by session and window: what its entry has to be corrected by.
 * @see nat-gateway reference §6 "Late packet"
 */

/**
 * A copy of the session, of which the counters and times are those of the late packets, where their window begins, and when
 * the first of them came by the gateway's clock.
 */
const REVISION_BYTES: usize = SESSION_BYTES + 24;
const INITIAL_REVISIONS: u32 = 16;

let revisions: usize = 0;
let capacity: u32 = 0;
/** Since the last window was closed. */
export let revisionCount: u32 = 0;
const places = changetype<CountTable>(memory.data(COUNT_TABLE_BYTES, 8));

/** @returns the address of a record that can be read as a session's */
export function revisionAt(place: u32): usize {
  return revisions + place * REVISION_BYTES;
}

export function isRevision(record: usize): bool {
  return record >= revisions && record < revisions + revisionCount * REVISION_BYTES;
}

export function revisedWindowOf(record: usize): f64 {
  return load<f64>(record + SESSION_BYTES);
}

export function revisionSeenSec(record: usize): f64 {
  return load<f64>(record + SESSION_BYTES + 8);
}

export function revisionSeenNsec(record: usize): u32 {
  return load<u32>(record + SESSION_BYTES + 16);
}

export function clearRevisions(): void {
  revisionCount = 0;
  clearCounts(places);
}

/** Counts the packet of a row in its session's entry of the window that it belongs to. */
export function countRevision(session: Session, row: u32, windowSec: f64, offsetSec: f64, fromVpc: bool): void {
  const sec = load<f64>(batchSec + row * 8);
  const nsec = load<u32>(batchNsec + row * 4);
  const packetNo = load<f64>(batchPacketNo + row * 8);
  const ipBytes = load<u32>(batchIpBytes + row * 4);
  const revised = changetype<Session>(revisionOf(session, sec - modulo(sec - offsetSec, windowSec)));
  const isFirst = (revised.pktsFromVpc | revised.pktsFromPub) == 0;
  if (isFirst || isBefore(sec, nsec, revised.firstSec, revised.firstNsec)) {
    revised.firstSec = sec;
    revised.firstNsec = nsec;
  }
  if (isFirst || isBefore(revised.ownLastSec, revised.ownLastNsec, sec, nsec)) {
    revised.ownLastSec = sec;
    revised.ownLastNsec = nsec;
  }
  if (isFirst) revised.firstPacket = packetNo;
  revised.lastPacket = packetNo;
  revised.count(ipBytes, fromVpc);
}

function modulo(value: f64, divisor: f64): f64 {
  return value - Math.floor(value / divisor) * divisor;
}

function revisionOf(session: Session, windowStartSec: f64): usize {
  const place = counterOf(places, session.sessionId, <u32>(<i64>windowStartSec), 0);
  if (place.count == 0) {
    add(session, windowStartSec);
    place.count = revisionCount;
  }
  return revisionAt(place.count - 1);
}

function add(session: Session, windowStartSec: f64): void {
  if (revisionCount == capacity) grow();
  const at = revisionAt(revisionCount++);
  copySession(at, changetype<usize>(session));
  store<f64>(at + SESSION_BYTES, windowStartSec);
  store<f64>(at + SESSION_BYTES + 8, nowSec);
  store<u32>(at + SESSION_BYTES + 16, nowNsec);
  const revised = changetype<Session>(at);
  revised.clearCounts();
  revised.marks |= <u8>MARK_OWN_LAST;
}

function grow(): void {
  const old = revisions;
  capacity = max(INITIAL_REVISIONS, capacity * 2);
  revisions = heap.alloc(capacity * REVISION_BYTES);
  if (old == 0) return;
  memory.copy(revisions, old, revisionCount * REVISION_BYTES);
  heap.free(old);
}
