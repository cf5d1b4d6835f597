import { REASON_CODE } from '../contract/ledger';
import { PACKET_FLAG, PROTOCOL, TCP_WINDOW_UNKNOWN, type PacketBatch } from './packet-batch';

/** Copies are at most so far apart. @see nat-gateway reference §7 scenario 72 */
const APART_NSEC = 1_000_000;
/** Packets that are remembered, a power of two: more within a millisecond than any link carries. */
const CAPACITY = 1 << 16;
const BUCKETS = 1 << 17;
/** Words of a packet by which its copies are known. */
const WORDS = 9;
const NSEC_PER_SEC = 1e9;

/**
 * Gives copies of a packet the reason `duplicate`, as a port that is mirrored twice sends them: everything that is decoded
 * of two packets is alike, down to identification and time to live, and they are at most a millisecond apart. The first
 * counts.
 *
 * Packets of IPv4 that nobody had a reason against are looked at. Which are copies does not depend on how they were cut
 * into batches.
 */
export class Duplicates {
  readonly #consume: (batch: PacketBatch) => void;
  readonly #words = new Uint32Array(CAPACITY * WORDS);
  readonly #sec = new Float64Array(CAPACITY);
  readonly #nsec = new Uint32Array(CAPACITY);
  /** Ordinal of the packet before it in its bucket; -1 for none. Packets have places by their ordinals, round by round. */
  readonly #before = new Float64Array(CAPACITY);
  readonly #latest = new Float64Array(BUCKETS).fill(-1);
  readonly #key = new Uint32Array(WORDS);
  #next = 0;

  /** @param consume takes each batch; the batch is reused after it returns */
  constructor(consume: (batch: PacketBatch) => void) {
    this.#consume = consume;
  }

  /** Takes packets of a decoder that hashes their payloads. */
  push(batch: PacketBatch): void {
    for (let row = 0; row < batch.length; row++) {
      if (batch.ipVersion[row] === 4 && batch.reason[row] === 0) this.#look(batch, row);
    }
    this.#consume(batch);
  }

  #look(batch: PacketBatch, row: number): void {
    const bucket = this.#writeKey(batch, row);
    const sec = batch.tsSec[row]!;
    const nsec = batch.tsNsec[row]!;
    for (let ordinal = this.#latest[bucket]!; ordinal >= 0; ordinal = this.#before[ordinal % CAPACITY]!) {
      if (ordinal < this.#next - CAPACITY) break;
      const place = ordinal % CAPACITY;
      const apartNsec = (sec - this.#sec[place]!) * NSEC_PER_SEC + nsec - this.#nsec[place]!;
      if (apartNsec > APART_NSEC) break;
      if (apartNsec < -APART_NSEC || !this.#hasKey(place)) continue;
      batch.reason[row] = REASON_CODE.duplicate;
      return;
    }
    const place = this.#next % CAPACITY;
    this.#words.set(this.#key, place * WORDS);
    this.#sec[place] = sec;
    this.#nsec[place] = nsec;
    this.#before[place] = this.#latest[bucket]!;
    this.#latest[bucket] = this.#next++;
  }

  #hasKey(place: number): boolean {
    const at = place * WORDS;
    for (let word = 0; word < WORDS; word++) if (this.#words[at + word] !== this.#key[word]) return false;
    return true;
  }

  /** @returns its bucket */
  #writeKey(batch: PacketBatch, row: number): number {
    const key = this.#key;
    // Of an error that quotes too little, the columns of what it quotes are stale.
    const quotes = (batch.flags[row]! & PACKET_FLAG.icmpError) !== 0 && batch.quotedVersion[row] !== 0;
    // A later fragment has no header of TCP, and what was cut has none that tells.
    const isTcp = batch.protocol[row] === PROTOCOL.tcp && batch.tcpWindow[row] !== TCP_WINDOW_UNKNOWN;
    // The copy of a fragment brings its octets again.
    const flags = batch.flags[row]! & ~PACKET_FLAG.fragOverlap;
    key[0] = batch.srcIp[row]!;
    key[1] = batch.dstIp[row]!;
    key[2] = batch.ports[row]!;
    key[3] = batch.ipBytes[row]!;
    key[4] = (batch.ipId[row]! << 8) | batch.ttl[row]!;
    key[5] = (batch.protocol[row]! << 16) | (batch.l4Kind[row]! << 8) | flags;
    key[6] = isTcp ? batch.tcpSeq[row]! : batch.payloadHash[row]!;
    key[7] = isTcp ? batch.tcpAck[row]! : quotes ? batch.quotedPorts[row]! : 0;
    key[8] = isTcp ? batch.tcpWindow[row]! : quotes ? batch.quotedAddress[row * 8 + 4]! : 0;
    let hash = 0;
    for (let word = 0; word < WORDS; word++) hash = Math.imul(hash ^ key[word]!, 0x9e3779b1);
    return (hash ^ (hash >>> 15)) & (BUCKETS - 1);
  }
}
