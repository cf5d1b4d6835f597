import { AppError } from '../../contract/errors';
import { DEFAULT_MAX_EXPANSION } from '../../contract/imports';
import type { LoadReport, LoadRequest } from '../../contract/logstore';
import { ensureProject, insertLogstore, lookUpLogstore, type Logstore } from '../../duckdb/catalogue';
import type { Database } from '../../duckdb/database';
import { refuseRunning } from '../../duckdb/delete-logstore';
import { beginRunIn, commitLoad, deleteRun } from '../../duckdb/import-runs';
import { findCommittedRun } from '../../duckdb/run-reads';
import { noteMisfitsIn, readFields, readFieldsIn, updateFields } from '../../duckdb/log-fields';
import { LoadWriter } from '../../duckdb/load-writer';
import { FieldNames } from '../../logstore/field-names';
import { checkProjectName } from '../../logstore/names';
import { readSchema, type GivenSchema } from '../../logstore/read-schema';
import type { StoredField } from '../../logstore/schema';
import type { CallContext } from '../engine-calls';
import type { StoredLoad } from '../export-sources';
import { openFileSource } from '../file-source';
import { createRecommendedIndex, shardRoute } from '../index-service';
import { applyRetention } from '../retention-service';
import { otherCalls } from '../turns';
import { BadLines } from './bad-lines';
import { EntryGateways } from './entry-gateways';
import { EntryReader, unreadable, type BadRecord } from './entry-reader';
import { EntryRows } from './entry-rows';
import { keepPipes, type LoadFile } from './load-files';
import { contentsOf, identityOf } from './load-identity';
import { lossNotices, misfitNotices, misfitsOf, planNotices, unindexedNotices } from './load-notices';
import { chooseTarget, mergeFields, type LoadTarget } from './load-target';
import { SessionRows } from './session-rows';
import { FilesSurvey, type ProposedField } from './survey-files';

type LoadContext = Pick<CallContext<'load:run'>, 'signal' | 'emit' | 'passNoReturn'>;

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

