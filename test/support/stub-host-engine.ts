import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EngineState } from '../../src-main/contract/host-bridge';
import type { HostEngine } from '../../src-main/serve/host-engine';

/** In the place of the engine process: a real local socket, whose far ends are the test's. */
export class StubHostEngine implements HostEngine {
  /** Far ends of the connections, the newest last. */
  readonly accepted: Socket[] = [];
  restarts = 0;
  #state: EngineState = { kind: 'ready' };
  readonly #listeners = new Set<(state: EngineState) => void>();
  readonly #socketPath: string;
  readonly #server: Server;

  /** @param folder of its socket */
  constructor(folder: string) {
    this.#socketPath = join(folder, 'stub.sock');
    this.#server = createServer((socket) => {
      socket.on('error', () => undefined);
      this.accepted.push(socket);
    });
  }

  async listen(): Promise<this> {
    this.#server.listen(this.#socketPath);
    await once(this.#server, 'listening');
    onTestFinished(() => {
      for (const socket of this.accepted) socket.destroy();
      this.#server.close();
    });
    return this;
  }

  get state(): EngineState {
    return this.#state;
  }

  become(state: EngineState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }

  onState(listener: (state: EngineState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async connect(): Promise<Socket> {
    if (this.#state.kind === 'down') throw new Error('the engine is down');
    const socket = createConnection(this.#socketPath);
    await once(socket, 'connect');
    return socket;
  }

  restart(): Promise<void> {
    this.restarts += 1;
    this.become({ kind: 'ready' });
    return Promise.resolve();
  }
}
