import { LEG, PACKET_FLAG, PROTOCOL, type PacketBatch } from '../capture/packet-batch';
import { REASON_CODE } from '../contract/ledger';
import type { AddressClasses } from './address-classes';
import { HeldPackets, type HeldBatch } from './held-packets';
import { LegAddresses, SIDE } from './leg-addresses';
import { hashKey, nearAddress, nearPort, PACKET_KEY_WORDS, writePacketKey } from './packet-key';
import { PairedSessions } from './paired-sessions';
import { WaitingRows } from './waiting-rows';

/** How far apart the two sides of a packet may be. @see nat-gateway reference §6.2 */
const PAIR_NSEC = 50e6;
/** Copies of a packet on one side, as of a port that is mirrored twice. @see nat-gateway reference §7 scenario 72 */
const TWIN_NSEC = 1e6;
/** Without any packet of the public side for so long, its capture may have ended. */
const PUBLIC_QUIET_NSEC = 60e9;
/** Packets that may wait at once, whatever their time: 2.6 million a second. */
export const MAX_WAITING = 1 << 17;
/** Equal packets that are looked at for one; nobody sends as many within 50 ms but to do harm. */
const MAX_LOOKS = 256;

export interface LegPairingOptions {
  /** Addresses that the gateway sends from, host order; empty for a gateway of which the public side is never captured. */
  readonly natAddresses: readonly number[];
  /** Which addresses are behind the gateway. */
  readonly inside: AddressClasses;
  /** A packet that was not seen to come out counts nevertheless. */
  readonly countUnpaired: boolean;
  /** The gateway translates other protocols than TCP, UDP and ICMP. Default: it does not. */
  readonly withOthers?: boolean;
}

/**
 * Finds the packets that a capture shows on both sides of a gateway, so that each counts once, with the address and port
 * that the gateway gave it.
 *
 * Two packets are one when they have the same protocol, other end, direction and length, the same sequence numbers or the
 * same payload and identification, are at most 50 ms apart, and the later one has a lower time to live. Of several that fit,
 * those of a session that is known to have this translation come first, then those with the same identification, then the
 * nearest in time. A packet has one copy at most.
 *
 * The packet on the private side gets `observedNatIp`, `observedNatPort` and `LEG.paired`, its copy the reason
 * `public_copy`. A packet that left a host and not the gateway has the reason `lost_in_nat`, if other packets of its session
 * were seen on both sides, and the public side at all within the minute; one that came to a host and not to the gateway has
 * `LEG.publicMissing`. Packets of the public side without the other one have `LEG.publicOnly`.
 *
 * Packets are handed on in the order in which they came, 50 ms of packet time later, or when 131,072 wait; what becomes of
 * each does not depend on how they were cut into batches. Columns of the batches that are pushed change hands. Without
 * addresses of the gateway batches go through at once; while none of them has occurred, nothing is done but to wait.
 * @see nat-gateway reference §5 details 5 and 6, §6.2
 */
export class LegPairing {
  readonly #consume: (batch: PacketBatch) => void;
  readonly #addresses: LegAddresses;
  readonly #countsUnpaired: boolean;
  readonly #withOthers: boolean;
  readonly #held = new HeldPackets(PAIR_NSEC);
  /** Ordinals of the next packet that is looked at, and of the next whose fate is settled. */
  #nextToWork = 1;
  #nextToSettle = 1;
  /** Null until an address of the gateway occurs. */
  #waiting: WaitingRows | null = null;
  readonly #sessions = new PairedSessions();
  #publicSeenNsec = -Infinity;
  readonly #key = new Uint32Array(PACKET_KEY_WORDS);
  /** Packets that were found on both sides. */
  paired = 0;
  /** Packets that could not wait for 50 ms, since more than `MAX_WAITING` came meanwhile. */
  cutShort = 0;

  /** @param consume takes each batch; the batch is reused after it returns */
  constructor(
    { natAddresses, inside, countUnpaired, withOthers = false }: LegPairingOptions,
    consume: (batch: PacketBatch) => void,
  ) {
    this.#consume = consume;
    this.#addresses = new LegAddresses(natAddresses, inside);
    this.#countsUnpaired = countUnpaired;
    this.#withOthers = withOthers;
  }

