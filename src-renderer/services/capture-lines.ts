import {
  TUNNEL_NAMES,
  type CaptureDetails,
  type CaptureReport,
  type Compression,
  type InterfaceDescription,
  type TunnelKind,
  type TranslatedHosts,
  type Traffic,
} from '../../src-main/contract/capture-details';
import type { CaptureFacts, CaptureGlance, DescribedCapture } from '../../src-main/contract/imports';
import type { CaptureFact } from '../../src-main/contract/ledger-packets';
import type { FactLine } from '../lib/fact-line';
import { t } from './messages/catalogue';
import { grouped, share } from './number-format';
import { exactUtc } from './time-format';

/** Interfaces that are named one by one. */
const NAMED_INTERFACES = 12;
const { capture: words } = t;

/**
 * What is known of a capture that was imported, as lines; of one that an older version imported that is little.
 *
 * @param digest stands behind its size
 * @param onpackets the packets behind a number are to be shown
 */
export function captureLines(
  facts: CaptureFacts,
  described: DescribedCapture | undefined,
  digest: FactLine,
  onpackets: (fact: CaptureFact) => void,
): readonly FactLine[] {
  const details = described?.details ?? null;
  return [
    { label: words.path, value: facts.path },
    { label: words.format, value: details === null ? facts.format : formatText(details) },
    ...(described === undefined ? [] : [storedLine(described.storedBytes, details?.compression)]),
    { label: words.decompressed, value: words.bytes(grouped(facts.fileBytes)) },
    digest,
    {
      label: words.packets,
      value: grouped(facts.packets),
      ...(details === null ? {} : opens(onpackets, 'packets', words.packets, facts.packets)),
    },
    ...timeLines(details?.earliestTime ?? facts.firstTime, details?.latestTime ?? facts.lastTime),
    ...(details === null ? [] : detailLines(details, onpackets)),
  ];
}

/** What the beginning of a capture tells, and what it does not. */
export function glanceLines(glance: CaptureGlance): readonly FactLine[] {
  const { path, storedBytes, compression, firstTime, linkTypes } = glance;
  return [
    { label: words.path, value: path },
    { label: words.format, value: formatText(glance) },
    storedLine(storedBytes, compression),
    { label: words.linkTypes, value: linkTypes.length === 0 ? words.noLinkTypes : linkTypes.join(', ') },
    ...interfaceLines(glance, { packets: () => null, action: () => ({}) }),
    { label: words.first, value: firstTime === null ? words.noFirstTime : exactUtc(firstTime) },
    { label: words.notYet, value: words.notYetFacts, isUnknown: true },
    { label: words.sha256, value: words.digestLater, isUnknown: true },
  ];
}

/** All that a capture is that was read to its end, and not imported. */
export function reportLines(report: CaptureReport): readonly FactLine[] {
  const { path, storedBytes, compression, fileBytes, packets, earliestTime, latestTime, sha256 } = report;
  const { insideHosts, outbound, busiestHosts } = report;
  const places = report.unreadable.length;
  const unread = report.unreadable.reduce((sum, { bytes }) => sum + bytes, 0);
  const traffic = (of: Traffic): string => words.hostTraffic(of.packets, grouped(of.bytes));
  return [
    { label: words.path, value: path },
    { label: words.format, value: formatText(report) },
    storedLine(storedBytes, compression),
    ...(compression === null ? [] : [{ label: words.decompressed, value: words.bytes(grouped(fileBytes)) }]),
    { label: words.sha256, value: sha256 },
    { label: words.packets, value: grouped(packets) },
    ...timeLines(earliestTime, latestTime),
    ...detailLines(report, null),
    {
      label: words.insideHostsOfDefault,
      value: insideHosts === 0 ? words.none : words.hosts(insideHosts, traffic(outbound)),
    },
    ...busiestHosts.map((host) => ({ label: host.address, value: traffic(host) })),
    ...(places === 0 ? [] : [{ label: words.unreadable, value: words.unreadablePlaces(places, grouped(unread)) }]),
  ];
}

/**
 * @param hosts of one import, whatever the number of its captures
 * @param onhost the entries of one are to be shown
 */
export function hostLines(
  { hosts, outbound, busiest }: TranslatedHosts,
  onhost: (address: string) => void,
): readonly FactLine[] {
  const traffic = ({ packets, bytes }: Traffic): string => words.hostTraffic(packets, grouped(bytes));
  const others = hosts - busiest.length;
  return [
    { label: words.insideHosts, value: hosts === 0 ? words.none : words.hosts(hosts, traffic(outbound)) },
    ...busiest.map((host) => ({
      label: host.address,
      value: traffic(host),
      action: { label: words.entries, name: words.entriesOf(host.address), run: () => onhost(host.address) },
    })),
    ...(others > 0 ? [{ label: words.otherHosts, value: grouped(others) }] : []),
  ];
}

function formatText({ format, version, byteOrder }: Pick<CaptureDetails, 'format' | 'version' | 'byteOrder'>): string {
  return `${version === null ? format : `${format} ${version}`}, ${words.byteOrder[byteOrder]}`;
}

/** @param compression undefined where nobody knows */
function storedLine(storedBytes: number, compression: Compression | null | undefined): FactLine {
  const bytes = words.bytes(grouped(storedBytes));
  const value = compression === undefined ? bytes : `${bytes}, ${compression ?? words.notCompressed}`;
  return { label: words.stored, value };
}

function timeLines(first: string | null, last: string | null): FactLine[] {
  if (first === null || last === null) return [{ label: words.first, value: words.noTimes }];
  return [
    { label: words.first, value: exactUtc(first) },
    { label: words.last, value: exactUtc(last) },
  ];
}

