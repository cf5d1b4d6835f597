import { createHash, randomUUID } from 'node:crypto';
import { AppError } from '../contract/errors';
import type { TunnelLayer } from '../contract/imports';
import type { Logstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { capturesByRun, findCommittedRun } from '../duckdb/run-reads';
import type { Gateway } from '../nat/gateway';
import { contentKey, fileKey, type FileIdentity, type Survey } from './capture-survey';

/**
 * The same captures, by content, through the same gateway at the same layer are the same import, wherever the files lie.
 * What a pipe will bring is like nothing before. Other gateways decide what packets are called that are in no entry, and that makes no
 * other import.
 */
export function identityOf({ captures }: Survey, gateway: Gateway, layer: TunnelLayer): string {
  const files = captures.map(({ file, isUnsteady }) => (isUnsteady === true ? null : file));
  return identityOfFiles(files, gateway, layer);
}

/** @param files null for one that is like nothing before */
function identityOfFiles(
  files: readonly (FileIdentity | null)[],
  { otherNetworks: _, ...gateway }: Gateway,
  layer: TunnelLayer,
): string {
  const contents = files.map((file) =>
    file === null ? [randomUUID()] : [file.sizeBytes, file.headDigest, file.tailDigest],
  );
  return createHash('sha256')
    .update(JSON.stringify([contents, gateway, layer]))
    .digest('hex');
}

/** Without one readable capture there is nothing to import, whatever is to be kept going. */
export function refuseNothing({ captures, skipped }: Survey): void {
  const [first] = skipped;
  if (captures.length > 0 || first === undefined) return;
  const message = `No capture can be read. ${skipped.map(({ message: why }) => why).join('. ')}`;
  throw new AppError(first.code, message, { file: first.path, files: skipped.length });
}

/** What is to be imported, as far as that decides whether it is imported already. */
export interface ImportIdentity {
  readonly survey: Survey;
  readonly gateway: Gateway;
  readonly layer: TunnelLayer;
}

/** An import that has the same captures, or some of them. */
export interface ImportedBefore {
  readonly run: number;
  /** Those of the captures that it has; null for all that it has, and no others. */
  readonly paths: readonly string[] | null;
}

/**
 * Looks for an import into a Logstore that has a capture of these with the same options: packets of it would count twice,
 * whatever else is imported beside it.
 */
export async function findImportedBefore(
  database: Database,
  logstoreId: number,
  { survey, gateway, layer }: ImportIdentity,
): Promise<ImportedBefore | null> {
  const same = await findCommittedRun(database, logstoreId, identityOf(survey, gateway, layer));
  if (same !== null) return { run: same, paths: null };
  const paths = new Map<string, string>();
  for (const capture of survey.captures) {
    const key = contentKey(capture);
    if (key !== null) paths.set(key, capture.path);
  }
  if (paths.size === 0) return null;
  for (const captures of (await capturesByRun(database)).values()) {
    const found = captures.flatMap((capture) => paths.get(fileKey(capture)) ?? []);
    if (found.length === 0) continue;
    // An import that was cut short, or whose captures were written to meanwhile, has the identity of no captures.
    const run = await findCommittedRun(database, logstoreId, identityOfFiles(captures, gateway, layer));
    if (run !== null) return { run, paths: found };
  }
  return null;
}

/**
 * @param createdIndex said along: the Logstore can be queried from now on
 * @throws AppError CAPTURE_ALREADY_IMPORTED
 */
export async function refuseSecondImport(
  database: Database,
  logstore: Logstore,
  identity: ImportIdentity,
  createdIndex: boolean,
): Promise<void> {
  const before = await findImportedBefore(database, logstore.id, identity);
  if (before === null) return;
  const { run, paths } = before;
  const where = `in Logstore ${logstore.name} already, with the same options, as run ${run}`;
  const index = createdIndex ? '. The index that the Logstore lacked was created: it can be queried now' : '';
  const detail = { run, project: logstore.project, logstore: logstore.name, createdIndex };
  if (paths === null) {
    const message = `The same captures are ${where}: import again with --again if you want them twice${index}`;
    throw new AppError('CAPTURE_ALREADY_IMPORTED', message, detail);
  }
  const are = paths.length === 1 ? 'is' : 'are';
  const message = `${paths.join(', ')} ${are} ${where}: leave out what is there, or import with --again if you want it twice${index}`;
  throw new AppError('CAPTURE_ALREADY_IMPORTED', message, { ...detail, file: paths[0] ?? null, files: paths.length });
}
