import type { Frame } from './frame-codec';

export interface TransportListener {
  onFrame(frame: Frame): void;
  /** Once, when no frame can come or go any more, whoever ended it. */
  onClose(): void;
}

/** One end of a connection that carries frames in order. */
export interface FrameTransport {
  /** To be called once, and before anything is sent. */
  listen(listener: TransportListener): void;
  /**
   * Encodes at once, so that the arrays of a batch may be reused when this returns.
   *
   * @returns when the other end may be sent more; also when the connection has ended, where the frame is lost
   * @throws AppError INTERNAL, or REQUEST_INVALID for a call, when the frame is longer than the wire takes
   */
  send(frame: Frame): Promise<void>;
  close(): void;
}
