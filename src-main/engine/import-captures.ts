import { AppError } from '../contract/errors';
import type { CaptureFacts, ImportProgress, SkippedCapture } from '../contract/imports';
import { imbalances, type Ledger, type UnreadableRange } from '../contract/ledger';
import type { CaptureClock, CaptureDetails } from '../contract/capture-details';
import type { CaptureAccount } from '../capture/capture-account';
import type { MergeSource } from '../capture/capture-merge';
import type { CaptureRead } from '../capture/open-capture';
import type { CapturePositions } from '../capture/capture-positions';
import type { LegCounts } from '../nat/leg-pairing';
import type { WindowAggregator, WindowSink } from '../window/window-aggregator';
import { captureDetails } from './capture-details';
import { ExtraByteSink } from './extra-bytes';
import { LiveReading, type LiveOptions } from './live-reading';
import { PacketPath, type PathOptions } from './packet-path';
import { formatTime } from './time-text';
import { LOOK_MS, TURN_MS, otherCalls } from './turns';
import type { GapFacts } from '../window/packet-gaps';

const PROGRESS_INTERVAL_MS = 100;

export interface ImportOptions extends PathOptions {
  readonly isCancelled: () => boolean;
  readonly onProgress: (progress: ImportProgress) => void;
  /** Milliseconds of any steady clock; unless it is live, for progress only. */
  readonly clockMs: () => number;
  readonly live?: LiveOptions | undefined;
}

export interface ImportResult {
  /** Without those that were left out, as all that goes by their places. */
  readonly captures: readonly ReadCapture[];
  readonly leftOut: readonly LeftOutCapture[];
  /** By the place of the capture. */
  readonly positions: readonly CapturePositions[];
  /** Of the same captures, in the same order. */
  readonly details: readonly CaptureDetails[];
  readonly ledger: Ledger;
  readonly logEntries: number;
  readonly windows: number;
  readonly packets: number;
  readonly sessions: number;
  readonly latePackets: number;
  /** Times that the clock of the captures was set back for good. */
  readonly clockSteps: number;
  /** Null when packets came all the time. */
  readonly gaps: GapFacts | null;
  readonly legs: LegCounts;
  /** The captures whose packets were taken to have come by the clock of those on the other side of the gateway. */
  readonly clocks: readonly { readonly path: string; readonly clock: CaptureClock }[];
  /** Packets whose copy on the other side of the gateway could not be waited for, as too many came meanwhile. */
  readonly unpairedEarly: number;
  readonly backwardSteps: number;
  /** Packets of IPv6 to or from an address that stands for an IPv4 host behind a NAT64 translator. */
  readonly nat64Packets: number;
  /** Packets that shared a frame with the one that counts for it. */
  readonly aggregatedPackets: number;
  /** Packets with a time before 1970, or beyond 64 bits of nanoseconds since. */
  readonly impossibleTimes: number;
  /** Packets with a time of zero, or years from those around them. */
  readonly repairedTimes: number;
  /** Of the packets whose link type cannot be decoded, the most frequent first. */
  readonly unknownLinkTypes: readonly UnknownLinkType[];
}

export interface ReadCapture extends CaptureFacts {
  /** Time of the last packet in the file, which need not be the latest; as `lastTime`. */
  readonly endTime: string | null;
}

export interface LeftOutCapture extends SkippedCapture {
  /** Among the sources of the import. */
  readonly place: number;
}

export interface UnknownLinkType {
  readonly linkType: number;
  readonly packets: number;
}

/**
 * Runs captures through the gateway, merged by time into one stream of packets, and hands the closed windows to
 * `sink`. It knows no database and no files.
 *
 * @param sources in order of their first packet; each is opened when it is due and closed when it has been read
 * @throws AppError IMPORT_CANCELLED, LEDGER_UNBALANCED, or what reading a capture throws that may not be left out
 */
