import { PACKET_FLAG, TRAIT, type PacketBatch } from './packet-batch';

/** Words of a key: version and protocol, identification, and two addresses of four words each. */
const KEY_WORDS = 10;
const NONE = -1;

/**
 * Places `0 … capacity - 1` for what is known of fragments, found by what the fragments of one packet have in common:
 * addresses, protocol and identification. Places are taken round by round, so that the oldest one is the next to go.
 */
export class FragmentTable {
  readonly capacity: number;
  readonly #keys: Int32Array;
  /** The next older and the next newer place of the same bucket. */
  readonly #next: Int32Array;
  readonly #newer: Int32Array;
  readonly #buckets: Int32Array;
  readonly #isTaken: Uint8Array;
  readonly #key = new Int32Array(KEY_WORDS);
  #nextPlace = 0;
  size = 0;

  /** @param capacity a power of two */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.#keys = new Int32Array(capacity * KEY_WORDS);
    this.#next = new Int32Array(capacity);
    this.#newer = new Int32Array(capacity);
    this.#buckets = new Int32Array(capacity * 2).fill(NONE);
    this.#isTaken = new Uint8Array(capacity);
  }

  /** The place that the next `add` takes. Whoever needs what is in it has to take it out before. */
  get nextPlace(): number {
    return this.#nextPlace;
  }

  isTaken(place: number): boolean {
    return this.#isTaken[place] === 1;
  }

  /** Takes the next place for the fragment, and drops what is in it. */
  add(batch: PacketBatch, row: number): number {
    const place = this.#nextPlace;
    if (this.isTaken(place)) this.remove(place);
    this.#nextPlace = (place + 1) & (this.capacity - 1);
    this.#writeKey(batch, row);
    this.#keys.set(this.#key, place * KEY_WORDS);
    const bucket = this.#bucketOf(this.#key, 0);
    const older = this.#buckets[bucket]!;
    this.#next[place] = older;
    this.#newer[place] = NONE;
    if (older !== NONE) this.#newer[older] = place;
    this.#buckets[bucket] = place;
    this.#isTaken[place] = 1;
    this.size++;
    return place;
  }

  /** @returns the newest place with the key of the fragment; -1 for none */
  find(batch: PacketBatch, row: number): number {
    this.#writeKey(batch, row);
    return this.#search(this.#buckets[this.#bucketOf(this.#key, 0)]!);
  }

  /** @returns the next older place with the same key; -1 for none */
  findOlder(place: number): number {
    this.#key.set(this.#keys.subarray(place * KEY_WORDS, (place + 1) * KEY_WORDS));
    return this.#search(this.#next[place]!);
  }

  /** Takes as long however many have the same key: tens of thousands may, and the oldest go first. */
  remove(place: number): void {
    const older = this.#next[place]!;
    const newer = this.#newer[place]!;
    if (newer === NONE) this.#buckets[this.#bucketOf(this.#keys, place * KEY_WORDS)] = older;
    else this.#next[newer] = older;
    if (older !== NONE) this.#newer[older] = newer;
    this.#isTaken[place] = 0;
    this.size--;
  }

  #search(first: number): number {
    let place = first;
    while (place !== NONE && !this.#hasKey(place)) place = this.#next[place]!;
    return place;
  }

  #hasKey(place: number): boolean {
    const at = place * KEY_WORDS;
    for (let word = 0; word < KEY_WORDS; word++) if (this.#keys[at + word] !== this.#key[word]) return false;
    return true;
  }

  #writeKey(batch: PacketBatch, row: number): void {
    const key = this.#key.fill(0);
    key[0] = (batch.ipVersion[row]! << 8) | batch.protocol[row]!;
    key[1] = batch.ipId[row]!;
    if (batch.ipVersion[row] === 6) {
      for (let word = 0; word < 8; word++) key[2 + word] = batch.address6[row * 8 + word]!;
    } else {
      key[2] = batch.srcIp[row]!;
      key[6] = batch.dstIp[row]!;
    }
  }

  #bucketOf(words: Int32Array, at: number): number {
    let hash = 0;
    for (let word = 0; word < KEY_WORDS; word++) hash = Math.imul(hash ^ words[at + word]!, 0x9e3779b1);
    return (hash ^ (hash >>> 15)) & (this.#buckets.length - 1);
  }
}

const ANY_FRAGMENT = PACKET_FLAG.firstFragment | PACKET_FLAG.laterFragment;

export function hasFragments(batch: PacketBatch): boolean {
  if (batch.has(TRAIT.unfragmented)) return false;
  const { flags, length } = batch;
  for (let row = 0; row < length; row++) if ((flags[row]! & ANY_FRAGMENT) !== 0) return true;
  return false;
}
