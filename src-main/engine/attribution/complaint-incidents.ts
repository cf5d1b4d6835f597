import type { Complaint, ComplaintGap, ComplaintRemark } from '../../contract/attribution';
import { readFacts, type Facts, type FoundTime, type Mention } from './complaint-facts';
import type { TextLine } from './complaint-lines';
import { chosenPorts } from './complaint-ports';
import { divideRecords } from './complaint-records';
import { findTimes, type TimeReader } from './complaint-time';
import { pairUp } from './pair-up';

export interface ComplaintReader extends TimeReader {
  /** Whether an address is one of the gateway's: of several in a complaint it is the one asked for. */
  readonly isOurs: (address: string) => boolean;
  readonly skewSec: number;
}

/** Of what it shows of a complaint that is no line. */
const MOST_TEXT = 500;

/** An address, or a port without one. */
const MAY_BE_ONE = /\d\.\d{1,3}\.\d|:[\da-f]{0,4}:|port|spt/iu;

/** The complaints of lines that may be about one thing, or several of the same shape. */
export function* incidentsOf(lines: readonly TextLine[], reader: ComplaintReader): Generator<Complaint | null> {
  if (!lines.some(({ written }) => MAY_BE_ONE.test(written))) return;
  const isMail = lines.some(({ label, text }) => label !== null && (MAIL_HEAD.has(label) || MAIL_FROM.test(text)));
  const { preamble, records } = divideRecords(lines);
  const zones = new Set(lines.filter(({ label }) => ZONE_LABELS.has(label ?? '')).map(valueOf));
  const [zone = null] = zones.size === 1 ? zones : [];
  const shared = yield* sharedTimes(preamble, records, isMail, reader);
  const told = new Set<string>();
  for (const record of records) {
    const facts = yield* readFacts(record, isMail, reader);
    for (const { address } of facts.mentions) told.add(address);
    const times = facts.times.length > 0 ? facts.times : joinedTime(record, reader);
    yield* complaintsOf(record, { ...facts, times: inZone(times.length > 0 ? times : shared, zone, reader) }, reader);
  }
  // What is not in a record of its own must not be lost.
  const before = yield* readFacts(preamble, isMail, reader);
  const isLeft = before.mentions.some(
    ({ address, direction }) => direction !== 'aside' && reader.isOurs(address) && !told.has(address),
  );
  if (isLeft) yield* complaintsOf(preamble, before, reader);
}

/** Names that heads of mails have, and reports of abuse do not. */
const MAIL_HEAD: ReadonlySet<string> = new Set([
  'subject',
  'messageid',
  'returnpath',
  'mimeversion',
  'deliveredto',
  'received',
  'replyto',
  'contenttype',
]);
const MAIL_FROM = /^[>\s]*from:.*@/iu;
const ZONE_LABELS: ReadonlySet<string> = new Set(['zone', 'timezone', 'tz', 'utcoffset']);

function valueOf({ written }: TextLine): string {
  return written.slice(written.indexOf(':') + 1).trim();
}

/** Times before the records, if none of these has its own. */
function* sharedTimes(
  preamble: readonly TextLine[],
  records: readonly (readonly TextLine[])[],
  isMail: boolean,
  reader: ComplaintReader,
): Generator<null, readonly FoundTime[]> {
  const { times } = yield* readFacts(preamble, isMail, reader);
  const isOwn =
    times.length > 0 &&
    records.some((record) => record.some((line) => findTimes(line.written, reader).times.length > 0));
  return isOwn ? [] : times;
}

/** Of a date and a time of day that are two values. */
function joinedTime(record: readonly TextLine[], reader: ComplaintReader): readonly FoundTime[] {
  const named = (shape: RegExp): TextLine | undefined =>
    record.find(({ label }) => label !== null && shape.test(label));
  const date = named(/date$|day$|^datum$/u);
  const clock = named(/time$|^time|^uhrzeit$|clock$/u);
  if (date === undefined || clock === undefined) return [];
  const name = clock.written.slice(0, clock.written.indexOf(':'));
  const { times } = findTimes(`${name}: ${valueOf(date)} ${valueOf(clock)}`, reader);
  return times.slice(0, 1).map((time) => ({ ...time, isAside: false }));
}

/** Times that name no zone of their own, in that of a value beside them. */
function inZone(times: readonly FoundTime[], zone: string | null, reader: ComplaintReader): readonly FoundTime[] {
  if (zone === null) return times;
  return times.map((time) => {
    if (!time.isLocal || time.at === null || time.remark !== null) return time;
    const [again] = findTimes(`${time.at} ${zone}`, reader).times;
    return again === undefined ? time : { ...time, at: again.at, isLocal: again.isLocal, remark: again.remark };
  });
}

