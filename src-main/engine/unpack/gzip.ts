import { Buffer } from 'node:buffer';
import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib';
import type { PackedInput } from './packed-input';
import { cutAt, damagedAt, wrongChecksum, type Unpacker } from './unpacker';

/** Decompressed at a time by the thread pool, and waiting to be read. */
const CHUNK_BYTES = 128 << 10;
const WAITING_BYTES = 512 << 10;
const INFLATE_OPTIONS = { chunkSize: CHUNK_BYTES, readableHighWaterMark: WAITING_BYTES };
/** Pieces that the inflater has been given at most: one it is at, and the next. What is behind the member comes back. */
const MAX_PIECES = 2;
const PIECE_BYTES = 64 << 10;

/** Flags of the header. @see RFC 1952 §2.3.1 */
const FLAG = { headerCrc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;
const FIXED_HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
const DEFLATE = 8;
/** A name or a comment that is longer is none. */
const MAX_HEADER_BYTES = 256 << 10;

/**
 * One member of a gzip file. It is inflated by Node's thread pool, beside what this thread does with the octets; the
 * header and the trailer are read here, so that it is known where the member ends.
 */
export class GzipMember implements Unpacker {
  readonly #input: PackedInput;
  readonly #inflate: InflateRaw;
  /** Handed to the inflater since it had taken `#takenBytes`. */
  readonly #pieces: Uint8Array[] = [];
  #takenBytes = 0;
  #pieceOffset = 0;
  #pending = 0;
  #hasHeader = false;
  #isAllGiven = false;
  #isInflated = false;
  #isOver = false;
  #fault: Error | null = null;
  #rest: Buffer | null = null;
  #crc = 0;
  #bytes = 0;
  #wake: () => void = () => undefined;

  constructor(input: PackedInput) {
    this.#input = input;
    this.#inflate = createInflateRaw(INFLATE_OPTIONS);
    this.#inflate.on('readable', () => this.#wake());
    this.#inflate.on('end', () => {
      this.#isInflated = true;
      this.#wake();
    });
    this.#inflate.on('error', (cause) => {
      this.#fault = cause;
      this.#wake();
    });
  }

  async read(into: Uint8Array): Promise<number> {
    if (!this.#hasHeader) await this.#readHeader();
    while (!this.#isOver) {
      this.#rest ??= this.#inflate.read() as Buffer | null;
      if (this.#rest !== null) return this.#give(this.#rest, into);
      if (this.#isInflated) await this.#readTrailer();
      else await this.#proceed();
    }
    return 0;
  }

  close(): void {
    this.#inflate.destroy();
  }

  #give(rest: Buffer, into: Uint8Array): number {
    const count = Math.min(rest.length, into.length);
    const given = rest.subarray(0, count);
    into.set(given);
    this.#crc = crc32(given, this.#crc);
    this.#bytes += count;
    this.#rest = count === rest.length ? null : rest.subarray(count);
    return count;
  }

  /** Hands on what is at hand, and waits until something has happened. */
  async #proceed(): Promise<void> {
    const input = this.#input;
    if (this.#fault !== null) throw this.#damage(this.#fault);
    let reading: Promise<void> | undefined;
    while (this.#pending < MAX_PIECES && !this.#isAllGiven && reading === undefined) {
      if (input.available === 0) reading = input.more();
      if (input.available > 0) this.#hand(input.first().subarray(0, PIECE_BYTES));
      else if (input.isOver) {
        this.#isAllGiven = true;
        this.#inflate.end();
      }
    }
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      reading?.then(resolve, reject);
    });
  }

  #hand(piece: Uint8Array): void {
    this.#input.skip(piece.length);
    this.#pieces.push(piece);
    this.#pending++;
    this.#inflate.write(piece, () => {
      this.#pending--;
      this.#wake();
    });
    this.#forgetTaken();
  }

  #forgetTaken(): void {
    for (let [first] = this.#pieces; first !== undefined; [first] = this.#pieces) {
      if (this.#inflate.bytesWritten < this.#takenBytes + first.length) return;
      this.#takenBytes += first.length;
      this.#pieceOffset += first.length;
      this.#pieces.shift();
    }
  }

  /** What is behind the member belongs to the next one. */
  #giveBackUntaken(): void {
    this.#forgetTaken();
    const [first, ...others] = this.#pieces;
    if (first === undefined) return;
    for (const piece of others.reverse()) this.#input.giveBack(piece);
    this.#input.giveBack(first.subarray(this.#inflate.bytesWritten - this.#takenBytes));
  }

  #damage(fault: Error): Error {
    if ((fault as NodeJS.ErrnoException).code === 'Z_BUF_ERROR') return cutAt('gzip', this.#input.offset);
    this.#forgetTaken();
    return damagedAt('gzip', this.#pieceOffset, fault.message);
  }

  async #readHeader(): Promise<void> {
    const input = this.#input;
    const start = input.offset;
    let head = await input.peek(FIXED_HEADER_BYTES);
    const at = async (index: number): Promise<number> => {
      if (index >= MAX_HEADER_BYTES) throw damagedAt('gzip', start, 'the header of a member does not end');
      if (index >= head.length) head = await input.peek(Math.max(index + 1, Math.min(2 * index, input.available)));
      const octet = head[index];
      if (octet === undefined) throw cutAt('gzip', start + head.length);
      return octet;
    };
    const textEnd = async (from: number): Promise<number> => {
      let end = from;
      while ((await at(end)) !== 0) end++;
      return end + 1;
    };
    const flags = await at(3);
    await at(FIXED_HEADER_BYTES - 1);
    if (head[2] !== DEFLATE || (flags & FLAG.reserved) !== 0) {
      throw damagedAt('gzip', start, 'the header of a member has an unknown method or flag');
    }
    let end = FIXED_HEADER_BYTES;
    if ((flags & FLAG.extra) !== 0) end += 2 + (await at(end)) + 256 * (await at(end + 1));
    if ((flags & FLAG.name) !== 0) end = await textEnd(end);
    if ((flags & FLAG.comment) !== 0) end = await textEnd(end);
    if ((flags & FLAG.headerCrc) !== 0) {
      const expected = (await at(end)) + 256 * (await at(end + 1));
      if ((crc32(head.subarray(0, end)) & 0xffff) !== expected) throw wrongChecksum('gzip', start + end + 2);
      end += 2;
    }
    if (end > 0) await at(end - 1);
    input.skip(end);
    this.#pieceOffset = input.offset;
    this.#hasHeader = true;
  }

  async #readTrailer(): Promise<void> {
    const input = this.#input;
    this.#giveBackUntaken();
    this.#inflate.destroy();
    const trailer = Buffer.from(await input.peek(TRAILER_BYTES));
    if (trailer.length < TRAILER_BYTES) throw cutAt('gzip', input.offset + trailer.length);
    input.skip(TRAILER_BYTES);
    this.#isOver = true;
    // Its length is kept modulo 2^32.
    if (trailer.readUInt32LE(0) !== this.#crc || trailer.readUInt32LE(4) !== this.#bytes % 2 ** 32) {
      throw wrongChecksum('gzip', input.offset);
    }
  }
}
