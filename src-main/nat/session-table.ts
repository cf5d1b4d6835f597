import { SESSION_STATE } from './session-state';

/** Words (4 octets) of one record: two cache lines. */
export const RECORD_WORDS = 32;

/**
 * Where a record keeps what: offsets in words from `record * RECORD_WORDS`.
 *
 * What a packet of a known session reads and writes is the first cache line, and nothing else; half of all packets
 * would otherwise wait for a second one. What the session did since its window began is among it, since the packet
 * that touches the one touches the other; it is zeroed when the window closes.
 */
export const WORD = {
  priIp: 0,
  pubIp: 1,
  /** `private port << 16 | public port`. */
  ports: 2,
  /** `protocol | SESSION_STATE << STATE_SHIFT`. */
  kind: 3,
  lastNsec: 4,
  /** `ENTRY_FLAG`, and `OWN_LAST`. */
  flags: 5,
  pktsFromVpc: 6,
  pktsFromPub: 7,

  natPort: 16,
  /** Index of the public address in the translator's list. */
  natAddress: 17,
  /** Hash of the five-tuple, kept for rebuilding. */
  hash: 18,
  sessionId: 19,
  /** `END_REASON_CODE` once the session is dead. */
  endReason: 20,
  /** Where the allocator counts the sessions of this destination. */
  load: 21,
  firstNsec: 22,
  ownLastNsec: 23,
} as const;

/** Offsets in float64 elements from `record * RECORD_WORDS / 2`. */
export const FLOAT = {
  /** Time of the session's last packet; idle time counts from it. */
  lastSec: 4,
  bytesFromVpc: 5,
  bytesFromPub: 6,
  lastPacket: 7,

  firstSec: 12,
  /** See `OWN_LAST`. */
  ownLastSec: 13,
  firstPacket: 14,
} as const;

export const STATE_SHIFT = 8;
export const PROTOCOL_MASK = (1 << STATE_SHIFT) - 1;

/**
 * Bit of `WORD.flags` beside those of `ENTRY_FLAG`: the last packet of the window came late, so that the session's own
 * last time is not the window's, which is in `ownLast…`.
 */
export const OWN_LAST = 1 << 30;

/** Records before the first growth. */
const INITIAL_RECORDS = 1 << 13;
/** Slots a record at least: a load of one half keeps the probes short. */
const SLOTS_PER_RECORD = 2;

/**
 * All sessions of a gateway: fixed-size records in one buffer, found by five-tuple and by translated endpoint.
 *
 * Addresses and ports go in and out as signed 32-bit integers, of the same bits: the engine keeps those in registers,
 * while an unsigned one above 2^31 would be allocated on its way into a function.
 *
 * Both indexes are open-addressed pairs `[hash, record + 1]`, 0 being free. The hash in the slot tells strangers apart
 * without a look at their records, which are rarely in the cache.
 *
 * Records are dense and in order of creation. A dead session keeps its record, with what it did in the window, until
 * `compact` shows it to whoever keeps it. Creating a session may replace all arrays: read them from the table after
 * each call, never before. Memory follows live sessions, never the length of a capture.
 */
export class SessionTable {
  size = 0;
  words: Int32Array;
  floats: Float64Array;
  /** Index by five-tuple; its mask counts slots. */
  tupleSlots: Int32Array;
  mask: number;
  #mappingSlots: Int32Array;
  #capacity: number;
  /** Slots where the last look-up of each kind ended, which `create` fills. */
  #tupleSlot = 0;
  #mappingSlot = 0;
  #mappingHash = 0;

  /** @param initialRecords a power of two */
  constructor(initialRecords = INITIAL_RECORDS) {
    this.#capacity = initialRecords;
    const buffer = new ArrayBuffer(initialRecords * RECORD_WORDS * 4);
    this.words = new Int32Array(buffer);
    this.floats = new Float64Array(buffer);
    this.tupleSlots = new Int32Array(initialRecords * SLOTS_PER_RECORD * 2);
    this.#mappingSlots = new Int32Array(initialRecords * SLOTS_PER_RECORD * 2);
    this.mask = initialRecords * SLOTS_PER_RECORD - 1;
  }

