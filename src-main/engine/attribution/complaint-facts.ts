import { parseIpv4 } from '../../nat/address-text';
import { directionOf, wordsOf, type Direction } from './complaint-labels';
import type { TextLine } from './complaint-lines';
import { TIME_MARK, findTimes, type TimeReader, type WrittenTime } from './complaint-time';

/** What a text says, each by its place. */
export interface Facts {
  readonly mentions: readonly Mention[];
  readonly ports: readonly NamedPorts[];
  readonly times: readonly FoundTime[];
  /** IANA number; null where none is named, or several are. */
  readonly protocol: number | null;
  /** The first IPv6 address. */
  readonly ipv6: string | null;
}

export interface Mention {
  readonly start: number;
  readonly address: string;
  /** Which stands behind it. */
  readonly port: number | null;
  readonly direction: Direction | null;
  /** Goes on with a list of addresses: `… and 203.0.113.2`. */
  readonly isPeer: boolean;
}

/** Ports that stand by themselves, as firewalls and reports name them. */
export interface NamedPorts {
  readonly start: number;
  /** Several, where they are said to be several. */
  readonly ports: readonly number[];
  readonly direction: Direction | null;
  /** It is the value of a field that is called the port, and of nothing. */
  readonly isPlain: boolean;
}

export interface FoundTime extends WrittenTime {
  /** Of the mail, or of the report: only where there is no other. */
  readonly isAside: boolean;
}

/** What has the place of an address in a text whose times and addresses were found. */
const ADDRESS_MARK = '\ue001';
/** What stands farther from a value says no more of it. */
const NEAR = 48;

/**
 * Everything that a complaint may be made of.
 *
 * @param isMail the lines are of a mail's head
 */
export function* readFacts(lines: readonly TextLine[], isMail: boolean, reader: TimeReader): Generator<null, Facts> {
  const mentions: Mention[] = [];
  const ports: NamedPorts[] = [];
  const times: FoundTime[] = [];
  const protocols = new Set<string>();
  let ipv6: string | null = null;
  let offset = 0;
  for (const { written, label } of lines) {
    yield null;
    const found = findTimes(written, reader);
    const isAside = isMail && label !== null && MAIL_LABELS.has(label);
    for (const time of found.times) {
      const isReport = isAside || REPORT_TIME.test(written.slice(Math.max(0, time.start - NEAR), time.start));
      times.push({ ...time, start: time.start + offset, end: time.end + offset, isAside: isReport });
    }
    const { mentions: own, rest } = findMentions(found.rest);
    for (const mention of own) {
      const direction = isAside ? 'aside' : mention.direction;
      mentions.push({ ...mention, direction, start: mention.start + offset });
    }
    for (const port of findPorts(rest)) ports.push({ ...port, start: port.start + offset });
    for (const [protocol] of rest.matchAll(/\b(?:tcp|udp|icmp)\b/giu)) protocols.add(protocol.toLowerCase());
    ipv6 ??= findIpv6(rest);
    offset += written.length + 1;
  }
  const [protocol = '', another] = protocols;
  return { mentions, ports, times, protocol: another === undefined ? (PROTOCOLS[protocol] ?? null) : null, ipv6 };
}

