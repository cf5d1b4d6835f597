import type { Socket } from 'node:net';
import type { IpcMainEvent, WebContents } from 'electron';
import { CHANNEL } from '../contract/electron-channels';

/** A window has one connection, and another while a page is exchanged for the next. */
const MAX_PIPES = 16;

interface Pipe {
  socket: Socket | null;
  /** What came before there was a socket. */
  readonly early: Uint8Array[];
}

/**
 * Passes bytes between a window and the engine, unopened, one socket for each connection of the window. The engine's
 * own protocol, whose batches are acknowledged, bounds what is under way.
 */
export class EnginePipes {
  readonly #contents: WebContents;
  readonly #connect: () => Promise<Socket>;
  readonly #pipes = new Map<number, Pipe>();

  /** @param isTrusted whether a message comes from our page */
  constructor(contents: WebContents, connect: () => Promise<Socket>, isTrusted: (event: IpcMainEvent) => boolean) {
    this.#contents = contents;
    this.#connect = connect;
    contents.ipc.on(CHANNEL.pageBegins, (event) => {
      if (isTrusted(event)) this.dropAll();
    });
    const listen = (channel: string, listener: (id: number, bytes: unknown) => void): void => {
      contents.ipc.on(channel, (event, id: unknown, bytes: unknown) => {
        if (isTrusted(event) && typeof id === 'number' && Number.isSafeInteger(id)) listener(id, bytes);
      });
    };
    listen(CHANNEL.engineOpen, (id) => void this.#open(id));
    listen(CHANNEL.engineBytes, (id, bytes) => this.#pass(id, bytes));
    listen(CHANNEL.engineClose, (id) => this.#drop(id));
  }

  /** Ends the connections of a page that is gone, of which nobody hears any more. */
  dropAll(): void {
    for (const id of [...this.#pipes.keys()]) this.#drop(id);
  }

  async #open(id: number): Promise<void> {
    if (this.#pipes.has(id)) return;
    if (this.#pipes.size >= MAX_PIPES) {
      this.#send(CHANNEL.engineClose, id);
      return;
    }
    const pipe: Pipe = { socket: null, early: [] };
    this.#pipes.set(id, pipe);
    const socket = await this.#connect().catch(() => null);
    if (this.#pipes.get(id) !== pipe) {
      socket?.destroy();
      return;
    }
    if (socket === null) {
      this.#close(id, pipe);
      return;
    }
    pipe.socket = socket;
    // A buffer of Node may be a part of a larger one, all of which would be sent.
    socket.on('data', (chunk: Buffer) => this.#send(CHANNEL.engineBytes, id, Uint8Array.from(chunk)));
    // The close that follows an error says all that there is to say.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#close(id, pipe));
    for (const bytes of pipe.early.splice(0)) socket.write(bytes);
  }

  #pass(id: number, bytes: unknown): void {
    const pipe = this.#pipes.get(id);
    if (pipe === undefined) return;
    if (!(bytes instanceof Uint8Array)) {
      this.#drop(id);
      this.#send(CHANNEL.engineClose, id);
    } else if (pipe.socket === null) pipe.early.push(bytes);
    else if (pipe.socket.writable) pipe.socket.write(bytes);
  }

  #drop(id: number): void {
    const pipe = this.#pipes.get(id);
    this.#pipes.delete(id);
    pipe?.socket?.destroy();
  }

  #close(id: number, pipe: Pipe): void {
    if (this.#pipes.get(id) !== pipe) return;
    this.#pipes.delete(id);
    this.#send(CHANNEL.engineClose, id);
  }

  #send(channel: string, ...values: unknown[]): void {
    if (!this.#contents.isDestroyed()) this.#contents.send(channel, ...values);
  }
}
