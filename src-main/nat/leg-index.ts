import { farAddress, farPort, type LegLog, type Way } from './leg-log';

const NONE = -1;

/** Finds the packets of a log that have what translation leaves as it is in common with another, seen as going one way. */
export class LegIndex {
  readonly #log: LegLog;
  readonly #way: Way;
  readonly #buckets: Int32Array;
  readonly #next: Int32Array;

  /** @param isIn says of which packets of the log the index is */
  constructor(log: LegLog, way: Way, isIn: (at: number) => boolean = () => true) {
    this.#log = log;
    this.#way = way;
    this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(log.length + 2))).fill(NONE);
    this.#next = new Int32Array(log.length).fill(NONE);
    // From the end, so that chains are in order.
    for (let at = log.length - 1; at >= 0; at--) {
      if (!isIn(at)) continue;
      const bucket = this.#bucketOf(log, at);
      this.#next[at] = this.#buckets[bucket]!;
      this.#buckets[bucket] = at;
    }
  }

  /**
   * @param most no more than so many are looked for
   * @returns the packets that may be the same as one of any log, oldest first
   */
  matches(log: LegLog, at: number, most = Infinity): number[] {
    const found: number[] = [];
    let other = this.#buckets[this.#bucketOf(log, at)]!;
    for (; other !== NONE && found.length < most; other = this.#next[other]!) {
      if (this.#isAlike(log, at, other)) found.push(other);
    }
    return found;
  }

  #isAlike(log: LegLog, at: number, other: number): boolean {
    const own = this.#log;
    return (
      own.seq[other] === log.seq[at] &&
      own.ack[other] === log.ack[at] &&
      own.ipBytes[other] === log.ipBytes[at] &&
      own.kind[other] === log.kind[at] &&
      own.protocol[other] === log.protocol[at] &&
      farAddress(own, other, this.#way) === farAddress(log, at, this.#way) &&
      farPort(own, other, this.#way) === farPort(log, at, this.#way)
    );
  }

  #bucketOf(log: LegLog, at: number): number {
    let hash = Math.imul(farAddress(log, at, this.#way), 0x9e3779b1) ^ (farPort(log, at, this.#way) << 8);
    hash = Math.imul(hash ^ log.seq[at]!, 0x85ebca6b);
    hash ^= hash >>> 15;
    hash = Math.imul(hash ^ log.ack[at]!, 0xc2b2ae35) ^ (log.kind[at]! << 8) ^ log.protocol[at]!;
    hash = Math.imul(hash ^ (hash >>> 13) ^ log.ipBytes[at]!, 0x2c1b3c6d);
    return (hash ^ (hash >>> 12)) & (this.#buckets.length - 1);
  }
}
