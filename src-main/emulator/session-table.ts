import { OPTION_VLAN_AWARE, does, hasOwnWindows } from './configuration';
import { hashTuple } from './hash';
import { clearOwnWindow, recordBytes } from './own-windows';
import { isBefore } from './clock';
import { RECORD_LIST_BYTES, RecordList, addRecord, recordAt } from './records';
import { STATE_DEAD, Session, clearSession, hasEnded, isActive, realmOf } from './session';
import { createdSessions } from './session-opening';

/** Of an index before the first growth. */
const INITIAL_SLOTS: u32 = 1 << 14;
const SLOT_BYTES: usize = 8;
/*
 * How full an index gets, in parts of 32: a load of one half keeps the probes short. They differ, since with a million sessions
 * a growth takes some 30 ms [measured], and no batch of packets should have to wait for both.
 */
const FULL_TUPLES: u32 = 16;
const FULL_MAPPINGS: u32 = 17;

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
 * follows live sessions, never the length of a capture. Dropping sessions moves those that came after them.
 */
const sessions = changetype<RecordList>(memory.data(RECORD_LIST_BYTES, 8));
/** With as many sessions an index has to grow before the next one. */
let growthDueAt: u32 = 0;
let tupleSlots: usize = 0;
let tupleMask: u32 = 0;
let mappingSlots: usize = 0;
let mappingMask: u32 = 0;
/* Where the last look-up of each kind ended, which `createSession` fills. */
let tupleSlot: usize = 0;
let tupleHash: u32 = 0;
let mappingSlot: usize = 0;
let mappingHash: u32 = 0;
/** Places of translated endpoints that sessions have no longer. */
let staleSlots: u32 = 0;
/* Of the session that was created last: its record, its place by translated endpoint, and who had that before. 0: not known any more. */
let lastCreated: usize = 0;
let lastCreatedSlot: usize = 0;
let lastReplaced: usize = 0;
/** Sessions up to this number are older than the open window. */
let olderUntil: u32 = 0;
/** Sessions up to this number were alive when such were dropped as had died in the open window. */
let forgottenUntil: u32 = 0;

export function initSessions(): void {
  sessions.length = 0;
  tupleMask = mappingMask = INITIAL_SLOTS - 1;
  tupleSlots = newSlots(INITIAL_SLOTS);
  mappingSlots = newSlots(INITIAL_SLOTS);
  planGrowth();
}

export function sessionCountNow(): u32 {
  return sessions.length;
}

