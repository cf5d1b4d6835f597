import { indexedBytes, rawBytes, type CostReport, type WindowCost } from '../contract/cost';
import { AppError } from '../contract/errors';
import { SESSION_LOG_FIELDS } from '../contract/log-entry';
import type { Context } from './context';
import type { ExitCode } from './exit-code';
import { ask, tell, type WorkspaceOptions } from './logstore-commands';
import { counted, durationText, humanBytes, thousands } from './number-text';
import { tableText, type TableColumn } from './text-table';

const DAY_SEC = 86_400;
const GB = 1e9;

export interface CostOptions extends WorkspaceOptions {
  readonly run: number;
  readonly window?: readonly number[];
  /** `recommended`, `full-text`, `none`, or names of fields. */
  readonly index?: readonly string[];
  readonly writePrice?: number;
  readonly indexPrice?: number;
}

type Index = Parameters<typeof indexedBytes>[1];

const left = (header: string): TableColumn => ({ header, align: 'left' });
const right = (header: string): TableColumn => ({ header, align: 'right' });

/** @throws AppError RUN_NOT_FOUND, OPTION_INVALID */
export async function runCost(context: Context, options: CostOptions): Promise<ExitCode> {
  const index = chosenIndex(options.index);
  const report = await ask(context, options, 'cost:read', { run: options.run, windowSecs: options.window ?? [] });
  const shape = report.windows.map((window) => windowJson(window, report, index, options));
  return tell(
    context,
    options,
    { run: report.run, seconds: report.seconds, windows: shape },
    costText(report, index, options),
  );
}

function chosenIndex(words: readonly string[] = ['recommended']): Index {
  const names: readonly string[] = SESSION_LOG_FIELDS.map(({ name }) => name);
  const [word] = words;
  if (words.length === 1 && word === 'full-text') return { isIndexed: () => false, hasFullText: true };
  if (words.length === 1 && word === 'recommended') return { isIndexed: () => true, hasFullText: false };
  if (words.length === 1 && word === 'none') return { isIndexed: () => false, hasFullText: false };
  const unknown = words.find((each) => !names.includes(each));
  if (unknown === undefined) return { isIndexed: (name) => words.includes(name), hasFullText: false };
  const message = `"${unknown}" is no field of session logs: write recommended, full-text, none, or some of ${names.join(', ')}`;
  throw new AppError('OPTION_INVALID', message, { option: '--index' });
}

/** What it is in a day of traffic like this; null where the capture has no length. */
const perDay = (amount: number, { seconds }: CostReport): number | null =>
  seconds === null ? null : (amount * DAY_SEC) / seconds;

function priceOf(raw: number, indexed: number, { writePrice = 0, indexPrice = 0 }: CostOptions): number {
  return (raw * writePrice + indexed * indexPrice) / GB;
}

function windowJson(window: WindowCost, report: CostReport, index: Index, options: CostOptions): object {
  const [raw, indexed] = [rawBytes(window), indexedBytes(window, index)];
  const hasPrice = options.writePrice !== undefined || options.indexPrice !== undefined;
  return {
    window_seconds: window.windowSec,
    ...{ entries: window.entries, raw_bytes: raw, indexed_bytes: indexed },
    per_day: {
      entries: perDay(window.entries, report),
      raw_bytes: perDay(raw, report),
      indexed_bytes: perDay(indexed, report),
      ...(hasPrice ? { price: perDay(priceOf(raw, indexed, options), report) } : {}),
    },
    fields: window.fields.map(({ name, values, textBytes }) => ({ name, values, text_bytes: textBytes })),
  };
}

function costText(report: CostReport, index: Index, options: CostOptions): string {
  const { run, seconds, windows } = report;
  const hasPrice = options.writePrice !== undefined || options.indexPrice !== undefined;
  const count = (amount: number | null): string => (amount === null ? '–' : thousands(Math.round(amount)));
  const bytes = (amount: number | null): string => (amount === null ? '–' : humanBytes(amount));
  const table = tableText(
    [
      ...[right('window'), right('entries'), right('raw'), right('indexed')],
      ...[right('entries/day'), right('raw/day'), right('indexed/day')],
      ...(hasPrice ? [right('price/day')] : []),
    ],
    windows.map((window) => {
      const [raw, indexed] = [rawBytes(window), indexedBytes(window, index)];
      const price = perDay(priceOf(raw, indexed, options), report);
      return [
        ...[`${window.windowSec} s`, thousands(window.entries), humanBytes(raw), humanBytes(indexed)],
        ...[count(perDay(window.entries, report)), bytes(perDay(raw, report)), bytes(perDay(indexed, report))],
        ...(hasPrice ? [price === null ? '–' : price.toFixed(4)] : []),
      ];
    }),
  );
  const [first] = windows;
  const fields =
    first === undefined
      ? ''
      : tableText(
          [left('field'), right('raw'), right('indexed')],
          first.fields.map((field) => [
            field.name,
            humanBytes(field.textBytes),
            index.hasFullText ? 'full text' : humanBytes(indexedBytes({ ...first, fields: [field] }, index)),
          ]),
        );
  const span = seconds === null ? 'without a length' : `${durationText(seconds)} of traffic`;
  return `Run ${run}: ${span}, in ${counted(windows.length, 'length')} of windows\n\n${table}\nWindows of ${first?.windowSec ?? 0} s, by field\n${fields}`;
}
