import { isBefore, patienceOf } from './clock';
import {
  END_CAPTURE_END,
  END_FIN,
  END_FORCED_END,
  END_IDLE,
  END_OPEN,
  END_REUSED,
  END_RST,
  ENTRY_PARTIAL_WINDOW,
  ENTRY_REVISED,
} from './codes';
import { OPTION_END_AT_EDGE, does, hasOwnWindows, natAddressAt, natEipAt, windowSec } from './configuration';
import { entryAt, isRevisionAt } from './entry-order';
import { findOwnSeen, ownSeenNsec, ownSeenSec, ownStartOf } from './own-windows';
import { corrects, isSeenLate, isWholeSession, revisedWindowOf, revisionSeenNsec, revisionSeenSec } from './revisions';
import { findSeen, seenNsec, seenSec } from './seen';
import {
  MARK_OBSERVED,
  MARK_OWN_LAST,
  MARK_PUBLIC_ONLY,
  Session,
  endReasonOf,
  hasEnded,
  naturalEndOf,
  realmOf,
} from './session';
import { addressLength, digitsOf, timeLength } from './text-length';

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
export const outEntryNo: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outSessionId: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outFirstSec: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outFirstNs: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outLastSec: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outLastNs: usize = memory.data(ENTRY_ROWS * 8, 8);
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
export const outMappingEndNs: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outSeenNs: usize = memory.data(ENTRY_ROWS * 8, 8);
export const outIsInOrder: usize = memory.data(ENTRY_ROWS, 8);
export const outValueBytes: usize = memory.data(ENTRY_ROWS * 2, 8);
export const outDestinationBytes: usize = memory.data(ENTRY_ROWS, 8);

/* Sums of the counters of the rows that were emitted last. */
export let emittedPackets: f64 = 0;
export let emittedBytes: f64 = 0;

/* Of the earliest packet. */
let firstSec: f64 = 0;
let firstNsec: u32 = 0;

/** To be told before `emit`: time of the earliest packet of the capture epoch. A window that begins before is not covered whole. */
export function setFirst(sec: f64, nsec: u32): void {
  firstSec = sec;
  firstNsec = nsec;
}

/**
 * Fills the first `count` elements of the columns with entries in order, from place `from` on.
 *
 * @param entriesBefore entries of the windows before this one
 * @param windowEndSec end of the window
 * @param isLast the capture, or its epoch, ends inside the window
 */
export function emit(from: u32, count: u32, entriesBefore: f64, windowEndSec: f64, isLast: bool): void {
  const firstEntryNo = <i64>entriesBefore;
  let packets: u64 = 0;
  let bytes: u64 = 0;
  for (let to: u32 = 0; to < count; to++) {
    if (to % FETCHED_ENTRIES == 0) fetchRecords(from + to, min(FETCHED_ENTRIES, count - to));
    const record = entryAt(from + to);
    const session = changetype<Session>(record);
    const isRevision = isRevisionAt(from + to);
    const isRevised = isRevision && corrects(record);
    const windowStartSec = windowStartOf(record, isRevision, windowEndSec);
    store<i64>(outWindowStart + to * 8, <i64>windowStartSec);
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
    const fromPub = wide(session.bytesFromPubHigh, session.bytesFromPub);
    const fromVpc = wide(session.bytesFromVpcHigh, session.bytesFromVpc);
    packets += <u64>session.pktsFromPub + session.pktsFromVpc;
    bytes += fromPub + fromVpc;
    store<u64>(outBytesFromPub + to * 8, fromPub);
    store<u64>(outPktsFromPub + to * 8, session.pktsFromPub);
    store<u64>(outBytesFromVpc + to * 8, fromVpc);
    store<u64>(outPktsFromVpc + to * 8, session.pktsFromVpc);
    store<i64>(outEntryNo + to * 8, firstEntryNo + session.ordinal);
    store<u64>(outSessionId + to * 8, session.sessionId);
    store<i64>(outFirstSec + to * 8, <i64>session.firstSec);
    store<i64>(outFirstNs + to * 8, nanosOf(session.firstSec, session.firstNsec));
    emitSeen(record, isRevision, to);
    // What came after its window was closed.
    const isBehind = isRevised || (isRevision && !hasOwnWindows);
    const endReason = isBehind ? endReasonOfLate(record) : endReasonAtClose(session, windowStartSec + windowSec);
    store<u8>(outEndReason + to, <u8>endReason);
    emitEnd(session, to, windowStartSec + windowSec, endsAtEdge(endReason) && !isRevised);
    const isCovered = hasOwnWindows
      ? isCoveredOwn(windowStartSec)
      : (!isLast || isBehind) && !isBefore(windowStartSec, 0, firstSec, firstNsec);
    const windowFlags = (isRevised ? ENTRY_REVISED : 0) | (isCovered ? 0 : ENTRY_PARTIAL_WINDOW);
    store<u16>(outFlags + to * 2, <u16>((<u32>session.flags) | windowFlags));
    store<i64>(outFirstPacket + to * 8, <i64>session.firstPacket);
    store<i64>(outLastPacket + to * 8, <i64>session.lastPacket);
    emitSizes(session, isPublicOnly, to);
  }
  emittedPackets = <f64>packets;
  emittedBytes = <f64>bytes;
}

