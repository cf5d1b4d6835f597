import { countCandidate } from './candidates';
import { nowSec, patienceOf } from './clock';
import {
  END_CAPTURE_END,
  END_FIN,
  END_FORCED_END,
  END_IDLE,
  END_OPEN,
  END_RST,
  ENTRY_PARTIAL_WINDOW,
  ENTRY_REVISED,
} from './codes';
import { OPTION_END_AT_EDGE, does, hasOwnWindows, natAddressAt, natEipAt, windowSec } from './configuration';
import { recount } from './destination-load';
import {
  beginOwnWindows,
  findOwnSeen,
  forgetOwnWindows,
  isOwnWindowOver,
  ownSeenNsec,
  ownSeenSec,
  ownStartOf,
  takeOwn,
} from './own-windows';
import { endIfIdle } from './reaper';
import {
  MARK_CANDIDATE,
  MARK_OBSERVED,
  MARK_OWN_LAST,
  MARK_PUBLIC_ONLY,
  SESSION_BYTES,
  STATE_DEAD,
  Session,
  beginWindow,
  copySession,
  endReasonOf,
  hasEnded,
  isActive,
  naturalEndOf,
  realmOf,
} from './session';
import {
  clearRevisions,
  corrects,
  isRevision,
  isSeenLate,
  revisedWindowOf,
  revisionAt,
  revisionCount,
  revisionSeenNsec,
  revisionSeenSec,
} from './revisions';
import { findSeen, forgetSeen, seenNsec, seenSec } from './seen';
import { endSessionsAt, sessionCountNow, sessionsEnd, sessionsStart } from './session-table';

/*
 * What sessions did in the window that is open. It stands in their records; of a session that dies, the record is copied
 * into a row, so that the table of sessions holds the living only, and stays small enough for the cache however many come
 * and go within a window. When the window closes, rows and records are put in order where they are.
 */

/** Rows are kept in segments, which stay where they are, so that no growth has to move them all. */
const SEGMENT_ROWS: u32 = 1 << 12;
const SEGMENT_SHIFT: u32 = 12;
const INITIAL_SEGMENTS: u32 = 1 << 6;
/** Fewer records than this are not worth a sweep. */
const MIN_SWEEP_SIZE: u32 = 1 << 12;

/** Addresses of the segments, four octets each. */
let segments: usize = 0;
let segmentCapacity: u32 = INITIAL_SEGMENTS;
let segmentCount: u32 = 0;
/** Rows in all segments. */
let length: u32 = 0;
/** An entry of the window that closes: where its row or record is, and what of that it is sorted by. */
@unmanaged
class Place {
  record: u32;
  sessionId: u32;
  natPort: u16;
  natAddress: u16;
}
const PLACE_BYTES: u32 = 12;

/** The entries of the window that closes, in the order of `sortEntries`; so that sorting them looks at no records. */
let order: usize = 0;
let scratch: usize = 0;
let orderCapacity: u32 = 0;
let orderLength: u32 = 0;
const starts: usize = memory.data(0x10001 * 4, 8);
let sweepAtSize: u32 = MIN_SWEEP_SIZE;

export function initRows(): void {
  segments = heap.alloc(segmentCapacity * 4);
}

function rowAt(row: u32): usize {
  const segment = <usize>load<u32>(segments + (row >> SEGMENT_SHIFT) * 4);
  return segment + (row & (SEGMENT_ROWS - 1)) * SESSION_BYTES;
}

/** True when so many sessions were created since the last sweep that looking for dead ones is worth it. */
export function isSweepDue(): bool {
  return sessionCountNow() >= sweepAtSize;
}

/**
 * Ends the sessions whose time is up and forgets the dead, keeping what they did in the window. All that is done to a record
 * is done while it is in the cache.
 */
export function sweepSessions(): void {
  let kept = sessionsStart;
  for (let at = sessionsStart; at < sessionsEnd; at += SESSION_BYTES) {
    const session = changetype<Session>(at);
    endIfIdle(session);
    if (session.state == STATE_DEAD) take(at);
    else kept = keepSession(kept, at);
  }
  forgetFrom(kept);
}

/** Moves a record to where the last one that is kept ends. @returns its own end */
function keepSession(to: usize, from: usize): usize {
  if (to != from) copySession(to, from);
  return to + SESSION_BYTES;
}

/** The records that stay end there: where that is all of them, none was moved, and what leads to them is right. */
function forgetFrom(end: usize): void {
  if (end != sessionsEnd) {
    endSessionsAt(end);
    forgetOwnWindows();
    recount();
  }
  sweepAtSize = max(MIN_SWEEP_SIZE, 2 * sessionCountNow());
}

