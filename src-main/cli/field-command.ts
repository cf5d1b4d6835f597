import type { FieldStatistics, NumberStatistics } from '../contract/field-statistics';
import type { Context } from './context';
import { withEngine } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { fact, table } from './fact-text';
import { share, thousands } from './number-text';
import { printable, type TableColumn } from './text-table';
import { rangeText } from './time-range-text';

export interface FieldOptions {
  readonly workspace?: string;
  readonly project: string;
  readonly logstore: string;
  readonly from?: string;
  readonly to?: string;
  readonly zone: string;
  readonly json: boolean;
}

/**
 * What one field holds, on standard output.
 *
 * @throws AppError WORKSPACE_*, QUERY_* and their like; ReaderGone
 */
export async function runField(
  context: Context,
  field: string,
  text: string,
  options: FieldOptions,
): Promise<ExitCode> {
  const { workspace, project, logstore, from = null, to = null, zone, json } = options;
  const request = { field, text, project, logstore, from, to, zone, snapshot: null };
  const report = await withEngine(context, workspace, (engine) => engine.run('field:read', request), {
    mustExist: true,
  });
  await context.out.write(json ? `${JSON.stringify(report, null, 2)}\n` : fieldText(report));
  await context.out.flush();
  const range = report.range === null ? 'the log has no entries' : rangeText(report.range, zone);
  context.err.tell(`${[range, ...report.notices.map((notice) => notice.text)].join('\n')}\n`);
  return EXIT.done;
}

const VALUE: TableColumn = { header: 'value', align: 'left' };
const COUNTS: readonly TableColumn[] = [
  { header: 'entries', align: 'right' },
  { header: 'share', align: 'right' },
];

function fieldText(report: FieldStatistics): string {
  const { field, type, entries, present, distinct, top, numbers } = report;
  const counts = (count: number): string[] => [thousands(count), share(count, entries)];
  const lines = [
    ...fact('field', `${printable(field)} (${type})`),
    ...fact('entries', thousands(entries)),
    ...fact('with a value', thousands(present)),
    ...fact('different values', thousands(distinct)),
    ...(numbers === null ? [] : numberFacts(numbers)),
    ...(top.length === 0
      ? []
      : [
          '',
          ...table(
            [VALUE, ...COUNTS],
            top.map(({ value, entries: own }) => [printable(value), ...counts(own)]),
          ),
        ]),
    ...(numbers === null ? [] : ['', ...bucketLines(numbers, counts)]),
    '',
    ...fact('as a query', report.query),
  ];
  return `${lines.join('\n')}\n`;
}

function numberFacts({ least, most, average, sum, notFinite }: NumberStatistics): string[] {
  return [
    ...fact('least', least),
    ...fact('most', most),
    ...fact('average', String(average)),
    ...fact('sum', sum),
    ...(notFinite === 0 ? [] : fact('NaN or infinite', thousands(notFinite))),
  ];
}

function bucketLines({ buckets }: NumberStatistics, counts: (count: number) => string[]): string[] {
  const columns: TableColumn[] = [{ header: 'from', align: 'right' }, { header: 'to', align: 'right' }, ...COUNTS];
  return table(
    columns,
    buckets.map(({ from, to, entries }) => [String(from), String(to), ...counts(entries)]),
  );
}