  /** Takes packets in order of time. */
  push(batch: PacketBatch): void {
    if (batch.length === 0) return;
    if (this.#addresses.isEmpty) {
      this.#consume(batch);
      return;
    }
    const from = this.#held.nextOrdinal;
    const held = this.#held.take(batch);
    if (this.#waiting === null && this.#addresses.occurIn(held.batch, from - held.firstOrdinal)) {
      this.#waiting = new WaitingRows(MAX_WAITING);
    }
    if (this.#waiting === null) this.#passBefore(this.#held.nowNsec - PAIR_NSEC);
    else this.#work(this.#waiting);
    this.#handOn();
  }

  /** Hands on what still waits: the captures have ended, or what comes next is too much later to be a copy of it. */
  flush(): void {
    const end = this.#held.nextOrdinal;
    const waiting = this.#waiting;
    if (waiting !== null) while (this.#nextToSettle < end) this.#settle(waiting);
    this.#nextToSettle = end;
    this.#nextToWork = end;
    this.#handOn();
  }

  /** Nothing has two sides yet: whole batches are let go. */
  #passBefore(nsec: number): void {
    for (const { batch, clock, endOrdinal } of this.#held.batches) {
      const isPressed = this.#held.nextOrdinal - endOrdinal >= MAX_WAITING;
      if (clock[batch.length - 1]! >= nsec && !isPressed) return;
      this.#nextToSettle = endOrdinal;
      this.#nextToWork = endOrdinal;
    }
  }

  #handOn(): void {
    for (;;) {
      const held = this.#held.takeBefore(this.#nextToSettle);
      if (held === undefined) return;
      this.#consume(held.batch);
      this.#held.free(held);
    }
  }

  #work(waiting: WaitingRows): void {
    for (const held of this.#held.batches) {
      if (held.endOrdinal <= this.#nextToWork) continue;
      const from = this.#nextToWork - held.firstOrdinal;
      const { batch } = held;
      batch.leg.fill(LEG.unknown, from, batch.length);
      batch.observedNatIp.fill(0, from, batch.length);
      batch.observedNatPort.fill(0, from, batch.length);
      for (let row = from; row < batch.length; row++) this.#workRow(waiting, held, row);
    }
  }

  #workRow(waiting: WaitingRows, held: HeldBatch, row: number): void {
    const ordinal = this.#nextToWork++;
    const nowNsec = held.clock[row]!;
    this.#settleBefore(waiting, nowNsec - PAIR_NSEC, ordinal - MAX_WAITING);
    const { batch } = held;
    const side = this.#addresses.sideOf(batch, row);
    if (side === SIDE.none) {
      waiting.put(ordinal, held, row, side, null, 0);
      return;
    }
    if (side >= SIDE.publicOut) this.#publicSeenNsec = nowNsec;
    const hasKey = writePacketKey(batch, row, side, this.#key, this.#withOthers);
    const hash = hasKey ? hashKey(this.#key, side) : 0;
    waiting.put(ordinal, held, row, side, hasKey ? this.#key : null, hash);
    if (!hasKey) return;
    const copy = this.#findCopy(waiting, ordinal, side, hash);
    if (copy === 0) waiting.link(ordinal);
    else this.#pair(waiting, ordinal, copy, side);
  }

  /** @returns the ordinal of the packet on the other side; 0 for none */
  #findCopy(waiting: WaitingRows, ordinal: number, side: number, hash: number): number {
    const otherSide = side ^ 2;
    let best = 0;
    let bestScore = -1;
    let bestNsec = Infinity;
    let looks = 0;
    const from = this.#nextToSettle;
    let at = waiting.first(hash, otherSide, from);
    for (; at !== 0 && looks < MAX_LOOKS; at = waiting.next(at, from)) {
      looks++;
      if (!waiting.hasKey(at, otherSide, this.#key)) continue;
      const distanceNsec = this.#delay(waiting, ordinal, at, side);
      if (distanceNsec < 0 || distanceNsec > PAIR_NSEC) continue;
      const score = this.#score(waiting, ordinal, at, side);
      if (score < bestScore || score < 0 || (score === bestScore && distanceNsec >= bestNsec)) continue;
      best = at;
      bestScore = score;
      bestNsec = distanceNsec;
    }
    return best;
  }

  /** Time that a packet took to the other side; -1 when it cannot have come from there, as its time to live is no lower. */
  #delay(waiting: WaitingRows, ordinal: number, other: number, side: number): number {
    const isEntry = side === SIDE.privateOut || side === SIDE.publicIn;
    const entry = isEntry ? ordinal : other;
    const exit = isEntry ? other : ordinal;
    if (waiting.ttlOf(exit) >= waiting.ttlOf(entry)) return -1;
    return waiting.nsecBetween(entry, exit);
  }

  /** How well two packets that may be one fit into what is known; negative when it says that they are not. */
  #score(waiting: WaitingRows, ordinal: number, other: number, side: number): number {
    const privateAt = side < SIDE.publicOut ? ordinal : other;
    const publicAt = side < SIDE.publicOut ? other : ordinal;
    const ofPrivate = waiting.batchOf(privateAt);
    const ofPublic = waiting.batchOf(publicAt);
    const privateRow = waiting.rowOf(privateAt);
    const publicRow = waiting.rowOf(publicAt);
    const ipId = ofPrivate.ipId[privateRow]!;
    const hasSameId = ipId === ofPublic.ipId[publicRow]!;
    const agreement = this.#sessions.agreement(ofPrivate, privateRow, ofPublic, publicRow, side);
    // Equal keep-alives of two hosts, without an identification, are no proof that a mapping has changed.
    const isWeak = ofPrivate.protocol[privateRow] !== PROTOCOL.tcp && ipId === 0;
    if (agreement < 0 && isWeak) return -1;
    return (agreement + 1) * 2 + Number(hasSameId);
  }

  #pair(waiting: WaitingRows, ordinal: number, copy: number, side: number): void {
    waiting.unlink(copy);
    const privateAt = side < SIDE.publicOut ? ordinal : copy;
    const publicAt = side < SIDE.publicOut ? copy : ordinal;
    const ofPrivate = waiting.batchOf(privateAt);
    const ofPublic = waiting.batchOf(publicAt);
    const privateRow = waiting.rowOf(privateAt);
    const publicRow = waiting.rowOf(publicAt);
    ofPrivate.leg[privateRow] = LEG.paired;
    ofPrivate.observedNatIp[privateRow] = nearAddress(ofPublic, publicRow, side);
    ofPrivate.observedNatPort[privateRow] = nearPort(ofPublic, publicRow, side);
    ofPublic.reason[publicRow] = REASON_CODE.public_copy;
    waiting.setPaired(privateAt, publicAt);
    this.#sessions.learn(ofPrivate, privateRow, ofPublic, publicRow, side);
    this.paired++;
  }

