/** Words of a key. */
const KEY_WORDS = 5;
const NONE = -1;

/**
 * What is known of an endpoint of one side, by protocol, its address and port, the other end's, and a network: the endpoint
 * of the other side. When it is full, the oldest entry goes.
 */
export class TupleTable {
  readonly #mask: number;
  readonly #keys: Uint32Array;
  readonly #addresses: Uint32Array;
  readonly #ports: Uint16Array;
  readonly #stamps: Float64Array;
  readonly #next: Int32Array;
  readonly #buckets: Int32Array;
  readonly #key = new Uint32Array(KEY_WORDS);
  #count = 0;

  /** @param capacity a power of two */
  constructor(capacity: number) {
    this.#mask = capacity - 1;
    this.#keys = new Uint32Array(capacity * KEY_WORDS);
    this.#addresses = new Uint32Array(capacity);
    this.#ports = new Uint16Array(capacity);
    this.#stamps = new Float64Array(capacity);
    this.#next = new Int32Array(capacity);
    this.#buckets = new Int32Array(capacity * 2).fill(NONE);
  }

  /** @returns the place of the entry; -1 for none */
  find(protocol: number, address: number, otherAddress: number, ports: number, network: number): number {
    const key = this.#key;
    key[0] = protocol;
    key[1] = address;
    key[2] = otherAddress;
    key[3] = ports;
    key[4] = network;
    let place = this.#buckets[this.#bucketOf(key, 0)]!;
    while (place !== NONE && !this.#hasKey(place)) place = this.#next[place]!;
    return place;
  }

  isAt(place: number, address: number, port: number): boolean {
    return this.#addresses[place] === address && this.#ports[place] === port;
  }

  /** When the entry was last set, by any clock that its users have. */
  stampOf(place: number): number {
    return this.#stamps[place]!;
  }

  /** Sets what belongs to the key of the last `find`, which gave `place`. */
  set(place: number, address: number, port: number, stamp: number): void {
    const at = place === NONE ? this.#add() : place;
    this.#addresses[at] = address;
    this.#ports[at] = port;
    this.#stamps[at] = stamp;
  }

  #add(): number {
    const place = this.#count & this.#mask;
    if (this.#count > this.#mask) this.#unlink(place);
    this.#count++;
    this.#keys.set(this.#key, place * KEY_WORDS);
    const bucket = this.#bucketOf(this.#key, 0);
    this.#next[place] = this.#buckets[bucket]!;
    this.#buckets[bucket] = place;
    return place;
  }

  #unlink(place: number): void {
    const bucket = this.#bucketOf(this.#keys, place * KEY_WORDS);
    let before = NONE;
    for (let at = this.#buckets[bucket]!; at !== place; at = this.#next[at]!) before = at;
    if (before === NONE) this.#buckets[bucket] = this.#next[place]!;
    else this.#next[before] = this.#next[place]!;
  }

  #hasKey(place: number): boolean {
    const at = place * KEY_WORDS;
    for (let word = 0; word < KEY_WORDS; word++) if (this.#keys[at + word] !== this.#key[word]) return false;
    return true;
  }

  #bucketOf(words: Uint32Array, at: number): number {
    let hash = 0;
    for (let word = 0; word < KEY_WORDS; word++) hash = Math.imul(hash ^ words[at + word]!, 0x9e3779b1);
    hash ^= hash >>> 15;
    return Math.imul(hash, 0x2c1b3c6d) & (this.#buckets.length - 1);
  }
}
