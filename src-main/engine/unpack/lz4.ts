import { unpackLz4Block } from './lz4-block';
import type { PackedInput } from './packed-input';
import { cutAt, damagedAt, PackedDamage, wrongChecksum, type Unpacker } from './unpacker';
import { Xxh32, xxh32 } from './xxh32';

/** Bits of the frame's first flag octet. @see lz4_Frame_format.md, "FLG byte" */
const FLAG = { dictionary: 1, contentChecksum: 4, contentBytes: 8, blockChecksum: 16, independent: 32 } as const;
const VERSION = 1;
/** Magic, FLG, BD. */
const FIXED_HEADER_BYTES = 6;
const WINDOW_BYTES = 64 << 10;
const NOT_COMPRESSED = 0x8000_0000;
/** 64 KiB, 256 KiB, 1 MiB, 4 MiB. */
const LEAST_BLOCK_CODE = 4;

interface Header {
  readonly hasBlockChecksum: boolean;
  readonly hasContentChecksum: boolean;
  readonly isIndependent: boolean;
  readonly blockBytes: number;
}

/** One frame of an lz4 file, decompressed in this thread. */
export class Lz4Frame implements Unpacker {
  readonly #input: PackedInput;
  readonly #content = new Xxh32();
  #header: Header | null = null;
  /** The window, and behind it the block that is read. */
  #output = new Uint8Array(0);
  #from = 0;
  #to = 0;
  #isOver = false;

  constructor(input: PackedInput) {
    this.#input = input;
  }

  async read(into: Uint8Array): Promise<number> {
    this.#header ??= await this.#readHeader();
    while (this.#from === this.#to && !this.#isOver) await this.#readBlock(this.#header);
    const count = Math.min(this.#to - this.#from, into.length);
    into.set(this.#output.subarray(this.#from, this.#from + count));
    this.#from += count;
    return count;
  }

  close(): void {
    this.#output = new Uint8Array(0);
  }

  async #readHeader(): Promise<Header> {
    const input = this.#input;
    const start = input.offset;
    const head = await this.#need(FIXED_HEADER_BYTES);
    const flags = head[4] ?? 0;
    const blockCode = ((head[5] ?? 0) >>> 4) & 7;
    if (flags >>> 6 !== VERSION || blockCode < LEAST_BLOCK_CODE) {
      throw damagedAt('lz4', start, 'the header of a frame has an unknown version or block size');
    }
    const optional = ((flags & FLAG.contentBytes) === 0 ? 0 : 8) + ((flags & FLAG.dictionary) === 0 ? 0 : 4);
    const whole = await this.#need(FIXED_HEADER_BYTES + optional + 1);
    const described = whole.subarray(4, FIXED_HEADER_BYTES + optional);
    if (((xxh32(described) >>> 8) & 0xff) !== whole[FIXED_HEADER_BYTES + optional]) {
      throw wrongChecksum('lz4', start + whole.length);
    }
    if ((flags & FLAG.dictionary) !== 0) {
      throw new PackedDamage(`the lz4 frame at compressed offset ${start} needs a dictionary: decompress it first`);
    }
    input.skip(whole.length);
    const blockBytes = 1 << (8 + 2 * blockCode);
    this.#output = new Uint8Array(WINDOW_BYTES + blockBytes);
    return {
      hasBlockChecksum: (flags & FLAG.blockChecksum) !== 0,
      hasContentChecksum: (flags & FLAG.contentChecksum) !== 0,
      isIndependent: (flags & FLAG.independent) !== 0,
      blockBytes,
    };
  }

  async #readBlock(header: Header): Promise<void> {
    const input = this.#input;
    const start = input.offset;
    const word = wordAt(await this.#need(4), 0);
    input.skip(4);
    if (word === 0) {
      await this.#end(header);
      return;
    }
    const isStored = word >= NOT_COMPRESSED;
    const storedBytes = isStored ? word - NOT_COMPRESSED : word;
    if (storedBytes > header.blockBytes) throw damagedAt('lz4', start, `a block claims ${storedBytes} bytes`);
    const stored = await this.#need(storedBytes + (header.hasBlockChecksum ? 4 : 0));
    const block = stored.subarray(0, storedBytes);
    input.skip(stored.length);
    if (header.hasBlockChecksum && xxh32(block) !== wordAt(stored, storedBytes)) {
      throw wrongChecksum('lz4', input.offset);
    }
    this.#unpack(header, block, isStored, start);
  }

  #unpack(header: Header, block: Uint8Array, isStored: boolean, offset: number): void {
    const windowStart = header.isIndependent ? this.#to : Math.max(0, this.#to - WINDOW_BYTES);
    this.#output.copyWithin(0, windowStart, this.#to);
    const start = this.#to - windowStart;
    const limit = start + header.blockBytes;
    if (isStored) this.#output.set(block, start);
    const end = isStored ? start + block.length : unpackLz4Block(block, this.#output, start, limit);
    if (end < 0) throw damagedAt('lz4', offset, 'a block is not well formed');
    this.#from = start;
    this.#to = end;
    if (header.hasContentChecksum) this.#content.update(this.#output.subarray(start, end));
  }

  async #end(header: Header): Promise<void> {
    this.#isOver = true;
    if (!header.hasContentChecksum) return;
    const expected = wordAt(await this.#need(4), 0);
    this.#input.skip(4);
    if (this.#content.digest() !== expected) throw wrongChecksum('lz4', this.#input.offset);
  }

  async #need(count: number): Promise<Uint8Array> {
    const octets = await this.#input.peek(count);
    if (octets.length < count) throw cutAt('lz4', this.#input.offset + octets.length);
    return octets;
  }
}

function wordAt(octets: Uint8Array, at: number): number {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength).getUint32(at, true);
}