export const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1 };
/** Of the head of a mail: whose addresses and times are of its way. @see RFC 5322 §3.6 */
const MAIL_LABELS: ReadonlySet<string> = new Set(['received', 'date', 'sent', 'returnpath', 'xreceived']);
const REPORT_TIME =
  /\b(?:reported|sent|generated|received|report[ _]?(?:date|time))(?: (?:at|on|date|time))?["']?\s*[:=]?\s*["']?(?:[A-Z][a-z]{2,8},? )?$/iu;

const ADDRESS = String.raw`\d{1,3}(?:\.\d{1,3}){3}`;
const BLANK = String.raw`[^\S\n]`;
const COMMA = String.raw`["']?${BLANK}{0,3}[,;|\t]${BLANK}{0,3}["']?`;
/**
 * Behind an address. A prefix length or the path of an address is no port, and a number alone is one only where lists have
 * it: before what goes on as those of flows do, and beside a time.
 */
const PORT = String.raw`(?:${[
  String.raw`\]?[:#]`,
  String.raw`\.`,
  String.raw`(?<!//${ADDRESS})/(?=\d{3,5}(?![\w/]))`,
  String.raw`\]?,?${BLANK}{1,8}\(?(?:s(?:ou)?rce?[ _-]?)?s?port[ :=]{0,8}`,
  String.raw`${BLANK}?\((?:port[ :]{0,3})?(?=\d{1,5}\))`,
  String.raw`(?:${BLANK}|[,;]){1,8}(?=\d{1,5}(?:${BLANK}|[,;]){1,8}(?:${ADDRESS}|->|tcp\b|udp\b))`,
  String.raw`${COMMA}(?=\d{1,5}${COMMA}${TIME_MARK})`,
  String.raw`(?<=${TIME_MARK}${COMMA}${ADDRESS})${COMMA}(?=\d{1,5}["']?\s*(?:$|[,;|\t]))`,
].join('|')})(?<port>\d{1,5})(?![\d.]\d|\d)`;
const ENDPOINT = new RegExp(String.raw`(?<![\d.])(?<address>${ADDRESS})(?:${PORT})?(?![\d])`, 'giu');

/** Finds IPv4 addresses with what stands at them. `rest` has marks in their places. */
export function findMentions(text: string): { readonly mentions: readonly Mention[]; readonly rest: string } {
  const mentions: Mention[] = [];
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(ENDPOINT)) {
    const { address = '', port } = match.groups ?? {};
    if (parseIpv4(address) === null) continue;
    const { index } = match;
    parts.push(text.slice(from, index), ADDRESS_MARK.repeat(match[0].length));
    from = index + match[0].length;
    const before = text.slice(Math.max(0, index - NEAR), index);
    mentions.push({
      ...{ start: index, address, port: port === undefined ? null : portOf(port) },
      ...{ direction: directionAt(before), isPeer: /(?:\band|\bor|\bund|[&;+])\s*$/iu.test(before) },
    });
  }
  return { mentions, rest: parts.join('') + text.slice(from) };
}

const TOWARDS = /(?:->|=>|→|»|(?<![<\w])>)[\s"'([]*$/u;

function directionAt(before: string): Direction | null {
  if (TOWARDS.test(before)) return 'destination';
  const clause = clauseOf(before);
  return /[A-Za-z]/u.test(clause) ? directionOf(wordsOf(clause)) : null;
}

const PARTS = `0123456789,;|{}()<>\n${TIME_MARK}${ADDRESS_MARK}`;

/** What stands before a value since the last thing that parts it from others. */
function clauseOf(before: string): string {
  let start = before.length;
  while (start > 0 && !PARTS.includes(before.charAt(start - 1))) start--;
  return before.slice(start);
}

const PORT_NAME =
  /(?<glued>[A-Za-z]{0,12})(?<name>ports|port|spt|dpt)(?![A-Za-z])(?:[\s_.-]{0,3}(?:number|no|nr)\b)?(?<sign>["']?[\s.]{0,16}[:=]\s{0,8}["'([]?|[\s"'#(]{1,8})(?<first>\d{1,5})(?!\d|\.\d)(?<others>(?:\s?(?:,|and|&)\s?\d{1,5}\b)*)/giu;
/** May stand before a field that is called the port, which is then of no one's but of whom the complaint is about. */
const PLAIN_WORDS: ReadonlySet<string> = new Set([
  'tcp',
  'udp',
  'ip',
  'your',
  'the',
  'used',
  'incident',
  'public',
  'external',
]);
const GLUED_WORDS: ReadonlySet<string> = new Set(
  ['src', 'dst', 'source', 'dest', 'destination', 'target', 'victim', 'nat', 'client', 'server'].concat([
    'local',
    'remote',
    'attacker',
    'public',
    'external',
    'ip',
  ]),
);

function findPorts(text: string): NamedPorts[] {
  return [...text.matchAll(PORT_NAME)].flatMap((match) => {
    const { glued = '', name = '', sign = '', first = '', others = '' } = match.groups ?? {};
    // A report, an export.
    const isOwnWord =
      glued === '' || GLUED_WORDS.has(wordsOf(glued).at(-1) ?? '') || /[a-z]P$/u.test(glued + name.charAt(0));
    if (!isOwnWord) return [];
    const written = name.toLowerCase() === 'ports' ? [first, ...(others.match(/\d+/gu) ?? [])] : [first];
    const ports = written.map(portOf).filter((port) => port !== null);
    if (ports.length === 0) return [];
    const words = wordsBefore(text, match.index, `${glued}${name}`);
    return [
      {
        ...{ start: match.index, ports, direction: directionOf(words) },
        isPlain: /[:=]/u.test(sign) && words.every((word) => PLAIN_WORDS.has(word)),
      },
    ];
  });
}

/** Of the name of a port and what stands before it, without the word itself. */
function wordsBefore(text: string, start: number, name: string): string[] {
  const clause = clauseOf(text.slice(Math.max(0, start - NEAR), start).replaceAll(/[":=]|\B'|'\B/gu, ','));
  const full = name.replace(/spt$/iu, 'src port').replace(/dpt$/iu, 'dst port');
  return wordsOf(`${clause}${full}`).filter((word) => word !== 'port' && word !== 'ports');
}

export function portOf(text: string): number | null {
  return /^\d{1,5}$/u.test(text) && Number(text) <= 0xffff ? Number(text) : null;
}

const IPV6 = /(?<![\w:.])(?:[\da-f]{0,4}:){2,7}[\da-f]{0,4}(?![\w:])/giu;

/** The first IPv6 address in canonical or in full length; clocks and hardware addresses are none. */
export function findIpv6(text: string): string | null {
  for (const [found] of text.matchAll(IPV6)) {
    if (/\d/u.test(found) && (found.includes('::') || found.split(':').length === 8)) return found;
  }
  return null;
}
