import { isCaptureError, type AppError } from '../contract/errors';
import type { CaptureAccount } from './capture-account';
import { POSITION_BYTES, type CapturePosition } from './capture-positions';
import { CaptureStream } from './capture-stream';
import type { Decoder } from './decoder';
import { BATCH_ROWS, PacketBatch } from './packet-batch';
import { TimeRepair } from './time-repair';
import type { ByteSource } from './read-buffer';
import { TimeOrder, type PacketTime } from './time-order';

/**
 * Packets of one capture are numbered from here on by its place among the captures: `place * 2^40 + record`, the first
 * record being 1. So a number names a packet for good, however the captures were merged, and is exact in a double.
 */
export const PACKETS_PER_CAPTURE = 2 ** 40;

/** A capture to be merged, and the time of its first packet, by which it is opened. */
export interface MergeSource {
  readonly source: ByteSource;
  /** Null for a capture without packets that have a time; it is read last. */
  readonly firstSec: number | null;
  readonly firstNsec: number;
  /** Number of the first record that the source gives; without it, that of the first record of the next capture. */
  readonly firstPacketNo?: number;
  /** Without it the merge goes on when its beginning cannot be read; default false. */
  readonly mayBeLeftOut?: boolean;
}

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
  /** The earliest and the latest time of a packet; null without any that has one. */
  earliest: PacketTime | null;
  latest: PacketTime | null;
}

