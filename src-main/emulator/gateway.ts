import {
  batchDstIp,
  batchFlags,
  batchIpBytes,
  batchL4Kind,
  batchNsec,
  batchObservedIp,
  batchObservedPort,
  batchPorts,
  batchProtocol,
  batchReason,
  batchSec,
  batchSrcIp,
  batchVlan,
  findQuoting,
  hasVlans,
} from './batch';
import { admit, forgetAdmitted, isKept, isSettled, isVain, keepToo } from './admission';
import { advance } from './clock';
import {
  ENTRY_LEG_MISSING,
  ENTRY_REALM_CONFLICT,
  FLAG_GIVEN_UP,
  FLAG_LATER_FRAGMENT,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  REASON_COUNTERS,
  REASON_FRAG_LIMIT,
  REASON_FRAG_NO_HEAD,
  REASON_ICMP_NO_SESSION,
  REASON_LATE_DROPPED,
  REASON_NO_SESSION,
  REASON_UNSUPPORTED_PROTOCOL,
} from './codes';
import {
  OPTION_DROP_LATE,
  OPTION_NO_INBOUND_REFRESH,
  OPTION_OTHER_PROTOCOLS,
  OPTION_REVISE,
  OPTION_VLAN_AWARE,
  does,
  hasOwnWindows,
  natIndexOf,
  windowOffsetSec,
  windowSec,
} from './configuration';
import { noteRefusal } from './events';
import { noteBeginning } from './expired';
import {
  findQuotedByHead,
  isFollowing,
  isKeptHead,
  isVainHead,
  noteHead,
  reasonToFollow,
  refuseWithHead,
} from './fragments';
import { findQuoted, isIcmpQuery, quotedPorts, quotedPriIp, quotedProtocol, quotedPubIp, refusalOfIcmp } from './icmp';
import { hasMoved, move } from './moved';
import { hasObserved, isPublicMissing, isSeenToPass, observe, setObserved } from './observed';
import { hasPorts, isCommon, isDatagram } from './other-protocols';
import { enterOwnWindow } from './own-windows';
import { count, countLate, entryFlagsOf, setWindowStart, windowStart } from './packet-times';
import { endIfIdle } from './reaper';
import { countRevision, isUnsealed, windowStartAt } from './revisions';
import { MARK_OBSERVED, MARK_PUBLIC_ONLY, Session, realmOf } from './session';
import { forgetRefusal, open, refusal } from './session-opening';
import { findMapping, findSession } from './session-table';
import { isOutward, isPublicLeg, refusalOfSides, sideEntry } from './sides';
import { noteAck } from './tcp';
import { isTracing, notePlaced } from './trace';

/** Packets in no session, and their IP bytes, by `REASON_CODE`; float64. */
export const packetsByReason: usize = memory.data(<i32>REASON_COUNTERS * 8, 8);
export const bytesByReason: usize = memory.data(<i32>REASON_COUNTERS * 8, 8);
/** Some packet was tagged, so that all are looked at. */
let sawVlans: bool = false;
/** Some row of the batch may be a fragment. */
let hasFragments: bool = false;

/**
 * To be told of each batch.
 *
 * @param isPlain no row has a VLAN, or is an ICMP error
 * @param withObserved rows may have an observed translation
 * @param withFragments rows may be fragments
 * @returns how many rows are ICMP errors: `quotingRows` says which, and the host hands over what they quote
 */
export function beginBatch(rows: u32, isPlain: bool, withObserved: bool, withFragments: bool): u32 {
  setObserved(withObserved);
  hasFragments = withFragments;
  if (isPlain) return 0;
  if (!sawVlans) sawVlans = hasVlans(rows);
  return findQuoting(rows);
}

/**
 * Finds or creates the sessions of rows `[from, to)` of the batch and counts each packet, in its session or by the
 * reason why it has none, which is left in `batchReason`.
 */
export function translate(from: u32, to: u32): void {
  if (from < to) noteBeginning(load<f64>(batchSec + from * 8), load<u32>(batchNsec + from * 4));
  // Nearly all imports and batches: nothing is looked at that is not there.
  const isWatched = hasFragments || isTracing();
  for (let row = from; row < to; row++) {
    const ipBytes = load<u32>(batchIpBytes + row * 4);
    const reason = isWatched ? translateWatched(row, ipBytes) : translateRow(row, ipBytes);
    if (reason != 0) {
      // Time passes for the sessions of others, too.
      advance(load<f64>(batchSec + row * 8), load<u32>(batchNsec + row * 4));
      store<u8>(batchReason + row, reason);
      store<f64>(packetsByReason + reason * 8, load<f64>(packetsByReason + reason * 8) + 1);
      store<f64>(bytesByReason + reason * 8, load<f64>(bytesByReason + reason * 8) + ipBytes);
    }
  }
}

