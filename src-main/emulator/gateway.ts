import {
  batchDstIp,
  batchFlags,
  batchIpBytes,
  batchL4Kind,
  batchLeg,
  batchNsec,
  batchObservedIp,
  batchObservedPort,
  batchPacketNo,
  batchPorts,
  batchProtocol,
  batchReason,
  batchSec,
  batchSrcIp,
  batchTcpAck,
  batchTcpSeq,
  batchTcpWindow,
  batchVlan,
} from './batch';
import { addBinding } from './bindings';
import {
  detachCandidate,
  giveCandidate,
  idleBesidesSyns,
  isConfirmed,
  keepCandidate,
  keptNoOf,
  noteActivity,
  returnCandidate,
  settleCandidate,
} from './candidates';
import { addContact, isLetIn } from './contacts';
import { advance, isBefore, isIdleForGood, nowNsec, nowSec } from './clock';
import {
  END_REUSED,
  EVENT_IDLE_RESET,
  ENTRY_AFFINITY_BROKEN,
  ENTRY_FRAG_OVERLAP,
  ENTRY_LATE_CARRIED,
  ENTRY_LEG_MISSING,
  ENTRY_LENGTH_INFERRED,
  ENTRY_MIDSTREAM,
  ENTRY_REALM_CONFLICT,
  ENTRY_SHORT_FRAME,
  ENTRY_TIME_FIXED,
  FLAG_FRAG_OVERLAP,
  FLAG_GIVEN_UP,
  FLAG_LATER_FRAGMENT,
  FLAG_LENGTH_INFERRED,
  FLAG_NO_TIME,
  FLAG_SHORT_FRAME,
  LEG_PUBLIC_MISSING,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  REASON_COUNTERS,
  REASON_FRAG_LIMIT,
  REASON_FRAG_NO_HEAD,
  REASON_ICMP_NO_SESSION,
  REASON_INVALID_FLAGS,
  REASON_LATE_DROPPED,
  REASON_NO_PORT,
  REASON_NO_SESSION,
  REASON_UNSUPPORTED_PROTOCOL,
} from './codes';
import {
  INSIDE,
  OPTION_DROP_EXPIRED,
  OPTION_DROP_LATE,
  OPTION_DROP_MIDSTREAM,
  OPTION_EIM,
  OPTION_NO_INBOUND_REFRESH,
  OPTION_RESET_EXPIRED,
  OPTION_REVISE,
  OPTION_VLAN_AWARE,
  classOf,
  does,
  hasOwnWindows,
  natIndexOf,
  windowOffsetSec,
  windowSec,
} from './configuration';
import { addLoad, countExactly, findLoad, isFull } from './destination-load';
import { noteRefusal } from './events';
import { forgetExpired, isExpired } from './expired';
import { findQuoted, isIcmpQuery, quotedPorts, quotedPriIp, quotedProtocol, quotedPubIp, refusalOfIcmp } from './icmp';
import { countHostSession, refusalOf } from './limits';
import { isOutward, isPublicLeg, refusalOfSides, sideEntry } from './sides';
import { observe, vacate } from './observed';
import { choosePort, chosenAddress, chosenLoad, chosenPort, hasLeftAddress } from './port-allocator';
import { takeBlock } from './port-blocks';
import { takeOfClass } from './port-classes';
import { enterOwnWindow, noteOwnSeen } from './own-windows';
import { countRevision, windowStartAt } from './revisions';
import { noteSeen } from './seen';
import { countOpened, endIfIdle, endSession, enterState, naturalEnd, noteOwnDeadline, reapAll } from './reaper';
import {
  MARK_CANDIDATE,
  MARK_OBSERVED,
  MARK_OWN_LAST,
  MARK_PUBLIC_ONLY,
  STATE_ESTABLISHED,
  STATE_ICMP,
  STATE_OPENING,
  STATE_UDP,
  STATE_UDP_REPLIED,
  Session,
  hasEnded,
  realmOf,
} from './session';
import { createSession, findMapping, findSession } from './session-table';
import {
  TCP_ACK,
  TCP_CHANGES,
  TCP_RST,
  TCP_SYN,
  WINDOW_UNKNOWN,
  hasInvalidFlags,
  isReusable,
  isValidReset,
  nextTcpState,
  noteAck,
  noteScale,
  opens,
} from './tcp';
import { isTracing, noteKept, notePlaced } from './trace';

