import type { Frame, TextCoder } from '../../src-main/contract/frame-codec';
import { encodeFrame, FrameReader } from '../../src-main/contract/frame-codec';
import type { FrameTransport, TransportListener } from '../../src-main/contract/frame-transport';
import type { EnginePipe, EnginePipeListener } from '../../src-main/contract/host-bridge';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const textCoder: TextCoder = {
  encode: (text) => encoder.encode(text),
  decode: (bytes) => decoder.decode(bytes),
};

/** Frames over the bytes that a host passes on. What cannot be read ends the connection: nothing after it could be trusted. */
export class EngineTransport implements FrameTransport {
  readonly #connect: (listener: EnginePipeListener) => EnginePipe;
  #pipe: EnginePipe | null = null;
  #isClosed = false;

  constructor(connect: (listener: EnginePipeListener) => EnginePipe) {
    this.#connect = connect;
  }

  listen(listener: TransportListener): void {
    const reader = new FrameReader(textCoder);
    const close = (): void => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      listener.onClose();
    };
    this.#pipe = this.#connect({
      onBytes: (bytes) => {
        if (this.#isClosed) return;
        let frames: Frame[];
        try {
          frames = reader.push(bytes);
        } catch {
          this.#pipe?.close();
          close();
          return;
        }
        for (const frame of frames) listener.onFrame(frame);
      },
      onClose: close,
    });
  }

  /** The host holds what it cannot pass on at once: a window only sends requests, which are small. */
  // eslint-disable-next-line @typescript-eslint/require-await -- what `encodeFrame` throws must come as a rejection
  async send(frame: Frame): Promise<void> {
    if (this.#isClosed) return;
    this.#pipe?.send(encodeFrame(frame, textCoder));
  }

  close(): void {
    this.#pipe?.close();
  }
}
