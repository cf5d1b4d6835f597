import type { PacketCounts, PacketSide, PacketsReport, PacketsRequest } from '../contract/packets';
import { NAT_SOURCE, type EntryId } from '../contract/log-entry';
import type { Notice } from '../contract/result-batch';
import type { CapturePositions } from '../capture/capture-positions';
import type { FoundPacket } from '../capture/entry-packets';
import type { Database } from '../duckdb/database';
import { readEntryOrigin, type StoredEntry } from '../duckdb/entry-origin';
import { listCaptures, listClocks, readPositions } from '../duckdb/run-reads';
import type { Gateway } from '../nat/gateway';
import { CaptureCheck } from './capture-check';
import type { CallContext } from './engine-calls';
import { entryText } from './entry-text';
import { refuseCancelled, writeExport } from './export-service';
import { findPackets, tracePackets, type SearchOptions } from './find-packets';
import { FoundEntries } from './found-entries';
import { writeLedgerPackets } from './ledger-slice';
import { partialNoticesOfEntry } from './partial-windows';
import { PacketSlice, WRITE_BYTES } from './packet-slice';
import { writeQueryPackets } from './query-packets';
import type { StoredOptions } from './run-captures';
import { allSourcesOf, sourcesOfEntry, type RunRead } from './run-sources';
import { SearchTurns } from './search-turns';

/**
 * Writes the packets behind log entries into a pcapng file of its own in the workspace's `tmp/exports`, as they were
 * captured or as the Internet saw them (see `PublicSide`): those of one entry, of all that a search finds, or behind a number
 * of a ledger.
 *
 * @throws AppError as `writeQueryPackets` for a search; RUN_NOT_FOUND, ENTRY_NOT_FOUND, CAPTURE_NOT_FOUND, CAPTURE_CHANGED,
 * CAPTURE_NOT_KEPT and other CAPTURE_*, MEMORY_EXHAUSTED, QUERY_CANCELLED, WORKSPACE_*, OUTPUT_UNWRITABLE
 */
export async function writePackets(
  database: Database,
  request: PacketsRequest,
  context: Pick<CallContext<'packets:write'>, 'signal' | 'emit'>,
): Promise<PacketsReport> {
  refuseCancelled(context.signal);
  if ('of' in request) return writeLedgerPackets(database, request, context);
  const { side = 'captured', ...what } = request;
  return 'query' in what
    ? writeQueryPackets(database, what.query, side, context)
    : writeEntryPackets(database, what, side, context);
}

/**
 * The packets of an entry are found by reading the captures again: from shortly before the entry, if what has its five-tuple
 * turns out to be all that the entry counts, and else from their beginning, to see again what the gateway did. A notice of
 * losses says so when even that does not add up to what the entry counts.
 */
async function writeEntryPackets(
  database: Database,
  id: EntryId,
  side: PacketSide,
  { signal, emit }: Pick<CallContext<'packets:write'>, 'signal' | 'emit'>,
): Promise<PacketsReport> {
  const { entry, logstoreId, options: optionsText, gateway: gatewayText } = await readEntryOrigin(database, id);
  // As `beginRun` wrote them.
  const options = JSON.parse(optionsText) as StoredOptions;
  const gateway = JSON.parse(gatewayText) as Gateway;
  const check = new CaptureCheck(database, signal);
  const slice = {
    workspaceDir: database.workspaceDir,
    read: {
      ...{ run: id.run, captures: await listCaptures(database, id.run), options, check },
      clocks: await listClocks(database, id.run),
    },
    positions: await readPositions(database, id.run),
    entryNo: id.entryNo,
    ...{ entry, gateway, side },
    description: entryText(id, entry, gateway.windowSec),
    partial: await partialNoticesOfEntry(database, logstoreId, { ...id, ...entry }),
    turns: new SearchTurns(signal, (progress) => emit('packets:progress', progress)),
    signal,
  };
  return (await writeFound(slice)) ?? writeTraced(slice);
}

interface SliceTask {
  readonly workspaceDir: string;
  readonly read: RunRead;
  readonly positions: ReadonlyMap<number, CapturePositions>;
  readonly entryNo: number;
  readonly entry: StoredEntry;
  readonly gateway: Gateway;
  readonly side: PacketSide;
  readonly description: string;
  /** What is to be said of the window of the entry. */
  readonly partial: readonly Notice[];
  readonly turns: SearchTurns;
  readonly signal: AbortSignal;
}

/** What was found by its five-tuple is not what the entry counts, so nothing of it is kept. */
class OthersFound extends Error {}

/** @returns null when the five-tuple does not tell which packets are of the entry */
async function writeFound(task: SliceTask): Promise<PacketsReport | null> {
  const { entry } = task;
  const { priIp, priPort, pubIp, pubPort } = entry;
  if (entry.natSource !== NAT_SOURCE.emulated || priIp === null || priPort === null) return null;
  if (pubIp === null || pubPort === null) return null;
  const sources = sourcesOfEntry(task.read, task.positions, entry);
  try {
    return await writeSlice(task, async (options, onPacket) => {
      const found = await findPackets(sources, { ...entry, priIp, priPort, pubIp, pubPort }, options, onPacket);
      if (!isAll(found, entry)) throw new OthersFound();
      return found;
    });
  } catch (cause) {
    if (cause instanceof OthersFound) return null;
    throw cause;
  }
}

function writeTraced(task: SliceTask): Promise<PacketsReport> {
  const sources = allSourcesOf(task.read);
  const entries = FoundEntries.of([{ ...task.entry, entryNo: task.entryNo }]);
  return writeSlice(task, async (options, onPacket) => {
    await tracePackets(sources, entries, options, onPacket);
    return { packets: entries.packets, ipBytes: entries.ipBytes };
  });
}

function writeSlice(
  { workspaceDir, read, entry, gateway, side, description, partial, turns, signal }: SliceTask,
  find: (options: SearchOptions, onPacket: (packet: FoundPacket) => void) => Promise<PacketCounts>,
): Promise<PacketsReport> {
  return writeExport(workspaceDir, 'pcapng', signal, async (output, file) => {
    const slice = new PacketSlice(description, side);
    slice.enter(read.captures);
    let note = `, the first of ${description}`;
    // Imports that had no choice yet read the outermost header.
    const { layer = 'outer' } = read.options;
    const onStep: SearchOptions['onStep'] = (foundPackets, searchedBytes) => {
      if (slice.writer.pendingBytes >= WRITE_BYTES) return output.write(slice.writer.take());
      return turns.pass(() => ({ foundPackets, searchedBytes: searchedBytes() }));
    };
    const found = await find({ layer, gateway, onStep }, (packet) => {
      slice.add(packet, entry, note);
      note = '';
    });
    await output.write(slice.writer.take());
    const counted = { packets: entry.packets, ipBytes: entry.ipBytes };
    const notices = [...lossesOf(found, counted), ...slice.notices(), ...(read.check?.notices ?? []), ...partial];
    const written = { file, bytes: output.writtenBytes, packets: slice.packets };
    return () => ({ ...written, entries: 1, found, counted, description, notices });
  });
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
