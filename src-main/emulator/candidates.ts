import { batchIpBytes, batchNsec, batchPacketNo, batchSec, batchTcpSeq } from './batch';
import { isBefore, nowNsec, nowSec, secondsSince } from './clock';
import { ENTRY_LATE_CARRIED } from './codes';
import { OPTION_REVISE, does, hasOwnWindows, windowSec } from './configuration';
import { enterOwnWindow } from './own-windows';
import { noteFirstSeen, windowStart } from './packet-times';
import { keepOwnLast } from './reaper';
import { revisionSeenBy, windowStartAt } from './revisions';
import { MARK_CANDIDATE, MARK_OWN_LAST, Session, isActive } from './session';
import { scaleOffered } from './tcp';
import { noteSettled } from './trace';

/*
 * SYNs that may open a session anew. When a host sends a SYN with another initial number in a session that is under way,
 * only the answer tells what it was: a SYN-ACK of that number, so that a new session began with it, or anything else, so
 * that it was a stray one of the old. Until then it counts in neither, and the old one is not idle: its idle time begins
 * anew with the SYN, which is a packet of it unless the answer comes. When that comes after the window of the SYN has closed, the SYN
 * corrects that window's entry, or becomes one, as a late packet would; where late packets do not, it is carried as they are.
 * @see nat-gateway reference §4.2 rule 5
 */

/**
 * Of one session: all SYNs of one window with one initial number, that of the last one. Times go by time, numbers by the order of
 * packets.
 */
@unmanaged
class Candidate {
  firstSec: f64;
  lastSec: f64;
  firstPacket: f64;
  lastPacket: f64;
  /** Time of the session's last packet other than kept SYNs. */
  sinceSec: f64;
  /** Start of the window that its packets came in. */
  windowStartSec: f64;
  /** When the gateway saw the first one, by its clock. */
  seenSec: f64;
  seenNsec: u32;
  sinceNsec: u32;
  isn: u32;
  /** What the last SYN offers, as `scales` of a session has it. */
  scale: u32;
  packets: u32;
  bytes: u32;
  firstNsec: u32;
  lastNsec: u32;
  /** Bits of `ENTRY_FLAG`. */
  flags: u32;
  /** Packets that its session had counted in the window before the first one, and before the last. */
  countedBeforeFirst: u32;
  countedBeforeLast: u32;
  /** What `batchKept` says of its packets: none before has had it. */
  keptNo: u32;
  /** Place of the next one of its session, of another window, plus one; where its place is free, of the next free one. */
  next: u32;
}
const CANDIDATE_BYTES: usize = 120;
/** So many that the place of each, plus one, fits a session's record. Beyond them, SYNs are strays. */
const MAX_CANDIDATES: u32 = 0xffff;
const INITIAL_CANDIDATES: u32 = 16;

let candidates: usize = 0;
let capacity: u32 = 0;
let used: u32 = 0;
let firstFree: u32 = 0;
let keptCount: u32 = 0;
/** What `batchKept` says of the packet that was kept last. */
export let lastKeptNo: u32 = 0;

const NO_COUNT: u32 = 0xffffffff;

function candidateAt(place: u32): Candidate {
  return changetype<Candidate>(candidates + place * CANDIDATE_BYTES);
}

function candidateOf(session: Session): Candidate {
  return candidateAt(<u32>session.candidate - 1);
}

/**
 * Keeps the SYN in a row for its session's next answer.
 *
 * @param sec, nsec when it counts
 * @param windowStartSec start of the window that it counts in
 * @param entryFlags of `ENTRY_FLAG` that its entry gets
 * @returns false when there is no place for it, so that it is a stray one
 */
