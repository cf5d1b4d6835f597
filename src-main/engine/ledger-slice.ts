import { basename } from 'node:path';
import { CaptureMerge, PACKETS_PER_CAPTURE } from '../capture/capture-merge';
import type { PacketBatch } from '../capture/packet-batch';
import { AppError } from '../contract/errors';
import type { LedgerPacketsId, PacketCounts, PacketsReport } from '../contract/packets';
import type { Ledger } from '../contract/ledger';
import { packetsOfFact, type CaptureNumber, type LedgerPart } from '../contract/ledger-packets';
import type { Notice } from '../contract/result-batch';
import type { Database } from '../duckdb/database';
import { listCaptureDetails, readLedger } from '../duckdb/run-reads';
import type { WindowSink } from '../window/window-aggregator';
import { newLayerDecoder } from './decoder-module';
import { CaptureCheck } from './capture-check';
import { visitCapture } from './capture-packets';
import type { CallContext } from './engine-calls';
import { writeExport } from './export-service';
import { importAgain, readAgain, verdictOf, type AgainTask } from './ledger-packets';
import type { AtomicFile } from './output/atomic-file';
import { PacketSlice, WRITE_BYTES } from './packet-slice';
import { allSourcesOf } from './run-sources';
import { SearchTurns } from './search-turns';
import { PacketBits } from './written-packets';

/**
 * Writes the packets behind a number of a run's ledger, as they were captured. The captures are read twice: what becomes of a
 * packet is known only when others have come, and frames are not kept for so long.
 *
 * @throws AppError as `readLedgerPackets`; WORKSPACE_*, OUTPUT_UNWRITABLE
 */
export async function writeLedgerPackets(
  database: Database,
  { run, of }: LedgerPacketsId,
  { signal, emit }: Pick<CallContext<'packets:write'>, 'signal' | 'emit'>,
): Promise<PacketsReport> {
  const check = new CaptureCheck(database, signal);
  const again = await readAgain(database, run);
  const task = { ...again, read: { ...again.read, check } };
  const ledger = await readLedger(database, run);
  if (ledger === null) throw new AppError('RUN_NOT_FOUND', `there is no ledger of import ${run}`, { run });
  const [first] = task.read.captures;
  const names = `${basename(first?.path ?? '')}${task.read.captures.length > 1 ? ' and others' : ''}`;
  if (typeof of === 'object') {
    const path = task.read.captures[of.capture]?.path ?? '';
    const what = `import ${run} of ${names}: ${of.fact.replace('/', ' ')} of ${basename(path)}`;
    return writeCapturePackets(database, { task, of, check, description: what }, { signal, emit });
  }
  const counted = countedOf(ledger, of);
  const description = `import ${run} of ${names}: ${of}`;
  return writeExport(database.workspaceDir, 'pcapng', signal, async (output, file) => {
    const turns = new SearchTurns(signal, (progress) => emit('packets:progress', progress));
    const found = new PartNumbers(of, task.read.captures.length);
    await importAgain(task, found, () => false, turns);
    const slice = new PacketSlice(description, 'captured');
    await writeFrames(task, found, { slice, output, turns });
    const isAll = found.packets === counted.packets && slice.packets === counted.packets;
    const notices = [...(isAll ? [] : mismatch(counted.packets, slice.packets)), ...check.notices];
    const written = { file, bytes: output.writtenBytes, packets: slice.packets, entries: 0 };
    const sums = { packets: found.packets, ipBytes: found.ipBytes };
    return () => ({ ...written, found: sums, counted, description, notices });
  });
}

function mismatch(counted: number, found: number): Notice[] {
  return [
    { kind: 'losses', text: `The ledger counts ${counted} packets, and ${found} were found. Please report this.` },
  ];
}

function countedOf({ packets, ipBytes }: Ledger, of: LedgerPart): PacketCounts {
  if (of === 'read') return { packets: packets.read, ipBytes: ipBytes.read };
  if (of === 'in_entries') return { packets: packets.inEntries, ipBytes: ipBytes.inEntries };
  return { packets: packets.notInEntries[of] ?? 0, ipBytes: ipBytes.notInEntries[of] ?? 0 };
}

interface CaptureSlice {
  readonly task: AgainTask;
  readonly of: CaptureNumber;
  readonly check: CaptureCheck;
  readonly description: string;
}

