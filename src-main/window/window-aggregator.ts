import { EVENT_BATCH_ROWS, GatewayEventBatch } from '../contract/gateway-event';
import { ENTRY_BATCH_ROWS, LogEntryBatch } from '../contract/log-entry';
import type { ByReason } from '../contract/ledger';
import { PacketBatch, TRAIT } from '../capture/packet-batch';
import { inOrder } from '../nat/configure-emulator';
import type { Gateway, GatewayChange } from '../nat/gateway';
import { Emulator, type EmulatorExports } from '../nat/emulator';
import type { PlacedRows } from '../nat/emulator-columns';
import { ClockSteps } from './clock-steps';
import { PacketGaps, type GapFacts } from './packet-gaps';
import { redactEntries, redactRefusals } from './redaction';
import { windowOffset, windowStartOf } from './window-phase';
import { WindowStarts } from './window-starts';

/**
 * Packets between two looks at whether dead sessions should be moved out of the way. They are counted through all batches:
 * which ports are free may follow from it, and must not from the batches that packets come in.
 */
const STEP_ROWS = 1024;
/** A window of more entries or events is handed out piece by piece: a million would take a second, with storing them. See `catchUp`. */
const ENTRIES_AT_ONCE = 8 * ENTRY_BATCH_ROWS;

/** Takes what closed windows hold; it must have copied or stored a batch when it returns. */
export interface WindowSink {
  entries(batch: LogEntryBatch): void;
  events(batch: GatewayEventBatch): void;
  /** Is told of each batch of packets what became of its rows: `REASON_CODE`, or 0 for a packet in a session. */
  verdicts?(batch: PacketBatch, reasons: Uint8Array): void;
  readonly trace?: SessionTrace;
}

/** A window that is over, of which a part has been handed out. */
interface ClosingWindow {
  /** Null until they are put in order. */
  rows: number | null;
  /** The next row. */
  from: number;
  /** The next event. */
  fromEvent: number;
  readonly isLast: boolean;
  /** What comes when all have been. */
  readonly then: () => void;
}

/** Follows packets into their sessions. */
export interface SessionTrace {
  /** Rows `[from, to)` of the batch have been translated. */
  placed(batch: PacketBatch, from: number, to: number, rows: PlacedRows): void;
  /** What was kept with a number counts in this session, in the window that starts at `window`. */
  settled(kept: number, session: number, window: number): void;
}

/**
 * Runs packets through the gateway and sums them up by session and window of packet time.
 *
 * Windows are half-open, aligned as the gateway says, and close when a packet of a later one comes, or when `advance` says
 * that none of their own will. A session has one entry for each window in which it had a packet. Windows that begin with their
 * session are that session's own; its entries are handed out when the gateway's window closes in which they are over. A packet
 * that comes too late for its own window is counted in the one that is open, at that window's start, and its entry says so. When
 * the clock of the capture is set back for good, every session ends, and a new capture epoch begins.
 *
 * Entries of a window that the capture does not cover whole say so: by the times of packets, in whatever order these come. Only of
 * a packet that is so late that the window after its own was handed out before, that one does not know.
 *
 * A large window is handed out piece by piece: as long as `isBehind`, what comes only waits, and `catchUp` has to be called.
 * @see nat-gateway reference §6
 */
