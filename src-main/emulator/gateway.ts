import {
  batchDstIp,
  batchFlags,
  batchIpBytes,
  batchL4Kind,
  batchNsec,
  batchPacketNo,
  batchPorts,
  batchProtocol,
  batchReason,
  batchSec,
  batchSrcIp,
} from './batch';
import { advance, isIdleForGood, nowNsec, nowSec } from './clock';
import {
  END_REUSED,
  ENTRY_LATE_CARRIED,
  ENTRY_LENGTH_INFERRED,
  ENTRY_MIDSTREAM,
  FLAG_GIVEN_UP,
  FLAG_LATER_FRAGMENT,
  FLAG_LENGTH_INFERRED,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  REASON_COUNTERS,
  REASON_FRAG_LIMIT,
  REASON_FRAG_NO_HEAD,
  REASON_ICMP_UNSUPPORTED,
  REASON_INTRA,
  REASON_NOT_ROUTABLE,
  REASON_NO_PORT,
  REASON_NO_SESSION,
  REASON_NO_SNAT_ENTRY,
  REASON_UNSUPPORTED_PROTOCOL,
} from './codes';
import { INSIDE, NOT_ROUTABLE, classOf, isNatAddress } from './configuration';
import { addLoad } from './destination-load';
import { hashTuple } from './hash';
import { choosePort, chosenAddress, chosenLoad, chosenPort } from './port-allocator';
import { endIfIdle, endSession, enterState, naturalEnd } from './reaper';
import {
  STATE_ESTABLISHED,
  STATE_ICMP,
  STATE_OPENING,
  STATE_UDP,
  Session,
  TCP_ACK,
  TCP_FIN,
  TCP_RST,
  TCP_SYN,
  isReusable,
  nextTcpState,
} from './session';
import { createSession, findSession } from './session-table';

const ICMP_ECHO_REPLY: u32 = 0;
const ICMP_ECHO_REQUEST: u32 = 8;
/** A segment with one of these may change the state of an established session. */
const TCP_CHANGES: u32 = TCP_FIN | TCP_SYN | TCP_RST;

/** Packets in no session, and their IP bytes, by `REASON_CODE`; float64. */
export const packetsByReason: usize = memory.data(<i32>REASON_COUNTERS * 8, 8);
export const bytesByReason: usize = memory.data(<i32>REASON_COUNTERS * 8, 8);
let sessionCount: u32 = 0;
let latePackets: f64 = 0;

/** @returns the sessions created so far */
export function createdSessions(): u32 {
  return sessionCount;
}

/** @returns the packets that came too late for their own window */
export function lateCount(): f64 {
  return latePackets;
}

/**
 * Finds or creates the sessions of rows `[from, to)` of the batch and counts each packet, in its session or by the
 * reason why it has none.
 *
 * @param windowStartSec a packet from before it comes too late for its own window: it counts at this time
 */
export function translate(from: u32, to: u32, windowStartSec: f64): void {
  for (let row = from; row < to; row++) {
    const ipBytes = load<u32>(batchIpBytes + row * 4);
    const refusal = translateRow(row, ipBytes, windowStartSec);
    if (refusal != 0) {
      store<f64>(packetsByReason + refusal * 8, load<f64>(packetsByReason + refusal * 8) + 1);
      store<f64>(bytesByReason + refusal * 8, load<f64>(bytesByReason + refusal * 8) + ipBytes);
    }
  }
}

/** @returns 0 for a packet that was counted in a session, else a `REASON_CODE`: the first in the ledger's order */
function translateRow(row: u32, ipBytes: u32, windowStartSec: f64): u32 {
  const decoded: u32 = load<u8>(batchReason + row);
  if (decoded != 0) return decoded;
  const src = load<u32>(batchSrcIp + row * 4);
  const dst = load<u32>(batchDstIp + row * 4);
  const srcClass = classOf(src);
  const dstClass = classOf(dst);
  if (srcClass == NOT_ROUTABLE || dstClass == NOT_ROUTABLE) return REASON_NOT_ROUTABLE;
  const fromVpc = srcClass >= INSIDE;
  if (fromVpc == dstClass >= INSIDE) {
    if (fromVpc) return REASON_INTRA;
    return isNatAddress(dst) ? REASON_NO_SESSION : REASON_NO_SNAT_ENTRY;
  }
  const protocol: u32 = load<u8>(batchProtocol + row);
  const flags: u32 = load<u8>(batchFlags + row);
  const l4Kind: u32 = load<u8>(batchL4Kind + row);
  if (protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP && protocol != PROTOCOL_ICMP) {
    return REASON_UNSUPPORTED_PROTOCOL;
  }
  if ((flags & FLAG_LATER_FRAGMENT) != 0) {
    return (flags & FLAG_GIVEN_UP) != 0 ? REASON_FRAG_LIMIT : REASON_FRAG_NO_HEAD;
  }
  // `private port << 16 | public port`; an ICMP query has its identifier as private port and no public one.
  let ports = load<u32>(batchPorts + row * 4);
  if (protocol == PROTOCOL_ICMP) {
    if (l4Kind != ICMP_ECHO_REQUEST && l4Kind != ICMP_ECHO_REPLY) return REASON_ICMP_UNSUPPORTED;
    // Queries go out and replies come in; anything else would be answered by the gateway, not translated.
    if ((l4Kind == ICMP_ECHO_REQUEST) != fromVpc) return REASON_NO_SESSION;
    ports &= 0xffff0000;
  } else if (!fromVpc) {
    ports = rotl(ports, 16);
  }

  const sec = load<f64>(batchSec + row * 8);
  const nsec = load<u32>(batchNsec + row * 4);
  const isLate = !advance(sec, nsec) || sec < windowStartSec;
  const priIp = fromVpc ? src : dst;
  const pubIp = fromVpc ? dst : src;
  const hash = hashTuple(priIp, pubIp, ports, protocol);
  let session = findSession(hash, priIp, pubIp, ports, protocol);
  const isSettled =
    session != null &&
    !isIdleForGood(session) &&
    (protocol != PROTOCOL_TCP || (<u32>session.state == STATE_ESTABLISHED && (l4Kind & TCP_CHANGES) == 0));
  if (!isSettled) {
    session = admit(session, protocol, l4Kind, fromVpc);
    if (session == null) {
      if (!canOpen(protocol, l4Kind, fromVpc)) return REASON_NO_SESSION;
      const entry = (fromVpc ? srcClass : dstClass) - INSIDE;
      session = openSession(hash, priIp, pubIp, ports, protocol, entry, l4Kind, fromVpc);
      if (session == null) return REASON_NO_PORT;
    }
  }
  count(session!, row, sec, nsec, flags, isLate, windowStartSec);
  if (fromVpc) {
    session!.pktsFromVpc++;
    session!.bytesFromVpc += ipBytes;
  } else {
    session!.pktsFromPub++;
    session!.bytesFromPub += ipBytes;
  }
  return 0;
}

