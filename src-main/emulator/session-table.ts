import { OPTION_VLAN_AWARE, does } from './configuration';
import { hashTuple } from './hash';
import { SESSION_BYTES, STATE_DEAD, Session, clearSession, hasEnded, realmOf } from './session';

/** Records before the first growth. */
const INITIAL_SESSIONS: u32 = 1 << 13;
/** A load of one half keeps the probes short. */
const SLOTS_PER_SESSION: u32 = 2;
const SLOT_BYTES: usize = 8;

/**
 * A place in an index. The hash tells strangers apart without a look at their records, which are rarely in the cache.
 */
@unmanaged
class Slot {
  hash: u32;
  /** Address of the record; 0 is free. */
  session: usize;
}

/*
 * All sessions of the gateway: records of fixed size, dense and in order of creation, found by five-tuple and by
 * translated endpoint. A dead session keeps its record, with what it did in the window, until it is dropped. Memory
 * follows live sessions, never the length of a capture. Creating a session may move all records.
 */
export let sessionsStart: usize = 0;
/** Address behind the last record. */
export let sessionsEnd: usize = 0;
let capacity: u32 = 0;
let tupleSlots: usize = 0;
let mappingSlots: usize = 0;
let mask: u32 = 0;
/* Where the last look-up of each kind ended, which `createSession` fills. */
let tupleSlot: usize = 0;
let tupleHash: u32 = 0;
let mappingSlot: usize = 0;
let mappingHash: u32 = 0;
/** Places of translated endpoints that sessions have no longer. */
let staleSlots: u32 = 0;

export function initSessions(): void {
  capacity = INITIAL_SESSIONS;
  sessionsStart = heap.alloc(capacity * SESSION_BYTES);
  sessionsEnd = sessionsStart;
  allocateSlots();
  clearSlots();
}

export function sessionCountNow(): u32 {
  return <u32>((sessionsEnd - sessionsStart) / SESSION_BYTES);
}

/** What distinguishes sessions whose endpoints are the same. */
function realmHash(hash: u32, realm: u32): u32 {
  return does(OPTION_VLAN_AWARE) ? hash ^ (realm * 0x9e3779b1) : hash;
}

function hashOf(session: Session): u32 {
  const hash = hashTuple(session.priIp, session.pubIp, session.ports, session.protocol);
  return realmHash(hash, realmOf(session));
}

/**
 * @param realm the VLANs of the packet, which matter only where they are networks of their own
 * @returns the record of the five-tuple, whether it has ended or not, or null
 */
export function findSession(priIp: u32, pubIp: u32, ports: u32, protocol: u32, realm: u32): Session | null {
  const hash = realmHash(hashTuple(priIp, pubIp, ports, protocol), realm);
  tupleHash = hash;
  for (let at = hash & mask; ; at = (at + 1) & mask) {
    const slot = changetype<Slot>(tupleSlots + at * SLOT_BYTES);
    if (slot.session != 0) {
      if (slot.hash != hash) continue;
      const session = changetype<Session>(slot.session);
      if (
        session.ports != ports ||
        session.priIp != priIp ||
        session.pubIp != pubIp ||
        <u32>session.protocol != protocol ||
        (realm != realmOf(session) && does(OPTION_VLAN_AWARE))
      ) {
        continue;
      }
    }
    tupleSlot = changetype<usize>(slot);
    return changetype<Session | null>(slot.session);
  }
}

/** @returns the record that has, or last had, this translated endpoint towards this destination, or null */
export function findMapping(natAddress: u32, natPort: u32, protocol: u32, pubIp: u32, pubPort: u32): Session | null {
  const hash = hashTuple(natAddress, pubIp, (natPort << 16) | pubPort, protocol);
  mappingHash = hash;
  for (let at = hash & mask; ; at = (at + 1) & mask) {
    const slot = changetype<Slot>(mappingSlots + at * SLOT_BYTES);
    if (slot.session != 0) {
      if (slot.hash != hash) continue;
      const session = changetype<Session>(slot.session);
      if (
        <u32>session.natPort != natPort ||
        session.pubIp != pubIp ||
        <u32>session.natAddress != natAddress ||
        <u32>session.protocol != protocol ||
        (session.ports & 0xffff) != pubPort
      ) {
        continue;
      }
    }
    mappingSlot = changetype<usize>(slot);
    return changetype<Session | null>(slot.session);
  }
}

/**
 * Adds a session for which `findSession` and `findMapping` have just been called: neither found a live one.
 *
 * @returns its record, of which the caller fills the rest; all but the key is zero
 */
