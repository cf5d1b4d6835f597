import { PACKET_FLAG, PacketBatch, TRAIT } from './packet-batch';

/** A time that is farther than this from those around it is none. @see nat-gateway reference §6 "Zero / absurd timestamps" */
const ABSURD_SEC = 365 * 86_400;

const isFar = (sec: number, otherSec: number): boolean => Math.abs(sec - otherSec) > ABSURD_SEC;

/**
 * Gives packets whose time cannot be that of the packet before them: a time that is zero, or wrong by years, while the
 * packets around it agree. Where the next packet agrees with it instead, the clock was set, and nothing is wrong.
 *
 * A batch whose last packet cannot be judged yet gives it up to the next one.
 */
export class TimeRepair {
  readonly #onRepair: () => void;
  #soundSec: number | null = null;
  #soundNsec = 0;
  #held: PacketBatch | null = null;

  /** @param onRepair called for each packet that is given another time */
  constructor(onRepair: () => void) {
    this.#onRepair = onRepair;
  }

  /** Puts what was held back at the beginning of an empty batch, which may be filled then. */
  begin(batch: PacketBatch): void {
    if (this.#held === null || this.#held.length === 0) return;
    batch.appendRow(this.#held, 0);
    this.#held.length = 0;
  }

  /** @param isEnd nothing follows this batch */
  repair(batch: PacketBatch, isEnd: boolean): void {
    if (batch.length === 0 || this.#isSound(batch)) return;
    const { tsSec, tsNsec, length } = batch;
    for (let row = 0; row < length; row++) {
      const sec = tsSec[row]!;
      if (this.#soundSec === null) this.#begin(batch);
      else if (isFar(sec, this.#soundSec) && this.#isAbsurd(batch, row, isEnd)) {
        if (batch.length < length) return;
        this.#fix(batch, row, this.#soundSec, this.#soundNsec);
        continue;
      }
      this.#soundSec = tsSec[row]!;
      this.#soundNsec = tsNsec[row]!;
    }
  }

  /** Nearly every batch: no time in it is far from the one before. The last is the sound one from then on. */
  #isSound(batch: PacketBatch): boolean {
    if (this.#soundSec === null) return false;
    const { tsSec, tsNsec, length } = batch;
    let soundSec = this.#soundSec;
    // No step is longer than from the first to the last.
    const isShort = batch.has(TRAIT.ascending) && tsSec[length - 1]! - tsSec[0]! <= ABSURD_SEC;
    if (isShort && Math.abs(tsSec[0]! - soundSec) <= ABSURD_SEC) {
      this.#soundSec = tsSec[length - 1]!;
      this.#soundNsec = tsNsec[length - 1]!;
      return true;
    }
    for (let row = 0; row < length; row++) {
      const sec = tsSec[row]!;
      if (sec - soundSec > ABSURD_SEC || soundSec - sec > ABSURD_SEC) return false;
      soundSec = sec;
    }
    this.#soundSec = soundSec;
    this.#soundNsec = tsNsec[length - 1]!;
    return true;
  }

  /**
   * The first times of a capture have none before them: where they are zero, and where one is years from the next two, which agree, it
   * is the one behind. A batch is full unless the capture ends, or is a live one, whose times are those of this machine's clock.
   */
  #begin(batch: PacketBatch): void {
    const { tsSec, tsNsec, flags, length } = batch;
    // Of what is before 1970, the decoder has said so already.
    if (length > 0 && (flags[0]! & PACKET_FLAG.noTime) !== 0) return;
    let first = 0;
    while (first < length && tsSec[first] === 0 && tsNsec[first] === 0) first++;
    if (first === 0 && length > 2 && isFar(tsSec[0]!, tsSec[1]!) && !isFar(tsSec[1]!, tsSec[2]!)) first = 1;
    if (first === length || tsSec[first]! <= ABSURD_SEC) return;
    for (let row = 0; row < first; row++) this.#fix(batch, row, tsSec[first]!, tsNsec[first]!);
  }

  /** Of a packet whose time is far from the one before. The last of a batch is taken out of it, to be judged later. */
  #isAbsurd(batch: PacketBatch, row: number, isEnd: boolean): boolean {
    const { tsSec, tsNsec } = batch;
    if (tsSec[row] === 0 && tsNsec[row] === 0) return true;
    if (row + 1 < batch.length) return isFar(tsSec[row + 1]!, tsSec[row]!);
    if (isEnd) return false;
    this.#held ??= new PacketBatch();
    this.#held.appendRow(batch, row);
    batch.length--;
    return true;
  }

  #fix(batch: PacketBatch, row: number, sec: number, nsec: number): void {
    batch.traits &= ~TRAIT.ascending;
    batch.tsSec[row] = sec;
    batch.tsNsec[row] = nsec;
    batch.flags[row]! |= PACKET_FLAG.noTime;
    this.#onRepair();
  }
}
