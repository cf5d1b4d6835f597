/*
 * What decides what the gateway does: filled in by the host before the first packet, through the addresses that
 * `index.ts` exports. `Gateway` says what each means.
 */

/** Class of an address by its upper half: 0, one of the next ones, `INSIDE` + index of the SNAT entry, or `MIXED`. */
export const classesByUpperHalf: usize = memory.data(0x10000);

export const NOT_ROUTABLE: u32 = 1;
/** In the VPC, and in the network of no SNAT entry. */
export const UNCOVERED: u32 = 2;
export const INSIDE: u32 = 3;
/* Single hosts and addresses, which come before every network. */
export const HOST_WITH_DNAT: u32 = 0x10000;
export const HOST_WITH_EIP: u32 = 0x10001;
/** An address that the gateway translates to. */
export const OF_GATEWAY: u32 = 0x10002;
/** A public address of a DNAT mapping. */
export const OF_DNAT: u32 = 0x10003;
/** A private address, of the EIP of a DNAT mapping. */
export const BOUND_TO_DNAT: u32 = 0x10004;
/** A /16 in which addresses have different classes, or one that does not fit: the entries are asked. */
const MIXED: u32 = 0xff;

/** A network and its class; in the table, those with the longest prefix come first. */
@unmanaged
class Entry {
  base: u32;
  mask: u32;
  class: u32;
}
const ENTRY_BYTES: usize = 12;

/** A SNAT entry. */
@unmanaged
class Pool {
  /** Where its public addresses begin in the list of all pools, and how many there are. */
  start: u32;
  length: u32;
  /** Bits of `POOL_…`. */
  options: u32;
  /** First address of its network. */
  base: u32;
}
const POOL_BYTES: usize = 16;
export const POOL_AFFINITY: u32 = 1;
export const POOL_SOFT: u32 = 2;

const STATES: usize = 24;
/** Idle seconds after which a session is dead, by state; float64. */
export const timeouts: usize = memory.data(STATES * 8);
/** Seconds for which the port of a session that has ended is held back, by `protocolPlace`; float64. */
export const portHolds: usize = memory.data(3 * 8);

let entries: usize = 0;
let entryCount: u32 = 0;
let pools: usize = 0;
let poolAddresses: usize = 0;
/** Addresses that sessions are translated to, and the public ones behind them: two words each, host order. */
let natAddresses: usize = 0;
let natAddressCount: u32 = 0;
let noNatNetworks: usize = 0;
let noNatCount: u32 = 0;
let otherNetworks: usize = 0;
let otherCount: u32 = 0;

export let portMin: u32 = 0;
export let portMax: u32 = 0;
export let maxPerDestination: u32 = 0;
export let seed: u32 = 0;

export const POLICY_SEQUENTIAL: u32 = 1;
export const POLICY_PRESERVE: u32 = 2;
export const POLICY_LINUX: u32 = 3;
export const POLICY_DETERMINISTIC: u32 = 4;
export const POLICY_BLOCKS: u32 = 5;
/** One of these, or 0: random. */
export let portPolicy: u32 = 0;
export let blockSize: u32 = 0;
export let maxBlocksPerHost: u32 = 0;
/** Some port is held back after its session. */
export let holdsPorts: bool = false;

/* Bits of what the gateway does, or does not. */
export const OPTION_EIM: u32 = 1;
export const OPTION_HAIRPIN: u32 = 2;
export const OPTION_DROP_MIDSTREAM: u32 = 4;
/** What goes on after its session died of idleness is dropped. */
export const OPTION_DROP_EXPIRED: u32 = 8;
export const OPTION_NO_INBOUND_REFRESH: u32 = 16;
export const OPTION_ICMP_REPLY: u32 = 32;
export const OPTION_VLAN_AWARE: u32 = 64;
export const OPTION_DROP_LATE: u32 = 128;
/** Filtering that lets more in than the session's own destination: any of its ports, or anybody. */
export const OPTION_FILTER_ADDRESS: u32 = 256;
export const OPTION_FILTER_NONE: u32 = 512;
/** Entries of sessions that are alive when their window closes end with it. */
export const OPTION_END_AT_EDGE: u32 = 1024;
/** A packet whose window is closed corrects its entry there. */
export const OPTION_REVISE: u32 = 2048;
/** With OPTION_DROP_EXPIRED: what is dropped is answered with a reset. */
export const OPTION_RESET_EXPIRED: u32 = 4096;
/** Windows begin with their session, each by itself. */
export const OPTION_OWN_WINDOWS: u32 = 8192;
/** Other protocols than TCP, UDP and ICMP are translated, too. */
export const OPTION_OTHER_PROTOCOLS: u32 = 16384;
let options: u32 = 0;
/** The last of them, which is asked of every packet. */
export let hasOwnWindows: bool = false;

/** Stands for no limit. */
export const NO_LIMIT: u32 = u32.MAX_VALUE;

@unmanaged
class Limits {
  sessions: u32;
  newPerSec: u32;
  portsPerHost: u32;
  newPerSecPerHost: u32;
}
export const limits: Limits = changetype<Limits>(memory.data(16, 8));

export function setPorts(min: u32, max: u32, limit: u32, withSeed: u32): void {
  portMin = min;
  portMax = max;
  maxPerDestination = limit;
  seed = withSeed;
}