/** A SYN with another initial number that comes so late after its session's last packet opens a new one at once. */
const REOPENS_OPENING_SEC: f64 = 1;
const REOPENS_SEC: f64 = 60;
/** Of a reset that the gateway sends: headers of IP and TCP without options. */
const RESET_BYTES: u32 = 40;

/** Packets in no session, and their IP bytes, by `REASON_CODE`; float64. */
export const packetsByReason: usize = memory.data(<i32>REASON_COUNTERS * 8, 8);
export const bytesByReason: usize = memory.data(<i32>REASON_COUNTERS * 8, 8);
let sessionCount: u32 = 0;
let latePackets: f64 = 0;
/** Some packet was tagged, so that all are looked at. */
let sawVlans: bool = false;
/** Some row of the batch has an observed translation. */
let hasObserved: bool = false;
/** Of the window that is open. */
let windowStart: f64 = 0;

/** @returns the sessions created so far */
export function createdSessions(): u32 {
  return sessionCount;
}

/** @returns the packets that came too late for their own window */
export function lateCount(): f64 {
  return latePackets;
}

/** To be told of each batch, whether rows of it have a VLAN, and an observed translation. */
export function beginBatch(withVlans: bool, withObserved: bool): void {
  if (withVlans) sawVlans = true;
  hasObserved = withObserved;
}

/**
 * Finds or creates the sessions of rows `[from, to)` of the batch and counts each packet, in its session or by the
 * reason why it has none, which is left in `batchReason`.
 *
 * @param windowStartSec a packet from before it comes too late for its own window: it counts at this time
 */
export function translate(from: u32, to: u32, windowStartSec: f64): void {
  windowStart = windowStartSec;
  for (let row = from; row < to; row++) {
    const ipBytes = load<u32>(batchIpBytes + row * 4);
    if (isTracing()) notePlaced(row, 0, windowStart);
    const reason = translateRow(row, ipBytes);
    if (reason != 0) {
      // Time passes for the sessions of others, too.
      advance(load<f64>(batchSec + row * 8), load<u32>(batchNsec + row * 4));
      store<u8>(batchReason + row, reason);
      store<f64>(packetsByReason + reason * 8, load<f64>(packetsByReason + reason * 8) + 1);
      store<f64>(bytesByReason + reason * 8, load<f64>(bytesByReason + reason * 8) + ipBytes);
    }
  }
}

/** Why the packet has no session; set where none was found or opened. */
let refusal: u32 = 0;
/** The packet is kept as a candidate: it counts when that is settled. */
let isKept: bool = false;

/**
 * @returns 0 for a packet that was counted in a session, or is kept for one, else a `REASON_CODE`: the first in the
 * ledger's order
 */
