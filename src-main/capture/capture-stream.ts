import { AppError } from '../contract/errors';
import type { CaptureFormat } from '../contract/imports';
import type { CaptureAccount } from './capture-account';
import type { CapturePosition } from './capture-positions';
import type { InterfaceFacts } from './container-facts';
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
  readonly #isLive: boolean;
  /** A read that the last batch did not wait for. */
  #refilling: Promise<boolean> | null = null;
  #isCutOff = false;

  /** For `open` alone. */
  constructor(buffer: ReadBuffer, reader: RecordReader, isLive: boolean) {
    this.name = buffer.source.name;
    this.#buffer = buffer;
    this.#reader = reader;
    this.#isLive = isLive;
  }

  /**
   * Reads the beginning of the source.
   *
   * @param decoder in whose memory the capture is read until `release`
   * @param options.firstPacketNo ordinal that the first record gets; default 1
   * @param options.bufferBytes see `ReadBuffer`
   * @param options.isLive a batch does not wait for octets that are still to come; nothing else may use the decoder then
   * @returns at once if the source answers at once
   * @throws AppError CAPTURE_EMPTY, CAPTURE_NOT_A_CAPTURE, CAPTURE_UNSUPPORTED, or what the source throws; rejects
   * with the same
   */
  static open(
    source: ByteSource,
    decoder: Decoder,
    options: { readonly firstPacketNo?: number; readonly bufferBytes?: number; readonly isLive?: boolean } = {},
  ): CaptureStream | Promise<CaptureStream> {
    const { firstPacketNo = 1, bufferBytes, isLive = false } = options;
    const buffer = new ReadBuffer(source, decoder, bufferBytes);
    const start = (reader: RecordReader): CaptureStream => new CaptureStream(buffer, reader, isLive);
    const giveUp = (cause: unknown): never => {
      buffer.release();
      throw (source.fault ?? null) === null ? cause : faultError(source.name, source.fault ?? '');
    };
    try {
      const reader = openReader(buffer, firstPacketNo);
      return reader instanceof Promise ? reader.then(start).catch(giveUp) : start(reader);
    } catch (cause) {
      return giveUp(cause);
    }
  }

  get format(): CaptureFormat {
    return this.#reader.account.container.format;
  }

  get account(): CaptureAccount {
    return this.#reader.account;
  }

  /** @returns records of an interface so far */
  packetsOf(facts: InterfaceFacts): number {
    return this.#reader.packetsOf(facts);
  }

  /** Octets taken from the source so far. */
  get readBytes(): number {
    return this.#buffer.readBytes;
  }

  /** Octets of the file that were gone through: others than were read if it is compressed. */
  get storedBytes(): number {
    return this.#buffer.source.storedBytes ?? this.#buffer.readBytes;
  }

  /**
   * Appends records to the batch until it is full or the capture ends; of a live one, those that have come, if any.
   *
   * @returns false when the capture has ended; the batch may hold the last records then
   */
  fill(batch: PacketBatch): boolean | Promise<boolean> {
    const refilling = this.#refilling;
    if (refilling !== null) {
      this.#refilling = null;
      return refilling.then((later) => this.#goOn(batch, later));
    }
    const before = batch.length;
    for (;;) {
      const status = this.#reader.fill(batch);
      if (status === ReadStatus.batchFull) return true;
      if (status === ReadStatus.ended) return this.#end();
      const hasMore = this.#buffer.refill();
      if (typeof hasMore !== 'boolean') {
        if (!this.#isLive || batch.length === before) return hasMore.then((later) => this.#goOn(batch, later));
        // Who fills the next batch is told.
        hasMore.catch(() => undefined);
        this.#refilling = hasMore;
        return true;
      }
      // At the end of the source the reader is asked once more: it knows then that nothing follows.
      if (!hasMore && !this.#buffer.atEnd) return this.#passOver();
    }
  }

  /** @returns the place of the next record; null where reading cannot begin there */
  position(): Omit<CapturePosition, 'latestSec'> | null {
    const { preamble, account } = this.#reader;
    // Of compressed octets only the first can be read at once.
    if (preamble === null || (this.#buffer.source.storedBytes ?? null) !== null) return null;
    return { record: account.records + 1, offset: this.#buffer.fileOffset, preamble };
  }

  /**
   * Ends the capture with what has come, also while a batch is being filled. Of a record that has not come to its end,
   * nothing counts as read.
   *
   * @param batch the one that is being filled, or another with room for what is left
   */
  cutOff(batch: PacketBatch): void {
    const buffer = this.#buffer;
    this.#isCutOff = true;
    if (this.#reader.unfinishedOffset === buffer.fileOffset) buffer.cutOff();
    else buffer.atEnd = true;
    this.#reader.fill(batch);
  }

  /** Gives the decoder's memory back; nothing can be read any more. */
  release(): void {
    this.#reader.release();
    this.#buffer.release();
  }

  #goOn(batch: PacketBatch, hasMore: boolean): boolean | Promise<boolean> {
    if (this.#isCutOff) return false;
    return hasMore || this.#buffer.atEnd ? this.fill(batch) : this.#passOver();
  }

  /** A buffer that is too short to go on with: what is left is read, counted and named. */
  #passOver(): false | Promise<false> {
    const { unfinishedOffset } = this.#reader;
    const rest = passOver(this.#buffer);
    const book = (): false => {
      const bytes = this.#buffer.readBytes - unfinishedOffset;
      this.account.bookUnreadable(unfinishedOffset, bytes, 'a record is longer than the buffer');
      return this.#end();
    };
    return rest === undefined ? book() : rest.then(book);
  }

  /** Of a source that ended before its time, nobody knows how much is missing, but that something is must be said. */
  #end(): false {
    const { source, readBytes } = this.#buffer;
    if ((source.fault ?? null) !== null) this.account.bookFault(readBytes, source.fault ?? '');
    return false;
  }
}

function faultError(file: string, fault: string): AppError {
  return new AppError('CAPTURE_UNREADABLE', `${file} cannot be read as far as its first packet: ${fault}`, { file });
}

/** Reads what is left without looking at it. @returns nothing when that is done */
function passOver(buffer: ReadBuffer): Promise<void> | undefined {
  while (!buffer.atEnd) {
    buffer.start = buffer.end;
    const hasMore = buffer.refill();
    if (typeof hasMore !== 'boolean') return passOverAfter(hasMore, buffer);
  }
  return undefined;
}

async function passOverAfter(refilling: Promise<boolean>, buffer: ReadBuffer): Promise<void> {
  await refilling;
  while (!buffer.atEnd) {
    buffer.start = buffer.end;
    await buffer.refill();
  }
}
