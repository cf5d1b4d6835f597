import { agreementOf, type CopyEvidence } from './copy-choice';
import { MAX_EQUAL_LOOKS, NearCopies, PAIR_NSEC } from './near-copies';
import { PACKET_KEY_WORDS } from './packet-key';
import { STALE_NSEC } from './paired-sessions';
import { MISREAD } from './session-rivals';
import { MAX_LOOKS, type WaitingRows } from './waiting-rows';

/** The least rank of two packets of which none is known to belong elsewhere, and of two whose session is known. */
const LIKELY_RANK = 2;
const KNOWN_RANK = 4;
/** Of either, with the same identification: no others are as likely, but for known ones as the first. */
const LIKELY_ID_RANK = 3;
const KNOWN_ID_RANK = 5;

/**
 * Finds the copies of packets with sequence numbers. As a rule nothing but its copy has those of a packet, so that it is found
 * when it comes. But hosts may number alike, as scanners do that send all SYNs with one number: then the session that is known
 * tells whose a copy is, or the identification, of a gateway that is not known to change it. Where neither does, nothing is
 * guessed, as of packets without numbers: see `CopyChoice`.
 *
 * What comes at one moment is judged when all of it is there. What was equal lately is told by a moment of its own only where
 * next to no packets are missing.
 */
export class NumberedChoice {
  readonly #evidence: CopyEvidence;
  readonly #copies: NearCopies;
  readonly #key = new Uint32Array(PACKET_KEY_WORDS);
  /** Of another session that one of the copies may belong to; 0 for none. */
  #rivalAt = 0;
  /** When packets were equal last. */
  #equalNsec = -Infinity;
  /** As those of `CopyChoice`, and whether the session was not known before. */
  isTold = false;
  isByMoment = false;
  isFirst = false;
  readonly isDoubtful = false;
  readonly isUnproven = false;

  constructor(evidence: CopyEvidence) {
    this.#evidence = evidence;
    this.#copies = new NearCopies(evidence.earlyNsec);
  }

