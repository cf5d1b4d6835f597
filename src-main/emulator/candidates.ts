import {
  batchIpBytes,
  batchNsec,
  batchObservedIp,
  batchObservedPort,
  batchPacketNo,
  batchSec,
  batchTcpSeq,
} from './batch';
import { CANDIDATE_BYTES, Candidate, beginSettling, countPart, forgetHandedOut } from './candidate-rows';
import { isBefore, nowNsec, nowSec, secondsSince } from './clock';
import { hasOwnWindows } from './configuration';
import { isSeenToPass } from './observed';
import { enterOwnWindow } from './own-windows';
import { windowStart } from './packet-times';
import { keepOwnLast } from './reaper';
import { RECORD_LIST_BYTES, RecordList, addRecord, recordAt } from './records';
import { revisedPackets, timesHandedOut } from './revisions';
import { MARK_CANDIDATE, MARK_SYN_FROM_VPC, Session } from './session';
import { scaleOffered } from './tcp';

/*
 * SYNs that may open a session anew. When a host sends a SYN with another initial number in a session that is under way,
 * only the answer tells what it was: a SYN-ACK of that number, so that a new session began with it, or anything else, so
 * that it was a stray one of the old. Until then it counts in neither, and the old one is not idle: its idle time begins
 * anew with the SYN, which is a packet of it unless the answer comes. When that comes after the window of the SYN has closed, the SYN
 * corrects that window's entry, or becomes one, as a late packet would; where late packets do not, it is carried as they are.
 * @see nat-gateway reference §4.2 rule 5
 */

const candidates = changetype<RecordList>(memory.data(RECORD_LIST_BYTES, 8));
/** Place of a free one, plus one. */
let firstFree: u32 = 0;
let keptCount: u32 = 0;
/** What `batchKept` says of the packet that was kept last. */
export let lastKeptNo: u32 = 0;

function candidateAt(place: u32): Candidate {
  return changetype<Candidate>(recordAt(candidates, place));
}

/** @returns the first one of a session that has `MARK_CANDIDATE` */
function candidateOf(session: Session): Candidate {
  return candidateAt(session.isn);
}

/**
 * Keeps the SYN in a row for its session's next answer.
 *
 * @param sec, nsec when it counts
 * @param windowStartSec start of the window that it counts in
 * @param entryFlags of `ENTRY_FLAG` that its entry gets
 */
export function keepCandidate(
  session: Session,
  row: u32,
  sec: f64,
  nsec: u32,
  windowStartSec: f64,
  entryFlags: u32,
): void {
  if (((<u32>session.marks) & MARK_CANDIDATE) == 0) addCandidate(session);
  const first = candidateOf(session);
  const isn = load<u32>(batchTcpSeq + row * 4);
  if (first.isn != isn) {
    // Those before were stray ones.
    countAll(first, session, false);
    first.isn = isn;
    first.observedIp = 0;
  }
  first.scale = scaleOffered(row);
  if (isSeenToPass(row)) {
    first.observedIp = load<u32>(batchObservedIp + row * 4);
    first.observedPort = load<u16>(batchObservedPort + row * 2);
  }
  const candidate = partOf(first, windowStartSec);
  const packetNo = load<f64>(batchPacketNo + row * 8);
  const isOpen = windowStartSec >= windowStart;
  const counted = isOpen ? session.pktsFromVpc + session.pktsFromPub : revisedPackets(session, windowStartSec);
  const isFirst = candidate.packets == 0;
  if (!isFirst) forgetHandedOut(candidate, windowStartSec);
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
  candidate.timesHandedOut = timesHandedOut;
  candidate.flags |= entryFlags;
  lastKeptNo = candidate.keptNo;
  refresh(session, load<f64>(batchSec + row * 8), load<u32>(batchNsec + row * 4));
}

