import { isBefore } from './clock';
import { ENTRY_LATE_CARRIED } from './codes';
import { OPTION_REVISE, does, hasOwnWindows, windowSec } from './configuration';
import { enterOwnWindow } from './own-windows';
import { noteFirstSeen, windowStart } from './packet-times';
import { keepOwnLast } from './reaper';
import { revisionSeenBy, timesHandedOut, wasHandedOut, windowStartAt } from './revisions';
import { MARK_OWN_LAST, Session, isActive } from './session';
import { noteSettled } from './trace';

/*
 * How SYNs that were kept for an answer count in the rows of their windows: see candidates.ts. Of a row, the first packet and the last
 * are those in the order in which the gateway saw them, which is not that of their numbers: captures are read side by side, and what is
 * out of order is put in order.
 */

/**
 * SYNs of one session with one initial number: all of one window, or each alone where windows begin with their session, as those of
 * a session that they open are others. Times go by time, numbers by the order of packets.
 */
@unmanaged
export class Candidate {
  firstSec: f64;
  lastSec: f64;
  firstPacket: f64;
  lastPacket: f64;
  /** Start of the window that its packets came in. */
  windowStartSec: f64;
  /** When the gateway saw the first one, by its clock. */
  seenSec: f64;
  seenNsec: u32;
  packets: u32;
  bytes: u32;
  firstNsec: u32;
  lastNsec: u32;
  /** Bits of `ENTRY_FLAG`. */
  flags: u32;
  /** Packets that the row of its session and window had before the first one, and before the last: see `timesHandedOut`. */
  countedBeforeFirst: u32;
  countedBeforeLast: u32;
  /** How often rows had been handed out when the last one came. */
  timesHandedOut: u32;
  /** What `batchKept` says of its packets: none before has had it. */
  keptNo: u32;
  /** Place of the next one of its session, plus one; where its place is free, of the next free one. */
  next: u32;

  /* Of the first one of its session alone. */
  /** Time of the session's last packet other than kept SYNs. */
  sinceNsec: u32;
  sinceSec: f64;
  /** Initial number of the SYNs. */
  isn: u32;
  /** What the last SYN offers, as `scales` of a session has it. */
  scale: u32;
  /** That of the session itself. */
  ownIsn: u32;
  /** Place of the last one of the session, plus one. */
  last: u32;
  /** Where the public side was captured: what a SYN was translated to, or 0. */
  observedIp: u32;
  observedPort: u32;
}
export const CANDIDATE_BYTES: usize = 128;

/** Packets of those that are settled now which have been counted in the window that is open. */
let settledInOpen: u32 = 0;
/** And those in a row of another window, the last one that had any. */
let settledInRow: u32 = 0;
let settledRowSec: f64 = 0;

const NO_COUNT: u32 = 0xffffffff;

/** Those of a session are about to be counted, in the order in which they came. */
export function beginSettling(): void {
  settledInOpen = 0;
  settledInRow = 0;
}

/** In the entry of its window. @param isGiven `to` is a session that they have opened */
export function countPart(part: Candidate, to: Session, isGiven: bool): void {
  if (part.packets == 0) return;
  const openSec = hasOwnWindows ? enterOwnWindow(to, part.firstSec) : windowStart;
  let ownSec = hasOwnWindows ? windowStartAt(part.firstSec, windowSec, openSec) : part.windowStartSec;
  const isOpen = ownSec >= openSec;
  let row = to;
  if (isOpen) {
    noteSeenOf(part, to);
  } else if (does(OPTION_REVISE)) {
    row = changetype<Session>(revisionSeenBy(to, ownSec, part.seenSec, part.seenNsec));
    forgetHandedOut(part, ownSec);
  } else {
    // All that has been counted in the window which is open now came later.
    forgetCounted(part);
    carry(part, openSec);
    ownSec = openSec;
  }
  if (isGiven) placeInOrder(part, row);
  else placeBehind(part, settledIn(ownSec, openSec));
  count(part, row);
  noteSettledIn(ownSec, openSec, part.packets);
  noteSettled(part.keptNo, to.sessionId, ownSec);
  part.packets = 0;
  part.bytes = 0;
  part.flags = 0;
}