function* complaintsOf(record: readonly TextLine[], facts: Facts, reader: ComplaintReader): Generator<Complaint> {
  const text = textOf(record);
  const line = record[0]?.line ?? 0;
  const times = timesOf(facts.times);
  const hosts = hostsOf(facts.mentions, reader.isOurs, times.length > 1);
  if (hosts.length === 0) {
    const remarks = remarksWithoutHost(facts);
    const hasPort = facts.ports.some(
      ({ direction, isPlain }) => direction === 'source' || (direction === null && isPlain),
    );
    if (remarks.length === 0 && !(hasPort && times.length > 0)) return;
    yield { line, text, question: null, missing: ['address'], isLocal: false, remarks };
    return;
  }
  const ports = chosenPorts(record, facts, hosts);
  const destinations = destinationsOf(facts, hosts);
  const whens = whensOf(hosts, times);
  const left = leftOver(facts.mentions, hosts, destinations, reader.isOurs);
  const seen = new Set<string>();
  for (const [place, host] of hosts.entries()) {
    const when = whens[place] ?? NO_TIME;
    const chosen = ports[place] ?? { ports: [], unclear: [] };
    for (const port of chosen.ports.length === 0 ? [null] : chosen.ports) {
      const destination = destinations[place] ?? null;
      const key = JSON.stringify([host.address, port, when.at, destination]);
      if (seen.has(key)) continue;
      const remarks: ComplaintRemark[] = [...when.remarks];
      if (port === null && chosen.unclear.length > 0)
        remarks.push({ kind: 'port_unclear', subject: chosen.unclear.join(', ') });
      if (seen.size === 0 && left !== '') remarks.push({ kind: 'not_asked', subject: left });
      seen.add(key);
      const missing: ComplaintGap[] = [
        ...(port === null ? (['port'] as const) : []),
        ...(when.at === null ? (['time'] as const) : []),
      ];
      const { at } = when;
      const { skewSec } = reader;
      const { address } = host;
      const question =
        port === null || at === null ? null : { address, port, protocol: facts.protocol, at, skewSec, destination };
      yield { line, text, question, missing, isLocal: when.isLocal, remarks };
    }
  }
}

/** What might have been asked for, if nothing else is. */
function remarksWithoutHost({ ipv6, mentions }: Facts): ComplaintRemark[] {
  const targets = new Set(
    mentions.filter(({ direction }) => direction === 'destination').map(({ address }) => address),
  );
  return [
    ...(ipv6 === null ? [] : [{ kind: 'ipv6' as const, subject: ipv6 }]),
    ...(targets.size === 0 ? [] : [{ kind: 'not_asked' as const, subject: fewOf(targets) }]),
  ];
}

function textOf(record: readonly TextLine[]): string {
  let text = '';
  let line = 0;
  for (const each of record) {
    // Several values may be of one line.
    if (each.line !== line) text += text === '' ? each.text : `\n${each.text}`;
    ({ line } = each);
    if (text.length > MOST_TEXT) return `${text.slice(0, MOST_TEXT)}…`;
  }
  return text;
}

/** Those of the incident, each once; of the mail or the report only where there is no other. */
function timesOf(times: readonly FoundTime[]): readonly FoundTime[] {
  const own = times.filter(({ isAside }) => !isAside);
  const each = new Map<string, FoundTime>();
  for (const time of own.length > 0 ? own : times) {
    const key = time.at ?? time.remark?.subject ?? '';
    if (!each.has(key)) each.set(key, time);
  }
  return each.size <= 1 ? [...each.values()] : own.length > 0 ? own : times;
}

/**
 * The mentions that are asked for: the gateway's addresses, but for what others of them turned to; where there are none, what is
 * said to be a source, or the first address that is no destination, with those that go on with it.
 */
function hostsOf(
  mentions: readonly Mention[],
  isOurs: ComplaintReader['isOurs'],
  hasTimes: boolean,
): readonly Mention[] {
  const ours = mentions.filter(({ address }) => isOurs(address));
  const noTargets = (pool: readonly Mention[]): readonly Mention[] =>
    pool.filter(({ direction }) => direction === 'source' || direction === null);
  if (ours.length > 0) {
    const sources = noTargets(ours);
    const others = ours.filter(({ direction }) => direction !== 'aside');
    return distinctHosts(sources.length > 0 ? sources : others.length > 0 ? others : ours, hasTimes);
  }
  const named = mentions.filter(({ direction }) => direction === 'source');
  if (named.length > 0) return distinctHosts(named, hasTimes);
  const [first] = noTargets(mentions);
  if (first === undefined) return [];
  const place = mentions.indexOf(first) + 1;
  const end = mentions.slice(place).findIndex(({ isPeer }) => !isPeer);
  return distinctHosts([first, ...mentions.slice(place, end === -1 ? undefined : place + end)], hasTimes);
}

