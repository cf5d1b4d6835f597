import type { LogEntryBatch } from '../contract/log-entry';
import { GROUP_BYTES, GROUP_ENTRIES } from './quotas';
import { EntrySizes } from './raw-size';

/** The entries of one call of PutLogs: those from `firstEntry` on. Times are epoch seconds. */
export interface LogGroup {
  readonly firstEntry: number;
  readonly entries: number;
  readonly rawBytes: number;
  /** When the gateway had sealed them: the end of their window. */
  readonly sealedSec: number;
  /** The earliest and the latest `start_time` of them. */
  readonly earliestSec: number;
  readonly latestSec: number;
}

type OpenGroup = { -readonly [K in keyof LogGroup]: LogGroup[K] };

/** Puts log entries, as the gateway seals them, into groups within the vendor's limits; what it keeps is a group, not entries. */
export class LogGroups {
  readonly groups: LogGroup[] = [];
  readonly #windowSec: number;
  readonly #sizes: EntrySizes;
  #open: OpenGroup | null = null;
  #sealedSec = -Infinity;

  /** @param names of the gateway, which each of its entries has */
  constructor(windowSec: number, names: { readonly instance: string; readonly vpcId: string }) {
    this.#windowSec = windowSec;
    this.#sizes = new EntrySizes(names);
  }

  add(batch: LogEntryBatch): void {
    if (batch.length === 0) return;
    const sealedSec = this.#seal(batch);
    for (let row = 0; row < batch.length; row++) {
      const bytes = this.#sizes.rawBytes(batch, row);
      const sec = batch.firstSec[row]!;
      const open = this.#roomFor(bytes, sealedSec);
      if (open === null) {
        this.#begin(batch.entryNo[row]!, sealedSec, bytes, sec);
      } else {
        open.entries++;
        open.rawBytes += bytes;
        if (sec < open.earliestSec) open.earliestSec = sec;
        if (sec > open.latestSec) open.latestSec = sec;
      }
    }
  }

  /**
   * The clock of delivery does not go back where that of the capture does. What late packets add to entries of a window that
   * was sealed before is sealed with the window in which they came.
   */
  #seal(batch: LogEntryBatch): number {
    let latest = this.#sealedSec;
    for (let row = 0; row < batch.length; row++) latest = Math.max(latest, batch.windowStart[row]! + this.#windowSec);
    this.#sealedSec = latest;
    return latest;
  }

  #roomFor(bytes: number, sealedSec: number): OpenGroup | null {
    const open = this.#open;
    if (open === null || open.sealedSec !== sealedSec) return null;
    return open.entries < GROUP_ENTRIES && open.rawBytes + bytes <= GROUP_BYTES ? open : null;
  }

  #begin(firstEntry: number, sealedSec: number, rawBytes: number, sec: number): void {
    const open = { firstEntry, entries: 1, rawBytes, sealedSec, earliestSec: sec, latestSec: sec };
    this.#open = open;
    this.groups.push(open);
  }
}