/** Those behind a number of a capture's facts are known as soon as they are read. */
async function writeCapturePackets(
  database: Database,
  { task, of, check, description }: CaptureSlice,
  { signal, emit }: Pick<CallContext<'packets:write'>, 'signal' | 'emit'>,
): Promise<PacketsReport> {
  const details = (await listCaptureDetails(database, task.read.run))[of.capture];
  // Of what an older version imported nothing was counted.
  const countedPackets = details == null ? null : packetsOfFact(details, of.fact);
  return writeExport(database.workspaceDir, 'pcapng', signal, async (output, file) => {
    const turns = new SearchTurns(signal, (progress) => emit('packets:progress', progress));
    const slice = new PacketSlice(description, 'captured');
    slice.enter(task.read.captures);
    const decoder = newLayerDecoder(task.layer, task.gateway);
    let ipBytes = 0;
    const onPacket = (batch: PacketBatch, row: number): void => {
      const frame = decoder.frameOf(0);
      const time = { tsSec: batch.tsSec[row]!, tsNsec: batch.tsNsec[row]! };
      slice.add({ packetNo: batch.packetNo[row]!, ...time, frame }, null, '');
      decoder.free(frame);
      if (batch.ipVersion[row] !== 0) ipBytes += batch.ipBytes[row]!;
    };
    const settle = (): Promise<void> | undefined =>
      slice.writer.pendingBytes >= WRITE_BYTES ? output.write(slice.writer.take()) : undefined;
    await visitCapture(task, of, { decoder, onPacket, isOver: () => false, settle }, turns);
    await output.write(slice.writer.take());
    const found = { packets: slice.packets, ipBytes };
    const counted = { packets: countedPackets ?? slice.packets, ipBytes };
    const written = { file, bytes: output.writtenBytes, packets: slice.packets, entries: 0 };
    const notices = [
      ...(counted.packets === slice.packets ? [] : mismatch(counted.packets, slice.packets)),
      ...check.notices,
    ];
    return () => ({ ...written, found, counted, description, notices });
  });
}

/** Which packets of captures are of a part. */
class PartNumbers implements WindowSink {
  packets = 0;
  ipBytes = 0;
  readonly #verdict: number | null;
  readonly #ofCapture: readonly PacketBits[];

  constructor(of: LedgerPart, captures: number) {
    this.#verdict = verdictOf(of);
    this.#ofCapture = Array.from({ length: captures }, () => new PacketBits());
  }

  has(packetNo: number): boolean {
    return this.#ofCapture[Math.floor(packetNo / PACKETS_PER_CAPTURE)]!.has(packetNo % PACKETS_PER_CAPTURE);
  }

  verdicts({ length, packetNo, ipVersion, ipBytes }: PacketBatch, reasons: Uint8Array): void {
    for (let row = 0; row < length; row++) {
      if (this.#verdict !== null && reasons[row] !== this.#verdict) continue;
      const number = packetNo[row]!;
      this.#ofCapture[Math.floor(number / PACKETS_PER_CAPTURE)]!.set(number % PACKETS_PER_CAPTURE);
      this.packets++;
      if (ipVersion[row] !== 0) this.ipBytes += ipBytes[row]!;
    }
  }

  entries(): void {
    // What became of each packet is looked at, and not what it is summed up to.
  }

  events(): void {
    // As entries.
  }
}

interface SliceOutput {
  readonly slice: PacketSlice;
  readonly output: AtomicFile;
  readonly turns: SearchTurns;
}

async function writeFrames(
  { read, gateway, layer }: AgainTask,
  wanted: PartNumbers,
  { slice, output, turns }: SliceOutput,
): Promise<void> {
  slice.enter(read.captures);
  const decoder = newLayerDecoder(layer, gateway);
  decoder.tellRows((batch, firstRow) => {
    for (let row = firstRow; row < batch.length; row++) {
      const packetNo = batch.packetNo[row]!;
      if (!wanted.has(packetNo)) continue;
      const frame = decoder.frameOf(row - firstRow);
      slice.add({ packetNo, tsSec: batch.tsSec[row]!, tsNsec: batch.tsNsec[row]!, frame }, null, '');
      decoder.free(frame);
    }
  });
  const merge = new CaptureMerge(allSourcesOf(read), decoder, () => undefined);
  try {
    for (;;) {
      const stepping = merge.step();
      if (!(typeof stepping === 'boolean' ? stepping : await stepping)) break;
      if (slice.writer.pendingBytes >= WRITE_BYTES) await output.write(slice.writer.take());
      const pause = turns.pass(() => ({ foundPackets: slice.packets, searchedBytes: merge.storedBytes }));
      if (pause !== undefined) await pause;
    }
  } finally {
    merge.close();
  }
  await output.write(slice.writer.take());
}
