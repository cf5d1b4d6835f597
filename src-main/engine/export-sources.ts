import type { ExportSources, ExportSourcesRequest, LoadedFile, SourceCapture } from '../contract/export';
import { readDigests } from '../duckdb/capture-digests';
import { findLogstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { listCaptures, visibleRuns } from '../duckdb/run-reads';
import { readRunOptions, readRunOrigin } from '../duckdb/run-origin';
import { natscopeVersion } from './natscope-version';

/** What a load keeps of what it was asked for. */
export interface StoredLoad {
  readonly files?: readonly string[];
  /** By file. Absent from loads of older versions. */
  readonly contents?: readonly LoadedFile[];
}

/**
 * The imports that an answer rests on: their captures, by identity, and their gateways.
 *
 * @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, SNAPSHOT_GONE, RUN_NOT_FOUND, WORKSPACE_*
 */
export async function readExportSources(
  database: Database,
  { project, logstore, snapshot }: ExportSourcesRequest,
): Promise<ExportSources> {
  const { id } = await findLogstore(database, project, logstore);
  const { committed, imports: runs } = await visibleRuns(database, id, snapshot);
  const imports: { run: number; captures: readonly SourceCapture[] }[] = [];
  const runsByGateway = new Map<string, number[]>();
  for (const run of runs) {
    const { gateway } = await readRunOrigin(database, run);
    imports.push({ run, captures: await readCaptures(database, run) });
    runsByGateway.set(gateway, [...(runsByGateway.get(gateway) ?? []), run]);
  }
  const gateways = [...runsByGateway].map(([gateway, ofRuns]) => ({
    runs: ofRuns,
    // As `beginRun` wrote it.
    configuration: JSON.parse(gateway) as Readonly<Record<string, unknown>>,
  }));
  const loaded = committed.filter((run) => !runs.includes(run));
  const loads = await Promise.all(loaded.map(async (run) => ({ run, files: await readFiles(database, run) })));
  return { version: natscopeVersion(), imports, loads, gateways };
}

/** As the load kept them; of one of an older version, where they were. */
async function readFiles(database: Database, run: number): Promise<readonly LoadedFile[]> {
  const { files = [], contents } = JSON.parse(await readRunOptions(database, run)) as StoredLoad;
  return contents ?? files.map((path) => ({ path }));
}

async function readCaptures(database: Database, run: number): Promise<readonly SourceCapture[]> {
  const [captures, digests] = await Promise.all([listCaptures(database, run), readDigests(database, run)]);
  return captures.map(({ path, sizeBytes, headDigest, tailDigest }, place) => ({
    path,
    sizeBytes,
    sha256: digests[place] ?? null,
    headSha256: headDigest,
    tailSha256: tailDigest,
  }));
}
