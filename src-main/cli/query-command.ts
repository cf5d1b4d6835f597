import { AppError } from '../contract/errors';
import type { StreamedFormat } from '../contract/export';
import type { QueryRequest } from '../contract/query';
import { withLittleMemory } from '../engine/little-memory';
import { metaText } from '../engine/output/export-meta';
import { refusePartitions, writePacked } from '../engine/output/export-writer';
import { spelledColumns } from '../engine/output/spelled-columns';
import { placeOf, type CommandPlace } from './command-output';
import type { Context } from './context';
import { withEngine, type EngineSession } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { runParquetQuery } from './parquet-query';
import { isPacked, requestOf, type QueryOptions } from './query-options';
import {
  commitOutputs,
  discardOutputs,
  openOutputs,
  summaryText,
  type Answer,
  type OpenOutputs,
} from './query-outputs';
import { createRowWriter, type RowFormat } from './row-writers';
import { chosenFormat } from './shared-options';

/**
 * Rows on standard output or in a file; what was searched and what must be known about it on standard error.
 *
 * @throws AppError OUTPUT_UNWRITABLE, OPTION_INVALID, WORKSPACE_*, QUERY_* and their like; ReaderGone
 */
export async function runQuery(context: Context, text: string, options: QueryOptions): Promise<ExitCode> {
  const format = chosenFormat(options);
  if (options.partitionBy !== undefined) refusePartitions(format);
  if (format === 'parquet') return runParquetQuery(context, text, options);
  const place = options.out === undefined ? null : await placeOf(context, options.out);
  // What is no file has the first rows already when a second try begins.
  if (place?.kind !== 'file') return writeQuery(context, text, options, { format, place });
  return withLittleMemory(
    (need) => writeQuery(context, text, options, { format, place }, { littleMemory: need !== 'all' }),
    'statement',
  );
}

interface Destination {
  readonly format: RowFormat | StreamedFormat;
  /** Null for standard output that was not asked for by name. */
  readonly place: CommandPlace | null;
}

async function writeQuery(
  context: Context,
  text: string,
  options: QueryOptions,
  { format, place }: Destination,
  bounds: Pick<QueryRequest, 'littleMemory'> = {},
): Promise<ExitCode> {
  // First of all, so that a query of minutes does not end at a folder that cannot be written.
  const outputs = await outputsOf(context, { format, place });
  try {
    const answer = await withEngine(
      context,
      options.workspace,
      (engine) => writeAnswer(context, { engine, text, format, options, outputs, bounds }),
      { mustExist: true },
    );
    if (outputs !== null) await commitOutputs(outputs);
    await context.out.flush();
    const where = outputs === null || place?.kind === 'standard' ? null : outputs.rows.path;
    context.err.tell(summaryText(answer, options.zone, where));
  } catch (cause) {
    if (outputs !== null) await discardOutputs(outputs);
    throw cause;
  }
  return EXIT.done;
}

async function outputsOf(context: Context, { format, place }: Destination): Promise<OpenOutputs | null> {
  if (place !== null) return openOutputs(context, place, format);
  if (format !== 'xlsx') return null;
  throw new AppError('OPTION_INVALID', 'A spreadsheet is a file: name it with --out FILE.xlsx', { format });
}

interface AnswerTask {
  readonly engine: EngineSession;
  readonly text: string;
  readonly format: RowFormat | StreamedFormat;
  readonly options: QueryOptions;
  readonly outputs: OpenOutputs | null;
  readonly bounds: Pick<QueryRequest, 'littleMemory'>;
}

async function writeAnswer(context: Context, task: AnswerTask): Promise<Answer> {
  const { engine, text, format, options, outputs, bounds } = task;
  const { zone, spelling, neutraliseFormulas, project, logstore } = options;
  const gzip = isPacked(options);
  // What is not a table has the offset of the zone behind each time.
  const query = {
    ...requestOf(text, options),
    ...(format === 'table' ? {} : { entryTime: true, times: 'instant' as const }),
  };
  const { report, notes } = await writePacked(outputs?.rows ?? context.out, gzip, async (sink) => {
    const writer = createRowWriter(format, sink, { zone, neutraliseFormulas });
    const report = await engine.run(
      'query:run',
      { ...query, ...bounds },
      {
        onBatch: (batch) => writer.rows({ ...batch, columns: spelledColumns(batch.columns, spelling) }),
      },
    );
    const columns = spelledColumns(report.columns, spelling);
    await writer.end(columns);
    return { report: { ...report, columns }, notes: writer.notes };
  });
  const notices = [...report.notices, ...notes.map((note) => ({ kind: 'info' as const, text: note }))];
  if (outputs?.meta == null || format === 'table') return { ...report, notices };
  const sources = await engine.run('export:sources', { project, logstore, snapshot: report.snapshot });
  const request = { query, format, gzip, neutraliseFormulas, spelling };
  const bytes = outputs.rows.writtenBytes;
  await outputs.meta.write(metaText({ ...{ request, report, notices, bytes, sources }, nowMs: Date.now() }));
  return { ...report, notices };
}
