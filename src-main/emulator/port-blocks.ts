import {
  POLICY_BLOCKS,
  blockSize,
  maxBlocksPerHost,
  natAddressesInAll,
  portMax,
  portMin,
  portPolicy,
} from './configuration';
import { isBefore } from './clock';
import { COUNT_TABLE_BYTES, CountTable, countOf, counterOf } from './count-table';
import { noteBlock, setTimeOfLast } from './events';
import { EVENT_BLOCK_FREE, EVENT_BLOCK_ALLOCATE } from './codes';
import { hashTuple } from './hash';
import { MARK_PUBLIC_ONLY, Session } from './session';

/*
 * Ports in blocks, which hosts are given on demand and give back with their last session in it, so that a log of blocks
 * tells who had a port.
 * @see RFC 6888 §4, RFC 8158 §5.4
 */

@unmanaged
class Block {
  /** Its host, if it has sessions. */
  host: u32;
  sessions: u32;
  /** When the last of its ports was free again, of those that are. */
  freeSec: f64;
  freeNsec: u32;
  /** Place of its host's next one, plus one; they are in order. */
  next: u32;
}
const BLOCK_BYTES: usize = 32;

let blocks: usize = 0;
let blocksPerAddress: u32 = 0;
/* A bit for each block that nobody has, in words for each address. */
let freeBits: usize = 0;
let wordsPerAddress: u32 = 0;
/** Place, plus one, of the first block of a host, by host and address. */
const firstOwned = changetype<CountTable>(memory.data(COUNT_TABLE_BYTES, 8));
/** No block. */
export const NO_BLOCK: u32 = 0xffffffff;

function blockAt(natAddress: u32, place: u32): Block {
  return changetype<Block>(blocks + (natAddress * blocksPerAddress + place) * BLOCK_BYTES);
}

export function initBlocks(): void {
  if (portPolicy != POLICY_BLOCKS) return;
  blocksPerAddress = (portMax - portMin + 1) / blockSize;
  const bytes = natAddressesInAll() * blocksPerAddress * BLOCK_BYTES;
  blocks = heap.alloc(bytes);
  memory.fill(blocks, 0, bytes);
  wordsPerAddress = (blocksPerAddress + 63) >> 6;
  freeBits = heap.alloc(natAddressesInAll() * wordsPerAddress * 8);
  memory.fill(freeBits, 0, natAddressesInAll() * wordsPerAddress * 8);
  for (let address: u32 = 0; address < natAddressesInAll(); address++) {
    for (let place: u32 = 0; place < blocksPerAddress; place++) flipFree(address, place);
  }
}

/** Blocks of an address, which are numbered from 0. */
export function blockCount(): u32 {
  return blocksPerAddress;
}

/** @returns the first port of a block */
export function firstPortOf(block: u32): u32 {
  return portMin + block * blockSize;
}

/** @returns the first block that a host has of an address, or `NO_BLOCK` */
export function firstOwnedBlock(host: u32, natAddress: u32): u32 {
  return countOf(firstOwned, host, natAddress, 0) - 1;
}

/** @returns the next block of the same host, or `NO_BLOCK` */
export function nextOwnedBlock(natAddress: u32, place: u32): u32 {
  return blockAt(natAddress, place).next - 1;
}

/** Whether a host may have another block of an address. */
export function mayHaveAnotherBlock(host: u32, natAddress: u32): bool {
  let owned: u32 = 0;
  let place = firstOwnedBlock(host, natAddress);
  for (; place != NO_BLOCK && owned < maxBlocksPerHost; place = nextOwnedBlock(natAddress, place)) owned++;
  return owned < maxBlocksPerHost;
}

/**
 * Of those that nobody has; the public side can show sessions on its ports all the same.
 *
 * @returns the first free block of an address from `place` on, or `NO_BLOCK`
 */
export function freeBlockFrom(natAddress: u32, place: u32): u32 {
  if (place >= blocksPerAddress) return NO_BLOCK;
  const words = wordsOf(natAddress);
  let word = place >> 6;
  let bits = load<u64>(words + word * 8) & (u64.MAX_VALUE << ((<u64>place) & 63));
  while (bits == 0) {
    if (++word == wordsPerAddress) return NO_BLOCK;
    bits = load<u64>(words + word * 8);
  }
  return (word << 6) + <u32>ctz(bits);
}

function wordsOf(natAddress: u32): usize {
  return freeBits + natAddress * wordsPerAddress * 8;
}

function flipFree(natAddress: u32, place: u32): void {
  const word = wordsOf(natAddress) + (place >> 6) * 8;
  store<u64>(word, load<u64>(word) ^ ((<u64>1) << ((<u64>place) & 63)));
}

/** The host has a block more. */
function addOwned(natAddress: u32, place: u32): void {
  const block = blockAt(natAddress, place);
  const first = counterOf(firstOwned, block.host, natAddress, 0);
  let before: u32 = 0;
  let next = first.count;
  while (next != 0 && next - 1 < place) {
    before = next;
    next = blockAt(natAddress, next - 1).next;
  }
  block.next = next;
  if (before == 0) first.count = place + 1;
  else blockAt(natAddress, before - 1).next = place + 1;
}

function removeOwned(natAddress: u32, place: u32): void {
  const block = blockAt(natAddress, place);
  const first = counterOf(firstOwned, block.host, natAddress, 0);
  if (first.count == place + 1) {
    first.count = block.next;
    return;
  }
  let before = blockAt(natAddress, first.count - 1);
  while (before.next != place + 1) before = blockAt(natAddress, before.next - 1);
  before.next = block.next;
}

/** @returns the block from which on a free one is looked for */
export function firstBlockFor(host: u32, natAddress: u32): u32 {
  return hashTuple(host, natAddress, 0, 0) % blocksPerAddress;
}

/** @returns a number above all blocks for a port in none, which the public side can show */
function blockOf(session: Session): u32 {
  const port: u32 = session.natPort;
  return port < portMin ? blocksPerAddress : (port - portMin) / blockSize;
}

function isInBlock(session: Session): bool {
  if (portPolicy != POLICY_BLOCKS || ((<u32>session.marks) & MARK_PUBLIC_ONLY) != 0) return false;
  return blockOf(session) < blocksPerAddress;
}

/** Counts a session that was opened, or has got this port. */
export function takeBlock(session: Session): void {
  if (!isInBlock(session)) return;
  const place = blockOf(session);
  const block = blockAt(session.natAddress, place);
  if (block.sessions == 0) {
    block.host = session.priIp;
    block.freeSec = -Infinity;
    flipFree(session.natAddress, place);
    addOwned(session.natAddress, place);
    noteBlock(EVENT_BLOCK_ALLOCATE, session, firstPortOf(place), firstPortOf(place) + blockSize - 1);
  }
  block.sessions++;
}

/** Counts a session no more whose port is free, since a time that may be past: sessions are not found dead in their order. */
export function releaseBlock(session: Session, freeSec: f64, freeNsec: u32): void {
  if (!isInBlock(session)) return;
  const place = blockOf(session);
  const block = blockAt(session.natAddress, place);
  block.sessions--;
  if (isBefore(block.freeSec, block.freeNsec, freeSec, freeNsec)) {
    block.freeSec = freeSec;
    block.freeNsec = freeNsec;
  }
  if (block.sessions == 0) {
    flipFree(session.natAddress, place);
    removeOwned(session.natAddress, place);
    noteBlock(EVENT_BLOCK_FREE, session, firstPortOf(place), firstPortOf(place) + blockSize - 1);
    setTimeOfLast(block.freeSec, block.freeNsec);
  }
}