export function createSession(
  priIp: u32,
  pubIp: u32,
  ports: u32,
  protocol: u32,
  realm: u32,
  natAddress: u32,
  natPort: u32,
): Session {
  if (sessionsEnd == sessionsStart + capacity * SESSION_BYTES) {
    enlarge();
    findSession(priIp, pubIp, ports, protocol, realm);
    findMapping(natAddress, natPort, protocol, pubIp, ports & 0xffff);
  }
  const at = sessionsEnd;
  sessionsEnd += SESSION_BYTES;
  clearSession(at);
  const session = changetype<Session>(at);
  session.priIp = priIp;
  session.pubIp = pubIp;
  session.ports = ports;
  session.protocol = <u8>protocol;
  session.natAddress = <u16>natAddress;
  session.natPort = <u16>natPort;
  session.realmAndEnd = realm;
  fillSlot(tupleSlot, tupleHash, at);
  fillSlot(mappingSlot, mappingHash, at);
  return session;
}

/** The records that stay were moved together, in their order, and end there. */
export function endSessionsAt(end: usize): void {
  sessionsEnd = end;
  rebuild();
}

/**
 * Doubles the table. Slots know the hashes of their sessions, so that no record is looked at, and those of neighbours become
 * those of neighbours: it takes a fifth of the time of building the indexes anew.
 */
function enlarge(): void {
  const old = sessionsStart;
  const used = sessionsEnd - sessionsStart;
  capacity *= 2;
  sessionsStart = heap.alloc(capacity * SESSION_BYTES);
  memory.copy(sessionsStart, old, used);
  sessionsEnd = sessionsStart + used;
  heap.free(old);
  const oldTuples = tupleSlots;
  const oldMappings = mappingSlots;
  const oldMask = mask;
  allocateSlots();
  clearSlots();
  moveSlots(oldTuples, oldMask, tupleSlots, sessionsStart - old);
  moveSlots(oldMappings, oldMask, mappingSlots, sessionsStart - old);
}

/** @param moved by how far the records were moved, which may be less than 0 */
function moveSlots(from: usize, fromMask: u32, to: usize, moved: usize): void {
  for (let at: u32 = 0; at <= fromMask; at++) {
    const slot = changetype<Slot>(from + at * SLOT_BYTES);
    if (slot.session != 0) fillSlot(freeSlot(to, slot.hash), slot.hash, slot.session + moved);
  }
  heap.free(from);
}

function allocateSlots(): void {
  const slots = capacity * SLOTS_PER_SESSION;
  mask = slots - 1;
  tupleSlots = heap.alloc(slots * SLOT_BYTES);
  mappingSlots = heap.alloc(slots * SLOT_BYTES);
}

function clearSlots(): void {
  memory.fill(tupleSlots, 0, (mask + 1) * SLOT_BYTES);
  memory.fill(mappingSlots, 0, (mask + 1) * SLOT_BYTES);
}

function rebuild(): void {
  clearSlots();
  staleSlots = 0;
  for (let at = sessionsStart; at < sessionsEnd; at += SESSION_BYTES) {
    const session = changetype<Session>(at);
    if (session.state == STATE_DEAD) continue;
    if (!hasEnded(session.state)) {
      const ownHash = hashOf(session);
      fillSlot(freeSlot(tupleSlots, ownHash), ownHash, at);
    }
    const endpoint = ((<u32>session.natPort) << 16) | (session.ports & 0xffff);
    const hash = hashTuple(session.natAddress, session.pubIp, endpoint, session.protocol);
    fillSlot(freeSlot(mappingSlots, hash), hash, at);
  }
}

/**
 * Gives a session another translated endpoint, for which `findMapping` has just been called and found none that is alive.
 * The place of the old one stays taken until the next rebuilding, and leads to nobody.
 */
export function moveMapping(session: Session, natAddress: u32, natPort: u32): void {
  session.natAddress = <u16>natAddress;
  session.natPort = <u16>natPort;
  fillSlot(mappingSlot, mappingHash, changetype<usize>(session));
  if (++staleSlots > capacity >> 1) rebuild();
}

/** No two live sessions share a key, so the first free slot is the one. */
function freeSlot(slots: usize, hash: u32): usize {
  let at = hash & mask;
  while (changetype<Slot>(slots + at * SLOT_BYTES).session != 0) at = (at + 1) & mask;
  return slots + at * SLOT_BYTES;
}

function fillSlot(slot: usize, hash: u32, session: usize): void {
  changetype<Slot>(slot).hash = hash;
  changetype<Slot>(slot).session = session;
}
