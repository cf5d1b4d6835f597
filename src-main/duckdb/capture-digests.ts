import { readRows, textOrNull } from './catalogue';
import type { Database } from './database';
import { STATEMENTS } from './statements';

/** @returns the SHA-256 of each capture of a run, in the order of `listCaptures`; null where it was not computed yet */
export async function readDigests(database: Database, run: number): Promise<readonly (string | null)[]> {
  const rows = await database.withConnection((connection) => readRows(connection, STATEMENTS.readDigests, [run]));
  return rows.map((row) => textOrNull(row, 'sha256'));
}

/** Without effect on a run that was deleted meanwhile. */
export async function writeDigest(database: Database, run: number, ordinal: number, sha256: string): Promise<void> {
  await database.transaction((connection) => connection.run(STATEMENTS.writeDigest, [run, ordinal, sha256]));
}
