import { basename } from 'node:path';
import { PACKETS_PER_CAPTURE } from '../capture/capture-merge';
import type { FoundPacket } from '../capture/entry-packets';
import { PcapngWriter } from '../capture/pcapng-writer';
import type { PacketSide } from '../contract/packets';
import type { Notice } from '../contract/result-batch';
import type { RunCapture } from '../duckdb/import-runs';
import { PUBLIC_RESULT, PublicSide, type NatMapping, type PublicResult } from '../nat/public-side';
import { SLICE_APPLICATION, SLICE_COMMENT } from './slice-header';

/** Octets that are written at once. */
export const WRITE_BYTES = 1 << 20;
const RESULTS = Object.values(PUBLIC_RESULT).length;
/** What a reader of a packet has to know that is not as the others are. */
const REMARKS: Readonly<Record<PublicResult, string>> = {
  [PUBLIC_RESULT.asCaptured]: ', captured on the public side',
  [PUBLIC_RESULT.translated]: '',
  [PUBLIC_RESULT.completed]: ', its checksum computed, which was left to the network card',
  [PUBLIC_RESULT.unfinished]: ', its checksum left to the network card',
};

/** A capture, with the link type of its last packet and the interface that has it. */
interface SliceCapture {
  readonly path: string;
  readonly name: string;
  linkType: number;
  interfaceNo: number;
}

/** Packets of log entries as pcapng: an interface for each capture and link type, and a comment on each packet. */
export class PacketSlice {
  readonly writer: PcapngWriter;
  packets = 0;
  readonly #publicSide: PublicSide | null;
  readonly #interfaces = new Map<string, number>();
  #captures: readonly SliceCapture[] = [];
  /** Packets by what became of them on the public side. */
  readonly #results = new Float64Array(RESULTS);

  /** @param subject whose packets they are */
  constructor(subject: string, side: PacketSide) {
    this.#publicSide = side === 'public' ? new PublicSide() : null;
    const encoder = new TextEncoder();
    const comment = `${SLICE_COMMENT}${subject}${side === 'public' ? ', as the Internet saw them' : ''}`;
    this.writer = new PcapngWriter((text, into) => encoder.encodeInto(text, into).written, SLICE_APPLICATION, comment);
  }

  /** The packets that follow are numbered by these captures, which one import read. */
  enter(captures: readonly Pick<RunCapture, 'path'>[]): void {
    this.#captures = captures.map(({ path }) => ({ path, name: basename(path), linkType: -1, interfaceNo: -1 }));
  }

  /**
   * @param mapping of the packet's entry; null for a packet of none, which is written as it was captured
   * @param note behind what says where the packet is from
   */
  add({ packetNo, tsSec, tsNsec, frame }: FoundPacket, mapping: NatMapping | null, note: string): void {
    this.packets++;
    const capture = this.#captures[Math.floor(packetNo / PACKETS_PER_CAPTURE)]!;
    const where = `packet ${packetNo % PACKETS_PER_CAPTURE} of ${capture.name}`;
    const comment = `${where}${this.#translate(frame, mapping)}${note}`;
    const { linkType, bytes, wireBytes } = frame;
    this.writer.addPacket(this.#interfaceOf(capture, linkType), tsSec, tsNsec, bytes, wireBytes, comment);
  }

  /** What is not simply translated, with how many packets. */
  notices(): Notice[] {
    if (this.#publicSide === null) return [];
    const of = (result: PublicResult): number => this.#results[result]!;
    const card = 'With a checksum that was left to the network card';
    return [
      ...noticeOf('Captured on the public side, and written as they are', of(PUBLIC_RESULT.asCaptured)),
      ...noticeOf(`${card}, which was computed`, of(PUBLIC_RESULT.completed)),
      ...noticeOf(`${card}, and stays so, as not all of them was captured`, of(PUBLIC_RESULT.unfinished)),
    ];
  }

  /** @returns what is to be remarked */
  #translate(frame: FoundPacket['frame'], mapping: NatMapping | null): string {
    if (this.#publicSide === null || mapping === null) return '';
    const result = this.#publicSide.translate(frame, mapping);
    this.#results[result]!++;
    return REMARKS[result];
  }

  #interfaceOf(capture: SliceCapture, linkType: number): number {
    if (capture.linkType === linkType) return capture.interfaceNo;
    const key = `${linkType} ${capture.path}`;
    const interfaceNo =
      this.#interfaces.get(key) ?? this.writer.addInterface({ linkType, snapBytes: 0, name: capture.name });
    this.#interfaces.set(key, interfaceNo);
    capture.linkType = linkType;
    capture.interfaceNo = interfaceNo;
    return interfaceNo;
  }
}

function noticeOf(what: string, packets: number): Notice[] {
  return packets === 0 ? [] : [{ kind: 'info', text: `${what}: ${packets} ${packets === 1 ? 'packet' : 'packets'}.` }];
}