/** The last second whose nanoseconds all fit a signed 64-bit integer is the one before: 2262-04-11T23:47:16Z. */
const LAST_NANO_SEC: f64 = 9223372036;
const LAST_NANO_NSEC: u32 = 854775807;

/** @returns epoch nanoseconds; what is later than 64 bits can hold becomes their maximum */
function nanosOf(sec: f64, nsec: u32): i64 {
  if (sec >= LAST_NANO_SEC && (sec > LAST_NANO_SEC || nsec > LAST_NANO_NSEC)) return i64.MAX_VALUE;
  return <i64>sec * 1000000000 + nsec;
}

/**
 * Windows that begin with their session begin with the second of a packet, and those that the capture ends in say so themselves.
 * But a packet that is older than its session is of a window before, which may begin before the capture.
 */
function isCoveredOwn(windowStartSec: f64): bool {
  return windowStartSec >= firstSec;
}

/** Entries lie in order of their ports, and so anywhere: their records are fetched so many at once, and not one after the other. */
const FETCHED_ENTRIES: u32 = 32;
/** Both of their cache lines. */
const SECOND_LINE: usize = 64;
const fetched: usize = memory.data(4);

/** Reads a word of each line, and does something with it, or the compiler would leave it away. */
function fetchRecords(from: u32, count: u32): void {
  let sum: u32 = 0;
  for (let index = from; index < from + count; index++) {
    const record = entryAt(index);
    sum ^= load<u32>(record) ^ load<u32>(record + SECOND_LINE);
  }
  store<u32>(fetched, sum);
}

/** Characters of the values as text; the end of the entry is there already. */
function emitSizes(session: Session, isPublicOnly: bool, to: u32): void {
  const priBytes = isPublicOnly ? 0 : addressLength(session.priIp) + digitsOf(session.ports >> 16);
  const natBytes = addressLength(natAddressAt(session.natAddress)) + digitsOf(session.natPort);
  const fromPub = digitsOf(wide(session.bytesFromPubHigh, session.bytesFromPub)) + digitsOf(session.pktsFromPub);
  const fromVpc = digitsOf(wide(session.bytesFromVpcHigh, session.bytesFromVpc)) + digitsOf(session.pktsFromVpc);
  const times = timeLength(<i64>session.firstSec) + timeLength(load<i64>(outLastSec + to * 8));
  const valueBytes = digitsOf(session.protocol) + priBytes + natBytes + fromPub + fromVpc + times;
  store<u16>(outValueBytes + to * 2, <u16>valueBytes);
  store<u8>(outDestinationBytes + to, <u8>(addressLength(session.pubIp) + digitsOf(session.ports & 0xffff)));
}

function wide(high: u32, low: u32): u64 {
  return ((<u64>high) << 32) | low;
}

