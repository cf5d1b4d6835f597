import type { PacketBatch } from '../capture/packet-batch';
import type { HeldBatch } from './held-packets';
import { SIDE } from './leg-addresses';
import { OrdinalChains } from './ordinal-chains';
import { isNumbered, nearAddress, nearPort, PACKET_KEY_WORDS } from './packet-key';

/** Equal packets that are looked at for one; nobody sends as many within 50 ms but to do harm. */
export const MAX_LOOKS = 256;
/** Bits of a row's state. */
const KNOWABLE = 1;
const PAIRED = 2;
const NUMBERED = 4;
const DOUBTFUL = 8;
const TENTATIVE = 16;
const CONTESTED = 32;
/** No ordinal: the first packet is 1. */
const NONE = 0;

/**
 * What is known of the last packets, found by ordinal, by key while no copy of them was found, and by key since one was.
 * Each packet is in the place of the one `capacity` before it, which must be settled by then.
 */
export class WaitingRows {
  readonly #mask: number;
  readonly #ordinals: Float64Array;
  /** Of those that were paired, the next older one with the same bucket, and of tentative ones the copy. */
  readonly #next: Float64Array;
  readonly #copies: Float64Array;
  readonly #holders: Uint16Array;
  readonly #rows: Uint16Array;
  readonly #sides: Uint8Array;
  readonly #states: Uint8Array;
  readonly #keys: Uint32Array;
  readonly #hashes: Uint32Array;
  readonly #ipIds: Uint32Array;
  readonly #ttls: Uint8Array;
  readonly #addresses: Uint32Array;
  readonly #ports: Uint16Array;
  readonly #secs: Float64Array;
  readonly #nsecs: Uint32Array;
  readonly #clocks: Float64Array;
  /** The newest ordinal by hash of those that were paired. */
  readonly #paired: Float64Array;
  /** How many of a bucket wait. */
  readonly #counts: Uint32Array;
  /** Those that wait for a copy, by their keys, and by their keys and identifications. */
  readonly #sameKeys: OrdinalChains;
  readonly #sameIds: OrdinalChains;
  readonly #held: HeldBatch[] = [];

  /** @param capacity a power of two */
  constructor(capacity: number) {
    this.#mask = capacity - 1;
    this.#ordinals = new Float64Array(capacity);
    this.#next = new Float64Array(capacity);
    this.#copies = new Float64Array(capacity);
    this.#holders = new Uint16Array(capacity);
    this.#rows = new Uint16Array(capacity);
    this.#sides = new Uint8Array(capacity);
    this.#states = new Uint8Array(capacity);
    this.#keys = new Uint32Array(capacity * PACKET_KEY_WORDS);
    this.#hashes = new Uint32Array(capacity);
    this.#ipIds = new Uint32Array(capacity);
    this.#ttls = new Uint8Array(capacity);
    this.#addresses = new Uint32Array(capacity);
    this.#ports = new Uint16Array(capacity);
    this.#secs = new Float64Array(capacity);
    this.#nsecs = new Uint32Array(capacity);
    this.#clocks = new Float64Array(capacity);
    this.#paired = new Float64Array(capacity);
    this.#counts = new Uint32Array(capacity);
    this.#sameKeys = new OrdinalChains(capacity);
    this.#sameIds = new OrdinalChains(capacity);
  }

  /**
   * @param key of what can be found again; copied
   * @param hash of the key
   */
  put(ordinal: number, held: HeldBatch, row: number, side: number, key: Uint32Array | null, hash: number): void {
    const place = this.#placeOf(ordinal);
    const { batch } = held;
    this.#held[held.id] = held;
    this.#ordinals[place] = ordinal;
    this.#holders[place] = held.id;
    this.#rows[place] = row;
    this.#sides[place] = side;
    this.#clocks[place] = held.clock[row]!;
    this.#states[place] = key === null ? 0 : KNOWABLE;
    if (key === null) return;
    for (let word = 0; word < PACKET_KEY_WORDS; word++) this.#keys[place * PACKET_KEY_WORDS + word] = key[word]!;
    if (isNumbered(batch, row)) this.#states[place] |= NUMBERED;
    this.#hashes[place] = bucketHash(hash, side);
    this.#ipIds[place] = batch.ipId[row]!;
    this.#ttls[place] = batch.ttl[row]!;
    this.#addresses[place] = nearAddress(batch, row, side);
    this.#ports[place] = nearPort(batch, row, side);
    this.#secs[place] = batch.tsSec[row]!;
    this.#nsecs[place] = batch.tsNsec[row]!;
  }

  /** Only until the packet is settled, as its batch may be handed on then. */
  batchOf(ordinal: number): PacketBatch {
    return this.#held[this.#holders[this.#placeOf(ordinal)]!]!.batch;
  }

