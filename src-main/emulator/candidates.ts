import { batchIpBytes, batchNsec, batchPacketNo, batchSec, batchTcpSeq } from './batch';
import { isBefore, secondsSince } from './clock';
import { keepOwnLast } from './reaper';
import { MARK_CANDIDATE, MARK_OWN_LAST, Session } from './session';
import { noteSettled } from './trace';

/*
 * SYNs that may open a session anew. When a host sends a SYN with another initial number in a session that is under way,
 * only the answer tells what it was: a SYN-ACK of that number, so that a new session began with it, or anything else, so
 * that it was a stray one of the old. Until then it counts in neither, and the old one is not idle: its idle time begins
 * anew with the SYN, which is a packet of it unless the answer comes.
 * @see nat-gateway reference §4.2 rule 5
 */

/** Of one session: all SYNs with one initial number, that of the last one. Times go by time, numbers by the order of packets. */
@unmanaged
class Candidate {
  firstSec: f64;
  lastSec: f64;
  firstPacket: f64;
  lastPacket: f64;
  /** Time of the session's last packet other than kept SYNs. */
  sinceSec: f64;
  sinceNsec: u32;
  isn: u32;
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
  /** Its place is free, and this is the next free one, plus one. */
  nextFree: u32;
}
const CANDIDATE_BYTES: usize = 88;
/** So many that the place of each, plus one, fits a session's record. Beyond them, SYNs are strays. */
const MAX_CANDIDATES: u32 = 0xffff;
const INITIAL_CANDIDATES: u32 = 16;

let candidates: usize = 0;
let capacity: u32 = 0;
let used: u32 = 0;
let firstFree: u32 = 0;
let keptCount: u32 = 0;

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
 * @param entryFlags of `ENTRY_FLAG` that its entry gets
 * @returns false when there is no place for it, so that it is a stray one
 */
export function keepCandidate(session: Session, row: u32, sec: f64, nsec: u32, entryFlags: u32): bool {
  const isn = load<u32>(batchTcpSeq + row * 4);
  if (session.candidate == 0 && !addCandidate(session)) return false;
  const candidate = candidateOf(session);
  if (candidate.isn != isn) {
    // Those before were stray ones.
    count(candidate, session);
    candidate.isn = isn;
  }
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
  }
  candidate.packets++;
  candidate.bytes += load<u32>(batchIpBytes + row * 4);
  candidate.lastPacket = packetNo;
  candidate.countedBeforeLast = counted;
  candidate.flags |= entryFlags;
  refresh(session, load<f64>(batchSec + row * 8), load<u32>(batchNsec + row * 4));
  return true;
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

/** @returns what `batchKept` says of a packet that the session has just kept */
export function keptNoOf(session: Session): u32 {
  return candidateOf(session).keptNo;
}

function addCandidate(session: Session): bool {
  let place = firstFree;
  if (place != 0) {
    place--;
    firstFree = candidateAt(place).nextFree;
  } else {
    if (used == MAX_CANDIDATES) return false;
    if (used == capacity) grow();
    place = used++;
  }
  const candidate = candidateAt(place);
  memory.fill(candidates + place * CANDIDATE_BYTES, 0, CANDIDATE_BYTES);
  candidate.sinceSec = session.lastSec;
  candidate.sinceNsec = session.lastNsec;
  attach(session, place + 1);
  return true;
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
  candidateAt(candidate - 1).nextFree = firstFree;
  firstFree = candidate;
}

/** Whether an answer acknowledges the SYN that the session keeps. */
export function isConfirmed(session: Session, ack: u32): bool {
  return candidateOf(session).isn + 1 == ack;
}

/** The SYN was a stray one: it counts in the session that keeps it. */
export function settleCandidate(session: Session): void {
  const candidate = detachCandidate(session);
  count(candidateAt(candidate - 1), session);
  release(candidate);
}

/** The window ends before the answer has come. What was sent in it counts in it, and the answer is waited for. */
export function countCandidate(session: Session): void {
  count(candidateOf(session), session);
}

/** The SYN has opened a new session, where it counts. */
export function giveCandidate(candidate: u32, to: Session): void {
  const given = candidateAt(candidate - 1);
  to.setIsn(given.isn);
  count(given, to);
  release(candidate);
}

function count(candidate: Candidate, to: Session): void {
  if (candidate.packets == 0) return;
  const counted = to.pktsFromVpc + to.pktsFromPub;
  const isFirst = counted == 0;
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
  noteSettled(candidate.keptNo, to.sessionId);
  candidate.packets = 0;
  candidate.bytes = 0;
  candidate.flags = 0;
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
