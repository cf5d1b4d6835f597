import { AppError } from '../../contract/errors';
import { PackedInput } from './packed-input';
import { cutAt, damagedAt, PackedDamage, type Unpacker } from './unpacker';
import { isCheckedBySha256, Sha256Input } from './xz-sha256';

/** What the package's module of WebAssembly exports: the decoder of XZ Embedded, and buffers for it. */
interface XzExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** @returns where the context is: the words of `WORD`, and behind them both buffers; 0 without memory */
  create_context(): number;
  /** `bytes` octets were put at the start of the input buffer; 0 when no more will come. */
  supply_input(context: number, bytes: number): void;
  /** @returns one of `RESULT` */
  get_next_output(context: number): number;
}

/** Words of the context, 32 bits each: the size of either buffer, then `struct xz_buf`. */
const WORD = { bufferBytes: 0, input: 1, inputAt: 2, inputBytes: 3, output: 4, outputAt: 5 } as const;
/** @see xz.h of XZ Embedded, `enum xz_ret` */
const RESULT = {
  ok: 0,
  streamEnd: 1,
  unsupportedCheck: 2,
  memory: 3,
  memoryLimit: 4,
  format: 5,
  options: 6,
  buffer: 8,
} as const;

const STREAM_HEADER_BYTES = 12;

interface XzModule {
  readonly XzReadableStream: {
    _getModuleInstance(): Promise<void>;
    _moduleInstance: { readonly exports: Readonly<Record<string, unknown>> };
  };
}

/**
 * The package's own stream waits with the second of two files until the first is read, which a merge of both never is.
 * So only its module is taken from it: a new instance for each file, whose memory goes with it.
 */
async function newInstance(): Promise<XzExports> {
  const { default: module } = (await import('xz-decompress')) as unknown as { readonly default: XzModule };
  await module.XzReadableStream._getModuleInstance();
  return module.XzReadableStream._moduleInstance.exports as unknown as XzExports;
}

/** All streams of an xz file, and the padding between them, decompressed in this thread. */
export class XzStream implements Unpacker {
  #input: PackedInput | Sha256Input;
  #xz: XzExports | null = null;
  #context = 0;
  /** Of the input buffer, taken from `#input` as far as the decoder has come. */
  #suppliedBytes = 0;
  #suppliedAt = 0;
  #from = 0;
  #to = 0;
  #wasFull = false;
  #isToldEnd = false;
  #isOver = false;
  #fault: Error | null = null;

  constructor(input: PackedInput) {
    this.#input = input;
  }

  async read(into: Uint8Array): Promise<number> {
    const xz = this.#xz ?? (await this.#begin());
    for (;;) {
      const count = Math.min(this.#to - this.#from, into.length);
      if (count > 0) {
        into.set(new Uint8Array(xz.memory.buffer, this.#from, count));
        this.#from += count;
        return count;
      }
      if (this.#fault !== null) throw this.#fault;
      if (this.#isOver) return 0;
      // With its output buffer full, the decoder may hold more than it has been able to give.
      if (this.#suppliedAt === this.#suppliedBytes && !this.#wasFull) await this.#supply(xz);
      this.#step(xz);
    }
  }

  close(): void {
    this.#xz = null;
  }

  async #begin(): Promise<XzExports> {
    const xz = this.#open(await newInstance());
    if (this.#input instanceof PackedInput && (await isCheckedBySha256(this.#input))) {
      this.#input = new Sha256Input(this.#input);
    }
    this.#xz = xz;
    return xz;
  }

  #open(xz: XzExports): XzExports {
    this.#context = xz.create_context();
    if (this.#context === 0) throw noMemory();
    return xz;
  }

  async #supply(xz: XzExports): Promise<void> {
    const input = this.#input;
    if (input.available === 0) await input.more();
    if (input.isOver) {
      if (this.#isToldEnd) throw cutAt('xz', input.offset);
      this.#isToldEnd = true;
      xz.supply_input(this.#context, 0);
      this.#suppliedBytes = 0;
      this.#suppliedAt = 0;
      return;
    }
    const words = this.#words(xz);
    const packed = input.first().subarray(0, words[WORD.bufferBytes]);
    new Uint8Array(xz.memory.buffer, words[WORD.input], packed.length).set(packed);
    xz.supply_input(this.#context, packed.length);
    this.#suppliedBytes = packed.length;
    this.#suppliedAt = 0;
  }

  #step(xz: XzExports): void {
    this.#words(xz)[WORD.outputAt] = 0;
    const result = xz.get_next_output(this.#context);
    const words = this.#words(xz);
    const inputAt = words[WORD.inputAt]!;
    // What begins no stream is left to whoever knows what to say of it.
    const takenAt = result === RESULT.format ? Math.max(this.#suppliedAt, inputAt - STREAM_HEADER_BYTES) : inputAt;
    this.#input.skip(takenAt - this.#suppliedAt);
    this.#suppliedAt = inputAt;
    this.#from = words[WORD.output]!;
    this.#to = this.#from + words[WORD.outputAt]!;
    this.#wasFull = words[WORD.outputAt] === words[WORD.bufferBytes];
    this.#isOver = result === RESULT.streamEnd || result === RESULT.format;
    // What was decompressed before the damage comes first.
    if (result !== RESULT.ok && !this.#isOver) this.#fault = this.#faultOf(result);
    if (this.#input instanceof Sha256Input)
      this.#check(this.#input, new Uint8Array(xz.memory.buffer, this.#from, this.#to - this.#from));
  }

  #check(input: Sha256Input, octets: Uint8Array): void {
    try {
      input.checkOutput(octets);
    } catch (error) {
      if (!(error instanceof PackedDamage)) throw error;
      this.#fault ??= error;
    }
  }

  #faultOf(result: number): Error {
    const { offset } = this.#input;
    switch (result) {
      case RESULT.buffer:
        return cutAt('xz', offset);
      case RESULT.memory:
      case RESULT.memoryLimit:
        return noMemory();
      case RESULT.unsupportedCheck:
      case RESULT.options:
        return new PackedDamage(
          `the xz stream at compressed offset ${offset} uses a filter or a check that is not supported: decompress it with xz -d first`,
        );
      default:
        return damagedAt('xz', offset, 'the data or their checksum are wrong');
    }
  }

  #words(xz: XzExports): Uint32Array {
    return new Uint32Array(xz.memory.buffer, this.#context, 6);
  }
}

function noMemory(): AppError {
  return new AppError('MEMORY_EXHAUSTED', 'There is no memory left to decompress xz: import fewer captures at a time');
}
