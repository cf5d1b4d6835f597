import { AppError } from '../contract/errors';
import type { MemoryNeed } from '../duckdb/memory-limit';

/**
 * Runs what little memory is enough for as a rule, and again with all of it where it was not.
 *
 * @param run may be called twice, and then does the whole again
 */
export async function withLittleMemory<T>(
  run: (need: MemoryNeed) => Promise<T>,
  need: Exclude<MemoryNeed, 'all'> = 'modest',
): Promise<T> {
  try {
    return await run(need);
  } catch (cause) {
    if (!mayLackMemory(cause)) throw cause;
    return run('all');
  }
}

/** DuckDB tells want of memory in many words, and a search has hardly another reason to fail. */
export function mayLackMemory(cause: unknown): boolean {
  return cause instanceof AppError && cause.code === 'QUERY_FAILED';
}
