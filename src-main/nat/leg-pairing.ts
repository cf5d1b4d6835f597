import { LEG, type PacketBatch } from '../capture/packet-batch';
import type { PacketTime } from '../capture/time-order';
import { REASON_CODE } from '../contract/ledger';
import type { AddressClasses } from './address-classes';
import { agreementOf, CopyChoice } from './copy-choice';
import { ContestedEnds, missedShare } from './contested-ends';
import { EqualSenders } from './equal-senders';
import type { Network } from './gateway';
import { HeldPackets, type HeldBatch } from './held-packets';
import { Identifications } from './identifications';
import { LegAddresses, SIDE } from './leg-addresses';
import { LegCoverage, type CaptureSides } from './leg-coverage';
import { EVIDENCE_NSEC, isTwin, LegLosses } from './leg-losses';
import { PAIR_NSEC } from './near-copies';
import { NumberedChoice } from './numbered-choice';
import { hashKey, isNumbered, nearAddress, nearPort, PACKET_KEY_WORDS, writePacketKey } from './packet-key';
import { PairedSessions } from './paired-sessions';
import { MAX_LOOKS, WaitingRows } from './waiting-rows';

/** When all packets have come that could have the same copies as one. */
const JUDGE_NSEC = 2 * PAIR_NSEC;
/** Packets that may wait at once, whatever their time: 2.6 million a second. */
export const MAX_WAITING = 1 << 17;

export interface LegPairingOptions {
  /** Addresses that the gateway sends from, host order; empty for a gateway of which the public side is never captured. */
  readonly natAddresses: readonly number[];
  /** Which addresses are behind the gateway. */
  readonly inside: AddressClasses;
  /** A packet that was not seen to come out counts nevertheless. */
  readonly countUnpaired: boolean;
  /** The gateway translates other protocols than TCP, UDP and ICMP. Default: it does not. */
  readonly withOthers?: boolean;
  /** See `CoverageOptions`; without them, every host may be translated to any of `natAddresses`, and all go beyond. */
  readonly poolOf?: (entry: number) => readonly (readonly number[])[];
  readonly notBeyond?: readonly Network[];
  /** The latest time of a capture, by its place, that has been read to its end; without it, all last as long as there are packets. */
  readonly latestOf?: (capture: number) => PacketTime | null;
  /** Each side has a clock of its own, so that a packet may seem to leave the gateway before it came. Default false. */
  readonly hasTwoClocks?: boolean;
}

export interface LegCounts {
  /** Packets that were found on both sides. */
  readonly paired: number;
  /** Packets of each side that were not found on the other; without copies, and those by which they could not be known. */
  readonly privateOnly: number;
  readonly publicOnly: number;
  /** Of those that were paired: equal to others of their moment, and not told; told only as there was none. */
  readonly equal: number;
  readonly byMoment: number;
  /** By the place of the capture. */
  readonly captures: readonly CaptureSides[];
}

/**
 * Finds the packets that a capture shows on both sides of a gateway, so that each counts once, with the address and port
 * that the gateway gave it.
 *
 * Two packets are one when they have the same protocol, other end, direction and length, the same sequence numbers or the
 * same payload, are at most 50 ms apart, and the later one has a lower time to live. Of several that fit, those of a session
 * that is known to have this translation come first, then those with the same identification, then, of one session, the
 * nearest in time. They must be told from those of others that are alike: see `NumberedChoice` of what has sequence numbers,
 * and `CopyChoice` of what has none. A packet has one copy at most.
 *
 * The packet on the private side gets `observedNatIp`, `observedNatPort` and `LEG.paired`, its copy the reason
 * `public_copy`; where equal packets of several cannot be told apart, each counts once nevertheless, without the
 * translation. A packet that went into the gateway and did not come out of it has the reason `lost_in_nat`, if the other
 * side would have shown it: see `LegLosses`. One that came to a host and not to the gateway has `LEG.publicMissing`, if packets of its session
 * were seen on both sides. Packets of the public side without the other one have `LEG.publicOnly`.
 *
 * Packets are handed on in the order in which they came: 100 ms of packet time later; up to 4 s later where a packet was not
 * seen to come out and its session is not known, also of those behind it; or when 131,072 wait. What becomes of each does not
 * depend on how they were cut into batches. Columns of the batches that are pushed change hands. Without addresses of the
 * gateway batches go through at once; while none of them has occurred, nothing is done but to wait: in the first 4 s as long,
 * later 50 ms, so that of a public side which is seen no sooner, what was lost more than that before its first packet counts.
 * @see nat-gateway reference §5 details 5 and 6, §6.2
 */
