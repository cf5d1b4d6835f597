import { Option, type Command } from 'commander';
import { LOAD_FORMATS } from '../contract/logstore';
import { LARGEST_RUN } from '../contract/log-entry';
import { MAX_NEW_SHARDS } from '../logstore/shards';
import type { Context } from './context';
import {
  runIndexDelete,
  runIndexRecommend,
  runIndexReindex,
  runIndexSet,
  runIndexShow,
  runLogstoreCreate,
  runLogstoreDelete,
  runLogstoreList,
  runLogstoreShow,
  runLogstoreUpdate,
  runProjectCreate,
  runProjectDelete,
  runProjectList,
  runProjectShow,
  runProjectUpdate,
  runShardList,
  runShardMerge,
  runShardSplit,
  type DeleteOptions,
  type IndexDeleteOptions,
  type LogstoreCreateOptions,
  type LogstoreDeleteOptions,
  type LogstoreListOptions,
  type LogstoreOptions,
  type LogstoreUpdateOptions,
  type OfLogstoreOptions,
  type ProjectCreateOptions,
  type ProjectUpdateOptions,
  type ReindexOptions,
  type ShardSplitOptions,
  type WorkspaceOptions,
} from './logstore-commands';
import { runLoadCommand, runLoadErrors, type LoadErrorsOptions, type LoadOptions } from './load-command';
import {
  description,
  filePath,
  filePaths,
  logstoreName,
  projectName,
  region,
  ttlDays,
  wholeNumber,
} from './option-values';
import type { Keep } from './run';
import { expansionOption, logstoreOption, projectOption, workspaceOption } from './shared-options';

const LARGEST_SHARD = 0xffff;

const LOGSTORE_NOTES = `
Retention is off unless it is set. It counts back from the newest entry of the
Logstore, not from today, and is applied when an import or a load ends and when
it is set: entries that are past it are deleted then. Setting it asks before it
deletes any.`;

const LOAD_NOTES = `
Types are proposed from all values: long, double, json, else text. A file says
otherwise, and which field has the time:
  { "time": "ts", "fields": { "status": "text", "client": "ipv4" } }
What does not fit its type is kept as text. Session logs are recognised, in
either spelling of their fields. Ends with 3 when lines were no log entries;
those of Parquet are its rows, and folders above it such as nat_ip=203.0.113.1
are fields.

  natscope load access.ndjson.gz --dry-run
  journalctl -o json | natscope load - --logstore journal
  natscope load flow.csv --logstore flow --schema flow-schema.json
  natscope load log.parquet --logstore copy`;

const SHARD_NOTES = `
A shard has a range of MD5 hashes. A split makes it readonly and adds two that
have its range; a merge does the same to it and its right neighbour, and adds
one. Readonly shards keep their entries. New ones are balanced: 4,096 go to one
shard, the next to the next; load --hash-key sends equal values to one shard.`;

const INDEX_NOTES = `
The configuration is the vendor's own JSON. A new one holds for entries that
are written from then on; reindex applies it to those that are there.

  natscope index show > index.json
  natscope index set index.json --reindex`;

/** Runs a command and keeps its exit code. */

const jsonFlag = (command: Command): Command => command.option('--json', 'print JSON', false);
const yesOption = (): Option => new Option('--yes', 'do not ask').default(false);
const ttlOption = (): Option =>
  new Option('--ttl <days>', 'days that entries are kept, back from the newest; off keeps all').argParser(ttlDays);

/** The commands about projects, Logstores, shards and indexes, and those that load files into a Logstore. */
export function addLogstoreCommands(program: Command, context: Context, keep: Keep): void {
  addLoad(program, context, keep);
  addProject(program, context, keep);
  addLogstore(program, context, keep);
  addShard(program, context, keep);
  addIndex(program, context, keep);
}

