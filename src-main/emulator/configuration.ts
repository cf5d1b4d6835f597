/*
 * What decides what the gateway does: filled in by the host before the first packet, through the addresses that
 * `index.ts` exports.
 */

/** Class of an address by its upper half: `OUTSIDE`, `NOT_ROUTABLE`, `INSIDE` + index of the SNAT entry, or `MIXED`. */
export const classesByUpperHalf: usize = memory.data(0x10000);

export const NOT_ROUTABLE: u32 = 1;
export const INSIDE: u32 = 2;
/** A /16 in which addresses have different classes, or one that does not fit: the entries are asked. */
const MIXED: u32 = 0xff;

/** A SNAT entry; in the table, those with the longest prefix come first. */
@unmanaged
class Entry {
  base: u32;
  mask: u32;
  class: u32;
}
const ENTRY_BYTES: usize = 12;

/** Where the public addresses of a SNAT entry begin in the list of pools, and how many there are. */
@unmanaged
class Pool {
  start: u32;
  length: u32;
}
const POOL_BYTES: usize = 8;

const STATES: usize = 10;
/** Idle seconds after which a session is dead, by state; float64. */
export const timeouts: usize = memory.data(STATES * 8);

let entries: usize = 0;
let entryCount: u32 = 0;
let pools: usize = 0;
let poolAddresses: usize = 0;
/** Public addresses, host order. */
let natAddresses: usize = 0;
let natAddressCount: u32 = 0;
export let portMin: u32 = 0;
export let portMax: u32 = 0;
export let maxPerDestination: u32 = 0;
export let seed: u32 = 0;

export function setPorts(min: u32, max: u32, limit: u32, withSeed: u32): void {
  portMin = min;
  portMax = max;
  maxPerDestination = limit;
  seed = withSeed;
}

/** @returns where the host writes `count` entries of three words: base, mask, class */
export function allocateEntries(count: u32): usize {
  entryCount = count;
  entries = heap.alloc(count * ENTRY_BYTES);
  return entries;
}

/** @returns where the host writes, for `count` entries, start and length of their pools */
export function allocatePools(count: u32): usize {
  pools = heap.alloc(count * POOL_BYTES);
  return pools;
}

/** @returns where the host writes the pools: `count` indexes of public addresses */
export function allocatePoolAddresses(count: u32): usize {
  poolAddresses = heap.alloc(count * 4);
  return poolAddresses;
}

/** @returns where the host writes the gateway's `count` public addresses */
export function allocateNatAddresses(count: u32): usize {
  natAddressCount = count;
  natAddresses = heap.alloc(count * 4);
  return natAddresses;
}

export function classOf(address: u32): u32 {
  const known: u32 = load<u8>(classesByUpperHalf + (address >> 16));
  return known == MIXED ? searchClass(address) : known;
}

function searchClass(address: u32): u32 {
  for (let index: u32 = 0; index < entryCount; index++) {
    const entry = changetype<Entry>(entries + index * ENTRY_BYTES);
    if ((address & entry.mask) == entry.base) return entry.class;
  }
  return 0;
}

export function poolLength(entry: u32): u32 {
  return changetype<Pool>(pools + entry * POOL_BYTES).length;
}

/** @returns the index of a public address */
export function poolAddress(entry: u32, place: u32): u32 {
  return load<u32>(poolAddresses + (changetype<Pool>(pools + entry * POOL_BYTES).start + place) * 4);
}

export function natAddressAt(index: u32): u32 {
  return load<u32>(natAddresses + index * 4);
}

export function isNatAddress(address: u32): bool {
  for (let index: u32 = 0; index < natAddressCount; index++) {
    if (natAddressAt(index) == address) return true;
  }
  return false;
}

export function timeoutOf(state: u32): f64 {
  return load<f64>(timeouts + state * 8);
}