export class LegPairing implements LegCounts {
  readonly #consume: (batch: PacketBatch) => void;
  readonly #addresses: LegAddresses;
  readonly #withOthers: boolean;
  readonly #held = new HeldPackets(PAIR_NSEC);
  /** Ordinals of the next packet that is looked at, of the next that gets its copy at last, and of the next that is settled. */
  #nextToWork = 1;
  #nextToJudge = 1;
  #nextToSettle = 1;
  /** Null until an address of the gateway occurs. */
  #waiting: WaitingRows | null = null;
  readonly #sessions = new PairedSessions();
  readonly #identifications = new Identifications();
  readonly #coverage: LegCoverage;
  readonly #losses: LegLosses;
  readonly #earlyNsec: number;
  /** Null as `#waiting`. */
  #equals: { readonly senders: EqualSenders; readonly choice: CopyChoice; readonly numbered: NumberedChoice } | null =
    null;
  readonly #key = new Uint32Array(PACKET_KEY_WORDS);
  paired = 0;
  privateOnly = 0;
  publicOnly = 0;
  /** Of those, on either side, that look like each other's copies: see `CopyChoice.isUnproven`. */
  #unproven = 0;
  equal = 0;
  byMoment = 0;
  /** Packets that could not wait for 50 ms, since more than `MAX_WAITING` came meanwhile. */
  cutShort = 0;

  /** @param consume takes each batch; the batch is reused after it returns */
  constructor(options: LegPairingOptions, consume: (batch: PacketBatch) => void) {
    const { natAddresses, inside, countUnpaired, hasTwoClocks = false, withOthers = false } = options;
    const { notBeyond = [], latestOf = () => null } = options;
    const pool = natAddresses.map((address) => [address]);
    const { poolOf = () => pool } = options;
    this.#consume = consume;
    this.#addresses = new LegAddresses(natAddresses, inside);
    this.#withOthers = withOthers;
    this.#earlyNsec = hasTwoClocks ? PAIR_NSEC : 0;
    this.#coverage = new LegCoverage({ inside, poolOf, notBeyond, latestOf });
    this.#losses = new LegLosses({ sessions: this.#sessions, coverage: this.#coverage, countsUnpaired: countUnpaired });
  }

  get captures(): readonly CaptureSides[] {
    return this.#coverage.captures;
  }