  /** Settles packets from before a time, or an ordinal. */
  #settleBefore(waiting: WaitingRows, nsec: number, ordinal: number): void {
    for (; this.#nextToSettle < this.#nextToWork - 1;) {
      const isDue = waiting.clockOf(this.#nextToSettle) < nsec;
      if (!isDue && this.#nextToSettle > ordinal) return;
      if (!isDue) this.cutShort++;
      this.#settle(waiting);
    }
  }

  /** No copy of the packet can come any more. */
  #settle(waiting: WaitingRows): void {
    const ordinal = this.#nextToSettle++;
    const side = waiting.sideOf(ordinal);
    if (side === SIDE.none || waiting.isPaired(ordinal)) return;
    const batch = waiting.batchOf(ordinal);
    const row = waiting.rowOf(ordinal);
    if (side >= SIDE.publicOut) {
      if (this.#isTwin(waiting, ordinal)) batch.reason[row] = REASON_CODE.public_copy;
      else batch.leg[row] = LEG.publicOnly;
      return;
    }
    const isError = (batch.flags[row]! & PACKET_FLAG.icmpError) !== 0;
    if (isError || !waiting.isKnowable(ordinal) || !this.#sessions.knows(batch, row, side)) return;
    if (waiting.clockOf(ordinal) - this.#publicSeenNsec > PUBLIC_QUIET_NSEC || this.#isTwin(waiting, ordinal)) return;
    if (side === SIDE.privateIn) batch.leg[row] = LEG.publicMissing;
    else if (!this.#countsUnpaired) batch.reason[row] = REASON_CODE.lost_in_nat;
  }

  /** Whether a packet is a copy, on the same side, of one that was paired. */
  #isTwin(waiting: WaitingRows, ordinal: number): boolean {
    if (!waiting.isKnowable(ordinal)) return false;
    let looks = 0;
    for (let at = waiting.firstPaired(ordinal); at !== 0 && looks < MAX_LOOKS; at = waiting.nextPaired(at)) {
      looks++;
      if (waiting.isSame(at, ordinal) && Math.abs(waiting.nsecBetween(at, ordinal)) <= TWIN_NSEC) return true;
    }
    return false;
  }
}
