import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { AppError } from '../contract/errors';
import { DEFAULT_PROJECT } from '../contract/imports';
import type { SchemaKind } from '../contract/logstore';
import type { Notice } from '../contract/result-batch';
import { checkQuota, QUOTAS } from '../logstore/quotas';
import { evenShards, type Shard } from '../logstore/shards';
import { remembered } from './catalogue-memory';
import type { Database } from './database';
import { createLogTableSql, logTableName } from './log-table';
import { STATEMENTS } from './statements';

export interface Logstore {
  readonly id: number;
  readonly project: string;
  readonly name: string;
  readonly tableName: string;
  readonly schema: SchemaKind;
}

/** A name and the small id that stands for it in the tables of entries. */
export interface Dimension {
  readonly id: number;
  readonly name: string;
}

/** The names behind `instance` and `vpc_id`. A gateway's name occurs twice when it stands in two VPCs. */
export interface Dimensions {
  readonly instance: readonly Dimension[];
  readonly vpc_id: readonly Dimension[];
}

export type Row = Readonly<Record<string, DuckDBValue | undefined>>;

/** @returns the rows of a statement on the catalogue, which are few */
export async function readRows(connection: DuckDBConnection, sql: string, params: DuckDBValue[] = []): Promise<Row[]> {
  return (await connection.runAndReadAll(sql, params)).getRowObjects();
}

/** @throws TypeError when a statement and its reader disagree on a column's type */
export function numberIn(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`${column} is ${String(value)}, not a number`);
  return value;
}

export function textIn(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`${column} is ${String(value)}, not a text`);
  return value;
}

export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : numberIn(row, column);
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : textIn(row, column);
}

/** Runs `find` and, when that gives nothing, `insert`; both give the same columns. */
async function ensureRow(
  connection: DuckDBConnection,
  find: readonly [sql: string, params: DuckDBValue[]],
  insert: readonly [sql: string, params: DuckDBValue[]],
): Promise<Row> {
  const [found] = await readRows(connection, ...find);
  if (found !== undefined) return found;
  const [row] = await readRows(connection, ...insert);
  if (row === undefined) throw new TypeError(`${insert[0]} returned no row`);
  return row;
}

export async function insertShard(connection: DuckDBConnection, logstoreId: number, shard: Shard): Promise<void> {
  const { id, status, beginKey, endKey, createdMs } = shard;
  await connection.run(STATEMENTS.insertShard, [id, logstoreId, status, beginKey, endKey, createdMs]);
}

/** The region of the default project. */
const LOCAL_REGION = 'local';

/**
 * The project that something is to go into. The default one is made when missing; any other is made by who wants it, so that a
 * name that was mistyped is none.
 *
 * @param nowMs the time of its creation, should it come to that
 * @returns its id
 * @throws AppError PROJECT_NOT_FOUND with detail `known`, the names there are, each on a line
 */
export async function ensureProject(connection: DuckDBConnection, project: string, nowMs: number): Promise<number> {
  const [found] = await readRows(connection, STATEMENTS.findProject, [project]);
  if (found !== undefined) return numberIn(found, 'id');
  if (project === DEFAULT_PROJECT)
    return insertProject(connection, { project, region: LOCAL_REGION, description: '' }, nowMs);
  const message = `there is no project ${project} (ProjectNotExist): create it, with natscope project create ${project}`;
  const known = await projectNames(connection);
  throw new AppError('PROJECT_NOT_FOUND', message, { project, known, vendorCode: 'ProjectNotExist' });
}

async function projectNames(connection: DuckDBConnection): Promise<string> {
  return (await readRows(connection, STATEMENTS.listProjects)).map((row) => textIn(row, 'name')).join('\n');
}

/** Makes a project. @returns its id. @throws AppError QUOTA_EXCEEDED */
export async function insertProject(
  connection: DuckDBConnection,
  { project, region, description }: { readonly project: string; readonly region: string; readonly description: string },
  nowMs: number,
): Promise<number> {
  const [there] = await readRows(connection, STATEMENTS.countProjects);
  checkQuota(QUOTAS.projects, there === undefined ? 0 : numberIn(there, 'projects'));
  const [row] = await readRows(connection, STATEMENTS.insertProject, [project, nowMs, region, description]);
  if (row === undefined) throw new TypeError('a project was inserted without an id');
  return numberIn(row, 'id');
}

