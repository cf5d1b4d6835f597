import type { DecoderExports } from './decoder-exports';

/** A part of the decoder's memory that one capture is read into. */
export class DecoderInput {
  readonly address: number;
  readonly #memory: DecoderExports['memory'];
  readonly #length: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;

  /** For `Decoder` alone. */
  constructor(memory: DecoderExports['memory'], address: number, length: number) {
    this.address = address;
    this.#memory = memory;
    this.#length = length;
    this.#bytes = new Uint8Array(memory.buffer, address, length);
    this.#view = new DataView(memory.buffer, address, length);
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    this.#follow();
    return this.#bytes;
  }

  get view(): DataView<ArrayBuffer> {
    this.#follow();
    return this.#view;
  }

  /** Memory that has grown is another buffer. */
  #follow(): void {
    if (this.#bytes.buffer === this.#memory.buffer) return;
    this.#bytes = new Uint8Array(this.#memory.buffer, this.address, this.#length);
    this.#view = new DataView(this.#memory.buffer, this.address, this.#length);
  }
}
