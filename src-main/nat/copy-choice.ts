import type { ContestedEnds } from './contested-ends';
import type { EqualSenders } from './equal-senders';
import type { Identifications } from './identifications';
import { SIDE } from './leg-addresses';
import { MAX_EQUAL, MAX_EQUAL_LOOKS, NearCopies, PAIR_NSEC } from './near-copies';
import { nearPort, PACKET_KEY_WORDS } from './packet-key';
import { innerAddress, type PairedSessions } from './paired-sessions';
import { MISREAD } from './session-rivals';
import type { WaitingRows } from './waiting-rows';

export interface CopyEvidence {
  readonly sessions: PairedSessions;
  readonly senders: EqualSenders;
  readonly identifications: Identifications;
  readonly contested: ContestedEnds;
  /** How often two equal packets have each lost the other half: 0 to 1. */
  readonly missedShare: () => number;
  /** How much earlier a packet may be seen where it left the gateway than where it came to it. */
  readonly earlyNsec: number;
}

/**
 * Finds the copies of packets without sequence numbers, which others may be alike by chance: repeated queries, heartbeats,
 * datagrams without content.
 *
 * A copy is told when all that it could be belongs to one endpoint at the gateway, and all packets whose copy it could be to
 * one session. Then the identification must be the same, or, of a gateway that numbers packets anew or of packets without a
 * number, nobody else may have had such packets lately, and packets of the two sessions that were equal to those of others must
 * not say that either may be another's (see `ContestedEnds`), unless next to no packets like it are equal to others, or missing.
 * Where that is not so, the sessions that are known decide, and nothing is guessed: a packet may then have a copy, but it does
 * not show a translation.
 *
 * Nothing here is asked before all packets are there that could matter: 100 ms behind the one it is about.
 */
export class CopyChoice {
  readonly #evidence: CopyEvidence;
  readonly #copies: NearCopies;
  readonly #agreements = new Int8Array(MAX_EQUAL);
  readonly #rivals = new Float64Array(MAX_EQUAL);
  readonly #key = new Uint32Array(PACKET_KEY_WORDS);
  #rivalCount = 0;
  /** Of another session that the copies may belong to; 0 for none. */
  #rivalAt = 0;
  #hasSameId = false;
  /** Whether the copy that was found last shows how the gateway translates. */
  isTold = false;
  /** It shows it by nothing but that nobody else had such a packet. */
  isByMoment = false;
  /** Whether there were packets that look like copies, and are more likely those of others. */
  isDoubtful = false;
  /** As that, but there was one, and nobody else is known to have had such packets: only too few are known yet to say so. */
  isUnproven = false;

  constructor(evidence: CopyEvidence) {
    this.#evidence = evidence;
    this.#copies = new NearCopies(evidence.earlyNsec);
  }