/** As `translateRow`, of a row that may be a fragment, or of which somebody wants to know where it counts. */
function translateWatched(row: u32, ipBytes: u32): u32 {
  if (isTracing()) notePlaced(row, 0, windowStart);
  if (hasFragments) forgetAdmitted();
  const reason = translateRow(row, ipBytes);
  if (hasFragments) noteHead(row, reason, isKept, isVain);
  return reason;
}

/**
 * @returns 0 for a packet that was counted in a session, or is kept for one, else a `REASON_CODE`: the first in the
 * ledger's order
 */
function translateRow(row: u32, ipBytes: u32): u32 {
  const decoded: u32 = load<u8>(batchReason + row);
  if (decoded != 0) return decoded;
  const src = load<u32>(batchSrcIp + row * 4);
  const dst = load<u32>(batchDstIp + row * 4);
  const sides = inline.always(refusalOfSides(src, dst));
  if (sides != 0) return sides;
  const fromVpc = isOutward;
  const protocol: u32 = load<u8>(batchProtocol + row);
  const flags: u32 = load<u8>(batchFlags + row);
  const l4Kind: u32 = load<u8>(batchL4Kind + row);
  if (!isCommon(protocol) && !does(OPTION_OTHER_PROTOCOLS)) {
    return refuseProtocol(row, src, dst, protocol, ipBytes);
  }
  if ((flags & FLAG_LATER_FRAGMENT) != 0) {
    return (flags & FLAG_GIVEN_UP) != 0 ? REASON_FRAG_LIMIT : REASON_FRAG_NO_HEAD;
  }
  const isLater = hasFragments && isFollowing(row, flags);
  const followed: u32 = isLater ? reasonToFollow(row) : 0;
  if (followed != 0 && followed < REASON_LATE_DROPPED) return followed;
  let priIp = fromVpc ? src : dst;
  let pubIp = fromVpc ? dst : src;
  // `private port << 16 | public port`; an ICMP query has its identifier as private port and no public one.
  let ports = load<u32>(batchPorts + row * 4);
  let isError = false;
  if (protocol == PROTOCOL_ICMP) {
    if (!isLater) {
      const unsupported = refusalOfIcmp(l4Kind, flags, fromVpc, isPublicLeg, isSeenToPass(row));
      if (unsupported != 0) return unsupported;
    }
    isError = !isIcmpQuery(l4Kind);
    ports &= 0xffff0000;
  } else if (!hasPorts(protocol)) {
    ports = 0;
  } else if (!fromVpc) {
    ports = rotl(ports, 16);
  }

  const sec = load<f64>(batchSec + row * 8);
  const nsec = load<u32>(batchNsec + row * 4);
  let isTooLate = !hasOwnWindows && sec < windowStart;
  if (isTooLate && does(OPTION_DROP_LATE) && !isAwaited(isLater, sec)) return REASON_LATE_DROPPED;
  const isBehind = !inline.always(advance(sec, nsec));
  if (followed != 0) return refuseWithHead(row, followed, ipBytes);
  let realm = sawVlans ? load<u32>(batchVlan + row * 4) : 0;
  // Of the entry that the packet counts in.
  let ownFlags: u32 = 0;
  // The translated endpoint of a packet that was seen on both sides, or behind the gateway, of a session whose private one is known.
  let seenIp: u32 = 0;
  let seenPort: u32 = 0;
  let session: Session | null;
  let refreshes = !isError && (fromVpc || !does(OPTION_NO_INBOUND_REFRESH) || !isDatagram(protocol));
  if (isError) {
    const isKnown = isLater ? findQuotedByHead(row) : findQuoted(row, fromVpc, priIp);
    if (!isKnown) return REASON_ICMP_NO_SESSION;
    session = isPublicLeg ? ownerOf(quotedPriIp, quotedPubIp, quotedPorts, quotedProtocol) : null;
    if (session != null) realm = realmOf(session);
    if (session != null || isPublicMissing(row)) ownFlags = ENTRY_LEG_MISSING;
    if (session == null) session = findSession(quotedPriIp, quotedPubIp, quotedPorts, quotedProtocol, realm);
    if (session == null || endIfIdle(session)) return REASON_ICMP_NO_SESSION;
    if (hasOwnWindows && isDroppedByOwn(session, sec, isLater)) return REASON_LATE_DROPPED;
  } else {
    if (isPublicLeg) {
      const owner = ownerOf(priIp, pubIp, ports, protocol);
      if (owner != null) {
        seenIp = priIp;
        seenPort = ports >> 16;
        priIp = owner.priIp;
        ports = owner.ports;
        // Behind the gateway there are other VLANs.
        realm = realmOf(owner);
        ownFlags = ENTRY_LEG_MISSING;
      }
    } else if (hasObserved) {
      seenIp = load<u32>(batchObservedIp + row * 4);
      seenPort = load<u16>(batchObservedPort + row * 2);
      if (isPublicMissing(row)) ownFlags = ENTRY_LEG_MISSING;
    }
    session = findSession(priIp, pubIp, ports, protocol, realm);
    if (hasOwnWindows && session != null && !endIfIdle(session) && isDroppedByOwn(session, sec, isLater)) {
      return REASON_LATE_DROPPED;
    }
    if (isLater) {
      if (session == null || endIfIdle(session)) return REASON_NO_SESSION;
      if (isKeptHead(row) && keepToo(session, row)) {
        session.flags |= <u16>ownFlags;
        return 0;
      }
      if (isVainHead(row)) refreshes = false;
    } else if (
      seenIp != 0 &&
      session != null &&
      !isBehind &&
      !isPublicLeg &&
      hasMoved(session, row, l4Kind, fromVpc, seenIp, seenPort)
    ) {
      session = move(session, row, l4Kind, fromVpc);
    } else if (session == null || !inline.always(isSettled(session, protocol, l4Kind, fromVpc))) {
      forgetAdmitted();
      forgetRefusal();
      const found = session;
      session = admit(found, row, protocol, l4Kind, fromVpc);
      if (isKept) {
        if (found != null) found.flags |= <u16>ownFlags;
        return 0;
      }
      if (isVain) refreshes = false;
      if (session == null) {
        if (refusal == 0) session = open(row, priIp, pubIp, ports, protocol, realm, l4Kind, fromVpc, ipBytes);
        if (session == null) return refusal;
      }
    }
    if (seenIp != 0) observe(session, seenIp, seenPort);
    if (protocol == PROTOCOL_TCP && !isLater) inline.always(noteAck(session, row, l4Kind, fromVpc));
  }
  if (sawVlans && fromVpc && realm != realmOf(session) && !does(OPTION_VLAN_AWARE)) {
    ownFlags |= ENTRY_REALM_CONFLICT;
  }
  if (hasOwnWindows) {
    setWindowStart(enterOwnWindow(session, sec));
    isTooLate = sec < windowStart;
  }
  const isWaitedFor = isTooLate && isAwaited(isLater, sec);
  if (isTooLate && (isWaitedFor || does(OPTION_REVISE))) {
    const revised = windowOf(sec);
    if (isTracing()) notePlaced(row, session.sessionId, revised);
    countRevision(session, row, revised, fromVpc, ownFlags | entryFlagsOf(row), !isWaitedFor);
    if (!isWaitedFor) countLate();
    return 0;
  }
  if (isTracing()) notePlaced(row, session.sessionId, windowStart);
  if (ownFlags != 0) session.flags |= <u16>ownFlags;
  inline.always(count(session, row, sec, nsec, flags, isBehind || isTooLate, refreshes));
  session.count(ipBytes, fromVpc);
  return 0;
}

