import type { CaptureClock } from '../contract/capture-details';
import type { CaptureAccount } from './capture-account';
import { POSITION_BYTES, type CapturePosition } from './capture-positions';
import type { CaptureStream } from './capture-stream';
import { ClockShift } from './clock-shift';
import { PacketBatch } from './packet-batch';
import type { ByteSource } from './read-buffer';
import { TimeOrder, type PacketTime } from './time-order';
import { TimeRepair } from './time-repair';

/** What became of one capture; its buffers are gone when it has been read. */
export interface CaptureRead {
  readonly name: string;
  readonly format: CaptureStream['format'];
  readonly account: CaptureAccount;
  /** Octets taken from the source so far. */
  readBytes: number;
  /** Octets of the file that were gone through: others than were read if it is compressed. */
  storedBytes: number;
  /** See `CapturePositions`. */
  latestSec: number;
  readonly positions: CapturePosition[];
  /** As `TimeOrder` counts them. */
  backwardSteps: number;
  disorderedPackets: number;
  /** The earliest and the latest time of a packet, as recorded; null without any that has one. */
  earliest: PacketTime | null;
  latest: PacketTime | null;
  /** By which its times were shifted; null where they stand. */
  readonly clock: CaptureClock | null;
}

/** A capture that is being read, whose packets are put in order by themselves. */
export class OpenCapture {
  readonly read: CaptureRead;
  readonly #source: ByteSource;
  readonly #repair: TimeRepair | null;
  readonly #shift: ClockShift | null;
  readonly #stream: CaptureStream;
  readonly order: TimeOrder;
  /** Batches in order whose packets wait for those of other captures; `row` is the next one of the first. */
  readonly ready: PacketBatch[] = [];
  row = 0;
  isRead = false;
  /** Null while none is being filled. */
  #filling: PacketBatch | null = null;
  #nextPositionAt = POSITION_BYTES;

  constructor(
    source: ByteSource,
    stream: CaptureStream,
    consume: ((batch: PacketBatch) => void) | null,
    { repairsTimes, clock }: { readonly repairsTimes: boolean; readonly clock: CaptureClock | null },
  ) {
    this.#source = source;
    this.#stream = stream;
    const { name, format, account, readBytes, storedBytes } = stream;
    const times = { backwardSteps: 0, disorderedPackets: 0, earliest: null, latest: null, clock };
    const place = { latestSec: -Infinity, positions: [] };
    this.read = { name, format, account, readBytes, storedBytes, ...place, ...times };
    this.#repair = repairsTimes ? new TimeRepair(() => account.repairedTimes++) : null;
    this.#shift = clock === null ? null : new ClockShift(clock);
    this.order = new TimeOrder(
      consume ??
        ((batch) => {
          const copy = new PacketBatch();
          copy.copyFrom(batch);
          this.ready.push(copy);
        }),
    );
  }

  /** Reads one batch more. @returns nothing when that is done */
  fill(): Promise<void> | undefined {
    const batch = this.#take();
    const hasMore = this.#stream.fill(batch);
    if (typeof hasMore !== 'boolean') return hasMore.then((later) => this.#book(batch, later));
    this.#book(batch, hasMore);
    return undefined;
  }

  /** Brings also the times of `read` up to date. */
  noteSoFar(): void {
    this.note();
    this.#noteTimes();
  }

  /** Ends the capture with what has come of it, also while a batch is being read. */
  cutOff(): void {
    if (this.isRead) return;
    const batch = this.#filling ?? this.#take();
    this.#stream.cutOff(batch);
    this.#book(batch, false);
  }

  #take(): PacketBatch {
    const batch = this.order.take();
    this.#filling = batch;
    this.#repair?.begin(batch);
    return batch;
  }

  /** Brings `read` up to date, also while a batch is being read. */
  note(): void {
    this.read.readBytes = this.#stream.readBytes;
    this.read.storedBytes = this.#stream.storedBytes;
  }

  #book(batch: PacketBatch, hasMore: boolean): void {
    // It was cut off meanwhile.
    if (this.#filling !== batch) return;
    this.#filling = null;
    this.note();
    this.#repair?.repair(batch, !hasMore);
    this.#shift?.shift(batch);
    this.order.push();
    this.read.latestSec = this.order.latestSec;
    if (this.read.readBytes >= this.#nextPositionAt) this.#notePosition();
    if (hasMore) return;
    this.order.flush();
    this.#noteTimes();
    // Not before: who sees it takes `read.latest` for the end, and of a live capture that was noted long ago.
    this.isRead = true;
  }

  #noteTimes(): void {
    const { read, order } = this;
    const { firstSec, firstNsec } = read.account;
    read.backwardSteps = order.backwardSteps;
    read.disorderedPackets = order.disorderedPackets;
    if (firstSec === null) return;
    // A capture of one packet may have no other time than an impossible one.
    read.earliest = this.#recorded(order.earliest) ?? { sec: firstSec, nsec: firstNsec };
    read.latest = this.#recorded(order.latest);
  }

  #recorded(time: PacketTime | null): PacketTime | null {
    return time === null || this.#shift === null ? time : this.#shift.recorded(time);
  }

  #notePosition(): void {
    this.#nextPositionAt = this.read.readBytes + POSITION_BYTES;
    const position = this.#stream.position();
    if (position !== null) this.read.positions.push({ ...position, latestSec: this.read.latestSec });
  }

  close(): void {
    this.#stream.release();
    this.#source.close();
  }
}
