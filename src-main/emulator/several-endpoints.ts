import { hashTuple } from './hash';

/*
 * Translated endpoints of those private ones that have several, each from the latest to the first. Hardly any has: netfilter
 * chooses another where the latest is taken towards a destination, and others are observed. One that has a single endpoint is
 * not in here.
 */

/** One endpoint of one private endpoint. */
@unmanaged
class Endpoint {
  priIp: u32;
  /** `private port << 16 | protocol`; 0 is a free slot. */
  service: u32;
  endpoint: u32;
  /** Live sessions that use it. */
  sessions: u32;
  /* Neighbours in the order of the same private endpoint, or `NONE`. */
  earlier: u32;
  later: u32;
}
const BYTES: usize = 24;
const INITIAL_SLOTS: u32 = 1 << 6;
/** No port of any address. */
const NONE: u32 = 0xffffffff;

let table: usize = 0;
let mask: u32 = 0;
let used: u32 = 0;

/** A session begins to use an endpoint, which is the latest from then on. @param sessions live ones before it, of all endpoints */
export function useEndpoint(priIp: u32, service: u32, endpoint: u32, latest: u32, sessions: u32): void {
  if (endpoint != latest) {
    if (!has(priIp, service, latest)) push(priIp, service, latest, sessions, NONE);
    bringForward(priIp, service, endpoint, latest);
  } else if (!has(priIp, service, endpoint)) return;
  find(priIp, service, endpoint).sessions++;
}

/** A session uses an endpoint no more, and others use some. @returns the latest endpoint now */
export function leaveEndpoint(priIp: u32, service: u32, endpoint: u32, latest: u32): u32 {
  if (!has(priIp, service, endpoint) || --find(priIp, service, endpoint).sessions != 0) return latest;
  const earlier = find(priIp, service, endpoint).earlier;
  pull(priIp, service, endpoint);
  const now = endpoint == latest ? earlier : latest;
  if (find(priIp, service, now).earlier == NONE) pull(priIp, service, now);
  return now;
}

/** Makes an endpoint the latest, which is another one so far. */
export function bringForward(priIp: u32, service: u32, endpoint: u32, latest: u32): void {
  let sessions: u32 = 0;
  if (has(priIp, service, endpoint)) {
    sessions = find(priIp, service, endpoint).sessions;
    pull(priIp, service, endpoint);
  }
  push(priIp, service, endpoint, sessions, latest);
}

function has(priIp: u32, service: u32, endpoint: u32): bool {
  return used != 0 && find(priIp, service, endpoint).service != 0;
}

function push(priIp: u32, service: u32, endpoint: u32, sessions: u32, earlier: u32): void {
  if ((used + 1) * 2 > mask) grow();
  const slot = find(priIp, service, endpoint);
  slot.priIp = priIp;
  slot.service = service;
  slot.endpoint = endpoint;
  slot.sessions = sessions;
  slot.earlier = earlier;
  slot.later = NONE;
  used++;
  if (earlier != NONE) find(priIp, service, earlier).later = endpoint;
}

function pull(priIp: u32, service: u32, endpoint: u32): void {
  const slot = find(priIp, service, endpoint);
  const earlier = slot.earlier;
  const later = slot.later;
  if (earlier != NONE) find(priIp, service, earlier).later = later;
  if (later != NONE) find(priIp, service, later).earlier = earlier;
  remove(slot);
  used--;
}

function slotAt(at: u32): Endpoint {
  return changetype<Endpoint>(table + at * BYTES);
}

function homeOf(priIp: u32, service: u32, endpoint: u32): u32 {
  return hashTuple(priIp, service, endpoint, 2) & mask;
}

/** @returns the record, or the free slot where it would be; there is a table */
function find(priIp: u32, service: u32, endpoint: u32): Endpoint {
  let at = homeOf(priIp, service, endpoint);
  while (true) {
    const slot = slotAt(at);
    if (slot.service == 0 || (slot.endpoint == endpoint && slot.service == service && slot.priIp == priIp)) return slot;
    at = (at + 1) & mask;
  }
}

/** Closes the gap, so that what was put behind it is still found. @see Knuth, TAOCP vol. 3, §6.4 algorithm R */
function remove(slot: Endpoint): void {
  let gap = <u32>((changetype<usize>(slot) - table) / BYTES);
  let at = (gap + 1) & mask;
  while (slotAt(at).service != 0) {
    const next = slotAt(at);
    if (((at - homeOf(next.priIp, next.service, next.endpoint)) & mask) >= ((at - gap) & mask)) {
      memory.copy(table + gap * BYTES, table + at * BYTES, BYTES);
      gap = at;
    }
    at = (at + 1) & mask;
  }
  memory.fill(table + gap * BYTES, 0, BYTES);
}

function grow(): void {
  const old = table;
  const oldSlots: u32 = old == 0 ? 0 : mask + 1;
  const slots = old == 0 ? INITIAL_SLOTS : oldSlots * 2;
  table = heap.alloc(slots * BYTES);
  memory.fill(table, 0, slots * BYTES);
  mask = slots - 1;
  for (let at: u32 = 0; at < oldSlots; at++) {
    const from = changetype<Endpoint>(old + at * BYTES);
    if (from.service == 0) continue;
    const to = find(from.priIp, from.service, from.endpoint);
    memory.copy(changetype<usize>(to), changetype<usize>(from), BYTES);
  }
  if (old != 0) heap.free(old);
}
