import { PACKETS_PER_CAPTURE } from '../capture/capture-merge';
import { fileKey } from './capture-survey';
import type { RunCapture } from '../duckdb/import-runs';

const FIRST_BYTES = 1 << 16;

/** A bit for each packet of a capture. */
export class PacketBits {
  #bits = new Uint8Array(FIRST_BYTES);

  has(record: number): boolean {
    return ((this.#bits[Math.floor(record / 8)] ?? 0) & (1 << (record % 8))) !== 0;
  }

  /** @returns whether it was not set before */
  set(record: number): boolean {
    const at = Math.floor(record / 8);
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(Math.max(this.#bits.length * 2, at + 1));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    const bit = 1 << (record % 8);
    const isNew = (this.#bits[at]! & bit) === 0;
    this.#bits[at]! |= bit;
    return isNew;
  }
}

/** Knows which packets of captures that several imports read have been written, so that each is written once. */
export class WrittenPackets {
  /** Packets that were written before. */
  repeated = 0;
  readonly #shared = new Map<string, PacketBits>();
  #ofRun: readonly (PacketBits | undefined)[] = [];

  /** @param runs the captures of each import */
  constructor(runs: readonly (readonly RunCapture[])[]) {
    const readers = new Map<string, number>();
    for (const captures of runs) {
      for (const identity of new Set(captures.map(fileKey))) {
        readers.set(identity, (readers.get(identity) ?? 0) + 1);
      }
    }
    for (const [identity, count] of readers) if (count > 1) this.#shared.set(identity, new PacketBits());
  }

  /** The packets that follow are of an import of these captures. */
  enter(captures: readonly RunCapture[]): void {
    this.#ofRun = captures.map((capture) => this.#shared.get(fileKey(capture)));
  }

  /** @returns whether the packet was not written before; it has been now */
  add(packetNo: number): boolean {
    const isNew = this.#ofRun[Math.floor(packetNo / PACKETS_PER_CAPTURE)]?.set(packetNo % PACKETS_PER_CAPTURE) ?? true;
    if (!isNew) this.repeated++;
    return isNew;
  }
}
