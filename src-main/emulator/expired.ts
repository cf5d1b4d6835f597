import { nowNsec, nowSec, secondsSince } from './clock';
import { timeoutOf } from './configuration';
import { hashTuple } from './hash';
import { STATE_SCTP_ESTABLISHED, Session } from './session';

/*
 * Five-tuples whose sessions died of idleness, where what goes on after that is to be dropped. They are remembered until a
 * new session begins, so they take memory by all sessions of a capture, not by the live ones. Those of SCTP are always dropped,
 * however they died, and remembered only in the beginning.
 */

const ENTRY_BYTES: usize = 16;
const INITIAL_ENTRIES: u32 = 1 << 10;

/** A free slot has protocol 0, one that was taken out a protocol that there is not. */
@unmanaged
class Tuple {
  priIp: u32;
  pubIp: u32;
  ports: u32;
  protocol: u32;
}
const REMOVED: u32 = 0xffffffff;

let slots: usize = 0;
let mask: u32 = 0;
let used: u32 = 0;

function slotAt(at: u32): Tuple {
  return changetype<Tuple>(slots + at * ENTRY_BYTES);
}

/** When the gateway saw the first packet, or lost sessions of SCTP by a change; Infinity before. */
let beganSec: f64 = Infinity;
let beganNsec: u32 = 0;

/** Packets come, the first of which has this time. */
export function noteBeginning(sec: f64, nsec: u32): void {
  if (beganSec != Infinity) return;
  beganSec = sec;
  beganNsec = nsec;
}

/** A session of SCTP has lost its address to a change of the gateway: what goes on of it is as from before the capture. */
export function beginAnew(): void {
  beganSec = nowSec;
  beganNsec = nowNsec;
}

/** Whether associations can be alive that the gateway has had no packet of: none is for longer after its last one. */
export function isBeginning(): bool {
  return secondsSince(beganSec, beganNsec) < timeoutOf(STATE_SCTP_ESTABLISHED);
}

export function rememberExpired(session: Session): void {
  if (used * 2 >= mask) grow();
  insert(session.priIp, session.pubIp, session.ports, session.protocol);
}

function insert(priIp: u32, pubIp: u32, ports: u32, protocol: u32): void {
  for (let at = hashTuple(priIp, pubIp, ports, protocol) & mask; ; at = (at + 1) & mask) {
    const slot = slotAt(at);
    if (slot.protocol == 0) {
      slot.priIp = priIp;
      slot.pubIp = pubIp;
      slot.ports = ports;
      slot.protocol = protocol;
      used++;
      return;
    }
    if (slot.protocol == protocol && slot.priIp == priIp && slot.pubIp == pubIp && slot.ports == ports) return;
  }
}

function find(priIp: u32, pubIp: u32, ports: u32, protocol: u32): Tuple | null {
  if (slots == 0) return null;
  let at = hashTuple(priIp, pubIp, ports, protocol) & mask;
  while (true) {
    const slot = slotAt(at);
    if (slot.protocol == 0) return null;
    if (slot.protocol == protocol && slot.priIp == priIp && slot.pubIp == pubIp && slot.ports == ports) return slot;
    at = (at + 1) & mask;
  }
}

export function isExpired(priIp: u32, pubIp: u32, ports: u32, protocol: u32): bool {
  return find(priIp, pubIp, ports, protocol) != null;
}

/** A new session has begun. */
export function forgetExpired(priIp: u32, pubIp: u32, ports: u32, protocol: u32): void {
  const slot = find(priIp, pubIp, ports, protocol);
  if (slot != null) slot.protocol = REMOVED;
}

/** The clock was set: nothing is known of what went before. */
export function forgetAllExpired(): void {
  if (slots != 0) memory.fill(slots, 0, (mask + 1) * ENTRY_BYTES);
  used = 0;
  beganSec = Infinity;
}

function grow(): void {
  const old = slots;
  const oldSlots = mask + 1;
  mask = old == 0 ? INITIAL_ENTRIES - 1 : mask * 2 + 1;
  slots = heap.alloc((mask + 1) * ENTRY_BYTES);
  memory.fill(slots, 0, (mask + 1) * ENTRY_BYTES);
  used = 0;
  if (old == 0) return;
  for (let at: u32 = 0; at < oldSlots; at++) {
    const slot = changetype<Tuple>(old + at * ENTRY_BYTES);
    if (slot.protocol == 0 || slot.protocol == REMOVED) continue;
    insert(slot.priIp, slot.pubIp, slot.ports, slot.protocol);
  }
  heap.free(old);
}
