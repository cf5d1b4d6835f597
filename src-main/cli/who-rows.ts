import type { AnsweredComplaint, ComplaintRemark, ComplaintRemarkKind } from '../contract/attribution';
import type { ResultBatch } from '../contract/result-batch';
import { textColumn } from '../engine/output/text-column';
import { hostText } from './who-text';
import { nanosOf } from '../engine/time-text';
import { rfc3339Text } from './time-range-text';

/** Complaints and their answers, a row each; cells that do not apply are empty. */
export function complaintRows(complaints: readonly AnsweredComplaint[], zone: string): ResultBatch {
  const cells = complaints.map((complaint) => cellsOf(complaint, zone));
  const names = ['line', 'endpoint', 'at', 'destination', 'host', 'confidence', 'entries', 'remarks'] as const;
  return {
    rowCount: cells.length,
    columns: names.map((name) =>
      textColumn(
        name,
        cells.map((row) => row[name]),
      ),
    ),
  };
}

interface Cells {
  readonly line: string;
  readonly endpoint: string | null;
  readonly at: string | null;
  readonly destination: string | null;
  readonly host: string | null;
  readonly confidence: string | null;
  readonly entries: string | null;
  readonly remarks: string | null;
}

function cellsOf(
  { line, question, missing, answer, isLocal, remarks: reading }: AnsweredComplaint,
  zone: string,
): Cells {
  const remarks = [
    ...missing.map((gap) => `no ${gap}`),
    ...(isLocal ? [`time in ${zone}`] : []),
    ...reading.map(remarkText),
    ...(answer?.caveats ?? []),
  ];
  const destination = question?.destination ?? null;
  const at = answer?.at ?? null;
  const hosts = answer?.hosts ?? [];
  const entries = hosts.flatMap(({ sessions }) => sessions.flatMap((session) => session.entries.map(({ id }) => id)));
  return {
    line: String(line),
    endpoint: question === null ? null : `${question.address}:${question.port}`,
    at: at === null ? null : rfc3339Text(nanosOf(at)),
    destination: destination === null ? null : endpointText(destination),
    host: hosts.length === 0 ? null : hosts.map(hostText).join(' or '),
    confidence: answer?.confidence ?? null,
    entries: entries.length === 0 ? null : entries.join(' '),
    remarks: remarks.length === 0 ? null : remarks.join(', '),
  };
}

function endpointText({ address, port }: { readonly address: string; readonly port: number | null }): string {
  return port === null ? address : `${address}:${port}`;
}

const REMARKS: Readonly<Record<ComplaintRemarkKind, (subject: string) => string>> = {
  zone_assumed: (zone) => `its zone "${zone}" taken as that`,
  zone_unclear: (zone) => `zone ${zone} has several meanings, and --zone is none of them`,
  day_unclear: (time) => `which is the day in "${time}" is not told`,
  twice: (time) => `clocks show "${time}" twice`,
  mail_date: () => 'time of the mail or report',
  several_times: (count) => `${count} times, and not told which`,
  port_unclear: (ports) => `whose port ${ports} is not told`,
  ipv6: (address) => `${address} is IPv6, which is not translated`,
  not_asked: (addresses) => `not asked: ${addresses}`,
};

function remarkText({ kind, subject }: ComplaintRemark): string {
  return REMARKS[kind](subject);
}