interface FilesRequest extends LoadRequest {
  readonly opened: readonly LoadFile[];
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
    : await load(database, request, plan, context);
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

interface Plan {
  readonly target: LoadTarget;
  readonly given: GivenSchema;
  readonly timeField: string | null;
  readonly proposed: readonly ProposedField[];
  readonly survey: FilesSurvey;
}

type Loaded = Pick<
  LoadReport,
  'run' | 'files' | 'fields' | 'entries' | 'badLines' | 'firstBadLines' | 'badValues' | 'createdIndex' | 'notices'
>;

const cancelled = (): AppError => new AppError('LOAD_CANCELLED', 'Loading was cancelled; nothing of it is kept');

/** Opens the files one after the other, and tells how far it is. */
async function eachFile(
  request: FilesRequest,
  pass: 1 | 2,
  names: FieldNames,
  { signal, emit }: LoadContext,
  read: (reader: EntryReader, onBatch: (entries: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const sizes = request.opened.map(({ path }) => fileBytes(path));
  const totalBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  let doneBytes = 0;
  for (const [index, file] of request.opened.entries()) {
    const reader = await EntryReader.open(file, request.format, request.maxExpansion ?? DEFAULT_MAX_EXPANSION, names);
    try {
      await read(reader, async (entries) => {
        emit('load:progress', { pass, readBytes: doneBytes + reader.readBytes, totalBytes, entries });
        await otherCalls();
        if (signal.aborted) throw cancelled();
      });
    } finally {
      await reader.close();
    }
    doneBytes += sizes[index] ?? 0;
  }
}

function fileBytes(path: string): number {
  const file = openFileSource(path);
  file.close();
  return file.sizeBytes;
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

async function load(database: Database, request: FilesRequest, plan: Plan, context: LoadContext): Promise<Loaded> {
  const contents = contentsOf(request);
  const identityKey = identityOf(contents, plan.target);
  if (!request.again && plan.target.existing !== null)
    await refuseRepeated(database, plan.target.existing, identityKey);
  const { logstore, run, fields, newFields } = await begin(database, { ...request, contents }, plan, identityKey);
  try {
    const createdIndex = request.createIndex && (await createRecommendedIndex(database, logstore));
    const written = await write(database, request, { plan, logstore, run, fields }, context);
    if (context.signal.aborted) throw cancelled();
    if (written.entries === 0) throw unreadable(request.files[0] ?? '', 'no entry of it has a time');
    const losses = lossNotices(run, written.badLines, written.badValues);
    context.passNoReturn();
    const end = { finishedMs: Date.now(), logEntries: written.entries, notices: losses };
    const misfits = misfitsOf(written.counts).map(([name]) => name);
    await commitLoad(database, run, end, (connection) => noteMisfitsIn(connection, logstore.id, misfits));
    const { notices } = await applyRetention(database, logstore);
    const unindexed = await unindexedNotices(database, logstore, newFields);
    await database.checkpoint();
    const { counts, ...rest } = written;
    return {
      ...rest,
      run,
      fields: fields.map(({ name, type }) => {
        const { entries, misfits } = counts.get(name) ?? { entries: 0, misfits: 0 };
        return { name, type, isNew: newFields.includes(name), entries, misfits };
      }),
      createdIndex,
      notices: [...losses, ...misfitNotices(fields, counts), ...unindexed, ...notices],
    };
  } catch (cause) {
    // Where this fails as well, on a full disk say, the next open of the workspace deletes the run.
    await deleteRun(database, run).catch(() => undefined);
    throw cause;
  }
}

async function refuseRepeated(database: Database, logstore: Logstore, identityKey: string): Promise<void> {
  const run = await findCommittedRun(database, logstore.id, identityKey);
  if (run === null) return;
  const message = `The same files are in Logstore ${logstore.name} already, as run ${run}: load them again with --again if you want them twice`;
  throw new AppError('LOAD_REPEATED', message, { run, logstore: logstore.name });
}

interface Begun {
  readonly logstore: Logstore;
  readonly run: number;
  readonly fields: readonly StoredField[];
  readonly newFields: readonly string[];
}

/** Makes what the load needs, and marks it as under way, in one transaction: nothing may be written before its columns are. */
async function begin(
  database: Database,
  request: FilesRequest & Pick<StoredLoad, 'contents'>,
  plan: Plan,
  identityKey: string,
): Promise<Begun> {
  const { project } = request;
  const { target, proposed, given } = plan;
  const begun = await database.transaction(async (connection) => {
    const nowMs = Date.now();
    const projectId = await ensureProject(connection, project, nowMs);
    const wanted = { project, name: target.name, schema: target.schema, ttlDays: null, shards: 1 };
    const logstore =
      (await lookUpLogstore(connection, projectId, wanted)) ??
      (await insertLogstore(connection, projectId, wanted, nowMs));
    const before = await readFieldsIn(connection, logstore.id);
    const updates = mergeFields(before, proposed, given);
    const newFields = updates.map(({ name }) => name).filter((name) => !before.some((field) => field.name === name));
    if (newFields.length > 0) {
      const name = { project, logstore: target.name };
      await refuseRunning(connection, logstore.id, name, 'which so cannot have new fields');
    }
    await updateFields(connection, logstore.id, before, updates, logstore.schema === 'custom');
    const run = await beginRunIn(connection, {
      logstoreId: logstore.id,
      startedMs: nowMs,
      options: JSON.stringify({ ...request, opened: undefined, streams: undefined }),
      gateway: '{}',
      seed: 0,
      identityKey,
      isLoad: true,
    });
    return { logstore, run, fields: await readFieldsIn(connection, logstore.id), newFields };
  });
  await database.checkpoint();
  return begun;
}

interface Written extends Pick<Loaded, 'files' | 'entries' | 'badLines' | 'firstBadLines' | 'badValues'> {
  readonly counts: EntryRows['counts'];
}

async function write(
  database: Database,
  request: FilesRequest,
  { plan, logstore, run, fields }: Omit<Begun, 'newFields'> & { readonly plan: Plan },
  context: LoadContext,
): Promise<Written> {
  const names = new FieldNames();
  const route = await shardRoute(database, logstore.id, run);
  const { hashKey } = request;
  const place = { run, route, hashKey, timeField: plan.timeField, loadedSec: Math.floor(Date.now() / 1000) };
  const gateways = logstore.schema === 'session_log' ? new EntryGateways(database, names) : null;
  const writer = await LoadWriter.open(database, logstore.id);
  const files: Written['files'][number][] = [];
  const bad = new BadLines(database, run);
  try {
    const rows =
      gateways === null
        ? new EntryRows(writer, names, place, fields)
        : new SessionRows(writer, names, place, fields, gateways);
    await eachFile(request, 2, names, context, async (reader, onBatch) => {
      const before = rows.entries;
      rows.file = reader.path;
      while (await reader.next()) {
        await gateways?.find(reader.batch);
        await bad.keep(reader.path, [...reader.bad, ...appendEntries(reader, rows)]);
        await onBatch(rows.entries);
      }
      files.push({ path: reader.path, format: reader.format, entries: rows.entries - before });
    });
    writer.close();
    const badValues = rows instanceof SessionRows ? rows.badValues() : [];
    const { entries, counts } = rows;
    return { files, entries, badLines: bad.lines, firstBadLines: bad.first, badValues, counts };
  } catch (cause) {
    writer.abandon();
    throw cause;
  }
}

/** @returns those entries of the piece that was read that are none, and so were not appended */
function appendEntries({ batch }: EntryReader, rows: EntryRows): readonly BadRecord[] {
  const bad: BadRecord[] = [];
  for (let entry = 0; entry < batch.length; entry++) {
    const fault = rows.append(batch, entry);
    if (fault === null) continue;
    const text = batch.textOf(batch.starts[entry]!, batch.ends[entry]!);
    bad.push({ line: batch.lines[entry]!, lines: text.split('\n').length, text, fault });
  }
  return bad;
}