  /** @returns the record of the five-tuple, dead or alive, or -1 */
  find(hash: number, priIp: number, pubIp: number, ports: number, protocol: number): number {
    const words = this.words;
    const slots = this.tupleSlots;
    const mask = this.mask;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const record = slots[slot * 2 + 1]! - 1;
      if (record >= 0) {
        if (slots[slot * 2] !== hash) continue;
        const at = record * RECORD_WORDS;
        if (
          words[at + WORD.ports] !== ports ||
          words[at + WORD.priIp] !== priIp ||
          words[at + WORD.pubIp] !== pubIp ||
          (words[at + WORD.kind]! & PROTOCOL_MASK) !== protocol
        ) {
          continue;
        }
      }
      this.#tupleSlot = slot;
      return record;
    }
  }

  /** @returns the record that has, or last had, this translated endpoint towards this destination, or -1 */
  findByMapping(natAddress: number, natPort: number, protocol: number, pubIp: number, pubPort: number): number {
    const words = this.words;
    const slots = this.#mappingSlots;
    const mask = this.mask;
    const hash = hashMapping(natAddress, natPort, protocol, pubIp, pubPort);
    this.#mappingHash = hash;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const record = slots[slot * 2 + 1]! - 1;
      if (record >= 0) {
        if (slots[slot * 2] !== hash) continue;
        const at = record * RECORD_WORDS;
        if (
          words[at + WORD.natPort] !== natPort ||
          words[at + WORD.pubIp] !== pubIp ||
          words[at + WORD.natAddress] !== natAddress ||
          (words[at + WORD.kind]! & PROTOCOL_MASK) !== protocol ||
          (words[at + WORD.ports]! & 0xffff) !== pubPort
        ) {
          continue;
        }
      }
      this.#mappingSlot = slot;
      return record;
    }
  }

  /**
   * Adds a session for which `find` and `findByMapping` have just been called: neither found a live one.
   *
   * @returns its record, of which the caller fills the rest; all words but the key's are zero
   */
  create(
    hash: number,
    priIp: number,
    pubIp: number,
    ports: number,
    protocol: number,
    natAddress: number,
    natPort: number,
  ): number {
    const record = this.size++;
    const isFull = record === this.#capacity;
    if (isFull) this.#enlarge();
    const at = record * RECORD_WORDS;
    const words = this.words;
    for (let word = at; word < at + RECORD_WORDS; word++) words[word] = 0;
    words[at + WORD.priIp] = priIp;
    words[at + WORD.pubIp] = pubIp;
    words[at + WORD.ports] = ports;
    words[at + WORD.kind] = protocol;
    words[at + WORD.natPort] = natPort;
    words[at + WORD.natAddress] = natAddress;
    words[at + WORD.hash] = hash;
    if (isFull) {
      this.#rebuild();
    } else {
      fillSlot(this.tupleSlots, this.#tupleSlot, hash, record);
      fillSlot(this.#mappingSlots, this.#mappingSlot, this.#mappingHash, record);
    }
    return record;
  }

  /** @returns `SESSION_STATE` of a record */
  stateOf(record: number): number {
    return this.words[record * RECORD_WORDS + WORD.kind]! >>> STATE_SHIFT;
  }

  setState(record: number, state: number): void {
    const at = record * RECORD_WORDS + WORD.kind;
    this.words[at] = (this.words[at]! & PROTOCOL_MASK) | (state << STATE_SHIFT);
  }

  /**
   * Drops the records of dead sessions and closes the gaps; the order of the rest stays.
   *
   * Record numbers change: nobody may hold one across this call.
   *
   * @param drop is shown each dead record before it goes
   */
  compact(drop: (record: number) => void): void {
    const words = this.words;
    let kept = 0;
    for (let record = 0; record < this.size; record++) {
      const from = record * RECORD_WORDS;
      if (words[from + WORD.kind]! >>> STATE_SHIFT === SESSION_STATE.dead) {
        drop(record);
        continue;
      }
      if (kept !== record) words.copyWithin(kept * RECORD_WORDS, from, from + RECORD_WORDS);
      kept++;
    }
    this.size = kept;
    this.#rebuild();
  }

  #enlarge(): void {
    this.#capacity *= 2;
    const buffer = new ArrayBuffer(this.#capacity * RECORD_WORDS * 4);
    const words = new Int32Array(buffer);
    words.set(this.words);
    this.words = words;
    this.floats = new Float64Array(buffer);
    this.tupleSlots = new Int32Array(this.#capacity * SLOTS_PER_RECORD * 2);
    this.#mappingSlots = new Int32Array(this.#capacity * SLOTS_PER_RECORD * 2);
    this.mask = this.#capacity * SLOTS_PER_RECORD - 1;
  }

  #rebuild(): void {
    const { words, size, mask, tupleSlots } = this;
    const mappingSlots = this.#mappingSlots;
    tupleSlots.fill(0);
    mappingSlots.fill(0);
    for (let record = 0; record < size; record++) {
      const at = record * RECORD_WORDS;
      const kind = words[at + WORD.kind]!;
      if (kind >>> STATE_SHIFT === SESSION_STATE.dead) continue;
      const tupleHash = words[at + WORD.hash]!;
      fillSlot(tupleSlots, freeSlot(tupleSlots, mask, tupleHash), tupleHash, record);
      const mappingHash = hashMapping(
        words[at + WORD.natAddress]!,
        words[at + WORD.natPort]!,
        kind & PROTOCOL_MASK,
        words[at + WORD.pubIp]!,
        words[at + WORD.ports]! & 0xffff,
      );
      fillSlot(mappingSlots, freeSlot(mappingSlots, mask, mappingHash), mappingHash, record);
    }
  }
}

/** No two live sessions share a key, so the first free slot is the one. */
function freeSlot(slots: Int32Array, mask: number, hash: number): number {
  let slot = hash & mask;
  while (slots[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
  return slot;
}

function fillSlot(slots: Int32Array, slot: number, hash: number, record: number): void {
  slots[slot * 2] = hash;
  slots[slot * 2 + 1] = record + 1;
}

/** Multiply-xorshift over the words of the five-tuple; constants of splitmix and murmur3. */
export function hashTuple(priIp: number, pubIp: number, ports: number, protocol: number): number {
  let hash = Math.imul(priIp, 0x9e3779b1) ^ Math.imul(pubIp, 0x85ebca6b) ^ Math.imul(ports, 0xc2b2ae35) ^ protocol;
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 12);
}

function hashMapping(natAddress: number, natPort: number, protocol: number, pubIp: number, pubPort: number): number {
  return hashTuple(natAddress, pubIp, (natPort << 16) | pubPort, protocol);
}
