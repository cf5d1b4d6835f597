import type { Frame } from './decoded-frames';
import type { Decoder } from './decoder';
import { PACKET_FLAG, PROTOCOL, hasPorts, type PacketBatch } from './packet-batch';

const ICMP_ECHO_REPLY = 0;
const ICMP_ECHO_REQUEST = 8;
/** Timestamp, information and mask: requests have odd numbers, replies the even ones behind them. */
const ICMP_TIMESTAMP_REQUEST = 13;
const ICMP_MASK_REPLY = 18;
/** Unreachable, time exceeded, parameter problem: the errors that are translated. @see RFC 5508 REQ-10 */
const ICMP_TRANSLATED_ERRORS: readonly number[] = [3, 11, 12];
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
 * Finds packets in a stream that is in the order in which the gateway saw them: those of an entry's five-tuple, and the
 * ICMP errors about it, from the first to the last one of the entry.
 *
 * All packets of the entry are among them, unless its translation was observed, or an ICMP error came in fragments. Now and then there are others: a SYN that
 * opened the next session of the five-tuple before the last packet of this one, packets of the same addresses in another
 * VLAN, or such as the gateway dropped. So what was found is what the entry counts if, and only if, it is as many packets.
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
  readonly #isInside: (address: number) => boolean;
  readonly #emit: (packet: FoundPacket) => void;
  readonly #portsOut: number;
  readonly #portsIn: number;
  readonly #kept = new Map<number, Frame>();
  #hasBegun = false;
  #isOver = false;

  /**
   * @param decoder reads the captures; its `tellRows` is taken
   * @param isInside whether an address is of a host behind the gateway
   * @param emit is given the packets, in order
   */
  constructor(
    entry: SoughtEntry,
    decoder: Decoder,
    isInside: (address: number) => boolean,
    emit: (packet: FoundPacket) => void,
  ) {
    this.#entry = entry;
    this.#decoder = decoder;
    this.#isInside = isInside;
    this.#emit = emit;
    this.#portsOut = ((entry.priPort << 16) | entry.pubPort) >>> 0;
    this.#portsIn = ((entry.pubPort << 16) | entry.priPort) >>> 0;
    decoder.tellRows((batch, firstRow) => this.#keep(batch, firstRow));
  }

  /** Whether the last packet of the entry was there: nothing more is to be found. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Takes packets in the order in which the gateway saw them, fragments with the ports of their first ones. */
  push(batch: PacketBatch): void {
    for (let row = 0; row < batch.length; row++) {
      if (this.#isBetween(batch, row) || this.#isAbout(batch, row)) this.#take(batch, row);
    }
  }

  #keep(batch: PacketBatch, firstRow: number): void {
    if (this.#isOver) return;
    for (let row = firstRow; row < batch.length; row++) {
      if (!this.#mayBeOfSession(batch, row)) continue;
      this.#kept.set(batch.packetNo[row]!, this.#decoder.frameOf(row - firstRow));
    }
  }

  /** Before fragments have their ports. */
  #mayBeOfSession(batch: PacketBatch, row: number): boolean {
    if (this.#isAbout(batch, row)) return true;
    if (!this.#isBetween(batch, row)) return false;
    return (batch.flags[row]! & ANY_FRAGMENT) !== 0 || this.#isOfSession(batch, row);
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
    if (!this.#isAbout(batch, row) && !this.#isOfSession(batch, row)) return;
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
    if (this.#entry.protocol !== PROTOCOL.icmp) {
      return !hasPorts(this.#entry.protocol) || ports[row] === (isOut ? this.#portsOut : this.#portsIn);
    }
    // Requests go out and replies come in; all other queries are in no entry.
    return (isOut ? isRequest(l4Kind[row]!) : isReply(l4Kind[row]!)) && ports[row]! >>> 16 === this.#entry.priPort;
  }

  /** Whether a packet is an ICMP error that the gateway lets pass, about a packet of the five-tuple. */
  #isAbout(batch: PacketBatch, row: number): boolean {
    const { protocol, flags, reason, l4Kind, srcIp, dstIp, quotedVersion, quotedProtocol } = batch;
    if (protocol[row] !== PROTOCOL.icmp || (flags[row]! & PACKET_FLAG.icmpError) === 0) return false;
    if (reason[row] !== 0 || batch.ipVersion[row] !== 4 || quotedVersion[row] !== 4) return false;
    if (quotedProtocol[row] !== this.#entry.protocol) return false;
    if (!ICMP_TRANSLATED_ERRORS.includes(l4Kind[row]!)) return false;
    if ((flags[row]! & (PACKET_FLAG.badIcmpChecksum | ANY_FRAGMENT)) === PACKET_FLAG.badIcmpChecksum) return false;
    const isOut = this.#isInside(srcIp[row]!);
    if (isOut === this.#isInside(dstIp[row]!)) return false;
    // One that comes in goes to the sender of what it quotes.
    return this.#isQuoted(batch, row, isOut) && (isOut || dstIp[row] === this.#entry.priIp);
  }

  /** @param isOut the error goes out, so what it quotes came in */
  #isQuoted({ quotedAddress, quotedPorts }: PacketBatch, row: number, isOut: boolean): boolean {
    const { protocol, priIp, priPort, pubIp } = this.#entry;
    const [src, dst] = isOut ? [pubIp, priIp] : [priIp, pubIp];
    if (quotedAddress[row * 8] !== src || quotedAddress[row * 8 + 4] !== dst) return false;
    const ports = quotedPorts[row]!;
    if (protocol === PROTOCOL.icmp) return ports >>> 16 === priPort;
    return !hasPorts(protocol) || ports === (isOut ? this.#portsIn : this.#portsOut);
  }
}

function isRequest(type: number): boolean {
  return type === ICMP_ECHO_REQUEST || (type >= ICMP_TIMESTAMP_REQUEST && type < ICMP_MASK_REPLY && type % 2 === 1);
}

function isReply(type: number): boolean {
  return type === ICMP_ECHO_REPLY || (type > ICMP_TIMESTAMP_REQUEST && type <= ICMP_MASK_REPLY && type % 2 === 0);
}
