import { SESSION_LOG_FIELDS, type LogEntryBatch } from '../contract/log-entry';
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
    this.#seal(batch);
    const { length, entryNo, windowStart, valueBytes, destinationBytes, isPublicOnly, isRedacted } = batch;
    const commonBytes = this.#commonBytes;
    const ownStartSec = this.#sealedSec - this.#windowSec;
    const groups = this.#groups;
    const baseEntry = this.#baseEntry;
    const baseGroup = this.#baseGroup;
    for (let row = 0; row < length; row++) {
      // As an index of 31 bits: with a quotient of doubles this loop takes twice the time.
      const place = ((entryNo[row]! - baseEntry) / GROUP_ENTRIES) | 0;
      const group = groups[baseGroup + place] ?? this.#begin(place);
      group.entries++;
      const missing = isPublicOnly[row]! * PRIVATE_NAMES + isRedacted[row]! * DESTINATION_NAMES;
      group.rawBytes += commonBytes + valueBytes[row]! + destinationBytes[row]! - missing;
      const startSec = windowStart[row]!;
      if (startSec !== ownStartSec) addOther(group, startSec);
    }
    this.#entries += length;
  }

  /**
   * The clock of delivery does not go back where that of the capture does. What late packets add to entries of a window that
   * was sealed before is sealed with the window in which they came.
   */
  #seal({ length, windowStart }: LogEntryBatch): void {
    let latest = this.#sealedSec;
    for (let row = 0; row < length; row++) {
      const endSec = windowStart[row]! + this.#windowSec;
      if (endSec > latest) latest = endSec;
    }
    if (latest === this.#sealedSec) return;
    this.#sealedSec = latest;
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
}

function addOther(group: OpenGroup, startSec: number): void {
  const { otherStartsSec: known = [] } = group;
  if (!known.includes(startSec)) group.otherStartsSec = [...known, startSec];
}
