import { FragmentCover } from './fragment-cover';
import { FragmentTable, hasFragments } from './fragment-table';
import { BATCH_ROWS, PACKET_FLAG, PROTOCOL, PacketBatch, TRAIT } from './packet-batch';
import { WaitingFragments } from './waiting-fragments';
import { REASON_CODE } from '../contract/ledger';

/** First fragments that are remembered, and later ones that wait for theirs; the oldest go first. */
const CAPACITY = 1 << 16;
/** How long the fragments of a packet may be apart. @see RFC 1122 §3.3.2; nat-gateway reference §7 scenarios 49 and 50 */
export const FRAGMENT_WAIT_SEC = 30;
/**
 * A fragment that brings octets of a whole packet again so soon is a copy of what was there. Later, it may have overtaken the first one of
 * another packet with that number, and waits for it, as long as a gateway may have a packet. @see nat-gateway reference §7 scenario 72, §6.2
 */
const COPY_NSEC = 1e6;
const OVERTAKEN_NSEC = 50e6;
const NSEC_PER_SEC = 1e9;

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
  /** Of the fragment that came last. */
  readonly #lastSec = new Float64Array(CAPACITY);
  readonly #lastNsec = new Uint32Array(CAPACITY);
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
    this.note(place, batch, row);
    return place;
  }

  /** A fragment of the packet has come. */
  note(place: number, batch: PacketBatch, row: number): void {
    this.#lastSec[place] = batch.tsSec[row]!;
    this.#lastNsec[place] = batch.tsNsec[row]!;
  }

  /** @returns nanoseconds from the fragment that came last to a row */
  apartNsec(place: number, batch: PacketBatch, row: number): number {
    return (batch.tsSec[row]! - this.#lastSec[place]!) * NSEC_PER_SEC + batch.tsNsec[row]! - this.#lastNsec[place]!;
  }

  #nextPacket(): number {
    // 0 is of none.
    this.#packets = this.#packets === 0xffff_ffff ? 1 : this.#packets + 1;
    return this.#packets;
  }

  /** @returns the place of the first fragment of a later one, however old; -1 for none */
  latest(batch: PacketBatch, row: number): number {
    return this.#table.find(batch, row);
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

/**
 * Gives the fragments of a packet the ports of their first one, whether it comes before them or after, so that all of
 * them count where it does.
 *
 * Packets are handed on in the order in which they came, but for fragments that came before their first one: those follow
 * it at once, or, when it does not come in time, whatever comes then. They keep their own time and number. A later
 * fragment that has been found a first one has its ports, and is flagged no more; without one it has no ports and the flag
 * `laterFragment`. One that comes when its packet was whole may have overtaken another one's first: it waits for that up to 50 ms, and is a
 * copy else. Both have the number of their packet, so that what became of the first one can be known of the later. Those that
 * bring octets again are flagged. Batches without fragments go through untouched, and are known to be such from then on.
 */
export class FragmentResolver {
  readonly #consume: (batch: PacketBatch) => void;
  readonly #waitSec: number;
  #heads: Heads | null = null;
  /** Those without a first one. */
  #waiting: WaitingFragments | null = null;
  /** Those that bring octets of a whole packet again, and may be of another one. */
  #again: WaitingFragments | null = null;
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

  /** Nothing waits. */
  get #isQuiet(): boolean {
    return this.#waiting?.isEmpty !== false && this.#again?.isEmpty !== false;
  }

  push(batch: PacketBatch): void {
    if (this.#isQuiet && !hasFragments(batch)) {
      batch.traits |= TRAIT.unfragmented;
      this.#consume(batch);
      return;
    }
    for (let row = 0; row < batch.length; row++) {
      this.#giveUpBefore(batch.tsSec[row]! - this.#waitSec, batch.tsNsec[row]!);
      this.#takeUpBefore(batch.tsSec[row]!, batch.tsNsec[row]! - OVERTAKEN_NSEC);
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
    this.#takeUpBefore(sec, -OVERTAKEN_NSEC);
    this.#handOn();
    return this.#isQuiet;
  }

  /** Hands on what still waits: the captures have ended. */
  flush(): void {
    this.#giveUpBefore(Infinity, 0);
    this.#takeUpBefore(Infinity, 0);
    this.#handOn();
  }

  #take(batch: PacketBatch, row: number): void {
    const flags = batch.flags[row]!;
    if ((flags & PACKET_FLAG.laterFragment) !== 0) {
      const head = this.#heads?.find(batch, row, this.#waitSec) ?? -1;
      if (this.#heads === null || head < 0) this.#wait(batch, row);
      else if (this.#heads.cover.isWhole(head) && this.#heads.apartNsec(head, batch, row) > COPY_NSEC) {
        this.#waitAgain(batch, row);
      } else this.#emit(this.#heads, head, batch, row);
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
    for (const waiting of [this.#again, this.#waiting]) {
      if (waiting === null) continue;
      for (const at of waiting.takeAlike(batch, row)) {
        this.#emit(this.#heads, place, waiting.batchOf(at), at % BATCH_ROWS);
      }
    }
  }

  #wait(batch: PacketBatch, row: number): void {
    this.#waiting ??= new WaitingFragments(CAPACITY);
    const { table } = this.#waiting;
    const next = table.nextPlace;
    if (table.isTaken(next)) {
      this.givenUp++;
      table.remove(next);
      const out = this.#giveUp(this.#waiting, next);
      out.flags[out.length - 1]! |= PACKET_FLAG.givenUp;
    }
    this.#waiting.add(batch, row);
  }

  #waitAgain(batch: PacketBatch, row: number): void {
    this.#again ??= new WaitingFragments(CAPACITY);
    const { table } = this.#again;
    const next = table.nextPlace;
    if (table.isTaken(next)) {
      table.remove(next);
      this.#takeUp(this.#again, next);
    }
    this.#again.add(batch, row);
  }

  #giveUpBefore(sec: number, nsec: number): void {
    if (this.#waiting === null) return;
    for (let at = this.#waiting.takeBefore(sec, nsec); at >= 0; at = this.#waiting.takeBefore(sec, nsec)) {
      this.#giveUp(this.#waiting, at);
    }
  }

  #giveUp(waiting: WaitingFragments, place: number): PacketBatch {
    return this.#append(waiting.batchOf(place), place % BATCH_ROWS);
  }

  /** @param nsec of the second; a negative one is of the second before */
  #takeUpBefore(sec: number, nsec: number): void {
    const again = this.#again;
    if (again === null || again.isEmpty) return;
    const [wholeSec, rest] = nsec < 0 ? [sec - 1, nsec + NSEC_PER_SEC] : [sec, nsec];
    for (let at = again.takeBefore(wholeSec, rest); at >= 0; at = again.takeBefore(wholeSec, rest)) {
      this.#takeUp(again, at);
    }
  }

  /** Nothing has come that the fragment could have overtaken: it is of the packet that was whole. */
  #takeUp(again: WaitingFragments, at: number): void {
    const [batch, row] = [again.batchOf(at), at % BATCH_ROWS];
    const head = this.#heads?.latest(batch, row) ?? -1;
    if (this.#heads === null || head < 0) this.#append(batch, row);
    else this.#emit(this.#heads, head, batch, row);
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
    heads.note(head, batch, row);
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
