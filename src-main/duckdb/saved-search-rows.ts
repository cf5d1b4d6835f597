import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../contract/errors';
import type { SavedSearchName, SavedSearchReport } from '../contract/saved-search';
import { findLogstoreIn, numberIn, readRows, textIn, textOrNull, type Row } from './catalogue';
import { STATEMENTS } from './statements';

/** @returns those of a Logstore by name, whatever its capitals */
export async function listSavedSearchesIn(
  connection: DuckDBConnection,
  logstoreId: number,
): Promise<readonly SavedSearchReport[]> {
  return (await readRows(connection, STATEMENTS.listSavedSearches, [logstoreId])).map(savedSearchOf);
}

function savedSearchOf(row: Row): SavedSearchReport {
  return {
    name: textIn(row, 'name'),
    query: textIn(row, 'query'),
    range: row['has_range'] === true ? { from: textOrNull(row, 'from_time'), to: textOrNull(row, 'to_time') } : null,
    variables: JSON.parse(textIn(row, 'variables')) as Readonly<Record<string, string>>,
    createdMs: numberIn(row, 'created_ms'),
    updatedMs: numberIn(row, 'updated_ms'),
  };
}

/** Takes the place of the one that is named, which may have the same name and may not be there. */
export async function replaceSavedSearchIn(
  connection: DuckDBConnection,
  logstoreId: number,
  name: string,
  { range, ...saved }: SavedSearchReport,
): Promise<void> {
  await connection.run(STATEMENTS.deleteSavedSearch, [logstoreId, name]);
  await connection.run(STATEMENTS.insertSavedSearch, [
    ...[logstoreId, saved.name, saved.query, range !== null, range?.from ?? null, range?.to ?? null],
    ...[JSON.stringify(saved.variables), saved.createdMs, saved.updatedMs],
  ]);
}

/** @returns how many a project has */
export async function countSavedSearches(connection: DuckDBConnection, projectId: number): Promise<number> {
  const [there] = await readRows(connection, STATEMENTS.countSavedSearches, [projectId]);
  return there === undefined ? 0 : numberIn(there, 'searches');
}

export async function deleteSavedSearchIn(
  connection: DuckDBConnection,
  logstoreId: number,
  name: string,
): Promise<void> {
  await connection.run(STATEMENTS.deleteSavedSearch, [logstoreId, name]);
}

/**
 * @returns one by its name, and all of its Logstore
 * @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND; SAVED_SEARCH_NOT_FOUND with detail `known`, the names there are, each on a line
 */
export async function findSavedSearchIn(
  connection: DuckDBConnection,
  { project, logstore, name }: SavedSearchName,
): Promise<{
  readonly logstoreId: number;
  readonly found: SavedSearchReport;
  readonly all: readonly SavedSearchReport[];
}> {
  const { id } = await findLogstoreIn(connection, project, logstore);
  const all = await listSavedSearchesIn(connection, id);
  const found = all.find((each) => each.name === name);
  if (found !== undefined) return { logstoreId: id, found, all };
  const message = `Logstore ${logstore} has no saved search "${name}"`;
  const known = all.map((each) => each.name).join('\n');
  throw new AppError('SAVED_SEARCH_NOT_FOUND', message, { name, known });
}
