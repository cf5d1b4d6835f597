import { Session } from './session';

/*
 * The entries of the window that closes, in order. They are ordered by translated address and port: what lies together in the
 * table is found together, so the zone maps of a window lead straight to an address and port (an unbounded look-up takes
 * 10 ms instead of 19 over ten million rows [measured]). Counting sorts, linear in the entries; a million of them
 * take some 30 ms for each [measured], so they are done part by part.
 */

/** An entry of the window that closes: where its row or record is, and what of that it is sorted by. */
@unmanaged
class Place {
  /** Its address, and `OF_REVISION` in a bit that addresses do not have. */
  record: u32;
  sessionId: u32;
  natPort: u16;
  natAddress: u16;
}
const PLACE_BYTES: u32 = 12;
const OF_REVISION: u32 = 1;

/** The entries of the window that closes, in the order of `sortPart`; so that sorting them looks at no records. */
let order: usize = 0;
let scratch: usize = 0;
let orderCapacity: u32 = 0;
let orderLength: u32 = 0;
const starts: usize = memory.data(0x10001 * 4, 8);
/* Parts of putting entries in order. */
const BY_LOW_ID: u32 = 0;
const BY_HIGH_ID: u32 = 1;
const NUMBERED: u32 = 2;
const BY_PORT: u32 = 3;
const BY_ADDRESS: u32 = 4;
const IN_ORDER: u32 = 5;
/** The next one. */
let part: u32 = IN_ORDER;
/** Of the pass that goes on: places that have been put where they belong by it. */
let placed: u32 = 0;
const PLACED_AT_ONCE: u32 = 1 << 19;

/** Begins anew, with room for so many entries. */
export function beginOrder(entries: u32): void {
  makeRoom(entries);
  orderLength = 0;
  part = BY_LOW_ID;
}

function makeRoom(entries: u32): void {
  if (entries <= orderCapacity) return;
  if (orderCapacity > 0) {
    heap.free(order);
    heap.free(scratch);
  }
  orderCapacity = max(entries, orderCapacity * 2);
  order = heap.alloc(orderCapacity * PLACE_BYTES);
  scratch = heap.alloc(orderCapacity * PLACE_BYTES);
}

export function addToOrder(record: usize, isRevision: bool): void {
  const session = changetype<Session>(record);
  const place = placeAt(orderLength++);
  place.record = (<u32>record) | (isRevision ? OF_REVISION : 0);
  place.sessionId = session.sessionId;
  place.natPort = session.natPort;
  place.natAddress = session.natAddress;
}

/** Does a part of putting all that was added in order. @returns whether another one is to be done */
export function sortPart(addressCount: u32): bool {
  if (part == BY_LOW_ID && placed == 0 && isInOrder()) part = NUMBERED;
  let isDone = true;
  if (part == BY_LOW_ID) isDone = sortSome(offsetof<Place>('sessionId'));
  else if (part == BY_HIGH_ID) isDone = sortSome(offsetof<Place>('sessionId') + 2);
  else if (part == NUMBERED) isDone = numberSome();
  else if (part == BY_PORT) isDone = sortSome(offsetof<Place>('natPort'));
  else if (part == BY_ADDRESS && addressCount > 1) isDone = sortSome(offsetof<Place>('natAddress'));
  if (isDone) part++;
  return part < IN_ORDER;
}

/** Entries of the window. */
export function entryCount(): u32 {
  return orderLength;
}

/** @returns the address of the record of an entry by its place */
export function entryAt(index: u32): usize {
  return placeAt(index).record & ~OF_REVISION;
}

/** Whether that is a row of another window than the one that closes: see `revisions.ts`. */
export function isRevisionAt(index: u32): bool {
  return (placeAt(index).record & OF_REVISION) != 0;
}

function placeAt(index: u32): Place {
  return changetype<Place>(order + index * PLACE_BYTES);
}

/** In order of their sessions' creation, which is that of their first packets. @returns whether all are numbered */
function numberSome(): bool {
  const end = min(orderLength, placed + PLACED_AT_ONCE);
  for (; placed < end; placed++) changetype<Session>(entryAt(placed)).ordinal = placed;
  if (placed < orderLength) return false;
  placed = 0;
  return true;
}

/** Whether the entries are in order of their sessions' creation, as records are, which most often are all there is. */
function isInOrder(): bool {
  for (let index: u32 = 1; index < orderLength; index++) {
    if (placeAt(index).sessionId < placeAt(index - 1).sessionId) return false;
  }
  return true;
}

/** Goes on with a stable pass over the 16 bits at `offset` of each place. @returns whether it is over */
function sortSome(offset: usize): bool {
  if (placed == 0) findStarts(offset);
  const end = min(orderLength, placed + PLACED_AT_ONCE);
  for (; placed < end; placed++) {
    const at = order + placed * PLACE_BYTES;
    const start = starts + <u32>load<u16>(at + offset) * 4;
    const target = load<u32>(start);
    store<u32>(start, target + 1);
    const to = scratch + target * PLACE_BYTES;
    store<u64>(to, load<u64>(at));
    store<u32>(to + 8, load<u32>(at + 8));
  }
  if (placed < orderLength) return false;
  placed = 0;
  const sorted = scratch;
  scratch = order;
  order = sorted;
  return true;
}

/** Where the places of each value begin. */
function findStarts(offset: usize): void {
  memory.fill(starts, 0, 0x10001 * 4);
  const end = order + orderLength * PLACE_BYTES;
  for (let at = order; at < end; at += PLACE_BYTES) {
    const start = starts + (<u32>load<u16>(at + offset) + 1) * 4;
    store<u32>(start, load<u32>(start) + 1);
  }
  let sum: u32 = 0;
  for (let start = starts; start < starts + 0x10001 * 4; start += 4) {
    sum += load<u32>(start);
    store<u32>(start, sum);
  }
}
