/** Where rows and reports go. */
export interface TextSink {
  /** Settles when the next text may come. */
  write(text: string): Promise<void>;
}

/** Where the octets of a file go. */
export interface ByteSink extends TextSink {
  write(piece: string | Uint8Array): Promise<void>;
}

/** Collects small texts into pieces worth a write. */
export class TextPieces {
  /** Characters; a pipe holds 64 KiB. */
  static readonly #PIECE = 65_536;
  readonly #sink: TextSink;
  #pending = '';

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  /** @returns true when `flush` is due before more is added */
  add(text: string): boolean {
    this.#pending += text;
    return this.#pending.length >= TextPieces.#PIECE;
  }

  async flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    await this.#sink.write(text);
  }
}
