import { ZSTDDecoder } from 'zstddec/stream';
import { AppError } from '../../contract/errors';
import type { PackedInput } from './packed-input';
import { cutAt, damagedAt, PackedDamage, wrongChecksum, type Unpacker } from './unpacker';

/** What the package's module of WebAssembly exports: the streaming decompressor of zstd itself. */
interface ZstdExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  ZSTD_createDCtx(): number;
  ZSTD_freeDCtx(context: number): number;
  /** @returns octets that are wanted next, 0 at the end of a frame, or a negative error number */
  ZSTD_decompressStream(context: number, output: number, input: number): number;
  malloc(bytes: number): number;
  free(at: number): void;
}

/** What zstd asks for, `ZSTD_DStreamInSize` and `ZSTD_DStreamOutSize`, rounded. */
const IN_BYTES = 128 << 10;
const OUT_BYTES = 128 << 10;
/** `ZSTD_inBuffer` and `ZSTD_outBuffer`: pointer, size, position; 32 bits each. */
const STRUCT_BYTES = 12;
const POSITION = 8;

/** Error numbers. @see zstd_errors.h */
const ERROR = { windowTooLarge: 16, dictionaryWrong: 32, checksumWrong: 22, memory: 64 } as const;
/** Numbers above are errors, below sizes. */
const MOST_ERRORS = 120;

/**
 * The package's own streaming loop does not look at errors, and so neither ends at damage nor tells of a wrong checksum.
 * What it drives is the decompressor of zstd, which does; so only that is taken from it.
 */
class ExportsOfZstd extends ZSTDDecoder {
  override _init(result: WebAssembly.WebAssemblyInstantiatedSource): void {
    super._init(result);
    // It is called without `this`.
    loaded = result.instance.exports as unknown as ZstdExports;
  }
}

let loaded: ZstdExports | null = null;
let loading: Promise<ZstdExports> | null = null;

async function loadZstd(): Promise<ZstdExports> {
  await new ExportsOfZstd().init();
  if (loaded === null) throw new AppError('INTERNAL', 'the zstd decoder did not load');
  return loaded;
}

/** One frame of a zstd file, decompressed in this thread. A skippable frame gives nothing. */
export class ZstdFrame implements Unpacker {
  readonly #input: PackedInput;
  #zstd: ZstdExports | null = null;
  #context = 0;
  /** In the module's memory: octets in, octets out, and what describes both. */
  #memory = 0;
  /** Decompressed octets in the module's memory that were not read. */
  #from = 0;
  #to = 0;
  #isOver = false;

  constructor(input: PackedInput) {
    this.#input = input;
  }

  async read(into: Uint8Array): Promise<number> {
    loading ??= loadZstd();
    this.#zstd ??= this.#open(await loading);
    for (;;) {
      const count = Math.min(this.#to - this.#from, into.length);
      if (count > 0) {
        into.set(new Uint8Array(this.#zstd.memory.buffer, this.#from, count));
        this.#from += count;
        return count;
      }
      if (this.#isOver) return 0;
      if (this.#input.available === 0) await this.#input.more();
      if (this.#input.isOver) throw cutAt('zstd', this.#input.offset);
      this.#step(this.#zstd);
    }
  }

  close(): void {
    if (this.#memory !== 0) this.#zstd?.free(this.#memory);
    if (this.#context !== 0) this.#zstd?.ZSTD_freeDCtx(this.#context);
    this.#memory = 0;
    this.#context = 0;
  }

  #open(zstd: ZstdExports): ZstdExports {
    this.#context = zstd.ZSTD_createDCtx();
    this.#memory = zstd.malloc(IN_BYTES + OUT_BYTES + 2 * STRUCT_BYTES);
    if (this.#context === 0 || this.#memory === 0) throw noMemory();
    return zstd;
  }

  #step(zstd: ZstdExports): void {
    const input = this.#input;
    const from = this.#memory;
    const to = from + IN_BYTES;
    const inBuffer = to + OUT_BYTES;
    const outBuffer = inBuffer + STRUCT_BYTES;
    const packed = input.first().subarray(0, IN_BYTES);
    new Uint8Array(zstd.memory.buffer, from, packed.length).set(packed);
    new Uint32Array(zstd.memory.buffer, inBuffer, 6).set([from, packed.length, 0, to, OUT_BYTES, 0]);
    const result = zstd.ZSTD_decompressStream(this.#context, outBuffer, inBuffer) | 0;
    if (result < 0 && result > -MOST_ERRORS) throw this.#fault(-result);
    const view = new DataView(zstd.memory.buffer);
    input.skip(view.getUint32(inBuffer + POSITION, true));
    this.#from = to;
    this.#to = to + view.getUint32(outBuffer + POSITION, true);
    this.#isOver = result === 0;
  }

  #fault(error: number): Error {
    const { offset, available } = this.#input;
    switch (error) {
      case ERROR.checksumWrong:
        return wrongChecksum('zstd', offset + Math.min(available, IN_BYTES));
      case ERROR.windowTooLarge:
        return new PackedDamage(
          `the zstd frame at compressed offset ${offset} needs a window of more than 128 MiB: ` +
            'decompress it with zstd -d --long=31 first',
        );
      case ERROR.dictionaryWrong:
        return new PackedDamage(
          `the zstd frame at compressed offset ${offset} needs a dictionary: decompress it first`,
        );
      case ERROR.memory:
        return noMemory();
      default:
        return damagedAt('zstd', offset, `zstd error ${error}`);
    }
  }
}

function noMemory(): AppError {
  return new AppError(
    'MEMORY_EXHAUSTED',
    'There is no memory left to decompress zstd: import fewer captures at a time',
  );
}
