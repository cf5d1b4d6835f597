import { batchIpBytes, batchNsec, batchPacketNo, batchSec } from './batch';
import { isBefore, nowNsec, nowSec } from './clock';
import { hasOwnWindows, windowSec } from './configuration';
import { COUNT_TABLE_BYTES, CountTable, clearCounts, countOf, counterOf } from './count-table';
import { RECORD_LIST_BYTES, RecordList, addRecord, recordAt } from './records';
import { MARK_OWN_LAST, SESSION_BYTES, Session, beginWindow, copySession } from './session';

/*
 * Rows of other windows than the one that is open: packets whose window was closed when they came, or when it was clear whose they
 * are, by session and window, which is what its entry has to be corrected by, unless it has none; and what sessions did in windows of
 * their own that are over.
 * @see nat-gateway reference §6 "Late packet"
 */

/**
 * A copy of the session, of which the counters and times are those of the row; then the start of its window, when the gateway
 * first saw it by its clock, and what made it: one of these.
 */
const REVISION_BYTES: usize = SESSION_BYTES + 24;
/** What came in time made the row, which corrects nothing. */
const IN_TIME: u32 = 0;
/** Late packets made it. */
const BY_LATE: u32 = 1;
/** The first of them has opened the session, too, of which no other packet came before. */
const BY_OPENING: u32 = 2;

const revisions = changetype<RecordList>(memory.data(RECORD_LIST_BYTES, 8));
const places = changetype<CountTable>(memory.data(COUNT_TABLE_BYTES, 8));
/** How late a packet may come: the host closes windows sooner, as it puts what comes in time in order. @see nat-gateway reference §6 */
const LATENESS_SEC: f64 = 2;
/** Sessions that were created before the last window was closed. */
let sessionsBefore: u32 = 0;
/** How often rows were handed out, and when that was last. */
export let timesHandedOut: u32 = 0;
let handedOutSec: f64 = 0;

/** @returns the address of a record that can be read as a session's; rows are kept in the order in which they began */
export function revisionAt(place: u32): usize {
  return recordAt(revisions, place);
}

/** @returns how many there are since the last window was closed */
export function revisionsNow(): u32 {
  return revisions.length;
}

export function revisedWindowOf(record: usize): f64 {
  return load<f64>(record + SESSION_BYTES);
}

/** Of a record of ours: whether it corrects an entry that was handed out, or becomes one that late packets have made. */
export function corrects(record: usize): bool {
  return load<u32>(record + SESSION_BYTES + 20) != IN_TIME;
}

/** Of one that corrects: whether it has all packets of its session until then, so that its state is that at the end of the row. */
export function isWholeSession(record: usize): bool {
  return load<u32>(record + SESSION_BYTES + 20) == BY_OPENING;
}

/** Whether when it was first seen is other than its first time. */
export function isSeenLate(record: usize): bool {
  const row = changetype<Session>(record);
  return revisionSeenSec(record) != row.firstSec || revisionSeenNsec(record) != row.firstNsec;
}

export function revisionSeenSec(record: usize): f64 {
  return load<f64>(record + SESSION_BYTES + 8);
}

export function revisionSeenNsec(record: usize): u32 {
  return load<u32>(record + SESSION_BYTES + 16);
}

/** @param sessionCount sessions that have been created so far */
export function clearRevisions(sessionCount: u32): void {
  sessionsBefore = sessionCount;
  timesHandedOut++;
  handedOutSec = nowSec;
  revisions.length = 0;
  clearCounts(places);
}

/**
 * Whether a row of a session that was there at a time is no more: what is counted now begins another one.
 *
 * @param timesThen `timesHandedOut` at that time
 */
export function wasHandedOut(windowStartSec: f64, timesThen: u32): bool {
  // A window of a session's own goes on behind that of the gateway.
  return timesThen != timesHandedOut && (!hasOwnWindows || windowStartSec + windowSec <= handedOutSec);
}

/** @returns packets in the row of a session and window that is closed; 0 where there is none */
export function revisedPackets(session: Session, windowStartSec: f64): u32 {
  const place = countOf(places, session.sessionId, <u32>(<i64>windowStartSec), 0);
  if (place == 0) return 0;
  const row = changetype<Session>(revisionAt(place - 1));
  return row.pktsFromVpc + row.pktsFromPub;
}

