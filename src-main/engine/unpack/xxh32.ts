const PRIME = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1] as const;
const [P1, P2, P3, P4, P5] = PRIME;
const STRIPE_BYTES = 16;

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));
const round = (lane: number, word: number): number => Math.imul(rotate((lane + Math.imul(word, P2)) | 0, 13), P1);

/** The checksum of lz4 frames, with seed 0. @see xxHash specification, "XXH32 algorithm" */
export class Xxh32 {
  #a = (P1 + P2) | 0;
  #b = P2 | 0;
  #c = 0;
  #d = -P1 | 0;
  #bytes = 0;
  readonly #kept = new Uint8Array(STRIPE_BYTES);
  #keptBytes = 0;

  update(octets: Uint8Array): this {
    this.#bytes += octets.length;
    let at = 0;
    if (this.#keptBytes > 0) {
      at = Math.min(STRIPE_BYTES - this.#keptBytes, octets.length);
      this.#kept.set(octets.subarray(0, at), this.#keptBytes);
      this.#keptBytes += at;
      if (this.#keptBytes < STRIPE_BYTES) return this;
      this.#stripes(this.#kept, 0, STRIPE_BYTES);
    }
    const end = at + ((octets.length - at) & -STRIPE_BYTES);
    this.#stripes(octets, at, end);
    this.#kept.set(octets.subarray(end));
    this.#keptBytes = octets.length - end;
    return this;
  }

  /** @returns unsigned */
  digest(): number {
    let hash =
      this.#bytes >= STRIPE_BYTES
        ? rotate(this.#a, 1) + rotate(this.#b, 7) + rotate(this.#c, 12) + rotate(this.#d, 18)
        : P5;
    // Its length is taken modulo 2^32.
    hash = (hash + (this.#bytes % 2 ** 32)) | 0;
    const kept = new DataView(this.#kept.buffer);
    let at = 0;
    for (; at + 4 <= this.#keptBytes; at += 4) {
      hash = Math.imul(rotate((hash + Math.imul(kept.getUint32(at, true), P3)) | 0, 17), P4);
    }
    for (; at < this.#keptBytes; at++) {
      hash = Math.imul(rotate((hash + Math.imul(kept.getUint8(at), P5)) | 0, 11), P1);
    }
    hash = Math.imul(hash ^ (hash >>> 15), P2);
    hash = Math.imul(hash ^ (hash >>> 13), P3);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  #stripes(octets: Uint8Array, from: number, to: number): void {
    let [a, b, c, d] = [this.#a, this.#b, this.#c, this.#d];
    for (let at = from; at < to; at += STRIPE_BYTES) {
      a = round(a, word(octets, at));
      b = round(b, word(octets, at + 4));
      c = round(c, word(octets, at + 8));
      d = round(d, word(octets, at + 12));
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }
}

function word(octets: Uint8Array, at: number): number {
  return octets[at]! | (octets[at + 1]! << 8) | (octets[at + 2]! << 16) | (octets[at + 3]! << 24);
}

export function xxh32(octets: Uint8Array): number {
  return new Xxh32().update(octets).digest();
}