export async function importCaptures(
  sources: readonly MergeSource[],
  options: ImportOptions,
  sink: WindowSink,
): Promise<ImportResult> {
  const { clockMs } = options;
  const startMs = clockMs();
  const totalBytes = totalOf(sources);
  const { gateway } = options;
  const extra = gateway.extraBytes === true ? new ExtraByteSink(sink) : null;
  const pathOptions = { ...options, isLive: options.live !== undefined, pace: paceOf(options) };
  const path = new PacketPath(sources, pathOptions, extra ?? sink);
  extra?.follow(path.decoder);
  const { merge, aggregator } = path;
  const report = (): void => {
    const { storedBytes, packets } = merge;
    const elapsedMs = clockMs() - startMs;
    options.onProgress({ readBytes: storedBytes, totalBytes, packets, windows: aggregator.windows, elapsedMs });
  };
  const { live: liveOptions } = options;
  const live =
    liveOptions === undefined
      ? null
      : new LiveReading(path, liveOptions, clockMs, () => resultOf(path, sources, ledgerSoFar(path)));
  const waited = (stepping: Promise<boolean>): Promise<boolean> =>
    live === null ? watched(stepping, options.isCancelled, report) : live.watched(stepping, report);
  let turnEndMs = startMs + TURN_MS;
  let nextProgressMs = startMs;
  try {
    for (;;) {
      const stepping = path.step();
      const hasMore = typeof stepping === 'boolean' ? stepping : await waited(stepping);
      if (!hasMore) break;
      const sealing = live === null ? null : live.stepped();
      if (sealing !== null) await sealing;
      const nowMs = clockMs();
      if (nowMs < turnEndMs) continue;
      if (nowMs >= nextProgressMs) {
        nextProgressMs = nowMs + PROGRESS_INTERVAL_MS;
        report();
      }
      await otherCalls();
      if (options.isCancelled()) throw cancelledImport();
      live?.endIfAsked();
      turnEndMs = clockMs() + TURN_MS;
    }
  } finally {
    path.close();
  }
  report();

  const ledger = ledgerOf(merge.reads, aggregator);
  const problems = imbalances(ledger);
  if (problems.length > 0) {
    throw new AppError('LEDGER_UNBALANCED', `The ledger does not balance (${problems.join('; ')}): please report this`);
  }
  return resultOf(path, sources, ledger);
}

function paceOf({ live, clockMs }: ImportOptions): PathOptions['pace'] {
  return live?.pace && { ...live.pace, clockMs };
}

function resultOf(path: PacketPath, sources: readonly MergeSource[], ledger: Ledger): ImportResult {
  const { merge, aggregator } = path;
  const { reads } = merge;
  return {
    captures: reads.map(factsOf),
    leftOut: merge.leftOut.map(({ source, error }) => {
      return { place: sources.indexOf(source), path: source.source.name, code: error.code, message: error.message };
    }),
    positions: reads.map(({ latestSec, positions }) => ({
      latestSec: latestSec === -Infinity ? null : latestSec,
      positions,
    })),
    details: reads.map(captureDetails),
    ledger,
    logEntries: aggregator.entries,
    windows: aggregator.windows,
    packets: merge.packets,
    sessions: aggregator.sessions,
    latePackets: aggregator.latePackets,
    clockSteps: aggregator.epochs,
    gaps: aggregator.gaps,
    legs: path.legs,
    clocks: reads.flatMap(({ name, clock }) => (clock === null ? [] : [{ path: name, clock }])),
    unpairedEarly: path.unpairedEarly,
    backwardSteps: merge.backwardSteps,
    aggregatedPackets: reads.reduce((sum, { account }) => sum + account.aggregatedPackets, 0),
    nat64Packets: reads.reduce((sum, { account }) => sum + account.nat64Records, 0),
    impossibleTimes: reads.reduce((sum, { account }) => sum + account.impossibleTimes, 0),
    repairedTimes: reads.reduce((sum, { account }) => sum + account.repairedTimes, 0),
    unknownLinkTypes: unknownLinkTypesOf(reads),
  };
}

