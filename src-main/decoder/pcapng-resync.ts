import { interfaceAt, readTicks, ticksSec } from './interfaces';
import { left, word } from './octets';
import {
  BLOCK_OVERHEAD_BYTES,
  BLOCK_SIMPLE_PACKET,
  PACKET_FIELDS_BYTES,
  interfaceIndex,
  isPacketBlock,
} from './pcapng';
import { isNearTime } from './record-header';
import { SEARCH_FAILED, SEARCH_FOUND, SEARCH_NEEDS_BYTES } from './resync';

/* Where blocks of pcapng begin again behind damage. Blocks name their type and twice their length, so few octets do. */

const SECTION_HEADER: u32 = 0x0a0d0d0a;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b3c4d;
const INTERFACE_DESCRIPTION: u32 = 1;
const NAME_RESOLUTION: u32 = 4;
const INTERFACE_STATISTICS: u32 = 5;
const DECRYPTION_SECRETS: u32 = 10;
const CUSTOM_BLOCK: u32 = 0xbad;
const CUSTOM_BLOCK_NOT_COPIED: u32 = 0x40000bad;

/** Longest block that a run may hold: the longest packet with options. */
const MAX_RUN_BLOCK_BYTES: u32 = 262144 + 4096;
/** Blocks that make a run. */
const RUN_BLOCKS: u32 = 3;
/**
 * A run that begins with a block of which no time tells when it was written may be the payload of a packet, a capture
 * that was sent over the wire. One that is none goes on for longer than the 64 KiB of a packet, or has as many blocks.
 */
const MAX_PAYLOAD_BYTES: u32 = 65536;
const LONG_RUN_BLOCKS: u32 = 256;

/** Where the search ended: what it found, or what it needs more octets to decide about. */
export let blockAt: usize = 0;

/** Of the block that `blockState` looked at last. */
let blockBytes: u32 = 0;
let isBlockBigEndian: bool = false;
let isBlockTimeless: bool = false;
/** Interfaces that packets may name; -1 when they are not known, as in a section that was just found. */
let knownInterfaces: i32 = 0;

/**
 * Finds the first octet from `at` on at which a run of blocks begins: three of them, or fewer to the end of the file.
 * Packets must name an interface that there is, and be near `lastSec` in time.
 *
 * @param sectionsOnly  nothing but a section header can be read
 * @param lastSec       time of the packet before, or `NO_SECOND`
 */
export function findBlock(
  at: usize,
  end: usize,
  isAtEnd: bool,
  isBigEndian: bool,
  sectionsOnly: bool,
  interfaces: usize,
  interfaceCount: u32,
  lastSec: f64,
): u32 {
  for (; at < end; at++) {
    // Nearly all octets end here.
    const type = load<u32>(at);
    if (type != SECTION_HEADER && left(at, end) >= 4) {
      if (sectionsOnly || !isKnownType(isBigEndian ? bswap<u32>(type) : type)) continue;
    }
    const state = runState(at, end, isAtEnd, isBigEndian, interfaces, interfaceCount, lastSec);
    if (state == SEARCH_FAILED) continue;
    blockAt = at;
    return state;
  }
  blockAt = at;
  return SEARCH_FAILED;
}

function runState(
  at: usize,
  end: usize,
  isAtEnd: bool,
  isBigEndian: bool,
  interfaces: usize,
  interfaceCount: u32,
  lastSec: f64,
): u32 {
  const start = at;
  let wantedBlocks = RUN_BLOCKS;
  let wantedBytes: usize = 0;
  isBlockBigEndian = isBigEndian;
  knownInterfaces = interfaceCount;
  for (let count: u32 = 0; count < wantedBlocks && (wantedBytes == 0 || at - start < wantedBytes); count++) {
    if (at == end && isAtEnd) return count > 0 ? SEARCH_FOUND : SEARCH_FAILED;
    const state = blockState(at, end, isAtEnd, count == 0, interfaces, lastSec);
    if (state != SEARCH_FOUND) return state;
    if (count == 0 && isBlockTimeless) {
      wantedBlocks = LONG_RUN_BLOCKS;
      wantedBytes = MAX_PAYLOAD_BYTES;
    }
    at += blockBytes;
    // A last block that the end of the file cuts speaks for the ones before.
    if (at > end) return SEARCH_FOUND;
  }
  return SEARCH_FOUND;
}

