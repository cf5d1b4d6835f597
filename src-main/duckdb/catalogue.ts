import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { AppError } from '../contract/errors';
import type { Notice } from '../contract/result-batch';
import type { Database } from './database';
import { createLogTable } from './log-table';
import { STATEMENTS } from './statements';

export interface Logstore {
  readonly id: number;
  readonly project: string;
  readonly name: string;
  readonly tableName: string;
}

/** A name and the small id that stands for it in the tables of entries. */
export interface Dimension {
  readonly id: number;
  readonly name: string;
}

type Row = Readonly<Record<string, DuckDBValue | undefined>>;

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
): Promise<{ readonly row: Row; readonly created: boolean }> {
  const [found] = await readRows(connection, ...find);
  if (found !== undefined) return { row: found, created: false };
  const [row] = await readRows(connection, ...insert);
  if (row === undefined) throw new TypeError(`${insert[0]} returned no row`);
  return { row, created: true };
}

/**
 * The Logstore of that name, made with its project, its shard 0 and its table where they are missing.
 *
 * The table comes last and in a transaction of its own, and is made up for by the next call after a kill.
 *
 * @param nowMs the time of creation, should it come to that
 */
export async function ensureLogstore(
  database: Database,
  project: string,
  name: string,
  nowMs: number,
): Promise<Logstore> {
  const logstore = await database.transaction(async (connection) => {
    const owner = await ensureRow(
      connection,
      [STATEMENTS.findProject, [project]],
      [STATEMENTS.insertProject, [project, nowMs]],
    );
    const projectId = numberIn(owner.row, 'id');
    const { row, created } = await ensureRow(
      connection,
      [STATEMENTS.findLogstore, [projectId, name]],
      [STATEMENTS.insertLogstore, [projectId, name, nowMs]],
    );
    const id = numberIn(row, 'id');
    if (created) await connection.run(STATEMENTS.insertShard, [0, id]);
    return { id, project, name, tableName: textIn(row, 'table_name') };
  });
  await createLogTable(database, logstore.id);
  return logstore;
}

/**
 * @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND with detail `known`, the names there are, each on a line
 */
export async function findLogstore(database: Database, project: string, name: string): Promise<Logstore> {
  return database.withConnection(async (connection) => {
    const [owner] = await readRows(connection, STATEMENTS.findProject, [project]);
    if (owner === undefined) {
      const known = (await readRows(connection, STATEMENTS.listProjects)).map((row) => textIn(row, 'name'));
      throw new AppError('PROJECT_NOT_FOUND', `there is no project ${project}`, { project, known: known.join('\n') });
    }
    const projectId = numberIn(owner, 'id');
    const [row] = await readRows(connection, STATEMENTS.findLogstore, [projectId, name]);
    if (row === undefined) {
      const rows = await readRows(connection, STATEMENTS.listLogstores, [projectId]);
      const known = rows.map((other) => textIn(other, 'name')).join('\n');
      throw new AppError('LOGSTORE_NOT_FOUND', `project ${project} has no Logstore ${name}`, {
        project,
        logstore: name,
        known,
      });
    }
    return { id: numberIn(row, 'id'), project, name, tableName: textIn(row, 'table_name') };
  });
}

/** A Logstore with the entries of its committed runs. */
export interface LogstoreEntries {
  readonly id: number;
  readonly project: string;
  readonly name: string;
  readonly entries: number;
}

/** @returns the Logstores of all projects, by project and name */
export async function listAllLogstores(database: Database): Promise<readonly LogstoreEntries[]> {
  const rows = await database.withConnection((connection) => readRows(connection, STATEMENTS.listAllLogstores));
  return rows.map((row) => ({
    id: numberIn(row, 'id'),
    project: textIn(row, 'project'),
    name: textIn(row, 'name'),
    entries: numberIn(row, 'entries'),
  }));
}

/** @returns the vendor's JSON as it was stored; null for a Logstore without an index */
export async function readIndexConfig(database: Database, logstoreId: number): Promise<string | null> {
  return database.withConnection(async (connection) => {
    const [row] = await readRows(connection, STATEMENTS.readIndexConfig, [logstoreId]);
    return row === undefined ? null : textIn(row, 'config');
  });
}

/** Sets or replaces the index of a Logstore. @param config the vendor's JSON */
export async function writeIndexConfig(
  database: Database,
  logstoreId: number,
  config: string,
  nowMs: number,
): Promise<void> {
  await database.transaction(async (connection) => {
    await connection.run(STATEMENTS.deleteIndexConfig, [logstoreId]);
    await connection.run(STATEMENTS.insertIndexConfig, [logstoreId, config, nowMs]);
  });
}

/** @returns the small ids of a gateway and of its VPC, which are given out where they are missing */
export async function ensureGateway(
  database: Database,
  gateway: string,
  vpc: string,
): Promise<{ readonly instanceId: number; readonly vpcId: number }> {
  return database.transaction(async (connection) => {
    const network = await ensureRow(connection, [STATEMENTS.findVpc, [vpc]], [STATEMENTS.insertVpc, [vpc]]);
    const vpcId = numberIn(network.row, 'id');
    const instance = await ensureRow(
      connection,
      [STATEMENTS.findGateway, [gateway, vpcId]],
      [STATEMENTS.insertGateway, [gateway, vpcId]],
    );
    return { instanceId: numberIn(instance.row, 'id'), vpcId };
  });
}

/** The names behind `instance` and `vpc_id`. A gateway's name occurs twice when it stands in two VPCs. */
export async function listDimensions(
  database: Database,
): Promise<{ readonly instance: readonly Dimension[]; readonly vpc_id: readonly Dimension[] }> {
  return database.withConnection(async (connection) => {
    const toDimension = (row: Row): Dimension => ({ id: numberIn(row, 'id'), name: textIn(row, 'name') });
    const gateways = await readRows(connection, STATEMENTS.listGateways);
    const vpcs = await readRows(connection, STATEMENTS.listVpcs);
    return { instance: gateways.map(toDimension), vpc_id: vpcs.map(toDimension) };
  });
}

/** @returns the notices that were stored with a committed run */
export async function readNotices(database: Database, runId: number): Promise<readonly Notice[]> {
  return database.withConnection(async (connection) => {
    const [row] = await readRows(connection, STATEMENTS.readNotices, [runId]);
    const text = row === undefined ? null : textOrNull(row, 'notices');
    return text === null ? [] : (JSON.parse(text) as readonly Notice[]);
  });
}
