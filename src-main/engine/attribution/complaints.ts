import type { Complaint, ComplaintGap } from '../../contract/attribution';
import { parseIpv4 } from '../../nat/address-text';
import { delimiterOf, type CsvDelimiter } from '../../logstore/csv-entry';
import { findInstant } from './complaint-time';

export interface ComplaintReader {
  /** Whether an address is one of the gateway's: of two in a complaint it is the one asked for. */
  readonly isOurs: (address: string) => boolean;
  readonly skewSec: number;
  /** Of times that name none. */
  readonly year: number;
}

/**
 * Finds the complaints in a text: a CSV file with a header that names its columns, or lines of logs and of mails, one
 * complaint each, or paragraphs of `Name: value` lines as reports of abuse (X-ARF and its like) have them. Lines that have
 * no address are none.
 */
export function readComplaints(text: string, reader: ComplaintReader): Complaint[] {
  const csv = readCsv(text, reader);
  if (csv !== null) return csv;
  return blocksOf(text).flatMap((block) => complaintOf(block, reader));
}

interface Block {
  readonly line: number;
  readonly text: string;
}

const NAMED_LINE = /^\s*[A-Za-z][A-Za-z0-9 _-]{0,40}:\s+\S/u;
const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1 };

/** Lines, but for neighbours that are all `Name: value`, which are one. */
function blocksOf(text: string): Block[] {
  const blocks: { line: number; text: string; isNamed: boolean }[] = [];
  text.split(/\r\n|\r|\n/u).forEach((line, index) => {
    const last = blocks.at(-1);
    const isNamed = NAMED_LINE.test(line) && findInstant(line.slice(0, 20), 2000) === null;
    if (isNamed && last?.isNamed === true && last.text !== '') last.text += `\n${line}`;
    else blocks.push({ line: index + 1, text: line, isNamed });
  });
  return blocks.filter((block) => block.text.trim() !== '');
}

