import { createHash, randomUUID } from 'node:crypto';
import { AppError } from '../contract/errors';
import type { TunnelLayer } from '../contract/imports';
import type { Logstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { findCommittedRun } from '../duckdb/run-reads';
import type { Gateway } from '../nat/gateway';
import type { Survey } from './capture-survey';

/**
 * The same captures, by content, through the same gateway at the same layer are the same import, wherever the files lie.
 * What a pipe will bring is like nothing before. Other gateways decide what packets are called that are in no entry, and that
 * makes no other import.
 */
export function identityOf(
  { captures }: Survey,
  { otherNetworks: _, ...gateway }: Gateway,
  layer: TunnelLayer,
): string {
  const contents = captures.map(({ file, isUnsteady }) =>
    file === null || isUnsteady === true ? [randomUUID()] : [file.sizeBytes, file.headDigest, file.tailDigest],
  );
  return createHash('sha256')
    .update(JSON.stringify([contents, gateway, layer]))
    .digest('hex');
}

/** Without one readable capture there is nothing to import, whatever is to be kept going. */
export function refuseNothing({ captures, skipped }: Survey): void {
  const [first] = skipped;
  if (captures.length > 0 || first === undefined) return;
  throw new AppError(first.code, `No capture can be read. ${first.message}`, { file: first.path });
}

/** @param createdIndex said along: the Logstore can be queried from now on */
export async function refuseSecondImport(
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
    { run, project: logstore.project, logstore: logstore.name, createdIndex },
  );
}