/** The packet of a session comes. @returns whether it is too late for the session's own window, and is not wanted then */
function isDroppedByOwn(session: Session, sec: f64, isLater: bool): bool {
  setWindowStart(enterOwnWindow(session, sec));
  return sec < windowStart && does(OPTION_DROP_LATE) && !isAwaited(isLater, sec);
}

/**
 * Whether a packet that comes when its window is closed counts there nevertheless, and is not late: a later fragment, which may have
 * waited for its first one, as long as packets may come in time for that window.
 */
function isAwaited(isLater: bool, sec: f64): bool {
  return isLater && isUnsealed(windowOf(sec));
}

/** @returns start of the window that a second is in, of the windows that the one of a packet is of */
function windowOf(sec: f64): f64 {
  return windowStartAt(sec, windowSec, hasOwnWindows ? windowStart : windowOffsetSec);
}

/** Which protocols were refused, and whose, is told by events alone. */
function refuseProtocol(row: u32, src: u32, dst: u32, protocol: u32, ipBytes: u32): u32 {
  advance(load<f64>(batchSec + row * 8), load<u32>(batchNsec + row * 4));
  const priIp = isOutward ? src : dst;
  const pubIp = isOutward ? dst : src;
  noteRefusal(REASON_UNSUPPORTED_PROTOCOL, priIp, pubIp, 0, protocol, sideEntry, ipBytes);
  return REASON_UNSUPPORTED_PROTOCOL;
}

/** @returns the live session of a host that was seen to be translated to this endpoint towards this destination, or null */
function ownerOf(natIp: u32, pubIp: u32, ports: u32, protocol: u32): Session | null {
  const owner = findMapping(natIndexOf(natIp), ports >> 16, protocol, pubIp, ports & 0xffff);
  if (owner == null || ((<u32>owner.marks) & (MARK_OBSERVED | MARK_PUBLIC_ONLY)) != MARK_OBSERVED) return null;
  return endIfIdle(owner) ? null : owner;
}
