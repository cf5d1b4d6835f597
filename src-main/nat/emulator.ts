import { AppError } from '../contract/errors';
import type { GatewayEventBatch } from '../contract/gateway-event';
import { REASONS, type ByReason } from '../contract/ledger';
import type { LogEntryBatch } from '../contract/log-entry';
import { TRAIT, type PacketBatch } from '../capture/packet-batch';
import { configureEmulator, configureEntries, observableAddresses, translatedAddresses } from './configure-emulator';
import { EmulatorColumns, type ColumnExports, type ExportedNumber, type PlacedRows } from './emulator-columns';
import type { Gateway, GatewayChange } from './gateway';

type ExportedAddress = 'classesByUpperHalf' | 'timeouts' | 'portHolds' | 'packetsByReason' | 'bytesByReason';
type ExportedResult = 'emittedPackets' | 'emittedBytes';

/** What the module in `src-main/emulator` exports; its sources say what each does. */
export interface EmulatorExports
  extends Readonly<Record<ExportedAddress | ExportedResult, ExportedNumber>>, ColumnExports {
  init(): void;
  setPorts(min: number, max: number, maxPerDestination: number, seed: number): void;
  setPortPolicy(policy: number, blockSize: number, maxBlocksPerHost: number): void;
  setOptions(bits: number): void;
  setWindows(lengthSec: number, offsetSec: number): void;
  setLimits(sessions: number, newPerSec: number, portsPerHost: number, newPerSecPerHost: number): void;
  allocateEntries(count: number): number;
  allocateNoNat(count: number): number;
  allocateOthers(count: number): number;
  allocatePools(count: number): number;
  allocatePoolAddresses(count: number): number;
  allocateNatAddresses(count: number): number;
  classOf(address: number): number;
  beginBatch(rows: number, isPlain: boolean, withObserved: boolean, withFragments: boolean): number;
  translate(from: number, to: number): void;
  setWindowStart(startSec: number): void;
  endIdle(sec: number): void;
  endMisplaced(sec: number, nsec: number, isBehindEnd: boolean): void;
  endAll(): void;
  endEpoch(): void;
  startEpoch(): void;
  isSweepDue(): number;
  sweep(sec: number): void;
  makeRoom(): void;
  isUntidy(): number;
  tidyUp(): void;
  entriesAtMost(): number;
  closeWindow(addressCount: number): number;
  entryCount(): number;
  emit(from: number, count: number, entriesBefore: number, windowEndSec: number, isLast: boolean): void;
  setFirst(sec: number, nsec: number): void;
  clearRows(): void;
  events(): number;
  emitEvents(from: number, count: number): void;
  forgetEvents(): void;
  trace(): void;
  settledCount(): number;
  settledAt(): number;
  forgetSettled(): void;
  createdSessions(): number;
  lateCount(): number;
}

/** What a window gives to all of its entries. */
export interface ClosedWindow {
  /** Entries of the windows before this one. */
  readonly entriesBefore: number;
  readonly endSec: number;
  /** The capture, or its epoch, ends inside the window. */
  readonly isLast: boolean;
  /** Time of the earliest packet of the capture epoch. */
  readonly firstSec: number;
  readonly firstNsec: number;
}

/**
 * The gateway and its windows: translates packets, sums them up by session, and gives the entries of closed windows.
 *
 * What follows a packet is decided by what came before it only, so any split of a capture into batches gives the same
 * sessions. The work is done by a module of WebAssembly, of which this owns one instance.
 */
export class Emulator {
  readonly #module: EmulatorExports;
  readonly #gateway: Gateway;
  readonly #natAddressCount: number;
  /** Both sides of the gateway may be in the captures: packets have what was observed of them. */
  readonly #hasLegs: boolean;
  /** Index of the first SNAT entry of the next change. */
  #nextEntry: number;
  /** Of the memory as it is; growing replaces it. */
  #columns: EmulatorColumns;

  /** @param module a new instance, that nobody else uses */
  constructor(module: EmulatorExports, gateway: Gateway) {
    this.#module = module;
    this.#gateway = gateway;
    this.#natAddressCount = translatedAddresses(gateway).length;
    this.#hasLegs = observableAddresses(gateway).length > 0;
    this.#nextEntry = gateway.snatEntries.length;
    configureEmulator(module, gateway);
    module.init();
    this.#columns = new EmulatorColumns(module);
  }

