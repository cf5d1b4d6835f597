import { ENTRY_BATCH_ROWS, ENTRY_FLAG, LogEntryBatch, NAT_SOURCE } from '../contract/log-entry';
import { REASONS, type ByReason, type Reason } from '../contract/ledger';
import type { PacketBatch } from '../capture/packet-batch';
import type { Gateway } from '../nat/gateway';
import { Emulator, type EmulatorExports } from '../nat/emulator';

/** Packets between two looks at whether dead sessions should be moved out of the way. */
const STEP_ROWS = 1024;

/** Takes closed entries; it must have copied or stored them when it returns. */
export type EntrySink = (batch: LogEntryBatch) => void;

/**
 * Runs packets through the gateway and sums them up by session and window of packet time.
 *
 * Windows are half-open, aligned to the epoch, and close when a packet of a later one comes. A session has one entry
 * for each window in which it had a packet. A packet that comes too late for its own window is counted in the one that
 * is open, at that window's start, and its entry says so.
 * @see nat-gateway reference §6
 */
export class WindowAggregator {
  entries = 0;
  windows = 0;
  packetsInEntries = 0;
  /** Summed from the entries as they were emitted, not from the packets. */
  ipBytesInEntries = 0;
  readonly #windowSec: number;
  readonly #emulator: Emulator;
  readonly #sink: EntrySink;
  readonly #batch = new LogEntryBatch();
  /** Infinity before the first packet. */
  #windowStart = Infinity;
  #windowEnd = -Infinity;
  /** The capture begins inside the window that is open. */
  #isPartial = true;

  /** @param module a new instance of the emulator, that nobody else uses */
  constructor(gateway: Gateway, module: EmulatorExports, sink: EntrySink) {
    this.#windowSec = gateway.windowSec;
    this.#emulator = new Emulator(module, gateway);
    this.#sink = sink;
  }

  /** Sessions of the gateway so far. */
  get sessions(): number {
    return this.#emulator.sessions;
  }

  /** Packets that came too late for their own window. */
  get latePackets(): number {
    return this.#emulator.latePackets;
  }

  /** Takes packets in order of time; one that is late comes where it came, with its own time. */
  add(batch: PacketBatch): void {
    let from = 0;
    this.#emulator.load(batch);
    while (from < batch.length) {
      if (batch.tsSec[from]! >= this.#windowEnd) this.#openWindow(batch.tsSec[from]!, batch.tsNsec[from]!);
      if (this.#emulator.isSweepDue) this.#emulator.sweep(batch.tsSec[from]!);
      const to = this.#rowsOfWindow(batch, from);
      this.#emulator.translate(from, to, this.#windowStart);
      from = to;
    }
  }

  /** The capture has ended: every session ends, and the last window closes. */
  end(): void {
    this.#emulator.endIdle(this.#windowEnd);
    this.#emulator.endAll();
    this.#isPartial = true;
    this.#closeWindow();
  }

  packetsNotInEntries(): ByReason {
    return byReason(this.#emulator.packetsByReason());
  }

  ipBytesNotInEntries(): ByReason {
    return byReason(this.#emulator.bytesByReason());
  }

  #openWindow(sec: number, nsec: number): void {
    const start = sec - (((sec % this.#windowSec) + this.#windowSec) % this.#windowSec);
    const isFirst = this.#windowEnd === -Infinity;
    if (!isFirst) {
      this.#emulator.endIdle(this.#windowEnd);
      this.#closeWindow();
    }
    this.#windowStart = start;
    this.#windowEnd = start + this.#windowSec;
    this.#isPartial = isFirst && (sec > start || nsec > 0);
  }

  /** @returns the row after the last one of a step, from `from` on, that belongs to the open window */
  #rowsOfWindow(batch: PacketBatch, from: number): number {
    const { tsSec } = batch;
    const length = Math.min(batch.length, from + STEP_ROWS);
    const windowEnd = this.#windowEnd;
    let to = from;
    while (to < length && tsSec[to]! < windowEnd) to++;
    return to;
  }

  #closeWindow(): void {
    const rows = this.#emulator.closeWindow();
    if (rows > 0) {
      this.#emit(rows);
      this.entries += rows;
      this.windows++;
    }
    this.#emulator.clearRows();
  }

  #emit(rows: number): void {
    const batch = this.#batch;
    const windowFlags = this.#isPartial ? ENTRY_FLAG.partialWindow : 0;
    batch.windowStart.fill(this.#windowStart);
    batch.natSource.fill(NAT_SOURCE.emulated);
    for (let from = 0; from < rows; from += ENTRY_BATCH_ROWS) {
      batch.length = Math.min(ENTRY_BATCH_ROWS, rows - from);
      this.#emulator.emit(batch, from, this.entries, windowFlags);
      batch.natEip.set(batch.natIp);
      this.packetsInEntries += sum(batch.pktsFromVpc, batch.length) + sum(batch.pktsFromPub, batch.length);
      this.ipBytesInEntries += sum(batch.bytesFromVpc, batch.length) + sum(batch.bytesFromPub, batch.length);
      this.#sink(batch);
    }
  }
}

function sum(column: Float64Array, length: number): number {
  let total = 0;
  for (let row = 0; row < length; row++) total += column[row]!;
  return total;
}

function byReason(counts: Float64Array): ByReason {
  const result: Partial<Record<Reason, number>> = {};
  REASONS.forEach((reason, index) => {
    const count = counts[index + 1]!;
    if (count > 0) result[reason] = count;
  });
  return result;
}
