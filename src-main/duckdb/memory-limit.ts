import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteText } from './quote';

/** Of a reader: that which is known to be enough for it, or all that there is. */
export type MemoryNeed = 'modest' | 'all';

/**
 * What the database has while nothing but modest readers run: enough to sort a slice of a search, and for blocks that are read
 * once. The process has 190 MB beside it while it writes a file of any size [measured].
 */
const MODEST_LIMIT = '128MB';

/**
 * The limit of the database's memory, which is one for all connections: low while modest readers alone run, and else as it was
 * opened. Blocks that were read stay in memory up to the limit, so it is what an export of a large log would come to have.
 */
export class MemoryLimit {
  readonly #connection: DuckDBConnection;
  readonly #full: string;
  readonly #readers: Record<MemoryNeed, number> = { modest: 0, all: 0 };
  #isLow = false;
  #settling: Promise<void> = Promise.resolve();

  /**
   * @param connection for this alone
   * @param full as the database was opened, such as `512MB`
   */
  constructor(connection: DuckDBConnection, full: string) {
    this.#connection = connection;
    this.#full = full;
  }

  /** A reader begins when this has settled, and calls `leave` when it ends. */
  enter(need: MemoryNeed): Promise<void> {
    this.#readers[need]++;
    // What failed for the reader before is no reason why this one should.
    this.#settling = this.#settling.catch(() => undefined).then(() => this.#settle());
    return this.#settling;
  }

  leave(need: MemoryNeed): void {
    this.#readers[need]--;
  }

  closeSync(): void {
    this.#connection.closeSync();
  }

  async #settle(): Promise<void> {
    const { modest, all } = this.#readers;
    if (all > 0 && this.#isLow) await this.#set(this.#full);
    else if (all === 0 && modest > 0 && !this.#isLow) {
      if (megabytesOf(this.#full) <= megabytesOf(MODEST_LIMIT)) return;
      // Refused where more than that is in use, such as by what another reader has left to be freed.
      await this.#set(MODEST_LIMIT).catch(() => undefined);
    }
  }

  async #set(limit: string): Promise<void> {
    await this.#connection.run(`SET GLOBAL memory_limit = ${quoteText(limit)}`);
    this.#isLow = limit === MODEST_LIMIT;
  }
}

/** @returns infinity where it is not written as here */
function megabytesOf(limit: string): number {
  const [, count, unit] = /^(\d+)(MB|GB)$/.exec(limit) ?? [];
  if (count === undefined) return Infinity;
  return Number(count) * (unit === 'GB' ? 1000 : 1);
}
