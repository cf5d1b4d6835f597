import { PACKET_FLAG, PROTOCOL, type PacketBatch } from '../capture/packet-batch';
import { nearAddress, nearPort } from './packet-key';
import { TupleTable } from './tuple-table';

/** Sessions that are remembered; one that is forgotten is learnt again from its next pair. */
const CAPACITY = 1 << 17;

/** How a gateway was seen to translate: which endpoint of one side belongs to which of the other. */
export class PairedSessions {
  /** Null until there is one. */
  #tables: { readonly byPrivate: TupleTable; readonly byPublic: TupleTable } | null = null;

  /** Whether a packet of the private side belongs to a session of which packets were paired. */
  knows(batch: PacketBatch, row: number, side: number): boolean {
    return this.#tables !== null && findEnd(this.#tables.byPrivate, batch, row, side) >= 0;
  }

  /**
   * @param side of either of the two packets
   * @returns 1 when the packets have the ends of a known session, -1 when one of them is known to belong elsewhere, else 0
   */
  agreement(
    ofPrivate: PacketBatch,
    privateRow: number,
    ofPublic: PacketBatch,
    publicRow: number,
    side: number,
  ): -1 | 0 | 1 {
    if (this.#tables === null || (ofPrivate.flags[privateRow]! & PACKET_FLAG.icmpError) !== 0) return 0;
    const { byPrivate, byPublic } = this.#tables;
    const known = findEnd(byPrivate, ofPrivate, privateRow, side);
    if (known >= 0) {
      const natAddress = nearAddress(ofPublic, publicRow, side);
      return byPrivate.isAt(known, natAddress, nearPort(ofPublic, publicRow, side)) ? 1 : -1;
    }
    // Of another host's.
    return findEnd(byPublic, ofPublic, publicRow, side) >= 0 ? -1 : 0;
  }

  /** The two packets are one. */
  learn(ofPrivate: PacketBatch, privateRow: number, ofPublic: PacketBatch, publicRow: number, side: number): void {
    if ((ofPrivate.flags[privateRow]! & PACKET_FLAG.icmpError) !== 0) return;
    this.#tables ??= { byPrivate: new TupleTable(CAPACITY), byPublic: new TupleTable(CAPACITY) };
    const { byPrivate, byPublic } = this.#tables;
    const natAddress = nearAddress(ofPublic, publicRow, side);
    const natPort = nearPort(ofPublic, publicRow, side);
    byPrivate.set(findEnd(byPrivate, ofPrivate, privateRow, side), natAddress, natPort);
    const address = nearAddress(ofPrivate, privateRow, side);
    const port = nearPort(ofPrivate, privateRow, side);
    byPublic.set(findEnd(byPublic, ofPublic, publicRow, side), address, port);
  }
}

function findEnd(table: TupleTable, batch: PacketBatch, row: number, side: number): number {
  const isOut = (side & 1) === 0;
  const protocol = batch.protocol[row]!;
  const ports = batch.ports[row]!;
  const farPort = protocol === PROTOCOL.icmp ? 0 : isOut ? ports & 0xffff : ports >>> 16;
  const farAddress = (isOut ? batch.dstIp : batch.srcIp)[row]!;
  const ends = ((nearPort(batch, row, side) << 16) | farPort) >>> 0;
  return table.find(protocol, nearAddress(batch, row, side), farAddress, ends, batch.vlan[row]!);
}
