import { OPTION_EIM, POLICY_LINUX, does, natAddressesInAll, portMax, portMin, portPolicy } from './configuration';
import { hashTuple } from './hash';
import { isCommon } from './other-protocols';
import { ALL_PARTS, NEXT_ROWS, beginPart, clearPart, endPart, isReplacing, partEnd, replaceTable } from './replacement';
import { MARK_PUBLIC_ONLY, Session, protocolPlace } from './session';
import { bringForward, leaveEndpoint, useEndpoint } from './several-endpoints';

/*
 * Which translated endpoint a private endpoint has, where that is asked: of endpoint-independent mapping, where it is the
 * same towards all destinations and nobody else's, and of netfilter, which prefers it.
 * @see RFC 4787 §4.1; nat-gateway reference §2.3
 */

@unmanaged
class Binding {
  priIp: u32;
  /** `private port << 16 | protocol`; 0 is a free slot. */
  service: u32;
  /** `index of the address << 16 | translated port`; the latest where there are several. */
  endpoint: u32;
  /** By private endpoint, sessions that are live; by translated one, those whose port is not free, too. */
  sessions: u32;
}
const BINDING_BYTES: usize = 16;
const INITIAL_BINDINGS: u32 = 1 << 8;
/** Slots from which on doubling a table takes so long that it is done part by part. */
const LARGE: u32 = 1 << 17;

/* One table by private endpoint, and one of the same records by translated endpoint. */
let byPrivate: usize = 0;
let byPublic: usize = 0;
let privateMask: u32 = 0;
let publicMask: u32 = 0;
let usedByPrivate: u32 = 0;
/** More than private ones where netfilter had to choose others towards some destinations. */
let usedByPublic: u32 = 0;

/* Of endpoint-independent mapping: a bit for each translated endpoint that is taken, by address, protocol and port. */
let boundBits: usize = 0;
const WORDS: u32 = 0x10000 >> 6;
/** How many of them are in the gateway's range, by address and protocol. */
let boundCounts: usize = 0;

/** The table that is being replaced. */
let replaced: usize = 0;

/* What `findBinding` found. */
export let boundAddress: u32 = 0;
export let boundPort: u32 = 0;

export function usesBindings(): bool {
  return does(OPTION_EIM) || portPolicy == POLICY_LINUX;
}

export function initBindings(): void {
  if (!does(OPTION_EIM)) return;
  const bytes = natAddressesInAll() * 3 * WORDS * 8;
  boundBits = heap.alloc(bytes);
  memory.fill(boundBits, 0, bytes);
  boundCounts = heap.alloc(natAddressesInAll() * 3 * 4);
  memory.fill(boundCounts, 0, natAddressesInAll() * 3 * 4);
}

function wordsOf(natAddress: u32, protocol: u32): usize {
  return boundBits + (natAddress * 3 + protocolPlace(protocol)) * WORDS * 8;
}

/** A translated endpoint is taken, or free again. */
function flipBound(natAddress: u32, natPort: u32, protocol: u32): void {
  if (boundBits == 0 || !isCommon(protocol)) return;
  const word = wordsOf(natAddress, protocol) + (natPort >> 6) * 8;
  const bit = (<u64>1) << ((<u64>natPort) & 63);
  const bits = load<u64>(word) ^ bit;
  store<u64>(word, bits);
  if (natPort < portMin || natPort > portMax) return;
  const count = countsOf(natAddress, protocol);
  store<u32>(count, (bits & bit) != 0 ? load<u32>(count) + 1 : load<u32>(count) - 1);
}

function countsOf(natAddress: u32, protocol: u32): usize {
  return boundCounts + (natAddress * 3 + protocolPlace(protocol)) * 4;
}

/** With endpoint-independent mapping: whether somebody has each port of the gateway's range. */
export function areAllBound(natAddress: u32, protocol: u32): bool {
  return load<u32>(countsOf(natAddress, protocol)) == portMax - portMin + 1;
}

/** With endpoint-independent mapping. @returns the first port from this one on that nobody has, or one above all */
export function unboundFrom(natAddress: u32, natPort: u32, protocol: u32): u32 {
  if (natPort > 0xffff) return natPort;
  const words = wordsOf(natAddress, protocol);
  let word = natPort >> 6;
  let unbound = ~load<u64>(words + word * 8) & (u64.MAX_VALUE << ((<u64>natPort) & 63));
  while (unbound == 0) {
    if (++word == WORDS) return 0x10000;
    unbound = ~load<u64>(words + word * 8);
  }
  return (word << 6) + <u32>ctz(unbound);
}

