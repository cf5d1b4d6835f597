import type { PacketBatch } from '../capture/packet-batch';
import { findEnd, STALE_NSEC } from './paired-sessions';
import { MISREAD } from './session-rivals';
import { TupleTable } from './tuple-table';

/** Sessions that are remembered, of each side. */
const CAPACITY = 1 << 16;
/** In the place of an endpoint: it may be any of several. */
const SEVERAL = 0;

/**
 * Sessions of either side that lately had packets equal to those of others, and which endpoint of the other side may be
 * theirs: the one whose packet came at that moment, as if none was missed, or nobody knows which. A packet that is alone with
 * one of another endpoint is no proof then, where captures miss packets: each may be the other half of what they missed. With
 * one of the same endpoint it is, as the captures would have missed both packets of both sessions otherwise.
 */
export class ContestedEnds {
  /** Null until there is one. */
  #table: TupleTable | null = null;

  /**
   * @param side of `SIDE`, that the packet was seen on
   * @param address of the endpoint of the other side that may be its session's; `port` too
   */
  note(batch: PacketBatch, row: number, side: number, address: number, port: number, nowNsec: number): void {
    this.#table ??= new TupleTable(CAPACITY);
    const place = findEnd(this.#table, batch, row, side);
    const isKnown = place >= 0 && nowNsec - this.#table.stampOf(place) <= STALE_NSEC;
    if (!isKnown || this.#table.isAt(place, address, port)) this.#table.set(place, address, port, nowNsec);
    // What is not known is so for half a minute, whatever comes then.
    else if (!this.#table.isAt(place, SEVERAL, SEVERAL)) this.#table.set(place, SEVERAL, SEVERAL, nowNsec);
  }

  /** The endpoint may be any. */
  noteSeveral(batch: PacketBatch, row: number, side: number, nowNsec: number): void {
    this.#table ??= new TupleTable(CAPACITY);
    this.#table.set(findEnd(this.#table, batch, row, side), SEVERAL, SEVERAL, nowNsec);
  }

  /** Whether a session may be that of another endpoint than one. */
  isElsewhere(batch: PacketBatch, row: number, side: number, address: number, port: number, nowNsec: number): boolean {
    if (this.#table === null) return false;
    const place = findEnd(this.#table, batch, row, side);
    if (place < 0 || nowNsec - this.#table.stampOf(place) > STALE_NSEC) return false;
    return !this.#table.isAt(place, address, port);
  }
}

type SeenPackets = Readonly<Record<'paired' | 'privateOnly' | 'publicOnly', number>>;

/** How often two equal packets have each lost what is theirs on the other side. @returns 0 to 1 */
export function missedShare({ paired, privateOnly, publicOnly }: SeenPackets): number {
  return ((privateOnly + 1) / (paired + privateOnly + 2)) * ((publicOnly + 1) / (paired + publicOnly + 2));
}

/** Whether nothing was seen to be missing on one of the two sides, or so little on both that no two equal packets are. */
export function areWhole(packets: SeenPackets): boolean {
  return packets.privateOnly === 0 || packets.publicOnly === 0 || missedShare(packets) <= MISREAD;
}