function blockState(at: usize, end: usize, isAtEnd: bool, isFirst: bool, interfaces: usize, lastSec: f64): u32 {
  const room = left(at, end);
  if (room < <i32>BLOCK_OVERHEAD_BYTES) return isAtEnd ? SEARCH_FAILED : SEARCH_NEEDS_BYTES;
  const isSection = load<u32>(at) == SECTION_HEADER;
  if (isSection && !readByteOrder(at)) return SEARCH_FAILED;
  const type = word(at, isBlockBigEndian);
  isBlockTimeless = isSection || type == INTERFACE_DESCRIPTION || type == BLOCK_SIMPLE_PACKET;
  blockBytes = word(at + 4, isBlockBigEndian);
  if (blockBytes < leastBytes(type) || (blockBytes & 3) != 0 || blockBytes > MAX_RUN_BLOCK_BYTES) return SEARCH_FAILED;
  if (<u32>room < blockBytes) {
    if (!isAtEnd) return SEARCH_NEEDS_BYTES;
    return !isFirst && isKnownType(type) ? SEARCH_FOUND : SEARCH_FAILED;
  }
  if (word(at + blockBytes - 4, isBlockBigEndian) != blockBytes) return SEARCH_FAILED;
  if (isSection || type == INTERFACE_DESCRIPTION) knownInterfaces = -1;
  if (!isPacketBlock(type) || knownInterfaces < 0) return SEARCH_FOUND;
  return isLikelyPacket(type, at, interfaces, lastSec) ? SEARCH_FOUND : SEARCH_FAILED;
}

function readByteOrder(at: usize): bool {
  const magic = load<u32>(at + 8);
  isBlockBigEndian = bswap<u32>(magic) == BYTE_ORDER_MAGIC;
  return isBlockBigEndian || magic == BYTE_ORDER_MAGIC;
}

function isLikelyPacket(type: u32, at: usize, interfaces: usize, lastSec: f64): bool {
  const isBigEndian = isBlockBigEndian;
  if (type == BLOCK_SIMPLE_PACKET) return knownInterfaces > 0;
  const fields = at + 8;
  const index = interfaceIndex(type, fields, isBigEndian);
  if (index >= <u32>knownInterfaces) return false;
  if (word(fields + 12, isBigEndian) > blockBytes - BLOCK_OVERHEAD_BYTES - PACKET_FIELDS_BYTES) return false;
  const source = interfaceAt(interfaces, index);
  if (!readTicks(word(fields + 4, isBigEndian), word(fields + 8, isBigEndian), source)) return false;
  return isNearTime(ticksSec, lastSec);
}

/** Types that a run may begin with. */
function isKnownType(type: u32): bool {
  if (isPacketBlock(type) || type == SECTION_HEADER || type == INTERFACE_DESCRIPTION) return true;
  if (type == NAME_RESOLUTION || type == INTERFACE_STATISTICS || type == DECRYPTION_SECRETS) return true;
  return type == CUSTOM_BLOCK || type == CUSTOM_BLOCK_NOT_COPIED;
}

/** Length of the shortest block of a type. */
function leastBytes(type: u32): u32 {
  if (type == SECTION_HEADER) return 28;
  if (type == INTERFACE_DESCRIPTION) return 20;
  if (type == BLOCK_SIMPLE_PACKET) return BLOCK_OVERHEAD_BYTES + 4;
  return isPacketBlock(type) ? BLOCK_OVERHEAD_BYTES + PACKET_FIELDS_BYTES : BLOCK_OVERHEAD_BYTES;
}
