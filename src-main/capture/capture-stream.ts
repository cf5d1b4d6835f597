import { AppError } from '../contract/errors';
import type { CaptureAccount } from './capture-account';
import type { Decoder } from './decoder';
import type { PacketBatch } from './packet-batch';
import { PcapReader, pcapVariant } from './pcap';
import { PcapngReader, isPcapng } from './pcapng';
import { ReadBuffer, type ByteSource } from './read-buffer';
import { ReadStatus, type RecordReader } from './record-reader';

/** One capture, recognised by its content, as a pull-driven stream of packet batches. */
export class CaptureStream {
  readonly name: string;
  readonly #buffer: ReadBuffer;
  readonly #reader: RecordReader;

  /** For `open` alone. */
  constructor(buffer: ReadBuffer, reader: RecordReader) {
    this.name = buffer.source.name;
    this.#buffer = buffer;
    this.#reader = reader;
  }

  /**
   * Reads the beginning of the source.
   *
   * @param decoder in whose memory the capture is read until `release`
   * @param options.firstPacketNo ordinal that the first record gets; default 1
   * @param options.bufferBytes see `ReadBuffer`
   * @returns at once if the source answers at once
   * @throws AppError CAPTURE_EMPTY, CAPTURE_NOT_A_CAPTURE, CAPTURE_UNSUPPORTED, or what the source throws; rejects
   * with the same
   */
  static open(
    source: ByteSource,
    decoder: Decoder,
    options: { readonly firstPacketNo?: number; readonly bufferBytes?: number } = {},
  ): CaptureStream | Promise<CaptureStream> {
    const { firstPacketNo = 1, bufferBytes } = options;
    const buffer = new ReadBuffer(source, decoder, bufferBytes);
    const start = (): CaptureStream => new CaptureStream(buffer, openReader(buffer, firstPacketNo));
    const giveUp = (cause: unknown): never => {
      buffer.release();
      throw (source.fault ?? null) === null ? cause : faultError(source.name, source.fault ?? '');
    };
    try {
      const head = readHead(buffer);
      return head === undefined ? start() : head.then(start).catch(giveUp);
    } catch (cause) {
      return giveUp(cause);
    }
  }

  get format(): 'pcap' | 'pcapng' {
    return this.#reader.format;
  }

  get account(): CaptureAccount {
    return this.#reader.account;
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
   * Appends records to the batch until it is full or the capture ends.
   *
   * @returns false when the capture has ended; the batch may hold the last records then
   */
  fill(batch: PacketBatch): boolean | Promise<boolean> {
    for (;;) {
      const status = this.#reader.fill(batch);
      if (status === ReadStatus.batchFull) return true;
      if (status === ReadStatus.ended) return this.#end();
      const hasMore = this.#buffer.refill();
      if (typeof hasMore !== 'boolean') return hasMore.then((later) => (later ? this.fill(batch) : this.#end()));
      if (!hasMore) return this.#end();
    }
  }

  /** Gives the decoder's memory back; nothing can be read any more. */
  release(): void {
    this.#reader.release();
    this.#buffer.release();
  }

  /** What is behind the damage, or left over at the end, is unreadable: it is read, counted and named. */
  #end(): false | Promise<false> {
    const offset = this.#reader.account.damage?.offset ?? this.#reader.unfinishedOffset;
    const rest = passOver(this.#buffer);
    if (rest !== undefined) return rest.then(() => this.#bookRest(offset));
    return this.#bookRest(offset);
  }

  #bookRest(offset: number): false {
    const { account } = this.#reader;
    const buffer = this.#buffer;
    const bytes = buffer.readBytes - offset;
    const file = this.name;
    const fault = buffer.source.fault ?? null;
    const { damage } = account;
    if (bytes > 0) {
      account.unreadable.push({ file, offset, bytes, cause: damage?.cause ?? fault ?? this.#reader.cutCause() });
    }
    // Nobody knows how much is missing, but that something is must be said.
    if (fault !== null && (bytes === 0 || damage !== null)) {
      account.unreadable.push({ file, offset: buffer.readBytes, bytes: 0, cause: fault });
    }
    return false;
  }
}

function faultError(file: string, fault: string): AppError {
  return new AppError('CAPTURE_UNREADABLE', `${file} cannot be read as far as its first packet: ${fault}`, { file });
}

/** Octets by which every format is recognised. */
const HEAD_BYTES = 28;

/** Reads until a format can be recognised, or to the end. @returns nothing when that is done */
function readHead(buffer: ReadBuffer): Promise<void> | undefined {
  while (buffer.available < HEAD_BYTES) {
    const hasMore = buffer.refill();
    if (hasMore === false) return undefined;
    if (hasMore !== true) return hasMore.then((later) => (later ? readHead(buffer) : undefined));
  }
  return undefined;
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

/** Leading octets of containers that a user may well hand over, and what to do about each. */
const OTHER_FORMATS: readonly { readonly magic: number; readonly bits: number; readonly name: string }[] = [
  { magic: 0x736e6f6f, bits: 32, name: 'snoop' },
  { magic: 0xa1b2cd34, bits: 32, name: 'modified pcap' },
  { magic: 0x34cdb2a1, bits: 32, name: 'modified pcap' },
];

/** Type of the first block of every pcapng file. */
const PCAPNG_SECTION = 0x0a0d0d0a;

function openReader(buffer: ReadBuffer, firstPacketNo: number): RecordReader {
  const { view, start, available } = buffer;
  const file = buffer.source.name;
  if (available === 0) {
    throw new AppError('CAPTURE_EMPTY', `${file} is empty, it ends at offset 0: capture it again`, { file, offset: 0 });
  }
  if (available >= PcapReader.fileHeaderBytes) {
    const variant = pcapVariant(view, start);
    if (variant !== null) return new PcapReader(buffer, variant, firstPacketNo);
  }
  if (available >= PcapngReader.minBytes && isPcapng(view, start)) return new PcapngReader(buffer, firstPacketNo);

  const magic = available >= 4 ? view.getUint32(start) : 0;
  const other = OTHER_FORMATS.find((format) => magic >>> (32 - format.bits) === format.magic);
  if (other !== undefined) {
    throw new AppError(
      'CAPTURE_UNSUPPORTED',
      `${file} is in ${other.name} format, which this version does not read: convert it to pcap or pcapng first`,
      { file, offset: 0, format: other.name },
    );
  }
  const isCut =
    available < 4 ||
    (available < PcapReader.fileHeaderBytes && pcapVariant(view, start) !== null) ||
    (available < PcapngReader.minBytes && view.getUint32(start) === PCAPNG_SECTION);
  throw new AppError(
    'CAPTURE_NOT_A_CAPTURE',
    isCut
      ? `${file} is no packet capture: the file ends inside its header at offset 0, after ${available} bytes; copy it again`
      : `${file} is no packet capture: at offset 0 is no pcap or pcapng magic; ` +
          'choose a file written by tcpdump, Wireshark or the like',
    { file, offset: 0 },
  );
}
