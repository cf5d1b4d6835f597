import type { Decoder, Frame } from '../capture/decoder';
import type { FoundPacket } from '../capture/entry-packets';
import { PACKET_FLAG, PROTOCOL, type PacketBatch } from '../capture/packet-batch';
import type { PlacedRows } from '../nat/emulator-columns';
import type { SessionTrace, WindowSink } from '../window/window-aggregator';

/** What tells a log entry from all others of its run. */
export interface TracedEntry {
  readonly sessionId: number;
  readonly windowStart: number;
  /** IPv4 in host order; null where it was not recorded. */
  readonly pubIp: number | null;
  /** Null where only the public side was captured. */
  readonly priIp: number | null;
  readonly natIp: number;
  /** Number of its last packet, in the order in which the gateway saw them. */
  readonly lastPacket: number;
}

/** A packet that may be of the entry, with its IP octets. */
interface WaitingPacket {
  readonly packet: FoundPacket;
  readonly ipBytes: number;
  /** See `PlacedRows`; 0 once it is known that it is of the entry. */
  kept: number;
}

/**
 * Picks out the packets of one log entry while all packets go through the gateway again, which tells of each in which
 * session it counts.
 *
 * Frames are in memory only while their rows are read, which is before they are put in order. So those from or to the
 * entry's public address are kept until their turn; that address is the same on both sides of the gateway. Where it was not
 * recorded, those from or to either address of the other end are kept.
 */
export class EntryTrace implements WindowSink, SessionTrace {
  /** Found so far, and their IP octets. */
  packets = 0;
  ipBytes = 0;
  /** Whether the last packet of the entry was there: nothing more is to be found. */
  isOver = false;
  readonly #entry: TracedEntry;
  readonly #addresses: readonly (number | null)[];
  readonly #windowSec: number;
  readonly #emit: (packet: FoundPacket) => void;
  readonly #frames = new Map<number, Frame>();
  /** In order; the first may be of another session still. */
  #waiting: WaitingPacket[] = [];

  /**
   * @param windowSec length of windows
   * @param emit is given the packets of the entry, in order
   */
  constructor(entry: TracedEntry, windowSec: number, emit: (packet: FoundPacket) => void) {
    this.#entry = entry;
    this.#windowSec = windowSec;
    this.#addresses = entry.pubIp === null ? [entry.priIp, entry.natIp] : [entry.pubIp];
    this.#emit = emit;
  }

  get trace(): SessionTrace {
    return this;
  }

  /** @param decoder reads the captures; its `onRows` is taken */
  follow(decoder: Decoder): void {
    decoder.onRows = (batch, firstRow) => {
      for (let row = firstRow; row < batch.length; row++) {
        if (this.#isConcerned(batch, row)) this.#frames.set(batch.packetNo[row]!, decoder.frameOf(row - firstRow));
      }
    };
  }

  placed(batch: PacketBatch, from: number, to: number, { window, session, kept }: PlacedRows): void {
    if (this.#frames.size === 0) return;
    for (let row = from; row < to; row++) {
      const packetNo = batch.packetNo[row]!;
      const frame = this.#frames.get(packetNo);
      if (frame === undefined) continue;
      this.#frames.delete(packetNo);
      if (!this.#isOfWindow(window[row]!, batch.tsSec[row]!)) continue;
      if (session[row] !== this.#entry.sessionId && kept[row] === 0) continue;
      const packet = { packetNo, tsSec: batch.tsSec[row]!, tsNsec: batch.tsNsec[row]!, frame };
      this.#waiting.push({ packet, ipBytes: batch.ipBytes[row]!, kept: kept[row]! });
    }
    this.#handOn();
  }

  settled(kept: number, session: number): void {
    if (this.#waiting.length === 0) return;
    if (session !== this.#entry.sessionId) this.#waiting = this.#waiting.filter((each) => each.kept !== kept);
    for (const each of this.#waiting) if (each.kept === kept) each.kept = 0;
    this.#handOn();
  }

  entries(): void {
    // Their packets are what is wanted.
  }

  events(): void {
    // As entries.
  }

  #handOn(): void {
    let done = 0;
    for (const { packet, ipBytes, kept } of this.#waiting) {
      if (kept !== 0 || this.isOver) break;
      this.packets++;
      this.ipBytes += ipBytes;
      this.#emit(packet);
      this.isOver = packet.packetNo === this.#entry.lastPacket;
      done++;
    }
    if (done > 0) this.#waiting.splice(0, done);
  }

  /** Of what is kept the window is not known where it depends on the session, but it is one that holds the packet's time. */
  #isOfWindow(window: number, sec: number): boolean {
    const { windowStart } = this.#entry;
    return Number.isNaN(window) ? sec >= windowStart && sec < windowStart + this.#windowSec : window === windowStart;
  }

  /** Whether a packet, or what it quotes, is from or to such an address. */
  #isConcerned(batch: PacketBatch, row: number): boolean {
    const isSought = (address: number): boolean => this.#addresses.includes(address);
    // What has a reason, or is no IPv4, has stale columns.
    if (batch.reason[row] !== 0 || batch.ipVersion[row] !== 4) return false;
    if (isSought(batch.srcIp[row]!) || isSought(batch.dstIp[row]!)) return true;
    if (batch.protocol[row] !== PROTOCOL.icmp || (batch.flags[row]! & PACKET_FLAG.icmpError) === 0) return false;
    return isSought(batch.quotedAddress[row * 8]!) || isSought(batch.quotedAddress[row * 8 + 4]!);
  }
}
