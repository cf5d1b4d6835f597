import { PROTOCOL_MASK, RECORD_WORDS, STATE_SHIFT, WORD, hashTuple, type SessionTable } from './session-table';
import { SESSION_STATE } from './session-state';
import type { Gateway } from './gateway';

/** Ends sessions that have been idle for too long. */
export interface SessionReaper {
  /** @returns true when the session is dead, having ended it if its time was up */
  isDead(record: number): boolean;
  /** Ends every session whose time is up. */
  reapAll(): void;
}

/**
 * Chooses the public address and port of a new session.
 *
 * A port is taken per public address, protocol and destination: the same port serves any number of destinations.
 * Which one is random but repeatable: it follows from the seed, the five-tuple and the second in which the session opens.
 * A live session is never evicted.
 * @see nat-gateway reference §1.5, §6.1; RFC 6056 §3.3 (random port, then the next free one)
 */
export class PortAllocator {
  readonly #sessions: SessionTable;
  readonly #gateway: Gateway;
  readonly #reaper: SessionReaper;
  readonly #destinations = new DestinationLoad();
  /** The choice that `choose` made. */
  natAddress = 0;
  natPort = 0;
  /** Where the sessions of the destination that it was made for are counted. */
  #load = 0;

  constructor(sessions: SessionTable, gateway: Gateway, reaper: SessionReaper) {
    this.#sessions = sessions;
    this.#gateway = gateway;
    this.#reaper = reaper;
  }

  /**
   * Tries the pool's addresses in order of the tuple's hash, and takes the first free port of the first that has one.
   *
   * @param ports `private port << 16 | public port`, signed 32-bit like the addresses
   * @param pool indexes of the entry's public addresses
   * @param salt what tells apart two sessions of one tuple
   * @returns false when every address is full for this destination; else the choice is in `natAddress` and `natPort`
   */
  choose(
    priIp: number,
    pubIp: number,
    ports: number,
    protocol: number,
    pool: readonly number[],
    salt: number,
  ): boolean {
    const { seed } = this.#gateway;
    const portHash = hashTuple(priIp ^ Math.imul(seed, 0x27d4eb2f), pubIp ^ salt, ports, protocol) >>> 0;
    const first = pool.length === 1 ? 0 : (fnv1a(priIp, pubIp, ports, protocol) >>> 0) % pool.length;
    for (let step = 0; step < pool.length; step++) {
      const address = pool[(first + step) % pool.length]!;
      if (this.#choosePort(address, portHash, pubIp, ports & 0xffff, protocol)) return true;
    }
    return false;
  }

  /** Books the session that was created after the last choice. */
  opened(record: number): void {
    this.#book(record, this.#load);
  }

  /** Books a session that has ended, whose port is free from now on. */
  ended(record: number): void {
    this.#destinations.change(this.#sessions.words[record * RECORD_WORDS + WORD.load]!, -1);
  }

  /** Forgets destinations without sessions; to be called when dead records have been dropped. */
  recount(): void {
    this.#destinations.clear();
    this.#countLive();
  }

  #countExactly(): void {
    this.#destinations.makeExact(this.#sessions.size);
    this.#countLive();
  }

  #countLive(): void {
    const { words, size } = this.#sessions;
    for (let record = 0; record < size; record++) {
      const at = record * RECORD_WORDS;
      const kind = words[at + WORD.kind]!;
      if (kind >>> STATE_SHIFT === SESSION_STATE.dead) continue;
      const load = this.#destinations.find(
        words[at + WORD.natAddress]!,
        words[at + WORD.pubIp]!,
        words[at + WORD.ports]! & 0xffff,
        kind & PROTOCOL_MASK,
      );
      this.#book(record, load);
    }
  }

  #book(record: number, load: number): void {
    this.#sessions.words[record * RECORD_WORDS + WORD.load] = load;
    this.#destinations.change(load, 1);
  }

  #choosePort(natAddress: number, hash: number, pubIp: number, pubPort: number, protocol: number): boolean {
    const { portMin, portMax, maxPerEipPerDestination } = this.#gateway;
    const range = portMax - portMin + 1;
    const limit = Math.min(range, maxPerEipPerDestination);
    if (this.#destinations.isFull) this.#countExactly();
    let load = this.#destinations.find(natAddress, pubIp, pubPort, protocol);
    if (this.#destinations.count(load) >= limit) {
      this.#reaper.reapAll();
      if (!this.#destinations.isExact) {
        this.#countExactly();
        load = this.#destinations.find(natAddress, pubIp, pubPort, protocol);
      }
      if (this.#destinations.count(load) >= limit) return false;
    }
    this.#load = load;
    let port = portMin + (hash % range);
    for (let step = 0; step < range; step++) {
      const holder = this.#sessions.findByMapping(natAddress, port, protocol, pubIp, pubPort);
      if (holder < 0 || this.#reaper.isDead(holder)) {
        this.natAddress = natAddress;
        this.natPort = port;
        return true;
      }
      port = port === portMax ? portMin : port + 1;
    }
    return false;
  }
}

