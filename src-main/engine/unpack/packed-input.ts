import { Buffer } from 'node:buffer';
import type { ByteSource } from '../../capture/read-buffer';

const CHUNK_BYTES = 64 << 10;

/** The octets of a compressed capture as they are stored, with their place in it. */
export class PackedInput {
  readonly #source: ByteSource;
  /** Read, and not taken; none of them is empty, and none is written to any more. */
  readonly #chunks: Uint8Array[] = [];
  #reading: Promise<void> | null = null;
  #available = 0;
  /** Of the next octet that is not taken. */
  offset = 0;
  /** Nothing more comes from the source; there may be octets that are not taken. */
  atEnd = false;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Octets that are at hand. */
  get available(): number {
    return this.#available;
  }

  /** True when there are none, and none will come. */
  get isOver(): boolean {
    return this.atEnd && this.#available === 0;
  }

  /** Reads more from the source, unless it has ended. @returns nothing when that is done, or else a promise */
  more(): Promise<void> | undefined {
    if (this.#reading !== null) return this.#reading;
    if (this.atEnd) return undefined;
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const count = this.#source.read(chunk);
    if (typeof count === 'number') {
      this.#book(chunk, count);
      return undefined;
    }
    this.#reading = count.then((later) => {
      this.#reading = null;
      this.#book(chunk, later);
    });
    return this.#reading;
  }

  /** @returns the next octets in one piece without taking them, fewer than `count` only at the end */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#available < count && !this.atEnd) await this.more();
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= count) return first.subarray(0, count);
    let length = 0;
    let pieces = 0;
    for (const chunk of this.#chunks) {
      if (length >= count) break;
      length += chunk.length;
      pieces++;
    }
    const whole = Buffer.concat(this.#chunks.splice(0, pieces), length);
    if (length > 0) this.#chunks.unshift(whole);
    return whole.subarray(0, count);
  }

  /** @returns the next octets, at least one if any is at hand, which stay as they are */
  first(): Uint8Array {
    return this.#chunks[0] ?? new Uint8Array(0);
  }

  /** Takes octets that are at hand. */
  skip(count: number): void {
    this.offset += count;
    this.#available -= count;
    let left = count;
    for (let [first] = this.#chunks; first !== undefined && left > 0; [first] = this.#chunks) {
      const taken = Math.min(left, first.length);
      left -= taken;
      if (taken === first.length) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(taken);
    }
  }

  /** Puts back what was taken last. */
  giveBack(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.unshift(bytes);
    this.#available += bytes.length;
    this.offset -= bytes.length;
  }

  /** Takes all that there is. @returns how much that was */
  async passOver(): Promise<number> {
    const start = this.offset;
    do this.skip(this.#available);
    while ((await this.more(), !this.isOver));
    return this.offset - start;
  }

  close(): void {
    this.#source.close();
  }

  #book(chunk: Uint8Array, count: number): void {
    if (count === 0) {
      this.atEnd = true;
      return;
    }
    this.#chunks.push(chunk.subarray(0, count));
    this.#available += count;
  }
}