/**
 * A packet that may end a session, or change its state.
 *
 * @returns the session that it belongs to, or null when it needs a new one
 */
function admit(found: Session | null, protocol: u32, l4Kind: u32, fromVpc: bool): Session | null {
  if (found == null || endIfIdle(found)) return null;
  if (protocol != PROTOCOL_TCP) return found;
  const opens = fromVpc && (l4Kind & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
  if (opens && isReusable(found.state)) {
    endSession(found, naturalEnd(found, END_REUSED));
    return null;
  }
  const next = nextTcpState(found.state, l4Kind, fromVpc);
  if (next != <u32>found.state) enterState(found, next);
  return found;
}

/** A segment without SYN shows a session that began before the capture; a SYN from outside shows none of ours. */
function canOpen(protocol: u32, l4Kind: u32, fromVpc: bool): bool {
  return fromVpc || (protocol == PROTOCOL_TCP && (l4Kind & TCP_SYN) == 0);
}

/** @returns null when there is no port for it */
function openSession(
  hash: u32,
  priIp: u32,
  pubIp: u32,
  ports: u32,
  protocol: u32,
  entry: u32,
  l4Kind: u32,
  fromVpc: bool,
): Session | null {
  const salt = <u32>(<i64>nowSec) * 0x165667b1;
  if (!choosePort(priIp, pubIp, ports, protocol, entry, salt)) return null;
  const session = createSession(hash, priIp, pubIp, ports, protocol, chosenAddress, chosenPort);
  session.sessionId = ++sessionCount;
  const isOpening = (l4Kind & (TCP_SYN | TCP_ACK)) == TCP_SYN;
  enterState(session, firstState(protocol, l4Kind, isOpening, fromVpc));
  if (protocol == PROTOCOL_TCP && !isOpening) session.flags = <u8>ENTRY_MIDSTREAM;
  addLoad(session, chosenLoad);
  return session;
}

function firstState(protocol: u32, l4Kind: u32, isOpening: bool, fromVpc: bool): u32 {
  if (protocol == PROTOCOL_UDP) return STATE_UDP;
  if (protocol == PROTOCOL_ICMP) return STATE_ICMP;
  return isOpening ? STATE_OPENING : nextTcpState(STATE_ESTABLISHED, l4Kind, fromVpc);
}

/** Times and flags of a packet in its session. */
function count(session: Session, row: u32, sec: f64, nsec: u32, flags: u32, isLate: bool, windowStartSec: f64): void {
  const packetNo = load<f64>(batchPacketNo + row * 8);
  const isFirst = (session.pktsFromVpc | session.pktsFromPub) == 0;
  if (isLate || session.hasOwnLast) {
    countLate(session, sec, nsec, isFirst, isLate, windowStartSec);
  } else if (isFirst) {
    session.firstSec = sec;
    session.firstNsec = nsec;
  }
  if (isFirst) session.firstPacket = packetNo;
  if ((flags & FLAG_LENGTH_INFERRED) != 0) session.flags |= <u8>ENTRY_LENGTH_INFERRED;
  session.lastSec = nowSec;
  session.lastNsec = nowNsec;
  session.lastPacket = packetNo;
}

/**
 * Times of a packet that is late, or comes after a late one. Its session's own time never goes back, but the times of
 * its entry are those of its packets.
 */
function countLate(session: Session, sec: f64, nsec: u32, isFirst: bool, isLate: bool, windowStartSec: f64): void {
  let atSec = sec;
  let atNsec = nsec;
  if (sec < windowStartSec) {
    atSec = windowStartSec;
    atNsec = 0;
    latePackets++;
    session.flags |= <u8>ENTRY_LATE_CARRIED;
  }
  const lastSec = session.hasOwnLast ? session.ownLastSec : session.lastSec;
  const lastNsec = session.hasOwnLast ? session.ownLastNsec : session.lastNsec;
  if (isFirst || isAfter(session.firstSec, session.firstNsec, atSec, atNsec)) {
    session.firstSec = atSec;
    session.firstNsec = atNsec;
  }
  session.hasOwnLast = isLate;
  if (!isLate) return;
  const isLast = isFirst || isAfter(atSec, atNsec, lastSec, lastNsec);
  session.ownLastSec = isLast ? atSec : lastSec;
  session.ownLastNsec = isLast ? atNsec : lastNsec;
}

function isAfter(sec: f64, nsec: u32, otherSec: f64, otherNsec: u32): bool {
  return sec > otherSec || (sec == otherSec && nsec > otherNsec);
}
