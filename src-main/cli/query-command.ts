import { resolve } from 'node:path';
import { AppError } from '../contract/errors';
import type { ExportFormat } from '../contract/export';
import type { QueryReport, QueryRequest } from '../contract/ipc';
import { spelledField, type FieldSpelling } from '../contract/log-entry';
import { createAtomicFile, type AtomicFile } from '../engine/output/atomic-file';
import { metaPath, metaText } from '../engine/output/export-meta';
import { writePacked } from '../engine/output/export-writer';
import type { Context } from './context';
import { withEngine } from './engine-session';
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
    const { report, notes } = await writeAnswer(context, { text, format, options, files });
    if (files?.meta == null) await files?.rows.commit();
    else await files.rows.commitWith(files.meta);
    await context.out.flush();
    context.err.tell(summaryText(report, options.zone, files?.rows.path ?? null, notes));
  } catch (cause) {
    await files?.rows.discard();
    await files?.meta?.discard();
    throw cause;
  }
  return EXIT.done;
}

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
    if (format !== 'xlsx') return null;
    throw new AppError('OPTION_INVALID', 'A spreadsheet is a file: name it with --out FILE.xlsx', { format });
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
  readonly text: string;
  readonly format: RowFormat | ExportFormat;
  readonly options: QueryOptions;
  readonly files: QueryFiles | null;
}

async function writeAnswer(
  context: Context,
  { text, format, options, files }: AnswerTask,
): Promise<{ readonly report: QueryReport; readonly notes: readonly string[] }> {
  const { zone, spelling, neutraliseFormulas } = options;
  const gzip = options.gzip || (options.out?.endsWith('.gz') ?? false);
  const query = requestOf(text, options);
  return withEngine(
    context,
    options.workspace,
    async (engine) => {
      const answer = await writePacked(files?.rows ?? context.out, gzip, async (sink) => {
        const writer = createRowWriter(format, sink, { zone, neutraliseFormulas });
        const report = await engine.run('query:run', query, {
          onBatch: (batch) => writer.rows({ ...batch, columns: spelled(batch.columns, spelling) }),
        });
        const columns = spelled(report.columns, spelling);
        await writer.end(columns);
        return { report: { ...report, columns }, notes: writer.notes };
      });
      if (files?.meta == null || format === 'table') return answer;
      const { report, notes } = answer;
      const { project, logstore } = options;
      const sources = await engine.run('export:sources', { project, logstore, snapshot: report.snapshot });
      const notices = [...report.notices, ...notes.map((note) => ({ kind: 'info' as const, text: note }))];
      const request = { query, format, gzip, neutraliseFormulas };
      const bytes = files.rows.writtenBytes;
      await files.meta.write(
        metaText({ ...{ request, report, notices, bytes, sources, spelling }, nowMs: Date.now() }),
      );
      return answer;
    },
    { mustExist: true },
  );
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

function spelled<Column extends { readonly name: string }>(
  columns: readonly Column[],
  spelling: FieldSpelling,
): readonly Column[] {
  if (spelling === 'current') return columns;
  return columns.map((column) => ({ ...column, name: spelledField(column.name, spelling) }));
}

function createOutput(path: string): Promise<AtomicFile> {
  return createAtomicFile(path, refusedOutput(path));
}

function summaryText(report: QueryReport, zone: string, outPath: string | null, notes: readonly string[]): string {
  const rows = counted(report.rowCount, 'row');
  const facts = [
    outPath === null ? rows : `${rows} in ${outPath}`,
    report.range === null ? 'the log has no entries' : rangeText(report.range, zone),
  ];
  const lines = [facts.join(' · '), ...report.notices.map(({ text }) => text), ...notes];
  return `${lines.join('\n')}\n`;
}
