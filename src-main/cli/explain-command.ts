import type { ExplainReport } from '../contract/query';
import type { Context } from './context';
import { withEngine } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { printable } from './text-table';
import { rangeText } from './time-range-text';

export interface ExplainOptions {
  readonly workspace?: string;
  readonly project: string;
  readonly logstore: string;
  readonly from?: string;
  readonly to?: string;
  readonly zone: string;
  readonly limits?: 'console';
  readonly json: boolean;
}

/** What becomes of a query, on standard output. @throws AppError QUERY_*, WORKSPACE_* and their like; ReaderGone */
export async function runExplain(context: Context, text: string, options: ExplainOptions): Promise<ExitCode> {
  const { project, logstore, zone, limits } = options;
  const report = await withEngine(
    context,
    options.workspace,
    (engine) =>
      engine.run('query:explain', {
        ...{ text, project, logstore, zone, snapshot: null },
        ...(limits === undefined ? {} : { limits }),
        from: options.from ?? null,
        to: options.to ?? null,
      }),
    { mustExist: true },
  );
  await context.out.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : explainText(report, zone));
  await context.out.flush();
  return EXIT.done;
}

function explainText({ range, tokens, indexes, sql, params, plan }: ExplainReport, zone: string): string {
  const shown = indexes.map(({ field, type, search, sql: read }) => {
    const uses = [...(search ? ['search'] : []), ...(read ? ['SQL'] : [])].join(' and ');
    return `  ${field} (${type}): ${uses}`;
  });
  return [
    `Range: ${range === null ? 'the log has no entries' : rangeText(range, zone)}`,
    'Tokens of the search:',
    ...tokens.map(({ kind, text, start, end }) => `  ${start}-${end} ${kind} ${printable(text)}`),
    'Indexes that serve it:',
    ...(shown.length === 0 ? ['  the times of the entries alone'] : shown),
    'SQL:',
    `  ${sql}`,
    'Parameters:',
    ...params.map((value, index) => `  $${index + 1} = ${printable(value)}`),
    'Plan:',
    plan,
    '',
  ].join('\n');
}