function slotAt(table: usize, at: u32): Binding {
  return changetype<Binding>(table + at * BINDING_BYTES);
}

function privateSlot(priIp: u32, service: u32): u32 {
  let at = hashTuple(priIp, service, 0, 0) & privateMask;
  while (true) {
    const slot = slotAt(byPrivate, at);
    if (slot.service == 0 || (slot.service == service && slot.priIp == priIp)) return at;
    at = (at + 1) & privateMask;
  }
}

/** In the second table, `priIp` is the translated endpoint, and `endpoint` the private address. */
function publicSlot(endpoint: u32, protocol: u32): u32 {
  let at = hashTuple(endpoint, protocol, 1, 0) & publicMask;
  while (true) {
    const slot = slotAt(byPublic, at);
    if (slot.service == 0 || (slot.service == protocol && slot.priIp == endpoint)) return at;
    at = (at + 1) & publicMask;
  }
}

/** @returns whether the private endpoint has a translated one now, which is in `boundAddress` and `boundPort` */
export function findBinding(priIp: u32, priPort: u32, protocol: u32): bool {
  if (byPrivate == 0) return false;
  const slot = slotAt(byPrivate, privateSlot(priIp, (priPort << 16) | protocol));
  if (slot.service == 0) return false;
  boundAddress = slot.endpoint >> 16;
  boundPort = slot.endpoint & 0xffff;
  return true;
}

/** Whether a private endpoint has this translated one, or had it and its port is held back. */
export function isBound(natAddress: u32, natPort: u32, protocol: u32): bool {
  if (byPublic == 0) return false;
  return slotAt(byPublic, publicSlot((natAddress << 16) | natPort, protocol)).service != 0;
}

/** Counts a session that is live, and was opened or has got this endpoint. */
export function addBinding(session: Session): void {
  if (!hasBinding(session)) return;
  if (arePrivateFull(1)) doublePrivate(ALL_PARTS);
  const service = serviceOf(session);
  const slot = slotAt(byPrivate, privateSlot(session.priIp, service));
  if (slot.service == 0) {
    slot.priIp = session.priIp;
    slot.service = service;
    usedByPrivate++;
  } else {
    useEndpoint(session.priIp, service, endpointOf(session), slot.endpoint, slot.sessions);
  }
  // Netfilter has one endpoint for each destination where it has to, and prefers the latest.
  slot.endpoint = endpointOf(session);
  slot.sessions++;
}

/** Counts a session whose port is taken, or held back. */
export function addEndpoint(session: Session): void {
  if (!hasEndpoint(session)) return;
  if (arePublicFull(1)) doublePublic(ALL_PARTS);
  const endpoint = endpointOf(session);
  const other = slotAt(byPublic, publicSlot(endpoint, session.protocol));
  if (other.service == 0) {
    usedByPublic++;
    flipBound(session.natAddress, session.natPort, session.protocol);
  }
  other.priIp = endpoint;
  other.service = session.protocol;
  other.endpoint = session.priIp;
  other.sessions++;
}

/** Counts a session no more that has ended: without live ones a mapping has ended, too, though its port is held back. */
export function releaseBinding(session: Session): void {
  if (!hasBinding(session)) return;
  const service = serviceOf(session);
  const at = privateSlot(session.priIp, service);
  const slot = slotAt(byPrivate, at);
  if (--slot.sessions == 0) {
    remove(byPrivate, at, false);
    usedByPrivate--;
  } else {
    slot.endpoint = leaveEndpoint(session.priIp, service, endpointOf(session), slot.endpoint);
  }
}

/** Counts a session no more whose port is free now. */
export function releaseEndpoint(session: Session): void {
  if (!hasEndpoint(session)) return;
  const otherAt = publicSlot(endpointOf(session), session.protocol);
  if (--slotAt(byPublic, otherAt).sessions == 0) {
    remove(byPublic, otherAt, true);
    usedByPublic--;
    flipBound(session.natAddress, session.natPort, session.protocol);
  }
}