export function keepCandidate(
  session: Session,
  row: u32,
  sec: f64,
  nsec: u32,
  windowStartSec: f64,
  entryFlags: u32,
): bool {
  const isn = load<u32>(batchTcpSeq + row * 4);
  if (session.candidate == 0 && !addCandidate(session)) return false;
  if (candidateOf(session).isn != isn) {
    // Those before were stray ones.
    countAll(session.candidate, session, false);
    candidateOf(session).isn = isn;
  }
  candidateOf(session).scale = scaleOffered(row);
  const part = partOf(session, windowStartSec);
  if (part == 0) return false;
  const candidate = candidateAt(part - 1);
  const packetNo = load<f64>(batchPacketNo + row * 8);
  const counted = session.pktsFromVpc + session.pktsFromPub;
  const isFirst = candidate.packets == 0;
  // One that came late may be the earliest.
  if (isFirst || isBefore(sec, nsec, candidate.firstSec, candidate.firstNsec)) {
    candidate.firstSec = sec;
    candidate.firstNsec = nsec;
  }
  if (isFirst || isBefore(candidate.lastSec, candidate.lastNsec, sec, nsec)) {
    candidate.lastSec = sec;
    candidate.lastNsec = nsec;
  }
  if (isFirst) {
    candidate.firstPacket = packetNo;
    candidate.countedBeforeFirst = counted;
    candidate.keptNo = ++keptCount;
    candidate.seenSec = nowSec;
    candidate.seenNsec = nowNsec;
  }
  candidate.packets++;
  candidate.bytes += load<u32>(batchIpBytes + row * 4);
  candidate.lastPacket = packetNo;
  candidate.countedBeforeLast = counted;
  candidate.flags |= entryFlags;
  lastKeptNo = candidate.keptNo;
  refresh(session, load<f64>(batchSec + row * 8), load<u32>(batchNsec + row * 4));
  return true;
}

/** @returns place, plus one, of what the session keeps of the window; 0 when there is no room for it */
function partOf(session: Session, windowStartSec: f64): u32 {
  const head: u32 = session.candidate;
  if (candidateAt(head - 1).packets == 0) candidateAt(head - 1).windowStartSec = windowStartSec;
  let part = head;
  while (part != 0 && candidateAt(part - 1).windowStartSec != windowStartSec) part = candidateAt(part - 1).next;
  if (part != 0) return part;
  part = takePlace();
  if (part == 0) return 0;
  const first = candidateAt(head - 1);
  const added = candidateAt(part - 1);
  added.windowStartSec = windowStartSec;
  added.next = first.next;
  first.next = part;
  return part;
}

/** Idle time begins anew with the SYN, though no entry has it yet. */
function refresh(session: Session, sec: f64, nsec: u32): void {
  if (!isBefore(session.lastSec, session.lastNsec, sec, nsec)) return;
  keepOwnLast(session);
  session.lastSec = sec;
  session.lastNsec = nsec;
}

/** A packet that is no kept SYN has come in a session that keeps one. */
export function noteActivity(session: Session, sec: f64, nsec: u32): void {
  const candidate = candidateOf(session);
  if (!isBefore(candidate.sinceSec, candidate.sinceNsec, sec, nsec)) return;
  candidate.sinceSec = sec;
  candidate.sinceNsec = nsec;
}

/** @returns seconds since the session's last packet other than SYNs that it keeps */
export function idleBesidesSyns(session: Session): f64 {
  if (((<u32>session.marks) & MARK_CANDIDATE) == 0) return secondsSince(session.lastSec, session.lastNsec);
  const candidate = candidateOf(session);
  return secondsSince(candidate.sinceSec, candidate.sinceNsec);
}

function addCandidate(session: Session): bool {
  const place = takePlace();
  if (place == 0) return false;
  const candidate = candidateAt(place - 1);
  candidate.sinceSec = session.lastSec;
  candidate.sinceNsec = session.lastNsec;
  attach(session, place);
  return true;
}

/** @returns a place with nothing in it, plus one; 0 when there is none */
function takePlace(): u32 {
  let place = firstFree;
  if (place != 0) {
    firstFree = candidateAt(place - 1).next;
  } else {
    if (used == MAX_CANDIDATES) return 0;
    if (used == capacity) grow();
    place = ++used;
  }
  memory.fill(candidates + (place - 1) * CANDIDATE_BYTES, 0, CANDIDATE_BYTES);
  return place;
}

