import { randomUUID } from 'node:crypto';
import { DEFAULT_MAX_EXPANSION, type ImportReport, type ImportRequest } from '../contract/imports';
import type { DeliveryScript, Fault } from '../contract/delivery';
import type { Notice } from '../contract/result-batch';
import { AppError } from '../contract/errors';
import { ensureLogstore, findLogstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { EntryWriter } from '../duckdb/entry-writer';
import { EventWriter } from '../duckdb/event-writer';
import type { DeliveryOutcome, RunDelivery } from '../duckdb/deliveries';
import { beginRun, commitRun, commitRunIn, deleteRun, type RunCapture, type RunEnd } from '../duckdb/import-runs';
import { settleEntries, type SettledWrite } from '../duckdb/undelivered';
import { DEFAULT_SCRIPT, readDeliveryScript } from '../delivery/read-script';
import { isIncomplete } from '../delivery/summary';
import { checkLogstoreName, checkProjectName } from '../logstore/names';
import { unindexedNotices } from './load/load-notices';
import { createRecommendedIndex } from './index-service';
import { chosenGateway } from './chosen-gateway';
import { keepCutOffRuns } from './cut-off-runs';
import { deliver } from './delivery-service';
import { declareExtraBytes } from './extra-byte-fields';
import { deliveryNotices } from './delivery-notices';
import type { CallContext } from './engine-calls';
import { onOneClock } from './capture-clocks';
import { surveyAgain, surveyCaptures, withoutLeftOut, type Survey } from './capture-survey';
import { cancelledImport } from './import-captures';
import {
  findImportedBefore,
  identityOf,
  refuseNothing,
  refuseSecondImport,
  type ImportedBefore,
} from './import-identity';
import { indexNotice, noticesOf, pipeNotices, writtenNotice } from './import-notices';
import type { ImportControl, Importer, TaskResult } from './importer';
import { writeLiveEntries } from './live-run';
import { runCaptures } from './read-captures';
import { ReplayClock } from './replay-clock';
import { Replays } from './replays';
import { clockNotices } from './side-notices';
import { runWriting, type RunPlace } from './run-writing';
import { tidyUp } from './tidy-up';
import { captureFacts } from './workspace-service';

export type ImportContext = Pick<CallContext<'import:run'>, 'signal' | 'emit' | 'passNoReturn'> &
  Partial<Pick<CallContext<'import:run'>, 'endOnCancel'>>;

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
 * Imports captures into a Logstore: all of them, or nothing that a query can see. Of a live import, a query sees the windows
 * that are sealed, and they are kept whatever happens.
 *
 * @param importer reads the captures, in this thread or in another
 * @param route of one gateway of several
 * @throws AppError CAPTURE_*, OPTION_INVALID, GATEWAY_INVALID, PROJECT_NOT_FOUND, LOGSTORE_NAME_INVALID, CAPTURE_ALREADY_IMPORTED, IMPORT_CANCELLED,
 * LEDGER_UNBALANCED, WORKSPACE_*
 */
export async function runImport(
  database: Database,
  request: ImportRequest,
  context: ImportContext,
  importer: Importer,
  { modifyingSec = 0, hasRole = true, commitLater, replays = new Replays(), shared }: ImportRoute = {},
): Promise<ImportReport> {
  const startMs = performance.now();
  refuseLostWorkspace(database);
  checkProjectName(request.project);
  checkLogstoreName(request.logstore);
  const { gateway } = chosenGateway(request);
  const script = scriptOf(request, hasRole);
  const { keepGoing, maxExpansion = DEFAULT_MAX_EXPANSION } = request;
  const { layer, again } = request;
  const clockOptions = { gateway, layer, maxExpansion };
  const survey = await onOneClock(await surveyOf(request, context.signal), clockOptions, context.signal);
  const identityKey = identityOf(survey, gateway, request.layer);
  const goOn = (): void => {
    if (context.signal.aborted) throw cancelledImport();
  };
  goOn();
  const logstore = await ensureLogstore(database, request.project, request.logstore, Date.now());
  goOn();
  const newFields = gateway.extraBytes === true ? await declareExtraBytes(database, logstore) : [];
  const createdIndex = request.createIndex && (await createRecommendedIndex(database, logstore));
  if (!request.again)
    await refuseSecondImport(database, logstore, { survey, gateway, layer: request.layer }, createdIndex);
  goOn();

  const run = await beginRun(database, {
    logstoreId: logstore.id,
    startedMs: Date.now(),
    options: JSON.stringify(request),
    gateway: JSON.stringify(gateway),
    seed: gateway.seed,
    identityKey,
  });
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
    replay: replayOf(request, shared),
  };
  const commit = commitLater ?? ((end: RunEnd): Promise<void> => commitRun(database, run, end));
  const { result, captures, skipped, notices, delivery } =
    request.live === true
      ? await importLiveRun(database, place, importer, context, { replays, shared })
      : await importRun(database, place, importer, context, (end) => commit(end, run));
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
      ...(await unindexedNotices(database, logstore, newFields)),
      ...deliveryNotices(run, delivery.windows.filter(isIncomplete)),
      ...(commitLater === undefined ? await tidyUp(database, logstore) : []),
    ],
  };
}

