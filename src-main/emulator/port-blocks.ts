import {
  POLICY_BLOCKS,
  blockSize,
  maxBlocksPerHost,
  natAddressesInAll,
  portMax,
  portMin,
  portPolicy,
} from './configuration';
import { noteBlock } from './events';
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
  /** Its host; stale while it has no sessions. */
  host: u32;
  sessions: u32;
}
const BLOCK_BYTES: usize = 8;

let blocks: usize = 0;
let blocksPerAddress: u32 = 0;

function blockAt(natAddress: u32, place: u32): Block {
  return changetype<Block>(blocks + (natAddress * blocksPerAddress + place) * BLOCK_BYTES);
}

export function initBlocks(): void {
  if (portPolicy != POLICY_BLOCKS) return;
  blocksPerAddress = (portMax - portMin + 1) / blockSize;
  const bytes = natAddressesInAll() * blocksPerAddress * BLOCK_BYTES;
  blocks = heap.alloc(bytes);
  memory.fill(blocks, 0, bytes);
}

/** Blocks of an address, which are numbered from 0. */
export function blockCount(): u32 {
  return blocksPerAddress;
}

/** @returns the first port of a block */
export function firstPortOf(block: u32): u32 {
  return portMin + block * blockSize;
}

/**
 * The blocks of an address that are to be tried for a host: its own, in their order, and then a free one if it may have
 * another.
 *
 * @param after the block that was tried last; `blockCount()` for the first
 * @returns `blockCount()` when there is none
 */
export function nextBlock(host: u32, natAddress: u32, after: u32): u32 {
  let owned: u32 = 0;
  for (let place: u32 = 0; place < blocksPerAddress; place++) {
    const block = blockAt(natAddress, place);
    if (block.sessions == 0 || block.host != host) continue;
    owned++;
    if (after == blocksPerAddress || place > after) return place;
  }
  if (owned >= maxBlocksPerHost) return blocksPerAddress;
  const isFree = after != blocksPerAddress && blockAt(natAddress, after).sessions == 0;
  return isFree ? blocksPerAddress : freeBlock(host, natAddress);
}

function freeBlock(host: u32, natAddress: u32): u32 {
  let place = hashTuple(host, natAddress, 0, 0) % blocksPerAddress;
  for (let step: u32 = 0; step < blocksPerAddress; step++) {
    if (blockAt(natAddress, place).sessions == 0) return place;
    place = place + 1 == blocksPerAddress ? 0 : place + 1;
  }
  return blocksPerAddress;
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
    noteBlock(EVENT_BLOCK_ALLOCATE, session, firstPortOf(place), firstPortOf(place) + blockSize - 1);
  }
  block.sessions++;
}

/** Counts a session no more whose port is free now. */
export function releaseBlock(session: Session): void {
  if (!isInBlock(session)) return;
  const place = blockOf(session);
  const block = blockAt(session.natAddress, place);
  block.sessions--;
  if (block.sessions == 0) {
    noteBlock(EVENT_BLOCK_FREE, session, firstPortOf(place), firstPortOf(place) + blockSize - 1);
  }
}
