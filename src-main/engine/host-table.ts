const FIRST_CAPACITY = 1 << 10;
/** Of the golden ratio, by which a multiplication spreads neighbouring addresses. @see Knuth, TAOCP vol. 3 §6.4 */
const SPREAD = 0x9e3779b1;

/** Packets and bytes by IPv4 address: open addressing over typed arrays, so that counting allocates nothing. */
export class HostTable {
  size = 0;
  #capacity = FIRST_CAPACITY;
  #addresses = new Uint32Array(FIRST_CAPACITY);
  /** 0 marks a free slot. */
  #packets = new Float64Array(FIRST_CAPACITY);
  #bytes = new Float64Array(FIRST_CAPACITY);

  add(address: number, bytes: number): void {
    const slot = this.#slotOf(address);
    if (this.#packets[slot] === 0) this.size++;
    this.#addresses[slot] = address;
    this.#packets[slot]!++;
    this.#bytes[slot]! += bytes;
    if (this.size * 2 > this.#capacity) this.#grow();
  }

  /** @returns the hosts with the most bytes, at most `count` of them */
  busiest(count: number): readonly { readonly address: number; readonly packets: number; readonly bytes: number }[] {
    const slots = [...this.#packets.keys()].filter((slot) => this.#packets[slot]! > 0);
    slots.sort((a, b) => this.#bytes[b]! - this.#bytes[a]! || this.#addresses[a]! - this.#addresses[b]!);
    return slots.slice(0, count).map((slot) => {
      return { address: this.#addresses[slot]!, packets: this.#packets[slot]!, bytes: this.#bytes[slot]! };
    });
  }

  /** @returns the slot of the address, or the free one where it belongs */
  #slotOf(address: number): number {
    const mask = this.#capacity - 1;
    let slot = Math.imul(address, SPREAD) >>> 7;
    for (;;) {
      slot &= mask;
      if (this.#packets[slot] === 0 || this.#addresses[slot] === address) return slot;
      slot++;
    }
  }

  /** Replaces the arrays by ones of twice their length. */
  #grow(): void {
    const [addresses, packets, bytes] = [this.#addresses, this.#packets, this.#bytes];
    this.#capacity *= 2;
    this.#addresses = new Uint32Array(this.#capacity);
    this.#packets = new Float64Array(this.#capacity);
    this.#bytes = new Float64Array(this.#capacity);
    for (let from = 0; from < packets.length; from++) {
      if (packets[from] === 0) continue;
      const slot = this.#slotOf(addresses[from]!);
      this.#addresses[slot] = addresses[from]!;
      this.#packets[slot] = packets[from]!;
      this.#bytes[slot] = bytes[from]!;
    }
  }
}
