import type { CaptureFormat } from './imports';
import type { ByReason, UnreadableRange } from './ledger';

/** Ways of packets in packets; the place is the number that the decoder counts under. */
export const TUNNEL_KINDS = [
  'ipip',
  'six_in_four',
  'gre',
  'erspan',
  'wccp',
  'etherip',
  'mpls_in_ip',
  'ethernet_in_ip',
  'vxlan',
  'vxlan_gpe',
  'geneve',
  'gtp',
  'teredo',
  'l2tp',
  'gre_in_udp',
  'mpls_in_udp',
  'lisp',
  'ayiya',
  'tzsp',
  'pim',
  'mobile_ip',
] as const;
export type TunnelKind = (typeof TUNNEL_KINDS)[number];

/** What people call them. 'six_in_four' is IPv6 in IP of either version, as protocol 41. */
export const TUNNEL_NAMES: Readonly<Record<TunnelKind, string>> = {
  ipip: 'IP in IP',
  six_in_four: 'IPv6 in IP',
  gre: 'GRE',
  erspan: 'ERSPAN',
  wccp: 'WCCP',
  etherip: 'EtherIP',
  mpls_in_ip: 'MPLS in IP',
  ethernet_in_ip: 'Ethernet in IP',
  vxlan: 'VXLAN',
  vxlan_gpe: 'VXLAN-GPE',
  geneve: 'Geneve',
  gtp: 'GTP-U',
  teredo: 'Teredo',
  l2tp: 'L2TP',
  gre_in_udp: 'GRE in UDP',
  mpls_in_udp: 'MPLS in UDP',
  lisp: 'LISP',
  ayiya: 'AYIYA',
  tzsp: 'TZSP',
  pim: 'PIM register',
  mobile_ip: 'Mobile IP',
};

/** What a capture may be compressed with. */
export type Compression = 'gzip' | 'zstd' | 'lz4' | 'xz';

/** A tick of an interface's clock: `base` to the power of `-exponent` seconds. */
export interface TimeResolution {
  readonly base: 2 | 10;
  readonly exponent: number;
}

export interface LinkTypeDetails {
  /** A LINKTYPE number; of snoop and ERF also one of ours, beyond them. */
  readonly linkType: number;
  /** With its number. */
  readonly name: string;
  readonly packets: number;
}

/** An interface as the capture describes it, before its packets. */
export interface InterfaceDescription extends Omit<LinkTypeDetails, 'packets'> {
  /** The section, from 1. */
  readonly section: number;
  readonly interfaceName: string | null;
  readonly description: string | null;
  /** Octets that were captured of a packet at most; 0 when nothing was said. */
  readonly snapBytes: number;
  readonly resolution: TimeResolution;
}

export interface InterfaceDetails extends InterfaceDescription, LinkTypeDetails {}

/** Packets and their IP octets. */
export interface Traffic {
  readonly packets: number;
  readonly bytes: number;
}

/** What one capture is, beside what became of its packets: known when it has been read to its end. */
export interface CaptureDetails {
  readonly format: CaptureFormat;
  /** As '2.4'; null where the format has none. */
  readonly version: string | null;
  readonly byteOrder: 'little' | 'big';
  /** Of pcap: records have the longer headers of A. Kuznetzov's patches; not there otherwise. */
  readonly isModified?: boolean;
  /** Octets of the checksum with which frames end, where the capture says so; not there otherwise. */
  readonly frameCheckBytes?: number;
  readonly sections: number;
  readonly interfaceCount: number;
  /** The first of them. */
  readonly interfaces: readonly InterfaceDetails[];
  /** In order of their packets. */
  readonly linkTypes: readonly LinkTypeDetails[];
  readonly application: string | null;
  readonly operatingSystem: string | null;
  readonly hardware: string | null;
  readonly comment: string | null;
  readonly packets: number;
  /** Octets after decompression. */
  readonly fileBytes: number;
  readonly capturedBytes: number;
  readonly wireBytes: number;
  /** The earliest and the latest, as epoch seconds with nanosecond digits; null when no packet has a time. */
  readonly earliestTime: string | null;
  readonly latestTime: string | null;
  /** Packets with a time before that of the packet right before them. */
  readonly backwardSteps: number;
  /** Packets with a time before that of any packet before them: all those behind a step, until time has caught up. */
  readonly disorderedPackets: number;
  /** Records whose format has no time for them; and those with a time that cannot be. */
  readonly timelessRecords: number;
  readonly impossibleTimes: number;
  /** By the outermost IP header of each packet. */
  readonly ipv4: Traffic;
  readonly ipv6: Traffic;
  /** Records without an IP header that can be read: their octets on the wire are no IP octets, and not told apart. */
  readonly otherPackets: number;
  readonly fragments: number;
  /** Packets that share a frame of IEEE 802.11 with another one and count nowhere else; not there without any. */
  readonly aggregatedPackets?: number;
  /** Packets with another in them. */
  readonly tunnelPackets: number;
  /** A packet with two kinds of tunnel counts under both. */
  readonly tunnels: readonly { readonly kind: TunnelKind; readonly packets: number }[];
  readonly unreadable: readonly UnreadableRange[];
}

/** What the clock of a capture showed, compared with that of the captures on the other side of a gateway. */
export interface CaptureClock {
  /** Whole epoch seconds, by the other clock. */
  readonly baseSec: number;
  /** What it was ahead then. */
  readonly aheadNsec: number;
  /** Nanoseconds that it gains in a second. */
  readonly driftPerSec: number;
  /** Packets that were seen on both sides, which tell it. */
  readonly pairs: number;
}

/** The same of a capture that was imported, kept with the import. */
export interface ImportedDetails extends CaptureDetails {
  /** The packets were taken to have come by the other clock; not there where its times stand. */
  readonly clock?: CaptureClock;
  /** Null when it was not compressed; not there where an older version imported it. */
  readonly compression?: Compression | null;
}

/** A host whose packets the gateway would translate. */
export interface InsideHost extends Traffic {
  readonly address: string;
}

/** Hosts whose packets the gateway of an import translated, and what they sent to the Internet, by its log entries. */
export interface TranslatedHosts {
  readonly hosts: number;
  readonly outbound: Traffic;
  /** Those with the most octets. */
  readonly busiest: readonly InsideHost[];
}

/** A capture as `natscope info` describes it. */
export interface CaptureReport extends CaptureDetails {
  readonly path: string;
  /** Octets as stored, or as they came from a pipe. */
  readonly storedBytes: number;
  /** Null when it is not compressed. */
  readonly compression: Compression | null;
  /** Of all stored octets, hexadecimal. */
  readonly sha256: string;
  /** What decoding made of packets without addresses or ports, before any gateway. */
  readonly decoding: ByReason;
  /** Hosts behind the default gateway with packets to the Internet, and those packets. */
  readonly insideHosts: number;
  readonly outbound: Traffic;
  /** Those with the most octets. */
  readonly busiestHosts: readonly InsideHost[];
  /** Packets that the default gateway would translate, in both directions. */
  readonly translated: Traffic;
  /** Why it would not translate the others. */
  readonly notTranslated: ByReason;
}
