import { batchFlags, batchPacketNo } from './batch';
import { noteActivity } from './candidates';
import { isBefore, nowNsec, nowSec } from './clock';
import {
  ENTRY_FRAG_OVERLAP,
  ENTRY_LATE_CARRIED,
  ENTRY_LENGTH_INFERRED,
  ENTRY_SHORT_FRAME,
  ENTRY_TIME_FIXED,
  FLAG_FRAG_OVERLAP,
  FLAG_LENGTH_INFERRED,
  FLAG_NO_TIME,
  FLAG_SHORT_FRAME,
} from './codes';
import { hasOwnWindows } from './configuration';
import { noteOwnSeen } from './own-windows';
import { noteOwnDeadline } from './reaper';
import { noteSeen } from './seen';
import { MARK_CANDIDATE, MARK_OWN_LAST, Session } from './session';

/** Of the window that is open, of all sessions or of the one that a packet is of. */
export let windowStart: f64 = 0;
let latePackets: f64 = 0;

/** @param startSec a packet from before it comes too late for its window: it counts at this time */
export function setWindowStart(startSec: f64): void {
  windowStart = startSec;
}

/** @returns the packets that came too late for their own window */
export function lateCount(): f64 {
  return latePackets;
}

export function countLate(): void {
  latePackets++;
}

/** Flags of packets that are let pass which their entries get. */
const FLAGS_OF_ENTRIES: u32 = FLAG_LENGTH_INFERRED | FLAG_NO_TIME | FLAG_FRAG_OVERLAP | FLAG_SHORT_FRAME;

/** Flags of a packet that its entry gets. */
export function entryFlagsOf(row: u32): u32 {
  const flags: u32 = load<u8>(batchFlags + row);
  const inferred = (flags & FLAG_LENGTH_INFERRED) != 0 ? ENTRY_LENGTH_INFERRED : 0;
  const overlaps = (flags & FLAG_FRAG_OVERLAP) != 0 ? ENTRY_FRAG_OVERLAP : 0;
  const isShort = (flags & FLAG_SHORT_FRAME) != 0 ? ENTRY_SHORT_FRAME : 0;
  return inferred | overlaps | isShort | ((flags & FLAG_NO_TIME) != 0 ? ENTRY_TIME_FIXED : 0);
}

/**
 * Times and flags of a packet in its session.
 *
 * @param refreshes false when the session's idleness goes on counting from the packet before
 */
export function count(
  session: Session,
  row: u32,
  sec: f64,
  nsec: u32,
  flags: u32,
  isLate: bool,
  refreshes: bool,
): void {
  const packetNo = load<f64>(batchPacketNo + row * 8);
  const isFirst = (session.pktsFromVpc | session.pktsFromPub) == 0;
  if (isLate || !refreshes || ((<u32>session.marks) & (MARK_OWN_LAST | MARK_CANDIDATE)) != 0) {
    if (refreshes && ((<u32>session.marks) & MARK_CANDIDATE) != 0) noteActivity(session, sec, nsec);
    countOddly(session, sec, nsec, isFirst, isLate || !refreshes);
  } else if (isFirst) {
    session.firstSec = sec;
    session.firstNsec = nsec;
  }
  if (isFirst) session.firstPacket = packetNo;
  if ((flags & FLAGS_OF_ENTRIES) != 0) session.flags |= <u16>entryFlagsOf(row);
  session.lastPacket = packetNo;
  if (refreshes && (!isLate || isBefore(session.lastSec, session.lastNsec, sec, nsec))) {
    session.lastSec = sec;
    session.lastNsec = nsec;
  }
  if (isLate || !refreshes) noteOwnDeadline(session);
}

/**
 * Times of a packet that is late or refreshes nothing, or comes after such a one or a kept SYN. Its session's own time
 * never goes back, but the times of its entry are those of its packets.
 */
function countOddly(session: Session, sec: f64, nsec: u32, isFirst: bool, isOdd: bool): void {
  let atSec = sec;
  let atNsec = nsec;
  if (sec < windowStart) {
    atSec = windowStart;
    atNsec = 0;
    latePackets++;
    session.flags |= <u16>ENTRY_LATE_CARRIED;
  }
  const marks: u32 = session.marks;
  const hasOwnLast = (marks & MARK_OWN_LAST) != 0;
  const lastSec = hasOwnLast ? session.ownLastSec : session.lastSec;
  const lastNsec = hasOwnLast ? session.ownLastNsec : session.lastNsec;
  if (isFirst || isBefore(atSec, atNsec, session.firstSec, session.firstNsec)) {
    if (!isFirst) noteFirstSeen(session, session.firstSec, session.firstNsec);
    else if (isBefore(atSec, atNsec, nowSec, nowNsec)) noteFirstSeen(session, nowSec, nowNsec);
    session.firstSec = atSec;
    session.firstNsec = atNsec;
  }
  session.marks = <u8>(isOdd ? marks | MARK_OWN_LAST : marks & ~MARK_OWN_LAST);
  if (!isOdd) return;
  const isLast = isFirst || isBefore(lastSec, lastNsec, atSec, atNsec);
  session.ownLastSec = isLast ? atSec : lastSec;
  session.ownLastNsec = isLast ? atNsec : lastNsec;
}

/** The entry of a session begins earlier than the gateway first saw it. */
export function noteFirstSeen(session: Session, sec: f64, nsec: u32): void {
  if (hasOwnWindows) noteOwnSeen(session, sec, nsec);
  else noteSeen(session.sessionId, sec, nsec);
}
