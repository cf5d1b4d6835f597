import type { FrameAllowance } from '../../contract/frame-codec';

/** Of an engine: four of the longest requests at once. */
const INBOUND_BYTES = 64 << 20;

/** What the clients of an engine may hold together in requests that are half received. */
export class InboundAllowance implements FrameAllowance {
  #left: number;

  constructor(bytes = INBOUND_BYTES) {
    this.#left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}
