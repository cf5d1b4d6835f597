import type { Shard } from './shards';

/** Log entries of one call of the vendor's PutLogs at most. @see sls-logstore.md §5.2 */
const CALL_ENTRIES = 4096;
const HASH = /^[0-9a-f]{32}$/u;

/**
 * Which shard an entry is written to. Readonly shards take none.
 *
 * @see sls-logstore.md §5.2, §5.4
 */
export class ShardRoute {
  /** The readwrite ones, by range. */
  readonly #open: readonly Pick<Shard, 'id' | 'beginKey'>[];
  readonly #run: number;

  /** @param run loads begin at one shard after the other, so that small ones do not all go to the first */
  constructor(shards: readonly Pick<Shard, 'id' | 'status' | 'beginKey'>[], run: number) {
    this.#open = shards
      .filter(({ status }) => status === 'readwrite')
      .toSorted((a, b) => (a.beginKey < b.beginKey ? -1 : 1));
    this.#run = run;
    if (this.#open.length === 0) throw new RangeError('a Logstore has no readwrite shard');
  }

  /** Of the shards that take entries, in the order of their ranges. */
  get ids(): readonly number[] {
    return this.#open.map(({ id }) => id);
  }

  /**
   * By load balance: as many entries as one call has go to one shard, those of the next call to the next.
   *
   * @param entryNo within the run
   */
  balanced(entryNo: number): number {
    return this.#open[(this.#run + Math.floor(entryNo / CALL_ENTRIES)) % this.#open.length]!.id;
  }

  /** By hash: the shard in whose range it is. @param hash an MD5, as 32 hexadecimal digits in lowercase */
  ofHash(hash: string): number {
    if (!HASH.test(hash)) throw new RangeError(`${hash} is no MD5 hash`);
    // Ranges lie side by side from 0 on, so that the last one that begins at it or before it has it.
    return (this.#open.findLast(({ beginKey }) => beginKey <= hash) ?? this.#open[0]!).id;
  }
}