  /**
   * @param ordinal of the oldest packet that waited; it waits no more
   * @returns the ordinal of the copy; 0 for none. `isTold` and `isDoubtful` are of it
   */
  find(waiting: WaitingRows, ordinal: number): number {
    this.isTold = false;
    this.isByMoment = false;
    this.isDoubtful = false;
    this.isUnproven = false;
    if (!this.#findCopies(waiting, ordinal)) return 0;
    const isOfSession = this.#keepLikely(waiting, ordinal);
    if (this.#copies.count === 0) {
      this.isDoubtful = true;
      return 0;
    }
    const isAlone = this.#findRivals(waiting, ordinal, isOfSession);
    const isOne = isAlone && this.#copies.areOfOneEnd(waiting);
    const hasNumber = this.#hasSameId && waiting.idOf(ordinal) !== 0 && !this.#wasContested(waiting, ordinal);
    this.isByMoment = !isOfSession && isOne && !hasNumber && this.#isLone(waiting, ordinal);
    this.isTold = isOfSession || (isOne && hasNumber) || this.isByMoment;
    if (this.isTold) return this.#inTurn(waiting, ordinal);
    const copy = this.#copies.nearest(waiting, ordinal);
    if (isOne || this.#isOnlyOf(waiting, ordinal, copy)) this.#tie(waiting, ordinal, copy);
    else this.#contest(waiting, ordinal);
    return copy;
  }

  /** Those with the same identification come first, if that can tell anything. @returns whether there are any */
  #findCopies(waiting: WaitingRows, ordinal: number): boolean {
    const { identifications } = this.#evidence;
    const way = waiting.sideOf(ordinal) & 1;
    this.#hasSameId = !identifications.areChanged(way);
    if (this.#hasSameId) {
      this.#copies.collect(waiting, ordinal, this.#hasSameId);
      if (this.#copies.count > 0) return true;
      this.#hasSameId = false;
      if (identifications.areKept(way)) return false;
    }
    this.#copies.collect(waiting, ordinal, this.#hasSameId);
    if (!identifications.areChanged(way)) this.#leaveToOwners(waiting, ordinal);
    return this.#copies.count > 0;
  }

  /** What has the identification of another packet is its copy and not this one's, unless the gateway is known to change them. */
  #leaveToOwners(waiting: WaitingRows, ordinal: number): void {
    let count = 0;
    for (let at = 0; at < this.#copies.count; at++) {
      const copy = this.#copies.ordinals[at]!;
      if (!this.#hasOwner(waiting, ordinal, copy)) this.#copies.ordinals[count++] = copy;
    }
    this.#copies.count = count;
  }

  #hasOwner(waiting: WaitingRows, ordinal: number, copy: number): boolean {
    const side = waiting.sideOf(ordinal);
    const id = waiting.idOf(copy);
    const lastNsec = waiting.clockOf(copy) + PAIR_NSEC;
    let looks = 0;
    for (let at = id === 0 ? 0 : waiting.oldestLike(ordinal, false); at !== 0; at = waiting.newerThan(at)) {
      if (waiting.clockOf(at) > lastNsec || ++looks > MAX_EQUAL_LOOKS) return false;
      if (waiting.idOf(at) !== id || waiting.sideOf(at) !== side || !waiting.hasSameKey(at, ordinal)) continue;
      if (this.#copies.isNear(waiting, at, copy)) return true;
    }
    return false;
  }

  /**
   * Leaves those of the session's endpoint; where it is not known, or nothing came there, those that are not known to belong
   * elsewhere, and only then those that are, if their identification says so, or that nobody else has such packets: a session may
   * have got another endpoint, and an endpoint another session.
   *
   * @returns whether they are of the session's endpoint
   */
  #keepLikely(waiting: WaitingRows, ordinal: number): boolean {
    const hasNumber = this.#hasSameId && waiting.idOf(ordinal) !== 0;
    let best = -1;
    for (let at = 0; at < this.#copies.count; at++) {
      this.#agreements[at] = this.#agreement(waiting, ordinal, this.#copies.ordinals[at]!);
      best = Math.max(best, this.#agreements[at]!);
    }
    if (best < 0 && !hasNumber && !this.#isUnmistakable(waiting, ordinal)) {
      this.#copies.count = 0;
      return false;
    }
    let count = 0;
    for (let at = 0; at < this.#copies.count; at++) {
      if (this.#agreements[at] === best) this.#copies.ordinals[count++] = this.#copies.ordinals[at]!;
    }
    this.#copies.count = count;
    return best === 1;
  }

  /**
   * Collects the equal packets of the same session.
   *
   * @param isOfSession others do not matter, as the copies are known to be of this one's
   * @returns whether there are none of others
   */
  #findRivals(waiting: WaitingRows, ordinal: number, isOfSession: boolean): boolean {
    const side = waiting.sideOf(ordinal);
    const lastNsec = waiting.clockOf(this.#copies.ordinals[this.#copies.count - 1]!) + PAIR_NSEC;
    this.#rivalCount = 0;
    this.#rivalAt = 0;
    let looks = 0;
    for (let at = waiting.oldestLike(ordinal, false); at !== 0; at = waiting.newerThan(at)) {
      if (waiting.clockOf(at) > lastNsec || (isOfSession && this.#rivalCount === MAX_EQUAL)) return true;
      if (++looks > MAX_EQUAL_LOOKS) return false;
      if (this.#hasSameId && waiting.idOf(at) !== waiting.idOf(ordinal)) continue;
      if (waiting.sideOf(at) !== side || !waiting.hasSameKey(at, ordinal)) continue;
      if (waiting.hasSameNearEnd(at, ordinal)) {
        if (this.#rivalCount < MAX_EQUAL) this.#rivals[this.#rivalCount++] = at;
        continue;
      }
      if (isOfSession) continue;
      looks += this.#copies.count;
      if (!this.#mayHaveAny(waiting, at)) continue;
      this.#rivalAt = at;
      return false;
    }
    return true;
  }

  /** Whether one of the copies may be that of an equal packet as well. */
  #mayHaveAny(waiting: WaitingRows, rival: number): boolean {
    for (let at = 0; at < this.#copies.count; at++) {
      if (this.#mayHave(waiting, rival, this.#copies.ordinals[at]!)) return true;
    }
    return false;
  }

  #mayHave(waiting: WaitingRows, ordinal: number, copy: number): boolean {
    return this.#copies.isNear(waiting, ordinal, copy) && this.#agreement(waiting, ordinal, copy) >= 0;
  }

  /** What it is alone with was left over by an equal packet, as nothing told them apart. */
  #wasContested(waiting: WaitingRows, ordinal: number): boolean {
    if (waiting.isContested(ordinal)) return true;
    for (let at = 0; at < this.#copies.count; at++) if (waiting.isContested(this.#copies.ordinals[at]!)) return true;
    return false;
  }

  /** Nobody else had such packets, and nothing says that either of the two may be another's. */
  #isLone(waiting: WaitingRows, ordinal: number): boolean {
    if (!this.#isOnlyOne(waiting, ordinal)) return false;
    const copy = this.#copies.ordinals[0]!;
    if (!this.#isElsewhere(waiting, ordinal, copy) && !this.#isElsewhere(waiting, copy, ordinal)) return true;
    return this.#isHardlyMissed(waiting, ordinal);
  }

  /** Nobody else had such packets, and nobody is likely to have had one of which the other half is missing. */
  #isUnmistakable(waiting: WaitingRows, ordinal: number): boolean {
    if (this.#copies.count !== 1 || !this.#isOnlyOne(waiting, ordinal)) return false;
    this.isUnproven = !this.#isHardlyMissed(waiting, ordinal);
    return !this.isUnproven;
  }

  /** Whether no other endpoint of either side had such packets lately. */
  #isOnlyOne(waiting: WaitingRows, ordinal: number): boolean {
    const { senders } = this.#evidence;
    const side = waiting.sideOf(ordinal);
    waiting.readKey(ordinal, this.#key);
    return senders.isLone(this.#key, side) && senders.isLone(this.#key, side ^ 2);
  }

  /** A packet is another's only if somebody else had such a one and each lost the other half. Of the packet of `#isOnlyOne`. */
  #isHardlyMissed(waiting: WaitingRows, ordinal: number): boolean {
    const { senders, missedShare } = this.#evidence;
    return missedShare() * senders.equalShare(this.#key, waiting.sideOf(ordinal)) <= MISREAD;
  }

  #isElsewhere(waiting: WaitingRows, ordinal: number, copy: number): boolean {
    const [batch, row, side] = [waiting.batchOf(ordinal), waiting.rowOf(ordinal), waiting.sideOf(ordinal)];
    const { contested } = this.#evidence;
    const [address, port] = [endAddress(waiting, copy), endPort(waiting, copy)];
    return contested.isElsewhere(batch, row, side, address, port, waiting.clockOf(ordinal));
  }

  /**
   * Whether a packet has this copy if none is missing: no equal packet may have it, and any of another endpoint is one that
   * others may have.
   */
  #isOnlyOf(waiting: WaitingRows, ordinal: number, copy: number): boolean {
    const side = waiting.sideOf(ordinal);
    const lastNsec = waiting.clockOf(this.#copies.ordinals[this.#copies.count - 1]!) + PAIR_NSEC;
    // What came in after a packet had come out cannot be that.
    const isEntry = side === SIDE.privateOut || side === SIDE.publicIn;
    const lastOfOwnNsec = waiting.clockOf(copy) + (isEntry ? this.#evidence.earlyNsec : PAIR_NSEC);
    let looks = 0;
    let open = this.#copies.count;
    for (let other = 0; other < open;) {
      if (!waiting.hasSameNearEnd(this.#copies.ordinals[other]!, copy)) other++;
      else this.#swapCopies(other, --open);
    }
    for (let at = waiting.oldestLike(ordinal, false); at !== 0; at = waiting.newerThan(at)) {
      if (waiting.clockOf(at) > (open === 0 ? lastOfOwnNsec : lastNsec)) break;
      looks += 1 + open;
      if (looks > MAX_EQUAL_LOOKS) return false;
      if (this.#hasSameId && waiting.idOf(at) !== waiting.idOf(ordinal)) continue;
      if (waiting.sideOf(at) !== side || !waiting.hasSameKey(at, ordinal) || waiting.hasSameNearEnd(at, ordinal))
        continue;
      if (this.#mayHave(waiting, at, copy)) return false;
      for (let other = 0; other < open;) {
        if (!this.#mayHave(waiting, at, this.#copies.ordinals[other]!)) other++;
        else this.#swapCopies(other, --open);
      }
    }
    return open === 0;
  }

  #swapCopies(one: number, other: number): void {
    const copy = this.#copies.ordinals[one]!;
    this.#copies.ordinals[one] = this.#copies.ordinals[other]!;
    this.#copies.ordinals[other] = copy;
  }

  /** The sessions of two packets that are one if none is missing. */
  #tie(waiting: WaitingRows, ordinal: number, copy: number): void {
    this.#tieTo(waiting, ordinal, copy);
    this.#tieTo(waiting, copy, ordinal);
  }

  #tieTo(waiting: WaitingRows, ordinal: number, copy: number): void {
    const [batch, row, side] = [waiting.batchOf(ordinal), waiting.rowOf(ordinal), waiting.sideOf(ordinal)];
    const { contested } = this.#evidence;
    contested.note(batch, row, side, endAddress(waiting, copy), endPort(waiting, copy), waiting.clockOf(ordinal));
  }

  /** The sessions of a moment that nothing tells apart. */
  #contest(waiting: WaitingRows, ordinal: number): void {
    this.#contestOne(waiting, ordinal);
    if (this.#rivalAt !== 0) this.#contestOne(waiting, this.#rivalAt);
    for (let at = 0; at < this.#copies.count; at++) this.#contestOne(waiting, this.#copies.ordinals[at]!);
  }

  #contestOne(waiting: WaitingRows, ordinal: number): void {
    waiting.setContested(ordinal);
    const batch = waiting.batchOf(ordinal);
    const nowNsec = waiting.clockOf(ordinal);
    this.#evidence.contested.noteSeveral(batch, waiting.rowOf(ordinal), waiting.sideOf(ordinal), nowNsec);
  }

  /** Gives copies to equal packets of a session one to one, the nearest in time first, until this one has its own. */
  #inTurn(waiting: WaitingRows, ordinal: number): number {
    if (this.#rivalCount === MAX_EQUAL || this.#copies.count === MAX_EQUAL)
      return this.#copies.nearest(waiting, ordinal);
    for (;;) {
      const copy = this.#copies.nearest(waiting, ordinal);
      if (copy === 0) return 0;
      let leastNsec = waiting.distanceNsec(ordinal, copy, this.#evidence.earlyNsec);
      let rivalAt = -1;
      let copyAt = -1;
      for (let at = 0; at < this.#rivalCount; at++) {
        for (let other = 0; other < this.#copies.count; other++) {
          const rival = this.#rivals[at]!;
          const nsec = waiting.distanceNsec(rival, this.#copies.ordinals[other]!, this.#evidence.earlyNsec);
          if (nsec < 0 || nsec > PAIR_NSEC || nsec >= leastNsec) continue;
          leastNsec = nsec;
          rivalAt = at;
          copyAt = other;
        }
      }
      if (rivalAt < 0) return copy;
      this.#rivals[rivalAt] = this.#rivals[--this.#rivalCount]!;
      this.#copies.ordinals[copyAt] = this.#copies.ordinals[--this.#copies.count]!;
    }
  }

  #agreement(waiting: WaitingRows, ordinal: number, other: number): number {
    return agreementOf(this.#evidence.sessions, waiting, ordinal, other);
  }
}

/** The endpoint of a packet's own side; of an ICMP error that of the packet which it quotes. */
function endAddress(waiting: WaitingRows, ordinal: number): number {
  return innerAddress(waiting.batchOf(ordinal), waiting.rowOf(ordinal), waiting.sideOf(ordinal));
}

function endPort(waiting: WaitingRows, ordinal: number): number {
  return nearPort(waiting.batchOf(ordinal), waiting.rowOf(ordinal), waiting.sideOf(ordinal));
}

/** What is known of the sessions of two packets of two sides: see `PairedSessions.agreement`. */
export function agreementOf(
  sessions: PairedSessions,
  waiting: WaitingRows,
  ordinal: number,
  other: number,
): -1 | 0 | 1 {
  const side = waiting.sideOf(ordinal);
  const privateAt = side < SIDE.publicOut ? ordinal : other;
  const publicAt = side < SIDE.publicOut ? other : ordinal;
  return sessions.agreement(
    waiting.batchOf(privateAt),
    waiting.rowOf(privateAt),
    waiting.batchOf(publicAt),
    waiting.rowOf(publicAt),
    side,
    waiting.clockOf(ordinal),
  );
}
