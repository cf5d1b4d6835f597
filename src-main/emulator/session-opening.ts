import { batchObservedIp, batchObservedPort, batchTcpSeq } from './batch';
import { addBinding, addEndpoint } from './bindings';
import { nowNsec, nowSec } from './clock';
import {
  END_REUSED,
  ENTRY_AFFINITY_BROKEN,
  ENTRY_MIDSTREAM,
  EVENT_IDLE_RESET,
  PROTOCOL_ICMP,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  REASON_INVALID_FLAGS,
  REASON_NO_PORT,
  REASON_NO_SESSION,
} from './codes';
import {
  INSIDE,
  NO_ADDRESS,
  OPTION_DROP_EXPIRED,
  OPTION_DROP_MIDSTREAM,
  OPTION_EIM,
  OPTION_RESET_EXPIRED,
  classOf,
  does,
  natIndexOf,
} from './configuration';
import { addContact, isLetIn } from './contacts';
import { addLoad, countExactly, findLoad, isFull } from './destination-load';
import { noteRefusal } from './events';
import { forgetExpired, isBeginning, isExpired } from './expired';
import { countHostSession, refusalOf } from './limits';
import { claim, isSeenToPass, vacate } from './observed';
import { firstOtherState } from './other-protocols';
import { choosePort, chosenAddress, chosenLoad, chosenPort, hasLeftAddress, vacateChosen } from './port-allocator';
import { takeBlock } from './port-blocks';
import { takeOfClass } from './port-classes';
import { countOpened, endSession, enterState, free, reapAll } from './reaper';
import { isOfAssociation, openedSctpState, opensSctp, shownSctpState } from './sctp';
import {
  MARK_OBSERVED,
  MARK_PUBLIC_ONLY,
  STATE_ESTABLISHED,
  STATE_HELD,
  STATE_ICMP,
  STATE_OPENING,
  STATE_UDP,
  STATE_UDP_REPLIED,
  Session,
  realmOf,
} from './session';
import { createSession, findMapping, findSession } from './session-table';
import { isPublicLeg, sideEntry } from './sides';
import { TCP_RST, hasInvalidFlags, nextTcpState, noteScale, opens } from './tcp';

/** Of a reset that the gateway sends: headers of IP and TCP without options. */
const RESET_BYTES: u32 = 40;

/** In the place of a row of the batch. */
const NO_ROW: u32 = 0xffffffff;

/** Why no session began with the packet; 0 where nothing was against it. */
export let refusal: u32 = 0;
/** The packet that opens a session shows one that began before. */
let isMidstream: bool = false;
let sessionCount: u32 = 0;

/** @returns the sessions created so far */
export function createdSessions(): u32 {
  return sessionCount;
}

/** To be called before a packet may open a session. */
export function forgetRefusal(): void {
  refusal = 0;
}

/** @returns null with a refusal when no session can begin with the packet */
export function open(
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
  const isSeen = isSeenToPass(row);
  refusal =
    protocol == PROTOCOL_SCTP
      ? refusalOfSctp(row, priIp, pubIp, ports, l4Kind, fromVpc)
      : refusalToOpen(priIp, pubIp, ports, protocol, l4Kind, fromVpc, isSeen);
  if (refusal != 0) return null;
  // On the public side, the session before it may have told whose it is.
  const isUnknown = isPublicLeg && natIndexOf(priIp) != NO_ADDRESS;
  const entry = isPublicLeg ? classOf(priIp) - INSIDE : sideEntry;
  const session = isUnknown
    ? openObserved(priIp, pubIp, ports, protocol, realm)
    : openSession(priIp, pubIp, ports, protocol, realm, entry, ipBytes, isSeen ? row : NO_ROW);
  if (session != null) enterFirst(session, row, protocol, l4Kind, fromVpc);
  return session;
}

/** Puts a new session into the state that the packet which opens it shows. */
function enterFirst(session: Session, row: u32, protocol: u32, l4Kind: u32, fromVpc: bool): void {
  if (protocol == PROTOCOL_UDP) {
    enterState(session, fromVpc ? STATE_UDP : STATE_UDP_REPLIED);
  } else if (protocol == PROTOCOL_ICMP) {
    enterState(session, STATE_ICMP);
  } else if (protocol == PROTOCOL_SCTP) {
    enterState(session, isMidstream ? shownSctpState(l4Kind) : openedSctpState(l4Kind));
    if (isMidstream) session.flags |= <u16>ENTRY_MIDSTREAM;
  } else if (protocol != PROTOCOL_TCP) {
    enterState(session, firstOtherState(protocol, fromVpc));
  } else if (opens(l4Kind)) {
    enterState(session, STATE_OPENING);
    if (fromVpc) session.setIsn(load<u32>(batchTcpSeq + row * 4));
    noteScale(session, row, l4Kind, fromVpc);
  } else {
    enterState(session, nextTcpState(STATE_ESTABLISHED, l4Kind, fromVpc));
    session.flags |= <u16>ENTRY_MIDSTREAM;
  }
}

