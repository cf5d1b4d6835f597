import type { Socket } from 'node:net';
import { toErrorShape } from '../../contract/errors';
import { encodeFrame, FrameReader, MAX_REQUEST_BYTES } from '../../contract/frame-codec';
import type { Frame, FrameAllowance } from '../../contract/frame-codec';
import type { FrameTransport, TransportListener } from '../../contract/frame-transport';
import { textCoder } from './text-coder';

/** How long a closing connection waits for its last bytes to be taken. */
const LINGER_MS = 500;
/** How long a client that is refused has to hear why; it may be sending still. */
const REFUSAL_MS = 2000;

/**
 * Frames over a local socket. What cannot be read ends the connection: nothing after it could be trusted. A client is told
 * why.
 */
export class SocketTransport implements FrameTransport {
  readonly #socket: Socket;
  readonly #inbound: FrameAllowance | null;
  readonly #waiting: (() => void)[] = [];

  /** @param inbound of the engine whose end of the connection this is; null at the end of a client */
  constructor(socket: Socket, inbound: FrameAllowance | null = null) {
    this.#socket = socket;
    this.#inbound = inbound;
    socket.on('drain', () => this.#wake());
    // The close that follows an error says all that there is to say.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#wake());
  }

  listen(listener: TransportListener): void {
    const reader = new FrameReader(
      textCoder,
      this.#inbound === null ? {} : { maxBytes: MAX_REQUEST_BYTES, allowance: this.#inbound },
    );
    let isUnreadable = false;
    this.#socket.on('data', (chunk: Buffer) => {
      // What comes until the connection has ended is let go by.
      if (isUnreadable) return;
      let frames: Frame[];
      try {
        frames = reader.push(chunk);
      } catch (cause) {
        isUnreadable = true;
        reader.release();
        this.#refuse(cause);
        return;
      }
      for (const frame of frames) listener.onFrame(frame);
    });
    this.#socket.on('close', () => {
      reader.release();
      listener.onClose();
    });
    if (this.#socket.closed) listener.onClose();
  }

  async send(frame: Frame): Promise<void> {
    const bytes = encodeFrame(frame, textCoder);
    if (!this.#socket.writable || this.#socket.write(bytes)) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Lets what was sent go out first, unless the other end has stopped reading. */
  close(): void {
    this.#giveUpAfter(LINGER_MS);
    this.#socket.end(() => this.#socket.destroy());
  }

  #giveUpAfter(ms: number): void {
    const giveUp = setTimeout(() => this.#socket.destroy(), ms);
    this.#socket.on('close', () => clearTimeout(giveUp));
  }

  #refuse(cause: unknown): void {
    if (this.#inbound === null) {
      this.#socket.destroy();
      return;
    }
    void this.send({ kind: 'goodbye', id: 0, error: toErrorShape(cause) });
    // Were it destroyed now, whoever is sending would learn that it broke, and never read why.
    this.#giveUpAfter(REFUSAL_MS);
    this.#socket.end();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
