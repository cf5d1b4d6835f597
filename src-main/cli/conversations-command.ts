import {
  readConversations,
  type ConversationReport,
  type ConversationRow,
  type IcmpErrorRow,
} from '../engine/conversations';
import { LOSS_REASONS, REASONS, REASON_TEXT, type ByReason, type UnreadableRange } from '../contract/ledger';
import { TextPieces, type TextSink } from '../engine/output/text-sink';
import { readablePaths } from './capture-paths';
import type { Context } from './context';
import { EXIT, type ExitCode } from './exit-code';
import { counted, thousands } from './number-text';
import { protocolName } from './protocol-name';
import { columnWidths, tableHead, tableLine, type TableColumn } from './text-table';

export interface ConversationsOptions {
  readonly layer: 'outer' | 'inner';
  /** Print the ICMP errors instead. */
  readonly icmpErrors: boolean;
  readonly maxExpansion: number;
  readonly json: boolean;
}

/** @throws AppError CAPTURE_*; ReaderGone */
export async function runConversations(
  context: Context,
  captures: readonly string[],
  { layer, icmpErrors: wantsErrors, maxExpansion, json }: ConversationsOptions,
): Promise<ExitCode> {
  const paths = readablePaths(context, captures);
  const report = await readConversations(paths, layer, maxExpansion);
  const { conversations, icmpErrors, unreadable, notCounted } = report;
  context.err.tell(
    unreadable.map(unreadableText).join('') +
      notCountedText(notCounted) +
      givenUpText(report) +
      tooDeepText(report) +
      aggregatedText(report),
  );
  const rows = wantsErrors ? icmpErrors : conversations;
  const lines = json ? jsonLines(rows) : wantsErrors ? errorLines(icmpErrors) : tableLines(conversations);
  await writeLines(context.out, lines);
  const isIncomplete =
    unreadable.length > 0 ||
    report.fragmentsGivenUp > 0 ||
    report.tooDeep > 0 ||
    report.aggregatedPackets > 0 ||
    LOSS_REASONS.some((reason) => notCounted[reason] !== undefined);
  return isIncomplete ? EXIT.doneWithLosses : EXIT.done;
}

function notCountedText(notCounted: ByReason): string {
  const lines = REASONS.flatMap((reason) => {
    const count = notCounted[reason];
    return count === undefined
      ? []
      : [`natscope: ${counted(count, 'packet')} in no conversation: ${REASON_TEXT[reason]}\n`];
  });
  return lines.join('');
}

function givenUpText({ fragmentsGivenUp: count }: ConversationReport): string {
  if (count === 0) return '';
  return `natscope: ${counted(count, 'fragment')} without ports, since more waited for their first ones than Natscope keeps\n`;
}

function tooDeepText({ tooDeep: count }: ConversationReport): string {
  if (count === 0) return '';
  return `natscope: ${counted(count, 'packet')} by the header behind the fourth tunnel, since only four in each other are followed\n`;
}

function aggregatedText({ aggregatedPackets: count }: ConversationReport): string {
  if (count === 0) return '';
  return `natscope: ${counted(count, 'packet')} in no conversation: they share aggregated frames of IEEE 802.11 (A-MSDU) with others, and a frame counts as one packet\n`;
}

/** A line for standard error. */
export function unreadableText({ file, offset, bytes, cause }: UnreadableRange): string {
  if (bytes === 0) return `natscope: ${file}: incomplete behind offset ${thousands(offset)}: ${cause}\n`;
  return `natscope: ${file}: ${counted(bytes, 'byte')} from offset ${thousands(offset)} unreadable and not counted: ${cause}\n`;
}

async function writeLines(sink: TextSink, lines: Iterable<string>): Promise<void> {
  const pieces = new TextPieces(sink);
  for (const line of lines) {
    if (pieces.add(`${line}\n`)) await pieces.flush();
  }
  await pieces.flush();
}

function* jsonLines(rows: readonly (ConversationRow | IcmpErrorRow)[]): Generator<string> {
  if (rows.length === 0) {
    yield '[]';
    return;
  }
  yield '[';
  for (const [index, row] of rows.entries()) yield JSON.stringify(row) + (index < rows.length - 1 ? ',' : '');
  yield ']';
}

const COLUMNS: readonly TableColumn[] = [
  { header: 'protocol', align: 'left' },
  { header: 'a', align: 'left' },
  { header: 'b', align: 'left' },
  { header: 'packets a→b', align: 'right' },
  { header: 'bytes a→b', align: 'right' },
  { header: 'packets b→a', align: 'right' },
  { header: 'bytes b→a', align: 'right' },
  { header: 'bytes', align: 'right' },
];
const ROWS_FOR_WIDTHS = 1000;

/** All of them, the largest first, and the totals. */
function* tableLines(rows: readonly ConversationRow[]): Generator<string> {
  const byBytes = [...rows].sort((a, b) => bytesOf(b) - bytesOf(a));
  const widths = columnWidths(byBytes.slice(0, ROWS_FOR_WIDTHS).map(cellsOf), COLUMNS);
  yield* tableHead(COLUMNS, widths);
  for (const row of byBytes) yield tableLine(cellsOf(row), COLUMNS, widths);
  const packets = rows.reduce((total, row) => total + row.pkts_ab + row.pkts_ba, 0);
  const bytes = rows.reduce((total, row) => total + bytesOf(row), 0);
  yield '';
  yield [counted(rows.length, 'conversation'), counted(packets, 'packet'), counted(bytes, 'IP byte')].join(' · ');
}

const ERROR_COLUMNS: readonly TableColumn[] = [
  { header: 'packet', align: 'right' },
  { header: 'time', align: 'left' },
  { header: 'from', align: 'left' },
  { header: 'to', align: 'left' },
  { header: 'type/code', align: 'left' },
  { header: 'about', align: 'left' },
];

/** In order of the captures. */
function* errorLines(rows: readonly IcmpErrorRow[]): Generator<string> {
  const widths = columnWidths(rows.slice(0, ROWS_FOR_WIDTHS).map(errorCells), ERROR_COLUMNS);
  yield* tableHead(ERROR_COLUMNS, widths);
  for (const row of rows) yield tableLine(errorCells(row), ERROR_COLUMNS, widths);
  yield '';
  yield counted(rows.length, 'ICMP error');
}

function errorCells({ frame, ts, src, dst, type, code, quoted }: IcmpErrorRow): string[] {
  const about =
    quoted === null
      ? 'a packet of which too little is there'
      : `${protocolName(quoted.proto)} ${endpointText(quoted.ver, quoted.src, quoted.sport)} → ${endpointText(quoted.ver, quoted.dst, quoted.dport)}`;
  return [thousands(frame), ts ?? 'no time', src, dst, `${type}/${code}`, about];
}

function bytesOf(row: ConversationRow): number {
  return row.bytes_ab + row.bytes_ba;
}

function cellsOf(row: ConversationRow): string[] {
  return [
    protocolName(row.proto),
    endpointText(row.ver, row.a_ip, row.a_port),
    endpointText(row.ver, row.b_ip, row.b_port),
    ...[row.pkts_ab, row.bytes_ab, row.pkts_ba, row.bytes_ba, bytesOf(row)].map(thousands),
  ];
}

function endpointText(version: number, address: string, port: number): string {
  return version === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
