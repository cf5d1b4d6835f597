import { isCaptureError, type AppError } from '../contract/errors';
import type { CaptureClock } from '../contract/capture-details';
import { CaptureStream } from './capture-stream';
import { ClockShift } from './clock-shift';
import type { Decoder } from './decoder';
import { OpenCapture, type CaptureRead } from './open-capture';
import { BATCH_ROWS, PacketBatch } from './packet-batch';
import type { ByteSource } from './read-buffer';
import type { PacketTime } from './time-order';

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
  /** Its packets are taken to have come by the clock that this one is compared with; the time of its first one is as recorded. */
  readonly clock?: CaptureClock | null | undefined;
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
   * @param sources in order of their first packet, by one clock
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
    this.#pending = sources.map(byOneClock);
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

  /**
   * @param place of a capture in `reads`
   * @returns its latest time, by one clock, once it has been read to its end, which is before anything later of others is
   * handed on
   */
  latestOf(place: number): PacketTime | null {
    const read = this.reads[place];
    if (read === undefined || this.#open.some((capture) => capture.read === read && !capture.isRead)) return null;
    const { latest, clock } = read;
    return latest === null || clock === null ? latest : new ClockShift(clock).shiftTime(latest);
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
      if (stream instanceof CaptureStream) return this.#opened(next, stream);
      return stream.then(
        (later) => this.#opened(next, later),
        (cause: unknown) => this.#leaveOut(next, cause),
      );
    } catch (cause) {
      return this.#leaveOut(next, cause);
    }
  }

  #opened({ source, clock = null }: MergeSource, stream: CaptureStream): true {
    this.#opening = null;
    const capture = new OpenCapture(source, stream, this.#isAlone ? this.#consume : null, {
      repairsTimes: this.#repairsTimes,
      clock,
    });
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

/** With the time of its first packet by the clock that the others have. */
function byOneClock(source: MergeSource): MergeSource {
  const { firstSec, firstNsec, clock = null } = source;
  // Of a pipe, and of one that is read from the middle, it is no time.
  if (clock === null || firstSec === null || !Number.isFinite(firstSec)) return source;
  const { sec, nsec } = new ClockShift(clock).shiftTime({ sec: firstSec, nsec: firstNsec });
  return { ...source, firstSec: sec, firstNsec: nsec };
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