/**
 * Puts all that sessions did in the window in order. Until `clearRows` no packet may be translated.
 *
 * Entries are ordered by translated address and port: what lies together in the table is found together, so the zone maps
 * of a window lead straight to an address and port (an unbounded look-up takes 10 ms instead of 19 over ten million
 * rows [measured]). Counting sorts, linear in the entries.
 *
 * @param addressCount public addresses that occur
 * @returns entries of the window, which `emit` hands out
 */
export function closeWindow(addressCount: u32): u32 {
  makeRoom(length + sessionCountNow() + revisionCount);
  orderLength = 0;
  for (let place: u32 = 0; place < revisionCount; place++) addToOrder(revisionAt(place));
  for (let row: u32 = 0; row < length; row++) addToOrder(rowAt(row));
  for (let at = sessionsStart; at < sessionsEnd; at += SESSION_BYTES) {
    const session = changetype<Session>(at);
    if (hasOwnWindows && !hasEnded(session.state) && !isOwnWindowOver(session, nowSec)) continue;
    if (((<u32>session.marks) & MARK_CANDIDATE) != 0) countCandidate(session);
    if (isActive(session)) addToOrder(at);
  }
  sortEntries(addressCount);
  return orderLength;
}

/** Forgets dead sessions and what all did in the window, and makes the living ready for the next one. */
export function clearRows(): void {
  length = 0;
  clearRevisions();
  forgetSeen();
  let kept = sessionsStart;
  for (let at = sessionsStart; at < sessionsEnd; at += SESSION_BYTES) {
    if (changetype<Session>(at).state == STATE_DEAD) continue;
    if (!hasOwnWindows) beginWindow(changetype<Session>(at));
    kept = keepSession(kept, at);
  }
  forgetFrom(kept);
  if (hasOwnWindows) beginOwnWindows(nowSec);
}

/** Keeps what a session that dies did in the window. */
function take(at: usize): void {
  if (!isActive(changetype<Session>(at))) return;
  if (hasOwnWindows) {
    takeOwn(changetype<Session>(at));
    return;
  }
  if (length == segmentCount << SEGMENT_SHIFT) addSegment();
  copySession(rowAt(length), at);
  length++;
}

function addSegment(): void {
  if (segmentCount == segmentCapacity) {
    const old = segments;
    segmentCapacity *= 2;
    segments = heap.alloc(segmentCapacity * 4);
    memory.copy(segments, old, segmentCount * 4);
    heap.free(old);
  }
  store<u32>(segments + segmentCount * 4, <u32>heap.alloc(SEGMENT_ROWS * SESSION_BYTES));
  segmentCount++;
}

function makeRoom(entries: u32): void {
  if (entries <= orderCapacity) return;
  if (orderCapacity > 0) {
    heap.free(order);
    heap.free(scratch);
  }
  orderCapacity = max(entries, orderCapacity * 2);
  order = heap.alloc(orderCapacity * PLACE_BYTES);
  scratch = heap.alloc(orderCapacity * PLACE_BYTES);
}

function addToOrder(record: usize): void {
  const session = changetype<Session>(record);
  const place = placeAt(orderLength++);
  place.record = <u32>record;
  place.sessionId = session.sessionId;
  place.natPort = session.natPort;
  place.natAddress = session.natAddress;
}

function placeAt(index: u32): Place {
  return changetype<Place>(order + index * PLACE_BYTES);
}

function recordAt(index: u32): usize {
  return placeAt(index).record;
}

function sortEntries(addressCount: u32): void {
  if (!isInOrder()) {
    sortBy(offsetof<Place>('sessionId'));
    sortBy(offsetof<Place>('sessionId') + 2);
  }
  for (let index: u32 = 0; index < orderLength; index++) changetype<Session>(recordAt(index)).ordinal = index;
  sortBy(offsetof<Place>('natPort'));
  if (addressCount > 1) sortBy(offsetof<Place>('natAddress'));
}

/** Whether the entries are in order of their sessions' creation, as records are, which most often are all there is. */
function isInOrder(): bool {
  for (let index: u32 = 1; index < orderLength; index++) {
    if (placeAt(index).sessionId < placeAt(index - 1).sessionId) return false;
  }
  return true;
}

