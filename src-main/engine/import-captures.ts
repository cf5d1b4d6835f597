import { AppError } from '../contract/errors';
import type { CaptureFacts, ImportProgress } from '../contract/ipc';
import { imbalances, type Ledger, type UnreadableRange } from '../contract/ledger';
import type { CaptureAccount } from '../capture/capture-account';
import { CaptureStream } from '../capture/capture-stream';
import type { ByteSource } from '../capture/read-buffer';
import { TimeOrder } from '../capture/time-order';
import type { Gateway } from '../nat/gateway';
import { WindowAggregator, type EntrySink } from '../window/window-aggregator';
import { formatTime } from './time-text';

/** Longest stretch of work before other calls get their turn. */
const TURN_MS = 15;
const PROGRESS_INTERVAL_MS = 100;

export interface ImportOptions {
  readonly gateway: Gateway;
  readonly isCancelled: () => boolean;
  readonly onProgress: (progress: ImportProgress) => void;
  /** Milliseconds of any steady clock, for progress only. */
  readonly clockMs: () => number;
}

export interface ImportResult {
  readonly captures: readonly CaptureFacts[];
  readonly ledger: Ledger;
  readonly logEntries: number;
  readonly windows: number;
  readonly packets: number;
  readonly sessions: number;
  readonly latePackets: number;
  readonly backwardSteps: number;
  readonly impossibleTimes: number;
}

/**
 * Runs captures through the gateway, one after the other as one stream of packets, and hands the closed windows to
 * `sink`. It knows no database and no files.
 *
 * @param sources in order of their first packet; each is closed when it has been read
 * @throws AppError IMPORT_CANCELLED, LEDGER_UNBALANCED, or what reading a capture throws
 */
export async function importCaptures(
  sources: readonly ByteSource[],
  options: ImportOptions,
  sink: EntrySink,
): Promise<ImportResult> {
  const { clockMs } = options;
  const startMs = clockMs();
  const totalBytes = sources.every((source) => source.sizeBytes !== null)
    ? sources.reduce((total, source) => total + (source.sizeBytes ?? 0), 0)
    : null;
  const aggregator = new WindowAggregator(options.gateway, sink);
  const order = new TimeOrder((batch) => {
    aggregator.add(batch);
  });
  const streams: CaptureStream[] = [];
  let packets = 0;
  let readBytes = 0;
  let turnEndMs = startMs + TURN_MS;
  let nextProgressMs = startMs;
  const report = (): void => {
    const elapsedMs = clockMs() - startMs;
    options.onProgress({ readBytes, totalBytes, packets, windows: aggregator.windows, elapsedMs });
  };

  for (const source of sources) {
    const stream = new CaptureStream(source, { firstPacketNo: packets + 1 });
    streams.push(stream);
    const bytesBefore = readBytes;
    const packetsBefore = packets;
    try {
      for (let hasMore = true; hasMore;) {
        const batch = order.take();
        hasMore = stream.fill(batch);
        order.push();
        readBytes = bytesBefore + stream.readBytes;
        packets = packetsBefore + stream.account.records;
        const nowMs = clockMs();
        if (nowMs < turnEndMs) continue;
        if (nowMs >= nextProgressMs) {
          nextProgressMs = nowMs + PROGRESS_INTERVAL_MS;
          report();
        }
        await otherCalls();
        if (options.isCancelled()) throw cancelledImport();
        turnEndMs = clockMs() + TURN_MS;
      }
    } finally {
      source.close();
    }
  }
  order.flush();
  aggregator.end();
  report();

  const ledger = ledgerOf(streams, aggregator);
  const problems = imbalances(ledger);
  if (problems.length > 0) {
    throw new AppError('LEDGER_UNBALANCED', `The ledger does not balance (${problems.join('; ')}): please report this`);
  }
  return {
    captures: streams.map(factsOf),
    ledger,
    logEntries: aggregator.entries,
    windows: aggregator.windows,
    packets,
    sessions: aggregator.sessions,
    latePackets: aggregator.latePackets,
    backwardSteps: order.backwardSteps,
    impossibleTimes: streams.reduce((sum, { account }) => sum + account.impossibleTimes, 0),
  };
}

export function cancelledImport(): AppError {
  return new AppError('IMPORT_CANCELLED', 'The import was cancelled; nothing of it is kept');
}

function otherCalls(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function ledgerOf(streams: readonly CaptureStream[], aggregator: WindowAggregator): Ledger {
  const total = (pick: (account: CaptureAccount) => number): number =>
    streams.reduce((sum, stream) => sum + pick(stream.account), 0);
  return {
    fileBytes: {
      read: streams.reduce((sum, stream) => sum + stream.readBytes, 0),
      container: total((account) => account.containerBytes),
      captured: total((account) => account.capturedBytes),
      unreadable: streams.flatMap((stream): readonly UnreadableRange[] => stream.account.unreadable),
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

function factsOf(stream: CaptureStream): CaptureFacts {
  const { account } = stream;
  return {
    path: stream.name,
    format: stream.format,
    fileBytes: stream.readBytes,
    packets: account.records,
    firstTime: account.firstSec === null ? null : formatTime(account.firstSec, account.firstNsec),
    lastTime: account.firstSec === null ? null : formatTime(account.lastSec, account.lastNsec),
  };
}
