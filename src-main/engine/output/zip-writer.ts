import { crc32, createDeflateRaw } from 'node:zlib';
import { AppError } from '../../contract/errors';
import { PackedSink } from './packed-sink';
import type { ByteSink } from './text-sink';

/** Sizes and places are 32 bits wide; spreadsheets do not read all that goes beyond (ZIP64). */
const LIMIT = 0xffff_ffff;
/** General purpose bits: sizes follow the octets (3), names are UTF-8 (11). */
const FLAGS = 0x0808;
const DEFLATED = 8;
/** 2.0, which has deflate and folders. */
const VERSION = 20;
/** 1980-01-01, the first date there is: the same rows give the same octets. */
const DATE = 0x0021;

interface Entry {
  readonly name: Buffer;
  readonly offset: number;
  crc: number;
  packedBytes: number;
  bytes: number;
}

/**
 * Writes an archive file by file, as the octets come.
 *
 * @see APPNOTE.TXT (PKWARE) 6.3.10, §4.3
 */
export class ZipWriter implements ByteSink {
  readonly #sink: ByteSink;
  readonly #entries: Entry[] = [];
  #writtenBytes = 0;
  #packing: PackedSink | null = null;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Begins the next file; the one before has to be ended. */
  async begin(name: string): Promise<void> {
    const entry: Entry = { name: Buffer.from(name), offset: this.#writtenBytes, crc: 0, packedBytes: 0, bytes: 0 };
    this.#entries.push(entry);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x0403_4b50, 0);
    writeCommon(head, 4, entry);
    await this.#put(Buffer.concat([head, entry.name]));
    const packed: ByteSink = {
      write: (piece) => {
        entry.packedBytes += piece.length;
        return this.#put(typeof piece === 'string' ? Buffer.from(piece) : piece);
      },
    };
    this.#packing = new PackedSink(packed, createDeflateRaw());
  }

  /** Adds to the file that was begun last. @throws AppError OUTPUT_UNWRITABLE beyond 4 GiB */
  async write(piece: string | Uint8Array): Promise<void> {
    const octets = typeof piece === 'string' ? Buffer.from(piece) : piece;
    const entry = this.#last();
    entry.crc = crc32(octets, entry.crc);
    entry.bytes += octets.length;
    if (entry.bytes > LIMIT) throw tooLarge();
    await this.#packing?.write(octets);
  }

  /** Ends the file that was begun last. */
  async finish(): Promise<void> {
    await this.#packing?.end();
    const { crc, packedBytes, bytes } = this.#last();
    const descriptor = Buffer.alloc(16);
    descriptor.writeUInt32LE(0x0807_4b50, 0);
    [crc, packedBytes, bytes].forEach((value, index) => descriptor.writeUInt32LE(value, 4 + 4 * index));
    await this.#put(descriptor);
  }

  /** Writes the directory; only now is the archive complete. */
  async end(): Promise<void> {
    const offset = this.#writtenBytes;
    for (const entry of this.#entries) {
      const head = Buffer.alloc(46);
      head.writeUInt32LE(0x0201_4b50, 0);
      head.writeUInt16LE(VERSION, 4);
      writeCommon(head, 6, entry);
      head.writeUInt32LE(entry.offset, 42);
      await this.#put(Buffer.concat([head, entry.name]));
    }
    const tail = Buffer.alloc(22);
    tail.writeUInt32LE(0x0605_4b50, 0);
    tail.writeUInt16LE(this.#entries.length, 8);
    tail.writeUInt16LE(this.#entries.length, 10);
    tail.writeUInt32LE(this.#writtenBytes - offset, 12);
    tail.writeUInt32LE(offset, 16);
    await this.#put(tail);
  }

  #last(): Entry {
    const entry = this.#entries.at(-1);
    if (entry === undefined) throw new TypeError('no file was begun');
    return entry;
  }

  async #put(octets: Uint8Array): Promise<void> {
    this.#writtenBytes += octets.length;
    if (this.#writtenBytes > LIMIT) throw tooLarge();
    await this.#sink.write(octets);
  }
}

/** What stands alike before a file, where sums and sizes are not known yet, and in the directory. */
function writeCommon(head: Buffer, at: number, { crc, packedBytes, bytes, name }: Entry): void {
  [VERSION, FLAGS, DEFLATED, 0, DATE].forEach((value, index) => head.writeUInt16LE(value, at + 2 * index));
  [crc, packedBytes, bytes].forEach((value, index) => head.writeUInt32LE(value, at + 10 + 4 * index));
  head.writeUInt16LE(name.length, at + 22);
}

function tooLarge(): AppError {
  const message = 'The rows do not fit into the 4 GiB that a spreadsheet can have: write them as csv, or ask for fewer';
  return new AppError('OUTPUT_UNWRITABLE', message, { why: 'larger than 4 GiB' });
}