async function surveyOf(request: ImportRequest, signal: AbortSignal): Promise<Survey> {
  const { captures, keepGoing, again, maxExpansion = DEFAULT_MAX_EXPANSION } = request;
  const streams = new Map(request.streams?.map(({ capture, socketPath }) => [capture, socketPath]));
  const survey = await surveyCaptures(captures, { keepGoing, again, maxExpansion, streams }, signal);
  refuseNothing(survey);
  return survey;
}

/**
 * Looks for what would refuse an import when its turn has come. Nothing is changed.
 *
 * @returns null where there is nothing, or the captures are wanted again
 * @throws AppError as `runImport`
 */
export async function findImported(
  database: Database,
  request: ImportRequest,
  signal: AbortSignal,
): Promise<ImportedBefore | null> {
  const { gateway } = chosenGateway(request);
  const survey = await surveyOf(request, signal);
  const logstore = await findLogstore(database, request.project, request.logstore);
  if (request.again) return null;
  return findImportedBefore(database, logstore.id, { survey, gateway, layer: request.layer });
}

function scriptOf({ delivery }: ImportRequest, hasRole: boolean): DeliveryScript {
  const script = delivery === undefined ? DEFAULT_SCRIPT : readDeliveryScript(delivery);
  return hasRole ? script : { ...script, faults: [...script.faults, NO_ROLE] };
}

/** The account has no role that may write the logs. */
const NO_ROLE: Fault = {
  ...{ kind: 'role_revoked', from: { base: 'start', sec: 0 }, to: null },
  ...{ bytesPerMin: null, bytesPerSec: null, writesPerSec: null, shards: null, delaySec: null },
};

/** What an import is told that is one of several. */
export interface ImportRoute {
  /** Whether the account has a role that may write the log. Default true. */
  readonly hasRole?: boolean;
  /** Seconds of capture time for which nothing is delivered, as the destination is being changed. Default 0. */
  readonly modifyingSec?: number;
  /** Called when the run is full, in the place of committing it; `tidyUp` is left to the caller as well. Not for live ones. */
  readonly commitLater?: (end: RunEnd, run: number) => Promise<void>;
  /** Where a replay can be controlled while it goes on. */
  readonly replays?: Replays | undefined;
  readonly shared?: SharedImport | undefined;
}

/** What imports have in common that go on side by side, each through a gateway of its own. */
export interface SharedImport {
  /** Of a replay. */
  readonly clock: ReplayClock | null;
  /** Is told each run of a replay: the first that begins stands for all. */
  readonly begun: (run: number) => void;
  /** Ends all of them. */
  readonly stop: () => void;
  /** What one has to say that ends, where another one has failed. */
  readonly endedFor: () => readonly Notice[];
}

/** What came of a run. */
interface Imported {
  readonly result: TaskResult;
  readonly captures: readonly RunCapture[];
  readonly skipped: Survey['skipped'];
  readonly notices: readonly Notice[];
  readonly delivery: DeliveryOutcome;
}

/** Fills the run and commits it, or leaves nothing of it. */
async function importRun(
  database: Database,
  place: RunPlace,
  importer: Importer,
  context: ImportContext,
  commit: (end: RunEnd) => Promise<void>,
): Promise<Imported> {
  const { run } = place;
  try {
    const { result, delivery } = await writeEntries(database, place, importer, context);
    const { end, imported } = await runEnd(database, place, result, { delivery, more: [] });
    if (context.signal.aborted) throw cancelledImport();
    context.passNoReturn();
    await commit(end);
    return imported;
  } catch (cause) {
    // Where this fails as well, on a full disk say, the next open of the workspace deletes the run.
    await deleteRun(database, run).catch(() => undefined);
    throw cause;
  }
}

