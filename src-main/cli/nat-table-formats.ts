import type { NatTablePart, NatTableReport, NatTableTotal } from '../contract/nat-table';
import type { ResultBatch } from '../contract/result-batch';
import { formatIpv4 } from '../nat/address-text';
import { thousands } from './number-text';
import { protocolName } from './protocol-name';
import type { RowFormat } from './row-writers';
import { columnWidths, tableHead, tableLine, type TableColumn } from './text-table';
import { withTexts } from './text-columns';
import { nanosOf } from '../engine/time-text';
import { nanosText, rfc3339Text } from './time-range-text';

/** How the parts of `nat-table:read` are written, and what stands around their rows. */
export interface NatTableFormat {
  readonly rows: RowFormat;
  /** What comes before the rows of a part. */
  begin(part: NatTablePart): string;
  /** The columns as they are shown. */
  shown(batch: ResultBatch): ResultBatch;
  /** What comes after the last row. */
  end(report: NatTableReport): string;
}

/** One object. Its rows come first, as they come from the engine, which knows the rest only then. */
export const jsonTable: NatTableFormat = {
  rows: 'json',
  begin: (part) => (part === 'ports' ? '{"ports": ' : ',"sessions": '),
  shown: (batch) => withTexts(batch, { time: rfc3339Text, protocol: null }),
  end: ({ at, runs, totals, notices }) => {
    const rest = {
      at: at === null ? null : rfc3339Text(nanosOf(at)),
      runs: runs.map(({ run, instance, eips, portsPerDestination }) => ({
        run,
        instance,
        eips,
        ports_per_destination: portsPerDestination,
      })),
      totals: totals.map(jsonTotal),
      notices,
    };
    return `,${JSON.stringify(rest).slice(1)}\n`;
  },
};

function jsonTotal({ natIp, natEip, busiestPorts, ...total }: NatTableTotal): Readonly<Record<string, unknown>> {
  const { run, epoch, protocol, sessions, ports, held, destinations, limit } = total;
  const addresses = { nat_ip: formatIpv4(natIp), nat_eip: formatIpv4(natEip) };
  const counts = { sessions, ports, held, destinations, busiest_ports: busiestPorts, limit };
  return { run, epoch, ...addresses, protocol, ...counts };
}

const HEADINGS: Readonly<Record<NatTablePart, string>> = {
  ports: 'Ports in use by destination\n',
  sessions: '\nLive sessions\n',
};

/** Tables below each other, with times in the zone. */
export function textTable(zone: string): NatTableFormat {
  const time = nanosText(zone);
  return {
    rows: 'table',
    begin: (part) => HEADINGS[part],
    shown: (batch) => withTexts(batch, { time, protocol: protocolName }),
    end: ({ totals }) => (totals.length === 0 ? '' : `\nPorts in use by address\n${totalsText(totals)}`),
  };
}

const TOTAL_COLUMNS: readonly TableColumn[] = [
  { header: 'run', align: 'right' },
  { header: 'epoch', align: 'right' },
  { header: 'nat_ip', align: 'left' },
  { header: 'nat_eip', align: 'left' },
  { header: 'protocol', align: 'left' },
  { header: 'sessions', align: 'right' },
  { header: 'ports', align: 'right' },
  { header: 'held', align: 'right' },
  { header: 'destinations', align: 'right' },
  { header: 'busiest', align: 'right' },
  { header: 'limit', align: 'right' },
];

function totalsText(totals: readonly NatTableTotal[]): string {
  const rows = totals.map((total) => [
    ...[String(total.run), String(total.epoch), formatIpv4(total.natIp), formatIpv4(total.natEip)],
    protocolName(total.protocol),
    ...[total.sessions, total.ports, total.held, total.destinations, total.busiestPorts, total.limit].map(thousands),
  ]);
  const widths = columnWidths(rows, TOTAL_COLUMNS);
  const lines = [...tableHead(TOTAL_COLUMNS, widths), ...rows.map((row) => tableLine(row, TOTAL_COLUMNS, widths))];
  return `${lines.join('\n')}\n`;
}
