import type { Decoder } from './decoder';
import type { DecoderInput } from './decoder-input';

/** Bytes asked for in one read: what fits a second-level cache. 4 MiB cost 15 % more CPU for the mix of 1 GiB. */
const READ_BYTES = 256 << 10;

/** Where a capture's bytes come from; the engine provides files, tests provide arrays in any chunking. */
export interface ByteSource {
  /** Path, for messages. */
  readonly name: string;
  /** Null when it is not known beforehand, as of a pipe. */
  readonly sizeBytes: number | null;
  /**
   * Fills `into` from its start. Who has the octets at hand answers at once: a promise for each read of a plain file
   * would cost more than the read.
   *
   * @returns octets read; 0 at the end
   */
  read(into: Uint8Array): number | Promise<number>;
  /** Octets of the file that were gone through, where they are not those that were read: of a compressed file. */
  readonly storedBytes?: number | null;
  /** Why the octets ended before their time, as part of a sentence; known once a read has given 0. */
  readonly fault?: string | null;
  /** Also while a read is under way, which then may never be answered. */
  close(): void;
}

/**
 * The part of a capture that is in memory: one buffer, reused for the whole file.
 *
 * Octets `[start, end)` are unread; a reader moves `start` past what it has taken. `refill` keeps the unread rest and
 * moves it to the front, so offsets into `view` hold only until the next `refill`.
 */
export class ReadBuffer {
  start = 0;
  end = 0;
  /** Octets taken from the source so far. */
  readBytes = 0;
  atEnd = false;
  #isCutOff = false;
  readonly source: ByteSource;
  readonly decoder: Decoder;
  readonly #input: DecoderInput;

  /**
   * @param decoder   in whose memory the octets are held until `release`
   * @param capacity  the longest record that can be read; at least as long as a read
   */
  constructor(source: ByteSource, decoder: Decoder, capacity = READ_BYTES + (1 << 20)) {
    this.source = source;
    this.decoder = decoder;
    this.#input = decoder.allocateInput(capacity);
  }

  get view(): DataView {
    return this.#input.view;
  }

  /** Where the unread octets are in the decoder's memory: from here to `endAddress`. */
  get startAddress(): number {
    return this.#input.address + this.start;
  }

  get endAddress(): number {
    return this.#input.address + this.end;
  }

  get available(): number {
    return this.end - this.start;
  }

  /** Offset in the file of the octet at `start`. */
  get fileOffset(): number {
    return this.readBytes - this.available;
  }

  /**
   * Reads more behind the unread octets. While it is under way, nothing else may use the decoder, whose memory moves
   * when it grows.
   *
   * @returns false when the source has ended or the buffer is full
   */
  refill(): boolean | Promise<boolean> {
    if (this.atEnd) return false;
    const { bytes } = this.#input;
    bytes.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
    const room = Math.min(bytes.length - this.end, READ_BYTES);
    if (room === 0) return false;
    const count = this.source.read(bytes.subarray(this.end, this.end + room));
    return typeof count === 'number' ? this.#book(count) : count.then((later) => this.#book(later));
  }

  #book(count: number): boolean {
    if (this.#isCutOff) return false;
    this.atEnd = count === 0;
    this.end += count;
    this.readBytes += count;
    return count > 0;
  }

  /** Ends here, as if the unread octets had never come. */
  cutOff(): void {
    this.readBytes = this.fileOffset;
    this.end = this.start;
    this.atEnd = true;
    this.#isCutOff = true;
  }

  /** Gives the memory back; nothing can be read any more. */
  release(): void {
    this.decoder.release(this.#input);
  }
}