  /** How long packets may wait, whole seconds of packet time. */
  get waitSec(): number {
    return this.#addresses.isEmpty ? 0 : EVIDENCE_NSEC / 1e9;
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
      const senders = new EqualSenders();
      const evidence = { sessions: this.#sessions, identifications: this.#identifications, earlyNsec: this.#earlyNsec };
      const doubts = { contested: new ContestedEnds(), missedShare: () => this.#missedShare() };
      const all = { ...evidence, ...doubts, senders };
      this.#equals = { senders, choice: new CopyChoice(all), numbered: new NumberedChoice(all) };
    }
    if (this.#waiting === null) this.#passBefore(this.#held.nowNsec);
    else this.#work(this.#waiting);
    this.#handOn();
  }

  /** Hands on what still waits: the captures have ended, or what comes next is too much later to be a copy of it. */
  flush(): void {
    const end = this.#held.nextOrdinal;
    const waiting = this.#waiting;
    if (waiting !== null) {
      while (this.#nextToJudge < end) this.#judge(waiting);
      while (this.#nextToSettle < end) this.#settle(waiting);
    }
    this.#nextToJudge = end;
    this.#nextToSettle = end;
    this.#nextToWork = end;
    this.#handOn();
  }

  /** What is only not proven to have a copy says nothing of what captures miss, or it would never be. */
  #missedShare(): number {
    const [privateOnly, publicOnly] = [this.privateOnly - this.#unproven, this.publicOnly - this.#unproven];
    return missedShare({
      paired: this.paired,
      privateOnly: Math.max(0, privateOnly),
      publicOnly: Math.max(0, publicOnly),
    });
  }

  /** Nothing has two sides yet: whole batches are let go. */
  #passBefore(nowNsec: number): void {
    for (const { batch, clock, endOrdinal } of this.#held.batches) {
      const isPressed = this.#held.nextOrdinal - endOrdinal >= MAX_WAITING;
      const nsec = clock[batch.length - 1]!;
      if (nsec >= nowNsec - (this.#losses.mayBeCovered(nsec) ? EVIDENCE_NSEC : PAIR_NSEC) && !isPressed) return;
      this.#nextToJudge = endOrdinal;
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
    this.#goOn(waiting, nowNsec, ordinal - MAX_WAITING);
    const { batch } = held;
    const side = this.#addresses.sideOf(batch, row);
    this.#coverage.note(batch, row, side, nowNsec);
    if (side === SIDE.none) {
      waiting.put(ordinal, held, row, side, null, 0);
      return;
    }
    const hasKey = writePacketKey(batch, row, side, this.#key, this.#withOthers);
    const hash = hasKey ? hashKey(this.#key, side) : 0;
    waiting.put(ordinal, held, row, side, hasKey ? this.#key : null, hash);
    if (!hasKey) return;
    const copy = isNumbered(batch, row)
      ? this.#findNumbered(waiting, ordinal, hash)
      : this.#findOfSession(waiting, ordinal, hash);
    if (copy === 0) waiting.link(ordinal);
    else this.#pair(waiting, ordinal, copy, true);
  }

  /** @returns the ordinal of the packet on the other side; 0 for none that can be no other packet's */
  #findNumbered(waiting: WaitingRows, ordinal: number, hash: number): number {
    const numbered = this.#equals?.numbered;
    if (numbered === undefined) return 0;
    const copy = numbered.atOnce(waiting, ordinal, hash, this.#key);
    const side = waiting.sideOf(ordinal);
    // By one clock, what comes in later than a copy has come out is nobody's rival.
    const mayBeLate = side === SIDE.publicOut || side === SIDE.privateIn || this.#earlyNsec > 0;
    if (!numbered.isFirst || !mayBeLate) return copy;
    let isEqual = false;
    for (;;) {
      const other = numbered.exchangeable(waiting, ordinal, copy, this.#nextToSettle);
      if (other === 0) return isEqual ? 0 : copy;
      isEqual = true;
      this.#untell(waiting, other);
      numbered.noteEqual(waiting, ordinal);
    }
  }

  /** As `#findNumbered`, of packets that only their sessions tell, where these are known. */
  #findOfSession(waiting: WaitingRows, ordinal: number, hash: number): number {
    const side = waiting.sideOf(ordinal);
    const [batch, row] = [waiting.batchOf(ordinal), waiting.rowOf(ordinal)];
    const nowNsec = waiting.clockOf(ordinal);
    this.#equals?.senders.note(this.#key, side, nearAddress(batch, row, side), nearPort(batch, row, side), nowNsec);
    if (!this.#sessions.has(batch, row, side)) return 0;
    const otherSide = side ^ 2;
    const leastNsec = nowNsec - PAIR_NSEC;
    const hasOtherIds = this.#identifications.areChanged(side & 1);
    let best = 0;
    let bestRank = -1;
    let bestNsec = Infinity;
    let looks = 0;
    for (let at = waiting.newest(hash, otherSide); at !== 0 && looks < MAX_LOOKS; at = waiting.olderThan(at)) {
      looks++;
      if (waiting.clockOf(at) < leastNsec) break;
      if (!waiting.hasKey(at, otherSide, this.#key)) continue;
      const distanceNsec = waiting.distanceNsec(ordinal, at, this.#earlyNsec);
      if (distanceNsec < 0 || distanceNsec > PAIR_NSEC) continue;
      const rank = Number(waiting.idOf(ordinal) === waiting.idOf(at));
      if (rank < bestRank || (rank === 0 && !hasOtherIds)) continue;
      if (rank === bestRank && distanceNsec >= bestNsec) continue;
      if (agreementOf(this.#sessions, waiting, ordinal, at) !== 1) continue;
      best = at;
      bestRank = rank;
      bestNsec = distanceNsec;
    }
    return best;
  }

  /** @param isTold whether the copy shows the translation */
  #pair(waiting: WaitingRows, ordinal: number, copy: number, isTold: boolean): void {
    waiting.unlink(copy);
    const side = waiting.sideOf(ordinal);
    const privateAt = side < SIDE.publicOut ? ordinal : copy;
    const publicAt = side < SIDE.publicOut ? copy : ordinal;
    const ofPublic = waiting.batchOf(publicAt);
    const publicRow = waiting.rowOf(publicAt);
    ofPublic.reason[publicRow] = REASON_CODE.public_copy;
    waiting.setPaired(privateAt, publicAt);
    this.paired++;
    if (!isTold) return;
    const ofPrivate = waiting.batchOf(privateAt);
    const privateRow = waiting.rowOf(privateAt);
    ofPrivate.leg[privateRow] = LEG.paired;
    ofPrivate.observedNatIp[privateRow] = nearAddress(ofPublic, publicRow, side);
    ofPrivate.observedNatPort[privateRow] = nearPort(ofPublic, publicRow, side);
    this.#sessions.learn(ofPrivate, privateRow, ofPublic, publicRow, side, waiting.clockOf(privateAt));
    if (waiting.isNumbered(privateAt) && this.#equals?.numbered.isFirst === true)
      waiting.setTentative(privateAt, publicAt);
    const isOut = (side & 1) === 0;
    this.#coverage.notePair(ofPublic, publicRow, isOut);
    const [entry, exit] = isOut ? [privateAt, publicAt] : [publicAt, privateAt];
    this.#identifications.note(side & 1, waiting.idOf(entry), waiting.idOf(exit));
  }

  /** Two packets count once, without a translation: one of them may as well be another's. */
  #untell(waiting: WaitingRows, ordinal: number): void {
    const copy = waiting.copyOf(ordinal);
    const side = waiting.sideOf(ordinal);
    const [privateAt, publicAt] = side < SIDE.publicOut ? [ordinal, copy] : [copy, ordinal];
    const ofPrivate = waiting.batchOf(privateAt);
    const row = waiting.rowOf(privateAt);
    waiting.endTentative(ordinal, copy);
    ofPrivate.leg[row] = LEG.unknown;
    ofPrivate.observedNatIp[row] = 0;
    ofPrivate.observedNatPort[row] = 0;
    this.#sessions.forget(ofPrivate, row, waiting.batchOf(publicAt), waiting.rowOf(publicAt), side);
    this.equal++;
  }

  /** Judges and settles what has waited for long enough, or since before an ordinal. */
  #goOn(waiting: WaitingRows, nowNsec: number, ordinal: number): void {
    while (this.#nextToJudge < this.#nextToWork - 1) {
      const isDue = waiting.clockOf(this.#nextToJudge) < nowNsec - JUDGE_NSEC;
      if (!isDue && this.#nextToJudge > ordinal) break;
      if (waiting.clockOf(this.#nextToJudge) >= nowNsec - PAIR_NSEC) this.cutShort++;
      this.#judge(waiting);
    }
    while (this.#nextToSettle < this.#nextToJudge) {
      const isOld = waiting.clockOf(this.#nextToSettle) < nowNsec - EVIDENCE_NSEC;
      if (!isOld && this.#nextToSettle > ordinal && this.#losses.isUndecided(waiting, this.#nextToSettle)) return;
      this.#settle(waiting);
    }
  }

  /** All packets are there that may have a part in which copy this one has. */
  #judge(waiting: WaitingRows): void {
    const ordinal = this.#nextToJudge++;
    if (!waiting.isKnowable(ordinal) || waiting.isPaired(ordinal)) return;
    waiting.unlink(ordinal);
    const choice = waiting.isNumbered(ordinal) ? this.#equals?.numbered : this.#equals?.choice;
    if (choice !== undefined) {
      const copy = choice.find(waiting, ordinal);
      if (choice.isDoubtful) waiting.setDoubtful(ordinal);
      if (choice.isUnproven) this.#unproven++;
      if (copy !== 0) {
        this.#pair(waiting, ordinal, copy, choice.isTold);
        if (!choice.isTold) this.equal++;
        else if (choice.isByMoment) this.byMoment++;
        return;
      }
    }
    this.#losses.note(waiting, ordinal);
  }

  /** Nothing can be learnt of the packet any more. */
  #settle(waiting: WaitingRows): void {
    const ordinal = this.#nextToSettle++;
    const side = waiting.sideOf(ordinal);
    if (side === SIDE.none || waiting.isPaired(ordinal)) return;
    const batch = waiting.batchOf(ordinal);
    const row = waiting.rowOf(ordinal);
    if (side >= SIDE.publicOut) {
      if (isTwin(waiting, ordinal)) {
        batch.reason[row] = REASON_CODE.public_copy;
        return;
      }
      this.publicOnly++;
      if (this.#losses.isLost(waiting, ordinal)) batch.reason[row] = REASON_CODE.lost_in_nat;
      else batch.leg[row] = LEG.publicOnly;
      return;
    }
    if (!waiting.isKnowable(ordinal) || isTwin(waiting, ordinal)) return;
    this.privateOnly++;
    if (side === SIDE.privateIn) {
      if (this.#losses.isMissed(waiting, ordinal)) batch.leg[row] = LEG.publicMissing;
    } else if (this.#losses.isLost(waiting, ordinal)) {
      batch.reason[row] = REASON_CODE.lost_in_nat;
    }
  }
}