/** What its row had before has been handed out since: what it has now came later. */
export function forgetHandedOut(part: Candidate, windowStartSec: f64): void {
  if (wasHandedOut(windowStartSec, part.timesHandedOut)) forgetCounted(part);
}

function forgetCounted(part: Candidate): void {
  part.countedBeforeFirst = 0;
  part.countedBeforeLast = 0;
}

/** @returns how many of those that are settled now its row has already */
function settledIn(ownSec: f64, openSec: f64): u32 {
  if (ownSec >= openSec) return settledInOpen;
  return ownSec == settledRowSec ? settledInRow : 0;
}

function noteSettledIn(ownSec: f64, openSec: f64, packets: u32): void {
  const settled = settledIn(ownSec, openSec) + packets;
  if (ownSec >= openSec) {
    settledInOpen = settled;
    return;
  }
  settledInRow = settled;
  settledRowSec = ownSec;
}

/** A new session has nothing but what was kept. */
function placeInOrder(part: Candidate, to: Session): void {
  part.countedBeforeFirst = NO_COUNT;
  part.countedBeforeLast = to.pktsFromVpc + to.pktsFromPub;
}

/** What was kept before it has been counted meanwhile. */
function placeBehind(part: Candidate, settled: u32): void {
  part.countedBeforeFirst += settled;
  part.countedBeforeLast += settled;
}

/** An entry that begins with what was kept, and began later so far: the gateway saw it with the first of both. */
function noteSeenOf(part: Candidate, to: Session): void {
  const isFirst = !isActive(to);
  if (!isFirst && !isBefore(part.firstSec, part.firstNsec, to.firstSec, to.firstNsec)) return;
  const isSeenBefore = isFirst || isBefore(part.seenSec, part.seenNsec, to.firstSec, to.firstNsec);
  const sec = isSeenBefore ? part.seenSec : to.firstSec;
  const nsec = isSeenBefore ? part.seenNsec : to.firstNsec;
  if (isBefore(part.firstSec, part.firstNsec, sec, nsec)) noteFirstSeen(to, sec, nsec);
}

/** Its window has closed, and entries of closed windows are not corrected. */
function carry(part: Candidate, openSec: f64): void {
  part.firstSec = openSec;
  part.firstNsec = 0;
  part.lastSec = openSec;
  part.lastNsec = 0;
  part.flags |= ENTRY_LATE_CARRIED;
}

function count(candidate: Candidate, to: Session): void {
  const counted = to.pktsFromVpc + to.pktsFromPub;
  const isFirst = !isActive(to);
  // Numbers go by the order of packets, times by time: some came late.
  if (isFirst || candidate.countedBeforeFirst == 0) to.firstPacket = candidate.firstPacket;
  if (isFirst || candidate.countedBeforeLast == counted) to.lastPacket = candidate.lastPacket;
  if (isFirst || isBefore(candidate.firstSec, candidate.firstNsec, to.firstSec, to.firstNsec)) {
    to.firstSec = candidate.firstSec;
    to.firstNsec = candidate.firstNsec;
  }
  moveLast(candidate, to, isFirst);
  to.pktsFromVpc += candidate.packets;
  const bytes = to.bytesFromVpc + candidate.bytes;
  if (bytes < candidate.bytes) to.bytesFromVpcHigh++;
  to.bytesFromVpc = bytes;
  to.flags |= <u16>candidate.flags;
}

/** Of the entry alone: the session's own last time has been moved when the SYN came. */
function moveLast(candidate: Candidate, to: Session, isFirst: bool): void {
  const hasOwnLast = ((<u32>to.marks) & MARK_OWN_LAST) != 0;
  const lastSec = hasOwnLast ? to.ownLastSec : to.lastSec;
  const lastNsec = hasOwnLast ? to.ownLastNsec : to.lastNsec;
  if (!isFirst && !isBefore(lastSec, lastNsec, candidate.lastSec, candidate.lastNsec)) return;
  keepOwnLast(to);
  to.ownLastSec = candidate.lastSec;
  to.ownLastNsec = candidate.lastNsec;
}
