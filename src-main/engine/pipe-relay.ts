import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImportRequest } from '../contract/imports';
import { pipeSource, type PipeSource } from './pipe-source';

const CHUNK_BYTES = 64 << 10;

/** Relays of this process so far: where sockets are in no folder, their names have to differ. */
let relays = 0;

export interface PipeRelay {
  /** For whoever reads there what can be read once, or by this process alone. */
  readonly streams: NonNullable<ImportRequest['streams']>;
  /** Rejects when one of them cannot be read to its end, which whoever reads there does not come to see then. */
  readonly fault: Promise<never>;
  close(): void;
}

/** A pipe, and where its octets come from; null for the pipe itself. */
export interface RelayedPipe {
  readonly capture: string;
  readonly socketPath: string | null;
}

/**
 * Sends what comes from pipes to the first that connect to a socket which only this user can reach. Each gets all of it: what
 * one has not taken yet holds the others up, a chunk ahead, so that nothing is kept of what they are behind; one that has had
 * enough holds up nobody.
 *
 * @param readers how many connect, before any of them gets anything
 * @throws AppError OPTION_INVALID for a terminal
 */
export async function relayPipes(pipes: readonly RelayedPipe[], readers = 1): Promise<PipeRelay> {
  const folder = process.platform === 'win32' ? null : mkdtempSync(join(tmpdir(), 'natscope-'));
  const relay = new Relay(folder, readers);
  try {
    for (const pipe of pipes) await relay.add(pipe);
    return relay;
  } catch (cause) {
    relay.close();
    throw cause;
  }
}

class Relay implements PipeRelay {
  readonly streams: { readonly capture: string; readonly socketPath: string }[] = [];
  readonly fault: Promise<never>;
  /** Only this user can enter it; null where sockets are not in folders. */
  readonly #folder: string | null;
  readonly #readers: number;
  readonly #no = relays++;
  readonly #servers: Server[] = [];
  readonly #stops: (() => void)[] = [];
  #fail: (cause: unknown) => void = () => undefined;

  constructor(folder: string | null, readers: number) {
    this.#folder = folder;
    this.#readers = readers;
    this.fault = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    // It may come when nobody waits for it any more.
    this.fault.catch(() => undefined);
  }

  async add({ capture, socketPath: from }: RelayedPipe): Promise<void> {
    const source = pipeSource(capture, from);
    const name = `${this.streams.length}`;
    const socketPath =
      this.#folder === null
        ? `\\\\.\\pipe\\natscope-${process.pid}-${this.#no}-${name}`
        : join(this.#folder, `${name}.sock`);
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      // Whoever reads has had enough, or is gone.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        if (sockets.length === this.#readers && sockets.every(({ destroyed }) => destroyed)) source.close();
      });
      if (sockets.length < this.#readers) return;
      server.close();
      this.#send(source, sockets);
    });
    this.#servers.push(server);
    this.#stops.push(() => {
      source.close();
      for (const socket of sockets) socket.destroy();
    });
    server.listen(socketPath);
    await once(server, 'listening');
    this.streams.push({ capture, socketPath });
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const stop of this.#stops) stop();
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  }

  #send(source: PipeSource, sockets: readonly Socket[]): void {
    const isOver = (): boolean => sockets.every(({ destroyed }) => destroyed);
    const pump = async (): Promise<void> => {
      for (;;) {
        const chunk = new Uint8Array(CHUNK_BYTES);
        const count = await source.read(chunk);
        if (count === 0 || isOver()) break;
        await Promise.all(sockets.map((socket) => taken(socket, chunk.subarray(0, count))));
      }
      for (const socket of sockets) socket.end();
    };
    // The sockets stay open then: closed, it would look like the end.
    pump().catch((cause: unknown) => {
      if (!isOver()) this.#fail(cause);
    });
  }
}

/** @returns when more may be written, or nobody takes it any more */
async function taken(socket: Socket, octets: Uint8Array): Promise<void> {
  if (socket.destroyed || socket.write(octets)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}
