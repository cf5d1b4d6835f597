import { createHash } from 'node:crypto';
import type { ByteSource } from '../capture/read-buffer';

/** For what is left of a source behind the end of what can be decompressed. */
const REST_BYTES = 256 << 10;

/** Passes on what a source has, as it is stored, and keeps its digest. */
export class HashedSource implements ByteSource {
  readonly name: string;
  readonly sizeBytes: number | null;
  /** Octets so far. */
  bytes = 0;
  readonly #source: ByteSource;
  readonly #hash = createHash('sha256');

  /** @param source closed with this */
  constructor(source: ByteSource) {
    this.name = source.name;
    this.sizeBytes = source.sizeBytes;
    this.#source = source;
  }

  read(into: Uint8Array): number | Promise<number> {
    const count = this.#source.read(into);
    return typeof count === 'number' ? this.#note(into, count) : count.then((later) => this.#note(into, later));
  }

  close(): void {
    this.#source.close();
  }

  /**
   * Reads what is left, since a digest of less would be that of another file.
   *
   * @returns SHA-256 of all octets, hexadecimal
   */
  async digest(isCancelled: () => boolean): Promise<string> {
    const rest = new Uint8Array(REST_BYTES);
    while (!isCancelled() && (await this.read(rest)) > 0);
    return this.#hash.digest('hex');
  }

  #note(into: Uint8Array, count: number): number {
    this.bytes += count;
    this.#hash.update(into.subarray(0, count));
    return count;
  }
}
