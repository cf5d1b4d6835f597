import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { Socket, connect } from 'node:net';
import { isatty } from 'node:tty';
import { AppError } from '../contract/errors';
import { STANDARD_INPUT } from '../contract/imports';
import type { ByteSource } from '../capture/read-buffer';
import { SAMPLE_BYTES, attempt, statsOf } from './file-source';

/** What is known of a pipe when it has been read, as of a file beforehand. */
export interface PipeFacts {
  readonly sizeBytes: number;
  /** As in `SurveyedCapture`. */
  readonly headDigest: string;
  readonly tailDigest: string;
}

/** Octets that come once, and cannot be read again. */
export interface PipeSource extends ByteSource {
  /** Of what was read so far. */
  facts(): PipeFacts;
}

/** @returns whether a path names standard input or a pipe; false for what cannot be looked at, as opening it says why */
export function isPipe(path: string): boolean {
  return path === STANDARD_INPUT || (statsOf(path)?.isFIFO() ?? false);
}

/**
 * Opens standard input or a named pipe at its first read. While it waits for a writer or for octets, this thread is free.
 *
 * @param path `-` for standard input of this process
 * @param socketPath of a socket where somebody else sends what it reads from there; null for reading it here
 * @throws AppError OPTION_INVALID for a terminal; `read` throws CAPTURE_NOT_FOUND, CAPTURE_UNREADABLE
 */
export function pipeSource(path: string, socketPath: string | null = null): PipeSource {
  if (path === STANDARD_INPUT && socketPath === null && isatty(0)) throw terminalError();
  return new DigestedSource(path, () => {
    if (socketPath !== null) return new SocketSource(path, connect(socketPath));
    return path === STANDARD_INPUT ? standardInput() : namedPipe(path);
  });
}

export function terminalError(): AppError {
  const message = 'standard input is a terminal, where no capture comes from: pipe one into it, or name a file';
  return new AppError('OPTION_INVALID', message);
}

function standardInput(): ByteSource {
  const stats = attempt(STANDARD_INPUT, () => fstatSync(0));
  if (stats.isFIFO() || stats.isSocket()) return new SocketSource(STANDARD_INPUT, new Socket(readableOf(0)));
  // A file, or a device such as /dev/null: neither keeps anybody waiting.
  return {
    name: STANDARD_INPUT,
    sizeBytes: null,
    read: (into) => attempt(STANDARD_INPUT, () => readSync(0, into, 0, into.length, null)),
    close: () => undefined,
  };
}

function namedPipe(path: string): ByteSource {
  // Without waiting: with it, nothing but a writer could end the wait, not even Ctrl-C.
  const descriptor = attempt(path, () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    return new SocketSource(path, new Socket(readableOf(descriptor)));
  } catch (cause) {
    closeSync(descriptor);
    throw cause;
  }
}

const readableOf = (fd: number): { fd: number; readable: true; writable: false } => {
  return { fd, readable: true, writable: false };
};

/** A pipe or a socket, read as octets come. */
class SocketSource implements ByteSource {
  readonly name: string;
  readonly sizeBytes = null;
  readonly #socket: Socket;
  #rest: Buffer | null = null;
  #fault: NodeJS.ErrnoException | null = null;
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor(name: string, socket: Socket) {
    this.name = name;
    this.#socket = socket;
    socket.on('readable', () => this.#wake());
    socket.on('end', () => {
      this.#isOver = true;
      this.#wake();
    });
    socket.on('error', (fault) => {
      this.#fault = fault;
      this.#wake();
    });
  }

  read(into: Uint8Array): number | Promise<number> {
    this.#rest ??= this.#socket.read() as Buffer | null;
    if (this.#rest !== null) {
      const count = Math.min(this.#rest.length, into.length);
      into.set(this.#rest.subarray(0, count));
      this.#rest = count === this.#rest.length ? null : this.#rest.subarray(count);
      return count;
    }
    if (this.#fault !== null) {
      const fault = this.#fault;
      return attempt(this.name, () => {
        throw fault;
      });
    }
    return this.#isOver ? 0 : this.#readLater(into);
  }

  close(): void {
    this.#socket.destroy();
  }

  async #readLater(into: Uint8Array): Promise<number> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    return await this.read(into);
  }
}

/** Keeps of what flows through what a survey finds out about a file. */
class DigestedSource implements PipeSource {
  readonly name: string;
  readonly sizeBytes = null;
  readonly #open: () => ByteSource;
  #source: ByteSource | null = null;
  #bytes = 0;
  readonly #head = createHash('sha256');
  /** The last octets, those at `#bytes` modulo its length being the oldest. */
  readonly #tail = Buffer.alloc(SAMPLE_BYTES);

  constructor(name: string, open: () => ByteSource) {
    this.name = name;
    this.#open = open;
  }

  read(into: Uint8Array): number | Promise<number> {
    this.#source ??= this.#open();
    const count = this.#source.read(into);
    return typeof count === 'number' ? this.#note(into, count) : count.then((later) => this.#note(into, later));
  }

  close(): void {
    this.#source?.close();
  }

  facts(): PipeFacts {
    const bytes = this.#bytes;
    const at = bytes % SAMPLE_BYTES;
    const tail =
      bytes <= SAMPLE_BYTES ? [this.#tail.subarray(0, bytes)] : [this.#tail.subarray(at), this.#tail.subarray(0, at)];
    const tailHash = createHash('sha256');
    for (const part of tail) tailHash.update(part);
    return { sizeBytes: bytes, headDigest: this.#head.copy().digest('hex'), tailDigest: tailHash.digest('hex') };
  }

  #note(into: Uint8Array, count: number): number {
    if (this.#bytes < SAMPLE_BYTES) this.#head.update(into.subarray(0, Math.min(count, SAMPLE_BYTES - this.#bytes)));
    let octets = into.subarray(Math.max(0, count - SAMPLE_BYTES), count);
    let at = (this.#bytes + count - octets.length) % SAMPLE_BYTES;
    this.#bytes += count;
    while (octets.length > 0) {
      const part = octets.subarray(0, SAMPLE_BYTES - at);
      this.#tail.set(part, at);
      octets = octets.subarray(part.length);
      at = 0;
    }
    return count;
  }
}
