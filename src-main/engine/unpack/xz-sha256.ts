import { Buffer } from 'node:buffer';
import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { PackedInput } from './packed-input';
import { damagedAt, wrongChecksum, type PackedDamage } from './unpacker';

const STREAM_HEADER_BYTES = 12;
const STREAM_MAGIC = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00);
const FOOTER_MAGIC = Uint8Array.of(0x59, 0x5a);
/** Of stream flags; 4 is CRC64 and 1 CRC32, which the decoder checks itself. */
const CHECK_NONE = 0;
const CHECK_SHA256 = 10;
const CHECK_BYTES: ReadonlyMap<number, number> = new Map([
  [CHECK_NONE, 0],
  [1, 4],
  [4, 8],
  [CHECK_SHA256, 32],
]);

/** Octets that belong together, and what becomes of them once all of them are there. */
interface Piece {
  readonly bytes: number;
  take(octets: Uint8Array): void;
}

/** A block that was gone through. Sizes are of the compressed data with the block's header, and of what they hold. */
interface Block {
  packedBytes: number;
  bytes: number;
}

/** @returns whether a stream whose blocks end with SHA-256 begins there; `peek` gives fewer octets only at the end */
export async function isCheckedBySha256(input: Pick<PackedInput, 'peek'>): Promise<boolean> {
  const head = await input.peek(STREAM_HEADER_BYTES);
  return head.length === STREAM_HEADER_BYTES && isMagic(head) && head[7] === CHECK_SHA256;
}

/**
 * xz data without their SHA-256 checks, which the decoder does not know: streams say that they have none, and their indexes and
 * footers are written anew, so that the decoder still checks everything else. The checks are made here, of what comes out.
 *
 * It goes through the chunks of LZMA2 by their headers, and decompresses nothing.
 *
 * @see The .xz File Format 1.1.0, and the LZMA2 decoder of XZ Embedded for the chunks
 */
export class Sha256Input {
  readonly #input: PackedInput;
  readonly #ready: Uint8Array[] = [];
  /** Of the piece that is next, as far as they have come. */
  #held = Buffer.alloc(0);
  #next: Piece;
  /** Octets of a chunk that are passed on as they come, before the next piece. */
  #passing = 0;
  #check = CHECK_NONE;
  #block: Block = { packedBytes: 0, bytes: 0 };
  #blocks: Block[] = [];
  /** Of blocks whose octets have not all come out: how many those are, and their digest where there is one. */
  readonly #expected: { readonly bytes: number; readonly digest: string | null }[] = [];
  #hash: Hash = createHash('sha256');
  #hashedBytes = 0;
  #isBehindStream = false;
  #isDone = false;
  #damage: PackedDamage | null = null;
  available = 0;

  constructor(input: PackedInput) {
    this.#input = input;
    this.#next = this.#streamHeader;
  }

