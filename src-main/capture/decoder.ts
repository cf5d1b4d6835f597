import { FrameCopies, FrameMemory, type Frame } from './decoded-frames';
import { DecodedRows } from './decoded-rows';
import type { DecoderExports } from './decoder-exports';
import { DecoderInput } from './decoder-input';
import { LAYER, type PacketBatch } from './packet-batch';

/** On which side of a gateway an address is; `AddressClasses` of the emulator is this, and says more. */
export interface GatewaySides {
  /** 2^16 elements: 0 outside, 1 not routable, 2 in the VPC but not translated, 0xff for what `entries` know, else inside. */
  readonly byUpperHalf: Uint8Array;
  /** The first with `(address & mask) == base` has the side. */
  readonly entries: readonly { readonly base: number; readonly mask: number; readonly class: number }[];
}

/** What the decoder found in a stretch of a capture, beside the rows. */
export interface Stretch {
  /** Of `READ_STATE`. */
  readonly state: number;
  readonly rows: number;
  /** Octets of the complete records. */
  readonly takenBytes: number;
  /** Those of them that are packets, as far as they were captured. */
  readonly capturedBytes: number;
  /** What those packets had on the wire. */
  readonly wireBytes: number;
  /** Sum of their IP lengths. */
  readonly ipBytes: number;
  /** Rows without a readable IP header. */
  readonly noIpRows: number;
}

/**
 * Finds the records in octets of a capture and decodes them into the rows of a batch. The work is done by a module of
 * WebAssembly, of which this owns one instance; any number of captures are read with it by turns.
 */
export class Decoder {
  readonly module: DecoderExports;
  #onRows: ((batch: PacketBatch, firstRow: number) => void) | null = null;
  #decoded: DecodedRows;
  readonly #frameMemory = new FrameMemory();
  /** Null until a frame is asked for. */
  #frames: FrameCopies | null = null;
  #hashesPayloads = false;

  /** @param module a new instance, that nobody else uses */
  constructor(module: DecoderExports) {
    this.module = module;
    this.#decoded = new DecodedRows(module);
  }

  /** Reads the outermost IP header of every frame, or the innermost, from now on; the outermost without this. */
  useLayer(layer: 'outer' | 'inner'): void {
    this.module.setLayer(LAYER[layer]);
  }

  /** Reads the IP header that a gateway between these classes of addresses would translate. */
  useTranslatedLayer({ byUpperHalf, entries }: GatewaySides): void {
    const { module } = this;
    const at = module.allocateNetworks(entries.length);
    const { buffer } = module.memory;
    new Uint8Array(buffer, module.sidesByUpperHalf.value, byUpperHalf.length).set(byUpperHalf);
    const words = entries.flatMap(({ base, mask, class: side }) => [base, mask, side]);
    new Uint32Array(buffer, at, words.length).set(words);
    module.setLayer(LAYER.translated);
  }

  /** Takes packets of IPv4 whose header has a wrong checksum for malformed from now on. */
  checkSums(): void {
    this.module.setChecksSums(true);
  }

  /** Fills `payloadHash` from now on, by which packets are found again behind a gateway. */
  hashPayloads(): void {
    this.#hashesPayloads = true;
    this.module.setHashesPayloads(true);
  }

  /** Keeps from now on what `frameOf` and `FrameLengths` tell of the rows that were decoded last. */
  keepFrames(): void {
    this.module.setKeepsFrames(true);
  }

  /**
   * @param onRows is told of rows `[firstRow, batch.length)` as soon as they are in a batch, in the order of their capture: until it
   * returns, `frameOf` gives their frames
   */
  tellRows(onRows: (batch: PacketBatch, firstRow: number) => void): void {
    this.keepFrames();
    this.#onRows = onRows;
  }

  /** Memory for a capture's octets, until it is given to `release`. */
  allocateInput(bytes: number): DecoderInput {
    return new DecoderInput(this.module.memory, this.module.allocateInput(bytes), bytes);
  }

  release({ address }: Pick<DecoderInput, 'address'>): void {
    this.module.release(address);
  }

  /**
   * What the module has just read: its rows go to the end of the batch, which has room for them.
   *
   * @param state  what its `read…` gave back
   * @param start  where it began
   */
  take(batch: PacketBatch, state: number, start: number): Stretch {
    const { module } = this;
    const rows = module.readRows.value;
    if (this.#decoded.buffer !== module.memory.buffer) this.#decoded = new DecodedRows(module);
    if (rows > 0) {
      this.#decoded.appendTo(batch, rows, this.#hashesPayloads);
      this.#onRows?.(batch, batch.length - rows);
    }
    return {
      state,
      rows,
      takenBytes: module.readEnd.value - start,
      capturedBytes: module.readCapturedBytes.value,
      wireBytes: module.readWireBytes.value,
      ipBytes: module.readIpBytes.value,
      noIpRows: module.readNoIpRows.value,
    };
  }

  /** @param row of those that were decoded last, as far as frames are kept */
  frameOf(row: number): Frame {
    if (this.#frames?.buffer !== this.module.memory.buffer)
      this.#frames = new FrameCopies(this.module, this.#frameMemory);
    return this.#frames.of(row);
  }

  /** Tells that nobody needs the octets of a frame any more: others may have their place. Not to be told is no harm. */
  free({ piece }: Frame): void {
    if (piece !== null) this.#frameMemory.giveBack(piece);
  }
}
