import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImportRequest } from '../contract/imports';
import { isPipe, pipeSource } from '../engine/pipe-source';
import type { EngineSession } from './engine-session';

const CHUNK_BYTES = 64 << 10;

interface PipeRelay {
  /** For the engine of another process, which reads there what only this process can read. */
  readonly streams: NonNullable<ImportRequest['streams']>;
  /** Rejects when one of them cannot be read to its end, which whoever reads there does not come to see then. */
  readonly fault: Promise<never>;
  close(): void;
}

/**
 * Sends what comes from standard input and from pipes to whoever connects first to a socket that only this user can
 * reach. A path such as `/dev/fd/63` names a pipe of this process alone.
 *
 * @param captures of which those that are files are left out
 */
async function relayPipes(captures: readonly string[]): Promise<PipeRelay> {
  const folder = process.platform === 'win32' ? null : mkdtempSync(join(tmpdir(), 'natscope-'));
  const relay = new Relay(folder);
  try {
    for (const capture of captures.filter(isPipe)) await relay.add(capture);
    return relay;
  } catch (cause) {
    relay.close();
    throw cause;
  }
}

/**
 * Runs a call with what it needs to read standard input and pipes. The engine of another process has another standard
 * input, and other pipes: it is sent what comes from ours.
 *
 * @param run is given no streams where the engine reads for itself
 */
export async function withPipes<T>(
  engine: Pick<EngineSession, 'isHere'>,
  paths: readonly string[],
  run: (streams: PipeRelay['streams'] | undefined) => Promise<T>,
): Promise<T> {
  if (engine.isHere) return run(undefined);
  const relay = await relayPipes(paths);
  try {
    return await Promise.race([run(relay.streams), relay.fault]);
  } finally {
    relay.close();
  }
}

class Relay implements PipeRelay {
  readonly streams: { readonly capture: string; readonly socketPath: string }[] = [];
  readonly fault: Promise<never>;
  /** Only this user can enter it; null where sockets are not in folders. */
  readonly #folder: string | null;
  readonly #servers: Server[] = [];
  readonly #stops: (() => void)[] = [];
  #fail: (cause: unknown) => void = () => undefined;

  constructor(folder: string | null) {
    this.#folder = folder;
    this.fault = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    // It may come when nobody waits for it any more.
    this.fault.catch(() => undefined);
  }

  async add(capture: string): Promise<void> {
    const name = `${this.streams.length}`;
    const socketPath =
      this.#folder === null ? `\\\\.\\pipe\\natscope-${process.pid}-${name}` : join(this.#folder, `${name}.sock`);
    const server = createServer((socket) => {
      server.close();
      this.#send(capture, socket);
    });
    this.#servers.push(server);
    server.listen(socketPath);
    await once(server, 'listening');
    this.streams.push({ capture, socketPath });
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const stop of this.#stops) stop();
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  }

  #send(capture: string, socket: Socket): void {
    const source = pipeSource(capture);
    const stop = (): void => {
      source.close();
      socket.destroy();
    };
    this.#stops.push(stop);
    // Whoever reads has had enough, or is gone.
    socket.on('error', stop).on('close', stop);
    const pump = async (): Promise<void> => {
      for (;;) {
        const chunk = new Uint8Array(CHUNK_BYTES);
        const count = await source.read(chunk);
        if (count === 0 || socket.destroyed) break;
        if (!socket.write(chunk.subarray(0, count))) await once(socket, 'drain');
      }
      socket.end();
    };
    // The socket stays open then: closed, it would look like the end.
    pump().catch((cause: unknown) => {
      if (!socket.destroyed) this.#fail(cause);
    });
  }
}
