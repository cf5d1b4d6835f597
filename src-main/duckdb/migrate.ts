import { AppError } from '../contract/errors';
import type { Database } from './database';
import initial from './migrations/0001_initial.sql?raw';
import whatAnImportSaid from './migrations/0002_what_an_import_said.sql?raw';
import wherePacketsAre from './migrations/0003_where_packets_are.sql?raw';
import whatACaptureIs from './migrations/0004_what_a_capture_is.sql?raw';
import digests from './migrations/0005_digests.sql?raw';
import whatAGatewayDid from './migrations/0006_what_a_gateway_did.sql?raw';
import whichNetwork from './migrations/0007_which_network.sql?raw';
import logstores from './migrations/0008_logstores.sql?raw';
import lateBeginnings from './migrations/0009_late_beginnings.sql?raw';
import savedSearches from './migrations/0010_saved_searches.sql?raw';
import gateways from './migrations/0011_gateways.sql?raw';
import deliveries from './migrations/0012_deliveries.sql?raw';
import noTimeOfDelivery from './migrations/0013_no_time_of_delivery.sql?raw';

/** In order; the version of a workspace is the number of those it has. Never edited after a release. */
const MIGRATIONS: readonly string[] = [
  initial,
  whatAnImportSaid,
  wherePacketsAre,
  whatACaptureIs,
  digests,
  whatAGatewayDid,
  whichNetwork,
  logstores,
  lateBeginnings,
  savedSearches,
  gateways,
  deliveries,
  noTimeOfDelivery,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** @returns the statements of a migration, without comments; each ends with a semicolon at the end of a line */
export function statementsOf(script: string): string[] {
  return script
    .replace(/^--.*$/gm, '')
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** Number of the workspace's version; 0 for a new file. */
const HAS_META = `
  SELECT count(*)::INTEGER FROM duckdb_tables() WHERE schema_name = 'catalogue' AND table_name = 'workspace_meta'`;
const READ_VERSION = 'SELECT max(schema_version)::INTEGER FROM catalogue.workspace_meta';
/** $1 version */
const WRITE_FIRST_VERSION =
  'INSERT INTO catalogue.workspace_meta (schema_version, next_run_id) VALUES ($1::UINTEGER, 1)';
/** $1 version */
const WRITE_VERSION = 'UPDATE catalogue.workspace_meta SET schema_version = $1::UINTEGER';

async function readInteger(database: Database, sql: string): Promise<number | null> {
  return database.withConnection(async (connection) => {
    const rows = (await connection.runAndReadAll(sql)).getRows();
    const value = rows[0]?.[0];
    return typeof value === 'number' ? value : null;
  });
}

/** What stands for a table of entries, for each of which the statement is repeated, and which tables those are. */
const EACH_TABLE: Readonly<Record<string, string>> = {
  '{log}': `SELECT 'entries.' || table_name FROM duckdb_tables() WHERE schema_name = 'entries' ORDER BY table_name`,
  // Only these have the column: those of Logstores of any fields have theirs by number.
  '{session_log}': `
    SELECT 'entries.' || table_name FROM duckdb_columns()
    WHERE schema_name = 'entries' AND column_name = 'mapping_end_ns' ORDER BY table_name`,
};

async function repeatedForLogs(database: Database, statement: string): Promise<string[]> {
  const each = Object.entries(EACH_TABLE).find(([name]) => statement.includes(name));
  if (each === undefined) return [statement];
  const [name, readTables] = each;
  const tables = await database.withConnection(async (connection) =>
    (await connection.runAndReadAll(readTables)).getRows().map(([table]) => String(table)),
  );
  return tables.map((table) => statement.replaceAll(name, table));
}

async function readVersion(database: Database): Promise<number | null> {
  return (await readInteger(database, HAS_META)) === 1 ? readInteger(database, READ_VERSION) : null;
}

/** 0 in a new file. */
const COUNT_SCHEMAS = `SELECT count(*)::INTEGER FROM duckdb_schemas() WHERE schema_name IN ('catalogue', 'entries')`;

/**
 * Gives a new file every table in one transaction: fifty checkpoints less, which cost a
 * quarter of what the first import of a small capture needs. A kill leaves the file empty or its log with the whole transaction, which DuckDB replays.
 */
async function createAll(database: Database): Promise<void> {
  await database.transaction(async (connection) => {
    for (const [index, script] of MIGRATIONS.entries()) {
      for (const statement of statementsOf(script)) {
        // There is no Logstore yet for which it could be repeated.
        if (!Object.keys(EACH_TABLE).some((name) => statement.includes(name))) await connection.run(statement);
      }
      if (index === 0) await connection.run(WRITE_FIRST_VERSION, [SCHEMA_VERSION]);
    }
  });
  await database.checkpoint();
}

/**
 * Brings the workspace to `SCHEMA_VERSION`. In a file that has tables, each statement is a transaction and a checkpoint
 * of its own, since DuckDB replays changes of a schema less surely than rows; a kill in between is healed by the next
 * open.
 *
 * @throws AppError WORKSPACE_TOO_NEW when a later Natscope wrote it
 */
export async function migrate(database: Database): Promise<void> {
  const found = await readVersion(database);
  if (found !== null && found > SCHEMA_VERSION) {
    throw new AppError(
      'WORKSPACE_TOO_NEW',
      `${database.path} has version ${found}, and this program knows ${SCHEMA_VERSION}; use the newer Natscope that wrote it`,
      { path: database.path, version: found, known: SCHEMA_VERSION },
    );
  }
  if (found === null && (await readInteger(database, COUNT_SCHEMAS)) === 0) return createAll(database);
  for (const [index, script] of MIGRATIONS.entries()) {
    const version = index + 1;
    if (version <= (found ?? 0)) continue;
    for (const each of statementsOf(script)) {
      for (const statement of await repeatedForLogs(database, each)) {
        await database.transaction((connection) => connection.run(statement));
        await database.checkpoint();
      }
    }
    await database.transaction((connection) =>
      connection.run(found === null && version === 1 ? WRITE_FIRST_VERSION : WRITE_VERSION, [version]),
    );
    await database.checkpoint();
  }
}