const ADDRESS = String.raw`\d{1,3}(?:\.\d{1,3}){3}`;
/** Behind an address; a prefix length or the path of an address is no port, and a number alone is one only before what goes on as lists of flows do. */
const PORT = String.raw`(?:\]?[:#]|\.|(?<!//${ADDRESS})/(?=\d{3,5}(?![\w/]))|\]?,?\s+\(?(?:s(?:ou)?rce?[ _-]?)?s?port[ :=]*|[\s,;]+(?=\d{1,5}[\s,;]+(?:${ADDRESS}|->|tcp\b|udp\b)))(?<port>\d{1,5})(?![\d.]\d|\d)`;
const ENDPOINT = new RegExp(String.raw`(?<![\d.])(?<address>${ADDRESS})(?:${PORT})?(?![\d])`, 'giu');
/** Ports that stand by themselves, as firewalls and reports name them. */
const SOURCE_PORT =
  /\b(?:s(?:ou)?rce?[ _-]?port|src[ _-]?port|sport|spt|nat[ _-]?port|port)\b["']?\s*[:=]?\s*["']?(\d{1,5})\b/iu;
const DESTINATION_PORT = /\b(?:dest(?:ination)?[ _-]?port|dst[ _-]?port|dport|dpt)\b["']?\s*[:=]?\s*["']?(\d{1,5})\b/iu;
const DESTINATION_BEFORE =
  /(?:\b(?:dst|dest|destination|target|victim|to)\b[ _-]?(?:ip|address|host)?["']?\s*[:=]?\s*["']?|(?:->|=>|→|>)\s*)$/iu;

interface Mention {
  readonly address: string;
  readonly port: number | null;
  readonly isDestination: boolean;
}

/** What mails make of addresses so that nobody follows them, `203.0.113[.]1` say, and of blanks and minus signs. */
function plain(text: string): string {
  return text
    .replaceAll(/[[({]\s?(?:\.|dot)\s?[\])}]/giu, '.')
    .replaceAll(/[[({]:[\])}]/gu, ':')
    .replaceAll(/[\u00a0\u2007\u202f]/gu, ' ')
    .replaceAll(/[\u2010-\u2012\u2212]/gu, '-');
}

function complaintOf({ line, text }: Block, reader: ComplaintReader): Complaint[] {
  const written = plain(text);
  const instant = findInstant(written, reader.year);
  // A time has colons and digits, too.
  const rest =
    instant === null
      ? written
      : written.slice(0, instant.start) + ' '.repeat(instant.end - instant.start) + written.slice(instant.end);
  const mentions = mentionsIn(rest);
  const ours =
    mentions.find(({ address }) => reader.isOurs(address)) ??
    mentions.find((each) => !each.isDestination) ??
    mentions[0];
  if (ours === undefined) return [];
  const other = mentions.find(({ address }) => address !== ours.address);
  const port = ours.port ?? portIn(rest, SOURCE_PORT);
  const missing = gapsOf({ address: ours.address, port, at: instant?.at ?? null });
  const protocol = /\b(tcp|udp|icmp)\b/iu.exec(rest)?.[1]?.toLowerCase();
  const question =
    missing.length > 0 || port === null || instant === null
      ? null
      : {
          address: ours.address,
          port,
          protocol: protocol === undefined ? null : (PROTOCOLS[protocol] ?? null),
          at: instant.at,
          skewSec: reader.skewSec,
          destination:
            other === undefined ? null : { address: other.address, port: other.port ?? portIn(rest, DESTINATION_PORT) },
        };
  return [{ line, text, question, missing, isLocal: instant?.isLocal === true }];
}

function mentionsIn(text: string): Mention[] {
  return [...text.matchAll(ENDPOINT)].flatMap((match) => {
    const { address = '', port } = match.groups ?? {};
    if (parseIpv4(address) === null) return [];
    const isPort = port !== undefined && Number(port) <= 0xffff;
    const isDestination = DESTINATION_BEFORE.test(text.slice(0, match.index));
    return [{ address, port: isPort ? Number(port) : null, isDestination }];
  });
}

function portIn(text: string, shape: RegExp): number | null {
  const port = shape.exec(text)?.[1];
  return port === undefined || Number(port) > 0xffff ? null : Number(port);
}

function gapsOf(found: {
  readonly address: string | null;
  readonly port: number | null;
  readonly at: string | null;
}): ComplaintGap[] {
  return [
    ...(found.address === null ? (['address'] as const) : []),
    ...(found.port === null ? (['port'] as const) : []),
    ...(found.at === null ? (['time'] as const) : []),
  ];
}

/** What a column is, by its name in lower case without blanks, dashes and underscores. */
const COLUMN_NAMES = {
  address: [
    'ip',
    'address',
    'srcip',
    'sourceip',
    'source',
    'src',
    'natip',
    'nateip',
    'eip',
    'publicip',
    'sourceaddress',
  ],
  port: ['port', 'srcport', 'sourceport', 'sport', 'natport', 'publicport'],
  time: ['time', 'at', 'timestamp', 'datetime', 'when', 'eventtime', 'timeutc', 'seen', 'firstseen'],
  date: ['date', 'day'],
  zone: ['zone', 'timezone', 'tz'],
  protocol: ['protocol', 'proto'],
  destination: [
    'dstip',
    'destinationip',
    'destip',
    'destination',
    'dst',
    'pubip',
    'target',
    'targetip',
    'destinationaddress',
  ],
  destinationPort: ['dstport', 'destinationport', 'destport', 'dport', 'pubport', 'targetport'],
} as const;
type ColumnRole = keyof typeof COLUMN_NAMES;

/** @returns what each column is; null for one of no matter, or of which there was one before */
function rolesOf(head: readonly string[]): (ColumnRole | null)[] {
  const roles: (ColumnRole | null)[] = [];
  for (const name of head) {
    const bare = name.toLowerCase().replace(/[ _-]/gu, '');
    const role = (Object.keys(COLUMN_NAMES) as ColumnRole[]).find((each) =>
      (COLUMN_NAMES[each] as readonly string[]).includes(bare),
    );
    roles.push(role === undefined || roles.includes(role) ? null : role);
  }
  return roles;
}

/** @returns null for a text that is no CSV file with columns of complaints */
function readCsv(text: string, reader: ComplaintReader): Complaint[] | null {
  const lines = text.replace(/^\uFEFF/u, '').split(/\r\n|\r|\n/u);
  const first = lines.findIndex((line) => line.trim() !== '');
  const headLine = lines[first];
  if (headLine === undefined) return null;
  const delimiter = delimiterOf(headLine);
  const roles = rolesOf(splitCells(headLine, delimiter));
  const hasMore = (['time', 'date', 'port'] as const).some((role) => roles.includes(role));
  if (!roles.includes('address') || !hasMore) return null;
  return lines.flatMap((line, index) =>
    index <= first || line.trim() === ''
      ? []
      : [csvComplaint({ line: index + 1, text: line }, cellsOf(line, delimiter, roles), reader)],
  );
}

/** The cells of one line, as far as it has any. @see RFC 4180 */
function splitCells(line: string, delimiter: CsvDelimiter): string[] {
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

function cellsOf(line: string, delimiter: CsvDelimiter, roles: readonly (ColumnRole | null)[]): Cells {
  const cells: Cells = {};
  splitCells(line, delimiter).forEach((text, column) => {
    const role = roles[column] ?? null;
    if (role !== null && text !== '') cells[role] = plain(text);
  });
  return cells;
}

function csvComplaint(block: Block, cells: Cells, reader: ComplaintReader): Complaint {
  const instant = findInstant(
    [cells.date, cells.time, cells.zone].filter((part) => part !== undefined).join(' '),
    reader.year,
  );
  const ours = endpointOf(cells.address);
  const { address } = ours;
  const port = portOf(cells.port) ?? ours.port;
  const missing = gapsOf({ address, port, at: instant?.at ?? null });
  const destination = endpointOf(cells.destination);
  const question =
    address === null || port === null || instant === null
      ? null
      : {
          address,
          port,
          protocol: protocolOf(cells.protocol),
          at: instant.at,
          skewSec: reader.skewSec,
          destination:
            destination.address === null
              ? null
              : { address: destination.address, port: portOf(cells.destinationPort) ?? destination.port },
        };
  return { ...block, question, missing, isLocal: instant?.isLocal === true };
}

/** A cell may have an address with its port. */
function endpointOf(cell = ''): { readonly address: string | null; readonly port: number | null } {
  const [, address = '', port] = /^([\d.]+)(?::(\d{1,5}))?$/u.exec(cell) ?? [];
  return parseIpv4(address) === null ? { address: null, port: null } : { address, port: portOf(port) };
}

function portOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,5}$/u.test(text) && Number(text) <= 0xffff ? Number(text) : null;
}

function protocolOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  return PROTOCOLS[text.toLowerCase()] ?? (/^\d{1,3}$/u.test(text) && Number(text) <= 255 ? Number(text) : null);
}
