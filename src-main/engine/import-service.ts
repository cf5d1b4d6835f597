import { createHash, randomUUID } from 'node:crypto';
import { DEFAULT_MAX_EXPANSION, type ImportReport, type ImportRequest, type TunnelLayer } from '../contract/ipc';
import type { DeliveryScript } from '../contract/delivery';
import type { Notice } from '../contract/result-batch';
import { AppError, toErrorShape } from '../contract/errors';
import { ensureGateway, ensureLogstore, type Logstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { EntryWriter } from '../duckdb/entry-writer';
import { EventWriter, type EventNames } from '../duckdb/event-writer';
import type { DeliveryOutcome, RunDelivery } from '../duckdb/deliveries';
import { beginRun, commitRun, deleteRun, findCommittedRun, type RunCapture } from '../duckdb/import-runs';
import { settleEntries } from '../duckdb/undelivered';
import { LogGroups } from '../delivery/log-groups';
import { DEFAULT_SCRIPT, readDeliveryScript } from '../delivery/read-script';
import { isIncomplete } from '../delivery/summary';
import { checkLogstoreName, checkProjectName } from '../logstore/names';
import { entriesOfAllTimes, translatedAddresses } from '../nat/configure-emulator';
import type { Gateway } from '../nat/gateway';
import { applyRetention } from './retention-service';
import { createRecommendedIndex, shardRoute } from './index-service';
import { chosenGateway } from './chosen-gateway';
import { deliver, targetShards } from './delivery-service';
import { deliveryNotices } from './delivery-notices';
import type { CallContext } from './engine-calls';
import { surveyAgain, surveyCaptures, withoutLeftOut, type Survey } from './capture-survey';
import { cancelledImport, type ImportResult } from './import-captures';
import { indexNotice, noticesOf, pipeNotices, writtenNotice } from './import-notices';
import type { Importer, TaskResult } from './importer';
import { formatTime } from './time-text';
import { captureFacts } from './workspace-service';

export type ImportContext = Pick<CallContext<'import:run'>, 'signal' | 'emit' | 'passNoReturn'>;

/**
 * Rows that are flushed at once while others are to have their turn: some 30 ms. DuckDB by itself flushes 204,800, which is
 * a third cheaper and takes a quarter of a second.
 */
const ROWS_PER_FLUSH = 16_384;
/**
 * Rows that the write-ahead log is given before it is moved into the file, beside other calls. DuckDB does so by itself at
 * some 1.2 million, see `checkpoint_threshold`, but within a flush, which all calls have to wait for.
 */
const ROWS_PER_CHECKPOINT = 800_000;

/**
 * Imports captures into a Logstore: all of them, or nothing that a query can see.
 *
 * @param importer reads the captures, in this thread or in another
 * @param modifyingSec seconds of capture time for which nothing is delivered, as the destination is being changed
 * @throws AppError CAPTURE_*, OPTION_INVALID, GATEWAY_INVALID, PROJECT_NOT_FOUND, LOGSTORE_NAME_INVALID, CAPTURE_ALREADY_IMPORTED, IMPORT_CANCELLED,
 * LEDGER_UNBALANCED, WORKSPACE_*
 */
export async function runImport(
  database: Database,
  request: ImportRequest,
  context: ImportContext,
  importer: Importer,
  modifyingSec = 0,
): Promise<ImportReport> {
  const startMs = performance.now();
  refuseLostWorkspace(database);
  checkProjectName(request.project);
  checkLogstoreName(request.logstore);
  const { gateway } = chosenGateway(request);
  const script = request.delivery === undefined ? DEFAULT_SCRIPT : readDeliveryScript(request.delivery);
  const { keepGoing, maxExpansion = DEFAULT_MAX_EXPANSION } = request;
  const streams = new Map(request.streams?.map(({ capture, socketPath }) => [capture, socketPath]));
  const survey = await surveyCaptures(request.captures, { keepGoing, maxExpansion, streams }, context.signal);
  refuseNothing(survey);
  const identityKey = identityOf(survey, gateway, request.layer);
  const goOn = (): void => {
    if (context.signal.aborted) throw cancelledImport();
  };
  goOn();
  const logstore = await ensureLogstore(database, request.project, request.logstore, Date.now());
  goOn();
  const createdIndex = request.createIndex && (await createRecommendedIndex(database, logstore));
  if (!request.again) await refuseSecondImport(database, logstore, identityKey, createdIndex);
  goOn();

  const run = await beginRun(database, {
    logstoreId: logstore.id,
    startedMs: Date.now(),
    options: JSON.stringify(request),
    gateway: JSON.stringify(gateway),
    seed: gateway.seed,
    identityKey,
  });
  const { layer, again } = request;
  const place = {
    logstore,
    run,
    gateway,
    script,
    modifyingSec,
    layer,
    maxExpansion,
    keepGoing,
    again,
    survey,
    createdIndex,
  };
  const { result, captures, skipped, notices, delivery } = await importRun(database, place, importer, context);
  refuseLostWorkspace(database);
  return {
    run,
    workspace: database.workspaceDir,
    project: logstore.project,
    logstore: logstore.name,
    captures: captures.map(captureFacts),
    described: captures.map(({ sizeBytes }, place) => ({
      storedBytes: sizeBytes,
      sha256: null,
      details: result.details[place] ?? null,
    })),
    skipped,
    ledger: result.ledger,
    logEntries: result.logEntries,
    windows: result.windows,
    seconds: (performance.now() - startMs) / 1000,
    createdIndex,
    delivery: delivery.totals,
    notices: [
      ...notices,
      ...deliveryNotices(run, delivery.windows.filter(isIncomplete)),
      ...(await applyRetention(database, logstore)).notices,
      ...(await tidyUp(database)),
    ],
  };
}

/** What is imported, and where to. */
interface RunPlace {
  readonly logstore: Logstore;
  readonly run: number;
  readonly gateway: Gateway;
  readonly script: DeliveryScript;
  readonly modifyingSec: number;
  readonly layer: TunnelLayer;
  readonly maxExpansion: number;
  readonly keepGoing: boolean;
  readonly again: boolean;
  readonly survey: Survey;
  readonly createdIndex: boolean;
}

/** Fills the run and commits it, or leaves nothing of it. */
async function importRun(
  database: Database,
  place: RunPlace,
  importer: Importer,
  context: ImportContext,
): Promise<{
  readonly result: TaskResult;
  readonly captures: readonly RunCapture[];
  readonly skipped: Survey['skipped'];
  readonly notices: readonly Notice[];
  readonly delivery: DeliveryOutcome;
}> {
  const { logstore, run, gateway, layer, createdIndex } = place;
  try {
    const { result, delivery } = await writeEntries(database, place, importer, context);
    const survey = await surveyRead(database, place, result);
    const read = {
      ...survey,
      captures: survey.captures.map((capture, at) => surveyAgain(capture, result.captures[at]?.fileBytes ?? 0)),
    };
    const captures = runCaptures(read, result);
    const written = read.captures.filter((capture, at) => capture !== survey.captures[at]);
    const notices = [
      ...(createdIndex ? [indexNotice(logstore)] : []),
      ...noticesOf(run, result, gateway),
      ...pipeNotices(survey),
      ...written.map(writtenNotice),
    ];
    if (context.signal.aborted) throw cancelledImport();
    context.passNoReturn();
    await commitRun(database, run, {
      finishedMs: Date.now(),
      logEntries: result.logEntries,
      windows: result.windows,
      packets: result.packets,
      identityKey: written.length + result.leftOut.length === 0 ? null : identityOf(read, gateway, layer),
      ledger: result.ledger,
      captures,
      positions: result.positions,
      details: result.details,
      skipped: survey.skipped,
      notices,
      delivery,
    });
    return { result, captures, skipped: survey.skipped, notices, delivery: delivery.stored.outcome };
  } catch (cause) {
    // Where this fails as well, on a full disk say, the next open of the workspace deletes the run.
    await deleteRun(database, run).catch(() => undefined);
    throw cause;
  }
}

/** The survey without what was left out since: what is left may be nothing, or imported already. */
async function surveyRead(database: Database, place: RunPlace, { leftOut }: TaskResult): Promise<Survey> {
  if (leftOut.length === 0) return place.survey;
  const { logstore, gateway, layer, again, createdIndex } = place;
  const survey = withoutLeftOut(place.survey, leftOut);
  refuseNothing(survey);
  if (!again) await refuseSecondImport(database, logstore, identityOf(survey, gateway, layer), createdIndex);
  return survey;
}

/** The run is committed: that the log of writes could not be moved into the file takes nothing away from it. */
async function tidyUp(database: Database): Promise<Notice[]> {
  try {
    await database.checkpoint();
    return [];
  } catch (cause) {
    return [
      { kind: 'info', text: `The import is kept, but its write-ahead log stays: ${toErrorShape(cause).message}.` },
    ];
  }
}

/** A database file that was deleted, or exchanged, while it was open took the run with it. */
function refuseLostWorkspace(database: Database): void {
  if (database.isInPlace()) return;
  const message = `${database.path} was removed or exchanged while it was open, and what it held is gone with it: start Natscope again, and import again`;
  throw new AppError('WORKSPACE_UNUSABLE', message, { path: database.path });
}

async function writeEntries(
  database: Database,
  { logstore, run, gateway, script, modifyingSec, layer, maxExpansion, keepGoing, survey }: RunPlace,
  importer: Importer,
  { signal, emit }: ImportContext,
): Promise<{ readonly result: TaskResult; readonly delivery: RunDelivery }> {
  const { instanceId, vpcId } = await ensureGateway(database, gateway.instance, gateway.vpcId);
  const constants = { runId: run, instanceId, vpcId };
  const shards = await targetShards(database, logstore.id, gateway.instance);
  const route = await shardRoute(database, logstore.id, run);
  const { windowSec } = gateway;
  const groups = new LogGroups(windowSec, gateway);
  const writer = await EntryWriter.open(database, logstore.id);
  let events: EventWriter | null = null;
  try {
    events = await EventWriter.open(database, run, eventNames(gateway));
    const eventWriter = events;
    const captures = survey.captures.map(({ path, file, socketPath, firstSec, firstNsec }) => {
      return { path, sizeBytes: file?.sizeBytes ?? null, socketPath, firstSec, firstNsec };
    });
    const result = await importer(
      { captures, gateway, layer, maxExpansion, keepGoing },
      {
        signal,
        onProgress: (progress) => {
          emit('import:progress', progress);
        },
        onTurnEnd: () => {
          writer.flushFrom(ROWS_PER_FLUSH);
          return writer.takeLoggedRows(ROWS_PER_CHECKPOINT) ? database.checkpoint() : null;
        },
      },
      {
        // One shard for all of a batch, so that no row has to be looked at.
        entries: (batch) => {
          writer.append(batch, { ...constants, shardId: route.balanced(batch.entryNo[0] ?? 0) });
          groups.add(batch);
        },
        events: (batch) => eventWriter.append(batch),
      },
    );
    writer.close();
    eventWriter.close();
    const basis = { windowSec, modifyingSec, script, shards, groups: groups.groups };
    const { stored, events: attempts, lost } = deliver(basis);
    const hasLate = writer.lateRows > 0;
    const at = { logstoreId: logstore.id, runId: run };
    const { merged, undelivered } =
      hasLate || lost.length > 0 ? await settleEntries(database, at, { lost, hasLate }) : { merged: 0, undelivered: 0 };
    return {
      result: { ...result, logEntries: result.logEntries - merged },
      delivery: { stored, events: attempts, undelivered },
    };
  } catch (cause) {
    writer.abandon();
    events?.abandon();
    throw cause;
  }
}

function eventNames(gateway: Gateway): EventNames {
  return {
    snatEntries: entriesOfAllTimes(gateway).map(({ id }) => id),
    natAddresses: translatedAddresses(gateway).map(({ natIp }) => natIp),
  };
}

/**
 * The same captures, by content, through the same gateway at the same layer are the same import, wherever the files lie.
 * What a pipe will bring is like nothing before.
 */
function identityOf({ captures }: Survey, gateway: Gateway, layer: TunnelLayer): string {
  const contents = captures.map(({ file, isUnsteady }) =>
    file === null || isUnsteady === true ? [randomUUID()] : [file.sizeBytes, file.headDigest, file.tailDigest],
  );
  return createHash('sha256')
    .update(JSON.stringify([contents, gateway, layer]))
    .digest('hex');
}

/** Without one readable capture there is nothing to import, whatever is to be kept going. */
function refuseNothing({ captures, skipped }: Survey): void {
  const [first] = skipped;
  if (captures.length > 0 || first === undefined) return;
  throw new AppError(first.code, `No capture can be read. ${first.message}`, { file: first.path });
}

/** @param createdIndex said along: the Logstore can be queried from now on */
async function refuseSecondImport(
  database: Database,
  logstore: Logstore,
  identityKey: string,
  createdIndex: boolean,
): Promise<void> {
  const run = await findCommittedRun(database, logstore.id, identityKey);
  if (run === null) return;
  throw new AppError(
    'CAPTURE_ALREADY_IMPORTED',
    `The same captures are in Logstore ${logstore.name} already, with the same options, as run ${run}: ` +
      'import again with --again if you want them twice' +
      (createdIndex ? '. The index that the Logstore lacked was created: it can be queried now' : ''),
    { run, logstore: logstore.name, createdIndex },
  );
}

function runCaptures({ captures }: Survey, result: TaskResult): readonly RunCapture[] {
  return result.captures.map((facts, place) => runCapture(facts, captures[place], result.pipes[place]));
}

function runCapture(
  facts: ImportResult['captures'][number],
  surveyed: Survey['captures'][number] | undefined,
  pipe: TaskResult['pipes'][number] | undefined,
): RunCapture {
  const stored = surveyed?.file ?? (pipe ? { ...pipe, modifiedMs: Date.now() } : null);
  if (stored === null) throw new RangeError(`${facts.path} was imported without a survey`);
  return {
    path: facts.path,
    sizeBytes: stored.sizeBytes,
    mtimeMs: stored.modifiedMs,
    headDigest: stored.headDigest,
    tailDigest: stored.tailDigest,
    format: facts.format,
    openedAtTime: timeOf(surveyed),
    endTime: facts.endTime,
    firstTime: facts.firstTime,
    lastTime: facts.lastTime,
    readBytes: facts.fileBytes,
    packets: facts.packets,
  };
}

/** Of the first packets of a file; null for a pipe, which is opened first, and for a file without any. */
function timeOf(surveyed: Survey['captures'][number] | undefined): string | null {
  if (surveyed === undefined || surveyed.file === null || surveyed.firstSec === null) return null;
  return formatTime(surveyed.firstSec, surveyed.firstNsec);
}