/** Of a session of which only the public side is seen, the filter asks for its endpoint, and nobody chooses by it. */
function hasBinding(session: Session): bool {
  return does(OPTION_EIM) || hasEndpoint(session);
}

function hasEndpoint(session: Session): bool {
  return usesBindings() && ((<u32>session.marks) & MARK_PUBLIC_ONLY) == 0;
}

/** Counts a session again that was counted no more: its private endpoint has what `findBinding` found before that. */
export function returnBinding(session: Session, natAddress: u32, natPort: u32): void {
  if (!usesBindings()) return;
  addBinding(session);
  const service = serviceOf(session);
  const slot = slotAt(byPrivate, privateSlot(session.priIp, service));
  const latest = (natAddress << 16) | natPort;
  if (slot.endpoint == latest) return;
  bringForward(session.priIp, service, latest, slot.endpoint);
  slot.endpoint = latest;
}

function serviceOf(session: Session): u32 {
  return (session.ports & 0xffff0000) | session.protocol;
}

function endpointOf(session: Session): u32 {
  return ((<u32>session.natAddress) << 16) | session.natPort;
}

function homeOf(slot: Binding, isPublic: bool): u32 {
  return isPublic
    ? hashTuple(slot.priIp, slot.service, 1, 0) & publicMask
    : hashTuple(slot.priIp, slot.service, 0, 0) & privateMask;
}

/** Closes the gap, so that what was put behind it is still found. @see Knuth, TAOCP vol. 3, §6.4 algorithm R */
function remove(table: usize, place: u32, isPublic: bool): void {
  const mask = isPublic ? publicMask : privateMask;
  let gap = place;
  let at = (gap + 1) & mask;
  while (slotAt(table, at).service != 0) {
    if (((at - homeOf(slotAt(table, at), isPublic)) & mask) >= ((at - gap) & mask)) {
      memory.copy(table + gap * BINDING_BYTES, table + at * BINDING_BYTES, BINDING_BYTES);
      gap = at;
    }
    at = (at + 1) & mask;
  }
  memory.fill(table + gap * BINDING_BYTES, 0, BINDING_BYTES);
}

function arePrivateFull(more: u32): bool {
  return (usedByPrivate + more) * 2 >= privateMask;
}

function arePublicFull(more: u32): bool {
  return (usedByPublic + more) * 2 >= publicMask;
}

/** Whether the table by private endpoint is large, and may have to be doubled soon. */
export function arePrivateDue(): bool {
  return privateMask >= LARGE && arePrivateFull(NEXT_ROWS);
}

export function arePublicDue(): bool {
  return publicMask >= LARGE && arePublicFull(NEXT_ROWS);
}

/** Does a part of doubling the table by private endpoint. @returns whether it is done */
export function doublePrivate(atOnce: u32): bool {
  if (!isReplacing()) {
    const old = byPrivate;
    const slots = old == 0 ? INITIAL_BINDINGS : (privateMask + 1) * 2;
    replaced = old;
    byPrivate = replaceTable(old, old == 0 ? 0 : privateMask + 1, slots * BINDING_BYTES);
    privateMask = slots - 1;
  }
  if (!clearPart(atOnce)) return false;
  const end = partEnd(atOnce);
  for (let at = beginPart(); at < end; at++) {
    const slot = slotAt(replaced, at);
    if (slot.service != 0) copyTo(byPrivate, privateSlot(slot.priIp, slot.service), slot);
  }
  return endPart(end);
}

/** The same of the table by translated endpoint. */
export function doublePublic(atOnce: u32): bool {
  if (!isReplacing()) {
    const old = byPublic;
    const slots = old == 0 ? INITIAL_BINDINGS : (publicMask + 1) * 2;
    replaced = old;
    byPublic = replaceTable(old, old == 0 ? 0 : publicMask + 1, slots * BINDING_BYTES);
    publicMask = slots - 1;
  }
  if (!clearPart(atOnce)) return false;
  const end = partEnd(atOnce);
  for (let at = beginPart(); at < end; at++) {
    const slot = slotAt(replaced, at);
    if (slot.service != 0) copyTo(byPublic, publicSlot(slot.priIp, slot.service), slot);
  }
  return endPart(end);
}

function copyTo(table: usize, at: u32, slot: Binding): void {
  memory.copy(table + at * BINDING_BYTES, changetype<usize>(slot), BINDING_BYTES);
}