/** @param size of blocks, and how many a host has at most; of policies with blocks */
export function setPortPolicy(policy: u32, size: u32, maxBlocks: u32): void {
  portPolicy = policy;
  blockSize = size;
  maxBlocksPerHost = maxBlocks;
  for (let place: usize = 0; place < 3; place++) {
    if (load<f64>(portHolds + place * 8) > 0) holdsPorts = true;
  }
}

/** @param bits of `OPTION_…` */
export function setOptions(bits: u32): void {
  options = bits;
  hasOwnWindows = does(OPTION_OWN_WINDOWS);
}

export function setLimits(sessions: u32, newPerSec: u32, portsPerHost: u32, newPerSecPerHost: u32): void {
  limits.sessions = sessions;
  limits.newPerSec = newPerSec;
  limits.portsPerHost = portsPerHost;
  limits.newPerSecPerHost = newPerSecPerHost;
}

export let windowSec: f64 = 600;
export let windowOffsetSec: f64 = 0;

/** @param offsetSec by which windows are off the multiples of their length */
export function setWindows(lengthSec: f64, offsetSec: f64): void {
  windowSec = lengthSec;
  windowOffsetSec = offsetSec;
}

export function does(option: u32): bool {
  return (options & option) != 0;
}

/** @returns where the host writes `count` entries of three words: base, mask, class */
export function allocateEntries(count: u32): usize {
  entryCount = count;
  entries = replace(entries, count * ENTRY_BYTES);
  return entries;
}

/** @returns where the host writes `count` networks of two words: base, mask */
export function allocateNoNat(count: u32): usize {
  noNatCount = count;
  noNatNetworks = replace(noNatNetworks, count * 8);
  return noNatNetworks;
}

/** @returns where the host writes `count` networks of other gateways, of two words: base, mask */
export function allocateOthers(count: u32): usize {
  otherCount = count;
  otherNetworks = replace(otherNetworks, count * 8);
  return otherNetworks;
}

/** @returns where the host writes, for `count` entries, the four words of their pools */
export function allocatePools(count: u32): usize {
  pools = replace(pools, count * POOL_BYTES);
  return pools;
}

/** @returns where the host writes the pools: `count` indexes of public addresses */
export function allocatePoolAddresses(count: u32): usize {
  poolAddresses = replace(poolAddresses, count * 4);
  return poolAddresses;
}

/** @returns where the host writes the `count` addresses that sessions are translated to, and their public ones */
export function allocateNatAddresses(count: u32): usize {
  natAddressCount = count;
  natAddresses = replace(natAddresses, count * 8);
  return natAddresses;
}

function replace(old: usize, bytes: usize): usize {
  if (old != 0) heap.free(old);
  return heap.alloc(bytes);
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

/** Whether what is sent there leaves without translation. */
export function isNoNat(address: u32): bool {
  return isIn(noNatNetworks, noNatCount, address);
}

/** Whether the address is behind another gateway that the same packets go to. */
export function isOfOther(address: u32): bool {
  return isIn(otherNetworks, otherCount, address);
}

function isIn(networks: usize, count: u32, address: u32): bool {
  for (let index: u32 = 0; index < count; index++) {
    const network = networks + index * 8;
    if ((address & load<u32>(network + 4)) == load<u32>(network)) return true;
  }
  return false;
}

function poolOf(entry: u32): Pool {
  return changetype<Pool>(pools + entry * POOL_BYTES);
}

export function poolLength(entry: u32): u32 {
  return poolOf(entry).length;
}

export function poolHas(entry: u32, option: u32): bool {
  return (poolOf(entry).options & option) != 0;
}

/** First address of the entry's network. */
export function poolBase(entry: u32): u32 {
  return poolOf(entry).base;
}

/** @returns the index of a public address */
export function poolAddress(entry: u32, place: u32): u32 {
  return load<u32>(poolAddresses + (poolOf(entry).start + place) * 4);
}

/** Whether sessions of the entry may have the address with this index. */
export function isInPool(entry: u32, natAddress: u32): bool {
  for (let place: u32 = 0; place < poolLength(entry); place++) {
    if (poolAddress(entry, place) == natAddress) return true;
  }
  return false;
}

export function natAddressAt(index: u32): u32 {
  return load<u32>(natAddresses + index * 8);
}

/** @returns the public address behind the translated one */
export function natEipAt(index: u32): u32 {
  return load<u32>(natAddresses + index * 8 + 4);
}

/** @returns the index of an address that sessions are translated to, or of a public one; `NO_ADDRESS` for none */
export function natIndexOf(address: u32): u32 {
  for (let index: u32 = 0; index < natAddressCount; index++) {
    if (natAddressAt(index) == address || natEipAt(index) == address) return index;
  }
  return NO_ADDRESS;
}
export const NO_ADDRESS: u32 = 0xffffffff;

export function natAddressesInAll(): u32 {
  return natAddressCount;
}

export function timeoutOf(state: u32): f64 {
  return load<f64>(timeouts + state * 8);
}

export function portHoldOf(protocolPlace: u32): f64 {
  return load<f64>(portHolds + protocolPlace * 8);
}