function addLoad(program: Command, context: Context, keep: Keep): void {
  program
    .command('load')
    .description('Load log entries of any fields from files; several files are one load.')
    .argument(
      '<file...>',
      'NDJSON, JSON or CSV, also compressed (gzip, zstd, lz4, xz), or Parquet; - is standard input',
      filePaths,
    )
    .addOption(workspaceOption())
    .addOption(projectOption())
    .addOption(
      new Option(
        '--logstore <name>',
        'name of the Logstore (default: session-log for session logs, else after the first file)',
      ).argParser(logstoreName),
    )
    .addOption(
      new Option('--schema <schema>', 'session_log, auto, or a file with types and the field of the time')
        .default('auto')
        .argParser(filePath),
    )
    .addOption(new Option('--format <format>', 'what the files are').choices(['auto', ...LOAD_FORMATS]).default('auto'))
    .option('--hash-key <field>', 'field whose MD5 hash chooses the shard of an entry (default: load balance)')
    .option('--dry-run', 'say which fields of which types would be loaded, and change nothing', false)
    .option('--no-index', 'leave a Logstore without index as it is')
    .option('--again', 'load files that are already in the Logstore', false)
    .addOption(expansionOption())
    .option('--json', 'print JSON', false)
    .addHelpText('after', LOAD_NOTES)
    .action((files: string[], options: LoadOptions) => keep(runLoadCommand(context, files, options)));
  jsonFlag(program.command('load-errors').description('List the lines that a load could not read.'))
    .argument('<run>', 'number of the load', wholeNumber(1, LARGEST_RUN))
    .addOption(workspaceOption())
    .action((run: number, options: LoadErrorsOptions) => keep(runLoadErrors(context, run, options)));
}

function addProject(program: Command, context: Context, keep: Keep): void {
  const group = program.command('project').description('List, create, describe and delete projects.');
  const add = (name: string, text: string): Command =>
    jsonFlag(group.command(name).description(text)).addOption(workspaceOption());
  add('list', 'List the projects.').action((options: WorkspaceOptions) => keep(runProjectList(context, options)));
  add('show', 'Show one project.')
    .argument('<name>', 'the project', projectName)
    .action((name: string, options: WorkspaceOptions) => keep(runProjectShow(context, name, options)));
  add('create', 'Create a project.')
    .argument('<name>', '3 to 63 lowercase letters, digits and hyphens', projectName)
    .addOption(new Option('--region <id>', 'region, which stays').default('local').argParser(region))
    .addOption(new Option('--description <text>', 'at most 64 characters').default('').argParser(description))
    .action((name: string, options: ProjectCreateOptions) => keep(runProjectCreate(context, name, options)));
  add('update', 'Describe a project.')
    .argument('<name>', 'the project', projectName)
    .addOption(new Option('--description <text>', 'at most 64 characters').makeOptionMandatory().argParser(description))
    .action((name: string, options: ProjectUpdateOptions) => keep(runProjectUpdate(context, name, options)));
  add('delete', 'Delete a project with all of its Logstores.')
    .argument('<name>', 'the project', projectName)
    .addOption(yesOption())
    .action((name: string, options: DeleteOptions) => keep(runProjectDelete(context, name, options)));
}