function translateRow(row: u32, ipBytes: u32): u32 {
  const decoded: u32 = load<u8>(batchReason + row);
  if (decoded != 0) return decoded;
  const src = load<u32>(batchSrcIp + row * 4);
  const dst = load<u32>(batchDstIp + row * 4);
  const sides = refusalOfSides(src, dst);
  if (sides != 0) return sides;
  const fromVpc = isOutward;
  const protocol: u32 = load<u8>(batchProtocol + row);
  const flags: u32 = load<u8>(batchFlags + row);
  const l4Kind: u32 = load<u8>(batchL4Kind + row);
  if (protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP && protocol != PROTOCOL_ICMP) {
    return refuseProtocol(row, src, dst, protocol, ipBytes);
  }
  if ((flags & FLAG_LATER_FRAGMENT) != 0) {
    return (flags & FLAG_GIVEN_UP) != 0 ? REASON_FRAG_LIMIT : REASON_FRAG_NO_HEAD;
  }
  let priIp = fromVpc ? src : dst;
  let pubIp = fromVpc ? dst : src;
  // `private port << 16 | public port`; an ICMP query has its identifier as private port and no public one.
  let ports = load<u32>(batchPorts + row * 4);
  let isError = false;
  if (protocol == PROTOCOL_ICMP) {
    const unsupported = refusalOfIcmp(row, l4Kind, flags, fromVpc, isPublicLeg);
    if (unsupported != 0) return unsupported;
    isError = !isIcmpQuery(l4Kind);
    ports &= 0xffff0000;
  } else if (!fromVpc) {
    ports = rotl(ports, 16);
  }

  const sec = load<f64>(batchSec + row * 8);
  const nsec = load<u32>(batchNsec + row * 4);
  let isTooLate = !hasOwnWindows && sec < windowStart;
  if (isTooLate && does(OPTION_DROP_LATE)) return REASON_LATE_DROPPED;
  const isBehind = !advance(sec, nsec);
  const realm = sawVlans ? load<u32>(batchVlan + row * 4) : 0;
  let session: Session | null;
  if (isError) {
    if (!findQuoted(row, fromVpc, priIp)) return REASON_ICMP_NO_SESSION;
    session = findSession(quotedPriIp, quotedPubIp, quotedPorts, quotedProtocol, realm);
    if (session == null || endIfIdle(session)) return REASON_ICMP_NO_SESSION;
    if (hasOwnWindows && isDroppedByOwn(session, sec)) return REASON_LATE_DROPPED;
  } else {
    if (isPublicLeg) {
      const owner = findMapping(natIndexOf(priIp), ports >> 16, protocol, pubIp, ports & 0xffff);
      if (owner != null && isObservedPrivate(owner) && !endIfIdle(owner)) {
        priIp = owner.priIp;
        ports = owner.ports;
        owner.flags |= <u16>ENTRY_LEG_MISSING;
      }
    }
    session = findSession(priIp, pubIp, ports, protocol, realm);
    if (hasOwnWindows && session != null && !endIfIdle(session) && isDroppedByOwn(session, sec)) {
      return REASON_LATE_DROPPED;
    }
    if (session == null || !isSettled(session, protocol, l4Kind, fromVpc)) {
      isKept = false;
      refusal = 0;
      session = admit(session, row, protocol, l4Kind, fromVpc);
      if (isKept) return 0;
      if (session == null) {
        if (refusal == 0) session = open(row, priIp, pubIp, ports, protocol, realm, l4Kind, fromVpc, ipBytes);
        if (session == null) return refusal;
      }
    }
    if (hasObserved) {
      const observedIp = load<u32>(batchObservedIp + row * 4);
      if (observedIp != 0) observe(session, observedIp, load<u16>(batchObservedPort + row * 2));
      if (<u32>load<u8>(batchLeg + row) == LEG_PUBLIC_MISSING) session.flags |= <u16>ENTRY_LEG_MISSING;
    }
    if (protocol == PROTOCOL_TCP) noteAck(session, row, l4Kind, fromVpc);
  }
  if (sawVlans && fromVpc && realm != realmOf(session) && !does(OPTION_VLAN_AWARE)) {
    session.flags |= <u16>ENTRY_REALM_CONFLICT;
  }
  const refreshes = !isError && (fromVpc || protocol != PROTOCOL_UDP || !does(OPTION_NO_INBOUND_REFRESH));
  if (hasOwnWindows) {
    windowStart = enterOwnWindow(session, sec);
    isTooLate = sec < windowStart;
  }
  if (isTooLate && does(OPTION_REVISE)) {
    const revised = windowStartAt(sec, windowSec, hasOwnWindows ? windowStart : windowOffsetSec);
    if (isTracing()) notePlaced(row, session.sessionId, revised);
    countRevision(session, row, revised, fromVpc);
    latePackets++;
    return 0;
  }
  if (isTracing()) notePlaced(row, session.sessionId, windowStart);
  count(session, row, sec, nsec, flags, isBehind || isTooLate, refreshes);
  session.count(ipBytes, fromVpc);
  return 0;
}

