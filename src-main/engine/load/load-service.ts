import { AppError } from '../../contract/errors';
import type { LoadReport, LoadRequest } from '../../contract/logstore';
import type { Database } from '../../duckdb/database';
import { readFields } from '../../duckdb/log-fields';
import { checkProjectName } from '../../logstore/names';
import { readSchema, type GivenSchema } from '../../logstore/read-schema';
import { cancelled, eachFile, type FilesRequest, type LoadContext } from './each-file';
import { unreadable } from './entry-reader';
import { keepPipes } from './load-files';
import { planNotices } from './load-notices';
import { chooseTarget, mergeFields, type LoadTarget } from './load-target';
import { storeLoad, type Loaded, type Plan } from './store-load';
import { FilesSurvey } from './survey-files';

/**
 * Loads files of log entries into a Logstore: all of their entries, or nothing that a query can see. Files are read twice:
 * for their fields, so that these are there before the first entry is, and for their entries. Memory holds a piece of a
 * file, a chunk of rows and what is known of each field.
 *
 * @throws AppError CAPTURE_NOT_FOUND and its like, LOAD_*, SCHEMA_INVALID, PROJECT_NOT_FOUND, LOGSTORE_*, OPTION_INVALID, WORKSPACE_*
 */
export async function runLoad(database: Database, request: LoadRequest, context: LoadContext): Promise<LoadReport> {
  const { signal, emit } = context;
  const { files, remove } = await keepPipes(database.workspaceDir, request, abortOf(signal), (bytes) => {
    emit('load:progress', { pass: 1, readBytes: bytes, totalBytes: bytes, entries: 0 });
  });
  try {
    return await loadFiles(database, { ...request, opened: files }, context);
  } finally {
    await remove();
  }
}

/** Rejects when the load is cancelled. */
function abortOf(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(cancelled());
    signal.addEventListener('abort', () => reject(cancelled()), { once: true });
  });
  // It may come when nobody waits for it any more.
  aborted.catch(() => undefined);
  return aborted;
}

async function loadFiles(database: Database, request: FilesRequest, context: LoadContext): Promise<LoadReport> {
  const startMs = performance.now();
  checkProjectName(request.project);
  const given: GivenSchema =
    typeof request.schema === 'string' ? { time: null, fields: new Map() } : readSchema(request.schema);
  const survey = await surveyFiles(request, context);
  const target = await chooseTarget(database, request, survey);
  const timeField = chooseTime(given, target, survey);
  refuseUnknownKey(request, survey);
  const plan: Plan = { target, given, timeField, proposed: survey.proposal(target.schema, given), survey };
  const { notices, ...done } = request.dryRun
    ? await proposeLoad(database, plan)
    : await storeLoad(database, request, plan, context);
  return {
    ...done,
    workspace: database.workspaceDir,
    project: request.project,
    logstore: target.name,
    schema: target.schema,
    timeField,
    seconds: (performance.now() - startMs) / 1000,
    notices: [...planNotices(timeField, survey), ...notices],
  };
}

async function surveyFiles(request: FilesRequest, context: LoadContext): Promise<FilesSurvey> {
  const survey = new FilesSurvey();
  await eachFile(request, 1, survey.names, context, (reader, onBatch) =>
    survey.read(reader, () => onBatch(survey.entries)),
  );
  if (survey.entries === 0) throw withoutEntries(request.files[0] ?? '', survey);
  return survey;
}

/** A file without a line that could be one is empty, and nothing is wrong with it: an export of nothing, say. */
function withoutEntries(file: string, { firstFaults: [fault] }: FilesSurvey): AppError {
  if (fault === undefined)
    return new AppError('LOAD_UNREADABLE', `${file} cannot be loaded: it has no log entries`, { file, isEmpty: true });
  return unreadable(fault.file, `no line of it is a log entry; line ${fault.line}: ${fault.reason}`);
}

/** @throws AppError SCHEMA_INVALID for a field that no entry has */
function chooseTime(given: GivenSchema, { schema }: LoadTarget, survey: FilesSurvey): string | null {
  if (given.time !== null) {
    if (survey.has(given.time)) return given.time;
    throw new AppError('SCHEMA_INVALID', `no entry has the field ${given.time}, which the schema names as time`, {
      time: given.time,
    });
  }
  if (schema === 'session_log') return survey.has('__time__') ? '__time__' : 'start_time';
  return survey.timeField;
}

function refuseUnknownKey({ hashKey }: LoadRequest, survey: FilesSurvey): void {
  if (hashKey === null || survey.has(hashKey)) return;
  const message = `no entry has the field ${hashKey}, whose hash is to choose the shard: name another, or leave it out`;
  throw new AppError('OPTION_INVALID', message, { field: hashKey });
}

async function proposeLoad(database: Database, { target, given, proposed, survey }: Plan): Promise<Loaded> {
  const existing = target.existing === null ? [] : await readFields(database, target.existing.id);
  const known = new Set(existing.map(({ name }) => name));
  const types = new Map(mergeFields(existing, proposed, given).map(({ name, type }) => [name, type]));
  return {
    run: null,
    files: [],
    fields: proposed.map(({ name, type, entries }) => ({
      name,
      type: types.get(name) ?? type,
      isNew: !known.has(name),
      entries,
      misfits: 0,
    })),
    entries: survey.entries,
    badLines: survey.faults,
    firstBadLines: survey.firstFaults,
    badValues: [],
    createdIndex: false,
    notices: [],
  };
}
