import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteText } from './quote';

/**
 * Of a reader: that which is known to be enough for a slice of a search; what a statement gets by with that may put on the disk
 * what it sorts and groups; the same where the database writes the file as well; or all that there is.
 */
export type MemoryNeed = 'modest' | 'statement' | 'copy' | 'all';

interface Bounds {
  readonly memory: string;
  /** Null for as many as there are. */
  readonly threads: number | null;
}

/**
 * What the database has while no reader needs more. The process has some 190 MB beside it while it writes a file of any size
 * [measured], and up to 240 MB where rows are sorted that come from the disk.
 */
const BOUNDS: Readonly<Record<Exclude<MemoryNeed, 'all'>, Bounds>> = {
  // To sort a slice of a search, and for blocks that are read once.
  modest: { memory: '128MB', threads: null },
  // Each thread holds rows in memory of its own: two sort ten million entries with all of their fields, four do not [measured].
  statement: { memory: '128MB', threads: 2 },
  // Groups of rows are held until they are packed.
  copy: { memory: '144MB', threads: 2 },
};

/**
 * The limits of the database's memory and threads, which are one for all connections: low while modest readers alone run, and
 * else as it was opened. Blocks that were read stay in memory up to the limit, so it is what an export of a large log would
 * come to have.
 */
export class MemoryLimit {
  readonly #connection: DuckDBConnection;
  readonly #full: { readonly memory: string; readonly threads: number };
  readonly #readers: Record<MemoryNeed, number> = { modest: 0, statement: 0, copy: 0, all: 0 };
  /** Null where setting it has failed. */
  #current: MemoryNeed | null = 'all';
  #settling: Promise<void> = Promise.resolve();

  /**
   * @param connection for this alone
   * @param full as the database was opened, the memory such as `512MB`
   */
  constructor(connection: DuckDBConnection, full: { readonly memory: string; readonly threads: number }) {
    this.#connection = connection;
    this.#full = full;
  }

  /** A reader begins when this has settled, and calls `leave` when it ends. */
  enter(need: MemoryNeed): Promise<void> {
    this.#readers[need]++;
    return this.#settleNext();
  }

  leave(need: MemoryNeed): void {
    this.#readers[need]--;
    // Who stays, perhaps for minutes, has no use for what the other needed.
    if (need === 'all' && this.#mostNeeded !== 'all' && this.#mostNeeded !== null)
      this.#settleNext().catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#settling.catch(() => undefined);
    this.#connection.closeSync();
  }

  #settleNext(): Promise<void> {
    // What failed for the reader before is no reason why this one should.
    this.#settling = this.#settling.catch(() => undefined).then(() => this.#settle());
    return this.#settling;
  }

  get #mostNeeded(): MemoryNeed | null {
    return (['all', 'copy', 'statement', 'modest'] as const).find((need) => this.#readers[need] > 0) ?? null;
  }

  async #settle(): Promise<void> {
    const need = this.#mostNeeded;
    if (need === 'all') await this.#raise();
    else if (need !== null) await this.#lower(need);
  }

  async #raise(): Promise<void> {
    if (this.#current === 'all') return;
    this.#current = null;
    await this.#set(this.#full);
    this.#current = 'all';
  }

  async #lower(need: Exclude<MemoryNeed, 'all'>): Promise<void> {
    if (this.#current === need) return;
    const { memory, threads } = BOUNDS[need];
    const isLess = megabytesOf(memory) < megabytesOf(this.#full.memory);
    this.#current = null;
    try {
      await this.#set({
        memory: isLess ? memory : this.#full.memory,
        threads: Math.min(threads ?? Infinity, this.#full.threads),
      });
      this.#current = need;
    } catch {
      // Refused where more than that is in use, such as by what another reader has left to be freed.
    }
  }

  async #set({ memory, threads }: { readonly memory: string; readonly threads: number }): Promise<void> {
    await this.#connection.run(`SET GLOBAL threads = ${threads}`);
    await this.#connection.run(`SET GLOBAL memory_limit = ${quoteText(memory)}`);
  }
}

/** @returns infinity where it is not written as here */
function megabytesOf(limit: string): number {
  const [, count, unit] = /^(\d+)(MB|GB)$/.exec(limit) ?? [];
  if (count === undefined) return Infinity;
  return Number(count) * (unit === 'GB' ? 1000 : 1);
}
