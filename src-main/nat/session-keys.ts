import { REASON_CODE } from '../contract/ledger';
import { BATCH_ROWS, PACKET_FLAG, PROTOCOL, type PacketBatch } from '../capture/packet-batch';
import { ADDRESS_CLASS, type AddressClasses } from './address-classes';
import { hashTuple } from './session-table';

const ICMP_ECHO_REPLY = 0;
const ICMP_ECHO_REQUEST = 8;

/**
 * Which session each packet would belong to, as seen from its private end: what can be told from the packet and the
 * gateway's configuration alone. Rows are those of the batch; numbers are signed 32-bit.
 */
export class SessionKeys {
  /** `REASON_CODE` of a packet that can be in no entry, whatever came before it, else 0; the rest is stale then. */
  readonly reason = new Uint8Array(BATCH_ROWS);
  /** 1 for a packet from the VPC, 0 for one from the Internet. */
  readonly fromVpc = new Uint8Array(BATCH_ROWS);
  /** Index of the SNAT entry that covers the private end. */
  readonly entry = new Uint16Array(BATCH_ROWS);
  readonly priIp = new Int32Array(BATCH_ROWS);
  readonly pubIp = new Int32Array(BATCH_ROWS);
  /** `private port << 16 | public port`; an ICMP query has its identifier as private port and no public one. */
  readonly ports = new Int32Array(BATCH_ROWS);
  readonly hash = new Int32Array(BATCH_ROWS);

  /** @param natAddresses the gateway's own public addresses */
  compute(
    batch: PacketBatch,
    from: number,
    to: number,
    classes: AddressClasses,
    natAddresses: readonly number[],
  ): void {
    const { reason, fromVpc, entry, priIp, pubIp, ports, hash } = this;
    const { srcIp, dstIp, protocol } = batch;
    for (let row = from; row < to; row++) {
      const decoded = batch.reason[row]!;
      if (decoded !== 0) {
        reason[row] = decoded;
        continue;
      }
      const src = srcIp[row]!;
      const dst = dstIp[row]!;
      const srcClass = classes.classOf(src);
      const dstClass = classes.classOf(dst);
      // Exactly one end is inside, unless the packet is in no entry.
      const isOut = srcClass >= ADDRESS_CLASS.inside;
      const refused =
        srcClass === ADDRESS_CLASS.notRoutable ||
        dstClass === ADDRESS_CLASS.notRoutable ||
        isOut === dstClass >= ADDRESS_CLASS.inside
          ? refusalByAddress(srcClass, dstClass, dst, natAddresses)
          : refusalByProtocol(batch, row, isOut);
      reason[row] = refused;
      if (refused !== 0) continue;
      const wire = batch.ports[row]! | 0;
      const pri = (isOut ? src : dst) | 0;
      const pub = (isOut ? dst : src) | 0;
      const isIcmp = protocol[row] === PROTOCOL.icmp;
      const pair = isIcmp ? wire & 0xffff0000 : isOut ? wire : (wire << 16) | (wire >>> 16);
      fromVpc[row] = isOut ? 1 : 0;
      entry[row] = (isOut ? srcClass : dstClass) - ADDRESS_CLASS.inside;
      priIp[row] = pri;
      pubIp[row] = pub;
      ports[row] = pair;
      hash[row] = hashTuple(pri, pub, pair, protocol[row]!);
    }
  }
}

/** @returns the `REASON_CODE` for a packet whose ends cannot be one inside and one outside */
function refusalByAddress(srcClass: number, dstClass: number, dst: number, natAddresses: readonly number[]): number {
  if (srcClass === ADDRESS_CLASS.notRoutable || dstClass === ADDRESS_CLASS.notRoutable) return REASON_CODE.not_routable;
  if (srcClass >= ADDRESS_CLASS.inside) return REASON_CODE.intra;
  return natAddresses.includes(dst) ? REASON_CODE.no_session : REASON_CODE.no_snat_entry;
}

/** @returns a `REASON_CODE`, the first that applies in the ledger's order of precedence, or 0 */
function refusalByProtocol(batch: PacketBatch, row: number, isOut: boolean): number {
  const protocol = batch.protocol[row]!;
  const isIcmp = protocol === PROTOCOL.icmp;
  if (protocol !== PROTOCOL.tcp && protocol !== PROTOCOL.udp && !isIcmp) return REASON_CODE.unsupported_protocol;
  if ((batch.flags[row]! & PACKET_FLAG.laterFragment) !== 0) return REASON_CODE.frag_no_head;
  if (!isIcmp) return 0;
  const type = batch.l4Kind[row]!;
  if (type !== ICMP_ECHO_REQUEST && type !== ICMP_ECHO_REPLY) return REASON_CODE.icmp_unsupported;
  // Queries go out and replies come in; anything else would be answered by the gateway, not translated.
  return (type === ICMP_ECHO_REQUEST) === isOut ? 0 : REASON_CODE.no_session;
}
