import { basename } from 'node:path';
import { PACKETS_PER_CAPTURE } from '../capture/capture-merge';
import type { FoundPacket } from '../capture/entry-packets';
import { PcapngWriter } from '../capture/pcapng-writer';
import type { RunCapture } from '../duckdb/import-runs';

/** The packets of an entry as pcapng: an interface for each capture and link type, and a comment on each packet. */
export class PacketSlice {
  readonly writer: PcapngWriter;
  readonly #captures: readonly Pick<RunCapture, 'path'>[];
  readonly #description: string;
  readonly #interfaces = new Map<string, number>();
  #isFirst = true;

  constructor(captures: readonly Pick<RunCapture, 'path'>[], description: string) {
    this.#captures = captures;
    this.#description = description;
    const encoder = new TextEncoder();
    this.writer = new PcapngWriter((text) => encoder.encode(text), 'Natscope', `The packets of ${description}`);
  }

  add({ packetNo, tsSec, tsNsec, frame }: FoundPacket): void {
    const place = Math.floor(packetNo / PACKETS_PER_CAPTURE);
    const name = basename(this.#captures[place]?.path ?? '');
    const position = `packet ${packetNo % PACKETS_PER_CAPTURE} of ${name}`;
    const comment = this.#isFirst ? `${position}, the first of ${this.#description}` : position;
    this.#isFirst = false;
    const { linkType, bytes, wireBytes } = frame;
    this.writer.addPacket(this.#interfaceOf(place, linkType, name), tsSec, tsNsec, bytes, wireBytes, comment);
  }

  #interfaceOf(place: number, linkType: number, name: string): number {
    const key = `${place} ${linkType}`;
    const known = this.#interfaces.get(key);
    if (known !== undefined) return known;
    const added = this.writer.addInterface({ linkType, snapBytes: 0, name });
    this.#interfaces.set(key, added);
    return added;
  }
}