function addLogstore(program: Command, context: Context, keep: Keep): void {
  const group = program
    .command('logstore')
    .description('List, show, create, change and delete Logstores.')
    .addHelpText('after', LOGSTORE_NOTES);
  const add = (name: string, text: string): Command =>
    jsonFlag(group.command(name).description(text)).addOption(workspaceOption());
  add('list', 'List the Logstores, with entries and size.')
    .addOption(new Option('--project <name>', 'of this project (default: all)').argParser(projectName))
    .action((options: LogstoreListOptions) => keep(runLogstoreList(context, options)));
  add('show', 'Show one Logstore with its fields.')
    .argument('<name>', 'the Logstore', logstoreName)
    .addOption(projectOption())
    .action((name: string, options: LogstoreOptions) => keep(runLogstoreShow(context, name, options)));
  add('create', 'Create a Logstore, empty and without an index.')
    .argument('<name>', '2 to 63 lowercase letters, digits, hyphens and underscores', logstoreName)
    .addOption(projectOption())
    .addOption(
      new Option('--schema <kind>', 'session_log for imports of captures, custom for whatever is loaded')
        .choices(['session_log', 'custom'])
        .default('session_log'),
    )
    .addOption(ttlOption().default('off'))
    .addOption(new Option('--shards <number>', 'shards').default(2).argParser(wholeNumber(1, MAX_NEW_SHARDS)))
    .action((name: string, options: LogstoreCreateOptions) => keep(runLogstoreCreate(context, name, options)));
  add('update', 'Set the retention of a Logstore; entries past it are deleted at once.')
    .argument('<name>', 'the Logstore', logstoreName)
    .addOption(projectOption())
    .addOption(ttlOption().makeOptionMandatory())
    .addOption(yesOption())
    .action((name: string, options: LogstoreUpdateOptions) => keep(runLogstoreUpdate(context, name, options)));
  add('delete', 'Delete a Logstore with its entries and its index.')
    .argument('<name>', 'the Logstore', logstoreName)
    .addOption(projectOption())
    .addOption(yesOption())
    .action((name: string, options: LogstoreDeleteOptions) => keep(runLogstoreDelete(context, name, options)));
}

/** Of commands that are about one Logstore, which is named by an option. */
function addOfLogstore(group: Command, name: string, text: string): Command {
  return jsonFlag(group.command(name).description(text))
    .addOption(workspaceOption())
    .addOption(projectOption())
    .addOption(logstoreOption());
}

function addShard(program: Command, context: Context, keep: Keep): void {
  const group = program
    .command('shard')
    .description('List, split and merge the shards of a Logstore.')
    .addHelpText('after', SHARD_NOTES);
  addOfLogstore(group, 'list', 'List the shards with their ranges.').action((options: OfLogstoreOptions) =>
    keep(runShardList(context, options)),
  );
  addOfLogstore(group, 'split', 'Split a readwrite shard in two.')
    .argument('<id>', 'the shard', wholeNumber(0, LARGEST_SHARD))
    .option('--key <hex>', 'where the second begins, 32 hexadecimal digits (default: the middle)')
    .action((id: number, options: ShardSplitOptions) => keep(runShardSplit(context, id, options)));
  addOfLogstore(group, 'merge', 'Merge a readwrite shard with its right neighbour.')
    .argument('<id>', 'the shard', wholeNumber(0, LARGEST_SHARD))
    .action((id: number, options: OfLogstoreOptions) => keep(runShardMerge(context, id, options)));
}

function addIndex(program: Command, context: Context, keep: Keep): void {
  const group = program
    .command('index')
    .description('Show, set and apply the index of a Logstore, without which nothing can be queried.')
    .addHelpText('after', INDEX_NOTES);
  const reindexOption = (): Option => new Option('--reindex', 'apply it to all entries, at once').default(false);
  addOfLogstore(group, 'show', 'Print the configuration, and which entries it holds for.').action(
    (options: OfLogstoreOptions) => keep(runIndexShow(context, options)),
  );
  addOfLogstore(group, 'set', 'Create or replace the index by a configuration.')
    .argument('<file>', "the vendor's JSON", filePath)
    .addOption(reindexOption())
    .action((file: string, options: ReindexOptions) => keep(runIndexSet(context, file, options)));
  addOfLogstore(group, 'create-recommended', 'Create an index of every field of the Logstore.')
    .addOption(reindexOption())
    .action((options: ReindexOptions) => keep(runIndexRecommend(context, options)));
  addOfLogstore(group, 'delete', 'Delete the index; the entries stay.')
    .addOption(yesOption())
    .action((options: IndexDeleteOptions) => keep(runIndexDelete(context, options)));
  addOfLogstore(group, 'reindex', 'Apply the index to the entries that are there, at once.').action(
    (options: OfLogstoreOptions) => keep(runIndexReindex(context, options)),
  );
}
