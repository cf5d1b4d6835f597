import type { PacketBatch } from '../capture/packet-batch';
import { findEnd, STALE_NSEC } from './paired-sessions';
import { MISREAD } from './session-rivals';
import { TupleTable } from './tuple-table';

/** Sessions that are remembered, of each side. */
const CAPACITY = 1 << 16;

/**
 * Sessions of either side that lately had packets equal to those of others at the same moment, so that nobody knows which of
 * the other side they are. A packet of one that is alone with one of the other side is no proof then, where captures miss
 * packets: each may be the other half of what they missed.
 */
export class ContestedEnds {
  /** Null until there is one. */
  #table: TupleTable | null = null;

  /** @param side of `SIDE`, that the packet was seen on */
  note(batch: PacketBatch, row: number, side: number, nowNsec: number): void {
    this.#table ??= new TupleTable(CAPACITY);
    this.#table.set(findEnd(this.#table, batch, row, side), 0, 0, nowNsec);
  }

  has(batch: PacketBatch, row: number, side: number, nowNsec: number): boolean {
    if (this.#table === null) return false;
    const place = findEnd(this.#table, batch, row, side);
    return place >= 0 && nowNsec - this.#table.stampOf(place) <= STALE_NSEC;
  }
}

/** Whether so little is missing on the two sides that no two equal packets have each lost what is theirs on the other. */
export function areWhole(packets: Readonly<Record<'paired' | 'privateOnly' | 'publicOnly', number>>): boolean {
  const { paired, privateOnly, publicOnly } = packets;
  return ((privateOnly + 1) / (paired + privateOnly + 2)) * ((publicOnly + 1) / (paired + publicOnly + 2)) <= MISREAD;
}