/** @returns a session by its place in the order of creation */
export function sessionAt(place: u32): Session {
  return changetype<Session>(recordAt(sessions, place));
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
  for (let at = hash & tupleMask; ; at = (at + 1) & tupleMask) {
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
  for (let at = hash & mappingMask; ; at = (at + 1) & mappingMask) {
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
  if (sessions.length >= growthDueAt) {
    grow();
    findSession(priIp, pubIp, ports, protocol, realm);
    findMapping(natAddress, natPort, protocol, pubIp, ports & 0xffff);
  }
  const at = addRecord(sessions, recordBytes());
  clearSession(at);
  clearOwnWindow(at);
  const session = changetype<Session>(at);
  session.priIp = priIp;
  session.pubIp = pubIp;
  session.ports = ports;
  session.protocol = <u8>protocol;
  session.natAddress = <u16>natAddress;
  session.natPort = <u16>natPort;
  session.realmAndEnd = realm;
  lastCreated = at;
  lastCreatedSlot = mappingSlot;
  lastReplaced = changetype<Slot>(mappingSlot).session;
  fillSlot(tupleSlot, tupleHash, at);
  fillSlot(mappingSlot, mappingHash, at);
  return session;
}

/**
 * The sessions that stay were moved together, in their order, and are so many. Nothing may be looked up until `buildTuples` and
 * `buildMappings` have been called.
 */
export function keepSessions(count: u32): void {
  sessions.length = count;
  lastCreated = 0;
  forgottenUntil = createdSessions();
}

/** A window begins: of all who die from now on, it is known which endpoint they had. */
export function beginHistory(): void {
  olderUntil = createdSessions();
  // Rows of windows of their own reach back behind it.
  forgottenUntil = hasOwnWindows ? olderUntil : 0;
}

/** Doubles the index that is due. */
function grow(): void {
  if (sessions.length >= fullAt(tupleMask, FULL_TUPLES)) {
    const old = tupleSlots;
    const oldMask = tupleMask;
    tupleMask = oldMask * 2 + 1;
    tupleSlots = newSlots(tupleMask + 1);
    moveSlots(old, oldMask, tupleSlots, tupleMask);
  } else {
    const old = mappingSlots;
    const oldMask = mappingMask;
    mappingMask = oldMask * 2 + 1;
    mappingSlots = newSlots(mappingMask + 1);
    lastCreated = 0;
    moveSlots(old, oldMask, mappingSlots, mappingMask);
  }
  planGrowth();
}

function planGrowth(): void {
  growthDueAt = min(fullAt(tupleMask, FULL_TUPLES), fullAt(mappingMask, FULL_MAPPINGS));
}

/** @returns sessions with which so many parts of 32 of the slots of an index are taken */
function fullAt(mask: u32, parts: u32): u32 {
  return ((mask + 1) / 32) * parts;
}

/**
 * Slots know the hashes of their sessions, so that no record is looked at, and those of neighbours become those of neighbours:
 * it takes a fifth of the time of building an index anew.
 */
function moveSlots(from: usize, fromMask: u32, to: usize, toMask: u32): void {
  for (let at: u32 = 0; at <= fromMask; at++) {
    const slot = changetype<Slot>(from + at * SLOT_BYTES);
    if (slot.session != 0) fillSlot(freeSlot(to, toMask, slot.hash), slot.hash, slot.session);
  }
  heap.free(from);
}

/** @returns a table of free slots */
function newSlots(count: u32): usize {
  const slots = heap.alloc(count * SLOT_BYTES);
  memory.fill(slots, 0, count * SLOT_BYTES);
  return slots;
}

export function buildTuples(): void {
  memory.fill(tupleSlots, 0, (<usize>tupleMask + 1) * SLOT_BYTES);
  for (let place: u32 = 0; place < sessions.length; place++) {
    const session = sessionAt(place);
    if (hasEnded(session.state)) continue;
    const hash = hashOf(session);
    fillSlot(freeSlot(tupleSlots, tupleMask, hash), hash, changetype<usize>(session));
  }
}

export function buildMappings(): void {
  lastCreated = 0;
  memory.fill(mappingSlots, 0, (<usize>mappingMask + 1) * SLOT_BYTES);
  staleSlots = 0;
  for (let place: u32 = 0; place < sessions.length; place++) {
    const session = sessionAt(place);
    if (session.state == STATE_DEAD) continue;
    const endpoint = ((<u32>session.natPort) << 16) | (session.ports & 0xffff);
    const hash = hashTuple(session.natAddress, session.pubIp, endpoint, session.protocol);
    fillSlot(freeSlot(mappingSlots, mappingMask, hash), hash, changetype<usize>(session));
  }
}

/** Whether it is known of all endpoints who has had them since the session began: see `wasNobodys`. */
export function isHistoryKnown(session: Session): bool {
  return session.sessionId > forgottenUntil;
}

/**
 * Whether nobody but the session has had a translated endpoint towards its destination since it began, or since the open window did,
 * if that was later. Where that is not known, somebody may have.
 */
export function wasNobodys(session: Session, natAddress: u32, natPort: u32): bool {
  if (!isHistoryKnown(session)) return false;
  const endpoint = (natPort << 16) | (session.ports & 0xffff);
  const hash = hashTuple(natAddress, session.pubIp, endpoint, session.protocol);
  let at = hash & mappingMask;
  let slot = changetype<Slot>(mappingSlots + at * SLOT_BYTES);
  while (slot.session != 0) {
    if (slot.hash == hash && slot.session != changetype<usize>(session)) {
      const other = changetype<Session>(slot.session);
      const hasLeft = <u32>other.natPort != natPort || <u32>other.natAddress != natAddress;
      if (hasLeft || other.state != STATE_DEAD || !hadEnded(other, session)) return false;
    }
    at = (at + 1) & mappingMask;
    slot = changetype<Slot>(mappingSlots + at * SLOT_BYTES);
  }
  return true;
}

/** Whether a session that is dead had died before another one began. */
function hadEnded(dead: Session, session: Session): bool {
  if (session.sessionId <= olderUntil) return false;
  return !isActive(session) || !isBefore(session.firstSec, session.firstNsec, dead.lastSec, dead.lastNsec);
}

/**
 * A session is about to be given another translated endpoint. The place of the old one stays taken until the next rebuilding, and
 * leads to nobody; of a session that has just been created, it is as if that had never been there.
 */
export function leaveMapping(session: Session): void {
  if (changetype<usize>(session) == lastCreated) changetype<Slot>(lastCreatedSlot).session = lastReplaced;
  else staleSlots++;
  lastCreated = 0;
}

/**
 * Gives a session another translated endpoint, for which `findMapping` has just been called and found none that is alive, after
 * `leaveMapping`.
 */
export function moveMapping(session: Session, natAddress: u32, natPort: u32): void {
  session.natAddress = <u16>natAddress;
  session.natPort = <u16>natPort;
  fillSlot(mappingSlot, mappingHash, changetype<usize>(session));
  lastCreated = 0;
  if (staleSlots <= (mappingMask + 1) >> 2) return;
  buildMappings();
  forgottenUntil = createdSessions();
}

/** No two live sessions share a key, so the first free slot is the one. */
function freeSlot(slots: usize, mask: u32, hash: u32): usize {
  let at = hash & mask;
  while (changetype<Slot>(slots + at * SLOT_BYTES).session != 0) at = (at + 1) & mask;
  return slots + at * SLOT_BYTES;
}

function fillSlot(slot: usize, hash: u32, session: usize): void {
  changetype<Slot>(slot).hash = hash;
  changetype<Slot>(slot).session = session;
}