/** @throws AppError QUOTA_EXCEEDED when a project would have too many shards */
export async function checkShardQuota(connection: DuckDBConnection, projectId: number, added: number): Promise<void> {
  const [there] = await readRows(connection, STATEMENTS.countOfProject, [projectId]);
  checkQuota(QUOTAS.shards, there === undefined ? 0 : numberIn(there, 'shards'), added);
}

/** @returns the Logstore of that name; null for none */
export async function lookUpLogstore(
  connection: DuckDBConnection,
  projectId: number,
  { project, name }: Pick<Logstore, 'project' | 'name'>,
): Promise<Logstore | null> {
  const [row] = await readRows(connection, STATEMENTS.findLogstore, [projectId, name]);
  if (row === undefined) return null;
  const schema = textIn(row, 'schema_name') as SchemaKind;
  return { id: numberIn(row, 'id'), project, name, tableName: textIn(row, 'table_name'), schema };
}

/** Makes a Logstore with its shards and its table, which is empty. Its id was never that of another. @throws AppError QUOTA_EXCEEDED */
export async function insertLogstore(
  connection: DuckDBConnection,
  projectId: number,
  logstore: Omit<Logstore, 'id' | 'tableName'> & { readonly ttlDays: number | null; readonly shards: number },
  nowMs: number,
): Promise<Logstore> {
  const { project, name, schema, ttlDays, shards } = logstore;
  const [there] = await readRows(connection, STATEMENTS.countOfProject, [projectId]);
  checkQuota(QUOTAS.logstores, there === undefined ? 0 : numberIn(there, 'logstores'));
  await checkShardQuota(connection, projectId, shards);
  const [next] = await readRows(connection, STATEMENTS.readNextLogstoreId);
  if (next === undefined) throw new TypeError('workspace_meta has no row');
  const id = numberIn(next, 'next_logstore_id');
  const tableName = logTableName(id);
  await connection.run(STATEMENTS.advanceNextLogstoreId);
  await connection.run(STATEMENTS.insertLogstore, [id, projectId, name, tableName, schema, nowMs, ttlDays]);
  for (const shard of evenShards(shards, nowMs)) await insertShard(connection, id, shard);
  await connection.run(createLogTableSql(id, schema));
  return { id, project, name, tableName, schema };
}

/**
 * The Logstore of session logs of that name, made with one shard and its table where they are missing; so is the default project.
 *
 * @param nowMs the time of creation, should it come to that
 * @throws AppError PROJECT_NOT_FOUND; LOGSTORE_MISMATCH when it has fields of other kinds
 */
export async function ensureLogstore(
  database: Database,
  project: string,
  name: string,
  nowMs: number,
): Promise<Logstore> {
  const { logstore, created } = await database.transaction(async (connection) => {
    const projectId = await ensureProject(connection, project, nowMs);
    const found = await lookUpLogstore(connection, projectId, { project, name });
    if (found !== null) {
      // An older version made the table after the Logstore, and may have been killed in between.
      await connection.run(createLogTableSql(found.id, found.schema));
      return { logstore: found, created: false };
    }
    const wanted = { project, name, schema: 'session_log' as const, ttlDays: null, shards: 1 };
    return { logstore: await insertLogstore(connection, projectId, wanted, nowMs), created: true };
  });
  if (logstore.schema !== 'session_log') {
    const message = `Logstore ${name} has fields of its own, and no session logs: import into another, with --logstore`;
    throw new AppError('LOGSTORE_MISMATCH', message, { project, logstore: name, schema: logstore.schema });
  }
  if (created) await database.checkpoint();
  return logstore;
}