function grow(): void {
  const old = candidates;
  const oldCapacity = capacity;
  capacity = min(MAX_CANDIDATES, max(INITIAL_CANDIDATES, capacity * 2));
  candidates = heap.alloc(capacity * CANDIDATE_BYTES);
  if (old == 0) return;
  memory.copy(candidates, old, oldCapacity * CANDIDATE_BYTES);
  heap.free(old);
}

function attach(session: Session, candidate: u32): void {
  session.candidate = <u16>candidate;
  session.marks |= <u8>MARK_CANDIDATE;
}

/** @returns what the session kept, for `giveCandidate` */
export function detachCandidate(session: Session): u32 {
  const candidate: u32 = session.candidate;
  session.candidate = 0;
  session.marks &= ~(<u8>MARK_CANDIDATE);
  return candidate;
}

function release(candidate: u32): void {
  candidateAt(candidate - 1).next = firstFree;
  firstFree = candidate;
}

/** Whether an answer acknowledges the SYN that the session keeps. */
export function isConfirmed(session: Session, ack: u32): bool {
  return candidateOf(session).isn + 1 == ack;
}

/** Whether the SYN in a row is one that the session keeps, sent again. */
export function isKeptAgain(session: Session, row: u32): bool {
  if (((<u32>session.marks) & MARK_CANDIDATE) == 0) return false;
  const candidate = candidateOf(session);
  return candidate.packets != 0 && candidate.isn == load<u32>(batchTcpSeq + row * 4);
}

/** The SYN was a stray one: it counts in the session that keeps it. */
export function settleCandidate(session: Session): void {
  const candidate = detachCandidate(session);
  countAll(candidate, session, false);
  release(candidate);
}

/** The SYN has opened a new session, where it counts. */
export function giveCandidate(candidate: u32, to: Session): void {
  const given = candidateAt(candidate - 1);
  to.setIsn(given.isn);
  to.scales = <u8>(((<u32>to.scales) & 0xf0) | given.scale);
  countAll(candidate, to, true);
  release(candidate);
}

/** Counts all that one session has kept, the latest window first, and keeps the first place only. */
function countAll(head: u32, to: Session, isGiven: bool): void {
  // Windows that begin with their session begin with the first of them.
  if (hasOwnWindows && isGiven) enterOwnWindow(to, earliestOf(head));
  const first = candidateAt(head - 1);
  while (first.next != 0) {
    const part = first.next;
    first.next = candidateAt(part - 1).next;
    countPart(candidateAt(part - 1), to);
    release(part);
  }
  countPart(first, to);
}

function earliestOf(head: u32): f64 {
  let earliestSec = Infinity;
  for (let part = head; part != 0; part = candidateAt(part - 1).next) {
    earliestSec = min(earliestSec, candidateAt(part - 1).firstSec);
  }
  return earliestSec;
}

/** In the entry of its window. */
function countPart(part: Candidate, to: Session): void {
  if (part.packets == 0) return;
  const openSec = hasOwnWindows ? enterOwnWindow(to, part.firstSec) : windowStart;
  const ownSec = hasOwnWindows ? windowStartAt(part.firstSec, windowSec, openSec) : part.windowStartSec;
  if (ownSec >= openSec) {
    noteSeenOf(part, to);
    count(part, to);
    noteSettled(part.keptNo, to.sessionId, NaN);
  } else if (does(OPTION_REVISE)) {
    const revised = changetype<Session>(revisionSeenBy(to, ownSec, part.seenSec, part.seenNsec));
    placeByNumber(part, revised);
    count(part, revised);
    noteSettled(part.keptNo, to.sessionId, NaN);
  } else {
    carry(part, openSec);
    placeByNumber(part, to);
    count(part, to);
    noteSettled(part.keptNo, to.sessionId, openSec);
  }
  part.packets = 0;
  part.bytes = 0;
  part.flags = 0;
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

/** What was counted before it came is not known of an entry of another window: its packets have their places by their numbers. */
function placeByNumber(part: Candidate, to: Session): void {
  part.countedBeforeFirst = part.firstPacket < to.firstPacket ? 0 : NO_COUNT;
  part.countedBeforeLast = part.lastPacket > to.lastPacket ? to.pktsFromVpc + to.pktsFromPub : NO_COUNT;
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
