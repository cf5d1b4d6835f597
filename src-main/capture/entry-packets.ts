import type { Decoder, Frame } from './decoder';
import { PACKET_FLAG, PROTOCOL, type PacketBatch } from './packet-batch';

const ICMP_ECHO_REPLY = 0;
const ICMP_ECHO_REQUEST = 8;
const ANY_FRAGMENT = PACKET_FLAG.firstFragment | PACKET_FLAG.laterFragment;

/** What tells the packets of a log entry from all others. Addresses are IPv4 in host order. */
export interface SoughtEntry {
  readonly protocol: number;
  readonly priIp: number;
  /** Of ICMP the identifier. */
  readonly priPort: number;
  readonly pubIp: number;
  /** Of ICMP 0. */
  readonly pubPort: number;
  /** Numbers of its first and its last packet, in the order in which the gateway saw them. */
  readonly firstPacket: number;
  readonly lastPacket: number;
}

/** A packet of the entry. */
export interface FoundPacket {
  readonly packetNo: number;
  readonly tsSec: number;
  readonly tsNsec: number;
  readonly frame: Frame;
}

/**
 * Finds the packets of one log entry in a stream of packets that is in the order in which the gateway saw them: those
 * of its five-tuple, from its first to its last one. Between these two, no packet of that five-tuple is in another entry
 * or in none, but for what an ICMP identifier is shared by.
 *
 * Frames are in memory only while their rows are read, which is before they are put in order. So those that may be of the
 * entry are kept until their turn: of two seconds, or thirty if they are fragments.
 */
export class EntryPackets {
  /** Found so far, and their IP octets. */
  packets = 0;
  ipBytes = 0;
  readonly #entry: SoughtEntry;
  readonly #decoder: Decoder;
  readonly #emit: (packet: FoundPacket) => void;
  readonly #portsOut: number;
  readonly #portsIn: number;
  readonly #kept = new Map<number, Frame>();
  #hasBegun = false;
  #isOver = false;

  /**
   * @param decoder reads the captures; its `onRows` is taken
   * @param emit is given the packets of the entry, in order
   */
  constructor(entry: SoughtEntry, decoder: Decoder, emit: (packet: FoundPacket) => void) {
    this.#entry = entry;
    this.#decoder = decoder;
    this.#emit = emit;
    this.#portsOut = ((entry.priPort << 16) | entry.pubPort) >>> 0;
    this.#portsIn = ((entry.pubPort << 16) | entry.priPort) >>> 0;
    decoder.onRows = (batch, firstRow) => this.#keep(batch, firstRow);
  }

  /** Whether the last packet of the entry was there: nothing more is to be found. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Takes packets in the order in which the gateway saw them, fragments with the ports of their first ones. */
  push(batch: PacketBatch): void {
    for (let row = 0; row < batch.length; row++) {
      if (this.#isBetween(batch, row)) this.#take(batch, row);
    }
  }

  #keep(batch: PacketBatch, firstRow: number): void {
    if (this.#isOver) return;
    for (let row = firstRow; row < batch.length; row++) {
      if (!this.#isBetween(batch, row)) continue;
      const isFragment = (batch.flags[row]! & ANY_FRAGMENT) !== 0;
      if (!isFragment && !this.#isOfSession(batch, row)) continue;
      this.#kept.set(batch.packetNo[row]!, this.#decoder.frameOf(row - firstRow));
    }
  }

  #take(batch: PacketBatch, row: number): void {
    if (this.#isOver) return;
    const packetNo = batch.packetNo[row]!;
    const frame = this.#kept.get(packetNo);
    this.#kept.delete(packetNo);
    const { firstPacket, lastPacket } = this.#entry;
    this.#hasBegun ||= packetNo === firstPacket;
    if (!this.#hasBegun || frame === undefined) return;
    this.#isOver = packetNo === lastPacket;
    if (!this.#isOfSession(batch, row)) return;
    this.packets++;
    this.ipBytes += batch.ipBytes[row]!;
    this.#emit({ packetNo, tsSec: batch.tsSec[row]!, tsNsec: batch.tsNsec[row]!, frame });
  }

  /** Whether a packet is between the two hosts, with the entry's protocol. */
  #isBetween({ srcIp, dstIp, protocol, ipVersion, reason }: PacketBatch, row: number): boolean {
    const { priIp, pubIp } = this.#entry;
    const src = srcIp[row]!;
    if (src !== priIp && src !== pubIp) return false;
    if (dstIp[row] !== (src === priIp ? pubIp : priIp)) return false;
    // What has a reason, or is no IPv4, has stale columns.
    return protocol[row] === this.#entry.protocol && reason[row] === 0 && ipVersion[row] === 4;
  }

  /** Of packets between the two hosts: false for those of another session, or of none. */
  #isOfSession({ flags, ports, srcIp, l4Kind }: PacketBatch, row: number): boolean {
    if ((flags[row]! & PACKET_FLAG.laterFragment) !== 0) return false;
    const isOut = srcIp[row] === this.#entry.priIp;
    if (this.#entry.protocol !== PROTOCOL.icmp) return ports[row] === (isOut ? this.#portsOut : this.#portsIn);
    // Queries go out and replies come in; all others are in no entry.
    return l4Kind[row] === (isOut ? ICMP_ECHO_REQUEST : ICMP_ECHO_REPLY) && ports[row]! >>> 16 === this.#entry.priPort;
  }
}
