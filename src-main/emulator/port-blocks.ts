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
  /** Its host; stale while it has no sessions. */
  host: u32;
  sessions: u32;
  /** When the last of its ports was free again, of those that are. */
  freeSec: f64;
  freeNsec: u32;
}
const BLOCK_BYTES: usize = 24;

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

/** Whether a host has a block. */
export function ownsBlock(host: u32, natAddress: u32, place: u32): bool {
  const block = blockAt(natAddress, place);
  return block.sessions > 0 && block.host == host;
}

/** Whether a host may have another block of an address. */
export function mayHaveAnotherBlock(host: u32, natAddress: u32): bool {
  let owned: u32 = 0;
  for (let place: u32 = 0; place < blocksPerAddress; place++) if (ownsBlock(host, natAddress, place)) owned++;
  return owned < maxBlocksPerHost;
}

/** Whether nobody has a block; the public side can show sessions on its ports all the same. */
export function isFreeBlock(natAddress: u32, place: u32): bool {
  return blockAt(natAddress, place).sessions == 0;
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
    noteBlock(EVENT_BLOCK_FREE, session, firstPortOf(place), firstPortOf(place) + blockSize - 1);
    setTimeOfLast(block.freeSec, block.freeNsec);
  }
}