/** One stable pass over the 16 bits at `offset` of each place. */
function sortBy(offset: usize): void {
  memory.fill(starts, 0, 0x10001 * 4);
  const end = order + orderLength * PLACE_BYTES;
  for (let at = order; at < end; at += PLACE_BYTES) {
    const start = starts + (<u32>load<u16>(at + offset) + 1) * 4;
    store<u32>(start, load<u32>(start) + 1);
  }
  let sum: u32 = 0;
  for (let start = starts; start < starts + 0x10001 * 4; start += 4) {
    sum += load<u32>(start);
    store<u32>(start, sum);
  }
  for (let at = order; at < end; at += PLACE_BYTES) {
    const start = starts + <u32>load<u16>(at + offset) * 4;
    const target = load<u32>(start);
    store<u32>(start, target + 1);
    const to = scratch + target * PLACE_BYTES;
    store<u64>(to, load<u64>(at));
    store<u32>(to + 8, load<u32>(at + 8));
  }
  const sorted = scratch;
  scratch = order;
  order = sorted;
}

/* The entries that the host takes over, as columns of `ENTRY_ROWS` elements; see `LogEntryBatch`. */
export const ENTRY_ROWS: i32 = 4096;
export const outProtocol: usize = memory.data(ENTRY_ROWS, 8);
export const outPriIp: usize = memory.data(ENTRY_ROWS * 4, 8);
export const outPriPort: usize = memory.data(ENTRY_ROWS * 2, 8);
export const outPubIp: usize = memory.data(ENTRY_ROWS * 4, 8);
export const outPubPort: usize = memory.data(ENTRY_ROWS * 2, 8);
export const outNatIp: usize = memory.data(ENTRY_ROWS * 4, 8);
export const outNatPort: usize = memory.data(ENTRY_ROWS * 2, 8);
export const outBytesFromPub: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outPktsFromPub: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outBytesFromVpc: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outPktsFromVpc: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outOrdinal: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outSessionId: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outFirstSec: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outFirstNsec: usize = memory.data(ENTRY_ROWS * 4, 8);
export const outLastSec: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outLastNsec: usize = memory.data(ENTRY_ROWS * 4, 8);
export const outEndReason: usize = memory.data(ENTRY_ROWS, 8);
export const outFlags: usize = memory.data(ENTRY_ROWS * 2, 8);
export const outFirstPacket: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outLastPacket: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outNatEip: usize = memory.data(ENTRY_ROWS * 4, 8);
export const outNatSource: usize = memory.data(ENTRY_ROWS, 8);
export const outRealm: usize = memory.data(ENTRY_ROWS * 4, 8);
export const outIsPublicOnly: usize = memory.data(ENTRY_ROWS, 8);
export const outWindowStart: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outRevision: usize = memory.data(ENTRY_ROWS * 2, 8);
export const outMappingEndSec: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outMappingEndNsec: usize = memory.data(ENTRY_ROWS * 4, 8);
export const outSeenSec: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outSeenNsec: usize = memory.data(ENTRY_ROWS * 4, 8);
export const outIsInOrder: usize = memory.data(ENTRY_ROWS, 8);

/**
 * Fills the first `count` elements of the columns with entries in order, from place `from` on.
 *
 * @param entriesBefore entries of the windows before this one
 * @param windowFlags bits of `ENTRY_FLAG` that all of them get
 * @param windowEndSec end of the window
 */
export function emit(from: u32, count: u32, entriesBefore: f64, windowFlags: u32, windowEndSec: f64): void {
  for (let to: u32 = 0; to < count; to++) {
    const record = recordAt(from + to);
    const session = changetype<Session>(record);
    const isRevised = isRevision(record) && corrects(record);
    const windowStartSec = windowStartOf(record, windowEndSec);
    store<f64>(outWindowStart + to * 8, windowStartSec);
    store<u16>(outRevision + to * 2, isRevised ? 1 : 0);
    store<u8>(outProtocol + to, session.protocol);
    const marks: u32 = session.marks;
    const isPublicOnly = (marks & MARK_PUBLIC_ONLY) != 0;
    store<u8>(outIsPublicOnly + to, isPublicOnly ? 1 : 0);
    store<u8>(outNatSource + to, (marks & MARK_OBSERVED) != 0 ? 1 : 0);
    store<u32>(outRealm + to * 4, realmOf(session));
    store<u32>(outPriIp + to * 4, isPublicOnly ? 0 : session.priIp);
    store<u16>(outPriPort + to * 2, isPublicOnly ? 0 : <u16>(session.ports >> 16));
    store<u32>(outPubIp + to * 4, session.pubIp);
    store<u16>(outPubPort + to * 2, <u16>session.ports);
    store<u32>(outNatIp + to * 4, natAddressAt(session.natAddress));
    store<u32>(outNatEip + to * 4, natEipAt(session.natAddress));
    store<u16>(outNatPort + to * 2, session.natPort);
    store<f64>(outBytesFromPub + to * 8, joined(session.bytesFromPubHigh, session.bytesFromPub));
    store<f64>(outPktsFromPub + to * 8, session.pktsFromPub);
    store<f64>(outBytesFromVpc + to * 8, joined(session.bytesFromVpcHigh, session.bytesFromVpc));
    store<f64>(outPktsFromVpc + to * 8, session.pktsFromVpc);
    store<f64>(outOrdinal + to * 8, entriesBefore + session.ordinal);
    store<f64>(outSessionId + to * 8, session.sessionId);
    store<f64>(outFirstSec + to * 8, session.firstSec);
    store<u32>(outFirstNsec + to * 4, session.firstNsec);
    emitSeen(record, to);
    emitEnd(session, to, windowStartSec + windowSec);
    const endReason = endReasonAtClose(session, windowStartSec + windowSec);
    store<u8>(outEndReason + to, <u8>endReason);
    const ownFlags = (<u32>session.flags) | (isRevised ? ENTRY_REVISED : flagsOfWindow(windowFlags, endReason));
    store<u16>(outFlags + to * 2, <u16>ownFlags);
    store<f64>(outFirstPacket + to * 8, session.firstPacket);
    store<f64>(outLastPacket + to * 8, session.lastPacket);
  }
}

