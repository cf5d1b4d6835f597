import { RECORD_WORDS, WORD, hashTuple, type SessionTable } from './session-table';
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
 * Which one is random but repeatable: it follows from the seed, the five-tuple and how many sessions that tuple had.
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

  /** Books a session that has been created. */
  opened(record: number): void {
    this.#destinations.add(this.#sessions.words, record * RECORD_WORDS, 1);
  }

  /** Books a session that has ended, whose port is free from now on. */
  ended(record: number): void {
    this.#destinations.add(this.#sessions.words, record * RECORD_WORDS, -1);
  }

  /** Forgets destinations without sessions; to be called when dead records have been dropped. */
  recount(): void {
    this.#destinations.clear();
    const { words, size } = this.#sessions;
    for (let record = 0; record < size; record++) {
      const at = record * RECORD_WORDS;
      if (words[at + WORD.state] !== SESSION_STATE.dead) this.#destinations.add(words, at, 1);
    }
  }

  #choosePort(natAddress: number, hash: number, pubIp: number, pubPort: number, protocol: number): boolean {
    const { portMin, portMax, maxPerEipPerDestination } = this.#gateway;
    const range = portMax - portMin + 1;
    const limit = Math.min(range, maxPerEipPerDestination);
    if (this.#destinations.count(natAddress, pubIp, pubPort, protocol) >= limit) {
      this.#reaper.reapAll();
      if (this.#destinations.count(natAddress, pubIp, pubPort, protocol) >= limit) return false;
    }
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

/** Live sessions by public address, protocol and destination. */
class DestinationLoad {
  #slots = new Int32Array(SLOT_WORDS << 12);
  #mask = (1 << 12) - 1;
  #used = 0;

  clear(): void {
    this.#slots.fill(0);
    this.#used = 0;
  }

  count(natAddress: number, pubIp: number, pubPort: number, protocol: number): number {
    return this.#slots[this.#find(pubIp, (protocol << 16) | pubPort, natAddress + 1) + 3]!;
  }

  add(words: Int32Array, at: number, change: number): void {
    const pubIp = words[at + WORD.pubIp]!;
    const service = (words[at + WORD.protocol]! << 16) | (words[at + WORD.ports]! & 0xffff);
    const address = words[at + WORD.natAddress]! + 1;
    const slots = this.#slots;
    const slot = this.#find(pubIp, service, address);
    if (slots[slot + 2] === 0) {
      slots[slot] = pubIp;
      slots[slot + 1] = service;
      slots[slot + 2] = address;
      this.#used++;
    }
    slots[slot + 3]! += change;
    if (this.#used * 2 > this.#mask) this.#grow();
  }

  /** @returns the first word of the destination's slot, or of the free one where it would go */
  #find(pubIp: number, service: number, address: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let slot = hashTuple(pubIp, service, address, 0) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * SLOT_WORDS;
      if (slots[at + 2] === 0) return at;
      if (slots[at] === pubIp && slots[at + 1] === service && slots[at + 2] === address) return at;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    this.#used = 0;
    for (let at = 0; at < old.length; at += SLOT_WORDS) {
      if (old[at + 3] === 0) continue;
      this.#slots.set(old.subarray(at, at + SLOT_WORDS), this.#find(old[at]!, old[at + 1]!, old[at + 2]!));
      this.#used++;
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
