import { ENTRY_BATCH_ROWS, ENTRY_FLAG, LogEntryBatch } from '../contract/log-entry';
import { REASONS, type ByReason, type Reason } from '../contract/ledger';
import type { PacketBatch } from '../capture/packet-batch';
import type { Gateway } from '../nat/gateway';
import { Translator } from '../nat/translator';
import { WindowRows } from './window-rows';

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
  readonly #translator: Translator;
  readonly #natAddresses: Uint32Array;
  readonly #sink: EntrySink;
  readonly #batch = new LogEntryBatch();
  readonly #rows = new WindowRows();
  /** Infinity before the first packet. */
  #windowStart = Infinity;
  #windowEnd = -Infinity;
  /** The capture begins inside the window that is open. */
  #isPartial = true;

  constructor(gateway: Gateway, sink: EntrySink) {
    this.#windowSec = gateway.windowSec;
    this.#translator = new Translator(gateway);
    this.#natAddresses = Uint32Array.from(this.#translator.natAddresses);
    this.#sink = sink;
  }

  /** Sessions of the gateway so far. */
  get sessions(): number {
    return this.#translator.sessionCount;
  }

  /** Packets that came too late for their own window. */
  get latePackets(): number {
    return this.#translator.latePackets;
  }

  /** Takes packets in order of time; one that is late comes where it came, with its own time. */
  add(batch: PacketBatch): void {
    let from = 0;
    while (from < batch.length) {
      if (batch.tsSec[from]! >= this.#windowEnd) this.#openWindow(batch.tsSec[from]!, batch.tsNsec[from]!);
      if (this.#translator.isSweepDue) this.#sweep(batch.tsSec[from]!);
      const to = this.#rowsOfWindow(batch, from);
      this.#translator.translate(batch, from, to, this.#windowStart);
      from = to;
    }
  }

  /** The capture has ended: every session ends, and the last window closes. */
  end(): void {
    this.#translator.endIdle(this.#windowEnd);
    this.#translator.endIdle(Infinity);
    this.#isPartial = true;
    this.#closeWindow();
  }

  packetsNotInEntries(): ByReason {
    return byReason(this.#translator.packetsByReason);
  }

  ipBytesNotInEntries(): ByReason {
    return byReason(this.#translator.bytesByReason);
  }

  #openWindow(sec: number, nsec: number): void {
    const start = sec - (((sec % this.#windowSec) + this.#windowSec) % this.#windowSec);
    const isFirst = this.#windowEnd === -Infinity;
    if (!isFirst) {
      this.#translator.endIdle(this.#windowEnd);
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

  /** Moves sessions that have died by `sec` out of the table of the living. */
  #sweep(sec: number): void {
    this.#translator.endIdle(sec);
    this.#dropDead();
  }

  #dropDead(): void {
    const { words, floats } = this.#translator.sessions;
    this.#translator.dropDead((record) => {
      this.#rows.take(words, floats, record);
    });
  }

  #closeWindow(): void {
    this.#dropDead();
    const { words, floats, size } = this.#translator.sessions;
    this.#rows.takeAll(words, floats, size, ENTRY_FLAG.midstream);
    if (this.#rows.length === 0) return;
    this.#rows.sort(this.#translator.natAddresses.length);
    this.#emit();
    this.entries += this.#rows.length;
    this.windows++;
    this.#rows.clear();
  }

  #emit(): void {
    const batch = this.#batch;
    const { length } = this.#rows;
    const windowFlags = this.#isPartial ? ENTRY_FLAG.partialWindow : 0;
    for (let from = 0; from < length; from += ENTRY_BATCH_ROWS) {
      batch.length = Math.min(ENTRY_BATCH_ROWS, length - from);
      this.#rows.emit(batch, from, this.#natAddresses, this.entries, this.#windowStart, windowFlags);
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