/** @returns start of the window that a second is in, of windows that are `offsetSec` off the multiples of their length */
export function windowStartAt(sec: f64, windowSec: f64, offsetSec: f64): f64 {
  return sec - modulo(sec - offsetSec, windowSec);
}

/** Whether packets of a window may still come in time. */
export function isUnsealed(windowStartSec: f64): bool {
  return nowSec < windowStartSec + windowSec + LATENESS_SEC;
}

/**
 * Counts the packet of a row in its session's entry of the window that it belongs to.
 *
 * @param flags of `ENTRY_FLAG` that the entry gets
 * @param isLate it came when that window was sealed
 */
export function countRevision(
  session: Session,
  row: u32,
  windowStartSec: f64,
  fromVpc: bool,
  flags: u32,
  isLate: bool,
): void {
  const sec = load<f64>(batchSec + row * 8);
  const nsec = load<u32>(batchNsec + row * 4);
  const packetNo = load<f64>(batchPacketNo + row * 8);
  const ipBytes = load<u32>(batchIpBytes + row * 4);
  // A session that has begun since has no entry there, unless windows are its own.
  const isNew = !isLate && !hasOwnWindows && session.sessionId > sessionsBefore;
  const revised = changetype<Session>(revisionOf(session, windowStartSec, !isNew));
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
  revised.flags |= <u16>flags;
  revised.count(ipBytes, fromVpc);
  if (isUncounted(session)) revised.state = session.state;
}

/**
 * The row of a session and window, which its packets are counted in by whoever asks.
 *
 * @param seenSec, seenNsec when the gateway saw the first of them, which may be before now
 * @returns the address of a record as of `revisionAt`
 */
export function revisionSeenBy(session: Session, windowStartSec: f64, seenSec: f64, seenNsec: u32): usize {
  const at = revisionOf(session, windowStartSec, true);
  if (isBefore(seenSec, seenNsec, revisionSeenSec(at), revisionSeenNsec(at))) {
    store<f64>(at + SESSION_BYTES + 8, seenSec);
    store<u32>(at + SESSION_BYTES + 16, seenNsec);
  }
  return at;
}

function modulo(value: f64, divisor: f64): f64 {
  return value - Math.floor(value / divisor) * divisor;
}

/** @param isCorrection of a row that is not there yet */
function revisionOf(session: Session, windowStartSec: f64, isCorrection: bool): usize {
  const place = counterOf(places, session.sessionId, <u32>(<i64>windowStartSec), 0);
  if (place.count == 0) {
    add(session, windowStartSec, isCorrection);
    place.count = revisions.length;
  }
  return revisionAt(place.count - 1);
}

/** What a session did in a window of its own that is over. As long as it is here, what comes late for that window counts in it. */
export function addCut(session: Session, windowStartSec: f64, isLate: bool, seenSec: f64, seenNsec: u32): void {
  const sec = isLate ? seenSec : session.firstSec;
  const nsec = isLate ? seenNsec : session.firstNsec;
  const cut = changetype<Session>(addRow(session, windowStartSec, sec, nsec, IN_TIME));
  if (((<u32>cut.marks) & MARK_OWN_LAST) == 0) {
    cut.ownLastSec = cut.lastSec;
    cut.ownLastNsec = cut.lastNsec;
    cut.marks |= <u8>MARK_OWN_LAST;
  }
  counterOf(places, session.sessionId, <u32>(<i64>windowStartSec), 0).count = revisions.length;
}

function addRow(session: Session, windowStartSec: f64, seenSec: f64, seenNsec: u32, madeBy: u32): usize {
  const at = addRecord(revisions, REVISION_BYTES);
  copySession(at, changetype<usize>(session));
  store<f64>(at + SESSION_BYTES, windowStartSec);
  store<f64>(at + SESSION_BYTES + 8, seenSec);
  store<u32>(at + SESSION_BYTES + 16, seenNsec);
  store<u32>(at + SESSION_BYTES + 20, madeBy);
  return at;
}

/** Whether no packet of a session has come in time. */
function isUncounted(session: Session): bool {
  return session.firstPacket == 0;
}

function add(session: Session, windowStartSec: f64, isCorrection: bool): void {
  const lateMaker = isUncounted(session) ? BY_OPENING : BY_LATE;
  const at = addRow(session, windowStartSec, nowSec, nowNsec, isCorrection ? lateMaker : IN_TIME);
  const revised = changetype<Session>(at);
  beginWindow(revised);
  revised.marks |= <u8>MARK_OWN_LAST;
}
