import { readFingerprint, type FingerprintReport, type ProtocolName } from '../engine/fingerprint';
import { readablePaths } from './capture-paths';
import type { Context } from './context';
import { EXIT, type ExitCode } from './exit-code';
import { counted, thousands } from './number-text';
import { unreadableText } from './conversations-command';
import { columnWidths, tableHead, tableLine, type TableColumn } from './text-table';
import { TextPieces } from '../engine/output/text-sink';

export interface FingerprintCommandOptions {
  readonly layer: 'outer' | 'inner';
  readonly maxExpansion: number;
  readonly json: boolean;
}

/** @throws AppError CAPTURE_*, OPTION_INVALID, FINGERPRINT_AMBIGUOUS; ReaderGone */
export async function runFingerprint(
  context: Context,
  inside: string,
  outside: string,
  { layer, maxExpansion, json }: FingerprintCommandOptions,
): Promise<ExitCode> {
  const [insidePath = '', outsidePath = ''] = readablePaths(context, [inside, outside]);
  const report = await readFingerprint(insidePath, outsidePath, { layer, maxExpansion });
  context.err.tell(report.unreadable.map(unreadableText).join(''));
  const pieces = new TextPieces(context.out);
  for (const line of json ? [JSON.stringify(report, null, 2)] : textLines(report)) {
    if (pieces.add(`${line}\n`)) await pieces.flush();
  }
  await pieces.flush();
  return report.unreadable.length > 0 ? EXIT.doneWithLosses : EXIT.done;
}

const PROTOCOL_TEXT: Readonly<Record<ProtocolName, string>> = { tcp: 'TCP', udp: 'UDP', icmp: 'ICMP' };
const NUMBER_TEXT: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP' };
const MAX_ROWS_FOR_WIDTHS = 1000;

const COLUMNS: readonly TableColumn[] = [
  { header: 'protocol', align: 'left' },
  { header: 'host', align: 'left' },
  { header: 'gateway', align: 'left' },
  { header: 'destination', align: 'left' },
  { header: 'packets', align: 'right' },
  { header: 'confidence', align: 'left' },
];

function* textLines(report: FingerprintReport): Generator<string> {
  const cells = report.translations.map((row) => [
    NUMBER_TEXT[row.protocol] ?? String(row.protocol),
    `${row.pri_ip}:${row.pri_port}`,
    `${row.nat_ip}:${row.nat_port}`,
    `${row.pub_ip}:${row.pub_port}`,
    thousands(row.packets),
    row.confidence,
  ]);
  const widths = columnWidths(cells.slice(0, MAX_ROWS_FOR_WIDTHS), COLUMNS);
  yield* tableHead(COLUMNS, widths);
  for (const row of cells) yield tableLine(row, COLUMNS, widths);
  yield '';
  yield `${counted(report.translations.length, 'translation')} of ${counted(report.hosts, 'host')}`;
  for (const name of ['tcp', 'udp', 'icmp'] as const) yield* protocolLines(report, name);
  yield '';
  yield poolLine(report);
  yield* lossLines(report);
  yield clockLine(report);
  yield* leftOutLines(report);
  yield '';
  yield* LIMITS;
}

/** What the numbers cannot say. */
const LIMITS = [
  'A gateway that keeps ports looks endpoint-independent, and its timers cannot be seen by changed ports. Idle times are',
  'bounds, not the timer itself. What neither capture shows, such as filtering of packets from elsewhere, is not measured.',
];

function* protocolLines({ mapping, ports, timers }: FingerprintReport, name: ProtocolName): Generator<string> {
  const ofMapping = mapping[name];
  const ofPorts = ports[name];
  const ofTimers = timers[name];
  if (ofMapping === undefined || ofPorts === undefined || ofTimers === undefined) return;
  yield '';
  yield PROTOCOL_TEXT[name];
  yield `  mapping  ${ofMapping.behaviour}: ${mappingText(ofMapping)}`;
  yield `  ports    ${thousands(ofPorts.preserved)} of ${thousands(ofPorts.translations)} kept (${percent(ofPorts.preservation_rate)}), ${changedText(ofPorts)}`;
  yield `  timer    ${timerText(ofTimers)}`;
}

