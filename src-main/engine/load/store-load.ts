import { AppError } from '../../contract/errors';
import type { LoadReport } from '../../contract/logstore';
import { ensureProject, insertLogstore, lookUpLogstore, type Logstore } from '../../duckdb/catalogue';
import type { Database } from '../../duckdb/database';
import { refuseRunning } from '../../duckdb/delete-logstore';
import { beginRunIn, commitLoad, deleteRun } from '../../duckdb/import-runs';
import { noteMisfitsIn, readFieldsIn, updateFields } from '../../duckdb/log-fields';
import { LoadWriter } from '../../duckdb/load-writer';
import { findCommittedRun } from '../../duckdb/run-reads';
import { FieldNames } from '../../logstore/field-names';
import type { GivenSchema } from '../../logstore/read-schema';
import type { StoredField } from '../../logstore/schema';
import type { StoredLoad } from '../export-sources';
import { createRecommendedIndex, shardRoute } from '../index-service';
import { applyRetention } from '../retention-service';
import { BadLines } from './bad-lines';
import { cancelled, eachFile, type FilesRequest, type LoadContext } from './each-file';
import { EntryGateways } from './entry-gateways';
import { unreadable, type BadRecord, type EntryReader } from './entry-reader';
import { EntryRows } from './entry-rows';
import { contentsOf, identityOf } from './load-identity';
import { lossNotices, misfitNotices, misfitsOf, unindexedNotices } from './load-notices';
import { mergeFields, type LoadTarget } from './load-target';
import { SessionRows } from './session-rows';
import type { FilesSurvey, ProposedField } from './survey-files';

/** What a load will do, after its files were looked at. */
export interface Plan {
  readonly target: LoadTarget;
  readonly given: GivenSchema;
  readonly timeField: string | null;
  readonly proposed: readonly ProposedField[];
  readonly survey: FilesSurvey;
}

/** What of its report a load itself knows. */
export type Loaded = Pick<
  LoadReport,
  'run' | 'files' | 'fields' | 'entries' | 'badLines' | 'firstBadLines' | 'badValues' | 'createdIndex' | 'notices'
>;

/**
 * Stores the entries of files that were looked at: all of them, or nothing that a query can see.
 *
 * @throws AppError LOAD_REPEATED, LOAD_UNREADABLE, LOAD_CANCELLED, LOGSTORE_*, WORKSPACE_*
 */
export async function storeLoad(
  database: Database,
  request: FilesRequest,
  plan: Plan,
  context: LoadContext,
): Promise<Loaded> {
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
