import { once } from 'node:events';
import type { DeflateRaw, Gzip } from 'node:zlib';
import type { ByteSink } from './text-sink';

/** Packs what is written to it, beside the thread that writes, and no faster than the sink behind it takes it. */
export class PackedSink implements ByteSink {
  readonly #packer: Gzip | DeflateRaw;
  readonly #pumping: Promise<void>;

  constructor(sink: ByteSink, packer: Gzip | DeflateRaw) {
    this.#packer = packer;
    this.#pumping = this.#pump(sink);
    // It is told to whoever writes or ends next.
    this.#pumping.catch(() => undefined);
  }

  /** Rejects with the fault of the sink behind it, of this write or an earlier one. */
  async write(piece: string | Uint8Array): Promise<void> {
    if (piece.length === 0) return;
    if (this.#packer.destroyed) await this.#pumping;
    // The packer takes it later, when it is the caller's again.
    const own = typeof piece === 'string' ? piece : Buffer.from(piece);
    if (!this.#packer.write(own)) await Promise.race([once(this.#packer, 'drain'), this.#pumping]);
  }

  /** Settles when everything is written. Only now is the output complete. */
  async end(): Promise<void> {
    this.#packer.end();
    await this.#pumping;
  }

  /** Drops what is not written yet. */
  discard(): void {
    this.#packer.destroy();
  }

  async #pump(sink: ByteSink): Promise<void> {
    for await (const piece of this.#packer as AsyncIterable<Buffer>) await sink.write(piece);
  }
}
