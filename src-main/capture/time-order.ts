import { BATCH_ROWS, PACKET_FLAG, PacketBatch, TRAIT } from './packet-batch';

/** How late a packet may come and still be put in its place. @see nat-gateway reference §6 "Order" */
export const ALLOWED_LATENESS_SEC = 2;
/** Packets in a row that are later than that, or behind by more than a gateway allows, show that the clock was set back for good. */
export const PACKETS_BEHIND_STEP = 50;
/** Batches held at most while their place is not settled: a million packets, however fast they come. */
const MAX_HELD_BATCHES = 244;

export interface PacketTime {
  readonly sec: number;
  readonly nsec: number;
}

/** Batches below this are put together with others of their second, so that a trickle of them needs no more memory. */
const SMALL_ROWS = BATCH_ROWS / 8;

/** A batch and the time by which each of its rows is put in order. */
class HeldBatch {
  readonly batch = new PacketBatch();
  readonly orderSec = new Float64Array(BATCH_ROWS);
  readonly orderNsec = new Uint32Array(BATCH_ROWS);

  appendRow(from: HeldBatch, row: number): void {
    const to = this.batch.length;
    this.batch.appendRow(from.batch, row);
    this.orderSec[to] = from.orderSec[row]!;
    this.orderNsec[to] = from.orderNsec[row]!;
  }
}

/**
 * Puts packets in order of time as far as they are at most `ALLOWED_LATENESS_SEC` late; ties keep their file order.
 *
 * A packet that comes later than that stays where it came: it is handed on with its own, earlier time. When the fiftieth such
 * packet in a row has come, the clock was set back, and what follows is put in order by it: behind all that was before, whose times
 * it may reach again. The order depends on the packets alone, not on how they were cut into batches.
 *
 * Batches go through untouched while time does not go back. Only when it does are the rows that are still held sorted
 * and copied.
 */
export class TimeOrder {
  readonly #consume: (batch: PacketBatch) => void;
  /** Filled batches whose place is not settled, oldest first, all in order. */
  #held: HeldBatch[] = [];
  readonly #free: HeldBatch[] = [];
  #filling: HeldBatch | null = null;
  #latestSec = -Infinity;
  #latestNsec = 0;
  /** What times are put in order by: they are this many seconds ahead of what packets say, so that they never go back. */
  #aheadSec = 0;
  /** The latest of those. */
  #orderSec = -Infinity;
  #orderNsec = 0;
  /** Packets in a row that came too late to be put in their place, and the latest time of them. */
  #behind = 0;
  #behindSec = -Infinity;
  #behindNsec = 0;
  /** Of the last packet of the batch before. */
  #lastSec = -Infinity;
  #lastNsec = 0;
  #earliestSec = Infinity;
  #earliestNsec = 0;
  /* Of the packet that was placed last. */
  #placeSec = 0;
  #placeNsec = 0;
  /** Packets with a time before that of the packet right before them. */
  backwardSteps = 0;
  /** Packets with a time before that of any packet before them: all those behind a step, until time has caught up. */
  disorderedPackets = 0;

  /** @param consume takes each batch in order; the batch is reused after it returns */
  constructor(consume: (batch: PacketBatch) => void) {
    this.#consume = consume;
  }

  /** The latest time of all packets so far, whole epoch seconds; -Infinity before the first. */
  get latestSec(): number {
    return this.#latestSec;
  }

  /** The earliest time of all packets that have one of their own; null without any. */
  get earliest(): PacketTime | null {
    return this.#earliestSec === Infinity ? null : { sec: this.#earliestSec, nsec: this.#earliestNsec };
  }

  /** The latest time of all packets; null before the first. */
  get latest(): PacketTime | null {
    return this.#latestSec === -Infinity ? null : { sec: this.#latestSec, nsec: this.#latestNsec };
  }

  /** An empty batch to fill before `push` is called. */
  take(): PacketBatch {
    this.#filling = this.#empty();
    return this.#filling.batch;
  }

  /** Takes back the batch of the last `take`, which the caller must not touch again. */
  push(): void {
    const filled = this.#filling;
    if (filled === null) throw new RangeError('push without take');
    this.#filling = null;
    const isInOrder = this.#observe(filled);
    if (isInOrder && this.#addToLast(filled)) return;
    this.#held.push(filled);
    if (!isInOrder) this.#sortHeld();
    this.#release(this.#orderSec - ALLOWED_LATENESS_SEC);
  }

  /**
   * Hands on what no packet can come before any more, as time has passed without one.
   *
   * @returns whether nothing is held now
   */
  advance(sec: number): boolean {
    this.#release(sec + this.#aheadSec - ALLOWED_LATENESS_SEC);
    return this.#held.length === 0;
  }

  /** Hands on all that is held: the capture has ended. */
  flush(): void {
    this.#release(Infinity);
  }

  #empty(): HeldBatch {
    const held = this.#free.pop() ?? new HeldBatch();
    held.batch.length = 0;
    return held;
  }