/** The packet of a session comes. @returns whether it is too late for the session's own window, and is not wanted then */
function isDroppedByOwn(session: Session, sec: f64): bool {
  windowStart = enterOwnWindow(session, sec);
  return sec < windowStart && does(OPTION_DROP_LATE);
}

/** Which protocols were refused, and whose, is told by events alone. */
function refuseProtocol(row: u32, src: u32, dst: u32, protocol: u32, ipBytes: u32): u32 {
  advance(load<f64>(batchSec + row * 8), load<u32>(batchNsec + row * 4));
  const priIp = isOutward ? src : dst;
  const pubIp = isOutward ? dst : src;
  noteRefusal(REASON_UNSUPPORTED_PROTOCOL, priIp, pubIp, 0, protocol, sideEntry, ipBytes);
  return REASON_UNSUPPORTED_PROTOCOL;
}

function isObservedPrivate(session: Session): bool {
  return ((<u32>session.marks) & (MARK_OBSERVED | MARK_PUBLIC_ONLY)) == MARK_OBSERVED;
}

/** Whether the packet belongs to the session and changes nothing in it but its counters: most do. */
function isSettled(session: Session, protocol: u32, l4Kind: u32, fromVpc: bool): bool {
  const state: u32 = session.state;
  if (hasEnded(state) || isIdleForGood(session)) return false;
  if (protocol == PROTOCOL_TCP) {
    return state == STATE_ESTABLISHED && (l4Kind & TCP_CHANGES) == 0 && ((<u32>session.marks) & MARK_CANDIDATE) == 0;
  }
  return fromVpc || state != STATE_UDP;
}

/**
 * A packet that may end a session, or change its state.
 *
 * @returns the session that it belongs to, or null when it needs a new one, or has none for `refusal`, or is kept
 */
function admit(found: Session | null, row: u32, protocol: u32, l4Kind: u32, fromVpc: bool): Session | null {
  if (found == null || endIfIdle(found)) return null;
  if (protocol == PROTOCOL_UDP) {
    if (!fromVpc && found.state == STATE_UDP) enterState(found, STATE_UDP_REPLIED);
    return found;
  }
  if (protocol != PROTOCOL_TCP || hasInvalidFlags(l4Kind)) return found;
  if (!fromVpc && ((<u32>found.marks) & MARK_CANDIDATE) != 0) {
    if (isAnswer(found, row, l4Kind)) return reopen(found, row, l4Kind);
    settleCandidate(found);
  }
  if (fromVpc && opens(l4Kind)) return admitSyn(found, row);
  if ((l4Kind & TCP_RST) != 0 && !isValidReset(found, row, fromVpc)) return found;
  if (!fromVpc) noteScale(found, row, l4Kind, false);
  const next = nextTcpState(found.state, l4Kind, fromVpc);
  if (next != <u32>found.state) enterState(found, next);
  return found;
}

/** A SYN from the VPC in a session that there is. @see nat-gateway reference §4.2 rule 5 */
function admitSyn(found: Session, row: u32): Session | null {
  const state: u32 = found.state;
  if (isReusable(state)) {
    endSession(found, naturalEnd(found, END_REUSED));
    return null;
  }
  if (load<u32>(batchTcpWindow + row * 4) == WINDOW_UNKNOWN || found.hasIsn(load<u32>(batchTcpSeq + row * 4))) {
    return found;
  }
  const idleSec = idleBesidesSyns(found);
  if (state == STATE_OPENING) {
    if (idleSec <= REOPENS_OPENING_SEC) return found;
    endSession(found, END_REUSED);
    return null;
  }
  if (idleSec >= REOPENS_SEC) {
    endSession(found, END_REUSED);
    return null;
  }
  return keep(found, row) ? null : found;
}

