import type { DeliveryEvent, DeliveryPreset, DeliveryReport, DeliveryTotals, StatusChange } from '../contract/delivery';
import { counted, humanBytes, thousands } from './number-text';
import { tableText, type TableColumn } from './text-table';
import { secondText } from './time-range-text';

const left = (header: string): TableColumn => ({ header, align: 'left' });
const right = (header: string): TableColumn => ({ header, align: 'right' });

/** The equation of deliveries, one line for each of its parts. */
export function deliveryTotalsText({ sealed, delivered, lost, pending, late, duplicates }: DeliveryTotals): string[] {
  const parts: [label: string, entries: number][] = [
    ['  sealed', sealed],
    ['    delivered', delivered],
    ...Object.entries(lost).map(([cause, entries]): [string, number] => [`  ! lost: ${cause}`, entries]),
    ...(pending > 0 ? [['    pending', pending] satisfies [string, number]] : []),
  ];
  const width = Math.max(...parts.map(([label]) => label.length));
  const numbers = parts.map(([, entries]) => thousands(entries));
  const numberWidth = Math.max(...numbers.map(({ length }) => length));
  return [
    ...parts.map(([label], index) => `${label.padEnd(width)}  ${numbers[index]!.padStart(numberWidth)}`),
    ...(late > 0 ? [`  ${thousands(late)} of the delivered were more than 5 minutes late`] : []),
    ...(duplicates > 0 ? [`  ${counted(duplicates, 'duplicate')} removed`] : []),
  ];
}

export function deliveryText(report: DeliveryReport, zone: string, isPreview: boolean): string {
  const { run, project, logstore, instance, totals, windows, statuses, attempts, remarkable } = report;
  const incomplete = windows.filter(({ sealed, delivered }) => delivered < sealed);
  const lines = [
    `Run ${run}: session log of ${instance} to ${project}/${logstore}${isPreview ? ', as it would be by the script' : ''}`,
    `${counted(totals.windows, 'window')}, ${humanBytes(totals.rawBytes)} raw, ${counted(attempts, 'attempt')}, ${thousands(remarkable)} worth a look`,
    '',
    'Entries',
    ...deliveryTotalsText(totals),
    '',
    'Delivery status',
    ...statuses.map((status) => `  ${statusLine(status, zone)}`),
  ];
  const table =
    incomplete.length === 0
      ? ''
      : `\nIncomplete windows\n${tableText(
          [left('window'), right('sealed'), right('delivered'), right('lost'), right('pending'), left('cause')],
          incomplete.map(({ startSec, sealed, delivered, lost, pending }) => [
            secondText(startSec, zone),
            ...[sealed, delivered, sealed - delivered - pending, pending].map(thousands),
            Object.keys(lost).join(', '),
          ]),
        )}`;
  return `${lines.join('\n')}\n${table}`;
}

function statusLine({ fromSec, status, code, offUntilSec }: StatusChange, zone: string): string {
  const off = offUntilSec === null ? '' : `, off until ${secondText(offUntilSec, zone)}`;
  return `${secondText(fromSec, zone)}  ${status}${code === null ? '' : ` ${code}`}${off}`;
}

export function statusText(atSec: number, status: StatusChange | null, zone: string): string {
  if (status === null) return `${secondText(atSec, zone)}  nothing was delivered\n`;
  return `${statusLine({ ...status, fromSec: atSec }, zone)}\n`;
}

/** What each act is called. */
const ACT_TEXT: Readonly<Record<DeliveryEvent['act'], string>> = {
  put: 'PutLogs',
  test: 'Test delivery',
  open: 'Breaker opens',
  give_up: 'Given up',
};

export function deliveryEventsText(events: readonly DeliveryEvent[], zone: string, isAll: boolean): string {
  if (events.length === 0) {
    return isAll
      ? 'There was nothing to deliver.\n'
      : 'No attempt failed: with --all, those that did not are listed.\n';
  }
  return tableText(
    [
      ...[left('capture time'), left('attempt'), left('window'), right('entries'), left('result')],
      ...[right('waiting'), right('lost'), left('again at')],
    ],
    events.map(({ atSec, act, windowStartSec, entries, code, waiting, lost, retrySec }) => [
      ...[secondText(atSec, zone), ACT_TEXT[act], windowStartSec === null ? '' : secondText(windowStartSec, zone)],
      ...[thousands(entries), code ?? 'Successful', thousands(waiting), thousands(lost)],
      retrySec === null ? '' : secondText(retrySec, zone),
    ]),
  );
}

export function presetsText(presets: readonly DeliveryPreset[]): string {
  return presets
    .map(({ name, cause, effect, script }) => `${name}\n  ${cause}\n  ${effect}\n  ${JSON.stringify(script)}\n`)
    .join('\n');
}

export const totalsJson = ({
  sealed,
  delivered,
  lost,
  pending,
  late,
  duplicates,
  rawBytes,
}: DeliveryTotals): object => ({
  ...{ sealed, delivered, lost, pending, late, duplicates },
  raw_bytes: rawBytes,
});

export const eventJson = (event: DeliveryEvent): object => ({
  at: event.atSec,
  act: event.act,
  window_start: event.windowStartSec,
  code: event.code,
  groups: event.groups,
  entries: event.entries,
  raw_bytes: event.rawBytes,
  waiting: event.waiting,
  lost: event.lost,
  retry_at: event.retrySec,
});

export const deliveryJson = (report: DeliveryReport): object => ({
  run: report.run,
  project: report.project,
  logstore: report.logstore,
  instance: report.instance,
  window_seconds: report.windowSec,
  ...(totalsJson(report.totals) as Record<string, unknown>),
  windows: report.windows.map((window) => ({
    start: window.startSec,
    end: window.endSec,
    ...{ sealed: window.sealed, delivered: window.delivered, lost: window.lost, pending: window.pending },
    ...{ late: window.late, duplicates: window.duplicates },
    first_delivered: window.firstDeliveredSec,
    last_delivered: window.lastDeliveredSec,
  })),
  statuses: report.statuses.map(({ fromSec, status, code, offUntilSec }) => ({
    ...{ from: fromSec, status, code, off_until: offUntilSec },
  })),
  attempts: report.attempts,
});
