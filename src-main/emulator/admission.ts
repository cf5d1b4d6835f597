import {
  batchIpBytes,
  batchNsec,
  batchObservedIp,
  batchObservedPort,
  batchSec,
  batchTcpAck,
  batchTcpSeq,
  batchTcpWindow,
} from './batch';
import {
  detachCandidate,
  giveCandidate,
  idleBesidesSyns,
  isConfirmed,
  isKeptAgain,
  isOwnSyn,
  keepCandidate,
  keptNsecOf,
  keptSecOf,
  lastKeptNo,
  observedIpOf,
  observedPortOf,
  settleCandidate,
} from './candidates';
import { isIdleForGood } from './clock';
import {
  END_REUSED,
  ENTRY_LATE_CARRIED,
  ENTRY_MIDSTREAM,
  PROTOCOL_ICMP,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from './codes';
import { OPTION_REVISE, does, hasOwnWindows, windowOffsetSec, windowSec } from './configuration';
import { refusalOfHaste } from './limits';
import { isSeenToPass, observe, wasUnseenSince } from './observed';
import { isCommon, nextOtherState } from './other-protocols';
import { countLate, entryFlagsOf, windowStart } from './packet-times';
import { endIfIdle, endSession, enterState } from './reaper';
import { windowStartAt } from './revisions';
import { isStraySctp, isVainSctp, shownSctpState } from './sctp';
import {
  MARK_CANDIDATE,
  MARK_PUBLIC_ONLY,
  STATE_ESTABLISHED,
  STATE_OPENING,
  STATE_SYN_RECEIVED,
  STATE_UDP,
  STATE_UDP_REPLIED,
  Session,
  hasEnded,
} from './session';
import { follow, refuse, refuseStray, showsAssociation } from './session-opening';
import { refusalToFollow } from './succession';
import {
  TCP_ACK,
  TCP_CHANGES,
  TCP_RST,
  TCP_SYN,
  WINDOW_UNKNOWN,
  answersSyn,
  hasInvalidFlags,
  isOpenedOutside,
  isReusable,
  isValidReset,
  nextStateOfOutside,
  nextTcpState,
  noteScale,
  opens,
} from './tcp';
import { isTracing, noteKept } from './trace';

/** A SYN with another initial number that comes so late after its session's last packet opens a new one at once. */
const REOPENS_OPENING_SEC: f64 = 1;
const REOPENS_SEC: f64 = 60;

/** The packet is kept as a candidate: it counts when that is settled. */
export let isKept: bool = false;
/** The packet is of a session whose idle time goes on as if it had not come. */
export let isVain: bool = false;

/** To be called before `admit`. */
export function forgetAdmitted(): void {
  isKept = false;
  isVain = false;
}

/** Whether the packet belongs to the session and changes nothing in it but its counters: most do. */
export function isSettled(session: Session, protocol: u32, l4Kind: u32, fromVpc: bool): bool {
  const state: u32 = session.state;
  if (hasEnded(state) || isIdleForGood(session)) return false;
  if (protocol == PROTOCOL_TCP) {
    return state == STATE_ESTABLISHED && (l4Kind & TCP_CHANGES) == 0 && ((<u32>session.marks) & MARK_CANDIDATE) == 0;
  }
  if (protocol == PROTOCOL_UDP || protocol == PROTOCOL_ICMP) return fromVpc || state != STATE_UDP;
  if (protocol == PROTOCOL_SCTP && (isVainSctp(state, l4Kind) || isStraySctp(state, l4Kind, fromVpc))) return false;
  return <u32>nextOtherState(state, protocol, l4Kind, fromVpc) == state;
}

/**
 * A packet that may end a session, or change its state.
 *
 * @returns the session that it belongs to, or null when it needs a new one, or has none for `refusal`, or is kept
 */
export function admit(found: Session | null, row: u32, protocol: u32, l4Kind: u32, fromVpc: bool): Session | null {
  if (found == null || endIfIdle(found)) return null;
  if (protocol == PROTOCOL_UDP) {
    if (!fromVpc && found.state == STATE_UDP) enterState(found, STATE_UDP_REPLIED);
    return found;
  }
  if (protocol == PROTOCOL_SCTP) return admitSctp(found, row, l4Kind, fromVpc);
  if (!isCommon(protocol)) {
    const next = nextOtherState(found.state, protocol, l4Kind, fromVpc);
    if (next != <u32>found.state) enterState(found, next);
    return found;
  }
  if (protocol != PROTOCOL_TCP || hasInvalidFlags(l4Kind)) return found;
  if (!fromVpc && ((<u32>found.marks) & MARK_CANDIDATE) != 0) {
    if (isAnswer(found, row, l4Kind) && refusalToReopen(found, row) == 0)
      return answer(reopen(found, row), row, l4Kind);
    settleCandidate(found);
  }
  if (fromVpc && opens(l4Kind)) return admitSyn(found, row);
  if (!fromVpc && isUnanswered(found, l4Kind) && !answersSyn(found, row, l4Kind)) return found;
  if ((l4Kind & TCP_RST) != 0 && !isValidReset(found, row, fromVpc)) return found;
  if (!fromVpc) noteScale(found, row, l4Kind, false);
  const next = isOpenedOutside(found)
    ? nextStateOfOutside(found.state, l4Kind, fromVpc)
    : nextTcpState(found.state, l4Kind, fromVpc);
  if (next != <u32>found.state) enterState(found, next);
  return found;
}

function admitSctp(found: Session, row: u32, chunk: u32, fromVpc: bool): Session | null {
  const state: u32 = found.state;
  let next = nextOtherState(state, PROTOCOL_SCTP, chunk, fromVpc);
  if (isStraySctp(state, chunk, fromVpc)) {
    if (!showsAssociation(found.priIp, found.pubIp, found.ports, row, fromVpc)) {
      refuseStray();
      return null;
    }
    next = shownSctpState(chunk);
    found.flags |= <u16>ENTRY_MIDSTREAM;
  }
  isVain = isVainSctp(state, chunk);
  if (next != state) enterState(found, next);
  return found;
}

/** A SYN from the VPC in a session that there is. @see nat-gateway reference §4.2 rule 5 */
function admitSyn(found: Session, row: u32): Session | null {
  const state: u32 = found.state;
  if (isReusable(state)) {
    endForNew(found, row);
    return null;
  }
  if (state == STATE_OPENING && isOpenedOutside(found)) {
    // Of crossing SYNs, that from outside came first.
    found.setIsn(load<u32>(batchTcpSeq + row * 4));
    noteScale(found, row, TCP_SYN, true);
    enterState(found, STATE_SYN_RECEIVED);
    return found;
  }
  if (load<u32>(batchTcpWindow + row * 4) == WINDOW_UNKNOWN || isOwnSyn(found, row)) {
    return found;
  }
  const idleSec = idleBesidesSyns(found);
  if (state == STATE_OPENING) {
    if (idleSec <= REOPENS_OPENING_SEC) return found;
    endForNew(found, row);
    return null;
  }
  if (idleSec >= REOPENS_SEC) {
    if (isKeptAgain(found, row)) return reopenFor(found, row);
    endForNew(found, row);
    return null;
  }
  keep(found, row);
  return null;
}

/** A live session ends for a new one of its five-tuple, but not for one that is refused. @see nat-gateway reference §3.5 */
function endForNew(session: Session, row: u32): void {
  // What was seen on both sides the gateway has not refused.
  const refused = isSeenToPass(row) ? 0 : refusalToFollow(session);
  if (refused == 0) endSession(session, END_REUSED);
  else refuse(refused, session, load<u32>(batchIpBytes + row * 4));
}

function keep(session: Session, row: u32): void {
  const sec = load<f64>(batchSec + row * 8);
  const isTooLate = sec < windowStart;
  const isCarried = isTooLate && !does(OPTION_REVISE);
  const flags = entryFlagsOf(row) | (isCarried ? ENTRY_LATE_CARRIED : 0);
  const nsec = isCarried ? 0 : load<u32>(batchNsec + row * 4);
  const offsetSec = hasOwnWindows ? windowStart : windowOffsetSec;
  const startSec = isTooLate && !isCarried ? windowStartAt(sec, windowSec, offsetSec) : windowStart;
  keepCandidate(session, row, isCarried ? windowStart : sec, nsec, startSec, flags);
  isKept = true;
  if (isTooLate) countLate();
  if (isTracing()) noteKept(row, lastKeptNo);
}

/** A later fragment of a SYN that was kept, whose number it has: where the session keeps that still, they stay together. */
export function keepToo(session: Session, row: u32): bool {
  if (((<u32>session.marks) & MARK_CANDIDATE) == 0) return false;
  if (!isConfirmed(session, load<u32>(batchTcpSeq + row * 4) + 1)) return false;
  keep(session, row);
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

/** Whether a packet opens a session by answering the SYN that another one keeps. */
export function isAnswerToKept(session: Session, row: u32, l4Kind: u32, fromVpc: bool): bool {
  return !fromVpc && ((<u32>session.marks) & MARK_CANDIDATE) != 0 && isAnswer(session, row, l4Kind);
}

/** Nothing has come from outside to the SYN that opened the session, and neither a SYN nor a reset comes now. */
function isUnanswered(session: Session, l4Kind: u32): bool {
  return session.state == STATE_OPENING && (l4Kind & (TCP_SYN | TCP_RST)) == 0;
}

/**
 * A new session has all that it needs from the one that it follows; only so many may open in a second.
 *
 * @returns 0, or the `REASON_CODE` for which it is refused
 */
function refusalToReopen(session: Session, row: u32): u32 {
  if (((<u32>session.marks) & MARK_PUBLIC_ONLY) != 0 || isSeenToPass(row)) return 0;
  return refusalOfHaste(session.priIp);
}

/** The SYN that the session keeps has opened a new one, whose first packet it is. */
function reopen(old: Session, row: u32): Session {
  const kept = detachCandidate(old);
  const session = follow(old);
  // What is counted in entries of windows before has the port that the gateway had for it.
  const seenIp = isSeenToPass(row) ? load<u32>(batchObservedIp + row * 4) : observedIpOf(kept);
  const seenPort: u32 = isSeenToPass(row) ? load<u16>(batchObservedPort + row * 2) : observedPortOf(kept);
  // It begins with the SYN, when another one may have had that port.
  if (seenIp != 0 && wasUnseenSince(session, seenIp, seenPort, keptSecOf(kept), keptNsecOf(kept))) {
    observe(session, seenIp, seenPort);
  }
  enterState(session, STATE_OPENING);
  giveCandidate(kept, session);
  return session;
}

/** Its SYN-ACK has come. */
function answer(session: Session, row: u32, l4Kind: u32): Session {
  noteScale(session, row, l4Kind, false);
  enterState(session, nextTcpState(STATE_OPENING, l4Kind, false));
  return session;
}

/** The SYN that a session keeps is sent again, so long after all else of the session that it opens a new one, with those before it. */
function reopenFor(old: Session, row: u32): Session | null {
  const refused = refusalToReopen(old, row);
  if (refused == 0) return reopen(old, row);
  refuse(refused, old, load<u32>(batchIpBytes + row * 4));
  return null;
}
