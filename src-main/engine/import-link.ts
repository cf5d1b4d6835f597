import type { ErrorShape } from '../contract/errors';
import type { ImportProgress } from '../contract/imports';
import type { ImportTask, TaskResult } from './importer';

/**
 * Batches under way from an import's thread: packed, on the way, or waiting to be appended. Each has up to 4,096 rows,
 * some half a megabyte.
 */
const MAX_UNDER_WAY = 8;

/** Words of the shared memory, an even number of them, and numbers behind them. */
const WORD = { cancelled: 0, sent: 1, taken: 2, sequence: 3, ending: 4, sealMs: 5 } as const;
const WORDS = 6;
const NUMBER = { readBytes: 0, totalBytes: 1, packets: 2, windows: 3, elapsedMs: 4 } as const;
const NUMBERS = 5;
/** Stands for a total that is not known. */
const UNKNOWN = -1;

/** What the thread is started with. */
export interface ImportThreadData {
  readonly task: ImportTask;
  readonly shared: SharedArrayBuffer;
  readonly isLive: boolean;
}

/** What the thread says; the last is one of `done` and `failed`. */
export type ImportThreadMessage =
  | { readonly kind: 'entries' | 'events'; readonly length: number; readonly slab: ArrayBuffer }
  | { readonly kind: 'sealed'; readonly result: TaskResult }
  | { readonly kind: 'done'; readonly result: TaskResult }
  | { readonly kind: 'failed'; readonly error: ErrorShape };

/**
 * What the thread of an import and the one that stores its entries tell each other at any moment, also while the first
 * computes and the second is busy: cancel, progress, and how many batches are under way.
 */
export class ImportLink {
  readonly shared: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;

  /** @param shared of the other end; without it the memory is made */
  constructor(shared?: SharedArrayBuffer) {
    this.shared = shared ?? new SharedArrayBuffer(WORDS * 4 + NUMBERS * 8);
    this.#words = new Int32Array(this.shared, 0, WORDS);
    this.#numbers = new Float64Array(this.shared, WORDS * 4, NUMBERS);
  }

  get isCancelled(): boolean {
    return Atomics.load(this.#words, WORD.cancelled) !== 0;
  }

  /** Also wakes a thread that waits to send. */
  cancel(): void {
    Atomics.store(this.#words, WORD.cancelled, 1);
    Atomics.notify(this.#words, WORD.taken);
  }

  get isEnding(): boolean {
    return Atomics.load(this.#words, WORD.ending) !== 0;
  }

  /** Reading is to end with what has come. */
  end(): void {
    Atomics.store(this.#words, WORD.ending, 1);
  }

  /** Whole milliseconds that the last seal took. */
  get sealMs(): number {
    return Atomics.load(this.#words, WORD.sealMs);
  }

  set sealMs(sealMs: number) {
    Atomics.store(this.#words, WORD.sealMs, Math.ceil(sealMs));
  }

  /** Blocks until another batch may be sent, and counts it. @returns false when the import was cancelled instead */
  claimSend(): boolean {
    for (;;) {
      if (this.isCancelled) return false;
      const taken = Atomics.load(this.#words, WORD.taken);
      // Both counters wrap alike, so their difference is right however many batches there were.
      if (((Atomics.load(this.#words, WORD.sent) - taken) | 0) < MAX_UNDER_WAY) break;
      Atomics.wait(this.#words, WORD.taken, taken);
    }
    Atomics.add(this.#words, WORD.sent, 1);
    return true;
  }

  /** A batch that was sent is stored. */
  release(): void {
    Atomics.add(this.#words, WORD.taken, 1);
    Atomics.notify(this.#words, WORD.taken);
  }

  report({ readBytes, totalBytes, packets, windows, elapsedMs }: ImportProgress): void {
    const numbers = this.#numbers;
    // Odd while it is written, so that who reads knows.
    Atomics.add(this.#words, WORD.sequence, 1);
    numbers[NUMBER.readBytes] = readBytes;
    numbers[NUMBER.totalBytes] = totalBytes ?? UNKNOWN;
    numbers[NUMBER.packets] = packets;
    numbers[NUMBER.windows] = windows;
    numbers[NUMBER.elapsedMs] = elapsedMs;
    Atomics.add(this.#words, WORD.sequence, 1);
  }

  /**
   * @param since number of the last report that was read, 0 for none
   * @returns null when there is no newer one, or it is being written
   */
  read(since: number): { readonly number: number; readonly progress: ImportProgress } | null {
    const before = Atomics.load(this.#words, WORD.sequence);
    if (before === since || before % 2 !== 0) return null;
    const numbers = this.#numbers;
    const totalBytes = numbers[NUMBER.totalBytes]!;
    const progress = {
      readBytes: numbers[NUMBER.readBytes]!,
      totalBytes: totalBytes === UNKNOWN ? null : totalBytes,
      packets: numbers[NUMBER.packets]!,
      windows: numbers[NUMBER.windows]!,
      elapsedMs: numbers[NUMBER.elapsedMs]!,
    };
    return Atomics.load(this.#words, WORD.sequence) === before ? { number: before, progress } : null;
  }
}