export class WindowAggregator {
  entries = 0;
  /** Those that have entries, in each capture epoch. */
  windows = 0;
  packetsInEntries = 0;
  /** Summed from the entries as they were emitted, not from the packets. */
  ipBytesInEntries = 0;
  /** Times that the clock of the capture was set back. */
  epochs = 0;
  readonly #gateway: Gateway;
  readonly #windowSec: number;
  readonly #emulator: Emulator;
  readonly #clockSteps: ClockSteps;
  readonly #sink: WindowSink;
  readonly #batch: LogEntryBatch;
  readonly #events = new GatewayEventBatch();
  readonly #gaps = new PacketGaps();
  readonly #changes: GatewayChange[];
  /** Null before the first packet. */
  #offsetSec: number | null = null;
  /** Infinity before the first packet. */
  #windowStart = Infinity;
  #windowEnd = -Infinity;
  /** Packets since the last look, below `STEP_ROWS`. */
  #rowsInStep = 0;
  /** Of the earliest packet of the capture epoch, whenever it came. */
  #firstSec = Infinity;
  #firstNsec = 0;
  /** Windows with rows, of the capture epoch. */
  readonly #starts: WindowStarts;
  #closing: ClosingWindow | null = null;
  /** What came since, in its order. */
  readonly #waiting: (() => void)[] = [];

