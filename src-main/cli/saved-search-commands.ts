import type { SavedSearchReport } from '../contract/saved-search';
import { applyVariables } from '../query/query-variables';
import { confirmDeletion } from './confirm';
import type { Context } from './context';
import { withEngine } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { ask, tell, type OfLogstoreOptions } from './logstore-commands';
import { runQuery } from './query-command';
import type { QueryOptions } from './query-options';
import { savedSearchText, savedSearchesText } from './saved-search-text';

export interface SavedSearchSaveOptions extends OfLogstoreOptions {
  readonly from?: string;
  readonly to?: string;
  readonly default?: Readonly<Record<string, string>>;
  readonly replace: boolean;
}
export interface SavedSearchDeleteOptions extends OfLogstoreOptions {
  readonly yes: boolean;
}
export interface SavedSearchRunOptions extends QueryOptions {
  readonly var?: Readonly<Record<string, string>>;
}

const shapeOf = ({ name, query, range, variables, createdMs, updatedMs }: SavedSearchReport): object => ({
  ...{ name, query, range, variables },
  ...{ created: new Date(createdMs).toISOString(), updated: new Date(updatedMs).toISOString() },
});

export async function runSavedSearchList(context: Context, options: OfLogstoreOptions): Promise<ExitCode> {
  const { project, logstore } = options;
  const { savedSearches } = await ask(context, options, 'saved-search:list', { project, logstore });
  return tell(context, options, savedSearches.map(shapeOf), savedSearchesText(savedSearches));
}

export async function runSavedSearchShow(
  context: Context,
  name: string,
  options: OfLogstoreOptions,
): Promise<ExitCode> {
  const saved = await readSaved(context, name, options);
  return tell(context, options, shapeOf(saved), savedSearchText(saved));
}

function readSaved(
  context: Context,
  name: string,
  options: Omit<OfLogstoreOptions, 'json'>,
): Promise<SavedSearchReport> {
  const { project, logstore } = options;
  return ask(context, options, 'saved-search:read', { project, logstore, name });
}

/** With a range if one of its ends is given. */
export async function runSavedSearchSave(
  context: Context,
  name: string,
  query: string,
  options: SavedSearchSaveOptions,
): Promise<ExitCode> {
  const { project, logstore, from, to, replace } = options;
  const range = from === undefined && to === undefined ? null : { from: from ?? null, to: to ?? null };
  const savedSearch = { name, query, range, variables: options.default ?? {} };
  const saved = await ask(context, options, 'saved-search:write', {
    ...{ project, logstore, savedSearch, replace },
    knownMs: null,
  });
  return tell(context, options, shapeOf(saved), savedSearchText(saved));
}

export async function runSavedSearchRename(
  context: Context,
  name: string,
  newName: string,
  options: OfLogstoreOptions,
): Promise<ExitCode> {
  const { project, logstore } = options;
  const saved = await ask(context, options, 'saved-search:rename', { project, logstore, name, newName });
  return tell(context, options, shapeOf(saved), savedSearchText(saved));
}

export async function runSavedSearchDelete(
  context: Context,
  name: string,
  options: SavedSearchDeleteOptions,
): Promise<ExitCode> {
  const { workspace, project, logstore, yes } = options;
  return withEngine(
    context,
    workspace,
    async (engine) => {
      await engine.run('saved-search:read', { project, logstore, name });
      if (!(await confirmDeletion(context, `the saved search "${name}" of Logstore ${logstore}`, yes)))
        return EXIT.failed;
      await engine.run('saved-search:delete', { project, logstore, name });
      return tell(context, options, { project, logstore, name }, `Deleted the saved search "${name}".\n`);
    },
    { mustExist: true },
  );
}

/**
 * The answer to a saved search, as `natscope query` gives it: over its range unless another is given, with its default
 * values but for those that are given.
 *
 * @param onQuery is given the query as it is saved, then as it runs
 * @throws AppError SAVED_SEARCH_NOT_FOUND, QUERY_VARIABLE, and what `runQuery` does
 */
export async function runSavedSearch(
  context: Context,
  name: string,
  { var: given, ...options }: SavedSearchRunOptions,
  onQuery: (text: string) => void,
): Promise<ExitCode> {
  const { query, range, variables } = await readSaved(context, name, options);
  onQuery(query);
  const { text } = applyVariables(query, { ...variables, ...given });
  onQuery(text);
  const isOtherRange = options.from !== undefined || options.to !== undefined;
  const { from, to } = isOtherRange || range === null ? { from: null, to: null } : range;
  return runQuery(context, text, { ...options, ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) });
}
