import type { DuckDBConnection } from '@duckdb/node-api';
import type { Database } from './database';
import { logTable } from './log-table';
import { asideTable, ensureAside, RANGES, UNDELIVERED, type EntryRange } from './undelivered';

interface LiveRunPlace {
  readonly logstoreId: number;
  readonly runId: number;
}

/**
 * What has not arrived of a run that goes on, from seal to seal. What is sealed later may change that: a delivery that was
 * tried again for the sake of new entries brings those that waited. In the end all of it comes back, and is settled at once.
 */
export class LiveLosses {
  readonly #place: LiveRunPlace;
  #out: readonly EntryRange[] = [];

  /** For `open` alone. */
  constructor(place: LiveRunPlace) {
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
}

/** Of a run that goes on, whose late packets still have rows of their own: $1 the ranges, $2 run_id, $3 first and $4 end of them. */
const IS_IN_RANGES = `run_id = $2::UINTEGER AND entry_no >= $3::UBIGINT AND entry_no < $4::UBIGINT
  AND EXISTS (SELECT 1 FROM ranges WHERE entry_no >= first_no AND entry_no < end_no)`;

function inRanges(runId: number, ranges: readonly EntryRange[]): (number | string)[] {
  return [JSON.stringify(ranges), runId, ranges[0]?.[0] ?? 0, ranges.at(-1)?.[1] ?? 0];
}

/** Takes entries out of the log of a run that goes on, within a transaction. */
async function takeOutIn(
  connection: DuckDBConnection,
  { logstoreId, runId }: LiveRunPlace,
  ranges: readonly EntryRange[],
): Promise<void> {
  if (ranges.length === 0) return;
  const [aside, log] = [asideTable(logstoreId), logTable(logstoreId)];
  const kept = `SELECT *, ${UNDELIVERED}::UTINYINT AS aside_kind FROM ${log} WHERE ${IS_IN_RANGES}`;
  await connection.run(`WITH ranges AS (${RANGES}) INSERT INTO ${aside} BY NAME ${kept}`, inRanges(runId, ranges));
  await connection.run(`WITH ranges AS (${RANGES}) DELETE FROM ${log} WHERE ${IS_IN_RANGES}`, inRanges(runId, ranges));
}

/** Puts back what `takeOutIn` has taken out. */
async function putBackIn(
  connection: DuckDBConnection,
  { logstoreId, runId }: LiveRunPlace,
  ranges: readonly EntryRange[],
): Promise<void> {
  if (ranges.length === 0) return;
  const [aside, log] = [asideTable(logstoreId), logTable(logstoreId)];
  const kept = `SELECT * EXCLUDE (aside_kind) FROM ${aside} WHERE ${IS_IN_RANGES}`;
  await connection.run(`WITH ranges AS (${RANGES}) INSERT INTO ${log} BY NAME ${kept}`, inRanges(runId, ranges));
  await connection.run(
    `WITH ranges AS (${RANGES}) DELETE FROM ${aside} WHERE ${IS_IN_RANGES}`,
    inRanges(runId, ranges),
  );
}

/** @returns what of some ranges is in none of the others; all of them ascending, and none of either touches another */
export function withoutRanges(ranges: readonly EntryRange[], others: readonly EntryRange[]): EntryRange[] {
  const left: [from: number, to: number][] = [];
  let place = 0;
  for (const [begin, to] of ranges) {
    let from = begin;
    while (place < others.length && others[place]![1] <= from) place++;
    for (let at = place; at < others.length && others[at]![0] < to; at++) {
      const [otherFrom, otherTo] = others[at]!;
      if (otherFrom > from) left.push([from, otherFrom]);
      from = Math.max(from, otherTo);
    }
    if (from < to) left.push([from, to]);
  }
  return left;
}
