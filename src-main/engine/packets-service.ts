import type { PacketCounts, PacketSide, PacketsProgress, PacketsReport, PacketsRequest } from '../contract/ipc';
import { NAT_SOURCE } from '../contract/log-entry';
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
import { lazyFileSource } from './file-source';
import { findPackets, tracePackets, type FindOptions } from './find-packets';
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
 * Writes the packets behind one log entry into a pcapng file of its own in the workspace's `tmp/exports`, as they were
 * captured or as the Internet saw them (see `PublicSide`). They are found by reading the captures again: from shortly before the entry, if what has its five-tuple
 * turns out to be all that the entry counts, and else from their beginning, to see again what the gateway did. A notice of
 * losses says so when even that does not add up to what the entry counts.
 *
 * @throws AppError RUN_NOT_FOUND, ENTRY_NOT_FOUND, CAPTURE_NOT_FOUND, CAPTURE_CHANGED, CAPTURE_NOT_KEPT and other
 * CAPTURE_*, MEMORY_EXHAUSTED, QUERY_CANCELLED, WORKSPACE_*, OUTPUT_UNWRITABLE
 */
export async function writePackets(
  database: Database,
  { side = 'captured', ...id }: PacketsRequest,
  { signal, emit }: Pick<CallContext<'packets:write'>, 'signal' | 'emit'>,
): Promise<PacketsReport> {
  refuseCancelled(signal);
  const { entry, options: optionsText, gateway: gatewayText } = await readEntryOrigin(database, id);
  // As `beginRun` wrote them.
  const options = JSON.parse(optionsText) as StoredOptions;
  const gateway = JSON.parse(gatewayText) as Gateway;
  const captures = await listCaptures(database, id.run);
  const positions = await readPositions(database, id.run);
  const slice = {
    workspaceDir: database.workspaceDir,
    origin: { captures, positions, run: id.run, entry, options },
    gateway,
    side,
    description: entryText(id, entry, gateway.windowSec),
    turns: new Turns(signal, (progress) => emit('packets:progress', progress)),
    signal,
  };
  return (await writeFound(slice)) ?? writeTraced(slice);
}

interface SliceTask {
  readonly workspaceDir: string;
  readonly origin: EntryOrigin;
  readonly gateway: Gateway;
  readonly side: PacketSide;
  readonly description: string;
  readonly turns: Turns;
  readonly signal: AbortSignal;
}

/** What was found by its five-tuple is not what the entry counts, so nothing of it is kept. */
class OthersFound extends Error {}

/** @returns null when the five-tuple does not tell which packets are of the entry */
async function writeFound(task: SliceTask): Promise<PacketsReport | null> {
  const { entry } = task.origin;
  const { priIp, priPort, pubIp, pubPort } = entry;
  if (entry.natSource !== NAT_SOURCE.emulated || priIp === null || priPort === null) return null;
  if (pubIp === null || pubPort === null) return null;
  const sources = sourcesOf(task.origin);
  try {
    return await writeSlice(task, async (options) => {
      const found = await findPackets(sources, { ...options, entry: { ...entry, priIp, priPort, pubIp, pubPort } });
      if (!isAll(found, entry)) throw new OthersFound();
      return found;
    });
  } catch (cause) {
    if (cause instanceof OthersFound) return null;
    throw cause;
  }
}

function writeTraced(task: SliceTask): Promise<PacketsReport> {
  const sources = allSourcesOf(task.origin);
  return writeSlice(task, (options) => tracePackets(sources, { ...options, entry: task.origin.entry }));
}

function writeSlice(
  { workspaceDir, origin, gateway, side, description, turns, signal }: SliceTask,
  find: (options: Omit<FindOptions<unknown>, 'entry'>) => Promise<PacketCounts>,
): Promise<PacketsReport> {
  const { captures, entry, options } = origin;
  return writeExport(workspaceDir, 'pcapng', signal, async (output, file) => {
    const slice = new PacketSlice(captures, description, side);
    let note = `, the first of ${description}`;
    // Imports that had no choice yet read the outermost header.
    const { layer = 'outer' } = options;
    const found = await find({
      layer,
      gateway,
      onPacket: (packet) => {
        slice.add(packet, entry, note);
        note = '';
      },
      onStep: (foundPackets, searchedBytes) => {
        if (slice.writer.pendingBytes >= WRITE_BYTES) return output.write(slice.writer.take());
        return turns.pass(() => ({ foundPackets, searchedBytes: searchedBytes() }));
      },
    });
    await output.write(slice.writer.take());
    const counted = { packets: entry.packets, ipBytes: entry.ipBytes };
    const notices = [...lossesOf(found, counted), ...slice.notices()];
    return () => ({ file, bytes: output.writtenBytes, found, counted, description, notices });
  });
}

/** An entry, and what its run read. */
interface EntryOrigin {
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
function sourcesOf({ captures, positions, run, entry, options }: EntryOrigin): MergeSource[] {
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
    return [{ source, ...timeOf(capture.openedAtTime), firstPacketNo: before + 1 }];
  });
}

/** All captures of the run from their beginning. One that came from a pipe is refused when it is reached. */
function allSourcesOf({ captures, run, options }: EntryOrigin): MergeSource[] {
  return captures.map((capture, place) => {
    const source = wasPipe(capture, options)
      ? lazyFileSource(capture.path, 0, () => refusePipe(capture, run))
      : new UnpackedSource(runCaptureSource(capture, run), maxExpansionOf(options));
    return { source, ...timeOf(capture.openedAtTime), firstPacketNo: place * PACKETS_PER_CAPTURE + 1 };
  });
}

/** @param time as `formatTime` gives it */
function timeOf(time: string | null): { readonly firstSec: number | null; readonly firstNsec: number } {
  if (time === null) return { firstSec: null, firstNsec: 0 };
  const [sec, nsec] = time.split('.');
  return { firstSec: Number(sec), firstNsec: Number(nsec) };
}

function isAll(found: PacketCounts, counted: PacketCounts): boolean {
  return found.packets === counted.packets && found.ipBytes === counted.ipBytes;
}

function lossesOf(found: PacketCounts, counted: PacketCounts): Notice[] {
  if (isAll(found, counted)) return [];
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
