import { resolve } from 'node:path';
import { AppError } from '../contract/errors';
import type { LoadProgress, LoadReport, LoadRequest } from '../contract/logstore';
import { isObject } from '../logstore/problems';
import type { Context } from './context';
import { readablePaths } from './capture-paths';
import { withEngine } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { readJsonFile } from './json-file';
import { counted, humanBytes, thousands } from './number-text';
import { withPipes } from './pipe-relay';
import { tableText } from './text-table';

export interface LoadOptions {
  readonly workspace?: string;
  readonly project: string;
  readonly logstore?: string;
  readonly schema: string;
  readonly format: LoadRequest['format'];
  readonly hashKey?: string;
  readonly index: boolean;
  readonly again: boolean;
  readonly dryRun: boolean;
  readonly maxExpansion: number;
  readonly json: boolean;
}

const SCHEMA_FILE = { what: 'schema file', unreadable: 'SCHEMA_INVALID', invalid: 'SCHEMA_INVALID' } as const;

/** @throws AppError LOAD_*, SCHEMA_INVALID, LOGSTORE_*, WORKSPACE_* and their like */
export async function runLoadCommand(
  context: Context,
  files: readonly string[],
  options: LoadOptions,
): Promise<ExitCode> {
  const { io, out, err } = context;
  const request: LoadRequest = {
    files: readablePaths(context, files),
    project: options.project,
    logstore: options.logstore ?? null,
    schema: schemaOf(context, options.schema),
    format: options.format,
    hashKey: options.hashKey ?? null,
    createIndex: options.index,
    again: options.again,
    dryRun: options.dryRun,
    maxExpansion: options.maxExpansion,
  };
  const report = await withEngine(context, options.workspace, (engine) =>
    withPipes(engine, request.files, (streams) =>
      engine.run('load:run', streams === undefined ? request : { ...request, streams }, {
        onEvent: (_name, progress) => {
          if (io.isStderrTty && 'pass' in progress) err.tell(`\r${progressText(progress)}\u001b[K`);
        },
      }),
    ),
  );
  if (io.isStderrTty) err.tell('\r\u001b[K');
  out.tell(options.json ? `${JSON.stringify(loadJson(report))}\n` : loadText(report));
  return report.badLines > 0 || report.badValues.length > 0 ? EXIT.doneWithLosses : EXIT.done;
}

function schemaOf(context: Context, option: string): LoadRequest['schema'] {
  if (option === 'auto' || option === 'session_log') return option;
  const file = resolve(context.io.cwd, option);
  const schema = readJsonFile(file, SCHEMA_FILE);
  if (!isObject(schema)) throw new AppError('SCHEMA_INVALID', `${file} holds no object, in braces`, { file });
  return schema;
}

function progressText({ pass, readBytes, totalBytes, entries }: LoadProgress): string {
  const what = pass === 1 ? 'looking at the fields' : 'loading';
  return `${what}: ${humanBytes(readBytes)} of ${humanBytes(totalBytes)} · ${counted(entries, 'entry', 'entries')}`;
}

function loadText(report: LoadReport): string {
  const { run, entries, logstore, fields, badLines, firstBadLines, timeField, schema } = report;
  const verb = entries === 1 ? 'was' : 'were';
  const done = run === null ? 'would be loaded' : `${verb} loaded, as run ${run}`;
  const time = timeField === null ? 'of the load' : `from ${timeField}`;
  const kind = schema === 'session_log' ? 'session logs' : 'fields of their own';
  const table = tableText(
    [
      { header: 'field', align: 'left' },
      { header: 'type', align: 'left' },
      { header: 'entries', align: 'right' },
      { header: 'not of the type', align: 'right' },
      { header: '', align: 'left' },
    ],
    fields.map((field) => [
      ...[field.name, field.type, thousands(field.entries), thousands(field.misfits), field.isNew ? 'new' : ''],
    ]),
  );
  const bad = firstBadLines.map(({ file, line, code, reason }) => `  ${file}:${line}: ${reason} (${code})\n`);
  const unnamed = badLines - firstBadLines.reduce((sum, { lines = 1 }) => sum + lines, 0);
  const more = unnamed > 0 ? `  and ${thousands(unnamed)} more; natscope load-errors lists them\n` : '';
  return [
    `${counted(entries, 'entry', 'entries')} ${done}, into Logstore ${logstore}: ${kind}, time ${time}.\n`,
    fields.length === 0 ? '' : `\n${table}`,
    badLines === 0 ? '' : `\n${counted(badLines, 'line is', 'lines are')} no log entry:\n${bad.join('')}${more}`,
    report.createdIndex ? '\nThe recommended index was created.\n' : '',
    ...report.notices.map(({ text }) => `${text}\n`),
  ].join('');
}

function loadJson(report: LoadReport): object {
  return {
    run: report.run,
    entries: report.entries,
    bad_lines: report.badLines,
    first_bad_lines: report.firstBadLines,
    bad_values: report.badValues,
    files: report.files,
    schema: report.schema,
    fields: report.fields.map(({ name, type, isNew, entries, misfits }) => ({
      name,
      type,
      is_new: isNew,
      entries,
      misfits,
    })),
    time_field: report.timeField,
    created_index: report.createdIndex,
    seconds: report.seconds,
    workspace: report.workspace,
    project: report.project,
    logstore: report.logstore,
    notices: report.notices,
  };
}

export interface LoadErrorsOptions {
  readonly workspace?: string;
  readonly json: boolean;
}

/** Lines of bad ones that are asked for at once. */
const PAGE = 1000;

/** All lines that a load could not read, with what stands in them. @throws ReaderGone */
export async function runLoadErrors(context: Context, run: number, options: LoadErrorsOptions): Promise<ExitCode> {
  const { out } = context;
  await withEngine(
    context,
    options.workspace,
    async (engine) => {
      for (let offset = 0, total = Infinity; offset < total; offset += PAGE) {
        const page = await engine.run('load:bad-lines', { run, offset, limit: PAGE });
        total = page.total;
        for (const { file, line, code, reason, content } of page.lines) {
          const text = `${file}:${line}: ${reason} (${code})\n  ${content}\n`;
          await out.write(options.json ? `${JSON.stringify({ file, line, code, reason, content })}\n` : text);
        }
      }
    },
    { mustExist: true },
  );
  return EXIT.done;
}
