import { resolve } from 'node:path';
import { AppError } from '../contract/errors';
import type { Calls, CallName } from '../contract/ipc';
import { isObject } from '../logstore/problems';
import { confirmDeletion } from './confirm';
import type { Context } from './context';
import { withEngine } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { readJsonFile } from './json-file';
import {
  indexJson,
  indexText,
  logstoreJson,
  logstoresText,
  logstoreText,
  projectJson,
  projectsText,
  shardJson,
  shardsText,
} from './logstore-text';
import { counted } from './number-text';

export interface WorkspaceOptions {
  readonly workspace?: string;
  readonly json: boolean;
}
export interface LogstoreOptions extends WorkspaceOptions {
  readonly project: string;
}
export interface DeleteOptions extends WorkspaceOptions {
  readonly yes: boolean;
}
export interface OfLogstoreOptions extends LogstoreOptions {
  readonly logstore: string;
}

export interface ProjectUpdateOptions extends WorkspaceOptions {
  readonly description: string;
}
export interface ProjectCreateOptions extends ProjectUpdateOptions {
  readonly region: string;
}
export interface LogstoreListOptions extends WorkspaceOptions {
  readonly project?: string;
}
export interface LogstoreUpdateOptions extends LogstoreOptions, DeleteOptions {
  readonly ttl: number | 'off';
}
export interface LogstoreCreateOptions extends Omit<LogstoreUpdateOptions, 'yes'> {
  readonly schema: Calls['logstore:create']['request']['schema'];
  readonly shards: number;
}
export interface LogstoreDeleteOptions extends LogstoreOptions, DeleteOptions {}
export interface ShardSplitOptions extends OfLogstoreOptions {
  readonly key?: string;
}
export interface IndexDeleteOptions extends OfLogstoreOptions, DeleteOptions {}
export interface ReindexOptions extends OfLogstoreOptions {
  readonly reindex: boolean;
}

/** Asks the engine of a workspace one thing. @param mustExist false where a workspace may be made for it */
export function ask<K extends CallName>(
  context: Context,
  { workspace }: Pick<WorkspaceOptions, 'workspace'>,
  name: K,
  request: Calls[K]['request'],
  mustExist = true,
): Promise<Calls[K]['reply']> {
  return withEngine(context, workspace, (engine) => engine.run(name, request), { mustExist });
}

/** What a command has to say, as JSON where that is asked for. */
export async function tell(
  { out }: Context,
  { json }: Pick<WorkspaceOptions, 'json'>,
  shape: object,
  text: string,
): Promise<ExitCode> {
  await out.write(json ? `${JSON.stringify(shape)}\n` : text);
  return EXIT.done;
}

export async function runProjectList(context: Context, options: WorkspaceOptions): Promise<ExitCode> {
  const { projects } = await ask(context, options, 'project:list', {});
  return tell(context, options, projects.map(projectJson), projectsText(projects));
}

export async function runProjectShow(context: Context, project: string, options: WorkspaceOptions): Promise<ExitCode> {
  const facts = await ask(context, options, 'project:read', { project });
  return tell(context, options, projectJson(facts), projectsText([facts]));
}

export async function runProjectCreate(
  context: Context,
  project: string,
  options: ProjectCreateOptions,
): Promise<ExitCode> {
  const { region, description } = options;
  const facts = await ask(context, options, 'project:create', { project, region, description }, false);
  return tell(context, options, projectJson(facts), projectsText([facts]));
}

export async function runProjectUpdate(
  context: Context,
  project: string,
  options: ProjectUpdateOptions,
): Promise<ExitCode> {
  const facts = await ask(context, options, 'project:update', { project, description: options.description });
  return tell(context, options, projectJson(facts), projectsText([facts]));
}

export async function runProjectDelete(context: Context, project: string, options: DeleteOptions): Promise<ExitCode> {
  return withEngine(
    context,
    options.workspace,
    async (engine) => {
      const { logstores, entries } = await engine.run('project:read', { project });
      const content = `its ${counted(logstores, 'Logstore')} and ${counted(entries, 'entry', 'entries')}`;
      if (!(await confirmDeletion(context, `project ${project} with ${content}`, options.yes))) return EXIT.failed;
      const deleted = await engine.run('project:delete', { project });
      const gone = `${counted(deleted.logstores, 'Logstore')} and ${counted(deleted.entries, 'entry', 'entries')}`;
      return tell(context, options, { project, ...deleted }, `Deleted project ${project} with ${gone}.\n`);
    },
    { mustExist: true },
  );
}

export async function runLogstoreList(context: Context, options: LogstoreListOptions): Promise<ExitCode> {
  const { logstores } = await ask(context, options, 'logstore:list', { project: options.project ?? null });
  return tell(context, options, logstores.map(logstoreJson), logstoresText(logstores));
}

export async function runLogstoreShow(context: Context, logstore: string, options: LogstoreOptions): Promise<ExitCode> {
  const report = await ask(context, options, 'logstore:read', { project: options.project, logstore });
  return tell(context, options, logstoreJson(report), logstoreText(report));
}

export async function runLogstoreCreate(
  context: Context,
  logstore: string,
  options: LogstoreCreateOptions,
): Promise<ExitCode> {
  const { project, schema, ttl, shards } = options;
  const request = { project, logstore, schema, ttlDays: ttl === 'off' ? null : ttl, shards };
  const report = await ask(context, options, 'logstore:create', request, false);
  return tell(context, options, logstoreJson(report), logstoreText(report));
}

