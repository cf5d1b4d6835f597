import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type ErrorCode } from '../contract/errors';
import type { ExportReport, ExportRequest, StreamedFormat } from '../contract/export';
import type { QueryReport } from '../contract/ipc';
import { spelledField } from '../contract/log-entry';
import type { Notice } from '../contract/result-batch';
import { copyToParquet } from '../duckdb/copy-parquet';
import type { Database } from '../duckdb/database';
import { toWorkspaceError } from '../duckdb/workspace-error';
import { zoneOffset } from '../query/zone';
import { makeInnerFolder } from './inner-folder';
import { createAtomicFile, type AtomicFile } from './output/atomic-file';
import { metaPath, metaText } from './output/export-meta';
import { createExportWriter, noFormulas, writePacked } from './output/export-writer';
import { distinctNames } from './output/result-cells';
import { spelledColumns } from './output/spelled-columns';
import type { ByteSink } from './output/text-sink';
import { readExportSources } from './export-sources';
import { EXPORTS, exportsFolder } from './exports-folder';
import { answerQuery, runQuery } from './query-service';
import type { CallContext } from './engine-calls';

const PROGRESS_INTERVAL_MS = 100;
/** What may be wrong with the disk of the workspace; anything else is about the file of the export. */
const DISK_ERRORS: ReadonlySet<ErrorCode> = new Set(['WORKSPACE_FULL', 'WORKSPACE_READ_ONLY']);

/**
 * Writes all rows of a query into a file of its own in the workspace's `tmp/exports`, on the disk when this returns, and what
 * they are into another beside it, see `metaPath`. The rows come as fast as the disk takes them. A file of an export that
 * fails or is cancelled does not stay.
 *
 * @throws AppError as `runQuery`; OPTION_INVALID for an option that the format does not have; WORKSPACE_FULL,
 * WORKSPACE_READ_ONLY, OUTPUT_UNWRITABLE
 */
export async function runExport(
  database: Database,
  request: ExportRequest,
  context: ExportContext,
): Promise<ExportReport> {
  const { query, format, gzip = false } = request;
  const { workspaceDir } = database;
  return writeExport(workspaceDir, gzip ? `${format}.gz` : format, context.signal, async (output, file) => {
    const { report, notices } = await writeAnswer(database, request, output, context);
    const sources = await readExportSources(database, { ...query, snapshot: report.snapshot });
    const { rowCount, range } = report;
    const bytes = output.writtenBytes;
    const text = metaText({ ...{ request, report, notices, bytes, sources }, nowMs: Date.now() });
    const meta = await openOutput(workspaceDir, metaPath(output.path));
    try {
      await meta.write(text);
      await meta.commit();
    } catch (cause) {
      await meta.discard();
      throw cause;
    }
    return () => ({ file, bytes, rowCount, range, notices });
  });
}

type ExportContext = Pick<CallContext<'export:run'>, 'signal' | 'emit'>;

interface WrittenAnswer {
  readonly report: QueryReport;
  /** All of them, of the query and of the writer. */
  readonly notices: readonly Notice[];
}

async function writeAnswer(
  database: Database,
  request: ExportRequest,
  output: AtomicFile,
  context: ExportContext,
): Promise<WrittenAnswer> {
  const { format, spelling = 'current', gzip = false } = request;
  const { report, notices } =
    format === 'parquet'
      ? await writeParquet(database, request, output, context)
      : await writePacked(output, gzip, (sink) =>
          writeRows(database, { ...request, format }, { sink, writtenBytes: () => output.writtenBytes }, context),
        );
  return { report: { ...report, columns: spelledColumns(report.columns, spelling) }, notices };
}

/** The rows go from the database to the file by themselves. */
async function writeParquet(
  database: Database,
  request: ExportRequest,
  output: AtomicFile,
  { signal }: ExportContext,
): Promise<WrittenAnswer> {
  refuseForParquet(request);
  const { query, spelling = 'current' } = request;
  const { zone } = query;
  zoneOffset(zone);
  const nameColumns = (names: readonly string[]): readonly string[] =>
    distinctNames(
      names.map((name) => spelledField(name, spelling)),
      (name) => name.toLowerCase(),
    );
  const report = await answerQuery(database, query, signal, (statement, stop) =>
    output.writeBy((path) => copyToParquet(database, statement, { path, zone, nameColumns }, stop)),
  );
  return { report, notices: report.notices };
}

/** @throws AppError OPTION_INVALID */
function refuseForParquet({ gzip = false, neutraliseFormulas = false }: ExportRequest): void {
  if (neutraliseFormulas) throw noFormulas('parquet');
  if (!gzip) return;
  const message = 'Parquet is packed already, with zstd: leave gzip, and .gz at the end of the name, away';
  throw new AppError('OPTION_INVALID', message, { format: 'parquet' });
}

async function writeRows(
  database: Database,
  { query, format, neutraliseFormulas, spelling = 'current' }: ExportRequest & { readonly format: StreamedFormat },
  output: { readonly sink: ByteSink; readonly writtenBytes: () => number },
  { signal, emit }: ExportContext,
): Promise<WrittenAnswer> {
  const writer = createExportWriter(format, output.sink, { zone: query.zone, neutraliseFormulas });
  let rows = 0;
  let nextProgressMs = performance.now() + PROGRESS_INTERVAL_MS;
  const report = await runQuery(database, query, {
    signal,
    sendBatch: async (batch) => {
      await writer.rows({ ...batch, columns: spelledColumns(batch.columns, spelling) });
      rows += batch.rowCount;
      if (performance.now() < nextProgressMs) return;
      nextProgressMs = performance.now() + PROGRESS_INTERVAL_MS;
      emit('export:progress', { rows, bytes: output.writtenBytes() });
    },
  });
  await writer.end(spelledColumns(report.columns, spelling));
  return { report, notices: [...report.notices, ...writer.notes.map((text) => ({ kind: 'info' as const, text }))] };
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
    for (const each of [path, metaPath(path)]) await rm(each, { force: true }).catch(() => undefined);
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
