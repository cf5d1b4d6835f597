import { batchLeg, batchObservedIp } from './batch';
import { addBinding, addEndpoint, releaseBinding, releaseEndpoint } from './bindings';
import { END_REUSED, LEG_PUBLIC_MISSING } from './codes';
import { INSIDE, NO_ADDRESS, classOf, isInPool, natIndexOf } from './configuration';
import { isBefore, nowNsec, nowSec } from './clock';
import { addLoad, countExactly, findLoad, isFull, removeLoad } from './destination-load';
import { chooseAnother, chosenAddress, chosenPort } from './port-allocator';
import { releaseBlock, takeBlock } from './port-blocks';
import { releaseOfClass, takeOfClass } from './port-classes';
import { endIfIdle, endSession, free, hasFreePort } from './reaper';
import { MARK_OBSERVED, STATE_HELD, Session, hasEnded } from './session';
import { findMapping, leaveMapping, moveMapping, wasNobodys } from './session-table';

/** Some row of the batch has an observed translation. */
export let hasObserved: bool = false;

/** To be told of each batch. */
export function setObserved(isAny: bool): void {
  hasObserved = isAny;
}

/** Whether the packet in a row was seen on both sides, so that the gateway has let it pass. */
export function isSeenToPass(row: u32): bool {
  return hasObserved && load<u32>(batchObservedIp + row * 4) != 0;
}

/** Whether it came out of the gateway to a host and was not seen before. */
export function isPublicMissing(row: u32): bool {
  return hasObserved && <u32>load<u8>(batchLeg + row) == LEG_PUBLIC_MISSING;
}

/**
 * The public side was captured, too, and shows what the session is really translated to: that is so, whatever was chosen
 * for it, and has been so since it began.
 *
 * Where the endpoint was chosen for another session to the same destination, that one is given the one of this in turn, or another:
 * see `vacate`. Where it was observed there, the real gateway has ended that session. One that was seen with another endpoint before
 * keeps that, and so does one that cannot have had this one before: see `hasMoved`.
 */
export function observe(session: Session, natIp: u32, natPort: u32): void {
  const natAddress = natIndexOf(natIp);
  if (natAddress == NO_ADDRESS) return;
  if (<u32>session.natAddress == natAddress && <u32>session.natPort == natPort) {
    session.marks |= <u8>MARK_OBSERVED;
    return;
  }
  if (isObserved(session) || !mayHaveHad(session, natAddress, natPort)) return;
  let holder = holderOf(session, natAddress, natPort);
  if (holder != null && (isObserved(holder) || hasEnded(holder.state))) {
    endNow(holder);
    holder = null;
  }
  let otherAddress: u32 = session.natAddress;
  let otherPort: u32 = session.natPort;
  forget(session);
  leaveMapping(session);
  if (holder != null && !(mayHave(holder, otherAddress) && wasNobodys(holder, otherAddress, otherPort))) {
    if (chooseAnother(holder)) {
      otherAddress = chosenAddress;
      otherPort = chosenPort;
    } else {
      endNow(holder);
      holder = null;
    }
  }
  if (holder != null) forget(holder);
  findMapping(natAddress, natPort, session.protocol, session.pubIp, session.ports & 0xffff);
  take(session, natAddress, natPort);
  session.marks |= <u8>MARK_OBSERVED;
  if (holder == null) return;
  findMapping(otherAddress, otherPort, holder.protocol, holder.pubIp, holder.ports & 0xffff);
  take(holder, otherAddress, otherPort);
}

/** Whether an address is one of its host's. */
function mayHave(session: Session, natAddress: u32): bool {
  return isInPool(classOf(session.priIp) - INSIDE, natAddress);
}

/** Whether a session may have had an endpoint since it began: it begins with the packet at hand, or nobody else has had it meanwhile. */
export function mayHaveHad(session: Session, natAddress: u32, natPort: u32): bool {
  if (session.firstPacket == 0) return true;
  return holderOf(session, natAddress, natPort) == null && wasNobodys(session, natAddress, natPort);
}

/**
 * Whether nobody else who was seen with an endpoint has had it since a time, as far as is known: a session that begins then, as its
 * SYN was kept, may have it.
 */
export function wasUnseenSince(session: Session, natIp: u32, natPort: u32, sec: f64, nsec: u32): bool {
  const natAddress = natIndexOf(natIp);
  if (natAddress == NO_ADDRESS) return true;
  const holder = findMapping(natAddress, natPort, session.protocol, session.pubIp, session.ports & 0xffff);
  if (holder == null || !(isObserved(holder) || hasEnded(holder.state))) return true;
  const isOwn = holder.priIp == session.priIp && holder.ports == session.ports;
  return isOwn || isBefore(holder.lastSec, holder.lastNsec, sec, nsec);
}

/**
 * A session of which only the public side is seen has this endpoint. The one for which it was chosen towards the same
 * destination is given another one, which nobody had since that began: its entry has it from the beginning. Where there is none, the
 * real gateway has ended it.
 *
 * @see nat-gateway reference §6 "Invariants to property-test"
 */
export function vacate(natAddress: u32, natPort: u32, protocol: u32, pubIp: u32, pubPort: u32): void {
  const holder = findMapping(natAddress, natPort, protocol, pubIp, pubPort);
  if (holder == null || hasFreePort(holder)) return;
  if (isObserved(holder) && !hasEnded(holder.state)) return;
  if (hasEnded(holder.state) || !chooseAnother(holder)) {
    endNow(holder);
    return;
  }
  forget(holder);
  leaveMapping(holder);
  findMapping(chosenAddress, chosenPort, protocol, pubIp, pubPort);
  take(holder, chosenAddress, chosenPort);
}

/** The real gateway has given the endpoint of a session to another one: it is not held back, either. */
function endNow(session: Session): void {
  if (!hasEnded(session.state)) endSession(session, END_REUSED);
  if (session.state == STATE_HELD) free(session);
}

/** The same for a session of a host that was seen to have this endpoint: one that was seen with it before has ended. */
export function claim(natAddress: u32, natPort: u32, protocol: u32, pubIp: u32, pubPort: u32): void {
  const holder = findMapping(natAddress, natPort, protocol, pubIp, pubPort);
  if (holder != null && isObserved(holder) && !endIfIdle(holder)) endNow(holder);
  vacate(natAddress, natPort, protocol, pubIp, pubPort);
}

/** Whether the translated endpoint of a session was seen, not chosen. */
export function isObserved(session: Session): bool {
  return ((<u32>session.marks) & MARK_OBSERVED) != 0;
}

function holderOf(session: Session, natAddress: u32, natPort: u32): Session | null {
  const holder = findMapping(natAddress, natPort, session.protocol, session.pubIp, session.ports & 0xffff);
  return holder == null || hasFreePort(holder) ? null : holder;
}

function forget(session: Session): void {
  removeLoad(session);
  releaseOfClass(session);
  if (!hasEnded(session.state)) releaseBinding(session);
  releaseEndpoint(session);
  releaseBlock(session, nowSec, nowNsec);
}

function take(session: Session, natAddress: u32, natPort: u32): void {
  moveMapping(session, natAddress, natPort);
  if (isFull()) countExactly();
  addLoad(session, findLoad(natAddress, session.pubIp, session.ports & 0xffff, session.protocol));
  takeOfClass(session);
  if (!hasEnded(session.state)) addBinding(session);
  addEndpoint(session);
  takeBlock(session);
}
