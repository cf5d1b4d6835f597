import { FragmentCover } from './fragment-cover';
import { FragmentTable, hasFragments } from './fragment-table';
import { BATCH_ROWS, PACKET_FLAG, PROTOCOL, PacketBatch, TRAIT } from './packet-batch';
import { REASON_CODE } from '../contract/ledger';

/** First fragments that are remembered, and later ones that wait for theirs; the oldest go first. */
const CAPACITY = 1 << 16;
/** How long the fragments of a packet may be apart. @see RFC 1122 §3.3.2; nat-gateway reference §7 scenarios 49 and 50 */
export const FRAGMENT_WAIT_SEC = 30;

/** TCP flags of a later fragment, which has none: it neither opens nor ends a session. */
const TCP_ACK = 0x10;

/** First fragments, what the later ones of each are given, and which octets have come. */
class Heads {
  readonly #table = new FragmentTable(CAPACITY);
  readonly ports = new Uint32Array(CAPACITY);
  readonly kind = new Uint8Array(CAPACITY);
  /** Number of the packet: see `fragmentOf`. */
  readonly packet = new Uint32Array(CAPACITY);
  readonly cover = new FragmentCover(CAPACITY);
  readonly #sec = new Float64Array(CAPACITY);
  readonly #nsec = new Uint32Array(CAPACITY);
  #packets = 0;

  /**
   * One that comes again before all of its packet has come is of the same packet; after that, it is of another one that has
   * its identification.
   *
   * @returns its place
   */
  add(batch: PacketBatch, row: number, waitSec: number): number {
    const before = this.#table.find(batch, row);
    const isSame = before >= 0 && !this.#isOld(before, batch, row, waitSec) && !this.cover.isWhole(before);
    if (before >= 0) this.#table.remove(before);
    const place = this.#table.add(batch, row);
    this.packet[place] = isSame ? this.packet[before]! : this.#nextPacket();
    if (isSame) this.cover.move(before, place);
    else this.cover.clear(place);
    this.ports[place] = batch.ports[row]!;
    this.kind[place] = batch.protocol[row] === PROTOCOL.tcp ? TCP_ACK : batch.l4Kind[row]!;
    this.#sec[place] = batch.tsSec[row]!;
    this.#nsec[place] = batch.tsNsec[row]!;
    return place;
  }

  #nextPacket(): number {
    // 0 is of none.
    this.#packets = this.#packets === 0xffff_ffff ? 1 : this.#packets + 1;
    return this.#packets;
  }

  /** @returns the place of the first fragment of a later one; -1 for none, or one that is too old */
  find(batch: PacketBatch, row: number, waitSec: number): number {
    const place = this.#table.find(batch, row);
    return place >= 0 && !this.#isOld(place, batch, row, waitSec) ? place : -1;
  }

  #isOld(place: number, batch: PacketBatch, row: number, waitSec: number): boolean {
    const apartSec = batch.tsSec[row]! - this.#sec[place]!;
    return apartSec > waitSec || (apartSec === waitSec && batch.tsNsec[row]! > this.#nsec[place]!);
  }
}

/** Later fragments that wait for their first one. */
class Waiting {
  readonly table = new FragmentTable(CAPACITY);
  readonly #batches: PacketBatch[] = [];

  add(batch: PacketBatch, row: number): void {
    const place = this.table.add(batch, row);
    const to = (this.#batches[Math.floor(place / BATCH_ROWS)] ??= new PacketBatch());
    to.length = place % BATCH_ROWS;
    to.appendRow(batch, row);
  }

  batchOf(place: number): PacketBatch {
    return this.#batches[Math.floor(place / BATCH_ROWS)]!;
  }
}

/**
 * Gives the fragments of a packet the ports of their first one, whether it comes before them or after, so that all of
 * them count where it does.
 *
 * Packets are handed on in the order in which they came, but for fragments that came before their first one: those follow
 * it at once, or, when it does not come in time, whatever comes then. They keep their own time and number. A later
 * fragment that has been found a first one has its ports, and is flagged no more; without one it has no ports and the flag
 * `laterFragment`. Both have the number of their packet, so that what became of the first one can be known of the later. Those that
 * bring octets again are flagged. Batches without fragments go through untouched, and are known to be such from then on.
 */
export class FragmentResolver {
  readonly #consume: (batch: PacketBatch) => void;
  readonly #waitSec: number;
  #heads: Heads | null = null;
  #waiting: Waiting | null = null;
  /** Fragments that have waited, and which of them may be the oldest that still does. */
  #waitCount = 0;
  #oldestWaiting = 0;
  #out: PacketBatch | null = null;
  /** Later fragments that were given up since too many waited. */
  givenUp = 0;

  /**
   * @param consume takes each batch; the batch is reused after it returns
   * @param waitSec seconds between a fragment and its first one at most; Infinity to wait for the end
   */
  constructor(consume: (batch: PacketBatch) => void, waitSec = FRAGMENT_WAIT_SEC) {
    this.#consume = consume;
    this.#waitSec = waitSec;
  }

