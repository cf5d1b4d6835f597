import type { DeliveryQuotas } from '../contract/delivery';
import { QuotaMeter } from './quotas';

/** Where groups of entries are written to. */
export interface TargetShards {
  /** Ids of the shards that take entries, in the order of their ranges; at least one. */
  readonly ids: readonly number[];
  /** Which of them the hash of the gateway's id falls into. */
  readonly ofSource: number;
  /** Where that hash lies in the space of all hashes, from 0 up to 1. */
  readonly sourcePlace: number;
}

const MINUTE_SEC = 60;

/** What a project and its shards take, second by second. */
export class WriteQuotas {
  readonly #startSec: number;
  readonly #project: QuotaMeter;
  readonly #shards = new Map<number, { readonly bytes: QuotaMeter; readonly writes: QuotaMeter }>();
  #quotas: DeliveryQuotas;
  #atSec: number;

  constructor(quotas: DeliveryQuotas, startSec: number) {
    this.#quotas = quotas;
    this.#startSec = startSec;
    this.#atSec = startSec;
    this.#project = new QuotaMeter(quotas.projectBytesPerMin / MINUTE_SEC, startSec);
  }

  /** Goes on to a second, with the quotas that hold then. */
  advance(atSec: number, quotas: DeliveryQuotas): void {
    this.#quotas = quotas;
    this.#atSec = atSec;
    this.#project.advance(atSec, quotas.projectBytesPerMin / MINUTE_SEC);
    for (const { bytes, writes } of this.#shards.values()) {
      bytes.advance(atSec, quotas.shardBytesPerSec);
      writes.advance(atSec, quotas.shardWritesPerSec);
    }
  }

  get projectHasLeft(): boolean {
    return this.#project.hasLeft;
  }

  shardHasLeft(shard: number): boolean {
    const { bytes, writes } = this.#shard(shard);
    return bytes.hasLeft && writes.hasLeft;
  }

  /** One call was written. */
  use(shard: number, rawBytes: number): void {
    this.#project.use(rawBytes);
    const { bytes, writes } = this.#shard(shard);
    bytes.use(rawBytes);
    writes.use(1);
  }

  #shard(id: number): { readonly bytes: QuotaMeter; readonly writes: QuotaMeter } {
    const known = this.#shards.get(id);
    if (known !== undefined) return known;
    const { shardBytesPerSec, shardWritesPerSec } = this.#quotas;
    const meters = {
      bytes: new QuotaMeter(shardBytesPerSec, this.#startSec),
      writes: new QuotaMeter(shardWritesPerSec, this.#startSec),
    };
    meters.bytes.advance(this.#atSec, shardBytesPerSec);
    meters.writes.advance(this.#atSec, shardWritesPerSec);
    this.#shards.set(id, meters);
    return meters;
  }
}

/**
 * @param group ordinal of the group: with balance, one shard after the other
 * @param count shards that take entries now: fewer than there are, or more, which were split off since
 */
export function shardOf(group: number, route: 'balance' | 'hash', count: number, target: TargetShards): number {
  const { ids, ofSource, sourcePlace } = target;
  if (route === 'hash' && count === ids.length) return ofSource;
  const index = route === 'hash' ? Math.floor(sourcePlace * count) : group % count;
  // What is split off gets the next ids.
  return index < ids.length ? ids[index]! : Math.max(...ids) + 1 + index - ids.length;
}