/** Fills the run and commits it; what was sealed before something failed is kept. */
async function importLiveRun(
  database: Database,
  place: RunPlace,
  importer: Importer,
  context: ImportContext,
  { replays, shared }: { readonly replays: Replays } & Pick<ImportRoute, 'shared'>,
): Promise<Imported> {
  const { run, replay } = place;
  context.endOnCancel?.();
  const stopping = new AbortController();
  const signal = AbortSignal.any([context.signal, stopping.signal]);
  const own = { captures: pathsOf(place.survey), stop: () => (shared?.stop ?? (() => stopping.abort()))() };
  const over = replay === null ? null : replays.begin(run, { clock: replay.clock, ...own });
  shared?.begun(run);
  try {
    const emit: ImportContext['emit'] = (name, payload) => context.emit(name, payload);
    const { result, basis, hasLate, losses } = await writeLiveEntries(database, place, importer, { signal, emit });
    if (result.captures.length === 0) throw cancelledImport();
    const { stored, events, lost } = deliver(basis);
    const delivery = { stored, events, undelivered: 0 };
    const { end, imported } = await runEnd(database, place, result, { delivery, more: shared?.endedFor() ?? [] });
    // Told to end, it has read a part of its captures, which may be imported as a whole.
    const known = signal.aborted ? { identityKey: randomUUID() } : {};
    const commitSettled: SettledWrite = async (connection, { merged, undelivered }) => {
      const logEntries = result.logEntries - merged;
      await commitRunIn(connection, run, { ...end, ...known, logEntries, delivery: { stored, events, undelivered } });
    };
    const at = { logstoreId: place.logstore.id, runId: run };
    // To bring all back that has not arrived takes memory, and is for the sake of corrections.
    const { merged } = hasLate
      ? await settleEntries(database, at, { lost, hasLate }, commitSettled)
      : await losses.settle(database, lost, commitSettled);
    return { ...imported, result: { ...result, logEntries: result.logEntries - merged } };
  } catch (cause) {
    const kept = await keepCutOffRuns(database, run).catch(() => 1);
    if (kept === 0) await deleteRun(database, run).catch(() => undefined);
    throw cause;
  } finally {
    over?.();
  }
}

function pathsOf({ captures }: Survey): readonly string[] {
  return captures.map(({ path }) => path);
}

function replayOf({ live, speed, playFrom }: ImportRequest, shared: ImportRoute['shared']): RunPlace['replay'] {
  if (live !== true || speed === undefined) return null;
  return { clock: shared?.clock ?? ReplayClock.begin(speed), from: playFrom ?? null };
}

async function runEnd(
  database: Database,
  place: RunPlace,
  result: TaskResult,
  { delivery, more }: { readonly delivery: RunDelivery; readonly more: readonly Notice[] },
): Promise<{ readonly end: RunEnd; readonly imported: Imported }> {
  const { logstore, run, gateway, layer, createdIndex } = place;
  const survey = await surveyRead(database, place, result);
  const read = {
    ...survey,
    captures: survey.captures.map((capture, at) => surveyAgain(capture, result.captures[at]?.fileBytes ?? 0)),
  };
  const captures = runCaptures(read, result);
  const { skipped } = survey;
  const written = read.captures.filter((capture, at) => capture !== survey.captures[at]);
  const notices = [
    ...(createdIndex ? [indexNotice(logstore)] : []),
    ...noticesOf(run, result, gateway),
    ...clockNotices(survey, result),
    ...pipeNotices(survey),
    ...written.map(writtenNotice),
    ...more,
  ];
  return {
    end: {
      finishedMs: Date.now(),
      logEntries: result.logEntries,
      windows: result.windows,
      packets: result.packets,
      identityKey: written.length + result.leftOut.length === 0 ? null : identityOf(read, gateway, layer),
      ledger: result.ledger,
      captures,
      positions: result.positions,
      details: result.details,
      skipped,
      notices,
      delivery,
    },
    imported: { result, captures, skipped, notices, delivery: delivery.stored.outcome },
  };
}

/** The survey without what was left out since: what is left may be nothing, or imported already. */
async function surveyRead(database: Database, place: RunPlace, { leftOut }: TaskResult): Promise<Survey> {
  if (leftOut.length === 0) return place.survey;
  const { logstore, gateway, layer, again, createdIndex } = place;
  const survey = withoutLeftOut(place.survey, leftOut);
  refuseNothing(survey);
  if (!again) await refuseSecondImport(database, logstore, { survey, gateway, layer }, createdIndex);
  return survey;
}

/** A database file that was deleted, or exchanged, while it was open took the run with it. */
function refuseLostWorkspace(database: Database): void {
  if (database.isInPlace()) return;
  const message = `${database.path} was removed or exchanged while it was open, and what it held is gone with it: start Natscope again, and import again`;
  throw new AppError('WORKSPACE_UNUSABLE', message, { path: database.path });
}

async function writeEntries(
  database: Database,
  place: RunPlace,
  importer: Importer,
  { signal, emit }: ImportContext,
): Promise<{ readonly result: TaskResult; readonly delivery: RunDelivery }> {
  const { logstore, run } = place;
  const { sinkOf, basis, arrived, names, task } = await runWriting(database, place);
  const writer = await EntryWriter.open(database, logstore.id);
  let events: EventWriter | null = null;
  try {
    events = await EventWriter.open(database, run, names);
    const control: ImportControl = {
      signal,
      onProgress: (progress) => {
        emit('import:progress', { ...progress, arrived: arrived() });
      },
      onTurnEnd: () => {
        writer.flushFrom(ROWS_PER_FLUSH);
        return writer.takeLoggedRows(ROWS_PER_CHECKPOINT) ? database.checkpoint() : null;
      },
    };
    const result = await importer(task, control, sinkOf(writer, events));
    writer.close();
    events.close();
    const { stored, events: attempts, lost } = deliver(basis());
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
