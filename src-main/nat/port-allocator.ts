import { RECORD_WORDS, WORD, hashTuple, type SessionTable } from './session-table';
import { SESSION_STATE } from './session-state';
import type { Gateway } from './gateway';

/** What a session needs to be told from others when its translated endpoint is chosen; all signed 32-bit. */
export interface NewSession {
  priIp: number;
  pubIp: number;
  ports: number;
  protocol: number;
}

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
   * @param pool indexes of the entry's public addresses
   * @param salt what tells apart two sessions of one tuple
   * @returns false when every address is full for this destination; else the choice is in `natAddress` and `natPort`
   */
  choose(session: NewSession, pool: readonly number[], salt: number): boolean {
    const addressHash = fnv1a(session) >>> 0;
    for (let step = 0; step < pool.length; step++) {
      const address = pool[(addressHash + step) % pool.length]!;
      if (this.#choosePort(session, address, salt)) return true;
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

  #choosePort(session: NewSession, natAddress: number, salt: number): boolean {
    const { portMin, portMax, maxPerEipPerDestination, seed } = this.#gateway;
    const { pubIp, protocol } = session;
    const pubPort = session.ports & 0xffff;
    const range = portMax - portMin + 1;
    const limit = Math.min(range, maxPerEipPerDestination);
    if (this.#destinations.count(natAddress, pubIp, pubPort, protocol) >= limit) {
      this.#reaper.reapAll();
      if (this.#destinations.count(natAddress, pubIp, pubPort, protocol) >= limit) return false;
    }
    const hash = hashTuple(session.priIp ^ Math.imul(seed, 0x27d4eb2f), pubIp ^ salt, session.ports, protocol);
    const first = (hash >>> 0) % range;
    for (let step = 0; step < range; step++) {
      const port = portMin + ((first + step) % range);
      const holder = this.#sessions.findByMapping(natAddress, port, protocol, pubIp, pubPort);
      if (holder >= 0 && !this.#reaper.isDead(holder)) continue;
      this.natAddress = natAddress;
      this.natPort = port;
      return true;
    }
    return false;
  }
}

/** Live sessions by public address, protocol and destination. */
class DestinationLoad {
  #keys = new Int32Array(3 << 12);
  #counts = new Int32Array(1 << 12);
  #used = 0;

  clear(): void {
    this.#counts.fill(0);
    this.#keys.fill(0);
    this.#used = 0;
  }

  count(natAddress: number, pubIp: number, pubPort: number, protocol: number): number {
    return this.#counts[this.#slot(pubIp, (protocol << 16) | pubPort, natAddress + 1)]!;
  }

  add(words: Int32Array, at: number, change: number): void {
    const service = (words[at + WORD.protocol]! << 16) | (words[at + WORD.ports]! & 0xffff);
    const slot = this.#slot(words[at + WORD.pubIp]!, service, words[at + WORD.natAddress]! + 1);
    if (this.#keys[slot * 3 + 2] === 0) {
      this.#keys[slot * 3] = words[at + WORD.pubIp]!;
      this.#keys[slot * 3 + 1] = service;
      this.#keys[slot * 3 + 2] = words[at + WORD.natAddress]! + 1;
      this.#used++;
    }
    this.#counts[slot]! += change;
    if (this.#used * 2 > this.#counts.length) this.#grow();
  }

  /** @param address index of the public address + 1, so that 0 marks a free slot */
  #slot(pubIp: number, service: number, address: number): number {
    const keys = this.#keys;
    const mask = this.#counts.length - 1;
    for (let slot = hashTuple(pubIp, service, address, 0) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * 3;
      if (keys[at + 2] === 0) return slot;
      if (keys[at] === pubIp && keys[at + 1] === service && keys[at + 2] === address) return slot;
    }
  }

  #grow(): void {
    const keys = this.#keys;
    const counts = this.#counts;
    this.#counts = new Int32Array(counts.length * 2);
    this.#keys = new Int32Array(keys.length * 2);
    this.#used = 0;
    for (let slot = 0; slot < counts.length; slot++) {
      if (counts[slot] === 0) continue;
      const to = this.#slot(keys[slot * 3]!, keys[slot * 3 + 1]!, keys[slot * 3 + 2]!);
      this.#keys.set(keys.subarray(slot * 3, slot * 3 + 3), to * 3);
      this.#counts[to] = counts[slot]!;
      this.#used++;
    }
  }
}

/** FNV-1a over the octets of the five-tuple. @see nat-gateway reference §6.1 `eipHash` */
function fnv1a({ protocol, priIp, ports, pubIp }: NewSession): number {
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
