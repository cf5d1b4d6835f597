import type { DuckDBConnection } from '@duckdb/node-api';
import type { Database } from './database';
import { logTable } from './log-table';
import { batchesOf, inBatch, IS_IN_BATCH, withoutRanges, type EntryRange } from './entry-ranges';
import {
  asideTable,
  ensureAside,
  putBackIn,
  UNDELIVERED,
  type RunPlace,
  type Settled,
  type SettledWrite,
} from './undelivered';

/**
 * What has not arrived of a run that goes on, from seal to seal. What is sealed later may change that: a delivery that was
 * tried again for the sake of new entries brings those that waited. In the end, where late packets came, what they correct comes
 * back, and is settled by `settleEntries`.
 */
export class LiveLosses {
  readonly #place: RunPlace;
  #out: readonly EntryRange[] = [];

  /** For `open` alone. */
  constructor(place: RunPlace) {
    this.#place = place;
  }

  /** To be called before the transaction begins in which `settleIn` is, since it makes a table. */
  static async open(database: Database, logstoreId: number, runId: number): Promise<LiveLosses> {
    await ensureAside(database, logstoreId);
    return new LiveLosses({ logstoreId, runId });
  }

  /**
   * Leaves in the log what has arrived, within the transaction that seals it.
   *
   * @param lost ranges of entries that are not in the log, ascending
   * @returns how many these are
   */
  async settleIn(connection: DuckDBConnection, lost: readonly EntryRange[]): Promise<number> {
    await putBackIn(connection, this.#place, withoutRanges(this.#out, lost));
    await takeOutIn(connection, this.#place, withoutRanges(lost, this.#out));
    this.#out = lost;
    return lost.reduce((sum, [from, to]) => sum + to - from, 0);
  }

  /** The same in a transaction of its own, in the end, for a run without late packets. */
  async settle(database: Database, lost: readonly EntryRange[], write: SettledWrite): Promise<Settled> {
    return database.transaction(async (connection) => {
      const settled = { merged: 0, undelivered: await this.settleIn(connection, lost) };
      await write(connection, settled);
      return settled;
    });
  }
}

/** Takes entries out of the log of a run that goes on, whose late packets still have rows of their own, within a transaction. */
async function takeOutIn(
  connection: DuckDBConnection,
  { logstoreId, runId }: RunPlace,
  ranges: readonly EntryRange[],
): Promise<void> {
  const [aside, log] = [asideTable(logstoreId), logTable(logstoreId)];
  const kept = `SELECT *, ${UNDELIVERED}::UTINYINT AS aside_kind FROM ${log} WHERE ${IS_IN_BATCH}`;
  for (const batch of batchesOf(ranges)) {
    await connection.run(`INSERT INTO ${aside} BY NAME ${kept}`, inBatch(runId, batch));
    await connection.run(`DELETE FROM ${log} WHERE ${IS_IN_BATCH}`, inBatch(runId, batch));
  }
}
