import { BATCH_ROWS, PacketBatch } from '../capture/packet-batch';

const NSEC_PER_SEC = 1e9;
/** A clock that stepped back for good, and so many packets show it, goes on from there. @see nat-gateway reference §6 "Order" */
const JUMP_NSEC = 60 * NSEC_PER_SEC;
const JUMP_PACKETS = 50;

/** A batch that waits, with the clock at each of its rows. */
export class HeldBatch {
  /** Of the place that it has while it is used again and again. */
  readonly id: number;
  readonly batch = new PacketBatch();
  /** Nanoseconds of `PacketClock`. */
  readonly clock = new Float64Array(BATCH_ROWS);
  /** Ordinal of the first row among all. */
  firstOrdinal = 0;

  constructor(id: number) {
    this.id = id;
  }

  get endOrdinal(): number {
    return this.firstOrdinal + this.batch.length;
  }
}

/** Time as it passes from packet to packet: nanoseconds since the first one, and never back. */
export class PacketClock {
  #nowNsec = 0;
  #baseSec = NaN;
  #shiftNsec = 0;
  #packetsBehind = 0;

  get nowNsec(): number {
    return this.#nowNsec;
  }

  /** @returns what the clock would be at a packet */
  peek(sec: number, nsec: number): number {
    return Math.max(this.#nowNsec, this.#ownNsec(sec, nsec));
  }

  /** Sets the clock at each packet from a row on: its own time, or that of the latest before it. */
  observe({ tsSec, tsNsec, length }: PacketBatch, from: number, clock: Float64Array): void {
    if (Number.isNaN(this.#baseSec)) this.#baseSec = tsSec[from]!;
    const baseSec = this.#baseSec;
    let shiftNsec = this.#shiftNsec;
    let nowNsec = this.#nowNsec;
    let packetsBehind = this.#packetsBehind;
    for (let row = from; row < length; row++) {
      const ownNsec = (tsSec[row]! - baseSec) * NSEC_PER_SEC + tsNsec[row]! + shiftNsec;
      if (ownNsec >= nowNsec) {
        nowNsec = ownNsec;
        packetsBehind = 0;
      } else if (nowNsec - ownNsec > JUMP_NSEC && ++packetsBehind >= JUMP_PACKETS) {
        shiftNsec += nowNsec - ownNsec;
        packetsBehind = 0;
      }
      clock[row] = nowNsec;
    }
    this.#shiftNsec = shiftNsec;
    this.#nowNsec = nowNsec;
    this.#packetsBehind = packetsBehind;
  }

  #ownNsec(sec: number, nsec: number): number {
    return (sec - this.#baseSec) * NSEC_PER_SEC + nsec + this.#shiftNsec;
  }
}

/**
 * Packets that wait for what comes behind them, in the order in which they came. A batch is taken over, columns and all, so
 * that waiting costs no copy; only small batches are put together, so that what is held does not depend on their number.
 */
export class HeldPackets {
  /** Oldest first. */
  readonly batches: HeldBatch[] = [];
  readonly #clock = new PacketClock();
  readonly #free: HeldBatch[] = [];
  readonly #holdNsec: number;
  #created = 0;
  /** Ordinal of the next packet; the first one's is 1. */
  nextOrdinal = 1;

  /** @param holdNsec how long a packet waits */
  constructor(holdNsec: number) {
    this.#holdNsec = holdNsec;
  }

  get nowNsec(): number {
    return this.#clock.nowNsec;
  }

  /** Takes over what a batch holds. @returns the held batch where it is now, behind what was there */
  take(batch: PacketBatch): HeldBatch {
    const last = this.#lastWithRoomFor(batch);
    const held = last ?? this.#free.pop() ?? new HeldBatch(this.#created++);
    const from = held.batch.length;
    if (last !== null) {
      for (let row = 0; row < batch.length; row++) held.batch.appendRow(batch, row);
    } else {
      held.batch.swapWith(batch);
      held.firstOrdinal = this.nextOrdinal;
      this.batches.push(held);
    }
    this.#clock.observe(held.batch, from, held.clock);
    this.nextOrdinal = held.endOrdinal;
    return held;
  }

  /** Takes out the oldest batch when all of its rows come before an ordinal; it is given back to `free`. */
  takeBefore(ordinal: number): HeldBatch | undefined {
    const [oldest] = this.batches;
    if (oldest === undefined || oldest.endOrdinal > ordinal) return undefined;
    return this.batches.shift();
  }

  /** The newest batch, if a small one can be put behind it without making its first packet wait for much longer. */
  #lastWithRoomFor({ length, tsSec, tsNsec }: PacketBatch): HeldBatch | null {
    const last = this.batches.at(-1);
    if (last === undefined || length >= BATCH_ROWS / 2 || last.batch.length + length > BATCH_ROWS) return null;
    return this.#clock.peek(tsSec[0]!, tsNsec[0]!) - last.clock[0]! > this.#holdNsec ? null : last;
  }

  free(held: HeldBatch): void {
    held.batch.length = 0;
    this.#free.push(held);
  }
}
