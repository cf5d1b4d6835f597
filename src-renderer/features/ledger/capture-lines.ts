import { TUNNEL_NAMES, type CaptureDetails, type Traffic } from '../../../src-main/contract/capture-details';
import type { CaptureFacts, DescribedCapture } from '../../../src-main/contract/ipc';
import { t } from '../../services/messages/catalogue';
import { grouped, share } from '../../services/number-format';
import { exactUtc } from '../../services/time-format';

export interface CaptureLine {
  readonly label: string;
  readonly value: string;
}

/** Interfaces that are named one by one. */
const NAMED_INTERFACES = 12;
const { capture: words } = t;

/** What is known of a capture, as lines; of one that an older version imported that is little. */
export function captureLines(facts: CaptureFacts, described: DescribedCapture | undefined): readonly CaptureLine[] {
  const details = described?.details ?? null;
  return [
    { label: words.path, value: facts.path },
    { label: words.format, value: details === null ? facts.format : formatText(details) },
    ...(described === undefined ? [] : [{ label: words.stored, value: words.bytes(grouped(described.storedBytes)) }]),
    { label: words.decompressed, value: words.bytes(grouped(facts.fileBytes)) },
    { label: words.packets, value: grouped(facts.packets) },
    ...timeLines(details?.earliestTime ?? facts.firstTime, details?.latestTime ?? facts.lastTime),
    ...(details === null ? [] : detailLines(details)),
  ];
}

function formatText({ format, version, byteOrder }: CaptureDetails): string {
  return `${version === null ? format : `${format} ${version}`}, ${words.byteOrder[byteOrder]}`;
}

function timeLines(first: string | null, last: string | null): CaptureLine[] {
  if (first === null || last === null) return [{ label: words.first, value: words.noTimes }];
  return [
    { label: words.first, value: exactUtc(first) },
    { label: words.last, value: exactUtc(last) },
  ];
}

function detailLines(details: CaptureDetails): CaptureLine[] {
  const { packets, ipv4, ipv6 } = details;
  const ofAll = (count: number): string => `${grouped(count)} (${share(count, packets, 2)})`;
  const traffic = ({ packets: count, bytes }: Traffic): string => `${ofAll(count)}, ${words.ipBytes(grouped(bytes))}`;
  const some = (label: string, count: number): CaptureLine[] => (count === 0 ? [] : [{ label, value: ofAll(count) }]);
  const said = (label: string, value: string | null): CaptureLine[] => (value === null ? [] : [{ label, value }]);
  return [
    { label: words.order, value: words.steps(details.backwardSteps, details.disorderedPackets) },
    ...some(words.timeless, details.timelessRecords),
    ...some(words.impossible, details.impossibleTimes),
    { label: words.captured, value: words.bytes(grouped(details.capturedBytes)) },
    { label: words.wire, value: words.bytes(grouped(details.wireBytes)) },
    ...details.linkTypes.map(({ name, packets: count }) => ({ label: words.linkType(name), value: ofAll(count) })),
    ...interfaceLines(details),
    { label: 'IPv4', value: traffic(ipv4) },
    { label: 'IPv6', value: traffic(ipv6) },
    { label: words.others, value: ofAll(details.otherPackets) },
    ...some(words.fragments, details.fragments),
    ...details.tunnels.flatMap(({ kind, packets: count }) => some(words.tunnel(TUNNEL_NAMES[kind]), count)),
    ...said(words.application, details.application),
    ...said(words.system, details.operatingSystem),
    ...said(words.hardware, details.hardware),
    ...said(words.comment, details.comment),
  ];
}

function interfaceLines({ interfaces, interfaceCount, sections }: CaptureDetails): CaptureLine[] {
  const named = interfaces.slice(0, NAMED_INTERFACES);
  return [
    ...(sections > 1 ? [{ label: words.sections, value: grouped(sections) }] : []),
    ...named.map((each, index) => ({
      label: words.interface(index, each.interfaceName ?? each.description),
      value: words.interfaceFacts(
        each.name,
        each.snapBytes === 0 ? null : grouped(each.snapBytes),
        `${each.resolution.base}^-${each.resolution.exponent} s`,
        grouped(each.packets),
      ),
    })),
    ...(interfaceCount > named.length
      ? [{ label: words.moreInterfaces, value: grouped(interfaceCount - named.length) }]
      : []),
  ];
}
