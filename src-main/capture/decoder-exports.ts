/** A number that a module of WebAssembly exports: an address in its memory, or a result. */
interface ExportedNumber {
  readonly value: number;
}

export type ExportedName =
  | `row${'Sec' | 'Nsec' | 'PacketNo' | 'Reason' | 'IpVersion' | 'Protocol' | 'Flags' | 'IpBytes'}`
  | `row${'SrcIp' | 'DstIp' | 'Ports' | 'L4Kind' | 'Address6' | 'IpId' | 'FragmentSpan' | 'Ttl' | 'Vlan' | 'IcmpCode' | 'PayloadHash'}`
  | `rowTcp${'Seq' | 'Ack' | 'Window'}`
  | `rowQuoted${'Version' | 'Protocol' | 'Ports' | 'Address'}`
  | `read${'End' | 'Rows' | 'Traits' | 'CapturedBytes' | 'WireBytes' | 'IpBytes' | 'NoIpRows'}`
  | `outerIpv6${'Rows' | 'Bytes'}`
  | 'nat64Rows'
  | 'aggregatedPackets'
  | `tunnel${'Rows' | 'OverheadBytes' | 'Counts'}`
  | `damage${'Value' | 'Limit'}`
  | `${'first' | 'last'}TimedRow`
  | `last${'Sec' | 'Nsec' | 'SoundSec' | 'ErfSec'}`
  | 'agreedSec'
  | `${'found' | 'block'}At`
  | `row${'FrameAt' | 'FrameBytes' | 'WireBytes' | 'LinkType' | 'IpAt' | 'TunnelSums' | 'TunnelSumAt'}`
  | 'unknownLinkRows'
  | 'impossibleTimes'
  | 'untimedRows'
  | `${'ipv6' | 'fragment' | 'icmp'}Rows`
  | `quoting${'Rows' | 'Count'}`
  | 'sidesByUpperHalf';

/** What the module in `src-main/decoder` exports; its sources say what each does. */
export interface DecoderExports extends Readonly<Record<ExportedName, ExportedNumber>> {
  readonly memory: { readonly buffer: ArrayBuffer };
  allocateInput(bytes: number): number;
  allocateInterfaces(capacity: number): number;
  allocateNetworks(count: number): number;
  setLayer(layer: number): void;
  setChecksSums(isOn: boolean): void;
  setHashesPayloads(isOn: boolean): void;
  setKeepsFrames(isOn: boolean): void;
  release(at: number): void;
  setInterface(
    interfaces: number,
    index: number,
    linkType: number,
    snapBytes: number,
    resolution: number,
    offsetSec: number,
    isBroken: boolean,
  ): void;
  interfacePackets(interfaces: number, index: number): number;
  readPacketRecords(
    start: number,
    end: number,
    maxRows: number,
    packetNo: number,
    layout: number,
    linkType: number,
    soundSec: number,
    isAtEnd: boolean,
    isTrusted: boolean,
  ): number;
  readErf(
    start: number,
    end: number,
    maxRows: number,
    packetNo: number,
    soundSec: number,
    isAtEnd: boolean,
    isTrusted: boolean,
  ): number;
  findRecord(at: number, limit: number, end: number, isAtEnd: boolean, layout: number, soundSec: number): number;
  readPcapng(
    start: number,
    end: number,
    maxRows: number,
    packetNo: number,
    isBigEndian: boolean,
    interfaces: number,
    interfaceCount: number,
    sec: number,
    nsec: number,
    agreedSec: number,
    isAtEnd: boolean,
  ): number;
  findBlock(
    at: number,
    end: number,
    isAtEnd: boolean,
    isBigEndian: boolean,
    sectionsOnly: boolean,
    interfaces: number,
    interfaceCount: number,
    agreedSec: number,
  ): number;
}

/** Kinds of records, and bits beside the kind. */
export const LAYOUT = {
  pcap: 0,
  modifiedPcap: 1,
  snoop: 2,
  erf: 3,
  bigEndian: 4,
  nanoseconds: 8,
  swapped: 16,
  maybeSwapped: 32,
} as const;

/** How a search for what is readable behind damage ended. */
export const SEARCH = { found: 0, needsBytes: 1, failed: 2 } as const;

/** No time, where the decoder asks for one. */
export const NO_SECOND = -1;

/** Why the decoder stopped; `damaged + n` is the n-th cause of the format. */
export const READ_STATE = { full: 0, needsBytes: 1, otherBlock: 2, damaged: 16 } as const;