/**
 * A session that follows one which has ended at the real gateway, with the endpoint that its first packet was seen with: nothing is
 * refused that has passed. One that is not new to both ends goes on from its middle.
 */
export function openMoved(old: Session, row: u32, l4Kind: u32, fromVpc: bool): Session {
  const protocol: u32 = old.protocol;
  const session = createSeen(old.priIp, old.pubIp, old.ports, protocol, realmOf(old), row);
  settleIn(session);
  isMidstream = protocol == PROTOCOL_SCTP && isOfAssociation(l4Kind, fromVpc);
  enterFirst(session, row, protocol, l4Kind, fromVpc);
  return session;
}

/**
 * A segment without SYN, or the answer to one, shows a session that began before: of one from outside, the private side tells
 * that the gateway has let it in. On the public side anybody may send it, as scanners and victims of forged SYNs do: there a
 * session begins with what goes out, also where it was under way before the capture, and what came in sooner has none. A SYN
 * from outside shows no session of ours, and neither does a datagram. Whoever may send to the endpoint is let in with anything,
 * and what was seen on both sides has been let in.
 *
 * @see nat-gateway reference §1.6, §4.2 rule 3, §7 scenario 8
 */
function refusalToOpen(
  priIp: u32,
  pubIp: u32,
  ports: u32,
  protocol: u32,
  l4Kind: u32,
  fromVpc: bool,
  isSeen: bool,
): u32 {
  const isTcp = protocol == PROTOCOL_TCP;
  if (isTcp && hasInvalidFlags(l4Kind)) return REASON_INVALID_FLAGS;
  isMidstream = isTcp && !opens(l4Kind);
  if (isMidstream && does(OPTION_DROP_MIDSTREAM)) return REASON_NO_SESSION;
  if (isMidstream && does(OPTION_DROP_EXPIRED) && isExpired(priIp, pubIp, ports, protocol)) {
    if (fromVpc && does(OPTION_RESET_EXPIRED) && (l4Kind & TCP_RST) == 0) {
      noteRefusal(EVENT_IDLE_RESET, priIp, pubIp, ports & 0xffff, protocol, sideEntry, RESET_BYTES);
    }
    return REASON_NO_SESSION;
  }
  if (fromVpc || isSeen || (isMidstream && !isPublicLeg)) return 0;
  if (does(OPTION_EIM)) reapAll();
  return isLetIn(priIp, ports >> 16, pubIp, protocol) ? 0 : REASON_NO_SESSION;
}

/**
 * Netfilter takes no association for a session whose beginning it has not seen, as it does with connections of TCP, so only one that
 * began before the capture is picked up, and on the public side by what goes out. What died within it comes back with an INIT, or with a
 * HEARTBEAT, and no earlier.
 */
function refusalOfSctp(row: u32, priIp: u32, pubIp: u32, ports: u32, chunk: u32, fromVpc: bool): u32 {
  const mayShow = isOfAssociation(chunk, fromVpc) && (fromVpc || !isPublicLeg);
  isMidstream = mayShow && showsAssociation(priIp, pubIp, ports, row, fromVpc);
  if (isMidstream) return 0;
  return (fromVpc || isSeenToPass(row)) && opensSctp(chunk) ? 0 : REASON_NO_SESSION;
}

/**
 * Whether a packet of SCTP that fits no session shows one that the gateway has nevertheless: it was seen to go through, or the
 * session may be from before the capture.
 */
export function showsAssociation(priIp: u32, pubIp: u32, ports: u32, row: u32, fromVpc: bool): bool {
  if (does(OPTION_DROP_MIDSTREAM)) return false;
  if (isPublicLeg ? fromVpc : isSeenToPass(row)) return true;
  return isBeginning() && !isExpired(priIp, pubIp, ports, PROTOCOL_SCTP);
}

/**
 * @param seenIn the row that has its translation, which is taken where none could be chosen: the gateway has not refused it.
 * `NO_ROW` for none
 * @returns a session without a state, or null with a refusal
 */