/** Words of one destination: its address, protocol and port, the public address + 1 (0 marks a free slot), the count. */
const SLOT_WORDS = 4;
/** Rough counts; they fit the first-level cache. */
const ROUGH_COUNTS = 1 << 12;

/**
 * Live sessions by public address, protocol and destination.
 *
 * Hardly any destination comes near the limit, so at first only rough counts are kept: one for all destinations with
 * the same hash, never too low. Not before one reaches the limit are destinations counted one by one.
 */
class DestinationLoad {
  readonly #rough = new Int32Array(ROUGH_COUNTS);
  /** Null while counts are rough. */
  #exact: Int32Array | null = null;
  #mask = 0;
  #used = 0;

  /** Forgets all counts; they are rough again. */
  clear(): void {
    this.#rough.fill(0);
    this.#exact = null;
  }

  get isExact(): boolean {
    return this.#exact !== null;
  }

  /** True when the exact counts have no room for another destination: `makeExact` is due before the next `find`. */
  get isFull(): boolean {
    return this.#exact !== null && this.#used * 2 >= this.#mask;
  }

  /** Prepares exact counts, all of them 0, with room for twice as many destinations as there are sessions. */
  makeExact(sessions: number): void {
    this.#mask = 2 ** Math.ceil(Math.log2((sessions + 1) * 4)) - 1;
    this.#exact = new Int32Array((this.#mask + 1) * SLOT_WORDS);
    this.#used = 0;
  }

  count(slot: number): number {
    return this.#exact === null ? this.#rough[slot]! : this.#exact[slot + 3]!;
  }

  change(slot: number, by: number): void {
    if (this.#exact === null) this.#rough[slot]! += by;
    else this.#exact[slot + 3]! += by;
  }

  /** @returns where the destination is counted, good until counts become exact or are cleared */
  find(natAddress: number, pubIp: number, pubPort: number, protocol: number): number {
    const service = (protocol << 16) | pubPort;
    const address = natAddress + 1;
    const hash = hashTuple(pubIp, service, address, 0);
    return this.#exact === null
      ? hash & (ROUGH_COUNTS - 1)
      : this.#findExact(this.#exact, hash, pubIp, service, address);
  }

  #findExact(slots: Int32Array, hash: number, pubIp: number, service: number, address: number): number {
    const mask = this.#mask;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = slot * SLOT_WORDS;
      if (slots[at + 2] === 0) {
        slots[at] = pubIp;
        slots[at + 1] = service;
        slots[at + 2] = address;
        this.#used++;
        return at;
      }
      if (slots[at] === pubIp && slots[at + 1] === service && slots[at + 2] === address) return at;
    }
  }
}

/** FNV-1a over the octets of the five-tuple. @see nat-gateway reference §6.1 `eipHash` */
function fnv1a(priIp: number, pubIp: number, ports: number, protocol: number): number {
  let hash = fnv1aOctet(0x811c9dc5, protocol);
  hash = fnv1aWord(hash, priIp, 24);
  hash = fnv1aWord(hash, ports >>> 16, 8);
  hash = fnv1aWord(hash, pubIp, 24);
  return fnv1aWord(hash, ports & 0xffff, 8);
}

function fnv1aWord(hash: number, word: number, highestShift: number): number {
  for (let shift = highestShift; shift >= 0; shift -= 8) hash = fnv1aOctet(hash, (word >>> shift) & 0xff);
  return hash;
}

function fnv1aOctet(hash: number, octet: number): number {
  return Math.imul(hash ^ octet, 0x01000193);
}