/** Each once where one time is of all; an address with its port stands for those without. */
function distinctHosts(hosts: readonly Mention[], hasTimes: boolean): readonly Mention[] {
  if (hasTimes) return hosts;
  const withPort = new Set(hosts.filter(({ port }) => port !== null).map(({ address }) => address));
  const each = new Map<string, Mention>();
  for (const host of hosts) {
    if (host.port === null && withPort.has(host.address)) continue;
    const key = `${host.address}:${host.port ?? ''}`;
    if (!each.has(key)) each.set(key, host);
  }
  return [...each.values()];
}

interface When {
  readonly at: string | null;
  readonly isLocal: boolean;
  readonly remarks: readonly ComplaintRemark[];
}

const NO_TIME: When = { at: null, isLocal: false, remarks: [] };

/** The time of each host: the only one, or that beside it where hosts and times come in turn. */
function whensOf(hosts: readonly Mention[], times: readonly FoundTime[]): readonly When[] {
  const [first] = times;
  if (first === undefined) return hosts.map(() => NO_TIME);
  if (times.length === 1) return hosts.map(() => whenOf(first));
  const several: ComplaintRemark = { kind: 'several_times', subject: String(times.length) };
  if (hosts.length === 1) {
    const when = whenOf(times.find(({ at }) => at !== null) ?? first);
    return [{ ...when, remarks: [...when.remarks, several] }];
  }
  const pairs = pairUp(hosts, times);
  return hosts.map((_, place) => {
    const own = pairs?.[place];
    return own === undefined ? { ...NO_TIME, remarks: [several] } : whenOf(own);
  });
}

function whenOf({ at, isLocal, isAside, remark }: FoundTime): When {
  const remarks: ComplaintRemark[] = remark === null ? [] : [remark];
  if (isAside && at !== null) remarks.push({ kind: 'mail_date', subject: at });
  return { at, isLocal, remarks };
}

type Destination = { readonly address: string; readonly port: number | null } | null;

/** What each host turned to, where that is known: the only other address, or that beside it where they come in turn. */
function destinationsOf({ mentions, ports }: Facts, hosts: readonly Mention[]): readonly Destination[] {
  const own = new Set(hosts.map(({ address }) => address));
  const others = mentions.filter(
    ({ address, direction, isPeer }) => !own.has(address) && direction !== 'aside' && !isPeer,
  );
  const named = others.filter(({ direction }) => direction === 'destination');
  const pool = named.length > 0 ? named : others;
  const addresses = new Set(pool.map(({ address }) => address));
  const [only] = pool;
  if (only === undefined) return hosts.map(() => null);
  if (addresses.size === 1) {
    const numbers = new Set([
      ...pool.flatMap(({ port }) => port ?? []),
      ...ports.flatMap((each) => (each.direction === 'destination' ? each.ports : [])),
    ]);
    const [port = null] = numbers.size === 1 ? numbers : [];
    return hosts.map(() => ({ address: only.address, port }));
  }
  const pairs = pool.length === hosts.length ? pairUp(hosts, pool) : null;
  return hosts.map((_, place) => {
    const pair = pairs?.[place];
    return pair === undefined ? null : { address: pair.address, port: pair.port };
  });
}

/** So many addresses are told by name. */
const MOST_NAMED = 3;

/** Addresses that nobody asks for and that may be the gateway's, as words; empty where there are none. */
function leftOver(
  mentions: readonly Mention[],
  hosts: readonly Mention[],
  destinations: readonly Destination[],
  isOurs: ComplaintReader['isOurs'],
): string {
  const used = new Set([...hosts, ...destinations].map((each) => each?.address));
  const hasOurs = hosts.some(({ address }) => isOurs(address));
  const left = new Set<string>();
  for (const { address, direction } of mentions) {
    if (used.has(address)) continue;
    if (isOurs(address) || (!hasOurs && direction === null)) left.add(address);
  }
  return fewOf(left);
}

function fewOf(addresses: ReadonlySet<string>): string {
  const named = [...addresses].slice(0, MOST_NAMED).join(', ');
  return addresses.size > MOST_NAMED ? `${named} and ${addresses.size - MOST_NAMED} more` : named;
}
