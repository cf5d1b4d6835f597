import { PACKET_FLAG, PROTOCOL, type PacketBatch } from '../capture/packet-batch';
import { SIDE } from './leg-addresses';
import { nearAddress, nearPort } from './packet-key';
import { TupleTable } from './tuple-table';

/** Sessions that are remembered; one that is forgotten is learnt again from its next pair. */
const CAPACITY = 1 << 17;
/**
 * What nothing was seen of for so long may be another's by now: the shortest time after which gateways forget datagrams.
 * @see nat-gateway reference §2.1
 */
export const STALE_NSEC = 30e9;
/** In the place of an endpoint that is not known. */
const NOBODY = 0;

/** How a gateway was seen to translate: which endpoint of one side belongs to which of the other. */
export class PairedSessions {
  /** Null until there is one. */
  #tables: { readonly byPrivate: TupleTable; readonly byPublic: TupleTable } | null = null;

  /** @returns when a packet of the session that one of either side belongs to was paired last; -Infinity for none */
  pairedNsec(batch: PacketBatch, row: number, side: number): number {
    if (this.#tables === null) return -Infinity;
    const table = side < SIDE.publicOut ? this.#tables.byPrivate : this.#tables.byPublic;
    const place = findEnd(table, batch, row, side);
    return place < 0 ? -Infinity : table.stampOf(place);
  }

  /** Whether packets of the session that one of either side belongs to were paired. */
  has(batch: PacketBatch, row: number, side: number): boolean {
    if (this.#tables === null) return false;
    const { byPrivate, byPublic } = this.#tables;
    return findEnd(side < SIDE.publicOut ? byPrivate : byPublic, batch, row, side) >= 0;
  }

  /**
   * Of an ICMP error, the session is that of the packet which it quotes.
   *
   * @param side of either of the two packets
   * @param nowNsec by the clock that `learn` is given
   * @returns 1 when the packets have the ends of a known session, -1 when one of them is known to belong elsewhere and was
   * seen there lately, else 0
   */
  agreement(
    ofPrivate: PacketBatch,
    privateRow: number,
    ofPublic: PacketBatch,
    publicRow: number,
    side: number,
    nowNsec: number,
  ): -1 | 0 | 1 {
    if (this.#tables === null) return 0;
    const { byPrivate, byPublic } = this.#tables;
    const known = findEnd(byPrivate, ofPrivate, privateRow, side);
    if (known >= 0) {
      const natAddress = innerAddress(ofPublic, publicRow, side);
      if (byPrivate.isAt(known, natAddress, nearPort(ofPublic, publicRow, side))) return 1;
      if (nowNsec - byPrivate.stampOf(known) <= STALE_NSEC) return -1;
    }
    const owner = findEnd(byPublic, ofPublic, publicRow, side);
    // Of another host's.
    return owner >= 0 && nowNsec - byPublic.stampOf(owner) <= STALE_NSEC ? -1 : 0;
  }

  /** The two packets are one, and were seen at `nowNsec`. */
  learn(
    ofPrivate: PacketBatch,
    privateRow: number,
    ofPublic: PacketBatch,
    publicRow: number,
    side: number,
    nowNsec: number,
  ): void {
    if (isError(ofPrivate, privateRow)) return;
    this.#tables ??= { byPrivate: new TupleTable(CAPACITY), byPublic: new TupleTable(CAPACITY) };
    const { byPrivate, byPublic } = this.#tables;
    const natAddress = nearAddress(ofPublic, publicRow, side);
    const natPort = nearPort(ofPublic, publicRow, side);
    byPrivate.set(findEnd(byPrivate, ofPrivate, privateRow, side), natAddress, natPort, nowNsec);
    const address = nearAddress(ofPrivate, privateRow, side);
    const port = nearPort(ofPrivate, privateRow, side);
    byPublic.set(findEnd(byPublic, ofPublic, publicRow, side), address, port, nowNsec);
  }

  /** The sessions of two packets are not known, as it is not sure any more that these are one. */
  forget(ofPrivate: PacketBatch, privateRow: number, ofPublic: PacketBatch, publicRow: number, side: number): void {
    if (this.#tables === null) return;
    const { byPrivate, byPublic } = this.#tables;
    byPrivate.set(findEnd(byPrivate, ofPrivate, privateRow, side), NOBODY, NOBODY, -Infinity);
    byPublic.set(findEnd(byPublic, ofPublic, publicRow, side), NOBODY, NOBODY, -Infinity);
  }
}

function isError({ flags }: PacketBatch, row: number): boolean {
  return (flags[row]! & PACKET_FLAG.icmpError) !== 0;
}

/** Of an ICMP error the end that it is about, as it may come from a router before the host. */
export function innerAddress(batch: PacketBatch, row: number, side: number): number {
  if (!isError(batch, row)) return nearAddress(batch, row, side);
  // What comes in quotes what went out, and the other way round.
  return batch.quotedAddress[row * 8 + ((side & 1) === 0 ? 4 : 0)]!;
}

/** @returns the place of the session that a packet belongs to; -1 for none */
export function findEnd(table: TupleTable, batch: PacketBatch, row: number, side: number): number {
  const isOut = (side & 1) === 0;
  const isQuote = isError(batch, row);
  const protocol = (isQuote ? batch.quotedProtocol : batch.protocol)[row]!;
  const ports = (isQuote ? batch.quotedPorts : batch.ports)[row]!;
  const farPort = protocol === PROTOCOL.icmp ? 0 : isOut !== isQuote ? ports & 0xffff : ports >>> 16;
  const farAddress = isQuote
    ? batch.quotedAddress[row * 8 + (isOut ? 0 : 4)]!
    : (isOut ? batch.dstIp : batch.srcIp)[row]!;
  const ends = ((nearPort(batch, row, side) << 16) | farPort) >>> 0;
  return table.find(protocol, innerAddress(batch, row, side), farAddress, ends, batch.vlan[row]!);
}
