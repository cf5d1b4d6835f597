import { AppError } from '../contract/errors';
import type { IndexPreview } from '../contract/index-config';
import type { Calls } from '../contract/ipc';
import type { IndexReport, LogstoreName } from '../contract/logstore';
import { findLogstore, findLogstoreIn, type Logstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { createMissingIndex, readIndex, readIndexIn, reindexIn, writeIndex, writeIndexIn } from '../duckdb/index-rows';
import { readFieldsIn, readFields } from '../duckdb/log-fields';
import { readShards } from '../duckdb/shard-rows';
import { indexChanges } from '../logstore/index-changes';
import { recommendedIndex } from '../logstore/index-config';
import { readIndexConfig } from '../logstore/read-index-config';
import { ShardRoute } from '../logstore/shard-route';
import { writeExport } from './export-service';
import { parseIndex } from './log-relation';
import { countByIndex, indexMissing } from './open-log';

/** @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND; so do the others */
export async function readIndexReport(database: Database, { project, logstore }: LogstoreName): Promise<IndexReport> {
  const { id, schema } = await findLogstore(database, project, logstore);
  const index = await readIndex(database, id);
  const { unindexed, older } = countByIndex(index);
  return {
    project,
    logstore,
    schema,
    config: index.config === null ? null : parseIndex(index.config),
    updatedMs: index.updatedMs,
    olderEntries: older,
    unindexedEntries: unindexed,
  };
}

/** @throws AppError INDEX_INVALID that names all that is wrong with the configuration */
export async function setIndex(
  database: Database,
  { project, logstore, config }: Calls['index:write']['request'],
): Promise<IndexReport> {
  const written = JSON.stringify(readIndexConfig(config));
  const { id } = await findLogstore(database, project, logstore);
  await writeIndex(database, id, written, Date.now());
  return readIndexReport(database, { project, logstore });
}

/** @throws AppError INDEX_INVALID as `setIndex` */
export async function previewIndex(
  database: Database,
  { project, logstore, config }: Calls['index:preview']['request'],
): Promise<IndexPreview> {
  const given = config === null ? null : readIndexConfig(config);
  const { id, schema } = await findLogstore(database, project, logstore);
  const index = await readIndex(database, id);
  const after = given ?? recommendedIndex(schema, await readFields(database, id));
  return {
    config: after,
    changes: indexChanges(index.config === null ? null : parseIndex(index.config), after),
    entries: index.runs.reduce((sum, { entries }) => sum + entries, 0),
  };
}

/** @throws AppError INDEX_MISSING when there is none that could be written; as `writeExport` */
export async function exportIndex(
  database: Database,
  { project, logstore }: LogstoreName,
  signal: AbortSignal,
): Promise<Calls['index:export']['reply']> {
  const found = await findLogstore(database, project, logstore);
  const { config } = await readIndex(database, found.id);
  if (config === null) throw indexMissing(found);
  const text = `${JSON.stringify(parseIndex(config), null, 2)}\n`;
  return writeExport(database.workspaceDir, 'json', signal, async (output, file) => {
    await output.write(new TextEncoder().encode(text));
    return () => ({ file, bytes: output.writtenBytes });
  });
}

/** @throws AppError INDEX_EXISTS when the Logstore has an index, which may be one of somebody's own */
export async function setRecommendedIndex(database: Database, name: LogstoreName): Promise<IndexReport> {
  await database.transaction(async (connection) => {
    const { id, schema } = await findLogstoreIn(connection, name.project, name.logstore);
    if ((await readIndexIn(connection, id)).config !== null) {
      const message = `Logstore ${name.logstore} has an index already (IndexAlreadyExist): delete it first, or set another`;
      throw new AppError('INDEX_EXISTS', message, { logstore: name.logstore, vendorCode: 'IndexAlreadyExist' });
    }
    const config = recommendedIndex(schema, await readFieldsIn(connection, id));
    await writeIndexIn(connection, id, JSON.stringify(config), Date.now());
  });
  return readIndexReport(database, name);
}

/** Without effect on a Logstore that has none. */
export async function deleteIndex(database: Database, name: LogstoreName): Promise<IndexReport> {
  const { id } = await findLogstore(database, name.project, name.logstore);
  await writeIndex(database, id, null, Date.now());
  return readIndexReport(database, name);
}

/** @throws AppError INDEX_MISSING when there is none that could be applied */
export async function reindex(
  database: Database,
  name: LogstoreName,
): Promise<IndexReport & { readonly reindexed: number }> {
  const reindexed = await database.transaction(async (connection) => {
    const logstore = await findLogstoreIn(connection, name.project, name.logstore);
    const index = await readIndexIn(connection, logstore.id);
    if (index.config === null) throw indexMissing(logstore);
    const { unindexed, older } = countByIndex(index);
    await reindexIn(connection, logstore.id);
    return unindexed + older;
  });
  return { ...(await readIndexReport(database, name)), reindexed };
}

/** Gives a Logstore that lacks an index the recommended one, for all of its entries. @returns false when it has one */
export async function createRecommendedIndex(database: Database, { id, schema }: Logstore): Promise<boolean> {
  const config = recommendedIndex(schema, await readFields(database, id));
  return createMissingIndex(database, id, JSON.stringify(config), Date.now());
}

/** @returns which shards the entries of a run are written to */
export async function shardRoute(database: Database, logstoreId: number, run: number): Promise<ShardRoute> {
  return new ShardRoute(await database.withConnection((connection) => readShards(connection, logstoreId)), run);
}
