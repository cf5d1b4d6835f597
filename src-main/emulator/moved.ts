import { isAnswerToKept } from './admission';
import { nowNsec, nowSec, secondsSince } from './clock';
import { END_REUSED, PROTOCOL_TCP } from './codes';
import { NO_ADDRESS, natIndexOf } from './configuration';
import { isObserved, mayHaveHad } from './observed';
import { endIfIdle, endSession } from './reaper';
import { Session, realmOf } from './session';
import { openMoved } from './session-opening';
import { hasInvalidFlags } from './tcp';

/*
 * Conversations that the real gateway has given another translated endpoint, as packets show that were seen on both sides. A
 * session has one: it has ended there, though its timer here has not run out, and the packet begins another one.
 * @see nat-gateway reference §4.1, §6.2
 */

/** An endpoint that a five-tuple has left, and when. */
@unmanaged
class Left {
  sec: f64;
  nsec: u32;
  priIp: u32;
  pubIp: u32;
  ports: u32;
  protocol: u32;
  /** `index of the address << 16 | port`. */
  endpoint: u32;
}
const LEFT_BYTES: usize = 32;
/** The latest ones are kept, which are far more than leave theirs within the time that matters. */
const LEFT_COUNT: u32 = 256;
const left: usize = memory.data(<i32>LEFT_COUNT * 32, 8);
let leftInAll: u32 = 0;

/**
 * What went through the gateway before the conversation moved may come to the host behind what went out after that, by the time
 * from the gateway to either capture, which is as far as the copies of a packet may be apart.
 * @see nat-gateway reference §6.2
 */
const STRAGGLES_SEC: f64 = 0.1;

/** The capture's clock was set back. */
export function forgetLeft(): void {
  leftInAll = 0;
}

/**
 * Whether a packet, that was seen with an endpoint, shows that its live session has lost the one that it was seen with before, or that
 * was chosen for it where it cannot have had the other one all the time. A packet that comes late, or with an endpoint that was left
 * just now, is of before that: it counts in the session that there is.
 */
export function hasMoved(session: Session, row: u32, l4Kind: u32, fromVpc: bool, natIp: u32, natPort: u32): bool {
  const natAddress = natIndexOf(natIp);
  if (natAddress == NO_ADDRESS || (<u32>session.natAddress == natAddress && <u32>session.natPort == natPort))
    return false;
  // What was chosen was wrong from the beginning, if it may have been.
  if (!isObserved(session) && mayHaveHad(session, natAddress, natPort)) return false;
  if (endIfIdle(session) || hasJustLeft(session, natAddress, natPort)) return false;
  // The answer to a SYN that is kept opens the session that has the other endpoint, and has that SYN.
  return (
    session.protocol != PROTOCOL_TCP || !(hasInvalidFlags(l4Kind) || isAnswerToKept(session, row, l4Kind, fromVpc))
  );
}

/** Ends a session that has moved. @returns the one that begins with the packet, in its first state */
export function move(session: Session, row: u32, l4Kind: u32, fromVpc: bool): Session {
  const slot = changetype<Left>(left + (leftInAll++ % LEFT_COUNT) * LEFT_BYTES);
  slot.sec = nowSec;
  slot.nsec = nowNsec;
  slot.priIp = session.priIp;
  slot.pubIp = session.pubIp;
  slot.ports = session.ports;
  slot.protocol = session.protocol;
  slot.endpoint = endpointOf(session.natAddress, session.natPort);
  endSession(session, END_REUSED);
  return openMoved(session, row, l4Kind, fromVpc);
}

function hasJustLeft(session: Session, natAddress: u32, natPort: u32): bool {
  const endpoint = endpointOf(natAddress, natPort);
  const oldest = leftInAll > LEFT_COUNT ? leftInAll - LEFT_COUNT : 0;
  for (let index = leftInAll; index > oldest; index--) {
    const slot = changetype<Left>(left + ((index - 1) % LEFT_COUNT) * LEFT_BYTES);
    if (secondsSince(slot.sec, slot.nsec) > STRAGGLES_SEC) return false;
    if (
      slot.endpoint == endpoint &&
      slot.ports == session.ports &&
      slot.priIp == session.priIp &&
      slot.pubIp == session.pubIp &&
      slot.protocol == <u32>session.protocol
    ) {
      return true;
    }
  }
  return false;
}

function endpointOf(natAddress: u32, natPort: u32): u32 {
  return (natAddress << 16) | natPort;
}