  rowOf(ordinal: number): number {
    return this.#rows[this.#placeOf(ordinal)]!;
  }

  sideOf(ordinal: number): number {
    return this.#sides[this.#placeOf(ordinal)]!;
  }

  ttlOf(ordinal: number): number {
    return this.#ttls[this.#placeOf(ordinal)]!;
  }

  clockOf(ordinal: number): number {
    return this.#clocks[this.#placeOf(ordinal)]!;
  }

  isPaired(ordinal: number): boolean {
    return (this.#states[this.#placeOf(ordinal)]! & PAIRED) !== 0;
  }

  /** It has a key, so that a copy could have been found. */
  isKnowable(ordinal: number): boolean {
    return (this.#states[this.#placeOf(ordinal)]! & KNOWABLE) !== 0;
  }

  /** It has sequence numbers. */
  isNumbered(ordinal: number): boolean {
    return (this.#states[this.#placeOf(ordinal)]! & NUMBERED) !== 0;
  }

  /** Something beyond the gateway may be its copy, and more likely is that of another. */
  isDoubtful(ordinal: number): boolean {
    return (this.#states[this.#placeOf(ordinal)]! & DOUBTFUL) !== 0;
  }

  setDoubtful(ordinal: number): void {
    this.#states[this.#placeOf(ordinal)]! |= DOUBTFUL;
  }

  /** Nothing told whether it belongs to one that has taken a copy since. */
  isContested(ordinal: number): boolean {
    return (this.#states[this.#placeOf(ordinal)]! & CONTESTED) !== 0;
  }

  setContested(ordinal: number): void {
    this.#states[this.#placeOf(ordinal)]! |= CONTESTED;
  }

  /** It is paired, and another packet may turn out to be as good a copy. */
  isTentative(ordinal: number): boolean {
    return (this.#states[this.#placeOf(ordinal)]! & TENTATIVE) !== 0;
  }

  /** Of two that are paired. */
  setTentative(one: number, other: number): void {
    const at = this.#placeOf(one);
    const to = this.#placeOf(other);
    this.#states[at]! |= TENTATIVE;
    this.#states[to]! |= TENTATIVE;
    this.#copies[at] = other;
    this.#copies[to] = one;
  }

  /** They stay as they are paired. */
  endTentative(one: number, other: number): void {
    this.#states[this.#placeOf(one)]! &= ~TENTATIVE;
    this.#states[this.#placeOf(other)]! &= ~TENTATIVE;
  }

  /** @returns the ordinal of what a tentative packet was paired with */
  copyOf(ordinal: number): number {
    return this.#copies[this.#placeOf(ordinal)]!;
  }

  idOf(ordinal: number): number {
    return this.#ipIds[this.#placeOf(ordinal)]!;
  }

  hasSameNearEnd(one: number, other: number): boolean {
    const at = this.#placeOf(one);
    const to = this.#placeOf(other);
    return this.#addresses[at] === this.#addresses[to] && this.#ports[at] === this.#ports[to];
  }

  /** @param key gets that of a packet */
  readKey(ordinal: number, key: Uint32Array): void {
    const at = this.#placeOf(ordinal) * PACKET_KEY_WORDS;
    for (let word = 0; word < PACKET_KEY_WORDS; word++) key[word] = this.#keys[at + word]!;
  }

  /**
   * What a packet took to the other side, if these are its two sides.
   *
   * @param earlyNsec how much earlier it may have been seen where it left, as their clocks are two
   * @returns nanoseconds without a sign; -1 when they cannot be one: the time to live is no lower, or the times do not fit
   */
  distanceNsec(ordinal: number, other: number, earlyNsec: number): number {
    const side = this.sideOf(ordinal);
    const isEntry = side === SIDE.privateOut || side === SIDE.publicIn;
    const entry = isEntry ? ordinal : other;
    const exit = isEntry ? other : ordinal;
    if (this.ttlOf(exit) >= this.ttlOf(entry)) return -1;
    const nsec = this.nsecBetween(entry, exit);
    return nsec < -earlyNsec ? -1 : Math.abs(nsec);
  }

  /** Nanoseconds from one packet to another by their own times. */
  nsecBetween(from: number, to: number): number {
    const one = this.#placeOf(from);
    const other = this.#placeOf(to);
    return (this.#secs[other]! - this.#secs[one]!) * 1e9 + this.#nsecs[other]! - this.#nsecs[one]!;
  }

  hasKey(ordinal: number, side: number, key: Uint32Array): boolean {
    const place = this.#placeOf(ordinal);
    const at = place * PACKET_KEY_WORDS;
    if (this.#sides[place] !== side) return false;
    for (let word = 0; word < PACKET_KEY_WORDS; word++) if (this.#keys[at + word] !== key[word]) return false;
    return true;
  }

  /** Whether two packets, of whatever sides, are alike in what translation leaves as it is. */
  hasSameKey(one: number, other: number): boolean {
    const at = this.#placeOf(one) * PACKET_KEY_WORDS;
    const to = this.#placeOf(other) * PACKET_KEY_WORDS;
    for (let word = 0; word < PACKET_KEY_WORDS; word++)
      if (this.#keys[at + word] !== this.#keys[to + word]) return false;
    return true;
  }

  /** Whether two packets were seen on the same side and are the same octet for octet, as far as is known. */
  isSame(one: number, other: number): boolean {
    const at = this.#placeOf(one);
    const to = this.#placeOf(other);
    return (
      this.#ipIds[at] === this.#ipIds[to] &&
      this.#ttls[at] === this.#ttls[to] &&
      this.hasSameNearEnd(one, other) &&
      this.#sides[at] === this.#sides[to] &&
      this.hasSameKey(one, other)
    );
  }

  /** The packet waits for its copy. */
  link(ordinal: number): void {
    const place = this.#placeOf(ordinal);
    const hash = this.#hashes[place]!;
    this.#counts[hash & this.#mask]!++;
    this.#sameKeys.add(ordinal, hash);
    this.#sameIds.add(ordinal, withId(hash, this.#ipIds[place]!));
  }

  /** It waits no more. */
  unlink(ordinal: number): void {
    const place = this.#placeOf(ordinal);
    const hash = this.#hashes[place]!;
    this.#counts[hash & this.#mask]!--;
    this.#sameKeys.remove(ordinal, hash);
    this.#sameIds.remove(ordinal, withId(hash, this.#ipIds[place]!));
  }

  setPaired(one: number, other: number): void {
    for (const ordinal of [one, other]) {
      this.#states[this.#placeOf(ordinal)]! |= PAIRED;
      this.#linkPaired(ordinal);
    }
  }

  /** @returns the newest packet of a side that waits and may have the key of this hash; 0 for none */
  newest(hash: number, side: number): number {
    return this.#sameKeys.newest(bucketHash(hash, side));
  }

  olderThan(ordinal: number): number {
    return this.#sameKeys.olderThan(ordinal);
  }

  /** @returns the oldest that waits and may be like a packet, beyond the gateway or on its own side; 0 for none */
  oldestLike(ordinal: number, isBeyond: boolean): number {
    return this.#sameKeys.oldest(this.#hashes[this.#placeOf(ordinal)]! ^ Number(isBeyond));
  }

  newerThan(ordinal: number): number {
    return this.#sameKeys.newerThan(ordinal);
  }

  /** As `oldestLike`, of those that may have the identification of the packet as well. */
  oldestWithId(ordinal: number, isBeyond: boolean): number {
    const place = this.#placeOf(ordinal);
    return this.#sameIds.oldest(withId((this.#hashes[place]! ^ Number(isBeyond)) >>> 0, this.#ipIds[place]!));
  }

  newerWithId(ordinal: number): number {
    return this.#sameIds.newerThan(ordinal);
  }

  /** @returns how many packets of a side wait that may have the key of this hash */
  countOf(hash: number, side: number): number {
    return this.#counts[bucketHash(hash, side) & this.#mask]!;
  }

  /** @returns the packet paired last that may be the same as this one; 0 for none */
  firstPaired(ordinal: number): number {
    return this.#stillThere(this.#paired[this.#hashes[this.#placeOf(ordinal)]! & this.#mask]!);
  }

  nextPaired(ordinal: number): number {
    return this.#stillThere(this.#next[this.#placeOf(ordinal)]!);
  }

  /** Chains of paired packets are never cut: they end where another packet has taken the place. */
  #stillThere(ordinal: number): number {
    return ordinal !== NONE && this.#ordinals[this.#placeOf(ordinal)] === ordinal ? ordinal : NONE;
  }

  #linkPaired(ordinal: number): void {
    const place = this.#placeOf(ordinal);
    const bucket = this.#hashes[place]! & this.#mask;
    this.#next[place] = this.#paired[bucket]!;
    this.#paired[bucket] = ordinal;
  }

  #placeOf(ordinal: number): number {
    // Ordinals beyond 2^32 keep their lower bits.
    return ordinal & this.#mask;
  }
}

/** Chains are of one side, so that whoever looks for a copy passes over no packets that can be none. */
function bucketHash(hash: number, side: number): number {
  return (hash ^ (side >>> 1)) >>> 0;
}

/** Of one key, no two identifications of 16 bits have the same lower 16 bits, as the factor is odd. */
function withId(hash: number, id: number): number {
  return (hash ^ Math.imul(id, 0x9e3779b1)) >>> 0;
}
