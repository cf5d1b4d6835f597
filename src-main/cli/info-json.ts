import type { CaptureReport, InterfaceDetails, LinkTypeDetails, TimeResolution } from '../contract/capture-details';
import { REASONS, type ByReason } from '../contract/ledger';
import { durationSec } from './time-range-text';

/** An array with one object a capture, a line each, in the shape that the command promises. */
export function infoJson(reports: readonly CaptureReport[]): string {
  return `[\n${reports.map((report) => JSON.stringify(shapeOf(report))).join(',\n')}\n]\n`;
}

function shapeOf(report: CaptureReport): object {
  return {
    path: report.path,
    format: report.format,
    version: report.version,
    byte_order: report.byteOrder,
    modified: report.isModified ?? false,
    frame_check_bytes: report.frameCheckBytes ?? null,
    stored_bytes: report.storedBytes,
    compression: report.compression,
    sha256: report.sha256,
    file_bytes: report.fileBytes,
    captured_bytes: report.capturedBytes,
    wire_bytes: report.wireBytes,
    packets: report.packets,
    earliest_time: report.earliestTime,
    latest_time: report.latestTime,
    zone: 'UTC',
    duration: durationSec(report.earliestTime, report.latestTime),
    backward_steps: report.backwardSteps,
    disordered_packets: report.disorderedPackets,
    timeless_records: report.timelessRecords,
    impossible_times: report.impossibleTimes,
    sections: report.sections,
    link_types: report.linkTypes.map(linkShape),
    interface_count: report.interfaceCount,
    interfaces: report.interfaces.map(interfaceShape),
    application: report.application,
    operating_system: report.operatingSystem,
    hardware: report.hardware,
    comment: report.comment,
    ipv4: { packets: report.ipv4.packets, ip_bytes: report.ipv4.bytes },
    ipv6: { packets: report.ipv6.packets, ip_bytes: report.ipv6.bytes },
    other_packets: report.otherPackets,
    fragments: report.fragments,
    aggregated_packets: report.aggregatedPackets ?? 0,
    tunnel_packets: report.tunnelPackets,
    tunnels: report.tunnels,
    decoding: inOrder(report.decoding),
    inside: {
      hosts: report.insideHosts,
      packets: report.outbound.packets,
      ip_bytes: report.outbound.bytes,
      busiest: report.busiestHosts.map(({ address, packets, bytes }) => ({ address, packets, ip_bytes: bytes })),
    },
    translated: { packets: report.translated.packets, ip_bytes: report.translated.bytes },
    not_translated: inOrder(report.notTranslated),
    unreadable: report.unreadable.map(({ offset, bytes, cause }) => ({ offset, bytes, cause })),
  };
}

function linkShape({ linkType, name, packets }: LinkTypeDetails): object {
  return { link_type: linkType, name, packets };
}

function interfaceShape(described: InterfaceDetails): object {
  const { section, interfaceName, description, linkType, snapBytes, resolution, packets } = described;
  return {
    section,
    name: interfaceName,
    description,
    link_type: linkType,
    snap_bytes: snapBytes === 0 ? null : snapBytes,
    resolution: resolutionShape(resolution),
    packets,
  };
}

function resolutionShape({ base, exponent }: TimeResolution): object {
  return { base, exponent: -exponent };
}

function inOrder(counts: ByReason): ByReason {
  return Object.fromEntries(REASONS.filter((reason) => counts[reason] !== undefined).map((key) => [key, counts[key]]));
}