  /** Sessions created so far. */
  get sessions(): number {
    return this.#module.createdSessions() >>> 0;
  }

  /** Packets that came too late for their own window. */
  get latePackets(): number {
    return this.#module.lateCount();
  }

  /** Packets in no session. */
  packetsByReason(): ByReason {
    return this.#counters(this.#module.packetsByReason);
  }

  /** Their IP bytes. */
  bytesByReason(): ByReason {
    return this.#counters(this.#module.bytesByReason);
  }

  /** Takes over a batch, whose rows `translate` then refers to. */
  load(batch: PacketBatch): void {
    const columns = this.#mapped();
    const mayHaveFragments = !batch.has(TRAIT.unfragmented);
    columns.load(batch, this.#hasLegs, mayHaveFragments);
    const isPlain = batch.has(TRAIT.plain);
    const quoting = this.#module.beginBatch(batch.length, isPlain, this.#hasLegs, mayHaveFragments);
    if (quoting > 0) columns.loadQuoted(batch, quoting);
  }

  /**
   * Counts rows `[from, to)` of the batch that was loaded, each in its session or by the reason why it has none.
   *
   * @throws AppError MEMORY_EXHAUSTED when more sessions are alive at once than there is memory for
   */
  translate(from: number, to: number): void {
    this.#guard(() => {
      this.#module.translate(from, to);
    });
  }

  /**
   * A window is open from now on, also for what is settled or ends before its first packet.
   *
   * @param startSec a packet from before it comes too late for its own window: it counts at this time
   */
  openWindow(startSec: number): void {
    this.#module.setWindowStart(startSec);
  }

  /** Of the batch that was loaded: `REASON_CODE` by row, 0 for a packet in a session. Good until the next call. */
  get reasons(): Uint8Array {
    return this.#mapped().reasons;
  }

  /** From now on, `placedRows` and `takeSettled` tell of each packet in which session it counts. */
  trace(): void {
    this.#module.trace();
  }

  /** Of the rows that were translated last. Good until the next call. */
  get placedRows(): PlacedRows {
    return this.#mapped().placedRows;
  }

  /**
   * Tells of what was kept (see `PlacedRows`), and is settled since it was called last, in which session it counts: see
   * `SessionTrace`.
   */
  takeSettled(tell: (kept: number, session: number, window: number) => void): void {
    const count = this.#module.settledCount() >>> 0;
    if (count === 0) return;
    const numbers = new Uint32Array(this.#module.memory.buffer, this.#module.settledAt(), count * 4);
    const windows = new Float64Array(this.#module.memory.buffer, this.#module.settledAt(), count * 2);
    for (let at = 0; at < count; at++) tell(numbers[at * 4]!, numbers[at * 4 + 1]!, windows[at * 2 + 1]!);
    this.#module.forgetSettled();
  }

  /**
   * The next change of the gateway is made: sessions that lose their address by it end.
   *
   * @param isBehindEnd the capture had ended by then
   */
  change({ atSec, snatEntries }: GatewayChange, isBehindEnd: boolean): void {
    this.#guard(() => {
      configureEntries(this.#module, this.#gateway, snatEntries, this.#nextEntry);
      this.#nextEntry += snatEntries.length;
      this.#module.endMisplaced(atSec, 0, isBehindEnd);
    });
  }

  /** To be called before the first packet: by how many seconds windows are off the multiples of their length. */
  setWindowOffset(offsetSec: number): void {
    this.#module.setWindows(this.#gateway.windowSec, offsetSec);
  }

  /** Sessions end whose time is up by `sec`, when the window is closed, as with the two below. */
  endIdle(sec: number): void {
    this.#guard(() => {
      this.#module.endIdle(sec);
    });
  }

  /** The capture has ended: every session ends. Where windows are not the sessions' own, `endIdle` of the last one comes before. */
  endAll(): void {
    this.#guard(() => {
      this.#module.endAll();
    });
  }

  /** The clock of the capture was set back: every session ends. After its last window is closed, `startEpoch` follows. */
  endEpoch(): void {
    this.#guard(() => {
      this.#module.endEpoch();
    });
  }

  /** Time begins anew. */
  startEpoch(): void {
    this.#module.startEpoch();
  }

  /** True when so many sessions were created since the last sweep that looking for dead ones is worth it. */
  get isSweepDue(): boolean {
    return this.#module.isSweepDue() !== 0;
  }

  /** Moves sessions that have died by `sec` out of the table of the living; it may be untidy then. */
  sweep(sec: number): void {
    this.#guard(() => {
      this.#module.sweep(sec);
    });
  }

  /** To be called before each 1,024 packets: it may be untidy then. */
  makeRoom(): void {
    this.#guard(() => {
      this.#module.makeRoom();
    });
  }

  /** Until `tidyUp` was called as often as this says, only the rows of a closed window may be asked for. */
  get isUntidy(): boolean {
    return this.#module.isUntidy() !== 0;
  }

  /** Does a part of what comes of moved sessions: of many it would take too long at once. */
  tidyUp(): void {
    this.#guard(() => {
      this.#module.tidyUp();
    });
  }

  /** Entries that the window has at most, if it closes now. */
  get entriesAtMost(): number {
    return this.#module.entriesAtMost() >>> 0;
  }

  /**
   * Does a part of closing the window: in the end, what sessions did in it is ready for `emit`, ordered by translated address
   * and port.
   *
   * @returns rows of the window when they are ready, null when it is to be called again
   * @throws AppError MEMORY_EXHAUSTED
   */
  closeWindow(): number | null {
    const hasMore = this.#guard(() => this.#module.closeWindow(this.#natAddressCount));
    return hasMore !== 0 ? null : this.#module.entryCount() >>> 0;
  }

  /**
   * Fills `batch`, as long as it says, with rows of the closed window, and with what late packets correct in earlier ones.
   *
   * @param from first row
   * @returns sums of the counters of these rows
   */
  emit(batch: LogEntryBatch, from: number, closed: ClosedWindow): { packets: number; ipBytes: number } {
    const { entriesBefore, endSec, isLast, firstSec, firstNsec } = closed;
    this.#module.setFirst(firstSec, firstNsec);
    this.#module.emit(from, batch.length, entriesBefore, endSec, isLast);
    this.#mapped().takeEntries(batch);
    return { packets: this.#module.emittedPackets.value, ipBytes: this.#module.emittedBytes.value };
  }

  /** Forgets the rows of the closed window, when they were taken; packets may come again, unless it is untidy then. */
  clearRows(): void {
    this.#guard(() => {
      this.#module.clearRows();
    });
  }

  /** Events of the window so far. */
  get events(): number {
    return this.#module.events() >>> 0;
  }

  /** Fills `batch`, as long as it says, with events of the window, from event `from` on. */
  emitEvents(batch: GatewayEventBatch, from: number): void {
    this.#module.emitEvents(from, batch.length);
    this.#mapped().takeEvents(batch);
  }

  /** Forgets the events of the window, when they were taken. */
  forgetEvents(): void {
    this.#module.forgetEvents();
  }

  /** By `REASON_CODE`, of which 0 is none. */
  #counters({ value }: ExportedNumber): ByReason {
    const counts = new Float64Array(this.#module.memory.buffer, value, REASONS.length + 1);
    const told = REASONS.map((reason, place) => [reason, counts[place + 1]!] as const);
    return Object.fromEntries(told.filter(([, count]) => count > 0));
  }

  #guard<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (cause) {
      if (!isOutOfMemory(cause)) throw cause;
      const megabytes = Math.round(this.#module.memory.buffer.byteLength / 1e6);
      const message = `More sessions are alive at once than fit into memory (${megabytes} MB): split the capture, or name fewer networks with --inside`;
      throw new AppError('MEMORY_EXHAUSTED', message, { megabytes }, { cause });
    }
  }

  #mapped(): EmulatorColumns {
    if (this.#columns.buffer !== this.#module.memory.buffer) this.#columns = new EmulatorColumns(this.#module);
    return this.#columns;
  }
}

/**
 * The module has no exceptions of its own: `unreachable` is where it cannot have more memory, and nowhere else. A single piece
 * of memory that is too large ends it by `abort`, which throws a RangeError.
 */
function isOutOfMemory(cause: unknown): boolean {
  return cause instanceof RangeError || (cause instanceof Error && cause.message.includes('unreachable'));
}