/** @returns false when there is no place for the SYN, so that it belongs to the session */
function keep(session: Session, row: u32): bool {
  const sec = load<f64>(batchSec + row * 8);
  const isTooLate = sec < windowStart;
  const flags = entryFlagsOf(row) | (isTooLate ? ENTRY_LATE_CARRIED : 0);
  const nsec = isTooLate ? 0 : load<u32>(batchNsec + row * 4);
  isKept = keepCandidate(session, row, isTooLate ? windowStart : sec, nsec, flags);
  if (!isKept) return false;
  if (isTooLate) latePackets++;
  if (isTracing()) noteKept(row, keptNoOf(session), hasOwnWindows && !isTooLate ? NaN : windowStart);
  return true;
}

/** A SYN-ACK of the SYN that the session keeps. */
function isAnswer(session: Session, row: u32, l4Kind: u32): bool {
  return (
    (l4Kind & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK) &&
    load<u32>(batchTcpWindow + row * 4) != WINDOW_UNKNOWN &&
    isConfirmed(session, load<u32>(batchTcpAck + row * 4))
  );
}

/** The SYN that the session keeps has opened a new one. @returns it, or null with a refusal when there is no room for it */
function reopen(old: Session, row: u32, l4Kind: u32): Session | null {
  const kept = detachCandidate(old);
  const priIp = old.priIp;
  const pubIp = old.pubIp;
  const ports = old.ports;
  const realm = realmOf(old);
  const isPublicOnly = ((<u32>old.marks) & MARK_PUBLIC_ONLY) != 0;
  endSession(old, END_REUSED);
  // The answer may have been seen behind the gateway, where the inner end of the packet is no host's.
  const session = isPublicOnly
    ? openObserved(priIp, pubIp, ports, PROTOCOL_TCP, realm)
    : openSession(priIp, pubIp, ports, PROTOCOL_TCP, realm, classOf(priIp) - INSIDE, 0);
  if (session == null) {
    returnCandidate(old, kept);
    return null;
  }
  enterState(session, STATE_OPENING);
  giveCandidate(kept, session);
  noteScale(session, row, l4Kind, false);
  enterState(session, nextTcpState(STATE_OPENING, l4Kind, false));
  return session;
}

/** @returns null with a refusal when no session can begin with the packet */
function open(
  row: u32,
  priIp: u32,
  pubIp: u32,
  ports: u32,
  protocol: u32,
  realm: u32,
  l4Kind: u32,
  fromVpc: bool,
  ipBytes: u32,
): Session | null {
  refusal = refusalToOpen(priIp, pubIp, ports, protocol, l4Kind, fromVpc);
  if (refusal != 0) return null;
  const session = isPublicLeg
    ? openObserved(priIp, pubIp, ports, protocol, realm)
    : openSession(priIp, pubIp, ports, protocol, realm, sideEntry, ipBytes);
  if (session == null) return null;
  if (protocol == PROTOCOL_UDP) {
    enterState(session, fromVpc ? STATE_UDP : STATE_UDP_REPLIED);
  } else if (protocol == PROTOCOL_ICMP) {
    enterState(session, STATE_ICMP);
  } else if (opens(l4Kind) && fromVpc) {
    enterState(session, STATE_OPENING);
    session.setIsn(load<u32>(batchTcpSeq + row * 4));
    noteScale(session, row, l4Kind, true);
  } else {
    enterState(session, nextTcpState(STATE_ESTABLISHED, l4Kind, fromVpc));
    session.flags |= <u16>ENTRY_MIDSTREAM;
  }
  return session;
}

/**
 * A segment without SYN shows a session that began before the capture; a SYN from outside shows none of ours, and neither
 * does a datagram, unless whoever asks may send to the endpoint.
 */
