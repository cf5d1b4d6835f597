import type { DecoderExports, ExportedName } from './decoder-exports';
import { BATCH_ROWS, PACKET_FLAG, PROTOCOL, type PacketBatch } from './packet-batch';

const TCP_HEADER_BYTES = 20;
/** Of UDP, and of ICMP: what every message begins with. */
const SHORT_HEADER_BYTES = 8;
/** Where TCP says how long its header is. @see RFC 9293 §3.1 */
const TCP_OFFSET_AT = 12;

/** Lengths of the frames that have just been decoded, from where the module has them. */
export class FrameLengths {
  readonly buffer: ArrayBuffer;
  readonly #memory: Uint8Array;
  readonly #at: Uint32Array;
  readonly #bytes: Uint32Array;
  readonly #wireBytes: Uint32Array;
  readonly #ipAt: Uint32Array;

  constructor(module: DecoderExports) {
    const { buffer } = module.memory;
    const words = (name: ExportedName): Uint32Array => new Uint32Array(buffer, module[name].value, BATCH_ROWS);
    this.buffer = buffer;
    this.#memory = new Uint8Array(buffer);
    this.#at = words('rowFrameAt');
    this.#bytes = words('rowFrameBytes');
    this.#wireBytes = words('rowWireBytes');
    this.#ipAt = words('rowIpAt');
  }

  /** @returns octets of the frame of a row on the wire, its link layer and all tunnels included */
  wireBytes(row: number): number {
    return this.#wireBytes[row]!;
  }

  /**
   * @param row     of a packet of IPv4 that was decoded without a reason
   * @param at      the same row in the batch
   * @returns octets of the packet behind its headers, by what they say; of a later fragment all behind that of IP. Where TCP's
   * was cut off before its length, it has no options.
   */
  payloadBytes(row: number, { protocol, flags, ipBytes }: PacketBatch, at: number): number {
    const ipAt = this.#ipAt[row]!;
    const behindIp = ipBytes[at]! - ((this.#memory[ipAt]! & 0x0f) << 2);
    if ((flags[at]! & PACKET_FLAG.laterFragment) !== 0) return behindIp;
    const isTcp = protocol[at] === PROTOCOL.tcp;
    const headerBytes = isTcp ? this.#tcpHeaderBytes(row, ipAt) : SHORT_HEADER_BYTES;
    return Math.max(0, behindIp - headerBytes);
  }

  #tcpHeaderBytes(row: number, ipAt: number): number {
    const offsetAt = ipAt + ((this.#memory[ipAt]! & 0x0f) << 2) + TCP_OFFSET_AT;
    if (offsetAt >= this.#at[row]! + this.#bytes[row]!) return TCP_HEADER_BYTES;
    return Math.max(TCP_HEADER_BYTES, (this.#memory[offsetAt]! >> 4) << 2);
  }
}