function unknownLinkTypesOf(reads: readonly CaptureRead[]): UnknownLinkType[] {
  const packetsOf = new Map<number, number>();
  for (const { account } of reads) {
    for (const [linkType, packets] of account.unknownLinkTypes) {
      packetsOf.set(linkType, (packetsOf.get(linkType) ?? 0) + packets);
    }
  }
  return [...packetsOf]
    .map(([linkType, packets]) => ({ linkType, packets }))
    .sort((one, other) => other.packets - one.packets || one.linkType - other.linkType);
}

/**
 * Waits for a step of a source that may be as slow as the network it records: others see how far the import is, and can
 * cancel it.
 */
async function watched(stepping: Promise<boolean>, isCancelled: () => boolean, report: () => void): Promise<boolean> {
  let looking: NodeJS.Timeout | undefined;
  let nextReport = PROGRESS_INTERVAL_MS;
  const cancelled = new Promise<never>((_resolve, reject) => {
    looking = setInterval(() => {
      if (isCancelled()) reject(cancelledImport());
      nextReport -= LOOK_MS;
      if (nextReport > 0) return;
      nextReport = PROGRESS_INTERVAL_MS;
      report();
    }, LOOK_MS);
  });
  try {
    return await Promise.race([stepping, cancelled]);
  } finally {
    clearInterval(looking);
  }
}

function totalOf(sources: readonly MergeSource[]): number | null {
  let total = 0;
  for (const { source } of sources) {
    if (source.sizeBytes === null) return null;
    total += source.sizeBytes;
  }
  return total;
}

export function cancelledImport(): AppError {
  return new AppError('IMPORT_CANCELLED', 'The import was cancelled; nothing of it is kept');
}

function ledgerOf(reads: readonly CaptureRead[], aggregator: WindowAggregator): Ledger {
  const total = (pick: (account: CaptureAccount) => number): number =>
    reads.reduce((sum, { account }) => sum + pick(account), 0);
  return {
    fileBytes: {
      read: reads.reduce((sum, { readBytes }) => sum + readBytes, 0),
      container: total((account) => account.containerBytes),
      captured: total((account) => account.capturedBytes),
      unreadable: reads.flatMap(({ account }): readonly UnreadableRange[] => account.unreadable),
    },
    packets: {
      read: total((account) => account.records),
      inEntries: aggregator.packetsInEntries,
      notInEntries: aggregator.packetsNotInEntries(),
    },
    ipBytes: {
      read: total((account) => account.ipBytes),
      inEntries: aggregator.ipBytesInEntries,
      notInEntries: aggregator.ipBytesNotInEntries(),
    },
  };
}

/**
 * Of an import that goes on: what was read, and neither is in an entry nor has a reason yet, counts as not read, since it is
 * lost should the import be cut off.
 */
function ledgerSoFar({ merge, aggregator }: PacketPath): Ledger {
  merge.noteSoFar();
  const { fileBytes, packets, ipBytes } = ledgerOf(merge.reads, aggregator);
  const settled = ({ inEntries, notInEntries }: Ledger['packets']): number =>
    Object.values(notInEntries).reduce((sum, count) => sum + count, inEntries);
  const unreadable = fileBytes.unreadable.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    fileBytes: { ...fileBytes, read: fileBytes.container + fileBytes.captured + unreadable },
    packets: { ...packets, read: settled(packets) },
    ipBytes: { ...ipBytes, read: settled(ipBytes) },
  };
}

function factsOf({ name, format, account, readBytes, earliest, latest }: CaptureRead): ReadCapture {
  return {
    path: name,
    format,
    fileBytes: readBytes,
    packets: account.records,
    firstTime: earliest === null ? null : formatTime(earliest.sec, earliest.nsec),
    lastTime: latest === null ? null : formatTime(latest.sec, latest.nsec),
    endTime: account.firstSec === null ? null : formatTime(account.lastSec, account.lastNsec),
  };
}
