import { NAT_EVENT_TEXT, type NatEventKind, type NatEventsReport } from '../contract/nat-events';
import type { ResultBatch } from '../contract/result-batch';
import type { Context } from './context';
import { withEngine } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { counted } from './number-text';
import { protocolName } from './protocol-name';
import { createRowWriter, type RowFormat } from './row-writers';
import { chosenFormat } from './shared-options';
import { writeStreamed } from './streamed-rows';
import { withTexts, type ColumnTexts } from './text-columns';
import { nanosText, rangeText, rfc3339Text } from './time-range-text';

export interface NatEventsOptions {
  readonly workspace?: string;
  readonly project: string;
  readonly logstore: string;
  readonly from?: string;
  readonly to?: string;
  readonly zone: string;
  readonly run?: number;
  readonly host?: string;
  readonly format: RowFormat;
  readonly json: boolean;
}

/**
 * Events on standard output, as they come; which, how many, and what they mean, on standard error.
 *
 * @throws AppError TIME_INVALID, OPTION_INVALID, RUN_NOT_FOUND, WORKSPACE_*, QUERY_* and their like; ReaderGone
 */
export async function runNatEvents(context: Context, options: NatEventsOptions): Promise<ExitCode> {
  const { workspace, project, logstore, from = null, to = null, zone, run = null, host = null } = options;
  const format = chosenFormat(options);
  const writer = createRowWriter(format, context.out);
  const texts: ColumnTexts =
    format === 'table' ? { time: nanosText(zone), protocol: protocolName } : { time: rfc3339Text, protocol: null };
  const shown = (batch: ResultBatch): ResultBatch => withTexts(batch, texts);
  const request = { project, logstore, from, to, zone, run, host };
  const report = await writeStreamed(writer, context.out, shown, (onBatch) =>
    withEngine(context, workspace, (engine) => engine.run('nat-events:read', request, { onBatch }), {
      mustExist: true,
    }),
  );
  context.err.tell(summaryText(report, zone, writer.notes));
  return EXIT.done;
}

function summaryText(
  { range, events, kinds, notices }: NatEventsReport,
  zone: string,
  notes: readonly string[],
): string {
  const facts = [counted(events, 'event'), range === null ? 'the log is empty' : rangeText(range, zone)];
  const lines = [facts.join(' · '), ...kinds.map(kindText), ...notices.map(({ text }) => text), ...notes];
  return `${lines.join('\n')}\n`;
}

function kindText({ event, protocol, events, hosts, packets }: NatEventKind): string {
  const facts = [
    counted(events, 'event'),
    counted(hosts, 'host'),
    ...(packets === 0 ? [] : [counted(packets, 'packet')]),
  ];
  return `${event}, ${protocolName(protocol)}: ${facts.join(', ')}. ${NAT_EVENT_TEXT[event]}`;
}
