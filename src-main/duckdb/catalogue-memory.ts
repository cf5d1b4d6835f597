import type { Database } from './database';

/** Answers kept of one reader. More are not expected between two transactions; should they come, all are read anew. */
const MAX_KEPT = 256;

type Argument = string | number | null | object;

interface Kept<Result> {
  readonly revision: number;
  readonly byArguments: Map<string, Promise<Result>>;
}

/**
 * A reader of the catalogue that keeps its answers until the next transaction has ended, as each statement costs a query
 * one to three milliseconds. What it gives is shared, so it has to be read-only. A failure is not kept.
 *
 * @param read its arguments are told apart by their JSON
 */
export function remembered<Arguments extends readonly Argument[], Result>(
  read: (database: Database, ...args: Arguments) => Promise<Result>,
): (database: Database, ...args: Arguments) => Promise<Result> {
  const memory = new WeakMap<Database, Kept<Result>>();
  return (database, ...args) => {
    const { byArguments } = current(memory, database);
    const key = JSON.stringify(args);
    const kept = byArguments.get(key);
    if (kept !== undefined) return kept;
    const answer = read(database, ...args);
    if (byArguments.size >= MAX_KEPT) byArguments.clear();
    byArguments.set(key, answer);
    answer.catch(() => {
      if (byArguments.get(key) === answer) byArguments.delete(key);
    });
    return answer;
  };
}

function current<Result>(memory: WeakMap<Database, Kept<Result>>, database: Database): Kept<Result> {
  const { revision } = database;
  const kept = memory.get(database);
  if (kept?.revision === revision) return kept;
  const fresh: Kept<Result> = { revision, byArguments: new Map() };
  memory.set(database, fresh);
  return fresh;
}
