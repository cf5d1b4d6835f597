import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AppError } from '../contract/errors';
import type { ExportFormat, StreamedFormat } from '../contract/export';
import type { QueryReport, QueryRequest } from '../contract/ipc';
import type { FieldSpelling } from '../contract/log-entry';
import { exportsFolder } from '../engine/exports-folder';
import { createAtomicFile, type AtomicFile } from '../engine/output/atomic-file';
import { metaPath, metaText } from '../engine/output/export-meta';
import { writePacked } from '../engine/output/export-writer';
import { spelledColumns } from '../engine/output/spelled-columns';
import type { Context } from './context';
import { withEngine, type EngineSession } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { counted } from './number-text';
import { refusedOutput } from './refused-output';
import { createRowWriter, type RowFormat } from './row-writers';
import { rangeText } from './time-range-text';

export interface QueryOptions {
  readonly workspace?: string;
  readonly project: string;
  readonly logstore: string;
  readonly from?: string;
  readonly to?: string;
  readonly zone: string;
  readonly limit?: number;
  readonly limits?: 'console';
  readonly reverse: boolean;
  /** Of the fields of entries, in what is written. */
  readonly spelling: FieldSpelling;
  /** Begin each row with the identity of its entry. */
  readonly ids: boolean;
  readonly format: RowFormat | ExportFormat;
  readonly neutraliseFormulas: boolean;
  /** Pack what is written; also asked for by the name of the file. */
  readonly gzip: boolean;
  readonly out?: string;
  readonly json: boolean;
}

/**
 * Rows on standard output or in a file; what was searched and what must be known about it on standard error.
 *
 * @throws AppError OUTPUT_UNWRITABLE, OPTION_INVALID, WORKSPACE_*, QUERY_* and their like; ReaderGone
 */
export async function runQuery(context: Context, text: string, options: QueryOptions): Promise<ExitCode> {
  const format = options.json ? 'json' : options.format;
  // First of all, so that a query of minutes does not end at a folder that cannot be written.
  const files = await openFiles(context, format, options.out);
  try {
    const answer = await withEngine(
      context,
      options.workspace,
      (engine) => {
        const task = { engine, text, options, files };
        return format === 'parquet' ? exportParquet(task) : writeAnswer(context, { ...task, format });
      },
      { mustExist: true },
    );
    if (files?.meta == null) await files?.rows.commit();
    else await files.rows.commitWith(files.meta);
    await context.out.flush();
    context.err.tell(summaryText(answer, options.zone, files?.rows.path ?? null));
  } catch (cause) {
    await files?.rows.discard();
    await files?.meta?.discard();
    throw cause;
  }
  return EXIT.done;
}

/** What standard output cannot have. */
const FILES_ALONE: ReadonlyMap<string, string> = new Map([
  ['xlsx', 'A spreadsheet'],
  ['parquet', 'Parquet'],
]);

interface QueryFiles {
  readonly rows: AtomicFile;
  /** What describes them; null for a table, which is for people. */
  readonly meta: AtomicFile | null;
}

async function openFiles(
  { io }: Context,
  format: RowFormat | ExportFormat,
  out: string | undefined,
): Promise<QueryFiles | null> {
  if (out === undefined) {
    const what = FILES_ALONE.get(format);
    if (what === undefined) return null;
    throw new AppError('OPTION_INVALID', `${what} is a file: name it with --out FILE.${format}`, { format });
  }
  const path = resolve(io.cwd, out);
  const rows = await createOutput(path);
  if (format === 'table') return { rows, meta: null };
  try {
    return { rows, meta: await createOutput(metaPath(path)) };
  } catch (cause) {
    await rows.discard();
    throw cause;
  }
}

interface AnswerTask {
  readonly engine: EngineSession;
  readonly text: string;
  readonly options: QueryOptions;
  readonly files: QueryFiles | null;
}

/** What is told of an answer. */
type Answer = Pick<QueryReport, 'rowCount' | 'range' | 'notices'>;

async function writeAnswer(
  context: Context,
  { engine, text, format, options, files }: AnswerTask & { readonly format: RowFormat | StreamedFormat },
): Promise<Answer> {
  const { zone, spelling, neutraliseFormulas, project, logstore } = options;
  const gzip = isPacked(options);
  const query = requestOf(text, options);
  const { report, notes } = await writePacked(files?.rows ?? context.out, gzip, async (sink) => {
    const writer = createRowWriter(format, sink, { zone, neutraliseFormulas });
    const report = await engine.run('query:run', query, {
      onBatch: (batch) => writer.rows({ ...batch, columns: spelledColumns(batch.columns, spelling) }),
    });
    const columns = spelledColumns(report.columns, spelling);
    await writer.end(columns);
    return { report: { ...report, columns }, notes: writer.notes };
  });
  const notices = [...report.notices, ...notes.map((note) => ({ kind: 'info' as const, text: note }))];
  if (files?.meta == null || format === 'table') return { ...report, notices };
  const sources = await engine.run('export:sources', { project, logstore, snapshot: report.snapshot });
  const request = { query, format, gzip, neutraliseFormulas, spelling };
  const bytes = files.rows.writtenBytes;
  await files.meta.write(metaText({ ...{ request, report, notices, bytes, sources }, nowMs: Date.now() }));
  return { ...report, notices };
}

/** Has the engine write the file and its description, and takes them out of the workspace, where they do not stay. */
async function exportParquet({ engine, text, options, files }: AnswerTask): Promise<Answer> {
  const { neutraliseFormulas, spelling } = options;
  const request = { format: 'parquet', gzip: isPacked(options), neutraliseFormulas, spelling } as const;
  const report = await engine.run('export:run', { ...request, query: requestOf(text, options) });
  const source = join(exportsFolder(engine.workspace), basename(report.file));
  try {
    await files?.rows.take(source);
    await files?.meta?.take(metaPath(source));
  } finally {
    for (const each of [source, metaPath(source)]) await rm(each, { force: true }).catch(() => undefined);
  }
  return report;
}

function isPacked({ gzip, out }: QueryOptions): boolean {
  return gzip || (out?.endsWith('.gz') ?? false);
}

function requestOf(text: string, options: QueryOptions): QueryRequest {
  return {
    text,
    project: options.project,
    logstore: options.logstore,
    from: options.from ?? null,
    to: options.to ?? null,
    zone: options.zone,
    limit: options.limit ?? null,
    offset: 0,
    reverse: options.reverse,
    ...(options.ids ? { entryIds: true } : {}),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    snapshot: null,
  };
}

function createOutput(path: string): Promise<AtomicFile> {
  return createAtomicFile(path, refusedOutput(path));
}

function summaryText({ rowCount, range, notices }: Answer, zone: string, outPath: string | null): string {
  const rows = counted(rowCount, 'row');
  const facts = [
    outPath === null ? rows : `${rows} in ${outPath}`,
    range === null ? 'the log has no entries' : rangeText(range, zone),
  ];
  const lines = [facts.join(' · '), ...notices.map(({ text }) => text)];
  return `${lines.join('\n')}\n`;
}
