import { AppError } from '../contract/errors';
import type { Calls } from '../contract/ipc';
import { SESSION_LOG_FIELDS } from '../contract/log-entry';
import type { DeletedEntries, LogstoreName, LogstoreReport, ProjectFacts, ShardFacts } from '../contract/logstore';
import {
  checkShardQuota,
  ensureProject,
  findLogstore,
  findLogstoreIn,
  findProject,
  insertLogstore,
  insertProject,
  insertShard,
  listAllLogstores,
  lookUpLogstore,
  numberIn,
  readRows,
  textIn,
  type LogstoreEntries,
} from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { logRange, visibleRuns } from '../duckdb/run-reads';
import { deleteLogstoreIn, refuseRunning } from '../duckdb/delete-logstore';
import { readIndex } from '../duckdb/index-rows';
import { readFields } from '../duckdb/log-fields';
import { listShards, readShards } from '../duckdb/shard-rows';
import { LOG_STATEMENTS, STATEMENTS } from '../duckdb/statements';
import { checkDescription, checkLogstoreName, checkProjectName, checkRegion } from '../logstore/names';
import { mergeShards, splitShard, type ShardChange } from '../logstore/shards';
import { applyRetention, countExpired } from './retention-service';

/** Of the database file. */
const BLOCK_BYTES = 262_144;

export async function listProjects(database: Database, name: string | null = null): Promise<readonly ProjectFacts[]> {
  const rows = await database.withConnection((connection) => readRows(connection, STATEMENTS.listProjectFacts, [name]));
  return rows.map((row) => ({
    name: textIn(row, 'name'),
    region: textIn(row, 'region'),
    description: textIn(row, 'description'),
    createdMs: numberIn(row, 'created_ms'),
    logstores: numberIn(row, 'logstores'),
    entries: numberIn(row, 'entries'),
  }));
}

/** @throws AppError PROJECT_NOT_FOUND */
export async function readProject(database: Database, project: string): Promise<ProjectFacts> {
  await database.withConnection((connection) => findProject(connection, project));
  const [facts] = await listProjects(database, project);
  if (facts === undefined)
    throw new AppError('PROJECT_NOT_FOUND', `project ${project} was deleted`, { project, known: '' });
  return facts;
}

/** @throws AppError OPTION_INVALID, PROJECT_EXISTS, QUOTA_EXCEEDED */
export async function createProject(
  database: Database,
  { project, region, description }: Calls['project:create']['request'],
): Promise<ProjectFacts> {
  checkProjectName(project);
  checkRegion(region);
  checkDescription(description);
  await database.transaction(async (connection) => {
    if ((await readRows(connection, STATEMENTS.findProject, [project])).length > 0) {
      const message = `there is a project ${project} already (ProjectAlreadyExist): choose another name`;
      throw new AppError('PROJECT_EXISTS', message, { project, vendorCode: 'ProjectAlreadyExist' });
    }
    await insertProject(connection, { project, region, description }, Date.now());
  });
  return readProject(database, project);
}

/** @throws AppError OPTION_INVALID, PROJECT_NOT_FOUND */
export async function updateProject(
  database: Database,
  { project, description }: Calls['project:update']['request'],
): Promise<ProjectFacts> {
  checkDescription(description);
  await database.withConnection((connection) => findProject(connection, project));
  await database.transaction((connection) => connection.run(STATEMENTS.describeProject, [project, description]));
  return readProject(database, project);
}

/** @throws AppError PROJECT_NOT_FOUND, LOGSTORE_BUSY */
export async function deleteProject(database: Database, project: string): Promise<DeletedEntries> {
  const deleted = await database.transaction(async (connection) => {
    const projectId = await findProject(connection, project);
    const names = (await readRows(connection, STATEMENTS.listLogstores, [projectId])).map((row) => textIn(row, 'name'));
    let entries = 0;
    for (const name of names) {
      entries += await deleteLogstoreIn(connection, await findLogstoreIn(connection, project, name));
    }
    await connection.run(STATEMENTS.deleteProject, [projectId]);
    return { logstores: names.length, entries };
  });
  await database.checkpoint();
  return deleted;
}

/** @throws AppError PROJECT_NOT_FOUND */
export async function listLogstores(database: Database, project: string | null): Promise<readonly LogstoreReport[]> {
  if (project !== null) await database.withConnection((connection) => findProject(connection, project));
  const all = await listAllLogstores(database);
  const chosen = all.filter((logstore) => project === null || logstore.project === project);
  return Promise.all(chosen.map((logstore) => reportOf(database, logstore)));
}

/** @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND */
export async function readLogstore(database: Database, { project, logstore }: LogstoreName): Promise<LogstoreReport> {
  const { id } = await findLogstore(database, project, logstore);
  const found = (await listAllLogstores(database)).find((each) => each.id === id);
  if (found !== undefined) return reportOf(database, found);
  throw new AppError('LOGSTORE_NOT_FOUND', `Logstore ${logstore} was deleted`, { project, logstore, known: '' });
}