export function openSession(
  priIp: u32,
  pubIp: u32,
  ports: u32,
  protocol: u32,
  realm: u32,
  entry: u32,
  ipBytes: u32,
  seenIn: u32,
): Session | null {
  refusal = refusalOf(priIp, ports, protocol);
  if (refusal == 0 && !choosePort(priIp, pubIp, ports, protocol, entry)) refusal = REASON_NO_PORT;
  let session: Session;
  if (refusal == 0) {
    vacateChosen();
    session = createSession(priIp, pubIp, ports, protocol, realm, chosenAddress, chosenPort);
    begin(session, chosenLoad);
    if (hasLeftAddress) session.flags |= <u16>ENTRY_AFFINITY_BROKEN;
  } else if (seenIn != NO_ROW && natIndexOf(load<u32>(batchObservedIp + seenIn * 4)) != NO_ADDRESS) {
    refusal = 0;
    session = createSeen(priIp, pubIp, ports, protocol, realm, seenIn);
  } else {
    noteRefusal(refusal, priIp, pubIp, ports & 0xffff, protocol, entry, ipBytes);
    return null;
  }
  settleIn(session);
  if (does(OPTION_DROP_EXPIRED) || protocol == PROTOCOL_SCTP) forgetExpired(priIp, pubIp, ports, protocol);
  return session;
}

/** Counts a new session where those of its host are counted. */
function settleIn(session: Session): void {
  countHostSession(session.priIp, session.ports, session.protocol);
  addBinding(session);
  addEndpoint(session);
  addContact(session);
  takeBlock(session);
}

/**
 * A session in the place of a live one, which ends: its SYN has gone out by the mapping of that one, and was answered there, so that
 * this is what the new one has.
 *
 * @returns a session without a state
 * @see nat-gateway reference §4.2 rule 6
 */
export function follow(old: Session): Session {
  // The block stays its host's, and the port is not held back.
  takeBlock(old);
  endSession(old, END_REUSED);
  if (old.state == STATE_HELD) free(old);
  const isPublicOnly = ((<u32>old.marks) & MARK_PUBLIC_ONLY) != 0;
  const session = createAt(
    old.priIp,
    old.pubIp,
    old.ports,
    old.protocol,
    realmOf(old),
    old.natAddress,
    old.natPort,
    isPublicOnly ? MARK_OBSERVED | MARK_PUBLIC_ONLY : 0,
  );
  session.flags |= old.flags & (<u16>ENTRY_AFFINITY_BROKEN);
  if (!isPublicOnly) countHostSession(session.priIp, session.ports, session.protocol);
  addBinding(session);
  addEndpoint(session);
  addContact(session);
  return session;
}

/** One of a host whose translation was seen. */
function createSeen(priIp: u32, pubIp: u32, ports: u32, protocol: u32, realm: u32, row: u32): Session {
  const natAddress = natIndexOf(load<u32>(batchObservedIp + row * 4));
  const natPort: u32 = load<u16>(batchObservedPort + row * 2);
  claim(natAddress, natPort, protocol, pubIp, ports & 0xffff);
  return createAt(priIp, pubIp, ports, protocol, realm, natAddress, natPort, MARK_OBSERVED);
}

/** A session of which only the public side is seen: its translated endpoint stands for the private one. */
export function openObserved(natIp: u32, pubIp: u32, ports: u32, protocol: u32, realm: u32): Session {
  const natAddress = natIndexOf(natIp);
  const natPort = ports >> 16;
  vacate(natAddress, natPort, protocol, pubIp, ports & 0xffff);
  const marks = MARK_OBSERVED | MARK_PUBLIC_ONLY;
  const session = createAt(natIp, pubIp, ports, protocol, realm, natAddress, natPort, marks);
  addBinding(session);
  addContact(session);
  return session;
}

/** A session with a translated endpoint that no live one has. */
function createAt(
  priIp: u32,
  pubIp: u32,
  ports: u32,
  protocol: u32,
  realm: u32,
  natAddress: u32,
  natPort: u32,
  marks: u32,
): Session {
  if (isFull()) countExactly();
  const place = findLoad(natAddress, pubIp, ports & 0xffff, protocol);
  findSession(priIp, pubIp, ports, protocol, realm);
  findMapping(natAddress, natPort, protocol, pubIp, ports & 0xffff);
  const session = createSession(priIp, pubIp, ports, protocol, realm, natAddress, natPort);
  session.marks |= <u8>marks;
  begin(session, place);
  return session;
}

/** The packet, of so many octets, would have opened a session in the place of this one, which lives on. */
export function refuse(reason: u32, session: Session, ipBytes: u32): void {
  refusal = reason;
  const entry = classOf(session.priIp) - INSIDE;
  noteRefusal(reason, session.priIp, session.pubIp, session.ports & 0xffff, session.protocol, entry, ipBytes);
}

/** The packet fits the state of its session in no way, which it leaves as it is. */
export function refuseStray(): void {
  refusal = REASON_NO_SESSION;
}

function begin(session: Session, loadPlace: u32): void {
  session.sessionId = ++sessionCount;
  session.lastSec = nowSec;
  session.lastNsec = nowNsec;
  addLoad(session, loadPlace);
  takeOfClass(session);
  countOpened(session);
}