/** When the gateway first saw the entry, where its first packet came late. */
function emitSeen(record: usize, isRevision: bool, to: u32): void {
  if (isRevision) setSeen(to, isSeenLate(record), revisionSeenSec(record), revisionSeenNsec(record));
  else if (hasOwnWindows) setSeen(to, findOwnSeen(changetype<Session>(record)), ownSeenSec, ownSeenNsec);
  else setSeen(to, findSeen(changetype<Session>(record).sessionId), seenSec, seenNsec);
}

function setSeen(to: u32, isLate: bool, sec: f64, nsec: u32): void {
  store<u8>(outIsInOrder + to, isLate ? 0 : 1);
  store<i64>(outSeenNs + to * 8, nanosOf(sec, nsec));
}

function windowStartOf(record: usize, isRevision: bool, windowEndSec: f64): f64 {
  if (isRevision) return revisedWindowOf(record);
  return hasOwnWindows ? ownStartOf(changetype<Session>(record)) : windowEndSec - windowSec;
}

/**
 * Whether a session that has ended was alive when its own window was over. One that is idle until the edge is dead there; what
 * happens to one at the edge is behind it.
 */
function hasOutlived(session: Session, endReason: u32, windowEndSec: f64): bool {
  if (!hasOwnWindows || session.lastSec < windowEndSec) return false;
  if (session.lastSec > windowEndSec || session.lastNsec > 0) return true;
  return endReason == END_REUSED || endReason == END_FORCED_END;
}

/**
 * In the time model `aliflow`, whether an entry ends with its window: that of a session that is alive at its end. One that was
 * closed by both sides, or reset, is not, be its port taken until its timer runs out; nor one that a clock that was set back, or
 * a change of the gateway, has ended in the window, which is over with its last packet, too. So nothing that comes behind the edge
 * makes a difference, nor does the end of the capture.
 * @see nat-gateway reference §6 "start_time / end_time"
 */
function endsAtEdge(endReason: u32): bool {
  return does(OPTION_END_AT_EDGE) && (endReason == END_OPEN || endReason == END_CAPTURE_END);
}

/**
 * The end of the entry, and when its session ended, or will unless more packets come: its port may be held back from then on.
 *
 * @param isAtEdge not with its last packet; never of what late packets add to an entry, whose own end may be the one or the other
 */
function emitEnd(session: Session, to: u32, windowEndSec: f64, isAtEdge: bool): void {
  const isOver = hasEnded(session.state);
  const hasOwnLast = ((<u32>session.marks) & MARK_OWN_LAST) != 0;
  const lastSec = isAtEdge ? windowEndSec : hasOwnLast ? session.ownLastSec : session.lastSec;
  const lastNsec: u32 = isAtEdge ? 0 : hasOwnLast ? session.ownLastNsec : session.lastNsec;
  store<i64>(outLastSec + to * 8, <i64>lastSec);
  store<i64>(outLastNs + to * 8, nanosOf(lastSec, lastNsec));
  const mappingEndSec = isOver ? session.lastSec : session.lastSec + patienceOf(session);
  store<i64>(outMappingEndNs + to * 8, nanosOf(mappingEndSec, session.lastNsec));
}

/** What came after its window was closed finds a session that has outlived that, unless late packets are all of it. */
function endReasonOfLate(record: usize): u32 {
  return isWholeSession(record) ? ownEndReason(changetype<Session>(record).state) : END_OPEN;
}

/** A session that only waits for its port to be freed has ended for whoever reads the log, by what closed it in the window. */
function endReasonAtClose(session: Session, windowEndSec: f64): u32 {
  if (hasEnded(session.state)) {
    const endReason = endReasonOf(session);
    if (endReason == END_FIN || endReason == END_RST) return endReason;
    return hasOutlived(session, endReason, windowEndSec) ? END_OPEN : endReason;
  }
  return ownEndReason(session.state);
}

/** @returns by what a live session was closed, or `END_OPEN` */
function ownEndReason(state: u32): u32 {
  const own = naturalEndOf(state);
  return own == END_IDLE ? END_OPEN : own;
}
