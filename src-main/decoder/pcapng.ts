import { FLAG_NO_TIME } from './codes';
import { decodeFrame } from './link-layer';
import { left, word } from './octets';
import { MAX_RECORD_BYTES, READ_FULL, READ_NEEDS_BYTES, READ_OTHER_BLOCK, damaged, finish } from './records';
import { addFlag, beginRows, ipBytesOf, setTime } from './rows';
import { splitTicks, tickNsec, tickSec, unitsPerSecond } from './ticks';

/** Block types. @see draft-ietf-opsawg-pcapng §4 */
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/** Octets of a block before its body and after it: type, length, and the length again. */
const BLOCK_OVERHEAD_BYTES: u32 = 12;
/** An enhanced packet's fields before the packet: interface, time, captured and original length. */
const ENHANCED_FIELDS_BYTES: u32 = 20;
const SIMPLE_FIELDS_BYTES: u32 = 4;
/** Longest block of which a field is read; longer ones can only be skipped. */
const MAX_PACKET_BLOCK_BYTES: u32 = 1 << 20;

/* What can be wrong with a block of a packet: `damageValue` is the first number of the sentence, `damageLimit` the second. */
export const PCAPNG_BLOCK_LENGTH: u32 = 0;
export const PCAPNG_BLOCK_TOO_LONG: u32 = 1;
export const PCAPNG_LENGTHS_DIFFER: u32 = 2;
export const PCAPNG_PACKET_TOO_SHORT: u32 = 3;
export const PCAPNG_NO_INTERFACE: u32 = 4;
export const PCAPNG_PACKET_BEYOND_BLOCK: u32 = 5;
export const PCAPNG_PACKET_TOO_LONG: u32 = 6;

/** An interface of the section that is being read. */
@unmanaged
class Interface {
  /** Ticks of its time stamps in a second; 0 when there are more than 64 bits can count. */
  unitsPerSec: u64;
  /** `if_tsoffset`. */
  offsetSec: f64;
  linkType: u32;
  /** Octets that a simple packet block may hold at most; 0 for no limit. */
  snapBytes: u32;
  /** `if_tsresol`. */
  resolution: u32;
  reserved: u32;
}
const INTERFACE_BYTES: usize = 32;

/** Last second whose nanoseconds fit 64 bits, in April 2262; before 1970 there were no captures. */
const MAX_SEC: f64 = 9223372035;

/** Packets whose time is before 1970 or beyond 64 bits of nanoseconds, of the last stretch. */
export let impossibleTimes: u32 = 0;
/** Time of the last packet that has one, which a packet without is given. */
export let lastSec: f64 = 0;
export let lastNsec: u32 = 0;
/** The first and the last row of the last stretch that have a time of their own; -1 without any. */
export let firstTimedRow: i32 = -1;
export let lastTimedRow: i32 = -1;

/** Captured octets of the packet that was read last. */
let packetBytes: u32 = 0;

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
): void {
  const described = changetype<Interface>(interfaces + index * INTERFACE_BYTES);
  described.unitsPerSec = unitsPerSecond(resolution);
  described.offsetSec = offsetSec;
  described.linkType = linkType;
  described.snapBytes = snapBytes;
  described.resolution = resolution;
}

/**
 * Decodes enhanced and simple packets up to the first block of another kind.
 *
 * @param packetNo    of the first packet
 * @param interfaces  the section's, of which there are `interfaceCount`
 * @param sec         time of the packet before, and nanoseconds within
 * @returns a state of `records.ts`
 */
export function readPcapng(
  start: usize,
  end: usize,
  maxRows: u32,
  packetNo: f64,
  isBigEndian: bool,
  interfaces: usize,
  interfaceCount: u32,
  sec: f64,
  nsec: u32,
): u32 {
  let at = start;
  let row: u32 = 0;
  let capturedBytes: u64 = 0;
  let ipBytes: u64 = 0;
  let state = READ_FULL;
  beginRows();
  impossibleTimes = 0;
  firstTimedRow = -1;
  lastTimedRow = -1;
  lastSec = sec;
  lastNsec = nsec;
  while (row < maxRows) {
    state = blockState(at, end, isBigEndian);
    if (state != READ_FULL) break;
    state = readPacket(row, at, isBigEndian, interfaces, interfaceCount);
    if (state != READ_FULL) break;
    setTime(row, lastSec, lastNsec, packetNo + <f64>row);
    ipBytes += ipBytesOf(row);
    capturedBytes += packetBytes;
    at += word(at + 4, isBigEndian);
    row++;
  }
  return finish(state, at, row, capturedBytes, ipBytes);
}

