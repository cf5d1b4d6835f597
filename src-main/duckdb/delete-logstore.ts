import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../contract/errors';
import type { LogstoreName } from '../contract/logstore';
import { numberIn, readRows, type Logstore } from './catalogue';
import { deleteRunRows } from './import-runs';
import { dropLogTableSql } from './log-table';
import { STATEMENTS } from './statements';
import { dropAsideSql } from './undelivered';

/** @throws AppError LOGSTORE_BUSY while an import or a load writes into the Logstore. @param what so cannot be done, as a clause */
export async function refuseRunning(
  connection: DuckDBConnection,
  logstoreId: number,
  { project, logstore }: LogstoreName,
  what: string,
): Promise<void> {
  const [running] = await readRows(connection, STATEMENTS.countRunningRuns, [logstoreId]);
  if (running === undefined || numberIn(running, 'runs') === 0) return;
  const message = `something is being written into Logstore ${logstore}, ${what}`;
  throw new AppError('LOGSTORE_BUSY', message, { project, logstore });
}

/**
 * Deletes a Logstore with its table and all that the catalogue has of it, within a transaction.
 *
 * @returns the entries that go
 * @throws AppError LOGSTORE_BUSY while an import or a load writes into it
 */
export async function deleteLogstoreIn(connection: DuckDBConnection, { id, project, name }: Logstore): Promise<number> {
  await refuseRunning(connection, id, { project, logstore: name }, 'which so cannot be deleted');
  const runs = await readRows(connection, STATEMENTS.listRunEntries, [id]);
  for (const row of runs) await deleteRunRows(connection, numberIn(row, 'run_id'));
  const { deleteGenerations, deleteIndexConfig, deleteFields, deleteShards, deleteSavedSearches } = STATEMENTS;
  const ofLogstore = [deleteGenerations, deleteIndexConfig, deleteFields, deleteShards, deleteSavedSearches];
  for (const sql of [...ofLogstore, STATEMENTS.deleteLogstore]) {
    await connection.run(sql, [id]);
  }
  await connection.run(dropLogTableSql(id));
  await connection.run(dropAsideSql(id));
  return runs.reduce((sum, row) => sum + numberIn(row, 'entries'), 0);
}
