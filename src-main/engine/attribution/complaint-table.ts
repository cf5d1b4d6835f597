import type { Complaint, ComplaintGap, ComplaintRemark } from '../../contract/attribution';
import { delimiterOf } from '../../logstore/csv-entry';
import { PROTOCOLS, findIpv6, findMentions, portOf, type Mention } from './complaint-facts';
import type { ComplaintReader } from './complaint-incidents';
import { columnRole, type ColumnRole } from './complaint-labels';
import { plain } from './complaint-lines';
import { findTimes, type WrittenTime } from './complaint-time';

/** The columns of a table of complaints. */
export interface TableHead {
  readonly delimiter: string;
  /** Null for a column of no matter, or that is there twice. */
  readonly roles: readonly (ColumnRole | null)[];
  /** The names of those with times, which may have their zone. */
  readonly timeNames: string;
}

/** Names of columns are not that long. */
const MOST_HEAD = 2000;

/** @returns null for a line that names no columns of complaints */
export function tableHead(line: string): TableHead | null {
  if (line.length > MOST_HEAD || !/[,;\t|]/u.test(line)) return null;
  const delimiter = /^\s*\|/u.test(line) || line.split('|').length > 2 ? '|' : delimiterOf(line);
  const names = splitCells(line, delimiter);
  const roles: (ColumnRole | null)[] = [];
  for (const name of names) {
    const role = columnRole(name);
    roles.push(role === null || roles.includes(role) ? null : role);
  }
  const hasMore = (['time', 'date', 'port'] as const).some((role) => roles.includes(role));
  if (!roles.includes('address') || !hasMore) return null;
  const timeNames = names.filter((_, column) => roles[column] === 'date' || roles[column] === 'time').join(' ');
  return { delimiter, roles, timeNames };
}

/** Between head and rows, or around them: `|---|---|`. */
export function isRule(line: string): boolean {
  return /^[\s|+:=-]+$/u.test(line) && line.trim() !== '';
}

/** The cells of one line, as far as it has any. @see RFC 4180 */
function splitCells(line: string, delimiter: string): string[] {
  if (delimiter === '|')
    return line
      .trim()
      .replace(/^\|/u, '')
      .replace(/\|$/u, '')
      .split('|')
      .map((cell) => cell.trim());
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${delimiter}][^${delimiter}]*)?)(${delimiter}|$)`, 'uy');
  const cells: string[] = [];
  for (let match = cell.exec(line); match !== null; match = cell.exec(line)) {
    cells.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim());
    if (match[3] === '') return cells;
  }
  // A quote is open: the line says nothing that could be relied on.
  return [];
}

type Cells = Partial<Record<ColumnRole, string>>;

function cellsOf(line: string, { delimiter, roles }: TableHead): Cells {
  const cells: Cells = {};
  splitCells(line.replace(/^(?:\s*>)+\s?/u, ''), delimiter).forEach((text, column) => {
    const role = roles[column] ?? null;
    if (role !== null && text !== '') cells[role] = plain(text);
  });
  return cells;
}

/** The complaint of one line of a table. */
export function rowComplaint(line: number, text: string, head: TableHead, reader: ComplaintReader): Complaint {
  const cells = cellsOf(text, head);
  const when = timeOf(cells, head, reader);
  const [ours, ...others] = findMentions(cells.address ?? '').mentions;
  const address = ours?.address ?? null;
  const port = cells.port === undefined ? (ours?.port ?? null) : portOf(cells.port);
  const at = when?.at ?? null;
  const missing: ComplaintGap[] = [
    ...(address === null ? (['address'] as const) : []),
    ...(port === null ? (['port'] as const) : []),
    ...(at === null ? (['time'] as const) : []),
  ];
  const [destination] = findMentions(cells.destination ?? '').mentions;
  const question =
    address === null || port === null || at === null
      ? null
      : {
          ...{ address, port, protocol: protocolOf(cells.protocol), at, skewSec: reader.skewSec },
          destination: destination === undefined ? null : targetOf(destination, cells),
        };
  const remarks = remarksOf(when, cells.address ?? '', others);
  return { line, text, question, missing, isLocal: when?.isLocal === true, remarks };
}

function targetOf(
  { address, port }: Mention,
  cells: Cells,
): { readonly address: string; readonly port: number | null } {
  return { address, port: portOf(cells.destinationPort ?? '') ?? port };
}

/** In the zone of its cell, else of its own, else of the name of its column. */
function timeOf({ date, time, zone }: Cells, { timeNames }: TableHead, reader: ComplaintReader): WrittenTime | null {
  const written = [date, time, zone].filter((part) => part !== undefined).join(' ');
  return findTimes(`${timeNames}: ${written}`, reader).times[0] ?? null;
}

function remarksOf(when: WrittenTime | null, address: string, others: readonly Mention[]): ComplaintRemark[] {
  const ipv6 = findIpv6(address);
  const left = [...new Set(others.map((other) => other.address))].join(', ');
  return [
    ...(when?.remark == null ? [] : [when.remark]),
    ...(ipv6 === null ? [] : [{ kind: 'ipv6' as const, subject: ipv6 }]),
    ...(left === '' ? [] : [{ kind: 'not_asked' as const, subject: left }]),
  ];
}

function protocolOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  return PROTOCOLS[text.toLowerCase()] ?? (/^\d{1,3}$/u.test(text) && Number(text) <= 255 ? Number(text) : null);
}