/** A capture that is being read. */
class OpenCapture {
  readonly read: CaptureRead;
  readonly #source: ByteSource;
  readonly #repair: TimeRepair | null;
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
    repairsTimes: boolean,
  ) {
    this.#source = source;
    this.#stream = stream;
    const { name, format, account, readBytes, storedBytes } = stream;
    const times = { backwardSteps: 0, disorderedPackets: 0, earliest: null, latest: null };
    const place = { latestSec: -Infinity, positions: [] };
    this.read = { name, format, account, readBytes, storedBytes, ...place, ...times };
    this.#repair = repairsTimes ? new TimeRepair(() => account.repairedTimes++) : null;
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
    this.isRead = !hasMore;
    this.note();
    this.#repair?.repair(batch, this.isRead);
    this.order.push();
    this.read.latestSec = this.order.latestSec;
    if (this.read.readBytes >= this.#nextPositionAt) this.#notePosition();
    if (!this.isRead) return;
    this.order.flush();
    this.#noteTimes();
  }

  #noteTimes(): void {
    const { read, order } = this;
    const { firstSec, firstNsec } = read.account;
    read.backwardSteps = order.backwardSteps;
    read.disorderedPackets = order.disorderedPackets;
    if (firstSec === null) return;
    // A capture of one packet may have no other time than an impossible one.
    read.earliest = order.earliest ?? { sec: firstSec, nsec: firstNsec };
    read.latest = order.latest;
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

export interface MergeOptions {
  /** Packets whose time cannot be get that of the one before: see `TimeRepair`. Without it, times are as recorded. */
  readonly repairsTimes?: boolean;
  /** Hand on what has come without waiting for more; of several captures, each waits for the others nevertheless. */
  readonly isLive?: boolean;
}

/**
 * Several captures as one stream of packets in order of time: rotated files, or files of several interfaces.
 *
 * Each capture is put in order by itself (see `TimeOrder`); equal times keep the order of the captures. A capture is
 * opened when its first packet is due, and closed when it has been read, so that thousands of them need no memory of
 * their own. One capture alone goes through without a copy.
 */
export class CaptureMerge {
  /** In order of their opening, open or read. */
  readonly reads: CaptureRead[] = [];
  /** Those that `mayBeLeftOut`, and were. */
  readonly leftOut: { readonly source: MergeSource; readonly error: AppError }[] = [];
  readonly #pending: MergeSource[];
  readonly #decoder: Decoder;
  readonly #consume: (batch: PacketBatch) => void;
  readonly #isAlone: boolean;
  readonly #repairsTimes: boolean;
  readonly #isLive: boolean;
  #open: OpenCapture[] = [];
  /** Its beginning is being read. */
  #opening: ByteSource | null = null;
  #merged = new PacketBatch();
  #backwardSteps = 0;

  /**
   * @param sources in order of their first packet
   * @param decoder reads them by turns
   * @param consume takes each batch in order; the batch is reused after it returns
   */
  constructor(
    sources: readonly MergeSource[],
    decoder: Decoder,
    consume: (batch: PacketBatch) => void,
    { repairsTimes = false, isLive = false }: MergeOptions = {},
  ) {
    this.#isLive = isLive && sources.length === 1;
    this.#repairsTimes = repairsTimes;
    this.#pending = [...sources];
    this.#decoder = decoder;
    this.#consume = consume;
    this.#isAlone = sources.length === 1;
  }

  get storedBytes(): number {
    for (const capture of this.#open) capture.note();
    return this.reads.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  }

  get packets(): number {
    return this.reads.reduce((sum, { account }) => sum + account.records, 0);
  }

  /** The latest second of all packets that were read; -Infinity before the first. */
  get latestSec(): number {
    return this.reads.reduce((latest, { latestSec }) => Math.max(latest, latestSec), -Infinity);
  }

  get backwardSteps(): number {
    return this.#backwardSteps + this.#open.reduce((sum, { order }) => sum + order.backwardSteps, 0);
  }

  /**
   * Reads one batch, or hands on what has become due. The next step may be taken when this one is done.
   *
   * @returns false when all captures have been read and handed on
   * @throws what reading a capture throws; rejects with the same
   */
  step(): boolean | Promise<boolean> {
    const hungry = this.#open.find(({ ready, isRead }) => ready.length === 0 && !isRead);
    if (hungry !== undefined) {
      const filling = hungry.fill();
      return filling === undefined ? this.#closeRead() : filling.then(() => this.#closeRead());
    }
    const opening = this.#openNext();
    if (opening !== false) return opening;
    if (this.#open.length === 0) {
      this.#flush();
      return false;
    }
    this.#handOn();
    return this.#closeRead();
  }

  /** Brings `reads` up to date, whose captures are being read still. */
  noteSoFar(): void {
    for (const capture of this.#open) capture.noteSoFar();
  }

  /**
   * Of a live capture that has been silent up to a second: hands on what no packet can come before any more.
   *
   * @returns whether nothing is held now; never of several captures, of which one may wait unread behind another
   */
  advance(sec: number): boolean {
    const [only] = this.#open;
    return this.#isAlone && only?.order.advance(sec) === true;
  }

  /** Ends the captures with what has come of them, also while a step is under way, which is over then. */
  cutOff(): void {
    this.#pending.length = 0;
    for (const capture of this.#open) capture.cutOff();
  }

  /** Closes what is open still; to be called when no step is taken any more, also while one is under way. */
  close(): void {
    for (const capture of this.#open) capture.close();
    this.#open = [];
    this.#opening?.close();
    this.#opening = null;
  }

  /** Opens the next capture if its first packet is due. @returns false when it is not, or there is none */
  #openNext(): boolean | Promise<true> {
    const [next] = this.#pending;
    if (next === undefined) return false;
    const head = earliest(this.#open);
    if (head !== null && !isDue(next, head)) return false;
    this.#pending.shift();
    this.#opening = next.source;
    const { firstPacketNo = this.reads.length * PACKETS_PER_CAPTURE + 1 } = next;
    try {
      const stream = CaptureStream.open(next.source, this.#decoder, { firstPacketNo, isLive: this.#isLive });
      if (stream instanceof CaptureStream) return this.#opened(next.source, stream);
      return stream.then(
        (later) => this.#opened(next.source, later),
        (cause: unknown) => this.#leaveOut(next, cause),
      );
    } catch (cause) {
      return this.#leaveOut(next, cause);
    }
  }

  #opened(source: ByteSource, stream: CaptureStream): true {
    this.#opening = null;
    const capture = new OpenCapture(source, stream, this.#isAlone ? this.#consume : null, this.#repairsTimes);
    this.#open.push(capture);
    this.reads.push(capture.read);
    return true;
  }

  /** @throws `cause`, where it is no error of a capture that may be left out */
  #leaveOut(next: MergeSource, cause: unknown): true {
    if (next.mayBeLeftOut !== true || !isCaptureError(cause)) throw cause;
    this.#opening?.close();
    this.#opening = null;
    this.leftOut.push({ source: next, error: cause });
    return true;
  }

  /** Hands on packets until a capture has none ready, or another one is due to be opened. */
  #handOn(): void {
    const [only] = this.#open;
    if (this.#open.length === 1 && only !== undefined && this.#canPassWhole(only)) {
      this.#flush();
      const batch = only.ready.shift();
      if (batch !== undefined) this.#consume(batch);
      return;
    }
    for (;;) {
      const head = earliest(this.#open);
      if (head === null || this.#isNextDue(head)) return;
      const [batch] = head.ready;
      if (batch === undefined) return;
      this.#merged.appendRow(batch, head.row++);
      if (this.#merged.length === BATCH_ROWS) this.#flush();
      if (head.row < batch.length) continue;
      head.ready.shift();
      head.row = 0;
      if (head.ready.length === 0) return;
    }
  }

  /** True when nothing of another capture can belong between the packets of the batch that is ready. */
  #canPassWhole({ ready, row }: OpenCapture): boolean {
    const [batch] = ready;
    const [next] = this.#pending;
    if (batch === undefined || row > 0) return false;
    if (next === undefined || next.firstSec === null) return true;
    // Not the last row alone: that may be one that came late.
    for (let at = batch.length - 1; at >= 0; at--) if (batch.tsSec[at]! >= next.firstSec) return false;
    return true;
  }

  #isNextDue(head: OpenCapture): boolean {
    const [next] = this.#pending;
    return next !== undefined && isDue(next, head);
  }

  #flush(): void {
    if (this.#merged.length > 0) this.#consume(this.#merged);
    this.#merged.length = 0;
  }

  #closeRead(): true {
    const isDone = ({ isRead, ready }: OpenCapture): boolean => isRead && ready.length === 0;
    if (!this.#open.some(isDone)) return true;
    for (const capture of this.#open.filter(isDone)) {
      this.#backwardSteps += capture.order.backwardSteps;
      capture.close();
    }
    this.#open = this.#open.filter((capture) => !isDone(capture));
    return true;
  }
}

/** @returns the capture whose next packet is the earliest, the first of several; null when none has one ready */
function earliest(captures: readonly OpenCapture[]): OpenCapture | null {
  let best: OpenCapture | null = null;
  let bestSec = Infinity;
  let bestNsec = 0;
  for (const capture of captures) {
    const [batch] = capture.ready;
    if (batch === undefined) continue;
    const sec = batch.tsSec[capture.row]!;
    const nsec = batch.tsNsec[capture.row]!;
    if (best !== null && (sec > bestSec || (sec === bestSec && nsec >= bestNsec))) continue;
    best = capture;
    bestSec = sec;
    bestNsec = nsec;
  }
  return best;
}

function isDue({ firstSec, firstNsec }: MergeSource, { ready, row }: OpenCapture): boolean {
  const [batch] = ready;
  if (firstSec === null || batch === undefined) return false;
  const sec = batch.tsSec[row]!;
  return firstSec < sec || (firstSec === sec && firstNsec <= batch.tsNsec[row]!);
}
