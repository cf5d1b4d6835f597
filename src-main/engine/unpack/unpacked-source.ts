import { AppError } from '../../contract/errors';
import type { ByteSource } from '../../capture/read-buffer';
import { GzipMember } from './gzip';
import { Lz4Frame } from './lz4';
import { PackedInput } from './packed-input';
import { isSkippable, MAGIC_BYTES, packingOf } from './packing';
import { cutAt, PackedDamage, UNIT, type Packing, type Unpacker } from './unpacker';
import { XzStream } from './xz';
import { ZstdFrame } from './zstd';

/** Up to here, no ratio is too high: the packets of a test may well all be the same. */
const UNLIMITED_BYTES = 64 << 20;
const SKIPPABLE_HEADER_BYTES = 8;

const UNPACKERS: Readonly<Record<Packing, new (input: PackedInput) => Unpacker>> = {
  gzip: GzipMember,
  zstd: ZstdFrame,
  lz4: Lz4Frame,
  xz: XzStream,
};

/**
 * A capture whose octets may be compressed, which its content decides; those that are not go through as they are.
 *
 * It ends where the compressed data are damaged, cut off, or followed by something else: `fault` says so then.
 */
export class UnpackedSource implements ByteSource {
  readonly name: string;
  readonly sizeBytes: number | null;
  readonly #source: ByteSource;
  readonly #maxExpansion: number;
  readonly #input: PackedInput;
  #state: 'new' | 'stored' | 'packed' = 'new';
  #packing: Packing | null = null;
  #unpacker: Unpacker | null = null;
  #unpackedBytes = 0;
  /** The first decompressed octets, until they are enough to be recognised; null then. */
  #head: number[] | null = [];
  #isOver = false;
  #fault: string | null = null;

  /**
   * @param source closed with this
   * @param maxExpansion how many times the compressed octets there may be, beyond the first 64 MiB
   */
  constructor(source: ByteSource, maxExpansion: number) {
    this.name = source.name;
    this.sizeBytes = source.sizeBytes;
    this.#source = source;
    this.#maxExpansion = maxExpansion;
    this.#input = new PackedInput(source);
  }

  get storedBytes(): number | null {
    return this.#state === 'packed' ? this.#input.offset : null;
  }

  /** What the octets were compressed with; null if they were not, or before the first read. */
  get packing(): Packing | null {
    return this.#packing;
  }

  get fault(): string | null {
    return this.#fault;
  }

  /**
   * @throws AppError CAPTURE_EXPANSION_LIMIT, CAPTURE_UNSUPPORTED when what was compressed is compressed again,
   * MEMORY_EXHAUSTED, or what the source throws
   */
  read(into: Uint8Array): number | Promise<number> {
    // What was read to recognise it comes first.
    if (this.#state === 'stored' && this.#input.available === 0) return this.#source.read(into);
    return this.#state === 'new' ? this.#begin(into) : this.#continue(into);
  }

  close(): void {
    this.#isOver = true;
    this.#unpacker?.close();
    this.#input.close();
  }

  async #begin(into: Uint8Array): Promise<number> {
    const head = await this.#input.peek(MAGIC_BYTES);
    const isPacked = packingOf(head) !== null || isSkippable(head);
    this.#state = isPacked ? 'packed' : 'stored';
    return await this.#continue(into);
  }

  #continue(into: Uint8Array): number | Promise<number> {
    if (this.#state === 'packed') return this.#unpack(into);
    const kept = this.#input.first().subarray(0, into.length);
    into.set(kept);
    this.#input.skip(kept.length);
    return kept.length;
  }

  async #unpack(into: Uint8Array): Promise<number> {
    try {
      while (!this.#isOver) {
        this.#unpacker ??= await this.#nextUnpacker();
        if (this.#unpacker === null) break;
        const count = await this.#unpacker.read(into);
        if (count > 0) return this.#book(into.subarray(0, count));
        this.#unpacker.close();
        this.#unpacker = null;
      }
    } catch (cause) {
      if (!(cause instanceof PackedDamage)) throw cause;
      this.#fault = cause.message;
    }
    this.#isOver = true;
    return 0;
  }

