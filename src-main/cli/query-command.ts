import { resolve } from 'node:path';
import type { QueryReport } from '../contract/ipc';
import { spelledField, type FieldSpelling } from '../contract/log-entry';
import { createAtomicFile, type AtomicFile } from '../engine/output/atomic-file';
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
  readonly format: RowFormat;
  readonly neutraliseFormulas: boolean;
  readonly out?: string;
  readonly json: boolean;
}

/**
 * Rows on standard output or in a file; what was searched and what must be known about it on standard error.
 *
 * @throws AppError OUTPUT_UNWRITABLE, OPTION_INVALID, WORKSPACE_*, QUERY_* and their like; ReaderGone
 */
export async function runQuery(context: Context, text: string, options: QueryOptions): Promise<ExitCode> {
  // First of all, so that a query of minutes does not end at a folder that cannot be written.
  const file = options.out === undefined ? null : await createOutput(resolve(context.io.cwd, options.out));
  try {
    const { zone, neutraliseFormulas } = options;
    const format = options.json ? 'json' : options.format;
    const writer = createRowWriter(format, file ?? context.out, { zone, neutraliseFormulas });
    const request = {
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
    const report = await withEngine(
      context,
      options.workspace,
      (engine) =>
        engine.run('query:run', request, {
          onBatch: (batch) => writer.rows({ ...batch, columns: spelled(batch.columns, options.spelling) }),
        }),
      { mustExist: true },
    );
    await writer.end(spelled(report.columns, options.spelling));
    await file?.commit();
    await context.out.flush();
    context.err.tell(summaryText(report, options.zone, file?.path ?? null, writer.notes));
  } catch (cause) {
    await file?.discard();
    throw cause;
  }
  return EXIT.done;
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
