import { createReadStream } from 'node:fs';
import { constants, open } from 'node:fs/promises';
import type { Output } from './atomic-file';
import { attempt, type RefusedFile } from './refused-file';
import type { ByteSink } from './text-sink';

/**
 * Opens what a path leads to that is no place for a file, see `OutputPlace`. A pipe that nobody reads yet is waited for.
 *
 * @param path absolute
 * @param refuse makes the error of every failure here and later
 */
export async function openStreamedOutput(path: string, refuse: RefusedFile): Promise<StreamedOutput> {
  // An open file that others have written to goes on behind that.
  const handle = await attempt(refuse, () => open(path, constants.O_WRONLY | constants.O_APPEND));
  const write = (piece: string | Uint8Array): Promise<void> =>
    attempt(refuse, () => handle.writeFile(typeof piece === 'string' ? Buffer.from(piece) : piece));
  return new StreamedOutput(path, { write }, () => attempt(refuse, () => handle.close()));
}

/** An output that has what is written at once, and cannot take it back: whoever reads it learns of a failure from the exit code. */
export class StreamedOutput implements Output, ByteSink {
  readonly target = null;
  writtenBytes = 0;
  readonly path: string;
  readonly #sink: ByteSink;
  readonly #end: () => Promise<void>;

  /**
   * @param path as it is told of
   * @param end called after the last write, and after a failure
   */
  constructor(path: string, sink: ByteSink, end: () => Promise<void>) {
    this.path = path;
    this.#sink = sink;
    this.#end = end;
  }

  async write(piece: string | Uint8Array): Promise<void> {
    await this.#sink.write(piece);
    this.writtenBytes += Buffer.byteLength(piece);
  }

  async take(source: string): Promise<void> {
    for await (const piece of createReadStream(source) as AsyncIterable<Buffer>) await this.write(piece);
  }

  commit(): Promise<void> {
    return this.settle();
  }

  settle(): Promise<void> {
    return this.#end();
  }

  takePlace(): Promise<void> {
    return Promise.resolve();
  }

  async discard(): Promise<void> {
    await this.#end().catch(() => undefined);
  }
}
