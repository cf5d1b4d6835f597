import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type ErrorCode } from '../contract/errors';
import type { ExportReport, ExportRequest } from '../contract/export';
import type { Database } from '../duckdb/database';
import { toWorkspaceError } from '../duckdb/workspace-error';
import { makeInnerFolder } from './inner-folder';
import { createAtomicFile, type AtomicFile } from './output/atomic-file';
import { createExportWriter } from './output/export-writer';
import { EXPORTS, exportsFolder } from './exports-folder';
import { runQuery } from './query-service';
import type { CallContext } from './engine-calls';

const PROGRESS_INTERVAL_MS = 100;
/** What may be wrong with the disk of the workspace; anything else is about the file of the export. */
const DISK_ERRORS: ReadonlySet<ErrorCode> = new Set(['WORKSPACE_FULL', 'WORKSPACE_READ_ONLY']);

/**
 * Writes all rows of a query into a file of its own in the workspace's `tmp/exports`, on the disk when this returns. The
 * rows come as fast as the disk takes them. A file of an export that fails or is cancelled does not stay.
 *
 * @throws AppError as `runQuery`; OPTION_INVALID for an option that the format does not have; WORKSPACE_FULL,
 * WORKSPACE_READ_ONLY, OUTPUT_UNWRITABLE
 */
export async function runExport(
  database: Database,
  { query, format, ...options }: ExportRequest,
  { signal, emit }: Pick<CallContext<'export:run'>, 'signal' | 'emit'>,
): Promise<ExportReport> {
  return writeExport(database.workspaceDir, format, signal, async (output, file) => {
    const writer = createExportWriter(format, output, { zone: query.zone, ...options });
    let rows = 0;
    let nextProgressMs = performance.now() + PROGRESS_INTERVAL_MS;
    const report = await runQuery(database, query, {
      signal,
      sendBatch: async (batch) => {
        await writer.rows(batch);
        rows += batch.rowCount;
        if (performance.now() < nextProgressMs) return;
        nextProgressMs = performance.now() + PROGRESS_INTERVAL_MS;
        emit('export:progress', { rows, bytes: output.writtenBytes });
      },
    });
    await writer.end(report.columns);
    const notices = [...report.notices, ...writer.notes.map((text) => ({ kind: 'info' as const, text }))];
    return () => ({ file, bytes: output.writtenBytes, rowCount: report.rowCount, notices });
  });
}

/**
 * Has a file of its own written in the workspace's `tmp/exports`, which is on the disk when this returns, or not there at
 * all.
 *
 * @param write writes all of it, and returns what makes the answer
 * @throws AppError QUERY_CANCELLED, WORKSPACE_FULL, WORKSPACE_READ_ONLY, OUTPUT_UNWRITABLE, and what `write` throws
 */
export async function writeExport<T>(
  workspaceDir: string,
  extension: string,
  signal: AbortSignal,
  write: (output: AtomicFile, file: string) => Promise<() => T>,
): Promise<T> {
  const file = `${randomBytes(12).toString('hex')}.${extension}`;
  const path = join(exportsFolder(workspaceDir), file);
  const output = await openOutput(workspaceDir, path);
  try {
    const answer = await write(output, file);
    refuseCancelled(signal);
    await output.commit();
    // The sync of a large file takes long enough for a cancel.
    refuseCancelled(signal);
    return answer();
  } catch (cause) {
    await output.discard();
    await rm(path, { force: true }).catch(() => undefined);
    throw cause;
  }
}

async function openOutput(workspaceDir: string, path: string): Promise<AtomicFile> {
  const refuse = (why: string, cause?: unknown): Error => {
    const known = toWorkspaceError(cause, path);
    if (known instanceof AppError && DISK_ERRORS.has(known.code)) return known;
    const message = `The export cannot be written to ${path} (${why}): check the disk of the workspace`;
    return new AppError('OUTPUT_UNWRITABLE', message, { file: path, why }, { cause });
  };
  try {
    await makeInnerFolder(workspaceDir, ...EXPORTS);
  } catch (cause) {
    throw refuse((cause as NodeJS.ErrnoException).code ?? 'unknown', cause);
  }
  return createAtomicFile(path, refuse);
}

/** @throws AppError QUERY_CANCELLED */
export function refuseCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new AppError('QUERY_CANCELLED', 'The export was cancelled; nothing of it is kept');
}
