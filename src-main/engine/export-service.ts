import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type ErrorCode } from '../contract/errors';
import type { ExportReport, ExportRequest, StreamedFormat } from '../contract/export';
import type { QueryReport } from '../contract/query';
import type { Notice } from '../contract/result-batch';
import type { Database } from '../duckdb/database';
import type { MemoryNeed } from '../duckdb/memory-limit';
import { toWorkspaceError } from '../duckdb/workspace-error';
import { makeInnerFolder } from './inner-folder';
import { createAtomicFile, type AtomicFile, type AtomicOutput } from './output/atomic-file';
import { createAtomicFolder } from './output/atomic-folder';
import { metaPath, metaText } from './output/export-meta';
import { createExportWriter, refusePartitions, writePacked } from './output/export-writer';
import type { RefusedFile } from './output/refused-file';
import { spelledColumns } from './output/spelled-columns';
import type { ByteSink } from './output/text-sink';
import { readExportSources } from './export-sources';
import { EXPORTS, exportsFolder } from './exports-folder';
import { withLittleMemory } from './little-memory';
import { writeParquet, type OnWritten } from './parquet-answer';
import { runQuery } from './query-service';
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
  const { format, gzip = false, partitionBy } = request;
  const { workspaceDir } = database;
  if (partitionBy !== undefined) refusePartitions(format);
  if (format !== 'parquet') {
    const write = (need: MemoryNeed): Promise<ExportReport> =>
      writeExport(workspaceDir, gzip ? `${format}.gz` : format, context.signal, async (output, file) => {
        const query = { ...request.query, littleMemory: need !== 'all' };
        const written = await writePacked(output, gzip, (sink) =>
          writeRows(
            database,
            { ...request, query, format },
            { sink, writtenBytes: () => output.writtenBytes },
            context,
          ),
        );
        return describeExport(database, request, { ...written, output, file });
      });
    return withLittleMemory(write, 'statement');
  }
  const create: CreateOutput<AtomicOutput> = partitionBy === undefined ? createAtomicFile : createAtomicFolder;
  const { signal, emit } = context;
  const onWritten = atMostTenASecond((progress) => emit('export:progress', progress));
  return writeOutput(
    workspaceDir,
    format,
    signal,
    async (output, file) => {
      const report = await writeParquet(database, request, output, signal, onWritten);
      return describeExport(database, request, { report, notices: report.notices, output, file });
    },
    create,
  );
}

type ExportContext = Pick<CallContext<'export:run'>, 'signal' | 'emit'>;

interface WrittenAnswer {
  readonly report: QueryReport;
  /** All of them, of the query and of the writer. */
  readonly notices: readonly Notice[];
}

/** Puts the description beside the place of the export. @returns what makes the answer */
async function describeExport(
  database: Database,
  request: ExportRequest,
  { report, notices, output, file }: WrittenAnswer & { readonly output: AtomicOutput; readonly file: string },
): Promise<() => ExportReport> {
  const { query, spelling = 'current' } = request;
  const sources = await readExportSources(database, { ...query, snapshot: report.snapshot });
  const { rowCount, range } = report;
  const bytes = output.writtenBytes;
  const spelled = { ...report, columns: spelledColumns(report.columns, spelling) };
  const text = metaText({ ...{ request, report: spelled, notices, bytes, sources }, nowMs: Date.now() });
  const meta = await openOutput(database.workspaceDir, metaPath(output.path), createAtomicFile);
  try {
    await meta.write(text);
    await meta.commit();
  } catch (cause) {
    await meta.discard();
    throw cause;
  }
  return () => ({ file, bytes, rowCount, range, notices });
}

async function writeRows(
  database: Database,
  { query, format, neutraliseFormulas, spelling = 'current' }: ExportRequest & { readonly format: StreamedFormat },
  output: { readonly sink: ByteSink; readonly writtenBytes: () => number },
  { signal, emit }: ExportContext,
): Promise<WrittenAnswer> {
  const writer = createExportWriter(format, output.sink, { zone: query.zone, neutraliseFormulas });
  let rows = 0;
  const onWritten = atMostTenASecond((progress) => emit('export:progress', progress));
  const report = await runQuery(
    database,
    { ...query, entryTime: true, times: 'instant' },
    {
      signal,
      sendBatch: async (batch) => {
        await writer.rows({ ...batch, columns: spelledColumns(batch.columns, spelling) });
        rows += batch.rowCount;
        onWritten({ rows, bytes: output.writtenBytes() });
      },
    },
  );
  await writer.end(spelledColumns(report.columns, spelling));
  return { report, notices: [...report.notices, ...writer.notes.map((text) => ({ kind: 'info' as const, text }))] };
}

function atMostTenASecond(emit: OnWritten): OnWritten {
  let nextMs = performance.now() + PROGRESS_INTERVAL_MS;
  return (progress) => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + PROGRESS_INTERVAL_MS;
    emit(progress);
  };
}

/** Makes what is written beside its place until it is complete. */
type CreateOutput<Output extends AtomicOutput> = (path: string, refuse: RefusedFile) => Promise<Output>;

/** As `writeOutput`, of a file. */
export function writeExport<T>(
  workspaceDir: string,
  extension: string,
  signal: AbortSignal,
  write: (output: AtomicFile, file: string) => Promise<() => T>,
): Promise<T> {
  return writeOutput(workspaceDir, extension, signal, write, createAtomicFile);
}

/**
 * Has a file or a folder of its own written in the workspace's `tmp/exports`, which is on the disk when this returns, or not
 * there at all.
 *
 * @param write writes all of it, and returns what makes the answer
 * @throws AppError QUERY_CANCELLED, WORKSPACE_FULL, WORKSPACE_READ_ONLY, OUTPUT_UNWRITABLE, and what `write` throws
 */
async function writeOutput<Output extends AtomicOutput, T>(
  workspaceDir: string,
  extension: string,
  signal: AbortSignal,
  write: (output: Output, file: string) => Promise<() => T>,
  create: CreateOutput<Output>,
): Promise<T> {
  const file = `${randomBytes(12).toString('hex')}.${extension}`;
  const path = join(exportsFolder(workspaceDir), file);
  const output = await openOutput(workspaceDir, path, create);
  try {
    const answer = await write(output, file);
    refuseCancelled(signal);
    await output.commit();
    // The sync of a large file takes long enough for a cancel.
    refuseCancelled(signal);
    return answer();
  } catch (cause) {
    await output.discard();
    for (const each of [path, metaPath(path)]) await rm(each, { recursive: true, force: true }).catch(() => undefined);
    throw cause;
  }
}

async function openOutput<Output extends AtomicOutput>(
  workspaceDir: string,
  path: string,
  create: CreateOutput<Output>,
): Promise<Output> {
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
  return create(path, refuse);
}

/** @throws AppError QUERY_CANCELLED */
export function refuseCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new AppError('QUERY_CANCELLED', 'The export was cancelled; nothing of it is kept');
}
