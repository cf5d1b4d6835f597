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
    for (let row = from; row < to; row++) {
      const decoded = batch.reason[row]!;
      this.reason[row] = decoded === 0 ? this.#computeRow(batch, row, classes, natAddresses) : decoded;
    }
  }

  /** @returns a `REASON_CODE`, the first that applies in the ledger's order of precedence, or 0 */
  #computeRow(batch: PacketBatch, row: number, classes: AddressClasses, natAddresses: readonly number[]): number {
    const src = batch.srcIp[row]!;
    const dst = batch.dstIp[row]!;
    const srcClass = classes.classOf(src);
    const dstClass = classes.classOf(dst);
    if (srcClass === ADDRESS_CLASS.notRoutable || dstClass === ADDRESS_CLASS.notRoutable) {
      return REASON_CODE.not_routable;
    }
    const fromVpc = srcClass >= ADDRESS_CLASS.inside;
    const toVpc = dstClass >= ADDRESS_CLASS.inside;
    if (fromVpc && toVpc) return REASON_CODE.intra;
    if (!fromVpc && !toVpc) return natAddresses.includes(dst) ? REASON_CODE.no_session : REASON_CODE.no_snat_entry;

    const protocol = batch.protocol[row]!;
    if (protocol !== PROTOCOL.tcp && protocol !== PROTOCOL.udp && protocol !== PROTOCOL.icmp) {
      return REASON_CODE.unsupported_protocol;
    }
    if ((batch.flags[row]! & PACKET_FLAG.laterFragment) !== 0) return REASON_CODE.frag_no_head;
    let ports = batch.ports[row]! | 0;
    if (protocol === PROTOCOL.icmp) {
      const type = batch.l4Kind[row]!;
      if (type !== ICMP_ECHO_REQUEST && type !== ICMP_ECHO_REPLY) return REASON_CODE.icmp_unsupported;
      // Queries go out and replies come in; anything else would be answered by the gateway, not translated.
      if ((type === ICMP_ECHO_REQUEST) !== fromVpc) return REASON_CODE.no_session;
      ports &= 0xffff0000;
    } else if (!fromVpc) {
      ports = (ports << 16) | (ports >>> 16);
    }
    const priIp = (fromVpc ? src : dst) | 0;
    const pubIp = (fromVpc ? dst : src) | 0;
    this.fromVpc[row] = fromVpc ? 1 : 0;
    this.entry[row] = (fromVpc ? srcClass : dstClass) - ADDRESS_CLASS.inside;
    this.priIp[row] = priIp;
    this.pubIp[row] = pubIp;
    this.ports[row] = ports;
    this.hash[row] = hashTuple(priIp, pubIp, ports, protocol);
    return 0;
  }
}