  /** Of the next octet that the decoder takes, to some octets. */
  get offset(): number {
    const waiting = this.isOver ? 0 : this.#held.length + this.available;
    return Math.max(0, this.#input.offset - waiting);
  }

  get isOver(): boolean {
    return this.available === 0 && (this.#isDone || this.#input.isOver);
  }

  async more(): Promise<void> {
    while (this.available === 0 && !this.isOver) {
      if (this.#damage !== null) throw this.#damage;
      if (this.#isBehindStream && !(await this.#beginsStream())) return;
      if (this.#input.available === 0) await this.#input.more();
      if (!this.#input.isOver) this.#goOn(this.#input.first());
    }
  }

  first(): Uint8Array {
    return this.#ready[0] ?? new Uint8Array(0);
  }

  skip(count: number): void {
    this.available -= count;
    let left = count;
    for (let [first] = this.#ready; first !== undefined && left > 0; [first] = this.#ready) {
      const taken = Math.min(left, first.length);
      left -= taken;
      if (taken === first.length) this.#ready.shift();
      else this.#ready[0] = first.subarray(taken);
    }
  }

  /** Takes what has come out. @throws PackedDamage when it is not that of which the check was made */
  checkOutput(octets: Uint8Array): void {
    let rest = octets;
    while (rest.length > 0 || this.#expected[0]?.bytes === this.#hashedBytes) {
      const block = this.#expected[0];
      const count = block === undefined ? rest.length : Math.min(rest.length, block.bytes - this.#hashedBytes);
      this.#hash.update(rest.subarray(0, count));
      this.#hashedBytes += count;
      rest = rest.subarray(count);
      if (block === undefined || this.#hashedBytes < block.bytes) continue;
      const digest = this.#hash.digest('hex');
      this.#expected.shift();
      this.#hash = createHash('sha256');
      this.#hashedBytes = 0;
      if (block.digest !== null && digest !== block.digest) throw wrongChecksum('xz', this.offset);
    }
  }

  /** Streams may follow each other, with zeros in fours between them; anything else is left where it is. */
  async #beginsStream(): Promise<boolean> {
    let head = await this.#input.peek(4);
    while (head.length === 4 && head.every((octet) => octet === 0)) {
      this.#input.skip(4);
      head = await this.#input.peek(4);
    }
    head = await this.#input.peek(STREAM_HEADER_BYTES);
    this.#isBehindStream = false;
    this.#isDone = head.length < STREAM_HEADER_BYTES || !isMagic(head);
    return !this.#isDone;
  }

  /** Takes what is at hand, up to the end of a stream. */
  #goOn(octets: Uint8Array): void {
    let at = 0;
    while (at < octets.length && !this.#isBehindStream && this.#damage === null) {
      if (this.#passing > 0) {
        const count = Math.min(this.#passing, octets.length - at);
        this.#emit(octets.subarray(at, at + count));
        this.#passing -= count;
        at += count;
        continue;
      }
      const count = Math.min(this.#next.bytes - this.#held.length, octets.length - at);
      this.#held = Buffer.concat([this.#held, octets.subarray(at, at + count)]);
      at += count;
      if (this.#held.length < this.#next.bytes) continue;
      const piece = this.#held;
      this.#held = Buffer.alloc(0);
      this.#next.take(piece);
    }
    this.#input.skip(at);
  }

  #emit(octets: Uint8Array): void {
    if (octets.length === 0) return;
    this.#ready.push(octets);
    this.available += octets.length;
  }

  /** Is told when what came before it has been taken. */
  #damaged(what: string): void {
    this.#damage = damagedAt('xz', this.#input.offset, what);
  }

  get #keptCheck(): number {
    return this.#check === CHECK_SHA256 ? CHECK_NONE : this.#check;
  }

  get #checkBytes(): number {
    return CHECK_BYTES.get(this.#check) ?? 0;
  }

  readonly #streamHeader: Piece = {
    bytes: STREAM_HEADER_BYTES,
    take: (octets) => {
      if (!streamHeader(octets[7]!).equals(octets)) {
        this.#damaged('the header of a stream is wrong');
        return;
      }
      this.#check = octets[7]!;
      this.#blocks = [];
      this.#emit(streamHeader(this.#keptCheck));
      this.#next = this.#blockSize;
    },
  };

  /** The first octet of a block, or that of the index, which is zero. */
  readonly #blockSize: Piece = {
    bytes: 1,
    take: (octets) => {
      const headerBytes = (octets[0]! + 1) * 4;
      if (octets[0] === 0) {
        this.#next = this.#index();
        return;
      }
      this.#block = { packedBytes: headerBytes, bytes: 0 };
      this.#emit(octets);
      this.#passing = headerBytes - 1;
      this.#next = this.#control;
    },
  };

  /** What the next chunk is. */
  readonly #control: Piece = {
    bytes: 1,
    take: (octets) => {
      const control = octets[0]!;
      this.#emit(octets);
      this.#block.packedBytes++;
      if (control === 0) {
        const padding = (4 - (this.#block.packedBytes % 4)) % 4;
        this.#passing = padding;
        this.#next = this.#blockCheck();
      } else if (control >= 0x80) {
        // New properties have an octet of their own.
        this.#next = this.#packedChunk(control, control >= 0xc0 ? 5 : 4);
      } else if (control <= 2) {
        this.#next = this.#plainChunk;
      } else this.#damaged('there is no such chunk');
    },
  };

  readonly #plainChunk: Piece = {
    bytes: 2,
    take: (octets) => this.#pass(octets, u16(octets, 0) + 1, u16(octets, 0) + 1),
  };

  #packedChunk(control: number, bytes: number): Piece {
    return {
      bytes,
      take: (octets) => this.#pass(octets, u16(octets, 2) + 1, (((control & 0x1f) << 16) | u16(octets, 0)) + 1),
    };
  }

  #pass(header: Uint8Array, packedBytes: number, bytes: number): void {
    this.#emit(header);
    this.#passing = packedBytes;
    this.#block.packedBytes += header.length + packedBytes;
    this.#block.bytes += bytes;
    this.#next = this.#control;
  }

  #blockCheck(): Piece {
    const end = (digest: string | null): void => {
      this.#blocks.push(this.#block);
      this.#expected.push({ bytes: this.#block.bytes, digest });
      this.#next = this.#blockSize;
    };
    // Without a check there is nothing to wait for: what follows the padding is the next block's.
    if (this.#checkBytes === 0) {
      end(null);
      return this.#next;
    }
    return {
      bytes: this.#checkBytes,
      take: (octets) => {
        if (this.#check !== CHECK_SHA256) this.#emit(octets);
        end(this.#check === CHECK_SHA256 ? Buffer.from(octets).toString('hex') : null);
      },
    };
  }

  /** Without its first octet, which has been taken. */
  #index(): Piece {
    const expected = indexOf(this.#blocks, this.#checkBytes);
    return {
      bytes: expected.length - 1,
      take: (octets) => {
        if (!expected.subarray(1).equals(octets)) {
          this.#damaged('the index does not fit the blocks');
          return;
        }
        const index = indexOf(this.#blocks, CHECK_BYTES.get(this.#keptCheck) ?? 0);
        this.#emit(index);
        this.#next = this.#footer(expected.length, index.length);
      },
    };
  }

  #footer(indexBytes: number, writtenBytes: number): Piece {
    const expected = footer(this.#check, indexBytes);
    return {
      bytes: expected.length,
      take: (octets) => {
        if (!expected.equals(octets)) {
          this.#damaged('the end of a stream is wrong');
          return;
        }
        this.#emit(footer(this.#keptCheck, writtenBytes));
        this.#isBehindStream = true;
        this.#next = this.#streamHeader;
      },
    };
  }
}

function isMagic(head: Uint8Array): boolean {
  return STREAM_MAGIC.every((octet, index) => head[index] === octet);
}

const u16 = (octets: Uint8Array, at: number): number => (octets[at]! << 8) | octets[at + 1]!;

function u32(value: number): Uint8Array {
  const octets = Buffer.alloc(4);
  octets.writeUInt32LE(value);
  return octets;
}

function streamHeader(check: number): Buffer {
  const flags = Uint8Array.of(0, check);
  return Buffer.concat([STREAM_MAGIC, flags, u32(crc32(flags))]);
}

function footer(check: number, indexBytes: number): Buffer {
  const what = Buffer.concat([u32(indexBytes / 4 - 1), Uint8Array.of(0, check)]);
  return Buffer.concat([u32(crc32(what)), what, FOOTER_MAGIC]);
}

function indexOf(blocks: readonly Block[], checkBytes: number): Buffer {
  const numbers = [
    blocks.length,
    ...blocks.flatMap(({ packedBytes, bytes }) => [packedBytes + checkBytes, bytes]),
  ].flatMap(sevenBits);
  const records = Buffer.from([0, ...numbers]);
  const padded = Buffer.concat([records, Buffer.alloc((4 - (records.length % 4)) % 4)]);
  return Buffer.concat([padded, u32(crc32(padded))]);
}

/** In groups of seven bits, the lowest first, with the highest bit set in all but the last. */
function sevenBits(value: number): number[] {
  const octets: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) octets.push((rest % 0x80) | 0x80);
  return [...octets, rest];
}
