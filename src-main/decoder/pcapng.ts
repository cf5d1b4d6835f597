import { FLAG_NO_TIME } from './codes';
import { Interface, interfaceAt, readTicks, ticksNsec, ticksSec } from './interfaces';
import { decodeFrame } from './link-layer';
import { left, word } from './octets';
import { NO_SECOND, isCloseTime } from './record-header';
import { MAX_RECORD_BYTES, READ_FULL, READ_NEEDS_BYTES, READ_OTHER_BLOCK, damaged, finish } from './records';
import { addFlag, beginRows, ipBytesOf, setTime } from './rows';
import { forgetUnknownLinks, noteLinkType } from './unknown-links';

/** Block types. @see draft-ietf-opsawg-pcapng §4 */
export const BLOCK_PACKET: u32 = 2;
export const BLOCK_SIMPLE_PACKET: u32 = 3;
export const BLOCK_ENHANCED_PACKET: u32 = 6;

/** Octets of a block before its body and after it: type, length, and the length again. */
export const BLOCK_OVERHEAD_BYTES: u32 = 12;
/**
 * Fields of an enhanced packet before its frame: interface, time, captured and original length. In the obsolete packet
 * block, half of the first is a count of dropped packets.
 */
export const PACKET_FIELDS_BYTES: u32 = 20;
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
export const PCAPNG_BROKEN_INTERFACE: u32 = 7;
export const PCAPNG_BLOCK_CUT: u32 = 8;

/** Packets whose time is before 1970 or beyond 64 bits of nanoseconds, of the last stretch. */
export let impossibleTimes: u32 = 0;
/** Those, and packets of blocks that have no time. */
export let untimedRows: u32 = 0;
/** Time of the last packet that has one, which a packet without is given. */
export let lastSec: f64 = 0;
export let lastNsec: u32 = 0;
/**
 * Time of the last packet that was near in time to the one before it, and of the first: a single wrong time does not
 * count. Blocks behind damage are recognised by it; `NO_SECOND` without any.
 */
export let agreedSec: f64 = NO_SECOND;
/** The first and the last row of the last stretch that have a time of their own; -1 without any. */
export let firstTimedRow: i32 = -1;
export let lastTimedRow: i32 = -1;

/** Captured octets of the packet that was read last, and those that it had on the wire. */
let packetBytes: u32 = 0;
let packetWireBytes: u32 = 0;

/**
 * Decodes packets up to the first block of another kind.
 *
 * @param packetNo    of the first packet
 * @param interfaces  the section's, of which there are `interfaceCount`
 * @param sec         time of the packet before, and nanoseconds within
 * @param agreed      what `agreedSec` was after the stretch before
 * @param isAtEnd     the file ends at `end`
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
  agreed: f64,
  isAtEnd: bool,
): u32 {
  let at = start;
  let row: u32 = 0;
  let capturedBytes: u64 = 0;
  let allWireBytes: u64 = 0;
  let ipBytes: u64 = 0;
  let noIpRows: u32 = 0;
  let state = READ_FULL;
  beginRows();
  forgetUnknownLinks();
  impossibleTimes = 0;
  untimedRows = 0;
  firstTimedRow = -1;
  lastTimedRow = -1;
  lastSec = sec;
  lastNsec = nsec;
  agreedSec = agreed;
  while (row < maxRows) {
    state = blockState(at, end, isBigEndian, isAtEnd);
    if (state != READ_FULL) break;
    state = readPacket(row, at, isBigEndian, interfaces, interfaceCount);
    if (state != READ_FULL) break;
    setTime(row, lastSec, lastNsec, packetNo + <f64>row);
    const rowBytes = ipBytesOf(row);
    ipBytes += rowBytes;
    noIpRows += rowBytes == 0 ? 1 : 0;
    allWireBytes += packetWireBytes;
    capturedBytes += packetBytes;
    at += padded(word(at + 4, isBigEndian));
    row++;
  }
  return finish(state, at, row, capturedBytes, allWireBytes, ipBytes, noIpRows);
}

/** @returns `READ_FULL` for a packet's block that is all there, its lengths in order */
function blockState(at: usize, end: usize, isBigEndian: bool, isAtEnd: bool): u32 {
  if (left(at, end) < <i32>BLOCK_OVERHEAD_BYTES) {
    return isAtEnd && at != end ? damaged(PCAPNG_BLOCK_CUT, 0, 0) : READ_NEEDS_BYTES;
  }
  const type = word(at, isBigEndian);
  if (!isPacketBlock(type)) return READ_OTHER_BLOCK;
  const blockBytes = word(at + 4, isBigEndian);
  if (blockBytes < BLOCK_OVERHEAD_BYTES) return damaged(PCAPNG_BLOCK_LENGTH, blockBytes, 0);
  if (blockBytes > MAX_PACKET_BLOCK_BYTES) {
    return damaged(PCAPNG_BLOCK_TOO_LONG, blockBytes, MAX_PACKET_BLOCK_BYTES);
  }
  const paddedBytes = padded(blockBytes);
  if (<u32>left(at, end) < paddedBytes) return isAtEnd ? damaged(PCAPNG_BLOCK_CUT, 0, 0) : READ_NEEDS_BYTES;
  if (word(at + paddedBytes - 4, isBigEndian) != blockBytes) {
    return (blockBytes & 3) == 0 ? damaged(PCAPNG_LENGTHS_DIFFER, 0, 0) : damaged(PCAPNG_BLOCK_LENGTH, blockBytes, 0);
  }
  return READ_FULL;
}

