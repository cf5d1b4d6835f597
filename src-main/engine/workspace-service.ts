import type { CaptureFacts, ImportReport } from '../contract/imports';
import type { ImportFacts, LogstoreFacts, WorkspaceReport } from '../contract/workspace-report';
import { SESSION_LOG_FIELDS } from '../contract/log-entry';
import { listAllLogstores, type LogstoreEntries } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { readDigests } from '../duckdb/capture-digests';
import { readIncompleteWindows, readStoredDelivery } from '../duckdb/deliveries';
import type { RunCapture } from '../duckdb/import-runs';
import {
  capturesByRun,
  listCaptureDetails,
  listCaptures,
  listCommittedRuns,
  logRange,
  readLedger,
  visibleRuns,
  type CommittedRun,
} from '../duckdb/run-reads';
import { readIndex } from '../duckdb/index-rows';
import { runNotFound } from '../duckdb/run-origin';
import type { LogIndex } from '../query/log-relation';
import { deliveryNotices } from './delivery-notices';
import { logIndex, parseIndex } from './log-relation';
import type { MissingFiles } from './missing-files';
import { readStoredValues } from './open-log';

/** What the workspace holds. Captures on a disk that does not answer count as there, see `MissingFiles`. */
export async function readWorkspace(
  database: Database,
  missingFiles: MissingFiles,
  signal?: AbortSignal,
): Promise<WorkspaceReport> {
  const [logstores, runs, captures] = await Promise.all([
    listAllLogstores(database),
    listCommittedRuns(database),
    capturesByRun(database),
  ]);
  signal?.throwIfAborted();
  const capturesOf = (run: CommittedRun): readonly RunCapture[] => captures.get(run.run) ?? [];
  const [facts, missing] = await Promise.all([
    Promise.all(logstores.map((logstore) => logstoreFacts(database, logstore))),
    missingFiles.among(runs.flatMap((run) => capturesOf(run).map(({ path }) => path))),
  ]);
  return {
    workspace: database.workspaceDir,
    logstores: facts,
    imports: runs.map((run) => importFacts(run, capturesOf(run), missing)),
  };
}

async function logstoreFacts(database: Database, logstore: LogstoreEntries): Promise<LogstoreFacts> {
  const { id, project, name, entries } = logstore;
  const [{ config }, extent, values] = await Promise.all([
    readIndex(database, id),
    visibleRuns(database, id).then((runs) => logRange(database, id, runs)),
    readStoredValues(database, logstore),
  ]);
  return {
    project,
    name,
    entries,
    extent,
    fields: config === null ? null : fieldsOf(logIndex(values, parseIndex(config))),
  };
}

const MEANINGS = new Map<string, string>(SESSION_LOG_FIELDS.map(({ name, meaning }) => [name, meaning]));

function fieldsOf({ fields }: LogIndex): LogstoreFacts['fields'] {
  return fields.map(({ name, type }) => ({ name, type, meaning: MEANINGS.get(name) ?? '' }));
}

function importFacts(run: CommittedRun, captures: readonly RunCapture[], missing: ReadonlySet<string>): ImportFacts {
  return {
    run: run.run,
    project: run.project,
    logstore: run.logstore,
    instance: run.instance,
    finishedMs: run.finishedMs,
    captures: captures.map((capture) => ({ ...captureFacts(capture), isMissing: missing.has(capture.path) })),
    packets: run.packets,
    logEntries: run.logEntries,
    windows: run.windows,
    isGoingOn: run.isGoingOn,
    // An import that has losses is committed with a notice of them, and no other.
    hasLosses: run.undelivered > 0 || run.notices.some(({ kind }) => kind === 'losses'),
  };
}

/** What is shown of a capture of a run. */
export function captureFacts({ path, format, readBytes, packets, firstTime, lastTime }: RunCapture): CaptureFacts {
  return { path, format, fileBytes: readBytes, packets, firstTime, lastTime };
}

/**
 * What `import:run` reported of a run, from the catalogue. An index that was created then is told in the notices.
 *
 * @throws AppError RUN_NOT_FOUND when there is no committed run of that number
 */
export async function readImport(database: Database, runId: number): Promise<ImportReport> {
  const [run] = await listCommittedRuns(database, runId);
  const ledger = run === undefined ? null : await readLedger(database, runId);
  if (run === undefined || ledger === null) throw runNotFound(runId);
  const [captures, details, digests] = await Promise.all([
    listCaptures(database, runId),
    listCaptureDetails(database, runId),
    readDigests(database, runId),
  ]);
  return {
    run: runId,
    workspace: database.workspaceDir,
    project: run.project,
    logstore: run.logstore,
    captures: captures.map(captureFacts),
    described: captures.map(({ sizeBytes }, place) => ({
      storedBytes: sizeBytes,
      sha256: digests[place] ?? null,
      details: details[place] ?? null,
    })),
    skipped: run.skipped,
    ledger,
    logEntries: run.logEntries,
    windows: run.windows,
    seconds: (run.finishedMs - run.startedMs) / 1000,
    createdIndex: false,
    delivery: (await readStoredDelivery(database, runId))?.outcome.totals ?? null,
    notices: [...run.notices, ...deliveryNotices(runId, await readIncompleteWindows(database, runId))],
  };
}
