import { PACKET_FLAG, type PacketBatch } from '../capture/packet-batch';
import { SIDE } from './leg-addresses';
import type { LegCoverage } from './leg-coverage';
import type { PairedSessions } from './paired-sessions';
import { MAX_LOOKS, type WaitingRows } from './waiting-rows';

/**
 * How long a packet waits to be seen to belong to a session that passes, or that goes another way: a SYN comes again after
 * one and after three seconds. @see RFC 6298 §2
 */
export const EVIDENCE_NSEC = 4e9;
/** Copies of a packet on one side, as of a port that is mirrored twice. @see nat-gateway reference §7 scenario 72 */
const TWIN_NSEC = 1e6;

export interface LegLossesOptions {
  readonly sessions: PairedSessions;
  readonly coverage: LegCoverage;
  /** Nothing is taken for lost. */
  readonly countsUnpaired: boolean;
}

/**
 * Judges packets without a copy: whether the gateway has lost one that went in, or the capture one that came out. What went in
 * and did not come out is lost only if the other side would have shown it, as `LegCoverage` tells: of the session that it
 * belongs to or quotes, packets were paired, and, of the last of them on, none was seen on that side that this one has not. From
 * outside such of its own direction were paired, too, as a capture inside may be of what hosts send alone. So were errors
 * before an error is, as a filter may leave them out. One that goes out may be of a session without a pair.
 *
 * @see nat-gateway reference §5 detail 6
 */
export class LegLosses {
  readonly #sessions: PairedSessions;
  readonly #coverage: LegCoverage;
  readonly #countsUnpaired: boolean;

  constructor({ sessions, coverage, countsUnpaired }: LegLossesOptions) {
    this.#sessions = sessions;
    this.#coverage = coverage;
    this.#countsUnpaired = countsUnpaired;
  }

  /** Whether the public side was seen, or may be at once: at the beginning, nobody knows. */
  mayBeCovered(nsec: number): boolean {
    return this.#coverage.hasPublic || nsec < EVIDENCE_NSEC;
  }

  /** Whether the next packets may tell that one was lost, or was not. */
  isUndecided(waiting: WaitingRows, ordinal: number): boolean {
    if (waiting.sideOf(ordinal) !== SIDE.privateOut || !this.#mayBeLost(waiting, ordinal)) return false;
    if (!this.mayBeCovered(waiting.clockOf(ordinal))) return false;
    const batch = waiting.batchOf(ordinal);
    const row = waiting.rowOf(ordinal);
    const pairedNsec = this.#sessions.pairedNsec(batch, row, SIDE.privateOut);
    if (this.#coverage.isAnswered(batch, row, pairedNsec)) return false;
    // Another file of the public side may begin.
    if (pairedNsec !== -Infinity) {
      return !this.#coverage.isRunning(batch, row, SIDE.privateOut, waiting.clockOf(ordinal), true);
    }
    if (isError(batch, row) || !this.#coverage.isTranslated(batch, row)) return false;
    return !isTwin(waiting, ordinal);
  }

  /** Whether a packet that went in was lost, of which nothing can be learnt any more. It is no twin. */
  isLost(waiting: WaitingRows, ordinal: number): boolean {
    const side = waiting.sideOf(ordinal);
    if ((side !== SIDE.privateOut && side !== SIDE.publicIn) || !this.#mayBeLost(waiting, ordinal)) return false;
    const batch = waiting.batchOf(ordinal);
    const row = waiting.rowOf(ordinal);
    const pairedNsec = this.#sessions.pairedNsec(batch, row, side);
    const isOut = side === SIDE.privateOut;
    const isKnown = pairedNsec !== -Infinity;
    if (!isKnown && (!isOut || isError(batch, row))) return false;
    if (!this.#coverage.isRunning(batch, row, side, waiting.clockOf(ordinal), isKnown)) return false;
    if (isError(batch, row) && !this.#coverage.showsErrors(isOut)) return false;
    if (!isOut) {
      const isShown = isError(batch, row) || this.#coverage.showsFrom(batch, row);
      return isShown && !this.#coverage.hasLeft(batch, row, pairedNsec);
    }
    if (this.#coverage.isAnswered(batch, row, pairedNsec)) return false;
    return isKnown || (this.#coverage.isTranslated(batch, row) && this.#coverage.showsLike(batch, row));
  }

  /** Whether the capture of the public side has missed a packet that came to a host. */
  isMissed(waiting: WaitingRows, ordinal: number): boolean {
    const batch = waiting.batchOf(ordinal);
    const row = waiting.rowOf(ordinal);
    if (this.#sessions.pairedNsec(batch, row, SIDE.privateIn) === -Infinity) return false;
    return this.#coverage.isRunning(batch, row, SIDE.privateIn, waiting.clockOf(ordinal), true);
  }

  /** A packet has no copy, as all have come that could be one. */
  note(waiting: WaitingRows, ordinal: number): void {
    const side = waiting.sideOf(ordinal);
    if (side !== SIDE.privateIn && side !== SIDE.publicOut) return;
    const batch = waiting.batchOf(ordinal);
    const row = waiting.rowOf(ordinal);
    const nsec = waiting.clockOf(ordinal);
    if (!this.#coverage.isRunning(batch, row, side, nsec, true) || isTwin(waiting, ordinal)) return;
    if (side === SIDE.privateIn) this.#coverage.noteAnswer(batch, row, nsec);
    else this.#coverage.noteLeft(batch, row, nsec);
  }

  #mayBeLost(waiting: WaitingRows, ordinal: number): boolean {
    if (this.#countsUnpaired) return false;
    return waiting.isKnowable(ordinal) && !waiting.isPaired(ordinal) && !waiting.isDoubtful(ordinal);
  }
}

/** Whether a packet is a copy, on the same side, of one that was paired. */
export function isTwin(waiting: WaitingRows, ordinal: number): boolean {
  if (!waiting.isKnowable(ordinal)) return false;
  let looks = 0;
  for (let at = waiting.firstPaired(ordinal); at !== 0 && looks < MAX_LOOKS; at = waiting.nextPaired(at)) {
    looks++;
    if (waiting.isSame(at, ordinal) && Math.abs(waiting.nsecBetween(at, ordinal)) <= TWIN_NSEC) return true;
  }
  return false;
}

function isError({ flags }: PacketBatch, row: number): boolean {
  return (flags[row]! & PACKET_FLAG.icmpError) !== 0;
}
