import { Option, type Command } from 'commander';
import { addAnswerOptions } from './answer-options';
import type { Context } from './context';
import type { OfLogstoreOptions } from './logstore-commands';
import { variableValue } from './option-values';
import type { Watched } from './run';
import {
  runSavedSearch,
  runSavedSearchDelete,
  runSavedSearchList,
  runSavedSearchRename,
  runSavedSearchSave,
  runSavedSearchShow,
  type SavedSearchDeleteOptions,
  type SavedSearchRunOptions,
  type SavedSearchSaveOptions,
} from './saved-search-commands';
import { fromOption, logstoreOption, projectOption, toOption, workspaceOption } from './shared-options';

const NOTES = `
A query may have variables, as in 'pri_ip:\${host} | SELECT ...'. A value is put
in as one word or text, whatever its characters; \${name:raw} takes it as a part
of the query. Quote the query, so that the shell leaves \${...} alone.

  natscope saved-search save 'by host' 'pri_ip:\${host}' --default 'host=*'
  natscope saved-search run 'by host' --var host=10.20.0.5 --limit 20`;

/** The commands about queries that are kept. */
export function addSavedSearches(program: Command, context: Context, { keep, run }: Watched): void {
  const group = program
    .command('saved-search')
    .description('List, show, save, rename, delete and run saved searches of a Logstore.')
    .addHelpText('after', NOTES);
  const add = (name: string, text: string): Command =>
    group
      .command(name)
      .description(text)
      .option('--json', 'print JSON', false)
      .addOption(workspaceOption())
      .addOption(projectOption())
      .addOption(logstoreOption());
  add('list', 'List the saved searches.').action((options: OfLogstoreOptions) =>
    keep(runSavedSearchList(context, options)),
  );
  add('show', 'Show one saved search.')
    .argument('<name>', 'the saved search')
    .action((name: string, options: OfLogstoreOptions) => keep(runSavedSearchShow(context, name, options)));
  add('save', 'Save a query, with a time range if one is given.')
    .argument('<name>', 'at most 64 characters')
    .argument('<query>', 'search | SQL, with variables such as ${host}')
    .addOption(fromOption())
    .addOption(toOption())
    .addOption(
      new Option('--default <name=value>', 'value of a variable unless another is given').argParser(variableValue),
    )
    .option('--replace', 'in the place of one of that name', false)
    .action((name: string, query: string, options: SavedSearchSaveOptions) => {
      run.query = query;
      return keep(runSavedSearchSave(context, name, query, options));
    });
  add('rename', 'Rename a saved search.')
    .argument('<name>', 'the saved search')
    .argument('<new-name>', 'at most 64 characters')
    .action((name: string, newName: string, options: OfLogstoreOptions) =>
      keep(runSavedSearchRename(context, name, newName, options)),
    );
  add('delete', 'Delete a saved search.')
    .argument('<name>', 'the saved search')
    .addOption(new Option('--yes', 'do not ask').default(false))
    .action((name: string, options: SavedSearchDeleteOptions) => keep(runSavedSearchDelete(context, name, options)));
  addRun(group, context, { keep, run });
}

function addRun(group: Command, context: Context, { keep, run }: Watched): void {
  const command = group
    .command('run')
    .description('Run a saved search, over its own time range unless another is given.')
    .argument('<name>', 'the saved search')
    .addOption(new Option('--var <name=value>', 'value of a variable').argParser(variableValue));
  addAnswerOptions(command).action((name: string, options: SavedSearchRunOptions) =>
    keep(
      runSavedSearch(context, name, options, (text) => {
        run.query = text;
      }),
    ),
  );
}