/** Length of a block with its padding, which some old writers did not count. */
function padded(blockBytes: u32): u32 {
  return (blockBytes + 3) & ~3;
}

export function isPacketBlock(type: u32): bool {
  return type == BLOCK_ENHANCED_PACKET || type == BLOCK_SIMPLE_PACKET || type == BLOCK_PACKET;
}

/** @returns the interface that a packet block with a time names */
export function interfaceIndex(type: u32, fields: usize, isBigEndian: bool): u32 {
  const index = word(fields, isBigEndian);
  if (type == BLOCK_ENHANCED_PACKET) return index;
  return isBigEndian ? index >> 16 : index & 0xffff;
}

/** Decodes the packet of a block into a row, all but its time, which goes to `lastSec` and `lastNsec`. */
function readPacket(row: u32, at: usize, isBigEndian: bool, interfaces: usize, interfaceCount: u32): u32 {
  const type = word(at, isBigEndian);
  const hasTime = type != BLOCK_SIMPLE_PACKET;
  const fieldsBytes = hasTime ? PACKET_FIELDS_BYTES : SIMPLE_FIELDS_BYTES;
  const blockBytes = word(at + 4, isBigEndian);
  if (blockBytes < BLOCK_OVERHEAD_BYTES + fieldsBytes) return damaged(PCAPNG_PACKET_TOO_SHORT, 0, 0);
  const room = blockBytes - BLOCK_OVERHEAD_BYTES - fieldsBytes;
  const fields = at + 8;
  const index = hasTime ? interfaceIndex(type, fields, isBigEndian) : 0;
  if (index >= interfaceCount) return damaged(PCAPNG_NO_INTERFACE, index, 0);
  const source = interfaceAt(interfaces, index);
  if (source.isBroken != 0) return damaged(PCAPNG_BROKEN_INTERFACE, index, 0);
  const wireBytes = word(fields + fieldsBytes - 4, isBigEndian);
  const captured = hasTime ? word(fields + 12, isBigEndian) : simpleBytes(wireBytes, room, source.snapBytes);
  if (captured > room) return damaged(PCAPNG_PACKET_BEYOND_BLOCK, captured, room);
  if (captured > MAX_RECORD_BYTES) return damaged(PCAPNG_PACKET_TOO_LONG, captured, MAX_RECORD_BYTES);
  packetBytes = captured;
  packetWireBytes = max(wireBytes, captured);
  source.packets += 1;

  const frame = fields + fieldsBytes;
  decodeFrame(row, source.linkType, frame, frame + captured, packetWireBytes);
  noteLinkType(row, source.linkType);
  if (hasTime && takeTime(fields, isBigEndian, source)) {
    if (firstTimedRow < 0) firstTimedRow = row;
    lastTimedRow = row;
  } else {
    untimedRows++;
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
  if (!readTicks(word(fields + 4, isBigEndian), word(fields + 8, isBigEndian), source)) {
    impossibleTimes++;
    return false;
  }
  if (isCloseTime(ticksSec, lastSec) || agreedSec == NO_SECOND) agreedSec = ticksSec;
  lastSec = ticksSec;
  lastNsec = ticksNsec;
  return true;
}
