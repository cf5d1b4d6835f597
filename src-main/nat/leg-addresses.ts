import type { PacketBatch } from '../capture/packet-batch';
import { ADDRESS_CLASS, addressClassOf, isInside, type AddressClasses } from './address-classes';

/**
 * On which side of a gateway a packet was seen, and which way it goes: bit 0 towards the VPC, bit 1 on the public side. So
 * the same packet beyond the gateway has `side ^ 2`.
 */
export const SIDE = { privateOut: 0, privateIn: 1, publicOut: 2, publicIn: 3, none: 4 } as const;

/** Tells by its addresses on which side of a gateway a packet was seen. */
export class LegAddresses {
  readonly #inside: AddressClasses;
  /** By the upper half of an address: 1 where one of the gateway begins so. */
  readonly #natByUpperHalf = new Uint8Array(0x10000);
  readonly #nat: ReadonlySet<number>;

  /** @param natAddresses from which the gateway sends, host order; they are on the public side wherever they lie */
  constructor(natAddresses: readonly number[], inside: AddressClasses) {
    this.#inside = inside;
    this.#nat = new Set(natAddresses);
    for (const address of natAddresses) this.#natByUpperHalf[address >>> 16] = 1;
  }

  get isEmpty(): boolean {
    return this.#nat.size === 0;
  }

  /** Whether one of the gateway's addresses is an end of any packet from a row on; where none is, nothing has two sides. */
  occurIn({ srcIp, dstIp, length }: PacketBatch, from: number): boolean {
    const nat = this.#natByUpperHalf;
    for (let row = from; row < length; row++) {
      if ((nat[srcIp[row]! >>> 16]! | nat[dstIp[row]! >>> 16]!) === 0) continue;
      if (this.#nat.has(srcIp[row]!) || this.#nat.has(dstIp[row]!)) return true;
    }
    return false;
  }

  /** @returns one of `SIDE`; none for what passes no gateway, such as packets between a host and the gateway itself */
  sideOf(batch: PacketBatch, row: number): number {
    if (batch.ipVersion[row] !== 4 || batch.reason[row] !== 0) return SIDE.none;
    const src = batch.srcIp[row]!;
    const dst = batch.dstIp[row]!;
    const isFromNat = this.#isNat(src);
    const isToNat = this.#isNat(dst);
    if (isFromNat || isToNat) {
      if (isFromNat && isToNat) return SIDE.none;
      const other = addressClassOf(this.#inside, isFromNat ? dst : src);
      if (other !== ADDRESS_CLASS.outside) return SIDE.none;
      return isFromNat ? SIDE.publicOut : SIDE.publicIn;
    }
    const from = addressClassOf(this.#inside, src);
    const to = addressClassOf(this.#inside, dst);
    if (isInside(from) && to === ADDRESS_CLASS.outside) return SIDE.privateOut;
    return isInside(to) && from === ADDRESS_CLASS.outside ? SIDE.privateIn : SIDE.none;
  }

  #isNat(address: number): boolean {
    return this.#natByUpperHalf[address >>> 16] === 1 && this.#nat.has(address);
  }
}