  #book(octets: Uint8Array): number {
    this.#unpackedBytes += octets.length;
    if (this.#head !== null) this.#refuseTwice(this.#head, octets);
    refuseExpansion(this.name, this.#unpackedBytes, this.#maxExpansion, this.#input.offset);
    return octets.length;
  }

  #refuseTwice(head: number[], octets: Uint8Array): void {
    head.push(...octets.subarray(0, MAGIC_BYTES - head.length));
    if (head.length < MAGIC_BYTES) return;
    this.#head = null;
    const inner = packingOf(Uint8Array.from(head));
    if (inner === null) return;
    throw new AppError(
      'CAPTURE_UNSUPPORTED',
      `${this.name} is compressed twice, with ${inner} inside ${this.#packing}, and only one level is decompressed: ` +
        'decompress it once first',
      { file: this.name, offset: 0, format: inner },
    );
  }

  /** @returns null at the end of the file */
  async #nextUnpacker(): Promise<Unpacker | null> {
    for (;;) {
      const head = await this.#input.peek(MAGIC_BYTES);
      if (head.length === 0) return null;
      if (this.#mayBeSkippable && isSkippable(head)) {
        await this.#skipFrame();
        continue;
      }
      if (this.#mayBePadded && head[0] === 0) {
        await this.#skipPadding();
        continue;
      }
      const packing = packingOf(head);
      if (packing === null || packing !== (this.#packing ?? packing)) throw await this.#foreign();
      this.#packing = packing;
      return new UNPACKERS[packing](this.#input);
    }
  }

  get #mayBeSkippable(): boolean {
    return this.#packing === null || this.#packing === 'zstd' || this.#packing === 'lz4';
  }

  /** Tapes pad gzip, and xz pads itself. */
  get #mayBePadded(): boolean {
    return this.#packing === 'gzip' || this.#packing === 'xz';
  }

  async #skipFrame(): Promise<void> {
    const input = this.#input;
    const header = await input.peek(SKIPPABLE_HEADER_BYTES);
    const packing = this.#packing ?? 'zstd';
    if (header.length < SKIPPABLE_HEADER_BYTES) throw cutAt(packing, input.offset + header.length);
    let left = new DataView(header.buffer, header.byteOffset).getUint32(4, true);
    input.skip(SKIPPABLE_HEADER_BYTES);
    while (left > 0) {
      if (input.available === 0) await input.more();
      if (input.isOver) throw cutAt(packing, input.offset);
      const count = Math.min(left, input.available);
      input.skip(count);
      left -= count;
    }
  }

  async #skipPadding(): Promise<void> {
    const input = this.#input;
    for (;;) {
      const octets = input.first();
      const zeros = octets.findIndex((octet) => octet !== 0);
      input.skip(zeros === -1 ? octets.length : zeros);
      if (zeros !== -1) return;
      await input.more();
      if (input.available === 0) return;
    }
  }

  async #foreign(): Promise<PackedDamage> {
    const { offset } = this.#input;
    const bytes = await this.#input.passOver();
    const packing = this.#packing ?? 'gzip';
    const behind = this.#packing === null ? '' : ` behind the last ${packing} ${UNIT[packing]}`;
    return new PackedDamage(`${bytes} bytes${behind}, from compressed offset ${offset} on, are no ${packing} data`);
  }
}

/**
 * Refuses what becomes too large.
 *
 * @param unpackedBytes that have come of the first `offset` octets of the file
 * @throws AppError CAPTURE_EXPANSION_LIMIT
 */
export function refuseExpansion(file: string, unpackedBytes: number, maxExpansion: number, offset: number): void {
  if (unpackedBytes <= UNLIMITED_BYTES || unpackedBytes <= maxExpansion * offset) return;
  throw new AppError(
    'CAPTURE_EXPANSION_LIMIT',
    `${file} grows to more than ${maxExpansion} times its size when it is decompressed: at compressed ` +
      `offset ${offset} there are ${unpackedBytes} bytes already. If it is no decompression bomb, raise the ` +
      `limit with --max-expansion`,
    { file, offset, limit: maxExpansion, option: '--max-expansion' },
  );
}
