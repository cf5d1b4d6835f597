import { splitTicks, tickNsec, tickSec, unitsPerSecond } from './ticks';

/** An interface of the section that is being read. */
@unmanaged
export class Interface {
  /** Ticks of its time stamps in a second; 0 when there are more than 64 bits can count. */
  unitsPerSec: u64;
  /** `if_tsoffset`. */
  offsetSec: f64;
  linkType: u32;
  /** Octets that a simple packet block may hold at most; 0 for no limit. */
  snapBytes: u32;
  /** `if_tsresol`. */
  resolution: u32;
  /** Its description could not be read: so can no packet of it. */
  isBroken: u32;
  /** That were read of it since `setInterface`. */
  packets: f64;
}
const INTERFACE_BYTES: usize = 40;

/** Last second whose nanoseconds fit 64 bits, in April 2262; before 1970 there were no captures. */
const MAX_SEC: f64 = 9223372035;

/** Time of a packet, as the last `readTicks` found it. */
export let ticksSec: f64 = 0;
export let ticksNsec: u32 = 0;

/** @returns where `setInterface` keeps up to `capacity` interfaces, until `release` */
export function allocateInterfaces(capacity: u32): usize {
  return heap.alloc(capacity * INTERFACE_BYTES);
}

export function setInterface(
  interfaces: usize,
  index: u32,
  linkType: u32,
  snapBytes: u32,
  resolution: u32,
  offsetSec: f64,
  isBroken: bool,
): void {
  const described = changetype<Interface>(interfaces + index * INTERFACE_BYTES);
  described.unitsPerSec = unitsPerSecond(resolution);
  described.offsetSec = offsetSec;
  described.linkType = linkType;
  described.snapBytes = snapBytes;
  described.resolution = resolution;
  described.isBroken = isBroken ? 1 : 0;
  described.packets = 0;
}

export function interfacePackets(interfaces: usize, index: u32): f64 {
  return interfaceAt(interfaces, index).packets;
}

export function interfaceAt(interfaces: usize, index: u32): Interface {
  return changetype<Interface>(interfaces + index * INTERFACE_BYTES);
}

/** @returns false when the time of a packet cannot be: before 1970, or beyond 64 bits of nanoseconds */
export function readTicks(high: u32, low: u32, source: Interface): bool {
  splitTicks(((<u64>high) << 32) | (<u64>low), source.unitsPerSec, source.resolution);
  ticksSec = tickSec + source.offsetSec;
  ticksNsec = tickNsec;
  return ticksSec >= 0 && ticksSec <= MAX_SEC;
}
