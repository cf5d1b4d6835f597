/*
 * The decoder: records of captures in, columns of packets out, compiled to one module of WebAssembly.
 *
 * It is AssemblyScript for the reason for which the emulator is: V8 would have to optimise it anew at every import. One
 * instance reads any number of captures by turns; each has an input of its own in the memory of the instance.
 */

export * from './codes';
export * from './rows';
export { setChecksSums } from './ip';
export { allocateNetworks, setLayer, sidesByUpperHalf } from './layers';
export { decodeFrame } from './link-layer';
export { allocateInterfaces, interfacePackets, setInterface } from './interfaces';
export { lastErfSec, readErf } from './erf';
export { lastSoundSec, readPacketRecords } from './packet-records';
export {
  agreedSec,
  firstTimedRow,
  impossibleTimes,
  lastNsec,
  lastSec,
  lastTimedRow,
  readPcapng,
  untimedRows,
} from './pcapng';
export { blockAt, findBlock } from './pcapng-resync';
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
  readNoIpRows,
  readRows,
  readTraits,
  readWireBytes,
} from './records';
export {
  LAYOUT_BIG_ENDIAN,
  LAYOUT_ERF,
  LAYOUT_MAYBE_SWAPPED,
  LAYOUT_MODIFIED_PCAP,
  LAYOUT_NANOSECONDS,
  LAYOUT_PCAP,
  LAYOUT_SNOOP,
  LAYOUT_SWAPPED,
  NO_SECOND,
} from './record-header';
export { SEARCH_FAILED, SEARCH_FOUND, SEARCH_NEEDS_BYTES, findRecord, foundAt } from './resync';
export { unknownLinkRows } from './unknown-links';
export * from './tally';
export { splitTicks, tickNsec, tickSec, unitsPerSecond } from './ticks';

/** @returns where the host writes up to `bytes` octets of a capture, until `release` */
export function allocateInput(bytes: u32): usize {
  return heap.alloc(bytes);
}

/** Gives back what an `allocate…` gave. */
export function release(at: usize): void {
  heap.free(at);
}
