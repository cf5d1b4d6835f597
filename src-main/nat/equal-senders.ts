import { EqualShares } from './equal-shares';
import { STALE_NSEC } from './paired-sessions';
import { TupleTable } from './tuple-table';

/** Packets that are remembered, those with sequence numbers as far as they were equal; of the one forgotten, nobody else is known to have sent such. */
const CAPACITY = 1 << 16;
/** In the place of an endpoint: several had such packets. */
const SEVERAL = 0;

/**
 * Which endpoint of each side has had packets of a key lately, or that several have: what heartbeats and repeated queries
 * are like. Such a packet whose copy is missing could be taken for that of another host, which the moment alone does not
 * show.
 */
export class EqualSenders {
  readonly #table = new TupleTable(CAPACITY);
  readonly #shares = new EqualShares();

  /** @param key as `writePacketKey` gives it, of a packet that an endpoint of this side has sent or was sent */
  note(key: Uint32Array, side: number, address: number, port: number, nowNsec: number): void {
    const place = this.#find(key, side);
    const isOwn = place < 0 || this.#table.isAt(place, address, port);
    const isEqual = !isOwn && nowNsec - this.#table.stampOf(place) <= STALE_NSEC;
    this.#shares.note(key, side, isEqual);
    if (isEqual) this.#table.set(place, SEVERAL, SEVERAL, nowNsec);
    else this.#table.set(place, address, port, nowNsec);
  }

  /** Several endpoints of a side are known to have had such packets. */
  noteSeveral(key: Uint32Array, side: number, nowNsec: number): void {
    this.#table.set(this.#find(key, side), SEVERAL, SEVERAL, nowNsec);
  }

  /** Whether several endpoints of a side are known to have had such packets within half a minute. */
  hadSeveral(key: Uint32Array, side: number, nowNsec: number): boolean {
    const place = this.#find(key, side);
    return (
      place >= 0 && this.#table.isAt(place, SEVERAL, SEVERAL) && nowNsec - this.#table.stampOf(place) <= STALE_NSEC
    );
  }

  /** Whether no two endpoints of a side had such packets within half a minute. */
  isLone(key: Uint32Array, side: number): boolean {
    const place = this.#find(key, side);
    return place >= 0 && !this.#table.isAt(place, SEVERAL, SEVERAL);
  }

  /** Of packets like one, as seen on either side, how many others had, too: 0 to 1. */
  equalShare(key: Uint32Array, side: number): number {
    return Math.max(this.#shares.of(key, side), this.#shares.of(key, side ^ 2));
  }

  #find(key: Uint32Array, side: number): number {
    return this.#table.find(key[1]!, key[0]!, key[3]!, key[2]!, ((key[4]! << 2) | side) >>> 0);
  }
}
