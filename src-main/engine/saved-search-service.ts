import { AppError } from '../contract/errors';
import type { Calls } from '../contract/ipc';
import type { LogstoreName } from '../contract/logstore';
import type { SavedSearchName, SavedSearchReport } from '../contract/saved-search';
import { findLogstoreIn, findProject } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import {
  countSavedSearches,
  deleteSavedSearchIn,
  findSavedSearchIn,
  listSavedSearchesIn,
  replaceSavedSearchIn,
} from '../duckdb/saved-search-rows';
import { checkQuota, QUOTAS } from '../logstore/quotas';
import { checkSavedSearch, checkSavedSearchName } from '../logstore/saved-search';

/** @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND; so do the others */
export async function listSavedSearches(
  database: Database,
  { project, logstore }: LogstoreName,
): Promise<readonly SavedSearchReport[]> {
  return database.withConnection(async (connection) => {
    const { id } = await findLogstoreIn(connection, project, logstore);
    return listSavedSearchesIn(connection, id);
  });
}

/** @throws AppError SAVED_SEARCH_NOT_FOUND with detail `known`, the names there are, each on a line */
export async function readSavedSearch(database: Database, name: SavedSearchName): Promise<SavedSearchReport> {
  return database.withConnection(async (connection) => (await findSavedSearchIn(connection, name)).found);
}

/**
 * @throws AppError SAVED_SEARCH_INVALID, QUOTA_EXCEEDED; SAVED_SEARCH_EXISTS where it is not to be replaced; SAVED_SEARCH_CHANGED
 *   where it is no longer the known one, SAVED_SEARCH_NOT_FOUND where that is gone
 */
export async function writeSavedSearch(
  database: Database,
  { project, logstore, savedSearch, replace, knownMs }: Calls['saved-search:write']['request'],
): Promise<SavedSearchReport> {
  checkSavedSearch(savedSearch);
  const nowMs = Date.now();
  return database.transaction(async (connection) => {
    const { name } = savedSearch;
    const { id } = await findLogstoreIn(connection, project, logstore);
    const there = (await listSavedSearchesIn(connection, id)).find((each) => each.name === name);
    if (there !== undefined && !replace) throw existing(name);
    if (knownMs !== null) {
      const { found } = await findSavedSearchIn(connection, { project, logstore, name });
      if (found.updatedMs !== knownMs) throw changed(name);
    }
    if (there === undefined) {
      checkQuota(QUOTAS.savedSearches, await countSavedSearches(connection, await findProject(connection, project)));
    }
    // two changes within a millisecond are two all the same
    const updatedMs = Math.max(nowMs, (there?.updatedMs ?? 0) + 1);
    const written = { ...savedSearch, createdMs: there?.createdMs ?? nowMs, updatedMs };
    await replaceSavedSearchIn(connection, id, name, written);
    return written;
  });
}

/** @throws AppError SAVED_SEARCH_INVALID, SAVED_SEARCH_NOT_FOUND, SAVED_SEARCH_EXISTS */
export async function renameSavedSearch(
  database: Database,
  { newName, ...name }: Calls['saved-search:rename']['request'],
): Promise<SavedSearchReport> {
  checkSavedSearchName(newName);
  return database.transaction(async (connection) => {
    const { logstoreId, found, all } = await findSavedSearchIn(connection, name);
    if (newName !== name.name && all.some((each) => each.name === newName)) throw existing(newName);
    const renamed = { ...found, name: newName, updatedMs: Math.max(Date.now(), found.updatedMs + 1) };
    await replaceSavedSearchIn(connection, logstoreId, name.name, renamed);
    return renamed;
  });
}

/** @throws AppError SAVED_SEARCH_NOT_FOUND */
export async function deleteSavedSearch(database: Database, name: SavedSearchName): Promise<null> {
  await database.transaction(async (connection) => {
    const { logstoreId } = await findSavedSearchIn(connection, name);
    await deleteSavedSearchIn(connection, logstoreId, name.name);
  });
  return null;
}

function changed(name: string): AppError {
  return new AppError('SAVED_SEARCH_CHANGED', `the saved search "${name}" was changed meanwhile`, { name });
}

function existing(name: string): AppError {
  return new AppError('SAVED_SEARCH_EXISTS', `there is a saved search "${name}" already`, { name });
}