  /** Sets the order of the rows. @returns false when one belongs before another that came before it */
  #observe({ batch, orderSec, orderNsec }: HeldBatch): boolean {
    const { tsSec, tsNsec, length } = batch;
    if (this.#earliestSec === Infinity) this.#noteFirst(batch);
    // Where the clock was never set back, which is nearly everywhere.
    if (length > 0 && this.#aheadSec === 0 && batch.has(TRAIT.ascending) && !this.#isBehind(tsSec[0]!, tsNsec[0]!)) {
      orderSec.set(tsSec);
      orderNsec.set(tsNsec);
      this.#latestSec = this.#lastSec = this.#orderSec = tsSec[length - 1]!;
      this.#latestNsec = this.#lastNsec = this.#orderNsec = tsNsec[length - 1]!;
      this.#behind = 0;
      return true;
    }
    let isInOrder = true;
    for (let row = 0; row < length; row++) {
      const sec = tsSec[row]!;
      const nsec = tsNsec[row]!;
      if (this.#isBehind(sec, nsec)) {
        this.disorderedPackets++;
        this.#noteDisordered(batch, row);
      } else {
        this.#latestSec = sec;
        this.#latestNsec = nsec;
      }
      this.#lastSec = sec;
      this.#lastNsec = nsec;
      if (!this.#place(sec, nsec)) isInOrder = false;
      orderSec[row] = this.#placeSec;
      orderNsec[row] = this.#placeNsec;
    }
    return isInOrder;
  }

  /** Finds the time by which a packet is put in order: `#placeSec`. @returns false when it belongs before another */
  #place(ownSec: number, nsec: number): boolean {
    const sec = ownSec + this.#aheadSec;
    const lateSec = this.#orderSec - sec;
    if (lateSec > ALLOWED_LATENESS_SEC || (lateSec === ALLOWED_LATENESS_SEC && nsec < this.#orderNsec)) {
      this.#noteBehind(ownSec, nsec);
      this.#placeSec = this.#orderSec;
      this.#placeNsec = this.#orderNsec;
      return true;
    }
    this.#behind = 0;
    this.#placeSec = sec;
    this.#placeNsec = nsec;
    if (lateSec > 0 || (lateSec === 0 && nsec < this.#orderNsec)) return false;
    this.#orderSec = sec;
    this.#orderNsec = nsec;
    return true;
  }

  #noteBehind(sec: number, nsec: number): void {
    const isLatest = sec > this.#behindSec || (sec === this.#behindSec && nsec > this.#behindNsec);
    if (this.#behind++ === 0 || isLatest) {
      this.#behindSec = sec;
      this.#behindNsec = nsec;
    }
    if (this.#behind < PACKETS_BEHIND_STEP) return;
    // The latest of them has the order of the latest before the step, or less than a second more.
    const carry = this.#behindNsec < this.#orderNsec ? 1 : 0;
    this.#aheadSec = this.#orderSec - this.#behindSec + carry;
    this.#behind = 0;
  }

  /** Of few rows, all of the second in which the last held batch begins. @returns false when they are to be held apart */
  #addToLast(filled: HeldBatch): boolean {
    const rows = filled.batch.length;
    const last = this.#held.at(-1);
    if (rows >= SMALL_ROWS || last === undefined || last.batch.length + rows > BATCH_ROWS) return false;
    if (rows > 0 && last.batch.length > 0 && last.orderSec[0] !== filled.orderSec[rows - 1]) return false;
    for (let row = 0; row < rows; row++) last.appendRow(filled, row);
    this.#free.push(filled);
    return true;
  }

  #isBehind(sec: number, nsec: number): boolean {
    return sec < this.#latestSec || (sec === this.#latestSec && nsec < this.#latestNsec);
  }

  #noteFirst({ tsSec, tsNsec, flags, length }: PacketBatch): void {
    for (let row = 0; row < length; row++) {
      if ((flags[row]! & PACKET_FLAG.noTime) !== 0) continue;
      this.#earliestSec = tsSec[row]!;
      this.#earliestNsec = tsNsec[row]!;
      return;
    }
  }

  #noteDisordered({ tsSec, tsNsec, flags }: PacketBatch, row: number): void {
    const sec = tsSec[row]!;
    const nsec = tsNsec[row]!;
    if (sec < this.#lastSec || (sec === this.#lastSec && nsec < this.#lastNsec)) this.backwardSteps++;
    if ((flags[row]! & PACKET_FLAG.noTime) !== 0) return;
    if (sec > this.#earliestSec || (sec === this.#earliestSec && nsec >= this.#earliestNsec)) return;
    this.#earliestSec = sec;
    this.#earliestNsec = nsec;
  }

  #release(beforeSec: number): void {
    let count = 0;
    for (const held of this.#held) {
      const { batch, orderSec } = held;
      const isSettled = batch.length === 0 || orderSec[batch.length - 1]! < beforeSec;
      if (!isSettled && this.#held.length - count <= MAX_HELD_BATCHES) break;
      if (batch.length > 0) this.#consume(batch);
      this.#free.push(held);
      count++;
    }
    if (count > 0) this.#held.splice(0, count);
  }

  #sortHeld(): void {
    const held = this.#held;
    const rows = new Uint32Array(held.reduce((total, { batch }) => total + batch.length, 0));
    let count = 0;
    held.forEach(({ batch }, index) => {
      for (let row = 0; row < batch.length; row++) rows[count++] = index * BATCH_ROWS + row;
    });
    const holderOf = (row: number): HeldBatch => held[Math.floor(row / BATCH_ROWS)]!;
    rows.sort((left, right) => {
      const a = holderOf(left);
      const b = holderOf(right);
      const i = left % BATCH_ROWS;
      const j = right % BATCH_ROWS;
      return a.orderSec[i]! - b.orderSec[j]! || a.orderNsec[i]! - b.orderNsec[j]! || left - right;
    });
    const sorted: HeldBatch[] = [];
    let filling = this.#empty();
    for (let i = 0; i < rows.length; i++) {
      if (filling.batch.length === BATCH_ROWS) {
        sorted.push(filling);
        filling = this.#empty();
      }
      filling.appendRow(holderOf(rows[i]!), rows[i]! % BATCH_ROWS);
    }
    sorted.push(filling);
    this.#free.push(...held);
    this.#held = sorted;
  }
}
