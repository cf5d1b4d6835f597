import { TUNNEL_NAMES, type CaptureReport, type InterfaceDetails, type Traffic } from '../contract/capture-details';
import { LOSS_REASONS, REASONS, REASON_TEXT, type Reason } from '../contract/ledger';
import { fact, table, WIDEST_TEXT } from './fact-text';
import { counted, share, thousands } from './number-text';
import { printable, wrapText, type TableColumn } from './text-table';
import { durationSec, exactTime, resolutionText } from './time-range-text';

/** Interfaces that are listed one by one; the JSON has all that are kept. */
const LISTED_INTERFACES = 20;
const LEFT = 'left' as const;
const RIGHT = 'right' as const;

/**
 * A capture as people read it.
 *
 * @returns whole lines
 */
export function infoText(report: CaptureReport, columns: number): string {
  const width = Math.min(columns, WIDEST_TEXT);
  const sections = [
    [printable(report.path), ...fileText(report, width)],
    timeText(report),
    interfacesText(report),
    trafficText(report),
    gatewayText(report, width),
    unreadableText(report, width),
  ];
  const texts = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${texts.join('\n\n')}\n`;
}

function fileText(report: CaptureReport, width: number): string[] {
  const { format, version, byteOrder, compression, frameCheckBytes } = report;
  const name = version === null ? format : `${format} ${version}`;
  return [
    ...fact('format', `${name}, ${byteOrder}-endian${report.isModified === true ? ', modified (Kuznetzov)' : ''}`),
    // Its records have no interface that would say it.
    ...fact('resolution', format === 'erf' ? resolutionText({ base: 2, exponent: 32 }) : null),
    ...fact(
      'frame checks',
      frameCheckBytes === undefined ? null : `${counted(frameCheckBytes, 'byte')} at the end of each frame`,
    ),
    ...fact('size on disk', counted(report.storedBytes, 'byte') + (compression === null ? '' : `, ${compression}`)),
    ...fact('decompressed', compression === null ? null : counted(report.fileBytes, 'byte')),
    ...fact('SHA-256', report.sha256),
    ...fact('application', report.application, width),
    ...fact('operating system', report.operatingSystem, width),
    ...fact('hardware', report.hardware, width),
    ...fact('comment', report.comment, width),
    ...fact('packets', thousands(report.packets)),
    ...fact('captured', counted(report.capturedBytes, 'byte')),
    ...fact('on the wire', counted(report.wireBytes, 'byte')),
  ];
}

function timeText(report: CaptureReport): string[] {
  const { earliestTime, latestTime, timelessRecords, impossibleTimes } = report;
  const duration = durationSec(earliestTime, latestTime);
  return [
    'Time',
    ...fact('first packet', earliestTime === null ? 'no packet has a time' : `${exactTime(earliestTime)} UTC`),
    ...fact('last packet', latestTime === null ? null : `${exactTime(latestTime)} UTC`),
    ...fact('duration', duration === null ? null : `${duration} s`),
    ...fact('order', orderText(report)),
    ...fact('without a time', timelessRecords === 0 ? null : counted(timelessRecords, 'packet')),
    ...fact('impossible times', impossibleTimes === 0 ? null : counted(impossibleTimes, 'packet')),
  ];
}

function orderText({ backwardSteps, disorderedPackets }: CaptureReport): string {
  if (backwardSteps === 0) return 'time never goes back';
  return `${counted(backwardSteps, 'step')} back in time, ${counted(disorderedPackets, 'packet')} behind a later one`;
}

const INTERFACE_COLUMNS: readonly TableColumn[] = [
  { header: 'interface', align: LEFT },
  { header: 'link type', align: LEFT },
  { header: 'snap length', align: RIGHT },
  { header: 'resolution', align: LEFT },
  { header: 'packets', align: RIGHT },
];

function interfacesText(report: CaptureReport): string[] {
  const { interfaces, interfaceCount, sections, linkTypes } = report;
  const head = [
    counted(interfaceCount, 'interface'),
    ...(sections > 1 ? [counted(sections, 'section')] : []),
    ...(linkTypes.length > 1 ? [counted(linkTypes.length, 'link type')] : []),
  ].join(', ');
  const links =
    interfaceCount > 1 || interfaceCount === 0
      ? linkTypes.flatMap(({ name, packets }) => fact(name, counted(packets, 'packet')))
      : [];
  const listed = interfaces.slice(0, LISTED_INTERFACES);
  const more = interfaceCount - listed.length;
  return [
    head,
    ...links,
    ...(listed.length > 0 ? table(INTERFACE_COLUMNS, listed.map(interfaceCells)) : []),
    ...(more > 0 ? [`  and ${counted(more, 'other interface')}`] : []),
  ];
}

function interfaceCells(described: InterfaceDetails): string[] {
  const { interfaceName, description, name, snapBytes, resolution, packets } = described;
  const called = [interfaceName, description].filter((text) => text !== null).join(', ');
  return [
    called === '' ? '(no name)' : printable(called),
    name,
    snapBytes === 0 ? 'not given' : thousands(snapBytes),
    resolutionText(resolution),
    thousands(packets),
  ];
}

const TRAFFIC_COLUMNS: readonly TableColumn[] = [
  { header: 'packets of', align: LEFT },
  { header: 'packets', align: RIGHT },
  { header: 'share', align: RIGHT },
  { header: 'IP bytes', align: RIGHT },
  { header: 'share', align: RIGHT },
];
/** What decoding says of a packet; the other reasons are a gateway's. */
const DECODING_LABELS: readonly (readonly [Reason, string])[] = [
  ['l4_truncated', 'cut before ports'],
  ['malformed', 'malformed'],
  ['unknown_link_type', 'unknown link type'],
  ['encap_depth', 'too many tunnels'],
];

function trafficText(report: CaptureReport): string[] {
  const { packets, ipv4, ipv6, otherPackets, fragments, tunnelPackets, decoding } = report;
  if (packets === 0) return [];
  const ipBytes = ipv4.bytes + ipv6.bytes;
  const counts = (count: number): string[] => [thousands(count), share(count, packets)];
  const line = (label: string, traffic: Traffic): string[] => [
    label,
    ...counts(traffic.packets),
    thousands(traffic.bytes),
    share(traffic.bytes, ipBytes),
  ];
  const some = (label: string, count: number): string[][] => (count === 0 ? [] : [[label, ...counts(count), '', '']]);
  return table(TRAFFIC_COLUMNS, [
    line('IPv4', ipv4),
    line('IPv6', ipv6),
    ['other', ...counts(otherPackets), '', ''],
    ...some('fragments', fragments),
    ...some('aggregated, not counted', report.aggregatedPackets ?? 0),
    ...some('tunnels', tunnelPackets),
    ...report.tunnels.flatMap(({ kind, packets: count }) => some(`  ${TUNNEL_NAMES[kind]}`, count)),
    ...DECODING_LABELS.flatMap(([reason, label]) => some(label, decoding[reason] ?? 0)),
  ]);
}

const HOST_COLUMNS: readonly TableColumn[] = [
  { header: 'inside host', align: LEFT },
  { header: 'packets out', align: RIGHT },
  { header: 'IP bytes out', align: RIGHT },
];

function gatewayText(report: CaptureReport, width: number): string[] {
  const { translated, packets, insideHosts, busiestHosts, outbound, notTranslated } = report;
  if (packets === 0) return [];
  const reasons = REASONS.filter((reason) => notTranslated[reason] !== undefined).toSorted(
    (a, b) => notTranslated[b]! - notTranslated[a]!,
  );
  const hosts = busiestHosts.map((host) => [host.address, thousands(host.packets), thousands(host.bytes)]);
  const more = insideHosts - hosts.length;
  return [
    'The default gateway',
    ...fact('would translate', `${counted(translated.packets, 'packet')} (${share(translated.packets, packets)})`),
    ...fact('inside hosts', `${thousands(insideHosts)}, with ${counted(outbound.packets, 'packet')} to the Internet`),
    ...(hosts.length > 0 ? table(HOST_COLUMNS, hosts) : []),
    ...(more > 0 ? [`  and ${counted(more, 'other host')}`] : []),
    ...(reasons.length > 0 ? ['  would not translate'] : []),
    ...reasons.flatMap((reason) => {
      const mark = LOSS_REASONS.includes(reason) ? '  ! ' : '    ';
      const text = `${counted(notTranslated[reason]!, 'packet')}: ${REASON_TEXT[reason]}`;
      const [first = '', ...others] = wrapText(text, width, '    ');
      return [mark + first.slice(mark.length), ...others];
    }),
  ];
}

function unreadableText({ unreadable }: CaptureReport, width: number): string[] {
  if (unreadable.length === 0) return [];
  return [
    'Unreadable',
    ...unreadable.flatMap(({ offset, bytes, cause }) => {
      const place =
        bytes > 0
          ? `${counted(bytes, 'byte')} from offset ${thousands(offset)}`
          : `incomplete behind offset ${thousands(offset)}`;
      return wrapText(`${place}: ${cause}`, width, '  ');
    }),
  ];
}
