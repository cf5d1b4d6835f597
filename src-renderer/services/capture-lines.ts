import {
  TUNNEL_NAMES,
  type CaptureDetails,
  type Compression,
  type InterfaceDescription,
  type TranslatedHosts,
  type Traffic,
} from '../../src-main/contract/capture-details';
import type { CaptureFacts, CaptureGlance, DescribedCapture } from '../../src-main/contract/imports';
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
 */
export function captureLines(
  facts: CaptureFacts,
  described: DescribedCapture | undefined,
  digest: FactLine,
): readonly FactLine[] {
  const details = described?.details ?? null;
  return [
    { label: words.path, value: facts.path },
    { label: words.format, value: details === null ? facts.format : formatText(details) },
    ...(described === undefined ? [] : [storedLine(described.storedBytes, details?.compression)]),
    { label: words.decompressed, value: words.bytes(grouped(facts.fileBytes)) },
    digest,
    { label: words.packets, value: grouped(facts.packets) },
    ...timeLines(details?.earliestTime ?? facts.firstTime, details?.latestTime ?? facts.lastTime),
    ...(details === null ? [] : detailLines(details)),
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
    ...interfaceLines(glance, () => null),
    { label: words.first, value: firstTime === null ? words.noFirstTime : exactUtc(firstTime) },
    { label: words.notYet, value: words.notYetFacts, isUnknown: true },
    { label: words.sha256, value: words.digestLater, isUnknown: true },
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

function detailLines(details: CaptureDetails): FactLine[] {
  const { packets, ipv4, ipv6 } = details;
  const ofAll = (count: number): string => `${grouped(count)} (${share(count, packets, 2)})`;
  const traffic = ({ packets: count, bytes }: Traffic): string => `${ofAll(count)}, ${words.ipBytes(grouped(bytes))}`;
  const some = (label: string, count: number): FactLine[] => (count === 0 ? [] : [{ label, value: ofAll(count) }]);
  const said = (label: string, value: string | null): FactLine[] => (value === null ? [] : [{ label, value }]);
  return [
    { label: words.order, value: words.steps(details.backwardSteps, details.disorderedPackets) },
    ...some(words.timeless, details.timelessRecords),
    ...some(words.impossible, details.impossibleTimes),
    { label: words.captured, value: words.bytes(grouped(details.capturedBytes)) },
    { label: words.wire, value: words.bytes(grouped(details.wireBytes)) },
    ...details.linkTypes.map(({ name, packets: count }) => ({ label: words.linkType(name), value: ofAll(count) })),
    ...interfaceLines(details, ({ packets: count }) => grouped(count)),
    { label: 'IPv4', value: traffic(ipv4) },
    { label: 'IPv6', value: traffic(ipv6) },
    { label: words.others, value: ofAll(details.otherPackets) },
    ...some(words.fragments, details.fragments),
    { label: words.tunnels, value: details.tunnelPackets === 0 ? words.none : ofAll(details.tunnelPackets) },
    ...details.tunnels.flatMap(({ kind, packets: count }) => some(words.tunnel(TUNNEL_NAMES[kind]), count)),
    ...said(words.application, details.application),
    ...said(words.system, details.operatingSystem),
    ...said(words.hardware, details.hardware),
    ...said(words.comment, details.comment),
  ];
}

/** @param packets of an interface, as text; null where they are not counted yet */
const DECIMAL_UNITS: Readonly<Record<number, string>> = { 0: '1 s', 3: '1 ms', 6: '1 µs', 9: '1 ns' };
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A tick of a clock: `1 µs`, `10⁻⁷ s`, `2⁻²⁰ s`. */
function tickText({ base, exponent }: InterfaceDescription['resolution']): string {
  const power = String(exponent).replace(/\d/gu, (digit) => SUPERSCRIPTS.charAt(Number(digit)));
  return (base === 10 ? DECIMAL_UNITS[exponent] : undefined) ?? `${base}⁻${power} s`;
}

function interfaceLines<T extends InterfaceDescription>(
  { interfaces, interfaceCount, sections = 1 }: InterfacesOf<T>,
  packets: (described: T) => string | null,
): FactLine[] {
  const named = interfaces.slice(0, NAMED_INTERFACES);
  return [
    ...(sections > 1 ? [{ label: words.sections, value: grouped(sections) }] : []),
    ...named.map((each, index) => ({
      label: words.interface(index, each.interfaceName ?? each.description),
      value: words.interfaceFacts(
        each.name,
        each.snapBytes === 0 ? null : grouped(each.snapBytes),
        tickText(each.resolution),
        packets(each),
      ),
    })),
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