  /** @param module a new instance of the emulator, that nobody else uses */
  constructor(gateway: Gateway, module: EmulatorExports, sink: WindowSink) {
    this.#gateway = gateway;
    this.#batch = new LogEntryBatch(gateway.extraBytes);
    this.#windowSec = gateway.windowSec;
    // Windows that begin with their session do so in any second.
    this.#starts = new WindowStarts(gateway.windowPhase === 'session' ? 1 : gateway.windowSec);
    this.#emulator = new Emulator(module, gateway);
    this.#sink = sink;
    if (sink.trace !== undefined) this.#emulator.trace();
    this.#changes = inOrder(gateway.changes);
    this.#clockSteps = new ClockSteps(gateway.jumpSec, {
      consume: (batch) => this.#take(batch),
      restart: () => this.#do(() => this.#restart()),
    });
  }

  /** Sessions of the gateway so far. */
  get sessions(): number {
    return this.#emulator.sessions;
  }

  /** Packets that came too late for their own window. */
  get latePackets(): number {
    return this.#emulator.latePackets;
  }

  /** Null when packets came all the time. */
  get gaps(): GapFacts | null {
    return this.#gaps.facts;
  }

  /** There are many sessions, and not all has been done that comes of a window's end or of their deaths, and after it. */
  get isBehind(): boolean {
    return this.#isHeld || this.#waiting.length > 0;
  }

  /** Does a part of what is left to do: hands out some entries of the window, or goes on with a batch that came since. */
  catchUp(): void {
    if (this.#closing !== null) this.#goOnClosing(this.#closing);
    else if (this.#emulator.isUntidy) this.#emulator.tidyUp();
    else this.#waiting.shift()?.();
  }

  /** No packet can be translated now. */
  get #isHeld(): boolean {
    return this.#closing !== null || this.#emulator.isUntidy;
  }

  /** Takes packets in order of time; one that is late comes where it came, with its own time. */
  add(batch: PacketBatch): void {
    this.#clockSteps.push(batch);
  }

  /**
   * As far as anybody knows, no packet from before a second comes any more: closes the window that was over by then. What
   * comes from before nevertheless is late.
   */
  advance(sec: number): void {
    if (this.isBehind || this.#clockSteps.isHolding) return;
    if (this.#isBetween || this.#windowEnd === -Infinity || sec < this.#windowEnd) return;
    this.#changeBefore(this.#windowEnd);
    this.#emulator.endIdle(this.#windowEnd);
    this.#closeWindow(() => this.#startWindow(this.#windowEnd, this.#windowEnd));
  }

  /** The last window was closed before a packet of another one came. */
  get #isBetween(): boolean {
    return this.#windowStart === this.#windowEnd;
  }

  /** The capture has ended: every session ends, and the last window closes. */
  end(): void {
    this.#clockSteps.flush();
    this.#do(() => this.#end());
  }

  #end(): void {
    this.#changeBefore(this.#windowEnd, true);
    // The watermark moves to the end of the last window; where windows begin with their session, to that of each session's own.
    if (this.#gateway.windowPhase !== 'session') this.#emulator.endIdle(this.#windowEnd);
    this.#emulator.endAll();
    this.#closeWindow(() => undefined, true);
  }

  packetsNotInEntries(): ByReason {
    return this.#emulator.packetsByReason();
  }

  ipBytesNotInEntries(): ByReason {
    return this.#emulator.bytesByReason();
  }

  /** At once, or when what came before has been done. */
  #do(work: () => void): void {
    if (this.isBehind) this.#waiting.push(work);
    else work();
  }

  #take(batch: PacketBatch): void {
    if (this.isBehind) {
      const copy = copyOf(batch);
      this.#waiting.push(() => this.#begin(copy));
    } else {
      this.#begin(batch);
    }
  }

  #begin(batch: PacketBatch): void {
    this.#gaps.push(batch);
    this.#emulator.load(batch);
    this.#translate(batch, 0);
  }

  /** @param from row of the batch that was loaded */
  #translate(batch: PacketBatch, from: number): void {
    while (from < batch.length) {
      const sec = batch.tsSec[from]!;
      // What is late for all windows that were counts in the one after them.
      if (this.#isBetween && sec < this.#windowEnd) this.#windowEnd += this.#windowSec;
      if (sec >= this.#windowEnd) this.#openWindow(sec);
      if (!this.#isHeld) {
        this.#changeBefore(sec + 1);
        if (this.#rowsInStep === 0) this.#tidy(sec);
      }
      if (this.#isHeld) {
        const [copy, at] = [copyOf(batch), from];
        // Before all else: the batch is loaded still.
        this.#waiting.unshift(() => this.#translate(copy, at));
        return;
      }
      const to = this.#rowsOfStep(batch, from);
      this.#emulator.translate(from, to);
      this.#rowsInStep = (this.#rowsInStep + to - from) % STEP_ROWS;
      this.#sink.trace?.placed(batch, from, to, this.#emulator.placedRows);
      this.#tellSettled();
      from = to;
    }
    this.#sink.verdicts?.(batch, this.#emulator.reasons);
  }

  /** Before the packets of a step. */
  #tidy(sec: number): void {
    if (this.#emulator.isSweepDue) this.#emulator.sweep(sec);
    if (!this.#isHeld) this.#emulator.makeRoom();
  }

  #tellSettled(): void {
    const { trace } = this.#sink;
    if (trace !== undefined)
      this.#emulator.takeSettled((kept, session, window) => trace.settled(kept, session, window));
  }

  /** The clock was set back: what was is over. */
  #restart(): void {
    this.#emulator.endEpoch();
    this.#closeWindow(() => {
      this.#emulator.startEpoch();
      this.epochs++;
      this.#gaps.restart();
      this.#starts.clear();
      this.#firstSec = Infinity;
      this.#windowStart = Infinity;
      this.#windowEnd = -Infinity;
    }, true);
  }

  /** Makes the changes of the gateway that are due before a second. */
  #changeBefore(sec: number, isBehindEnd = false): void {
    for (let change = this.#changes[0]; change !== undefined && change.atSec < sec; change = this.#changes[0]) {
      this.#emulator.change(change, isBehindEnd);
      this.#changes.shift();
    }
  }

  /** At once, unless the window before it has to be handed out first. */
  #openWindow(sec: number): void {
    if (this.#offsetSec === null) {
      this.#offsetSec = windowOffset(this.#gateway, sec);
      this.#emulator.setWindowOffset(this.#offsetSec);
    }
    const start = windowStartOf(sec, this.#windowSec, this.#offsetSec);
    const isFirst = this.#windowEnd === -Infinity;
    const open = (): void => this.#startWindow(start, start + this.#windowSec);
    if (isFirst || this.#isBetween) {
      open();
      return;
    }
    this.#changeBefore(this.#windowEnd);
    this.#emulator.endIdle(this.#windowEnd);
    this.#closeWindow(open);
  }

  #startWindow(startSec: number, endSec: number): void {
    this.#windowStart = startSec;
    this.#windowEnd = endSec;
    this.#emulator.openWindow(startSec);
  }

  /** @returns the row after the last one of a step, from `from` on: of the open window, and before the next change */
  #rowsOfStep(batch: PacketBatch, from: number): number {
    const { tsSec, tsNsec } = batch;
    const length = Math.min(batch.length, from + STEP_ROWS - this.#rowsInStep);
    const endSec = Math.min(this.#windowEnd, this.#changes[0]?.atSec ?? Infinity);
    // Nearly all steps.
    if (batch.has(TRAIT.ascending) && tsSec[length - 1]! < endSec) {
      this.#noteTime(tsSec[from]!, tsNsec[from]!);
      return length;
    }
    let to = from;
    for (; to < length && tsSec[to]! < endSec; to++) this.#noteTime(tsSec[to]!, tsNsec[to]!);
    return to;
  }

  #noteTime(sec: number, nsec: number): void {
    if (sec > this.#firstSec) return;
    this.#firstNsec = sec === this.#firstSec ? Math.min(this.#firstNsec, nsec) : nsec;
    this.#firstSec = sec;
  }

  /** At once where it has few entries, else piece by piece. @param isLast the capture, or its epoch, ends inside the window */
  #closeWindow(then: () => void, isLast = false): void {
    const isSmall = Math.max(this.#emulator.entriesAtMost, this.#emulator.events) <= ENTRIES_AT_ONCE;
    const closing: ClosingWindow = { rows: null, from: 0, fromEvent: 0, isLast, then };
    this.#closing = closing;
    if (isSmall) while (this.#closing === closing) this.#goOnClosing(closing);
  }

  #goOnClosing(closing: ClosingWindow): void {
    if (closing.rows === null) {
      closing.rows = this.#emulator.closeWindow();
      if (closing.rows !== null) this.#tellSettled();
    } else if (closing.from < closing.rows) {
      const length = Math.min(ENTRY_BATCH_ROWS, closing.rows - closing.from);
      this.#emit(closing.from, length, closing.isLast);
      closing.from += length;
    } else if (closing.fromEvent < this.#emulator.events) {
      const length = Math.min(EVENT_BATCH_ROWS, this.#emulator.events - closing.fromEvent);
      this.#emitEvents(closing.fromEvent, length);
      closing.fromEvent += length;
    } else {
      this.#finish(closing.rows);
      closing.then();
    }
  }

  /** Makes the emulator ready for the next window. */
  #finish(rows: number): void {
    this.#closing = null;
    this.entries += rows;
    this.#emulator.clearRows();
    this.#emulator.forgetEvents();
  }

  /** @param from first row of the window that closes */
  #emit(from: number, length: number, isLast: boolean): void {
    const batch = this.#batch;
    batch.length = length;
    batch.captureEpoch.fill(this.epochs);
    batch.isOneRealm.fill(this.#gateway.vlanAware ? 0 : 1);
    const { packets, ipBytes } = this.#emulator.emit(batch, from, {
      entriesBefore: this.entries,
      endSec: this.#windowEnd,
      isLast,
      firstSec: this.#firstSec,
      firstNsec: this.#firstNsec,
    });
    this.windows += this.#starts.add(batch.windowStart, length);
    if (this.#gateway.redactDestination) redactEntries(batch);
    this.packetsInEntries += packets;
    this.ipBytesInEntries += ipBytes;
    this.#sink.entries(batch);
  }

  /** @param from first event of the window that closes */
  #emitEvents(from: number, length: number): void {
    const batch = this.#events;
    batch.length = length;
    batch.windowStart.fill(this.#windowStart);
    this.#emulator.emitEvents(batch, from);
    if (this.#gateway.redactDestination) redactRefusals(batch);
    this.#sink.events(batch);
  }
}

/** Whoever hands out a batch uses it again. */
function copyOf(batch: PacketBatch): PacketBatch {
  const copy = new PacketBatch();
  copy.copyFrom(batch);
  return copy;
}