/** @returns where a session keeps what it has of the window */
function partOf(first: Candidate, windowStartSec: f64): Candidate {
  if (first.packets == 0) {
    first.windowStartSec = windowStartSec;
    return first;
  }
  if (!hasOwnWindows) {
    if (first.windowStartSec == windowStartSec) return first;
    for (let part = first.next; part != 0; part = candidateAt(part - 1).next) {
      if (candidateAt(part - 1).windowStartSec == windowStartSec) return candidateAt(part - 1);
    }
  }
  const place = takePlace();
  const added = candidateAt(place);
  added.windowStartSec = windowStartSec;
  if (first.next == 0) first.next = place + 1;
  else candidateAt(first.last - 1).next = place + 1;
  first.last = place + 1;
  return added;
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

function addCandidate(session: Session): void {
  const place = takePlace();
  const candidate = candidateAt(place);
  candidate.sinceSec = session.lastSec;
  candidate.sinceNsec = session.lastNsec;
  candidate.ownIsn = session.isn;
  session.isn = place;
  session.marks |= <u8>MARK_CANDIDATE;
}

/** @returns a place with nothing in it */
function takePlace(): u32 {
  let place = candidates.length;
  if (firstFree != 0) {
    place = firstFree - 1;
    firstFree = candidateAt(place).next;
  } else {
    addRecord(candidates, CANDIDATE_BYTES);
  }
  memory.fill(recordAt(candidates, place), 0, CANDIDATE_BYTES);
  return place;
}

/** @returns what the session kept, for `giveCandidate` */
export function detachCandidate(session: Session): u32 {
  const place = session.isn;
  session.isn = candidateAt(place).ownIsn;
  session.marks &= ~(<u8>MARK_CANDIDATE);
  return place;
}

function release(place: u32): void {
  candidateAt(place).next = firstFree;
  firstFree = place + 1;
}

/** Whether the SYN in a row has the number that its session is known to have begun with. */
export function isOwnSyn(session: Session, row: u32): bool {
  if (((<u32>session.marks) & MARK_SYN_FROM_VPC) == 0) return false;
  const isKeeping = ((<u32>session.marks) & MARK_CANDIDATE) != 0;
  return load<u32>(batchTcpSeq + row * 4) == (isKeeping ? candidateOf(session).ownIsn : session.isn);
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
  const place = detachCandidate(session);
  countAll(candidateAt(place), session, false);
  release(place);
}

/** When the first SYN counts that was kept. @returns its second; see `keptNsecOf` */
export function keptSecOf(place: u32): f64 {
  return candidateAt(place).firstSec;
}

export function keptNsecOf(place: u32): u32 {
  return candidateAt(place).firstNsec;
}

/** What the public side shows a SYN to be translated to that was kept. @returns the address, or 0; see `observedPortOf` */
export function observedIpOf(place: u32): u32 {
  return candidateAt(place).observedIp;
}

export function observedPortOf(place: u32): u32 {
  return candidateAt(place).observedPort;
}

/** The SYN has opened a new session, where it counts. */
export function giveCandidate(place: u32, to: Session): void {
  const given = candidateAt(place);
  to.setIsn(given.isn);
  to.scales = <u8>(((<u32>to.scales) & 0xf0) | given.scale);
  countAll(given, to, true);
  release(place);
}

/** Counts all that one session has kept, in the order in which it came, and keeps the first place only. */
function countAll(first: Candidate, to: Session, isGiven: bool): void {
  // Windows that begin with their session begin with the first of them.
  if (hasOwnWindows && isGiven) enterOwnWindow(to, earliestOf(first));
  beginSettling();
  countPart(first, to, isGiven);
  let part = first.next;
  while (part != 0) {
    const next = candidateAt(part - 1).next;
    countPart(candidateAt(part - 1), to, isGiven);
    release(part - 1);
    part = next;
  }
  first.next = 0;
}

function earliestOf(first: Candidate): f64 {
  let earliestSec = first.firstSec;
  for (let part = first.next; part != 0; part = candidateAt(part - 1).next) {
    earliestSec = min(earliestSec, candidateAt(part - 1).firstSec);
  }
  return earliestSec;
}
