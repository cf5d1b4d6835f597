import type { Socket } from 'node:net';
import { encodeFrame, FrameReader } from '../../contract/frame-codec';
import type { Frame } from '../../contract/frame-codec';
import type { FrameTransport, TransportListener } from '../../contract/frame-transport';
import { textCoder } from './text-coder';

/** How long a closing connection waits for its last bytes to be taken. */
const LINGER_MS = 500;

/** Frames over a local socket. What cannot be read ends the connection: nothing after it could be trusted. */
export class SocketTransport implements FrameTransport {
  readonly #socket: Socket;
  readonly #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => this.#wake());
    // The close that follows an error says all that there is to say.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#wake());
  }

  listen(listener: TransportListener): void {
    const reader = new FrameReader(textCoder);
    this.#socket.on('data', (chunk: Buffer) => {
      let frames: Frame[];
      try {
        frames = reader.push(chunk);
      } catch {
        this.#socket.destroy();
        return;
      }
      for (const frame of frames) listener.onFrame(frame);
    });
    this.#socket.on('close', () => listener.onClose());
    if (this.#socket.closed) listener.onClose();
  }

  async send(frame: Frame): Promise<void> {
    const bytes = encodeFrame(frame, textCoder);
    if (!this.#socket.writable || this.#socket.write(bytes)) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Lets what was sent go out first, unless the other end has stopped reading. */
  close(): void {
    const giveUp = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.on('close', () => clearTimeout(giveUp));
    this.#socket.end(() => this.#socket.destroy());
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
