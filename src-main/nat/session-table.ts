import { SESSION_STATE } from './session-state';

/** Words (4 octets) of one record: two cache lines. */
export const RECORD_WORDS = 32;

/**
 * Where a record keeps what: offsets in words from `record * RECORD_WORDS`.
 *
 * The second group belongs to the window: what the session did since the window began, zeroed when it closes. It is
 * kept in the record because the packet that touches the one touches the other.
 */
export const WORD = {
  priIp: 0,
  pubIp: 1,
  /** `private port << 16 | public port`. */
  ports: 2,
  protocol: 3,
  /** `SESSION_STATE`. */
  state: 4,
  natPort: 5,
  /** Index of the public address in the translator's list. */
  natAddress: 6,
  /** Hash of the five-tuple, kept for rebuilding. */
  hash: 7,
  sessionId: 8,
  /** `END_REASON_CODE` once the session is dead. */
  endReason: 9,
  lastNsec: 10,
  /** Where the allocator counts the sessions of this destination. */
  load: 31,

  pktsFromVpc: 11,
  pktsFromPub: 12,
  firstNsec: 13,
  windowLastNsec: 14,
  /** `ENTRY_FLAG`. */
  flags: 15,
} as const;

/** Offsets in float64 elements from `record * RECORD_WORDS / 2`. */
export const FLOAT = {
  /** Time of the session's last packet; idle time counts from it. */
  lastSec: 8,

  bytesFromVpc: 9,
  bytesFromPub: 10,
  firstSec: 11,
  windowLastSec: 12,
  firstPacket: 13,
  lastPacket: 14,
} as const;

/** Records before the first growth. */
const INITIAL_RECORDS = 1 << 13;

/**
 * All sessions of a gateway: fixed-size records in one buffer, found by five-tuple and by translated endpoint.
 *
 * Addresses and ports go in and out as signed 32-bit integers, of the same bits: the engine keeps those in registers,
 * while an unsigned one above 2^31 would be allocated on its way into a function.
 *
 * Records are dense and in order of creation. A dead session keeps its record, with what it did in the window, until
 * `compact` shows it to whoever keeps it. Creating a session may replace `words` and `floats`: read them from the table
 * after each call, never before. Memory follows live sessions, never the length of a capture.
 */
export class SessionTable {
  size = 0;
  words: Int32Array;
  floats: Float64Array;
  #capacity: number;
  /** Record + 1 by five-tuple and by translated endpoint; 0 is free. Two slots a record keep the probes short. */
  #byTuple: Int32Array;
  #byMapping: Int32Array;
  #mask: number;
  /** Where the last look-up of each kind ended: the slot that `create` would fill. */
  #tupleSlot = 0;
  #mappingSlot = 0;

  /** @param initialRecords a power of two */
  constructor(initialRecords = INITIAL_RECORDS) {
    this.#capacity = initialRecords;
    const buffer = new ArrayBuffer(initialRecords * RECORD_WORDS * 4);
    this.words = new Int32Array(buffer);
    this.floats = new Float64Array(buffer);
    this.#byTuple = new Int32Array(initialRecords * 2);
    this.#byMapping = new Int32Array(initialRecords * 2);
    this.#mask = initialRecords * 2 - 1;
  }

  /** @returns the record of the five-tuple, dead or alive, or -1 */
  find(hash: number, priIp: number, pubIp: number, ports: number, protocol: number): number {
    const words = this.words;
    const slots = this.#byTuple;
    const mask = this.#mask;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const record = slots[slot]! - 1;
      if (record < 0) {
        this.#tupleSlot = slot;
        return -1;
      }
      const at = record * RECORD_WORDS;
      if (
        words[at + WORD.ports] === ports &&
        words[at + WORD.priIp] === priIp &&
        words[at + WORD.pubIp] === pubIp &&
        words[at + WORD.protocol] === protocol
      ) {
        this.#tupleSlot = slot;
        return record;
      }
    }
  }

  /** @returns the record that has, or last had, this translated endpoint towards this destination, or -1 */
  findByMapping(natAddress: number, natPort: number, protocol: number, pubIp: number, pubPort: number): number {
    const slot = this.#findMappingSlot(natAddress, natPort, protocol, pubIp, pubPort);
    this.#mappingSlot = slot;
    return this.#byMapping[slot]! - 1;
  }

  /**
   * Adds a session for which `find` and `findByMapping` have just been called: neither found a live one.
   *
   * @returns its record, of which the caller fills the rest; all words are zero
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
    words[at + WORD.protocol] = protocol;
    words[at + WORD.natPort] = natPort;
    words[at + WORD.natAddress] = natAddress;
    words[at + WORD.hash] = hash;
    if (isFull) {
      this.#rebuild();
    } else {
      this.#byTuple[this.#tupleSlot] = record + 1;
      this.#byMapping[this.#mappingSlot] = record + 1;
    }
    return record;
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
      if (words[from + WORD.state] === SESSION_STATE.dead) {
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
    this.#byTuple = new Int32Array(this.#capacity * 2);
    this.#byMapping = new Int32Array(this.#capacity * 2);
    this.#mask = this.#capacity * 2 - 1;
  }

  #rebuild(): void {
    this.#byTuple.fill(0);
    this.#byMapping.fill(0);
    for (let record = 0; record < this.size; record++) {
      if (this.words[record * RECORD_WORDS + WORD.state] !== SESSION_STATE.dead) this.#insert(record);
    }
  }

  #insert(record: number): void {
    const words = this.words;
    const at = record * RECORD_WORDS;
    const ports = words[at + WORD.ports]!;
    const pubIp = words[at + WORD.pubIp]!;
    const protocol = words[at + WORD.protocol]!;
    this.find(words[at + WORD.hash]!, words[at + WORD.priIp]!, pubIp, ports, protocol);
    this.findByMapping(words[at + WORD.natAddress]!, words[at + WORD.natPort]!, protocol, pubIp, ports & 0xffff);
    this.#byTuple[this.#tupleSlot] = record + 1;
    this.#byMapping[this.#mappingSlot] = record + 1;
  }

  /** @returns the slot that holds the mapping, or the free one where it would go */
  #findMappingSlot(natAddress: number, natPort: number, protocol: number, pubIp: number, pubPort: number): number {
    const words = this.words;
    const slots = this.#byMapping;
    const mask = this.#mask;
    const hash = hashMapping(natAddress, natPort, protocol, pubIp, pubPort);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const record = slots[slot]! - 1;
      if (record < 0) return slot;
      const at = record * RECORD_WORDS;
      if (
        words[at + WORD.natPort] === natPort &&
        words[at + WORD.pubIp] === pubIp &&
        words[at + WORD.natAddress] === natAddress &&
        words[at + WORD.protocol] === protocol &&
        (words[at + WORD.ports]! & 0xffff) === pubPort
      ) {
        return slot;
      }
    }
  }
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
