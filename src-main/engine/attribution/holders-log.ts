import type { AttributionRequest } from '../../contract/attribution';
import { AppError } from '../../contract/errors';
import { findLogstore, listDimensions, type Logstore } from '../../duckdb/catalogue';
import type { Database } from '../../duckdb/database';
import type { RunCapture } from '../../duckdb/import-runs';
import { capturesByRun, logRange, visibleRuns } from '../../duckdb/run-reads';
import type { LogExtent } from '../../query/time-range';
import { readGatewayChanges, type ChangesByRun } from './displacements';
import { readRunLosses, type RunLosses } from './answer-losses';
import { readWindowEdges, type EdgesByRun } from './window-edges';

/** What holds for all questions to a Logstore. */
export interface HoldersLog {
  readonly logstoreId: number;
  readonly runs: readonly number[];
  readonly extent: LogExtent | null;
  readonly captures: ReadonlyMap<number, readonly RunCapture[]>;
  /** What was lost, of runs that have lost something. */
  readonly losses: ReadonlyMap<number, RunLosses>;
  readonly changes: ChangesByRun;
  readonly edges: EdgesByRun;
  readonly instanceNames: ReadonlyMap<number, string>;
  readonly vpcNames: ReadonlyMap<number, string>;
}

/** @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, LOGSTORE_MISMATCH, RUN_NOT_FOUND, WORKSPACE_* */
export async function openHoldersLog(
  database: Database,
  { project, logstore, run }: Pick<AttributionRequest, 'project' | 'logstore' | 'run'>,
): Promise<HoldersLog> {
  const found = await findLogstore(database, project, logstore);
  if (found.schema !== 'session_log') throw noSessionLog(found);
  const { id, name } = found;
  const { committed, imports, maxRun, hidden } = await visibleRuns(database, id);
  if (run !== null && !committed.includes(run)) throw runMissing(run, name);
  const { instance, vpc_id } = await listDimensions(database);
  const runs = run === null ? committed : [run];
  const captures = await capturesByRun(database);
  return {
    logstoreId: id,
    runs,
    extent: await logRange(database, id, { maxRun, hidden }),
    captures: new Map(runs.map((each) => [each, captures.get(each) ?? []])),
    losses: await readRunLosses(database, runs, imports, captures),
    changes: await readGatewayChanges(database, id, runs),
    edges: await readWindowEdges(database, runs),
    instanceNames: new Map(instance.map((each) => [each.id, each.name])),
    vpcNames: new Map(vpc_id.map((each) => [each.id, each.name])),
  };
}

function runMissing(run: number, logstore: string): AppError {
  const message = `there is no import ${run} in Logstore ${logstore}: it was deleted, has not been finished, or is in another`;
  return new AppError('RUN_NOT_FOUND', message, { run });
}

function noSessionLog({ name, schema }: Logstore): AppError {
  const message = `Logstore ${name} has no session logs, which alone tell who was behind an address`;
  return new AppError('LOGSTORE_MISMATCH', message, { logstore: name, schema });
}
