import type { Compression, ImportedDetails, InterfaceDescription } from './capture-details';
import type { DeliveryTotals, ScriptTime } from './delivery';
import type { ErrorCode, ErrorShape } from './errors';
import type { Ledger } from './ledger';
import type { ReplayFacts } from './replay';
import type { Notice } from './result-batch';

/**
 * Which IP header of a packet in a tunnel counts: the outermost, the innermost, or (auto) the first that the gateway
 * would translate, and the innermost where it would translate none. So a host's own tunnel counts as the gateway sees
 * it, and a mirrored packet as what it is a copy of.
 */
export const TUNNEL_LAYERS = ['auto', 'outer', 'inner'] as const;
export type TunnelLayer = (typeof TUNNEL_LAYERS)[number];
/** Stands for the path of what the process that reads it is given on standard input. */
export const STANDARD_INPUT = '-';

/**
 * How many times its own size a compressed capture may grow to, if it grows to more than 64 MiB. Packets that hardly
 * differ come to 100 times; gzip can do 1,032 times, and a decompression bomb does.
 */
export const DEFAULT_MAX_EXPANSION = 200;

/** Where session logs go that no Logstore is named for. */
export const DEFAULT_PROJECT = 'local';
export const DEFAULT_LOGSTORE = 'session-log';

export interface ImportRequest {
  /** Absolute paths, or `STANDARD_INPUT`. Several files are one import. */
  readonly captures: readonly string[];
  /** Captures that only the caller can read, each with the local socket where it sends their octets to whoever connects. */
  readonly streams?: readonly { readonly capture: string; readonly socketPath: string }[] | undefined;
  /** Default `DEFAULT_MAX_EXPANSION`. */
  readonly maxExpansion?: number | undefined;
  readonly project: string;
  readonly logstore: string;
  /**
   * The configuration of the gateway, an object as its file has it, in the place of `inside`, `eips` and `seed`; the
   * engine checks all of it. Without it, the default gateway is at work.
   */
  readonly gateway?: Readonly<Record<string, unknown>> | undefined;
  /** Networks behind the gateway as CIDR; empty means the default gateway's. */
  readonly inside: readonly string[];
  /** Public addresses of the gateway; empty means the default gateway's. */
  readonly eips: readonly string[];
  /** Of the default gateway. */
  readonly seed: number;
  readonly layer: TunnelLayer;
  /** Create the recommended index when the Logstore has none. */
  readonly createIndex: boolean;
  /** Import even though the same captures are already in the Logstore with the same options. */
  readonly again: boolean;
  /** Leave out files, and pipes, that cannot be read as far as their first packet, instead of failing. */
  readonly keepGoing: boolean;
  /**
   * Through these gateways, by id, or all of which the session log is enabled, and where that goes to: in the place of
   * `project`, `logstore`, `gateway`, `inside`, `eips` and `seed`, unless there is none.
   */
  readonly sessionLogs?: 'enabled' | readonly string[] | undefined;
  /** How the entries are delivered, as a file has it; without it, as `DEFAULT_SCRIPT` says. */
  readonly delivery?: Readonly<Record<string, unknown>> | undefined;
  /**
   * What is recorded while it is read: windows are in the Logstore as soon as they are sealed, also when nothing comes, and
   * stay there whatever happens. A cancel ends the reading, and what was read is kept.
   */
  readonly live?: boolean | undefined;
  /** Of a live import: so many times as fast as it was recorded, by the times of the packets. Without it, as it comes. */
  readonly speed?: number | undefined;
  /** Of an import with a `speed`: what is before that time goes through at once. `start` is where the first window begins. */
  readonly playFrom?: ScriptTime | undefined;
}

export interface ImportProgress {
  readonly readBytes: number;
  /** Null when the size is not known beforehand. */
  readonly totalBytes: number | null;
  readonly packets: number;
  readonly windows: number;
  readonly elapsedMs: number;
  /** Of an import with a `speed`. */
  readonly replay?: ReplayFacts;
  /** Of one that is no live one: windows of which more entries have come since the last time, with all that have. */
  readonly arrived?: readonly ArrivedWindow[];
}

/** A window that is closed, of an import under way; seconds since 1970. */
export interface ArrivedWindow {
  readonly startSec: number;
  readonly entries: number;
}

/** A capture that was left out of an import under `keepGoing`. */
export interface SkippedCapture {
  readonly path: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Container formats that are read; 'pcap' with its nanosecond and modified variants. */
export type CaptureFormat = 'pcap' | 'pcapng' | 'snoop' | 'erf';

export interface CaptureFacts {
  readonly path: string;
  readonly format: CaptureFormat;
  readonly fileBytes: number;
  readonly packets: number;
  /**
   * The earliest and the latest time of a packet, wherever in the file: epoch seconds with nanosecond digits, as text since no
   * double holds them; null when no packet has a time.
   */
  readonly firstTime: string | null;
  readonly lastTime: string | null;
}

export interface DescribedCapture {
  /** Octets as stored, or as they came from a pipe. */
  readonly storedBytes: number;
  /** SHA-256 of all stored octets, hexadecimal; null until `digest:run` has computed it. */
  readonly sha256: string | null;
  /** Null where an older version imported it. */
  readonly details: ImportedDetails | null;
}

/** The digest of a capture, or why there is none. */
export type CaptureDigest =
  { readonly sha256: string; readonly error: null } | { readonly sha256: null; readonly error: ErrorShape };

export interface DigestProgress {
  readonly readBytes: number;
  /** Of all captures of the run whose digest is computed. */
  readonly totalBytes: number;
}

/** What can be told of a capture at once, from its beginning. */
export interface CaptureGlance {
  readonly path: string;
  readonly format: CaptureFormat;
  /** As '2.4'; null where the format has none. */
  readonly version: string | null;
  readonly byteOrder: 'little' | 'big';
  /** Octets as stored. */
  readonly storedBytes: number;
  /** Null when it is not compressed. */
  readonly compression: Compression | null;
  /** Names with their numbers, of what is described up to the first packets; so are the interfaces. */
  readonly linkTypes: readonly string[];
  readonly interfaceCount: number;
  /** The first of them. */
  readonly interfaces: readonly InterfaceDescription[];
  /** Of the first packet in the file, written as in `CaptureFacts`; null where none of the first packets has a time. */
  readonly firstTime: string | null;
  /** The last import of the same content, under whichever path; null for none. */
  readonly run: number | null;
}

export interface ImportReport {
  readonly run: number;
  readonly workspace: string;
  readonly project: string;
  readonly logstore: string;
  readonly captures: readonly CaptureFacts[];
  /** What each of them is, in the same order. */
  readonly described: readonly DescribedCapture[];
  readonly skipped: readonly SkippedCapture[];
  readonly ledger: Ledger;
  readonly logEntries: number;
  readonly windows: number;
  readonly seconds: number;
  readonly createdIndex: boolean;
  /** What became of the entries on their way into the Logstore; null in runs of older versions. */
  readonly delivery: DeliveryTotals | null;
  readonly notices: readonly Notice[];
  /** Of the other gateways, where the captures went through several. */
  readonly others?: readonly ImportReport[];
}
