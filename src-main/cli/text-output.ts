import type { Writable } from 'node:stream';
import { AppError } from '../contract/errors';
import type { ByteSink } from '../engine/output/text-sink';

/** Whoever read our output has seen enough (`natscope … | head`): a reason to stop, not a fault. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone';
}

/** Standard output or standard error, with backpressure, and with its late errors in the place of the writer. */
export class TextOutput implements ByteSink {
  readonly #stream: Writable;
  #fault: Error | null = null;
  #wake: (() => void) | null = null;
  #hasWritten = false;

  constructor(stream: Writable) {
    this.#stream = stream;
    // It stays for good: a closed pipe may be reported after the last write has returned.
    stream.on('error', (fault: Error) => {
      this.#fault ??= fault;
      this.#wake?.();
    });
  }

  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  /**
   * The piece is handed over before this returns its promise.
   *
   * @throws ReaderGone when nobody reads any more
   * @throws AppError OUTPUT_UNWRITABLE, such as on a full disk
   */
  async write(piece: string | Uint8Array): Promise<void> {
    this.#throwFault();
    if (piece.length === 0) return;
    this.#hasWritten = true;
    // The stream writes it later, when it is the caller's again.
    const own = typeof piece === 'string' ? piece : Buffer.from(piece);
    if (!this.#stream.write(own)) await this.#drained();
    this.#throwFault();
  }

  /** Writes as far as possible: for messages whose loss must not become a second fault. */
  tell(text: string): void {
    if (this.#fault !== null || text === '') return;
    this.#hasWritten = true;
    this.#stream.write(text);
  }

  /**
   * Settles when everything written so far has left the process.
   * @throws ReaderGone, AppError OUTPUT_UNWRITABLE
   */
  async flush(): Promise<void> {
    if (this.#fault === null) {
      await new Promise<void>((resolve) => {
        this.#stream.write('', (fault) => {
          this.#fault ??= fault ?? null;
          resolve();
        });
      });
    }
    this.#throwFault();
  }

  async #drained(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#stream.once('drain', resolve);
    });
    this.#wake = null;
  }

  #throwFault(): void {
    const fault: NodeJS.ErrnoException | null = this.#fault;
    if (fault === null) return;
    if (fault.code === 'EPIPE' || fault.code === 'ERR_STREAM_DESTROYED') throw new ReaderGone();
    const remedy = fault.code === 'ENOSPC' ? 'free space on its disk' : 'check where it goes';
    const code = fault.code ?? fault.message;
    throw new AppError(
      'OUTPUT_UNWRITABLE',
      `The output cannot be written (${code}): ${remedy}`,
      { code },
      { cause: fault },
    );
  }
}