function mappingText(mapping: NonNullable<FingerprintReport['mapping']['tcp']>): string {
  if (mapping.endpoints === 0) return 'no port of a host was used to two destinations at about the same time';
  const { other_address: address, other_port: port, same_preserved: preserved } = mapping;
  const kept = preserved === 0 ? '' : `; in ${thousands(preserved)} cases it was the port of the host`;
  return `to another address ${sameText(address)}, to another port of one ${sameText(port)}${kept}`;
}

function sameText({ same, different }: { readonly same: number; readonly different: number }): string {
  if (same + different === 0) return 'never';
  return `${thousands(same)} times the same port, ${thousands(different)} times another`;
}

function changedText(ports: NonNullable<FingerprintReport['ports']['tcp']>): string {
  if (ports.changed_range === null || ports.changed_parity_rate === null) return 'none changed';
  const order = ports.order === 'unknown' ? 'in an order too few show' : `${ports.order} in order`;
  const [least, most] = ports.changed_range;
  return `${thousands(ports.changed)} changed to ${least}–${most}, ${order}, ${percent(ports.changed_parity_rate)} with the same parity`;
}

function timerText(timers: NonNullable<FingerprintReport['timers']['tcp']>): string {
  const { longest_survived_sec: survived, shortest_changed_sec: changed, longest_preserved_sec: preserved } = timers;
  const parts = [
    ...(survived === null ? [] : [`survived ${secondsText(survived)} idle`]),
    ...(changed === null ? [] : [`another port after ${secondsText(changed)}`]),
    ...(preserved === null ? [] : [`the port of the host again after ${secondsText(preserved)}, which proves nothing`]),
  ];
  return parts.length === 0 ? 'no session was idle' : parts.join('; ');
}

function poolLine({ pool }: FingerprintReport): string {
  const addresses = pool.addresses.map(({ ip, translations }) => `${ip} (${thousands(translations)})`).join(', ');
  return `Addresses of the gateway: ${addresses}; ${
    {
      single: 'there is one',
      paired: 'each host has one',
      arbitrary: `${counted(pool.hosts_with_several, 'host')} had several`,
      unknown: 'too few hosts show how they are chosen',
    }[pool.behaviour]
  }`;
}

function* lossLines({ loss }: FingerprintReport): Generator<string> {
  for (const [way, counts] of [
    ['out', loss.outbound],
    ['in', loss.inbound],
  ] as const) {
    yield `Packets going ${way}: ${thousands(counts.both)} on both sides, ${thousands(counts.inside_only)} only inside, ${thousands(counts.outside_only)} only outside`;
  }
}

function clockLine({ clock_offset: clock }: FingerprintReport): string {
  const drift = clock.drift_ppm === 0 ? '' : `, gaining ${clock.drift_ppm.toFixed(1)} ppm`;
  return `Clock outside: ${clock.seconds.toFixed(6)} s ahead${drift}; ${clock.delay_ms.toFixed(3)} ms between the captures; by ${counted(clock.pairs, 'pair')}`;
}

function* leftOutLines(report: FingerprintReport): Generator<string> {
  const { packets } = report;
  const lines: readonly (readonly [number, string])[] = [
    [report.ambiguous_packets, 'that could be the copy of several, or of none'],
    [report.untranslated_packets, 'that passed untranslated'],
    [report.packets_not_overlapping, 'from when the other capture did not run'],
    [
      packets.inside.others + packets.outside.others,
      'of other protocols, ICMP errors, later fragments, or cut too early',
    ],
  ];
  for (const [count, what] of lines) if (count > 0) yield `Left out: ${counted(count, 'packet')} ${what}`;
  if (report.contradicted_translations > 0) {
    yield `Left out: ${counted(report.contradicted_translations, 'translation')} that others contradict`;
  }
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(1)} %`;
}

function secondsText(seconds: number): string {
  return `${seconds.toFixed(seconds < 10 ? 3 : 1)} s`;
}
