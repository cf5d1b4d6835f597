import {
  TUNNEL_KINDS,
  type CaptureDetails,
  type InterfaceDescription,
  type InterfaceDetails,
} from '../contract/capture-details';
import type { CaptureRead } from '../capture/open-capture';
import type { InterfaceFacts } from '../capture/container-facts';
import { linkTypeName } from '../capture/link-type-names';
import type { PacketTime } from '../capture/time-order';
import { formatTime } from './time-text';

/** What is known of a capture that has been read to its end, and closed. */
export function captureDetails({ account, readBytes, ...times }: CaptureRead): CaptureDetails {
  const { container } = account;
  const ipPackets = account.records - account.noIpRecords;
  const outerIpBytes = account.ipBytes + account.tunnelOverheadBytes;
  return {
    format: container.format,
    version: container.version,
    byteOrder: container.byteOrder,
    ...(container.isModified && { isModified: true }),
    ...(container.frameCheckBytes !== null && { frameCheckBytes: container.frameCheckBytes }),
    sections: container.sections,
    interfaceCount: container.interfaceCount,
    interfaces: container.interfaces.map(interfaceDetails),
    linkTypes: [...account.recordsByLinkType]
      .map(([linkType, packets]) => ({ linkType, name: linkTypeName(linkType), packets }))
      .sort((a, b) => b.packets - a.packets || a.linkType - b.linkType),
    application: container.application,
    operatingSystem: container.operatingSystem,
    hardware: container.hardware,
    comment: container.comment,
    packets: account.records,
    fileBytes: readBytes,
    capturedBytes: account.capturedBytes,
    wireBytes: account.wireBytes,
    earliestTime: timeText(times.earliest),
    latestTime: timeText(times.latest),
    backwardSteps: times.backwardSteps,
    disorderedPackets: times.disorderedPackets,
    timelessRecords: account.untimedRecords - account.impossibleTimes,
    impossibleTimes: account.impossibleTimes + account.repairedTimes,
    ipv4: { packets: ipPackets - account.outerIpv6Records, bytes: outerIpBytes - account.outerIpv6Bytes },
    ipv6: { packets: account.outerIpv6Records, bytes: account.outerIpv6Bytes },
    otherPackets: account.noIpRecords,
    fragments: account.fragments,
    ...(account.aggregatedPackets > 0 && { aggregatedPackets: account.aggregatedPackets }),
    tunnelPackets: account.tunnelRecords,
    tunnels: TUNNEL_KINDS.map((kind, place) => ({ kind, packets: account.tunnelsByKind[place]! })).filter(
      ({ packets }) => packets > 0,
    ),
    unreadable: account.unreadable,
  };
}

/** Without its packets, which are not all counted before the end of the capture. */
export function interfaceDescription(facts: InterfaceFacts): InterfaceDescription {
  const { section, name, description, linkType, snapBytes, resolution } = facts;
  const link = { linkType, name: linkTypeName(linkType) };
  return { ...link, section, interfaceName: name, description, snapBytes, resolution };
}

function interfaceDetails(facts: InterfaceFacts): InterfaceDetails {
  return { ...interfaceDescription(facts), packets: facts.packets };
}

function timeText(time: PacketTime | null): string | null {
  return time === null ? null : formatTime(time.sec, time.nsec);
}
