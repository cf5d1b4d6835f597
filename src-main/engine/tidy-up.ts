import { toErrorShape } from '../contract/errors';
import type { Notice } from '../contract/result-batch';
import type { Logstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { applyRetention } from './retention-service';

/**
 * Applies the retention of a Logstore that a run was committed to. That the log of writes could not be moved into the file then
 * takes nothing away from the run.
 */
export async function tidyUp(database: Database, logstore: Pick<Logstore, 'id' | 'name'>): Promise<readonly Notice[]> {
  const { notices } = await applyRetention(database, logstore);
  try {
    await database.checkpoint();
    return notices;
  } catch (cause) {
    return [
      ...notices,
      { kind: 'info', text: `The import is kept, but its write-ahead log stays: ${toErrorShape(cause).message}.` },
    ];
  }
}
