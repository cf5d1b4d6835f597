import type { ResultBatch } from '../contract/result-batch';
import type { WindowsReport } from '../contract/windows';
import type { Context } from './context';
import { withEngine } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { counted } from './number-text';
import { createRowWriter, type RowFormat } from './row-writers';
import { writeStreamed } from './streamed-rows';
import { withTexts } from './text-columns';
import { nanosText } from './time-range-text';
import { chosenFormat } from './shared-options';

export interface WindowsOptions {
  readonly workspace?: string;
  readonly project: string;
  readonly logstore: string;
  readonly zone: string;
  readonly run?: number;
  readonly format: RowFormat;
  readonly json: boolean;
}

const NANOS_PER_SEC = 1_000_000_000n;

/**
 * The completeness marker of each window on standard output, and whether all are complete on standard error.
 *
 * @returns done, or done with losses when something is missing
 * @throws AppError RUN_NOT_FOUND, WORKSPACE_* and their like; ReaderGone
 */
export async function runWindows(context: Context, options: WindowsOptions): Promise<ExitCode> {
  const { workspace, project, logstore, zone, run = null } = options;
  const format = chosenFormat(options);
  const writer = createRowWriter(format, context.out);
  const shown = (batch: ResultBatch): ResultBatch => (format === 'table' ? withTimes(batch, zone) : batch);
  const report = await writeStreamed(writer, context.out, shown, (onBatch) =>
    withEngine(context, workspace, (engine) => engine.run('windows:read', { project, logstore, run }, { onBatch }), {
      mustExist: true,
    }),
  );
  context.err.tell(summaryText(report, writer.notes));
  return report.incomplete > 0 || report.unbalanced.length > 0 ? EXIT.doneWithLosses : EXIT.done;
}

/** Edges of windows as clocks of the zone show them. */
function withTimes({ rowCount, columns }: ResultBatch, zone: string): ResultBatch {
  const inNanos = columns.map((column) =>
    column.type === 'int64' && column.name.startsWith('window_')
      ? { ...column, name: `${column.name}_ns`, data: column.data.map((sec) => sec * NANOS_PER_SEC) }
      : column,
  );
  return withTexts({ rowCount, columns: inNanos }, { time: nanosText(zone), protocol: null });
}

function summaryText(
  { windows, incomplete, unbalanced, expired, notices }: WindowsReport,
  notes: readonly string[],
): string {
  const lines = [
    [counted(windows, 'window'), incomplete === 0 ? 'all complete' : `${incomplete} incomplete`].join(' · '),
    ...unbalanced.map((run) => `The windows of import ${run} do not add up to its ledger.`),
    ...expired.map(
      ({ run, entries }) => `${counted(entries, 'entry', 'entries')} of import ${run} are past the retention.`,
    ),
    ...notices.map(({ text }) => text),
    ...notes,
  ];
  return `${lines.join('\n')}\n`;
}
