import type { DecoderExports, ExportedName } from './decoder-exports';
import { BATCH_ROWS } from './packet-batch';

/** The octets behind a row, as they were captured. */
export interface Frame {
  readonly linkType: number;
  /** A copy, the holder's to change. */
  readonly bytes: Uint8Array;
  /** On the wire; at least as many as were captured. */
  readonly wireBytes: number;
  /** Where in `bytes` the IPv4 header begins that the row is of; without meaning where it is of another packet. */
  readonly ipAt: number;
  /** Where in `bytes` checksums of tunnels are that are over all of this IPv4 packet: of UDP, or of GRE. */
  readonly tunnelSums: readonly number[];
  /** What `bytes` are of; null for memory of their own. */
  readonly piece: FramePiece | null;
}

/** Memory that copies of frames share. */
interface FramePiece {
  readonly bytes: Uint8Array;
  used: number;
  /** Frames in it that were not given back. */
  frames: number;
}

const NO_SUMS: readonly number[] = [];
/** As in the module. */
const MAX_TUNNEL_SUMS = 8;
/** Many small buffers take longer to make than to fill. */
const FRAME_PIECE_BYTES = 1 << 18;
/** That are kept to be filled again. */
const MAX_FREE_PIECES = 64;

/** Gives out memory for frames, and takes back what is not needed any more; what nobody gives back is collected as usual. */
export class FrameMemory {
  readonly #free: FramePiece[] = [];
  #piece: FramePiece = newPiece(0);

  /** @returns the piece, in which the frame begins at `used - count` */
  take(count: number): FramePiece {
    if (this.#piece.used + count > this.#piece.bytes.length) this.#next(count);
    this.#piece.used += count;
    this.#piece.frames++;
    return this.#piece;
  }

  giveBack(piece: FramePiece): void {
    if (--piece.frames === 0 && piece !== this.#piece) this.#keep(piece);
  }

  #next(count: number): void {
    const full = this.#piece;
    const isUsual = count <= FRAME_PIECE_BYTES;
    this.#piece = (isUsual ? this.#free.pop() : undefined) ?? newPiece(Math.max(FRAME_PIECE_BYTES, count));
    if (full.frames === 0) this.#keep(full);
  }

  #keep(piece: FramePiece): void {
    piece.used = 0;
    if (piece.bytes.length === FRAME_PIECE_BYTES && this.#free.length < MAX_FREE_PIECES) this.#free.push(piece);
  }
}

function newPiece(bytes: number): FramePiece {
  return { bytes: new Uint8Array(bytes), used: 0, frames: 0 };
}

/** Copies of frames, from where the module has them. */
export class FrameCopies {
  readonly buffer: ArrayBuffer;
  readonly #memory: Uint8Array;
  readonly #at: Uint32Array;
  readonly #bytes: Uint32Array;
  readonly #wireBytes: Uint32Array;
  readonly #linkType: Uint32Array;
  readonly #ipAt: Uint32Array;
  readonly #sums: Uint8Array;
  readonly #sumAt: Uint32Array;
  readonly #copies: FrameMemory;

  constructor(module: DecoderExports, copies: FrameMemory) {
    const { buffer } = module.memory;
    this.buffer = buffer;
    this.#copies = copies;
    const words = (name: ExportedName, width = 1): Uint32Array =>
      new Uint32Array(buffer, module[name].value, BATCH_ROWS * width);
    this.#memory = new Uint8Array(buffer);
    this.#at = words('rowFrameAt');
    this.#bytes = words('rowFrameBytes');
    this.#wireBytes = words('rowWireBytes');
    this.#linkType = words('rowLinkType');
    this.#ipAt = words('rowIpAt');
    this.#sums = new Uint8Array(buffer, module.rowTunnelSums.value, BATCH_ROWS);
    this.#sumAt = words('rowTunnelSumAt', MAX_TUNNEL_SUMS);
  }

  of(row: number): Frame {
    const at = this.#at[row]!;
    const count = this.#bytes[row]!;
    const piece = this.#copies.take(count);
    const bytes = piece.bytes.subarray(piece.used - count, piece.used);
    bytes.set(this.#memory.subarray(at, at + count));
    return {
      linkType: this.#linkType[row]!,
      bytes,
      wireBytes: this.#wireBytes[row]!,
      ipAt: this.#ipAt[row]! - at,
      tunnelSums: this.#sums[row] === 0 ? NO_SUMS : this.#sumsAround(row, at),
      piece,
    };
  }

  /** Those of tunnels that are in the packet are behind its header. */
  #sumsAround(row: number, frameAt: number): readonly number[] {
    const first = row * MAX_TUNNEL_SUMS;
    const all = Array.from(this.#sumAt.subarray(first, first + this.#sums[row]!));
    return all.filter((at) => at < this.#ipAt[row]!).map((at) => at - frameAt);
  }
}
