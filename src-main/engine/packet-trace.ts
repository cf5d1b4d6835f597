import type { Frame } from '../capture/decoded-frames';
import type { Decoder } from '../capture/decoder';
import type { FoundPacket } from '../capture/entry-packets';
import { PACKET_FLAG, PROTOCOL, type PacketBatch } from '../capture/packet-batch';
import type { PlacedRows } from '../nat/emulator-columns';
import type { SessionTrace, WindowSink } from '../window/window-aggregator';
import type { FoundEntries } from './found-entries';

/** Octets of packets that wait behind one of which it is not known yet whether it is wanted. */
const MAX_WAITING_BYTES = 32 << 20;
const UNDECIDED = -2;

/**
 * @param packet its frame is there until the call returns
 * @param entry its place in the `FoundEntries`
 * @param isFirst of the entry
 */
export type OnTraced = (packet: FoundPacket, entry: number, isFirst: boolean) => void;

/** A packet that may be of an entry, with its IP octets. */
interface WaitingPacket {
  packet: FoundPacket;
  readonly ipBytes: number;
  /** Place of its entry; -1 for none of those that are looked for. */
  entry: number;
  /** Those behind it have gone on. */
  isPassed: boolean;
}

/**
 * Picks out the packets of log entries while all packets go through the gateway again, which tells of each in which session
 * it counts.
 *
 * Frames are in memory only while their rows are read, which is before they are put in order. So those of the entries'
 * addresses are kept until their turn. Of a SYN that may open its session anew only the answer tells in which session it
 * counts: packets behind it wait, up to 32 MiB of them; then they go on, and it comes when that is known.
 */
export class PacketTrace implements WindowSink, SessionTrace {
  /** Packets that come behind later ones. */
  outOfOrder = 0;
  readonly #entries: FoundEntries;
  readonly #emit: OnTraced;
  readonly #maxWaitingBytes: number;
  readonly #addresses: ReadonlySet<number>;
  /** By the upper half of an address: 1 where one of `#addresses` begins so. */
  readonly #byUpperHalf = new Uint8Array(0x10000);
  readonly #frames = new Map<number, Frame>();
  /** In order. */
  #waiting: WaitingPacket[] = [];
  #waitingBytes = 0;
  /** By what `PlacedRows` calls `kept`. */
  readonly #undecided = new Map<number, WaitingPacket[]>();
  /** Null until `follow`. */
  #decoder: Decoder | null = null;

  /**
   * @param emit is given the packets of the entries, in order
   */
  constructor(entries: FoundEntries, emit: OnTraced, maxWaitingBytes = MAX_WAITING_BYTES) {
    this.#entries = entries;
    this.#emit = emit;
    this.#maxWaitingBytes = maxWaitingBytes;
    this.#addresses = entries.addresses();
    for (const address of this.#addresses) this.#byUpperHalf[address >>> 16] = 1;
  }

  get trace(): SessionTrace {
    return this;
  }

  get packets(): number {
    return this.#entries.packets;
  }

  /** Nothing more is to be found. */
  get isOver(): boolean {
    return this.#entries.isComplete;
  }

  /** @param decoder reads the captures; its `tellRows` is taken */
  follow(decoder: Decoder): void {
    this.#decoder = decoder;
    decoder.tellRows((batch, firstRow) => {
      for (let row = firstRow; row < batch.length; row++) {
        if (this.#isConcerned(batch, row)) this.#frames.set(batch.packetNo[row]!, decoder.frameOf(row - firstRow));
      }
    });
  }

  placed(batch: PacketBatch, from: number, to: number, { window, session, kept }: PlacedRows): void {
    if (this.#frames.size === 0) return;
    for (let row = from; row < to; row++) {
      const packetNo = batch.packetNo[row]!;
      const frame = this.#frames.get(packetNo);
      if (frame === undefined) continue;
      this.#frames.delete(packetNo);
      const entry = kept[row] === 0 ? this.#entries.find(session[row]!, window[row]!) : UNDECIDED;
      if (entry === -1) {
        this.#decoder?.free(frame);
        continue;
      }
      const packet = { packetNo, tsSec: batch.tsSec[row]!, tsNsec: batch.tsNsec[row]!, frame };
      const ipBytes = batch.ipBytes[row]!;
      if (entry !== UNDECIDED && this.#waiting.length === 0) this.#handOver(packet, entry, ipBytes);
      else this.#wait({ packet, ipBytes, entry, isPassed: false }, kept[row]!);
    }
    this.#handOn();
  }

  settled(kept: number, session: number, window: number): void {
    const decided = this.#undecided.get(kept);
    if (decided === undefined) return;
    this.#undecided.delete(kept);
    for (const each of decided) {
      each.entry = this.#entries.find(session, window);
      if (!each.isPassed || each.entry < 0) continue;
      this.outOfOrder++;
      this.#handOver(each.packet, each.entry, each.ipBytes);
    }
    this.#handOn();
  }

  entries(): void {
    // Their packets are what is wanted.
  }

  events(): void {
    // As entries.
  }

  #wait(waiting: WaitingPacket, kept: number): void {
    this.#waiting.push(waiting);
    this.#waitingBytes += waiting.packet.frame.bytes.length;
    if (waiting.entry !== UNDECIDED) return;
    const same = this.#undecided.get(kept);
    if (same === undefined) this.#undecided.set(kept, [waiting]);
    else same.push(waiting);
  }

  #handOn(): void {
    let done = 0;
    for (const each of this.#waiting) {
      if (each.entry === UNDECIDED) {
        if (this.#waitingBytes <= this.#maxWaitingBytes) break;
        this.#pass(each);
      } else if (each.entry >= 0) {
        this.#handOver(each.packet, each.entry, each.ipBytes);
      } else {
        this.#decoder?.free(each.packet.frame);
      }
      this.#waitingBytes -= each.packet.frame.bytes.length;
      done++;
    }
    if (done > 0) this.#waiting.splice(0, done);
  }

  /** Its frame must not hold the memory of those around it. */
  #pass(waiting: WaitingPacket): void {
    const { packet } = waiting;
    waiting.packet = { ...packet, frame: { ...packet.frame, bytes: packet.frame.bytes.slice(), piece: null } };
    waiting.isPassed = true;
    this.#decoder?.free(packet.frame);
  }

  #handOver(packet: FoundPacket, entry: number, ipBytes: number): void {
    this.#emit(packet, entry, this.#entries.count(entry, ipBytes));
    this.#decoder?.free(packet.frame);
  }

  /** Whether a packet, or what it quotes, is from or to such an address. */
  #isConcerned(batch: PacketBatch, row: number): boolean {
    // What has a reason, or is no IPv4, has stale columns.
    if (batch.reason[row] !== 0 || batch.ipVersion[row] !== 4) return false;
    if (this.#isSought(batch.srcIp[row]!) || this.#isSought(batch.dstIp[row]!)) return true;
    if (batch.protocol[row] !== PROTOCOL.icmp || (batch.flags[row]! & PACKET_FLAG.icmpError) === 0) return false;
    return this.#isSought(batch.quotedAddress[row * 8]!) || this.#isSought(batch.quotedAddress[row * 8 + 4]!);
  }

  #isSought(address: number): boolean {
    return this.#byUpperHalf[address >>> 16] === 1 && this.#addresses.has(address);
  }
}
