import type { CaptureFacts, ImportReport, SkippedCapture } from '../contract/imports';
import { hasLosses, REASON_TEXT, REASONS, unreadableBytes, LOSS_REASONS, type Ledger } from '../contract/ledger';
import { deliveryTotalsText } from './delivery-text';
import { counted, durationText, share, thousands } from './number-text';
import { columnWidths, tableLine, wrapText, type TableColumn } from './text-table';
import { packetTime } from './time-range-text';

/** Sentences stay readable on a wide terminal. */
const WIDEST_TEXT = 100;

/**
 * An import as people read it: what was read, the three equations of the ledger with their sums, and what is missing.
 *
 * @returns whole lines
 */
export function importText(report: ImportReport, columns: number): string {
  const width = Math.min(columns, WIDEST_TEXT);
  const { ledger } = report;
  const sections = [
    headText(report),
    ['Captures', ...report.captures.flatMap(captureText)],
    fileBytesText(ledger),
    packetsText(ledger, width),
    deliverySection(report),
    unreadableText(report, width),
    skippedText(report.skipped, width),
    noticesText(report, width),
    lossesText(report, width),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headText({ run, logEntries, windows, seconds, project, logstore, workspace }: ImportReport): string[] {
  const entries = counted(logEntries, 'log entry', 'log entries');
  return [
    `Run ${run}: ${entries} in ${counted(windows, 'window')}, imported in ${durationText(seconds)}`,
    `Logstore ${logstore}, project ${project}`,
    `Workspace ${workspace}`,
  ];
}

function captureText({ path, format, fileBytes, packets, firstTime, lastTime }: CaptureFacts): string[] {
  const times =
    firstTime === null || lastTime === null ? [] : [`    ${packetTime(firstTime)} – ${packetTime(lastTime)} UTC`];
  return [`  ${path}`, `    ${format}, ${thousands(fileBytes)} bytes, ${counted(packets, 'packet')}`, ...times];
}

/** Told where it is worth telling: nothing is lost, late or twice without it. */
function deliverySection({ delivery }: ImportReport): string[] {
  if (delivery === null) return [];
  const isPlain = delivery.delivered === delivery.sealed && delivery.late + delivery.duplicates === 0;
  return isPlain ? [] : ['Delivery of log entries', ...deliveryTotalsText(delivery)];
}

/** The label column of both tables, so that the numbers of all equations stand under each other. */
const LABEL_WIDTH = 26;
const NUMBER_WIDTH = 16;

const RIGHT: TableColumn = { header: '', align: 'right' };
const LEFT: TableColumn = { header: '', align: 'left' };

function balance(read: number, sum: number): string {
  return read === sum ? '= balanced' : `≠ off by ${thousands(sum - read)}`;
}

function fileBytesText(ledger: Ledger): string[] {
  const { read, container, captured } = ledger.fileBytes;
  const unreadable = unreadableBytes(ledger);
  const sum = container + captured + unreadable;
  return aligned(
    [LEFT, RIGHT],
    [
      ['File bytes', 'bytes'],
      ['  read', thousands(read)],
      ['    container', thousands(container)],
      ['    captured', thousands(captured)],
      ['    unreadable', thousands(unreadable)],
      ['  sum', thousands(sum)],
      ['', balance(read, sum)],
    ],
  );
}

function packetsText({ packets, ipBytes }: Ledger, width: number): string[] {
  const reasons = REASONS.filter(
    (reason) => (packets.notInEntries[reason] ?? 0) + (ipBytes.notInEntries[reason] ?? 0) > 0,
  );
  const line = (label: string, packetCount: number, byteCount: number): string[] => [
    label,
    thousands(packetCount),
    share(packetCount, packets.read),
    thousands(byteCount),
  ];
  let packetSum = packets.inEntries;
  let byteSum = ipBytes.inEntries;
  const reasonLines = reasons.map((reason) => {
    const packetCount = packets.notInEntries[reason] ?? 0;
    const byteCount = ipBytes.notInEntries[reason] ?? 0;
    packetSum += packetCount;
    byteSum += byteCount;
    const mark = LOSS_REASONS.includes(reason) ? '  ! ' : '    ';
    return line(`${mark}${reason}`, packetCount, byteCount);
  });
  const lines = aligned(
    [LEFT, RIGHT, RIGHT, RIGHT],
    [
      ['Packets and IP bytes', 'packets', 'share', 'IP bytes'],
      ['  read', thousands(packets.read), '', thousands(ipBytes.read)],
      line('    in log entries', packets.inEntries, ipBytes.inEntries),
      ...reasonLines,
      ['  sum', thousands(packetSum), '', thousands(byteSum)],
      ['', balance(packets.read, packetSum), '', balance(ipBytes.read, byteSum)],
    ],
  );
  const firstReason = 3;
  return [
    ...lines.slice(0, firstReason),
    ...reasons.flatMap((reason, index) => [
      lines[firstReason + index] ?? '',
      ...wrapText(REASON_TEXT[reason], width, '        '),
    ]),
    ...lines.slice(firstReason + reasons.length),
  ];
}

function aligned(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string[] {
  const widths = columnWidths(rows, columns).map((width, index) => {
    const least = index === 0 ? LABEL_WIDTH : index === 2 ? 0 : NUMBER_WIDTH;
    return Math.max(width, least);
  });
  return rows.map((row) => tableLine(row, columns, widths));
}

function unreadableText({ ledger, captures }: ImportReport, width: number): string[] {
  const { unreadable } = ledger.fileBytes;
  if (unreadable.length === 0) return [];
  const sizeOf = new Map(captures.map(({ path, fileBytes }) => [path, fileBytes]));
  return [
    'Unreadable',
    ...unreadable.flatMap(({ file, offset, bytes, cause }) => {
      const isTail = sizeOf.get(file) === offset + bytes;
      const remedy = isTail
        ? 'Everything before it is imported. For the rest, get the whole file again and import that.'
        : 'Everything around it is imported. For the rest, get an undamaged copy and import that.';
      return [
        `  ${file}`,
        bytes > 0
          ? `    ${counted(bytes, 'byte')} from offset ${thousands(offset)}`
          : `    incomplete behind offset ${thousands(offset)}`,
        ...wrapText(sentence(cause), width, '    '),
        ...wrapText(remedy, width, '    '),
      ];
    }),
  ];
}

function sentence(text: string): string {
  const upper = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(upper) ? upper : `${upper}.`;
}

function skippedText(skipped: readonly SkippedCapture[], width: number): string[] {
  if (skipped.length === 0) return [];
  return ['Left out', ...skipped.flatMap(({ code, message }) => wrapText(`${message} (${code})`, width, '  '))];
}

/** Losses that have numbers are left to the last line, which counts the files left out as well. */
function noticesText({ notices }: ImportReport, width: number): string[] {
  return notices
    .filter(({ kind, isBesideLedger = false }) => kind !== 'losses' || isBesideLedger)
    .flatMap(({ text }) => wrapText(text, width, ''));
}

function lossesText({ ledger, skipped }: ImportReport, width: number): string[] {
  if (!hasLosses(ledger) && skipped.length === 0) return [];
  const unreadable = unreadableBytes(ledger);
  const parts = [
    ...(unreadable > 0 ? [counted(unreadable, 'unreadable byte')] : []),
    ...(unreadable === 0 && ledger.fileBytes.unreadable.length > 0 ? ['damaged compressed data'] : []),
    ...LOSS_REASONS.filter((reason) => ledger.packets.notInEntries[reason]).map(
      (reason) => `${counted(ledger.packets.notInEntries[reason] ?? 0, 'packet')} ${reason}`,
    ),
    ...(skipped.length > 0 ? [`${counted(skipped.length, 'capture')} left out`] : []),
  ];
  return wrapText(`Done with losses: ${parts.join(', ')}.`, width, '');
}
