import type { CaptureAccount } from './capture-account';
import type { InterfaceFacts } from './container-facts';
import type { DecoderExports } from './decoder-exports';

/** What the decoder needs of an interface. */
export interface DescribedInterface {
  readonly linkType: number;
  readonly snapBytes: number;
  /** `if_tsresol` */
  readonly resolution: number;
  readonly offsetSec: number;
  /** Its description could not be read, so neither can its packets; it keeps the number of those after it right. */
  readonly isBroken: boolean;
  /** Where its packets are counted, if it is kept. */
  readonly facts: InterfaceFacts | null;
}

/** Stands for an interface whose description is damaged. */
export const BROKEN_INTERFACE: DescribedInterface = {
  linkType: 0,
  snapBytes: 0,
  resolution: 6,
  offsetSec: 0,
  isBroken: true,
  facts: null,
};

const INITIAL_INTERFACES = 16;

/** The interfaces of the section that is read, in the decoder's memory. */
export class PcapngInterfaces {
  count = 0;
  address = 0;
  readonly #module: DecoderExports;
  readonly #account: CaptureAccount;
  #described: DescribedInterface[] = [];
  #capacity = 0;

  /** @param account is told the packets of each, at the latest when they are released */
  constructor(module: DecoderExports, account: CaptureAccount) {
    this.#module = module;
    this.#account = account;
  }

  add(described: DescribedInterface): void {
    this.#described.push(described);
    if (this.count === this.#capacity) this.#grow();
    else this.#write(described, this.count);
    this.count++;
  }

  packetsOf(facts: InterfaceFacts): number {
    const index = this.#described.findIndex((described) => described.facts === facts);
    return facts.packets + (index < 0 ? 0 : this.#module.interfacePackets(this.address, index));
  }

  /** The next section has interfaces of its own. */
  clear(): void {
    this.#bookPackets();
    this.count = 0;
    this.#described = [];
  }

  release(): void {
    this.#bookPackets();
    if (this.#capacity > 0) this.#module.release(this.address);
    this.#capacity = 0;
  }

  #grow(): void {
    const capacity = Math.max(INITIAL_INTERFACES, this.#capacity * 2);
    this.release();
    this.address = this.#module.allocateInterfaces(capacity);
    this.#capacity = capacity;
    this.#described.forEach((described, index) => {
      this.#write(described, index);
    });
  }

  /** What is counted begins anew with `#write`, `clear` or `release`. */
  #bookPackets(): void {
    if (this.#capacity === 0) return;
    for (let index = 0; index < Math.min(this.count, this.#described.length); index++) {
      const { linkType, facts } = this.#described[index]!;
      this.#account.bookLinkType(linkType, this.#module.interfacePackets(this.address, index), facts);
    }
  }

  #write({ linkType, snapBytes, resolution, offsetSec, isBroken }: DescribedInterface, index: number): void {
    this.#module.setInterface(this.address, index, linkType, snapBytes, resolution, offsetSec, isBroken);
  }
}
