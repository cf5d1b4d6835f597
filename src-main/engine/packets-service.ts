import type { PacketsProgress, PacketsReport, PacketsRequest } from '../contract/ipc';
import type { Notice } from '../contract/result-batch';
import { PACKETS_PER_CAPTURE, type MergeSource } from '../capture/capture-merge';
import type { CapturePositions } from '../capture/capture-positions';
import { FRAGMENT_WAIT_SEC } from '../capture/fragment-resolver';
import { ALLOWED_LATENESS_SEC } from '../capture/time-order';
import type { Database } from '../duckdb/database';
import { readEntryOrigin, type StoredEntry } from '../duckdb/entry-origin';
import { listCaptures, readPositions, type RunCapture } from '../duckdb/import-runs';
import type { Gateway } from '../nat/gateway';
import type { CallContext } from './engine-calls';
import { entryText } from './entry-text';
import { refuseCancelled, writeExport } from './export-service';
import { findPackets } from './find-packets';
import { PacketSlice } from './packet-slice';
import {
  maxExpansionOf,
  refusePipe,
  runCaptureSource,
  runCaptureSourceAt,
  wasPipe,
  type StoredOptions,
} from './run-captures';
import { TURN_MS, otherCalls } from './turns';
import { UnpackedSource } from './unpack/unpacked-source';

const PROGRESS_INTERVAL_MS = 100;
/**
 * What was recorded longer before an entry's first packet than this has no part in it: no packet is put before one so much
 * older, and no fragment waits so long for its first one.
 */
const SECONDS_BEFORE = ALLOWED_LATENESS_SEC + FRAGMENT_WAIT_SEC;
/** Octets that are written at once. */
const WRITE_BYTES = 1 << 20;

/**
 * Writes the packets behind one log entry, as they were captured, into a pcapng file of its own in the workspace's
 * `tmp/exports`. They are found by reading the captures again as the import did. A notice of losses says so when they do
 * not add up to what the entry counts.
 *
 * @throws AppError RUN_NOT_FOUND, ENTRY_NOT_FOUND, CAPTURE_NOT_FOUND, CAPTURE_CHANGED, CAPTURE_NOT_KEPT and other
 * CAPTURE_*, QUERY_CANCELLED, WORKSPACE_*, OUTPUT_UNWRITABLE
 */
export async function writePackets(
  database: Database,
  id: PacketsRequest,
  { signal, emit }: Pick<CallContext<'packets:write'>, 'signal' | 'emit'>,
): Promise<PacketsReport> {
  refuseCancelled(signal);
  const { entry, options: optionsText, gateway: gatewayText } = await readEntryOrigin(database, id);
  // As `beginRun` wrote them.
  const options = JSON.parse(optionsText) as StoredOptions;
  const gateway = JSON.parse(gatewayText) as Gateway;
  const captures = await listCaptures(database, id.run);
  const positions = await readPositions(database, id.run);
  const sources = sourcesOf({ captures, positions, run: id.run, entry, options });
  const description = entryText(id, entry, gateway.windowSec);
  return writeExport(database.workspaceDir, 'pcapng', signal, async (output, file) => {
    const slice = new PacketSlice(captures, description);
    // Imports that had no choice yet read the outermost header.
    const { layer = 'outer' } = options;
    const turns = new Turns(signal, (progress) => emit('packets:progress', progress));
    const found = await findPackets(sources, {
      entry,
      layer,
      gateway,
      onPacket: (packet) => slice.add(packet),
      onStep: (foundPackets, searchedBytes) => {
        if (slice.writer.pendingBytes >= WRITE_BYTES) return output.write(slice.writer.take());
        return turns.pass(() => ({ foundPackets, searchedBytes: searchedBytes() }));
      },
    });
    await output.write(slice.writer.take());
    const counted = { packets: entry.packets, ipBytes: entry.ipBytes };
    return () => ({ file, bytes: output.writtenBytes, found, counted, description, notices: lossesOf(found, counted) });
  });
}

interface EntrySource {
  readonly captures: readonly RunCapture[];
  readonly positions: ReadonlyMap<number, CapturePositions>;
  readonly run: number;
  readonly entry: StoredEntry;
  readonly options: StoredOptions;
}

/**
 * The captures that may hold packets of the entry, each from where they may begin. Of those from pipes only the ones
 * matter that hold an end of the entry; the sums tell if another one did.
 */
function sourcesOf({ captures, positions, run, entry, options }: EntrySource): MergeSource[] {
  const { firstPacket, lastPacket, startTime } = entry;
  const ends = [firstPacket, lastPacket].map((packetNo) => Math.floor(packetNo / PACKETS_PER_CAPTURE));
  const isBefore = ({ latestSec }: { readonly latestSec: number | null }): boolean =>
    latestSec === null || latestSec < startTime - SECONDS_BEFORE;
  return captures.flatMap((capture, place): MergeSource[] => {
    const known = positions.get(place);
    const holdsEnd = ends.includes(place);
    if (known !== undefined && isBefore(known) && !holdsEnd) return [];
    if (wasPipe(capture, options)) return holdsEnd ? refusePipe(capture, run) : [];
    const before = place * PACKETS_PER_CAPTURE;
    const position = known?.positions.findLast(isBefore);
    if (position !== undefined) {
      const source = runCaptureSourceAt(capture, run, position);
      return [{ source, firstSec: -Infinity, firstNsec: 0, firstPacketNo: before + position.record }];
    }
    const source = new UnpackedSource(runCaptureSource(capture, run), maxExpansionOf(options));
    return [{ source, ...timeOf(capture.firstTime), firstPacketNo: before + 1 }];
  });
}

/** @param time as `formatTime` gives it */
function timeOf(time: string | null): { readonly firstSec: number | null; readonly firstNsec: number } {
  if (time === null) return { firstSec: null, firstNsec: 0 };
  const [sec, nsec] = time.split('.');
  return { firstSec: Number(sec), firstNsec: Number(nsec) };
}

function lossesOf(found: PacketsReport['found'], counted: PacketsReport['counted']): Notice[] {
  if (found.packets === counted.packets && found.ipBytes === counted.ipBytes) return [];
  const text =
    `The entry counts ${counted.packets} packets of ${counted.ipBytes} IP bytes, and ${found.packets} of ` +
    `${found.ipBytes} were found: the file does not hold what the entry counts. Please report this.`;
  return [{ kind: 'losses', text }];
}

/** Gives other calls their turn, and the caller a sign of life. */
class Turns {
  readonly #signal: AbortSignal;
  readonly #onProgress: (progress: PacketsProgress) => void;
  #turnEndMs = performance.now() + TURN_MS;
  #nextProgressMs = 0;

  constructor(signal: AbortSignal, onProgress: (progress: PacketsProgress) => void) {
    this.#signal = signal;
    this.#onProgress = onProgress;
  }

  /** @returns nothing while the turn lasts. @throws AppError QUERY_CANCELLED; rejects with the same */
  pass(progress: () => PacketsProgress): Promise<void> | undefined {
    const nowMs = performance.now();
    if (nowMs < this.#turnEndMs) return undefined;
    if (nowMs >= this.#nextProgressMs) {
      this.#nextProgressMs = nowMs + PROGRESS_INTERVAL_MS;
      this.#onProgress(progress());
    }
    return this.#rest();
  }

  async #rest(): Promise<void> {
    await otherCalls();
    refuseCancelled(this.#signal);
    this.#turnEndMs = performance.now() + TURN_MS;
  }
}
