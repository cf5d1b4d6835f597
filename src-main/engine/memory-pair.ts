import { encodeFrame, FrameReader } from '../contract/frame-codec';
import type { Frame } from '../contract/frame-codec';
import type { FrameTransport, TransportListener } from '../contract/frame-transport';
import { textCoder } from './protocol/text-coder';

class MemoryTransport implements FrameTransport {
  readonly #reader = new FrameReader(textCoder);
  #other: MemoryTransport | null = null;
  #listener: TransportListener | null = null;
  #closed = false;

  join(other: MemoryTransport): void {
    this.#other = other;
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
  }

  async send(frame: Frame): Promise<void> {
    const bytes = encodeFrame(frame, textCoder);
    // A turn of the event loop between the two ends, as a socket has, so that a flood leaves room for a cancel.
    await new Promise<void>((resolve) => {
      setImmediate(() => {
        this.#other?.receive(bytes);
        resolve();
      });
    });
  }

  close(): void {
    setImmediate(() => {
      this.end();
      this.#other?.end();
    });
  }

  receive(bytes: Uint8Array): void {
    if (this.#closed) return;
    for (const frame of this.#reader.push(bytes)) this.#listener?.onFrame(frame);
  }

  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener?.onClose();
  }
}

/** Two ends of a connection within one process, through the same bytes as a socket's. */
export function memoryPair(): readonly [FrameTransport, FrameTransport] {
  const one = new MemoryTransport();
  const other = new MemoryTransport();
  one.join(other);
  other.join(one);
  return [one, other];
}
