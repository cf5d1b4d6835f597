import type { CaptureFormat } from '../contract/ipc';
import type { CaptureAccount } from './capture-account';
import type { Decoder } from './decoder';
import { openReader } from './open-reader';
import type { PacketBatch } from './packet-batch';
import { ReadBuffer, type ByteSource } from './read-buffer';
import { ReadStatus, type RecordReader } from './record-reader';

/** One capture, recognised by its content, as a pull-driven stream of packet batches. */
export class CaptureStream {
  readonly name: string;
  readonly #buffer: ReadBuffer;
  readonly #reader: RecordReader;

  /**
   * Reads the beginning of the source.
   *
   * @param decoder in whose memory the capture is read until `release`
   * @param options.firstPacketNo ordinal that the first record gets; default 1
   * @param options.bufferBytes see `ReadBuffer`
   * @throws AppError CAPTURE_EMPTY, CAPTURE_NOT_A_CAPTURE, CAPTURE_UNSUPPORTED, or what the source throws
   */
  constructor(
    source: ByteSource,
    decoder: Decoder,
    options: { readonly firstPacketNo?: number; readonly bufferBytes?: number } = {},
  ) {
    const { firstPacketNo = 1, bufferBytes } = options;
    this.name = source.name;
    this.#buffer = new ReadBuffer(source, decoder, bufferBytes);
    try {
      this.#reader = openReader(this.#buffer, firstPacketNo);
    } catch (cause) {
      this.#buffer.release();
      throw cause;
    }
  }

  get format(): CaptureFormat {
    return this.#reader.account.container.format;
  }

  get account(): CaptureAccount {
    return this.#reader.account;
  }

  /** Octets taken from the source so far. */
  get readBytes(): number {
    return this.#buffer.readBytes;
  }

  /**
   * Appends records to the batch until it is full or the capture ends.
   *
   * @returns false when the capture has ended; the batch may hold the last records then
   */
  fill(batch: PacketBatch): boolean {
    for (;;) {
      const status = this.#reader.fill(batch);
      if (status === ReadStatus.batchFull) return true;
      if (status === ReadStatus.ended) return false;
      // At the end of the source the reader is asked once more: it knows then that nothing follows.
      if (this.#buffer.refill() || this.#buffer.atEnd) continue;
      this.#bookRest();
      return false;
    }
  }

  /** Gives the decoder's memory back; nothing can be read any more. */
  release(): void {
    this.#reader.release();
    this.#buffer.release();
  }

  /** A buffer that is too short to go on with: what is left is read, counted and named. */
  #bookRest(): void {
    const { account, unfinishedOffset } = this.#reader;
    const buffer = this.#buffer;
    while (!buffer.atEnd) {
      buffer.start = buffer.end;
      buffer.refill();
    }
    account.bookUnreadable(unfinishedOffset, buffer.readBytes - unfinishedOffset, 'a record is longer than the buffer');
  }
}
