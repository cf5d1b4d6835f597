import type { EntryContext } from '../contract/entry-context';
import type { EntryId } from '../contract/log-entry';
import type { Context } from './context';
import { withEngine } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { counted } from './number-text';
import { createRowWriter, type RowFormat } from './row-writers';
import { chosenFormat } from './shared-options';

export interface ContextOptions {
  readonly same: EntryContext;
  readonly back: number;
  readonly forward: number;
  readonly workspace?: string;
  readonly project: string;
  readonly logstore: string;
  readonly format: RowFormat;
  readonly json: boolean;
}

/**
 * The entries around one on standard output, oldest first; how many on standard error.
 *
 * @throws AppError ENTRY_NOT_FOUND, OPTION_INVALID, WORKSPACE_*, QUERY_* and their like; ReaderGone
 */
export async function runContext(context: Context, entry: EntryId, options: ContextOptions): Promise<ExitCode> {
  const { same, back, forward, project, logstore } = options;
  const writer = createRowWriter(chosenFormat(options), context.out);
  const report = await withEngine(
    context,
    options.workspace,
    (engine) =>
      engine.run(
        'context:read',
        { entry, same, back, forward, project, logstore, snapshot: null },
        { onBatch: (batch) => writer.rows(batch) },
      ),
    { mustExist: true },
  );
  await writer.end(report.columns);
  await context.out.flush();
  const facts = [
    `${counted(report.before, 'entry', 'entries')} before${report.before < back ? ', no more' : ''}`,
    `${counted(report.after, 'entry', 'entries')} after${report.after < forward ? ', no more' : ''}`,
  ];
  context.err.tell(`${[facts.join(' · '), ...report.notices.map(({ text }) => text), ...writer.notes].join('\n')}\n`);
  return EXIT.done;
}
