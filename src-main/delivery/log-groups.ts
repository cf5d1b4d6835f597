import { SESSION_LOG_FIELDS, type Int64Column, type LogEntryBatch } from '../contract/log-entry';
import { GROUP_ENTRIES } from './quotas';

/** Of the names of fields that an entry has not when its private side is not known, or its destination not recorded. */
const PRIVATE_NAMES = 'pri_ip'.length + 'pri_port'.length;
const DESTINATION_NAMES = 'pub_ip'.length + 'pub_port'.length;

/** The entries of one call of PutLogs: so many ordinals from `firstEntry` on. Times are epoch seconds. */
export interface LogGroup {
  readonly firstEntry: number;
  readonly entries: number;
  /** By the vendor's counting: each field's name and its value as text, before compression. */
  readonly rawBytes: number;
  /** When the gateway had sealed them: the end of their window. */
  readonly sealedSec: number;
  /** Where other windows begin that entries of it are of: what late packets add, or what came after the clock was set back. */
  readonly otherStartsSec?: readonly number[];
}

type OpenGroup = { -readonly [K in keyof LogGroup]: LogGroup[K] };

/**
 * Puts log entries, as the gateway seals them, into groups of ordinals that follow one another; what it keeps is a group, not
 * entries. 4,096 entries, with ids as long as they may be, are below the vendor's limit of bytes, so that only their number
 * counts.
 */
export class LogGroups {
  readonly #groups: OpenGroup[] = [];
  readonly #windowSec: number;
  /** Of all names, and of the values that each entry has. */
  readonly #commonBytes: number;
  /** Where the window that is sealed begins, among entries and among groups. */
  #baseEntry = 0;
  #baseGroup = 0;
  #entries = 0;
  /** The greatest ordinal: while there are fewer entries before it, others of its window are still to come. */
  #lastEntry = -1;
  #sealedSec = -Infinity;

  /** The names are of the gateway: each of its entries has them. */
  constructor(windowSec: number, { instance, vpcId }: { readonly instance: string; readonly vpcId: string }) {
    this.#windowSec = windowSec;
    const names = SESSION_LOG_FIELDS.reduce((sum, { name }) => sum + name.length, 0);
    this.#commonBytes = names + instance.length + vpcId.length;
  }

  get groups(): readonly LogGroup[] {
    return this.#groups;
  }

  /** @param batch of one window, whose ordinals come in any order within it */
  add(batch: LogEntryBatch): void {
    const { length, entryNo, windowStart } = batch;
    if (length === 0) return;
    this.#seal(greatest(windowStart, length) + this.#windowSec);
    const lastEntry = greatest(entryNo, length);
    const last = placeOf(lastEntry - this.#baseEntry);
    const sums = new GroupSums(last + 1);
    sums.add(batch, this.#baseEntry);
    for (let place = 0; place <= last; place++) {
      const group = this.#groups[this.#baseGroup + place] ?? this.#begin(place);
      const entries = sums.entries[place]!;
      group.entries += entries;
      group.rawBytes += entries * this.#commonBytes + sums.ownBytes[place]!;
    }
    this.#noteOthers(batch);
    this.#entries += length;
    this.#lastEntry = Math.max(this.#lastEntry, lastEntry);
  }

  /**
   * The clock of delivery does not go back where that of the capture does. What late packets add to entries of a window that
   * was sealed before is sealed with the window in which they came. Where windows begin with their session, those that are handed
   * out together are sealed with the last of them, which may come in any of their batches.
   */
  #seal(endSec: number): void {
    if (endSec <= this.#sealedSec) return;
    this.#sealedSec = endSec;
    if (this.#lastEntry >= this.#entries) {
      for (const group of this.#groups.slice(this.#baseGroup)) moveSealing(group, endSec, this.#windowSec);
      return;
    }
    this.#baseEntry = this.#entries;
    this.#baseGroup = this.#groups.length;
  }

  /** Also those before it, as a batch may begin anywhere in its window. */
  #begin(place: number): OpenGroup {
    for (let next = this.#groups.length - this.#baseGroup; next <= place; next++) {
      const firstEntry = this.#baseEntry + next * GROUP_ENTRIES;
      this.#groups.push({ firstEntry, entries: 0, rawBytes: 0, sealedSec: this.#sealedSec });
    }
    return this.#groups[this.#baseGroup + place]!;
  }

  /** Nearly all entries are of the window that is sealed. */
  #noteOthers({ length, entryNo, windowStart }: LogEntryBatch): void {
    const ownStartSec = this.#sealedSec - this.#windowSec;
    for (let row = 0; row < length; row++) {
      const startSec = windowStart.at(row);
      if (startSec === ownStartSec) continue;
      addOther(this.#groups[this.#baseGroup + placeOf(entryNo.at(row) - this.#baseEntry)]!, startSec);
    }
  }
}

/** As an index of 31 bits: with a quotient of doubles, loops over it take twice the time. */
function placeOf(entry: number): number {
  return (entry / GROUP_ENTRIES) | 0;
}

/** What a batch adds to the groups of a window: a loop over plain columns, as V8 optimises one over objects time and again. */
class GroupSums {
  readonly entries: Uint32Array;
  /** Of the values that entries have each for itself, less the names of those that they have not. */
  readonly ownBytes: Float64Array;

  constructor(groups: number) {
    this.entries = new Uint32Array(groups);
    this.ownBytes = new Float64Array(groups);
  }

  /** @param baseEntry ordinal with which the window begins */
  add(batch: LogEntryBatch, baseEntry: number): void {
    const { length, entryNo, valueBytes, destinationBytes, isPublicOnly, isRedacted } = batch;
    const { entries, ownBytes } = this;
    for (let row = 0; row < length; row++) {
      const place = placeOf(entryNo.at(row) - baseEntry);
      const missing = isPublicOnly[row]! * PRIVATE_NAMES + isRedacted[row]! * DESTINATION_NAMES;
      entries[place]!++;
      ownBytes[place]! += valueBytes[row]! + destinationBytes[row]! - missing;
    }
  }
}

/** @param length at least 1 */
function greatest(column: Int64Column, length: number): number {
  let found = column.at(0);
  for (let row = 1; row < length; row++) found = Math.max(found, column.at(row));
  return found;
}

/** The window of which the group has entries so far becomes one of the others. */
function moveSealing(group: OpenGroup, endSec: number, windowSec: number): void {
  const startSec = group.sealedSec - windowSec;
  group.sealedSec = endSec;
  if (group.entries > 0) addOther(group, startSec);
}

function addOther(group: OpenGroup, startSec: number): void {
  const { otherStartsSec: known = [] } = group;
  if (!known.includes(startSec)) group.otherStartsSec = [...known, startSec];
}