  /**
   * @param hash of the key
   * @returns the ordinal of the copy of a packet that has come, if that can be no other's; 0 for none. `isFirst` is of it
   */
  atOnce(waiting: WaitingRows, ordinal: number, hash: number, key: Uint32Array): number {
    const otherSide = waiting.sideOf(ordinal) ^ 2;
    const leastNsec = waiting.clockOf(ordinal) - PAIR_NSEC;
    let best = 0;
    let bestRank = -1;
    let bestNsec = Infinity;
    let isEqual = false;
    let looks = 0;
    this.isFirst = true;
    // Not all of a flood could be looked at; it is judged when all of it is there.
    if (waiting.countOf(hash, otherSide ^ 2) >= MAX_LOOKS) return 0;
    for (let at = waiting.newest(hash, otherSide); at !== 0 && looks < MAX_LOOKS; at = waiting.olderThan(at)) {
      looks++;
      if (waiting.clockOf(at) < leastNsec) break;
      if (!waiting.hasKey(at, otherSide, key)) continue;
      const distanceNsec = waiting.distanceNsec(ordinal, at, this.#evidence.earlyNsec);
      if (distanceNsec < 0 || distanceNsec > PAIR_NSEC) continue;
      const rank = this.#rank(waiting, ordinal, at);
      if (rank < bestRank) continue;
      isEqual = rank === bestRank && (isEqual || !waiting.hasSameNearEnd(at, best));
      // What is known of the session may still tell; else it is judged later.
      if (isEqual && !this.#isKnown(waiting, ordinal)) return 0;
      if (rank === bestRank && distanceNsec >= bestNsec) continue;
      best = at;
      bestRank = rank;
      bestNsec = distanceNsec;
    }
    this.isFirst = bestRank < KNOWN_RANK;
    // What is known to belong elsewhere may yet go there.
    if (isEqual || bestRank < LIKELY_RANK) return 0;
    // One that was not looked at may be as good, but for the session that is known.
    if (this.isFirst && looks === MAX_LOOKS) return 0;
    if (this.#hasRivalNow(waiting, ordinal, hash, key, best)) return 0;
    return this.isFirst && this.#wereEqual(waiting, ordinal, key) ? 0 : best;
  }

  /** As that of `CopyChoice`, of a packet of which `atOnce` has found none. */
  find(waiting: WaitingRows, ordinal: number): number {
    this.isTold = false;
    this.isByMoment = false;
    const rank = this.#findCopies(waiting, ordinal);
    if (this.#copies.count === 0) return 0;
    this.isFirst = rank < KNOWN_RANK;
    const copy = this.#copies.nearest(waiting, ordinal);
    this.#rivalAt = 0;
    const isContested = this.isFirst && this.#wasContested(waiting, ordinal);
    if (isContested || this.#hasRival(waiting, ordinal, rank) || !this.#copies.areOfOneEnd(waiting)) {
      this.#contest(waiting, ordinal);
      return copy;
    }
    waiting.readKey(ordinal, this.#key);
    const isOwn = !this.isFirst || this.#hasOwnId(waiting, ordinal, copy);
    const isByMoment = !isOwn && this.#wereEqual(waiting, ordinal, this.#key);
    this.isTold = !isByMoment || this.#evidence.missedShare() <= MISREAD;
    this.isByMoment = this.isTold && isByMoment;
    return copy;
  }

  /**
   * Of a packet whose session is not known: another one that was taken for the copy of what may as well be this one's, which
   * then has none, or that one's.
   *
   * @param own the copy that it seems to have; 0 for none
   * @param least the oldest ordinal of which anything can still be changed
   * @returns its ordinal; 0 for none
   */
  exchangeable(waiting: WaitingRows, ordinal: number, own: number, least: number): number {
    let looks = 0;
    for (let at = waiting.firstPaired(ordinal); at !== 0 && looks < MAX_LOOKS; at = waiting.nextPaired(at)) {
      looks++;
      if (!waiting.isTentative(at) || at < least || waiting.sideOf(at) !== waiting.sideOf(ordinal)) continue;
      if (!waiting.hasSameKey(at, ordinal) || waiting.hasSameNearEnd(at, ordinal)) continue;
      const copy = waiting.copyOf(at);
      if (copy < least || !this.#copies.isNear(waiting, ordinal, copy)) continue;
      if (own !== 0 && !this.#copies.isNear(waiting, at, own)) continue;
      if (this.#hasOwnId(waiting, at, copy) && waiting.idOf(ordinal) !== waiting.idOf(copy)) continue;
      if (!this.#isKnown(waiting, ordinal)) return at;
    }
    return 0;
  }

  /** The packet is equal to those of others. */
  noteEqual(waiting: WaitingRows, ordinal: number): void {
    const { senders } = this.#evidence;
    const side = waiting.sideOf(ordinal);
    this.#equalNsec = waiting.clockOf(ordinal);
    waiting.readKey(ordinal, this.#key);
    senders.noteSeveral(this.#key, side, this.#equalNsec);
    senders.noteSeveral(this.#key, side ^ 2, this.#equalNsec);
  }

  /** How well two packets fit into what is known, of all that are alike. */
  #rank(waiting: WaitingRows, ordinal: number, other: number): number {
    const agreement = agreementOf(this.#evidence.sessions, waiting, ordinal, other);
    return (agreement + 1) * 2 + Number(this.#hasSameId(waiting, ordinal, other));
  }

  #hasSameId(waiting: WaitingRows, ordinal: number, other: number): boolean {
    if (waiting.idOf(ordinal) !== waiting.idOf(other)) return false;
    return !this.#evidence.identifications.areChanged(waiting.sideOf(ordinal) & 1);
  }

  /** Many hosts send zero alike. */
  #hasOwnId(waiting: WaitingRows, ordinal: number, other: number): boolean {
    return waiting.idOf(ordinal) !== 0 && this.#hasSameId(waiting, ordinal, other);
  }

  #isKnown(waiting: WaitingRows, ordinal: number): boolean {
    const { sessions } = this.#evidence;
    return sessions.has(waiting.batchOf(ordinal), waiting.rowOf(ordinal), waiting.sideOf(ordinal));
  }

  #wereEqual(waiting: WaitingRows, ordinal: number, key: Uint32Array): boolean {
    const nowNsec = waiting.clockOf(ordinal);
    if (nowNsec - this.#equalNsec > STALE_NSEC) return false;
    return this.#evidence.senders.hadSeveral(key, waiting.sideOf(ordinal), nowNsec);
  }

  #hasRivalNow(waiting: WaitingRows, ordinal: number, hash: number, key: Uint32Array, copy: number): boolean {
    const side = waiting.sideOf(ordinal);
    const leastNsec = waiting.clockOf(copy) - PAIR_NSEC;
    const rank = this.#rank(waiting, ordinal, copy);
    let looks = 0;
    for (let at = waiting.newest(hash, side); at !== 0 && looks < MAX_LOOKS; at = waiting.olderThan(at)) {
      looks++;
      if (waiting.clockOf(at) < leastNsec) return false;
      if (waiting.hasKey(at, side, key) && this.#isRival(waiting, at, ordinal, copy, rank)) return true;
    }
    return looks === MAX_LOOKS;
  }

  /** Whether a packet that is alike may have a copy as well as the one that it seems to be of. */
  #isRival(waiting: WaitingRows, rival: number, ordinal: number, copy: number, rank: number): boolean {
    if (waiting.hasSameNearEnd(rival, ordinal) || !this.#copies.isNear(waiting, rival, copy)) return false;
    if (rank === KNOWN_ID_RANK && !this.#hasSameId(waiting, rival, copy)) return false;
    return this.#rank(waiting, rival, copy) >= rank;
  }

  /**
   * Collects those that fit best. Where the identification tells, the others are not looked at, as there may be thousands.
   *
   * @returns their rank
   */
  #findCopies(waiting: WaitingRows, ordinal: number): number {
    if (!this.#evidence.identifications.areChanged(waiting.sideOf(ordinal) & 1)) {
      this.#copies.collect(waiting, ordinal, true);
      const rank = this.#keepLikely(waiting, ordinal);
      if (rank === KNOWN_ID_RANK || (rank === LIKELY_ID_RANK && !this.#isKnown(waiting, ordinal))) return rank;
    }
    this.#copies.collect(waiting, ordinal, false);
    return this.#keepLikely(waiting, ordinal);
  }

  /** Leaves those that fit best. @returns their rank */
  #keepLikely(waiting: WaitingRows, ordinal: number): number {
    let best = -1;
    let count = 0;
    for (let at = 0; at < this.#copies.count; at++) {
      const copy = this.#copies.ordinals[at]!;
      const rank = this.#rank(waiting, ordinal, copy);
      if (rank < best) continue;
      if (rank > best) count = 0;
      best = rank;
      this.#copies.ordinals[count++] = copy;
    }
    this.#copies.count = count;
    return best;
  }

  /** @param rank of the copies */
  #hasRival(waiting: WaitingRows, ordinal: number, rank: number): boolean {
    const isOfId = this.#isOfId(waiting, rank);
    const side = waiting.sideOf(ordinal);
    const lastNsec = waiting.clockOf(this.#copies.ordinals[this.#copies.count - 1]!) + PAIR_NSEC;
    let looks = 0;
    let at = isOfId ? waiting.oldestWithId(ordinal, false) : waiting.oldestLike(ordinal, false);
    for (; at !== 0; at = isOfId ? waiting.newerWithId(at) : waiting.newerThan(at)) {
      if (waiting.clockOf(at) > lastNsec) return false;
      if (++looks > MAX_EQUAL_LOOKS) return true;
      if (waiting.sideOf(at) !== side || waiting.hasSameNearEnd(at, ordinal)) continue;
      if (!waiting.hasSameKey(at, ordinal)) continue;
      for (let copy = 0; copy < this.#copies.count; copy++) {
        if (!this.#isRival(waiting, at, ordinal, this.#copies.ordinals[copy]!, rank)) continue;
        this.#rivalAt = at;
        return true;
      }
    }
    return false;
  }

  /** Whether nothing without the identification of the copies can be as likely: none has a session that is known. */
  #isOfId(waiting: WaitingRows, rank: number): boolean {
    if (rank !== LIKELY_ID_RANK) return rank === KNOWN_ID_RANK;
    for (let at = 0; at < this.#copies.count; at++) {
      if (this.#isKnown(waiting, this.#copies.ordinals[at]!)) return false;
    }
    return true;
  }

  /** What it is alone with was left over by an equal packet, as nothing told them apart. */
  #wasContested(waiting: WaitingRows, ordinal: number): boolean {
    if (waiting.isContested(ordinal)) return true;
    for (let at = 0; at < this.#copies.count; at++) if (waiting.isContested(this.#copies.ordinals[at]!)) return true;
    return false;
  }

  /** The sessions of a moment that nothing tells apart: neither by what comes now nor by errors about it. */
  #contest(waiting: WaitingRows, ordinal: number): void {
    this.noteEqual(waiting, ordinal);
    this.#contestOne(waiting, ordinal);
    if (this.#rivalAt !== 0) this.#contestOne(waiting, this.#rivalAt);
    for (let at = 0; at < this.#copies.count; at++) this.#contestOne(waiting, this.#copies.ordinals[at]!);
  }

  #contestOne(waiting: WaitingRows, ordinal: number): void {
    const { contested } = this.#evidence;
    waiting.setContested(ordinal);
    const [batch, row, side] = [waiting.batchOf(ordinal), waiting.rowOf(ordinal), waiting.sideOf(ordinal)];
    contested.noteSeveral(batch, row, side, waiting.clockOf(ordinal));
  }
}
