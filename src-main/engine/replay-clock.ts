/** Words of the shared memory. */
const WORD = { speed: 0, isPaused: 1, at: 2 } as const;
const WORDS = 3;
/** Speeds and times are kept in millionths, since whole numbers are what threads exchange without tearing. */
const UNIT = 1_000_000;
/** Stands for a time that is not known. */
const UNKNOWN = -1n;

/**
 * What a replay is told while it goes on, and where it is. It lies in shared memory, so that it may go on in another thread.
 */
export class ReplayClock {
  readonly shared: SharedArrayBuffer;
  readonly #words: BigInt64Array;

  /** The other end of one that `begin` has made. */
  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#words = new BigInt64Array(shared);
  }

  /** @param speed seconds of packet time in a second of the clock, above 0 */
  static begin(speed: number): ReplayClock {
    const clock = new ReplayClock(new SharedArrayBuffer(WORDS * BigInt64Array.BYTES_PER_ELEMENT));
    Atomics.store(clock.#words, WORD.at, UNKNOWN);
    clock.speed = speed;
    return clock;
  }

  get speed(): number {
    return Number(Atomics.load(this.#words, WORD.speed)) / UNIT;
  }

  set speed(speed: number) {
    Atomics.store(this.#words, WORD.speed, BigInt(Math.round(speed * UNIT)));
  }

  get isPaused(): boolean {
    return Atomics.load(this.#words, WORD.isPaused) !== 0n;
  }

  set isPaused(isPaused: boolean) {
    Atomics.store(this.#words, WORD.isPaused, isPaused ? 1n : 0n);
  }

  /** Seconds of packet time in a second from now on. */
  get rate(): number {
    return this.isPaused ? 0 : this.speed;
  }

  /** Packet time, in epoch seconds; null before the first packet. */
  get atSec(): number | null {
    const at = Atomics.load(this.#words, WORD.at);
    return at === UNKNOWN ? null : Number(at) / UNIT;
  }

  set atSec(atSec: number | null) {
    Atomics.store(this.#words, WORD.at, atSec === null ? UNKNOWN : BigInt(Math.round(atSec * UNIT)));
  }
}
