import { ENTRY_BATCH_ROWS, ENTRY_FLAG, END_REASON_CODE, LogEntryBatch, NAT_SOURCE } from '../contract/log-entry';
import { REASONS, type ByReason, type Reason } from '../contract/ledger';
import { PACKET_FLAG, type PacketBatch } from '../capture/packet-batch';
import type { Gateway } from '../nat/gateway';
import { SESSION_STATE, endReasonOf } from '../nat/session-state';
import { FLOAT, RECORD_WORDS, WORD } from '../nat/session-table';
import { Translation, Translator } from '../nat/translator';
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
  /** Packets that came too late for their own window. */
  latePackets = 0;
  packetsInEntries = 0;
  /** Summed from the entries as they were emitted, not from the packets. */
  ipBytesInEntries = 0;
  readonly #windowSec: number;
  readonly #translator: Translator;
  readonly #translation = new Translation();
  readonly #sink: EntrySink;
  readonly #batch = new LogEntryBatch();
  readonly #rows = new WindowRows();
  readonly #packetsByReason = new Float64Array(REASONS.length + 1);
  readonly #bytesByReason = new Float64Array(REASONS.length + 1);
  /** Infinity before the first packet. */
  #windowStart = Infinity;
  #windowEnd = -Infinity;
  /** The capture begins inside the window that is open. */
  #isPartial = true;

  constructor(gateway: Gateway, sink: EntrySink) {
    this.#windowSec = gateway.windowSec;
    this.#translator = new Translator(gateway);
    this.#sink = sink;
  }

  /** Sessions of the gateway so far. */
  get sessions(): number {
    return this.#translator.sessionCount;
  }

  /** Takes packets in order of time; one that is late comes where it came, with its own time. */
  add(batch: PacketBatch): void {
    let from = 0;
    while (from < batch.length) {
      if (batch.tsSec[from]! >= this.#windowEnd) this.#openWindow(batch.tsSec[from]!, batch.tsNsec[from]!);
      if (this.#translator.isSweepDue) this.#sweep(batch.tsSec[from]!);
      const to = this.#rowsOfWindow(batch, from);
      this.#translator.translate(batch, from, to, this.#translation);
      this.#count(batch, from, to);
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
    return byReason(this.#packetsByReason);
  }

  ipBytesNotInEntries(): ByReason {
    return byReason(this.#bytesByReason);
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

  #count(batch: PacketBatch, from: number, to: number): void {
    const { words, floats } = this.#translator.sessions;
    const { session, reason } = this.#translation;
    const { fromVpc } = this.#translation.keys;
    const windowStart = this.#windowStart;
    for (let row = from; row < to; row++) {
      const ipBytes = batch.ipBytes[row]!;
      const record = session[row]!;
      if (record < 0) {
        this.#packetsByReason[reason[row]!]!++;
        this.#bytesByReason[reason[row]!]! += ipBytes;
        continue;
      }
      const at = record * RECORD_WORDS;
      const floatAt = at >> 1;
      let sec = batch.tsSec[row]!;
      let nsec = batch.tsNsec[row]!;
      if (sec < windowStart) {
        sec = windowStart;
        nsec = 0;
        this.latePackets++;
        words[at + WORD.flags]! |= ENTRY_FLAG.lateCarried;
      }
      if ((batch.flags[row]! & PACKET_FLAG.lengthInferred) !== 0) words[at + WORD.flags]! |= ENTRY_FLAG.lengthInferred;
      if ((words[at + WORD.pktsFromVpc]! | words[at + WORD.pktsFromPub]!) === 0) {
        floats[floatAt + FLOAT.firstSec] = sec;
        words[at + WORD.firstNsec] = nsec;
        floats[floatAt + FLOAT.firstPacket] = batch.packetNo[row]!;
        floats[floatAt + FLOAT.windowLastSec] = sec;
        words[at + WORD.windowLastNsec] = nsec;
      } else if (isAfter(sec, nsec, floats[floatAt + FLOAT.windowLastSec]!, words[at + WORD.windowLastNsec]!)) {
        floats[floatAt + FLOAT.windowLastSec] = sec;
        words[at + WORD.windowLastNsec] = nsec;
      } else if (isAfter(floats[floatAt + FLOAT.firstSec]!, words[at + WORD.firstNsec]!, sec, nsec)) {
        floats[floatAt + FLOAT.firstSec] = sec;
        words[at + WORD.firstNsec] = nsec;
      }
      floats[floatAt + FLOAT.lastPacket] = batch.packetNo[row]!;
      if (fromVpc[row] === 1) {
        words[at + WORD.pktsFromVpc]!++;
        floats[floatAt + FLOAT.bytesFromVpc]! += ipBytes;
      } else {
        words[at + WORD.pktsFromPub]!++;
        floats[floatAt + FLOAT.bytesFromPub]! += ipBytes;
      }
    }
  }

  /** Moves sessions that have died by `sec` out of the table of the living. */
  #sweep(sec: number): void {
    this.#translator.endIdle(sec);
    this.#dropDead();
  }

  #dropDead(): void {
    const { words } = this.#translator.sessions;
    this.#translator.dropDead((record) => {
      this.#rows.take(words, record);
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
    const { order, length } = this.#rows;
    for (let from = 0; from < length; from += ENTRY_BATCH_ROWS) {
      batch.length = Math.min(ENTRY_BATCH_ROWS, length - from);
      for (let row = 0; row < batch.length; row++) this.#emitRow(batch, row, order[from + row]!);
      this.#sink(batch);
    }
  }

  #emitRow(batch: LogEntryBatch, row: number, source: number): void {
    const { words, floats, ordinals } = this.#rows;
    const at = source * RECORD_WORDS;
    const floatAt = at >> 1;
    const ports = words[at + WORD.ports]!;
    const natIp = this.#translator.natAddresses[words[at + WORD.natAddress]!]!;
    const pktsFromVpc = words[at + WORD.pktsFromVpc]! >>> 0;
    const pktsFromPub = words[at + WORD.pktsFromPub]! >>> 0;
    const bytesFromVpc = floats[floatAt + FLOAT.bytesFromVpc]!;
    const bytesFromPub = floats[floatAt + FLOAT.bytesFromPub]!;
    batch.protocol[row] = words[at + WORD.protocol]!;
    batch.priIp[row] = words[at + WORD.priIp]!;
    batch.priPort[row] = ports >>> 16;
    batch.pubIp[row] = words[at + WORD.pubIp]!;
    batch.pubPort[row] = ports & 0xffff;
    batch.natIp[row] = natIp;
    batch.natPort[row] = words[at + WORD.natPort]!;
    batch.bytesFromPub[row] = bytesFromPub;
    batch.pktsFromPub[row] = pktsFromPub;
    batch.bytesFromVpc[row] = bytesFromVpc;
    batch.pktsFromVpc[row] = pktsFromVpc;
    batch.entryNo[row] = this.entries + ordinals[source]!;
    batch.sessionId[row] = words[at + WORD.sessionId]! >>> 0;
    batch.windowStart[row] = this.#windowStart;
    batch.firstSec[row] = floats[floatAt + FLOAT.firstSec]!;
    batch.firstNsec[row] = words[at + WORD.firstNsec]!;
    batch.lastSec[row] = floats[floatAt + FLOAT.windowLastSec]!;
    batch.lastNsec[row] = words[at + WORD.windowLastNsec]!;
    batch.endReason[row] = endReasonAtClose(words, at);
    batch.natEip[row] = natIp;
    batch.natSource[row] = NAT_SOURCE.emulated;
    batch.flags[row] = words[at + WORD.flags]! | (this.#isPartial ? ENTRY_FLAG.partialWindow : 0);
    batch.firstPacket[row] = floats[floatAt + FLOAT.firstPacket]!;
    batch.lastPacket[row] = floats[floatAt + FLOAT.lastPacket]!;
    this.packetsInEntries += pktsFromVpc + pktsFromPub;
    this.ipBytesInEntries += bytesFromVpc + bytesFromPub;
  }
}

function isAfter(sec: number, nsec: number, otherSec: number, otherNsec: number): boolean {
  return sec > otherSec || (sec === otherSec && nsec > otherNsec);
}

/** A session that only waits for its port to be freed has ended for whoever reads the log. */
function endReasonAtClose(words: Int32Array, at: number): number {
  const state = words[at + WORD.state]!;
  if (state === SESSION_STATE.dead) return words[at + WORD.endReason]!;
  const own = endReasonOf(state);
  return own === END_REASON_CODE.idle ? END_REASON_CODE.open : own;
}

function byReason(counts: Float64Array): ByReason {
  const result: Partial<Record<Reason, number>> = {};
  REASONS.forEach((reason, index) => {
    const count = counts[index + 1]!;
    if (count > 0) result[reason] = count;
  });
  return result;
}