function refusalToOpen(priIp: u32, pubIp: u32, ports: u32, protocol: u32, l4Kind: u32, fromVpc: bool): u32 {
  const isTcp = protocol == PROTOCOL_TCP;
  if (isTcp && hasInvalidFlags(l4Kind)) return REASON_INVALID_FLAGS;
  const isMidstream = isTcp && (l4Kind & TCP_SYN) == 0;
  if (isMidstream && does(OPTION_DROP_MIDSTREAM)) return REASON_NO_SESSION;
  if (isMidstream && does(OPTION_DROP_EXPIRED) && isExpired(priIp, pubIp, ports, protocol)) {
    if (fromVpc && does(OPTION_RESET_EXPIRED) && (l4Kind & TCP_RST) == 0) {
      noteRefusal(EVENT_IDLE_RESET, priIp, pubIp, ports & 0xffff, protocol, sideEntry, RESET_BYTES);
    }
    return REASON_NO_SESSION;
  }
  if (fromVpc || isMidstream) return 0;
  if (does(OPTION_EIM)) reapAll();
  return isLetIn(priIp, ports >> 16, pubIp, protocol) ? 0 : REASON_NO_SESSION;
}

/** @returns a session without a state, or null with a refusal */
function openSession(
  priIp: u32,
  pubIp: u32,
  ports: u32,
  protocol: u32,
  realm: u32,
  entry: u32,
  ipBytes: u32,
): Session | null {
  refusal = refusalOf(priIp, protocol);
  if (refusal == 0 && !choosePort(priIp, pubIp, ports, protocol, entry)) refusal = REASON_NO_PORT;
  if (refusal != 0) {
    noteRefusal(refusal, priIp, pubIp, ports & 0xffff, protocol, entry, ipBytes);
    return null;
  }
  const session = createSession(priIp, pubIp, ports, protocol, realm, chosenAddress, chosenPort);
  begin(session, chosenLoad);
  if (hasLeftAddress) session.flags |= <u16>ENTRY_AFFINITY_BROKEN;
  addBinding(session);
  addContact(session);
  takeBlock(session);
  countHostSession(priIp, protocol);
  if (does(OPTION_DROP_EXPIRED)) forgetExpired(priIp, pubIp, ports, protocol);
  return session;
}

/** A session of which only the public side is seen: its translated endpoint stands for the private one. */
function openObserved(natIp: u32, pubIp: u32, ports: u32, protocol: u32, realm: u32): Session {
  const natAddress = natIndexOf(natIp);
  const natPort = ports >> 16;
  vacate(natAddress, natPort, protocol, pubIp, ports & 0xffff);
  if (isFull()) countExactly();
  const place = findLoad(natAddress, pubIp, ports & 0xffff, protocol);
  findSession(natIp, pubIp, ports, protocol, realm);
  findMapping(natAddress, natPort, protocol, pubIp, ports & 0xffff);
  const session = createSession(natIp, pubIp, ports, protocol, realm, natAddress, natPort);
  session.marks |= <u8>(MARK_OBSERVED | MARK_PUBLIC_ONLY);
  begin(session, place);
  return session;
}

function begin(session: Session, loadPlace: u32): void {
  session.sessionId = ++sessionCount;
  session.lastSec = nowSec;
  session.lastNsec = nowNsec;
  addLoad(session, loadPlace);
  takeOfClass(session);
  countOpened(session);
}

/** Flags of packets that are let pass which their entries get. */
const FLAGS_OF_ENTRIES: u32 = FLAG_LENGTH_INFERRED | FLAG_NO_TIME | FLAG_FRAG_OVERLAP | FLAG_SHORT_FRAME;

/** Flags of a packet that its entry gets. */
function entryFlagsOf(row: u32): u32 {
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
function count(session: Session, row: u32, sec: f64, nsec: u32, flags: u32, isLate: bool, refreshes: bool): void {
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
function noteFirstSeen(session: Session, sec: f64, nsec: u32): void {
  if (hasOwnWindows) noteOwnSeen(session, sec, nsec);
  else noteSeen(session.sessionId, sec, nsec);
}