  push(batch: PacketBatch): void {
    const isQuiet = this.#waiting === null || this.#waiting.table.size === 0;
    if (isQuiet && !hasFragments(batch)) {
      batch.traits |= TRAIT.unfragmented;
      this.#consume(batch);
      return;
    }
    for (let row = 0; row < batch.length; row++) {
      this.#giveUpBefore(batch.tsSec[row]! - this.#waitSec, batch.tsNsec[row]!);
      this.#take(batch, row);
    }
    this.#handOn();
  }

  /**
   * Gives up what has waited too long, as if a packet of that second had come.
   *
   * @returns whether nothing waits now
   */
  advance(sec: number): boolean {
    this.#giveUpBefore(sec - this.#waitSec, 0);
    this.#handOn();
    return this.#waiting === null || this.#waiting.table.size === 0;
  }

  /** Hands on what still waits: the captures have ended. */
  flush(): void {
    this.#giveUpBefore(Infinity, 0);
    this.#handOn();
  }

  #take(batch: PacketBatch, row: number): void {
    const flags = batch.flags[row]!;
    if ((flags & PACKET_FLAG.laterFragment) !== 0) {
      const head = this.#heads?.find(batch, row, this.#waitSec) ?? -1;
      if (this.#heads === null || head < 0) this.#wait(batch, row);
      else this.#emit(this.#heads, head, batch, row);
      return;
    }
    const out = this.#append(batch, row);
    // Of one that was cut before its ports nothing can be learnt.
    if ((flags & PACKET_FLAG.firstFragment) !== 0 && batch.reason[row] !== REASON_CODE.l4_truncated) {
      this.#remember(batch, row, out);
    }
  }

  /** @param out has it as its last row */
  #remember(batch: PacketBatch, row: number, out: PacketBatch): void {
    this.#heads ??= new Heads();
    const place = this.#heads.add(batch, row, this.#waitSec);
    out.fragmentOf[out.length - 1] = this.#heads.packet[place]!;
    flagOverlap(this.#heads, place, out);
    if (this.#waiting === null) return;
    const { table } = this.#waiting;
    const places: number[] = [];
    for (let at = table.find(batch, row); at >= 0; at = table.findOlder(at)) places.push(at);
    for (const at of places.reverse()) {
      table.remove(at);
      this.#emit(this.#heads, place, this.#waiting.batchOf(at), at % BATCH_ROWS);
    }
  }

  #wait(batch: PacketBatch, row: number): void {
    this.#waiting ??= new Waiting();
    const { table } = this.#waiting;
    const next = table.nextPlace;
    if (table.isTaken(next)) {
      this.givenUp++;
      const out = this.#giveUp(this.#waiting, next);
      out.flags[out.length - 1]! |= PACKET_FLAG.givenUp;
    }
    this.#waiting.add(batch, row);
    this.#waitCount++;
  }

  #giveUpBefore(sec: number, nsec: number): void {
    const waiting = this.#waiting;
    if (waiting === null || waiting.table.size === 0) return;
    // Places are taken in turn, so the n-th has the place n modulo their number.
    this.#oldestWaiting = Math.max(this.#oldestWaiting, this.#waitCount - CAPACITY);
    for (; this.#oldestWaiting < this.#waitCount; this.#oldestWaiting++) {
      const place = this.#oldestWaiting % CAPACITY;
      if (!waiting.table.isTaken(place)) continue;
      const { tsSec, tsNsec } = waiting.batchOf(place);
      const row = place % BATCH_ROWS;
      if (tsSec[row]! > sec || (tsSec[row] === sec && tsNsec[row]! >= nsec)) return;
      this.#giveUp(waiting, place);
    }
  }

  #giveUp(waiting: Waiting, place: number): PacketBatch {
    waiting.table.remove(place);
    return this.#append(waiting.batchOf(place), place % BATCH_ROWS);
  }

  /** A later fragment whose first one is known. */
  #emit(heads: Heads, head: number, batch: PacketBatch, row: number): void {
    const out = this.#append(batch, row);
    const to = out.length - 1;
    out.ports[to] = heads.ports[head]!;
    out.l4Kind[to] = heads.kind[head]!;
    out.fragmentOf[to] = heads.packet[head]!;
    out.flags[to]! &= ~PACKET_FLAG.laterFragment;
    flagOverlap(heads, head, out);
  }

  /** @returns the batch whose last row it is now */
  #append(batch: PacketBatch, row: number): PacketBatch {
    const out = (this.#out ??= new PacketBatch());
    if (out.length === BATCH_ROWS) this.#handOn();
    out.appendRow(batch, row);
    out.fragmentOf[out.length - 1] = 0;
    return out;
  }

  #handOn(): void {
    const out = this.#out;
    if (out === null) return;
    if (out.length > 0) this.#consume(out);
    out.length = 0;
  }
}

/** @param out has as its last row a fragment of the packet at that place */
function flagOverlap(heads: Heads, place: number, out: PacketBatch): void {
  const row = out.length - 1;
  if (heads.cover.add(place, out.fragmentSpan[row]!)) out.flags[row]! |= PACKET_FLAG.fragOverlap;
}
