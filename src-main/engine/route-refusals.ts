import { AppError, toErrorShape } from '../contract/errors';
import type { LogstoreName } from '../contract/logstore';
import type { ImportedBefore } from './import-identity';

/** A gateway that has some captures already. */
export interface ImportedThrough extends ImportedBefore {
  readonly gateway: string;
  readonly project: string;
  readonly logstore: string;
}

/**
 * @param left gateways that do not have them
 */
export function importedAlready(imported: readonly ImportedThrough[], left: readonly string[]): AppError {
  const [first] = imported;
  const places = imported.map(({ gateway, run, logstore }) => `${gateway} (run ${run}, Logstore ${logstore})`);
  const rest = left.length === 0 ? '' : `--gateway-id ${left.join(',')} imports through the others, and `;
  const some = imported.some(({ paths }) => paths === null) ? null : imported.flatMap(({ paths }) => paths ?? []);
  const files = [...new Set(some)];
  const message =
    `${files.length === 0 ? 'The same captures' : files.join(', ')} went through ${imported.length === 1 ? 'gateway' : 'gateways'} ${places.join(', ')} already, with the same options, ` +
    `so nothing was imported: ${rest}--again imports through all, if you want them twice`;
  const gateways = imported.map(({ gateway }) => gateway).join('\n');
  return new AppError('CAPTURE_ALREADY_IMPORTED', message, {
    run: first?.run ?? 0,
    project: first?.project ?? '',
    logstore: first?.logstore ?? '',
    gateways,
    left: left.join('\n'),
    ...(files[0] === undefined ? {} : { file: files[0], files: files.length }),
  });
}

export function notEnabled(gateway: string): AppError {
  const message = `gateway ${gateway} has no session log that is enabled: enable it, with natscope session-log enable ${gateway}`;
  return new AppError('SESSION_LOG_NOT_ENABLED', message, { gateway });
}

/** @param cause why the Logstore was not found; another error is what it is */
export function destinationMissing(gateway: string, { project, logstore }: LogstoreName, cause: unknown): unknown {
  const { code } = toErrorShape(cause);
  if (code !== 'PROJECT_NOT_FOUND' && code !== 'LOGSTORE_NOT_FOUND') return cause;
  const vendorCode = code === 'PROJECT_NOT_FOUND' ? 'ProjectNotExist' : 'LogStoreNotExist';
  const what = code === 'PROJECT_NOT_FOUND' ? `project ${project}` : `Logstore ${logstore} of project ${project}`;
  const message = `the session log of gateway ${gateway} goes to ${what}, which is not there (${vendorCode}), so nothing was imported`;
  return new AppError('DESTINATION_NOT_FOUND', message, { gateway, project, logstore, vendorCode }, { cause });
}
