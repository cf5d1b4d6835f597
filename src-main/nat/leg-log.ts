import { AppError } from '../contract/errors';
import { PACKET_FLAG, PROTOCOL, TCP_WINDOW_UNKNOWN, type PacketBatch } from '../capture/packet-batch';

/** Packets of one capture that are kept: some 400 MB. */
const MAX_PACKETS = 1 << 23;

/**
 * The packets of one side of a gateway: those of TCP, UDP and ICMP queries over IPv4 that could be known again on the other
 * side. What has no sequence numbers has a hash in the place of the first.
 */
export class LegLog {
  readonly #name: string;
  readonly #limit: number;
  length = 0;
  /** Packets that were passed over: other protocols, ICMP errors, later fragments, IPv6, cut too early. */
  others = 0;
  /** The columns; growth replaces them. */
  sec = new Float64Array(1024);
  nsec = new Uint32Array(1024);
  protocol = new Uint8Array(1024);
  /** TCP flags, or type of ICMP. */
  kind = new Uint8Array(1024);
  src = new Uint32Array(1024);
  dst = new Uint32Array(1024);
  /** As in `PacketBatch`. */
  ports = new Uint32Array(1024);
  ipBytes = new Uint32Array(1024);
  ipId = new Uint32Array(1024);
  seq = new Uint32Array(1024);
  ack = new Uint32Array(1024);

  /** @param name of the capture */
  constructor(name: string, limit = MAX_PACKETS) {
    this.#name = name;
    this.#limit = limit;
  }

  /**
   * @param isWanted says which rows are; without it, all are
   * @throws AppError OPTION_INVALID when the capture has more packets than can be compared
   */
  add(batch: PacketBatch, isWanted?: (row: number) => boolean): void {
    for (let row = 0; row < batch.length; row++) {
      if (isKnowable(batch, row) && (isWanted === undefined || isWanted(row))) this.#addRow(batch, row);
      else this.others++;
    }
  }

  #addRow(batch: PacketBatch, row: number): void {
    if (this.length === this.sec.length) this.#grow();
    const at = this.length++;
    const isNumbered = batch.protocol[row] === PROTOCOL.tcp && batch.tcpWindow[row] !== TCP_WINDOW_UNKNOWN;
    this.sec[at] = batch.tsSec[row]!;
    this.nsec[at] = batch.tsNsec[row]!;
    this.protocol[at] = batch.protocol[row]!;
    this.kind[at] = batch.l4Kind[row]!;
    this.src[at] = batch.srcIp[row]!;
    this.dst[at] = batch.dstIp[row]!;
    this.ports[at] = batch.ports[row]!;
    this.ipBytes[at] = batch.ipBytes[row]!;
    this.ipId[at] = batch.ipId[row]!;
    this.seq[at] = isNumbered ? batch.tcpSeq[row]! : batch.payloadHash[row]!;
    this.ack[at] = isNumbered ? batch.tcpAck[row]! : 0;
  }

  #grow(): void {
    if (this.length >= this.#limit) {
      const message = `${this.#name} has more than ${this.#limit} packets that could be compared; cut both captures by time, for example with editcap -A and -B`;
      throw new AppError('OPTION_INVALID', message, { file: this.#name, limit: this.#limit });
    }
    this.sec = doubled(this.sec, new Float64Array(this.length * 2));
    this.nsec = doubled(this.nsec, new Uint32Array(this.length * 2));
    this.protocol = doubled(this.protocol, new Uint8Array(this.length * 2));
    this.kind = doubled(this.kind, new Uint8Array(this.length * 2));
    this.src = doubled(this.src, new Uint32Array(this.length * 2));
    this.dst = doubled(this.dst, new Uint32Array(this.length * 2));
    this.ports = doubled(this.ports, new Uint32Array(this.length * 2));
    this.ipBytes = doubled(this.ipBytes, new Uint32Array(this.length * 2));
    this.ipId = doubled(this.ipId, new Uint32Array(this.length * 2));
    this.seq = doubled(this.seq, new Uint32Array(this.length * 2));
    this.ack = doubled(this.ack, new Uint32Array(this.length * 2));
  }
}

function isKnowable(batch: PacketBatch, row: number): boolean {
  const isPassedOver = PACKET_FLAG.laterFragment | PACKET_FLAG.icmpError | PACKET_FLAG.noTime;
  if (batch.ipVersion[row] !== 4 || batch.reason[row] !== 0 || (batch.flags[row]! & isPassedOver) !== 0) return false;
  const protocol = batch.protocol[row]!;
  if (protocol === PROTOCOL.tcp && batch.tcpWindow[row] !== TCP_WINDOW_UNKNOWN) return true;
  return (
    batch.payloadHash[row] !== 0 &&
    (protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp || protocol === PROTOCOL.icmp)
  );
}

function doubled<T extends Float64Array | Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Which way a packet goes: away from the hosts behind the gateway, or to them. */
export const WAY = { out: 0, in: 1 } as const;
export type Way = (typeof WAY)[keyof typeof WAY];

/** The end that translation leaves as it is, the other one's, and their ports; an ICMP query has no port there. */
export function farAddress(log: LegLog, at: number, way: Way): number {
  return (way === WAY.out ? log.dst : log.src)[at]!;
}

export function farPort(log: LegLog, at: number, way: Way): number {
  if (log.protocol[at] === PROTOCOL.icmp) return 0;
  return way === WAY.out ? log.ports[at]! & 0xffff : log.ports[at]! >>> 16;
}

export function nearAddressOf(log: LegLog, at: number, way: Way): number {
  return (way === WAY.out ? log.src : log.dst)[at]!;
}

export function nearPortOf(log: LegLog, at: number, way: Way): number {
  return way === WAY.out ? log.ports[at]! >>> 16 : log.ports[at]! & 0xffff;
}