async function reportOf(database: Database, logstore: LogstoreEntries): Promise<LogstoreReport> {
  const { id, project, name, schema, ttlDays, createdMs, entries } = logstore;
  const runs = await visibleRuns(database, id);
  const [fields, extent, index, shards, storedBytes] = await Promise.all([
    readFields(database, id),
    logRange(database, id, runs),
    readIndex(database, id),
    database.withConnection((connection) => listShards(connection, id, runs)),
    storedBytesOf(database, id),
  ]);
  const product = schema === 'session_log' ? SESSION_LOG_FIELDS : [];
  return {
    project,
    logstore: name,
    schema,
    fields: [...product, ...fields].map((field) => ({ name: field.name, type: field.type })),
    ttlDays,
    createdMs,
    entries,
    storedBytes,
    extent,
    shards,
    hasIndex: index.config !== null,
  };
}

async function storedBytesOf(database: Database, logstoreId: number): Promise<number> {
  return database.withConnection(async (connection) => {
    const [row] = await readRows(connection, LOG_STATEMENTS.countBlocks(logstoreId));
    return row === undefined ? 0 : numberIn(row, 'blocks') * BLOCK_BYTES;
  });
}

/** @throws AppError OPTION_INVALID, PROJECT_NOT_FOUND, LOGSTORE_NAME_INVALID, LOGSTORE_EXISTS, QUOTA_EXCEEDED */
export async function createLogstore(
  database: Database,
  { project, logstore, schema, ttlDays, shards }: Calls['logstore:create']['request'],
): Promise<LogstoreReport> {
  checkProjectName(project);
  checkLogstoreName(logstore);
  await database.transaction(async (connection) => {
    const nowMs = Date.now();
    const projectId = await ensureProject(connection, project, nowMs);
    if ((await lookUpLogstore(connection, projectId, { project, name: logstore })) !== null) {
      const message = `project ${project} has a Logstore ${logstore} already (LogStoreAlreadyExist): choose another name`;
      throw new AppError('LOGSTORE_EXISTS', message, { project, logstore, vendorCode: 'LogStoreAlreadyExist' });
    }
    await insertLogstore(connection, projectId, { project, name: logstore, schema, ttlDays, shards }, nowMs);
  });
  await database.checkpoint();
  return readLogstore(database, { project, logstore });
}

/** @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND */
export async function updateLogstore(
  database: Database,
  { project, logstore, ttlDays, isTrial = false }: Calls['logstore:update']['request'],
): Promise<Calls['logstore:update']['reply']> {
  const found = await findLogstore(database, project, logstore);
  if (isTrial) {
    const expired = await countExpired(database, found.id, ttlDays);
    return { logstore: await readLogstore(database, { project, logstore }), expired };
  }
  await database.transaction((connection) => connection.run(STATEMENTS.writeTtl, [found.id, ttlDays]));
  const { expired } = await applyRetention(database, found);
  if (expired > 0) await database.checkpoint();
  return { logstore: await readLogstore(database, { project, logstore }), expired };
}

/** @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, LOGSTORE_BUSY */
export async function deleteLogstore(database: Database, { project, logstore }: LogstoreName): Promise<DeletedEntries> {
  const entries = await database.transaction(async (connection) =>
    deleteLogstoreIn(connection, await findLogstoreIn(connection, project, logstore)),
  );
  await database.checkpoint();
  return { logstores: 1, entries };
}

/** @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND */
export async function readShardFacts(
  database: Database,
  { project, logstore }: LogstoreName,
): Promise<readonly ShardFacts[]> {
  const { id } = await findLogstore(database, project, logstore);
  const runs = await visibleRuns(database, id);
  return database.withConnection((connection) => listShards(connection, id, runs));
}

/** @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, SHARD_INVALID, LOGSTORE_BUSY, QUOTA_EXCEEDED */
export async function split(
  database: Database,
  { shard, key, ...name }: Calls['shard:split']['request'],
): Promise<readonly ShardFacts[]> {
  return changeShards(database, name, (shards) => splitShard(shards, shard, key, Date.now()));
}

/** @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, SHARD_INVALID, LOGSTORE_BUSY */
export async function merge(
  database: Database,
  { shard, ...name }: Calls['shard:merge']['request'],
): Promise<readonly ShardFacts[]> {
  return changeShards(database, name, (shards) => mergeShards(shards, shard, Date.now()));
}

async function changeShards(
  database: Database,
  name: LogstoreName,
  change: (shards: Awaited<ReturnType<typeof readShards>>) => ShardChange,
): Promise<readonly ShardFacts[]> {
  await database.transaction(async (connection) => {
    const { id } = await findLogstoreIn(connection, name.project, name.logstore);
    await refuseRunning(connection, id, name, 'whose shards so cannot be changed');
    const { closed, created } = change(await readShards(connection, id));
    const projectId = await findProject(connection, name.project);
    await checkShardQuota(connection, projectId, created.length - closed.length);
    for (const shard of closed) await connection.run(STATEMENTS.closeShard, [shard.id, id]);
    for (const shard of created) await insertShard(connection, id, shard);
  });
  return readShardFacts(database, name);
}