/** @returns `READ_FULL` for a packet's block that is all there, its lengths in order */
function blockState(at: usize, end: usize, isBigEndian: bool): u32 {
  if (left(at, end) < <i32>BLOCK_OVERHEAD_BYTES) return READ_NEEDS_BYTES;
  const type = word(at, isBigEndian);
  if (type != ENHANCED_PACKET && type != SIMPLE_PACKET) return READ_OTHER_BLOCK;
  const blockBytes = word(at + 4, isBigEndian);
  if (blockBytes < BLOCK_OVERHEAD_BYTES || (blockBytes & 3) != 0) return damaged(PCAPNG_BLOCK_LENGTH, blockBytes, 0);
  if (blockBytes > MAX_PACKET_BLOCK_BYTES) {
    return damaged(PCAPNG_BLOCK_TOO_LONG, blockBytes, MAX_PACKET_BLOCK_BYTES);
  }
  if (<u32>left(at, end) < blockBytes) return READ_NEEDS_BYTES;
  if (word(at + blockBytes - 4, isBigEndian) != blockBytes) return damaged(PCAPNG_LENGTHS_DIFFER, 0, 0);
  return READ_FULL;
}

/** Decodes the packet of a block into a row, all but its time, which goes to `lastSec` and `lastNsec`. */
function readPacket(row: u32, at: usize, isBigEndian: bool, interfaces: usize, interfaceCount: u32): u32 {
  const isEnhanced = word(at, isBigEndian) == ENHANCED_PACKET;
  const fieldsBytes = isEnhanced ? ENHANCED_FIELDS_BYTES : SIMPLE_FIELDS_BYTES;
  const blockBytes = word(at + 4, isBigEndian);
  if (blockBytes < BLOCK_OVERHEAD_BYTES + fieldsBytes) return damaged(PCAPNG_PACKET_TOO_SHORT, 0, 0);
  const room = blockBytes - BLOCK_OVERHEAD_BYTES - fieldsBytes;
  const fields = at + 8;
  const index = isEnhanced ? word(fields, isBigEndian) : 0;
  if (index >= interfaceCount) return damaged(PCAPNG_NO_INTERFACE, index, 0);
  const source = changetype<Interface>(interfaces + index * INTERFACE_BYTES);
  const wireBytes = word(fields + fieldsBytes - 4, isBigEndian);
  const captured = isEnhanced ? word(fields + 12, isBigEndian) : simpleBytes(wireBytes, room, source.snapBytes);
  if (captured > room) return damaged(PCAPNG_PACKET_BEYOND_BLOCK, captured, room);
  if (captured > MAX_RECORD_BYTES) return damaged(PCAPNG_PACKET_TOO_LONG, captured, MAX_RECORD_BYTES);
  packetBytes = captured;

  const frame = fields + fieldsBytes;
  decodeFrame(row, source.linkType, frame, frame + captured, max(wireBytes, captured));
  if (isEnhanced && takeTime(fields, isBigEndian, source)) {
    if (firstTimedRow < 0) firstTimedRow = row;
    lastTimedRow = row;
  } else {
    addFlag(row, FLAG_NO_TIME);
  }
  return READ_FULL;
}

/** A simple packet has no captured length of its own. */
function simpleBytes(wireBytes: u32, room: u32, snapBytes: u32): u32 {
  const captured = min(wireBytes, room);
  return snapBytes == 0 ? captured : min(captured, snapBytes);
}

/** @returns false when the time cannot be, which is counted */
function takeTime(fields: usize, isBigEndian: bool, source: Interface): bool {
  const ticks = ((<u64>word(fields + 4, isBigEndian)) << 32) | (<u64>word(fields + 8, isBigEndian));
  splitTicks(ticks, source.unitsPerSec, source.resolution);
  const sec = tickSec + source.offsetSec;
  if (sec < 0 || sec > MAX_SEC) {
    impossibleTimes++;
    return false;
  }
  lastSec = sec;
  lastNsec = tickNsec;
  return true;
}