export async function runLogstoreUpdate(
  context: Context,
  logstore: string,
  options: LogstoreUpdateOptions,
): Promise<ExitCode> {
  const { project, ttl } = options;
  const request = { project, logstore, ttlDays: ttl === 'off' ? null : ttl };
  return withEngine(
    context,
    options.workspace,
    async (engine) => {
      const trial = await engine.run('logstore:update', { ...request, isTrial: true });
      const what = `${counted(trial.expired, 'entry', 'entries')} of Logstore ${logstore}, which that retention does not keep`;
      if (trial.expired > 0 && !(await confirmDeletion(context, what, options.yes))) return EXIT.failed;
      const { logstore: report, expired } = await engine.run('logstore:update', request);
      const text = `Retention deleted ${counted(expired, 'entry', 'entries')}.\n${logstoreText(report)}`;
      return tell(context, options, { ...logstoreJson(report), expired_entries: expired }, text);
    },
    { mustExist: true },
  );
}

export async function runLogstoreDelete(
  context: Context,
  logstore: string,
  options: LogstoreDeleteOptions,
): Promise<ExitCode> {
  const { project } = options;
  return withEngine(
    context,
    options.workspace,
    async (engine) => {
      const { entries } = await engine.run('logstore:read', { project, logstore });
      const what = `Logstore ${logstore} with its ${counted(entries, 'entry', 'entries')}`;
      if (!(await confirmDeletion(context, what, options.yes))) return EXIT.failed;
      const deleted = await engine.run('logstore:delete', { project, logstore });
      const text = `Deleted Logstore ${logstore} with ${counted(deleted.entries, 'entry', 'entries')}.\n`;
      return tell(context, options, { project, logstore, ...deleted }, text);
    },
    { mustExist: true },
  );
}

export async function runShardList(context: Context, options: OfLogstoreOptions): Promise<ExitCode> {
  const { project, logstore } = options;
  const { shards } = await ask(context, options, 'shard:list', { project, logstore });
  return tell(context, options, shards.map(shardJson), shardsText(shards));
}

export async function runShardSplit(context: Context, shard: number, options: ShardSplitOptions): Promise<ExitCode> {
  const { project, logstore, key = null } = options;
  const { shards } = await ask(context, options, 'shard:split', { project, logstore, shard, key });
  return tell(context, options, shards.map(shardJson), shardsText(shards));
}

export async function runShardMerge(context: Context, shard: number, options: OfLogstoreOptions): Promise<ExitCode> {
  const { project, logstore } = options;
  const { shards } = await ask(context, options, 'shard:merge', { project, logstore, shard });
  return tell(context, options, shards.map(shardJson), shardsText(shards));
}

/** The configuration goes to standard output as the vendor has it, so that it can be kept, changed and set again. */
export async function runIndexShow(context: Context, options: OfLogstoreOptions): Promise<ExitCode> {
  const { project, logstore } = options;
  const report = await ask(context, options, 'index:read', { project, logstore });
  if (options.json) return tell(context, options, indexJson(report), '');
  if (report.config !== null) await context.out.write(`${JSON.stringify(report.config, null, 2)}\n`);
  await context.out.flush();
  context.err.tell(indexText(report));
  return EXIT.done;
}

const INDEX_FILE = {
  what: 'index configuration',
  unreadable: 'INDEX_INVALID',
  invalid: 'INDEX_INVALID',
} as const;

/** @throws AppError INDEX_INVALID that names the file and all that is wrong with it */
export async function runIndexSet(context: Context, path: string, options: ReindexOptions): Promise<ExitCode> {
  const { project, logstore } = options;
  const file = resolve(context.io.cwd, path);
  const config = readJsonFile(file, INDEX_FILE);
  if (!isObject(config)) throw new AppError('INDEX_INVALID', `${file} holds no object, in braces`, { file });
  return changeIndex(context, options, 'index:write', { project, logstore, config });
}

export async function runIndexRecommend(context: Context, options: ReindexOptions): Promise<ExitCode> {
  const { project, logstore } = options;
  return changeIndex(context, options, 'index:recommend', { project, logstore });
}

async function changeIndex<K extends 'index:write' | 'index:recommend'>(
  context: Context,
  options: ReindexOptions,
  name: K,
  request: Calls[K]['request'],
): Promise<ExitCode> {
  const { project, logstore, reindex } = options;
  const report = await withEngine(
    context,
    options.workspace,
    async (engine) => {
      const changed = await engine.run(name, request);
      return reindex ? engine.run('index:rebuild', { project, logstore }) : changed;
    },
    { mustExist: true },
  );
  return tell(context, options, indexJson(report), indexText(report));
}

export async function runIndexDelete(context: Context, options: IndexDeleteOptions): Promise<ExitCode> {
  const { project, logstore } = options;
  if (
    !(await confirmDeletion(
      context,
      `the index of Logstore ${logstore}, without which nothing can be queried`,
      options.yes,
    ))
  ) {
    return EXIT.failed;
  }
  const report = await ask(context, options, 'index:delete', { project, logstore });
  return tell(context, options, indexJson(report), indexText(report));
}

export async function runIndexReindex(context: Context, options: OfLogstoreOptions): Promise<ExitCode> {
  const { project, logstore } = options;
  const report = await ask(context, options, 'index:rebuild', { project, logstore });
  const text = `The index now holds for ${counted(report.reindexed, 'entry', 'entries')} more.\n${indexText(report)}`;
  return tell(context, options, { ...indexJson(report), reindexed: report.reindexed }, text);
}
