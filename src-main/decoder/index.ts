/*
 * The decoder: records of captures in, columns of packets out, compiled to one module of WebAssembly.
 *
 * It is AssemblyScript for the reason for which the emulator is: V8 would have to optimise it anew at every import. One
 * instance reads any number of captures by turns; each has an input of its own in the memory of the instance.
 */

export * from './codes';
export * from './rows';
export { allocateNetworks, setLayer, sidesByUpperHalf } from './layers';
export { decodeFrame } from './link-layer';
export * from './pcap';
export {
  PCAPNG_BLOCK_LENGTH,
  PCAPNG_BLOCK_TOO_LONG,
  PCAPNG_LENGTHS_DIFFER,
  PCAPNG_NO_INTERFACE,
  PCAPNG_PACKET_BEYOND_BLOCK,
  PCAPNG_PACKET_TOO_LONG,
  PCAPNG_PACKET_TOO_SHORT,
  allocateInterfaces,
  firstTimedRow,
  impossibleTimes,
  lastNsec,
  lastSec,
  lastTimedRow,
  readPcapng,
  setInterface,
} from './pcapng';
export {
  READ_DAMAGED,
  READ_FULL,
  READ_NEEDS_BYTES,
  READ_OTHER_BLOCK,
  damageLimit,
  damageValue,
  readCapturedBytes,
  readEnd,
  readIpBytes,
  readRows,
} from './records';
export { splitTicks, tickNsec, tickSec, unitsPerSecond } from './ticks';

/** @returns where the host writes up to `bytes` octets of a capture, until `release` */
export function allocateInput(bytes: u32): usize {
  return heap.alloc(bytes);
}

/** Gives back what an `allocate…` gave. */
export function release(at: usize): void {
  heap.free(at);
}
