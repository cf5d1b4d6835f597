import type { DuckDBConnection } from '@duckdb/node-api';
import { numberIn, readRows, textIn, textOrNull } from './catalogue';
import { remembered } from './catalogue-memory';
import type { Database } from './database';
import { STATEMENTS } from './statements';

/** An index that was current before. */
export interface IndexGeneration {
  /** It holds for the runs up to this one that no generation before it holds for. */
  readonly untilRun: number;
  /** The vendor's JSON; null for runs that were imported without an index. */
  readonly config: string | null;
}

/** How the entries of a Logstore are indexed. */
export interface IndexState {
  /** The vendor's JSON, for the runs after the last generation; null without an index. */
  readonly config: string | null;
  readonly updatedMs: number | null;
  /** Ascending; empty when all entries are under the current index. */
  readonly generations: readonly IndexGeneration[];
  /** Runs of the Logstore, ascending, with the entries of the committed ones. */
  readonly runs: readonly { readonly run: number; readonly entries: number }[];
}

export async function readIndexIn(connection: DuckDBConnection, logstoreId: number): Promise<IndexState> {
  const [current] = await readRows(connection, STATEMENTS.readIndexConfig, [logstoreId]);
  const generations = await readRows(connection, STATEMENTS.listGenerations, [logstoreId]);
  const runs = await readRows(connection, STATEMENTS.listRunEntries, [logstoreId]);
  return {
    config: current === undefined ? null : textIn(current, 'config'),
    updatedMs: current === undefined ? null : numberIn(current, 'updated_ms'),
    generations: generations.map((row) => ({
      untilRun: numberIn(row, 'until_run'),
      config: textOrNull(row, 'config'),
    })),
    runs: runs.map((row) => ({ run: numberIn(row, 'run_id'), entries: numberIn(row, 'entries') })),
  };
}

export const readIndex = remembered((database, logstoreId: number): Promise<IndexState> => {
  return database.withConnection((connection) => readIndexIn(connection, logstoreId));
});

/** @returns the configuration that holds for a run; null where it has no index */
export function indexOfRun(
  { config, generations }: Pick<IndexState, 'config' | 'generations'>,
  run: number,
): string | null {
  const generation = generations.find(({ untilRun }) => run <= untilRun);
  return generation === undefined ? config : generation.config;
}

/** @returns the runs whose entries are under no index */
export function unindexedRuns(state: IndexState): readonly number[] {
  return state.runs.map(({ run }) => run).filter((run) => indexOfRun(state, run) === null);
}

/**
 * Sets, replaces or removes the index of a Logstore, for runs that begin from now on. Those that are there, or under way,
 * keep what they have.
 *
 * @param config the vendor's JSON; null for none
 */
export async function writeIndexIn(
  connection: DuckDBConnection,
  logstoreId: number,
  config: string | null,
  nowMs: number,
): Promise<void> {
  const before = await readIndexIn(connection, logstoreId);
  const coveredUntil = before.generations.at(-1)?.untilRun ?? -1;
  const lastRun = before.runs.at(-1)?.run ?? -1;
  if (lastRun > coveredUntil && before.config !== config) {
    await connection.run(STATEMENTS.insertGeneration, [logstoreId, lastRun, before.config]);
  }
  await connection.run(STATEMENTS.deleteIndexConfig, [logstoreId]);
  if (config !== null) await connection.run(STATEMENTS.insertIndexConfig, [logstoreId, config, nowMs]);
}

export async function writeIndex(
  database: Database,
  logstoreId: number,
  config: string | null,
  nowMs: number,
): Promise<void> {
  await database.transaction((connection) => writeIndexIn(connection, logstoreId, config, nowMs));
}

/** Puts all entries under the current index. */
export async function reindexIn(connection: DuckDBConnection, logstoreId: number): Promise<void> {
  await connection.run(STATEMENTS.deleteGenerations, [logstoreId]);
}

/** Creates the index of a Logstore that has none, for all of its entries. @returns false when there was one */
export async function createMissingIndex(
  database: Database,
  logstoreId: number,
  config: string,
  nowMs: number,
): Promise<boolean> {
  return database.transaction(async (connection) => {
    if ((await readIndexIn(connection, logstoreId)).config !== null) return false;
    await writeIndexIn(connection, logstoreId, config, nowMs);
    await reindexIn(connection, logstoreId);
    return true;
  });
}
