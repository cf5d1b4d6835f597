/** Where rows and reports go. */
export interface TextSink {
  /** Settles when the next text may come. */
  write(text: string): Promise<void>;
}

/** Where the octets of a file go. Those of a piece are the caller's to change again when its write has settled. */
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

/** Collects octets into pieces worth a write, in one array that is used again and again. */
export class OctetPieces {
  /** Octets; a write of them takes longer than waiting for its turn. */
  static readonly #PIECE = 262_144;
  readonly #sink: ByteSink;
  #octets = new Uint8Array(0);
  #length = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Octets that are collected; the next goes behind them. */
  get length(): number {
    return this.#length;
  }

  /** Whether `flush` is due before more is added. */
  get isDue(): boolean {
    return this.#length >= OctetPieces.#PIECE;
  }

  /** @returns the array, with room for so many more, until the next call */
  room(mostBytes: number): Uint8Array {
    const needed = this.#length + mostBytes;
    if (needed > this.#octets.length) {
      const larger = new Uint8Array(Math.max(needed, OctetPieces.#PIECE + mostBytes));
      larger.set(this.#octets.subarray(0, this.#length));
      this.#octets = larger;
    }
    return this.#octets;
  }

  /** What was written into `room` as far as there is added. */
  addTo(end: number): void {
    this.#length = end;
  }

  add(text: string): void {
    const octets = Buffer.from(text);
    this.room(octets.length).set(octets, this.#length);
    this.#length += octets.length;
  }

  async flush(): Promise<void> {
    if (this.#length === 0) return;
    await this.#sink.write(this.#octets.subarray(0, this.#length));
    this.#length = 0;
  }
}