function joined(high: u32, low: u32): f64 {
  return <f64>high * 4294967296.0 + <f64>low;
}

/** When the gateway first saw the entry, where its first packet came late. */
function emitSeen(record: usize, to: u32): void {
  if (isRevision(record)) setSeen(to, isSeenLate(record), revisionSeenSec(record), revisionSeenNsec(record));
  else if (hasOwnWindows) setSeen(to, findOwnSeen(changetype<Session>(record)), ownSeenSec, ownSeenNsec);
  else setSeen(to, findSeen(changetype<Session>(record).sessionId), seenSec, seenNsec);
}

function setSeen(to: u32, isLate: bool, sec: f64, nsec: u32): void {
  store<u8>(outIsInOrder + to, isLate ? 0 : 1);
  store<f64>(outSeenSec + to * 8, sec);
  store<u32>(outSeenNsec + to * 4, nsec);
}

function windowStartOf(record: usize, windowEndSec: f64): f64 {
  if (isRevision(record)) return revisedWindowOf(record);
  return hasOwnWindows ? ownStartOf(changetype<Session>(record)) : windowEndSec - windowSec;
}

/** Of windows that begin with their session only those are not covered whose session the end of the capture has ended. */
function flagsOfWindow(windowFlags: u32, endReason: u32): u32 {
  if (!hasOwnWindows || endReason == END_CAPTURE_END || endReason == END_FORCED_END) return windowFlags;
  return windowFlags & ~ENTRY_PARTIAL_WINDOW;
}

/** Whether a session that has ended was alive when its own window was over. */
function hasOutlived(session: Session, windowEndSec: f64): bool {
  return hasOwnWindows && (session.lastSec > windowEndSec || (session.lastSec == windowEndSec && session.lastNsec > 0));
}

/** The end of the entry, and when the port of its session was free, or will be unless more packets come. */
function emitEnd(session: Session, to: u32, windowEndSec: f64): void {
  const isOver = hasEnded(session.state);
  const hasOwnLast = ((<u32>session.marks) & MARK_OWN_LAST) != 0;
  const isAliveAtEdge = !isOver || endReasonOf(session) == END_CAPTURE_END || hasOutlived(session, windowEndSec);
  if (does(OPTION_END_AT_EDGE) && isAliveAtEdge) {
    store<f64>(outLastSec + to * 8, windowEndSec);
    store<u32>(outLastNsec + to * 4, 0);
  } else {
    store<f64>(outLastSec + to * 8, hasOwnLast ? session.ownLastSec : session.lastSec);
    store<u32>(outLastNsec + to * 4, hasOwnLast ? session.ownLastNsec : session.lastNsec);
  }
  store<f64>(outMappingEndSec + to * 8, isOver ? session.lastSec : session.lastSec + patienceOf(session));
  store<u32>(outMappingEndNsec + to * 4, session.lastNsec);
}

/** A session that only waits for its port to be freed has ended for whoever reads the log. */
function endReasonAtClose(session: Session, windowEndSec: f64): u32 {
  if (hasEnded(session.state)) {
    const endReason = endReasonOf(session);
    return endReason != END_FIN && endReason != END_RST && hasOutlived(session, windowEndSec) ? END_OPEN : endReason;
  }
  const own = naturalEndOf(session.state);
  return own == END_IDLE ? END_OPEN : own;
}