/** What the packets of a fact are. */
export function captureFactName(fact: CaptureFact, details: CaptureDetails | null): string {
  const [kind, of = ''] = fact.split('/');
  switch (kind) {
    case 'ipv4':
      return 'IPv4';
    case 'ipv6':
      return 'IPv6';
    case 'other':
      return words.others;
    case 'fragments':
      return words.fragments;
    case 'tunnels':
      return words.tunnels;
    case 'tunnel':
      return words.tunnel(TUNNEL_NAMES[of as TunnelKind]);
    case 'link':
      return details?.linkTypes.find(({ linkType }) => linkType === Number(of))?.name ?? of;
    case 'interface':
      return interfaceText(Number(of), details?.interfaces[Number(of)]);
    default:
      return words.packets;
  }
}

function interfaceText(index: number, described: InterfaceDescription | undefined): string {
  return words.interface(index, described?.interfaceName ?? described?.description ?? null);
}

/** Null where there are no packets to be opened yet. */
type OnPackets = ((fact: CaptureFact) => void) | null;

/** A number of packets opens them; none opens nothing. */
function opens(onpackets: OnPackets, fact: CaptureFact, label: string, count: number): Pick<FactLine, 'action'> {
  if (count === 0 || onpackets === null) return {};
  return { action: { label: words.showPackets, name: words.showPacketsOf(label), run: () => onpackets(fact) } };
}

function detailLines(details: CaptureDetails, onpackets: OnPackets): FactLine[] {
  const { packets, ipv4, ipv6, otherPackets, tunnelPackets } = details;
  const ofAll = (count: number): string => `${grouped(count)} (${share(count, packets, 2)})`;
  const traffic = ({ packets: count, bytes }: Traffic): string => `${ofAll(count)}, ${words.ipBytes(grouped(bytes))}`;
  const line = (label: string, value: string, fact: CaptureFact, count: number): FactLine => {
    return { label, value, ...opens(onpackets, fact, label, count) };
  };
  const some = (label: string, count: number, fact: CaptureFact): FactLine[] =>
    count === 0 ? [] : [line(label, ofAll(count), fact, count)];
  const odd = (label: string, count: number): FactLine[] => (count === 0 ? [] : [{ label, value: ofAll(count) }]);
  const said = (label: string, value: string | null): FactLine[] => (value === null ? [] : [{ label, value }]);
  return [
    { label: words.order, value: words.steps(details.backwardSteps, details.disorderedPackets) },
    ...odd(words.timeless, details.timelessRecords),
    ...odd(words.impossible, details.impossibleTimes),
    { label: words.captured, value: words.bytes(grouped(details.capturedBytes)) },
    { label: words.wire, value: words.bytes(grouped(details.wireBytes)) },
    ...details.linkTypes.map(({ linkType, name, packets: count }) =>
      line(words.linkType(name), ofAll(count), `link/${linkType}`, count),
    ),
    ...interfaceLines(details, {
      packets: ({ packets: count }) => grouped(count),
      action: (index, label, { packets: count }) => opens(onpackets, `interface/${index}`, label, count),
    }),
    line('IPv4', traffic(ipv4), 'ipv4', ipv4.packets),
    line('IPv6', traffic(ipv6), 'ipv6', ipv6.packets),
    line(words.others, ofAll(otherPackets), 'other', otherPackets),
    ...some(words.fragments, details.fragments, 'fragments'),
    ...odd(words.aggregated, details.aggregatedPackets ?? 0),
    line(words.tunnels, tunnelPackets === 0 ? words.none : ofAll(tunnelPackets), 'tunnels', tunnelPackets),
    ...details.tunnels.flatMap(({ kind, packets: count }) =>
      some(words.tunnel(TUNNEL_NAMES[kind]), count, `tunnel/${kind}`),
    ),
    ...said(words.application, details.application),
    ...said(words.system, details.operatingSystem),
    ...said(words.hardware, details.hardware),
    ...said(words.comment, details.comment),
  ];
}

const DECIMAL_UNITS: Readonly<Record<number, string>> = { 0: '1 s', 3: '1 ms', 6: '1 µs', 9: '1 ns' };
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A tick of a clock: `1 µs`, `10⁻⁷ s`, `2⁻²⁰ s`. */
function tickText({ base, exponent }: InterfaceDescription['resolution']): string {
  const power = String(exponent).replace(/\d/gu, (digit) => SUPERSCRIPTS.charAt(Number(digit)));
  return (base === 10 ? DECIMAL_UNITS[exponent] : undefined) ?? `${base}⁻${power} s`;
}

/** What is known of the packets of an interface. */
interface InterfacePackets<T> {
  /** As text; null where they are not counted yet. */
  readonly packets: (described: T) => string | null;
  readonly action: (index: number, label: string, described: T) => Pick<FactLine, 'action'>;
}

function interfaceLines<T extends InterfaceDescription>(
  { interfaces, interfaceCount, sections = 1 }: InterfacesOf<T>,
  { packets, action }: InterfacePackets<T>,
): FactLine[] {
  const named = interfaces.slice(0, NAMED_INTERFACES);
  return [
    ...(sections > 1 ? [{ label: words.sections, value: grouped(sections) }] : []),
    ...named.map((each, index) => {
      const snapBytes = each.snapBytes === 0 ? null : grouped(each.snapBytes);
      const value = words.interfaceFacts(each.name, snapBytes, tickText(each.resolution), packets(each));
      const label = interfaceText(index, each);
      return { label, value, ...action(index, label, each) };
    }),
    ...(interfaceCount > named.length
      ? [{ label: words.moreInterfaces, value: grouped(interfaceCount - named.length) }]
      : []),
  ];
}

interface InterfacesOf<T> {
  readonly interfaces: readonly T[];
  readonly interfaceCount: number;
  readonly sections?: number;
}
