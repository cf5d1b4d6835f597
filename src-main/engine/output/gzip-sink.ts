import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import type { ByteSink, TextSink } from './text-sink';

/** Packs what is written to it, beside the thread that writes, and no faster than the sink behind it takes it. */
export class GzipSink implements TextSink {
  readonly #gzip = createGzip();
  readonly #pumping: Promise<void>;

  constructor(sink: ByteSink) {
    this.#pumping = this.#pump(sink);
    // It is told to whoever writes or ends next.
    this.#pumping.catch(() => undefined);
  }

  /** Rejects with the fault of the sink behind it, of this write or an earlier one. */
  async write(text: string): Promise<void> {
    if (text === '') return;
    if (this.#gzip.destroyed) await this.#pumping;
    if (!this.#gzip.write(text)) await Promise.race([once(this.#gzip, 'drain'), this.#pumping]);
  }

  /** Settles when everything is written. Only now is the output complete. */
  async end(): Promise<void> {
    this.#gzip.end();
    await this.#pumping;
  }

  /** Drops what is not written yet. */
  discard(): void {
    this.#gzip.destroy();
  }

  async #pump(sink: ByteSink): Promise<void> {
    for await (const piece of this.#gzip as AsyncIterable<Buffer>) await sink.write(piece);
  }
}