/** @throws AppError PROJECT_NOT_FOUND with detail `known`, the names there are, each on a line */
export async function findProject(connection: DuckDBConnection, project: string): Promise<number> {
  const [owner] = await readRows(connection, STATEMENTS.findProject, [project]);
  if (owner !== undefined) return numberIn(owner, 'id');
  const known = await projectNames(connection);
  throw new AppError('PROJECT_NOT_FOUND', `there is no project ${project}`, { project, known });
}

/** As `findLogstore`, within a transaction. */
export async function findLogstoreIn(connection: DuckDBConnection, project: string, name: string): Promise<Logstore> {
  const projectId = await findProject(connection, project);
  const logstore = await lookUpLogstore(connection, projectId, { project, name });
  if (logstore !== null) return logstore;
  const rows = await readRows(connection, STATEMENTS.listLogstores, [projectId]);
  const known = rows.map((other) => textIn(other, 'name')).join('\n');
  const message = `project ${project} has no Logstore ${name}`;
  throw new AppError('LOGSTORE_NOT_FOUND', message, { project, logstore: name, known });
}

/**
 * @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND with detail `known`, the names there are, each on a line
 */
export const findLogstore = remembered((database, project: string, name: string): Promise<Logstore> => {
  return database.withConnection((connection) => findLogstoreIn(connection, project, name));
});

/** A Logstore with the entries of its committed runs. */
export interface LogstoreEntries extends Logstore {
  readonly ttlDays: number | null;
  readonly createdMs: number;
  readonly entries: number;
}

/** @returns the Logstores of all projects, by project and name */
export async function listAllLogstores(database: Database): Promise<readonly LogstoreEntries[]> {
  const rows = await database.withConnection((connection) => readRows(connection, STATEMENTS.listAllLogstores));
  return rows.map((row) => ({
    id: numberIn(row, 'id'),
    project: textIn(row, 'project'),
    name: textIn(row, 'name'),
    tableName: logTableName(numberIn(row, 'id')),
    schema: textIn(row, 'schema_name') as SchemaKind,
    ttlDays: numberOrNull(row, 'ttl_days'),
    createdMs: numberIn(row, 'created_ms'),
    entries: numberIn(row, 'entries'),
  }));
}

/** @returns the small ids of a gateway and of its VPC, which are given out where they are missing */
export async function ensureGateway(
  database: Database,
  gateway: string,
  vpc: string,
): Promise<{ readonly instanceId: number; readonly vpcId: number }> {
  return database.transaction(async (connection) => {
    const vpcId = await ensureVpcIn(connection, vpc);
    const instance = await ensureRow(
      connection,
      [STATEMENTS.findGateway, [gateway, vpcId]],
      [STATEMENTS.insertGateway, [gateway, vpcId]],
    );
    return { instanceId: numberIn(instance, 'id'), vpcId };
  });
}

/** @returns the small id of a VPC, which is given out where it is missing */
export async function ensureVpc(database: Database, vpc: string): Promise<number> {
  return database.transaction((connection) => ensureVpcIn(connection, vpc));
}

async function ensureVpcIn(connection: DuckDBConnection, vpc: string): Promise<number> {
  return numberIn(await ensureRow(connection, [STATEMENTS.findVpc, [vpc]], [STATEMENTS.insertVpc, [vpc]]), 'id');
}

export const listDimensions = remembered((database): Promise<Dimensions> => {
  return database.withConnection(async (connection) => {
    const toDimension = (row: Row): Dimension => ({ id: numberIn(row, 'id'), name: textIn(row, 'name') });
    const gateways = await readRows(connection, STATEMENTS.listGateways);
    const vpcs = await readRows(connection, STATEMENTS.listVpcs);
    return { instance: gateways.map(toDimension), vpc_id: vpcs.map(toDimension) };
  });
});

/** @returns the notices that were stored with a committed run */
export const readNotices = remembered((database, runId: number): Promise<readonly Notice[]> => {
  return database.withConnection(async (connection) => {
    const [row] = await readRows(connection, STATEMENTS.readNotices, [runId]);
    const text = row === undefined ? null : textOrNull(row, 'notices');
    return text === null ? [] : (JSON.parse(text) as readonly Notice[]);
  });
});
