import { CaptureStream } from '../capture/capture-stream';
import { ClockShift } from '../capture/clock-shift';
import type { Decoder } from '../capture/decoder';
import { PacketBatch } from '../capture/packet-batch';
import { isCaptureError } from '../contract/errors';
import type { TunnelLayer } from '../contract/imports';
import { addressClasses } from '../nat/address-classes';
import { compareSides, type ClockComparison } from '../nat/clock-comparison';
import { observableAddresses } from '../nat/configure-emulator';
import type { Gateway } from '../nat/gateway';
import { LegAddresses, SIDE } from '../nat/leg-addresses';
import { numberedPairs, surePairs, type SurePair } from '../nat/leg-clocks';
import { LegIndex } from '../nat/leg-index';
import { LegLog, WAY } from '../nat/leg-log';
import { byFirstPacket, type Survey, type SurveyedCapture } from './capture-survey';
import { newLayerDecoder } from './decoder-module';
import { openFileSource } from './file-source';
import { cancelledImport } from './import-captures';
import { otherCalls, TURN_MS } from './turns';
import { UnpackedSource } from './unpack/unpacked-source';

/** Packets of each side that are compared at first, and at most: some 15 MB a side. */
const FIRST_PACKETS = 1 << 14;
const MOST_PACKETS = 1 << 18;
/** That are compared before others have their turn. */
const PACKETS_PER_TURN = 4096;
/** Batches of a capture that are looked at for a packet of either side. */
const MOST_BATCHES = 4;
/** Of a hundred packets of a capture, those of one side that may be there by the way. */
const STRAY_SHARE = 0.01;
const BUFFER_BYTES = 512 << 10;

export interface ClockOptions {
  readonly gateway: Gateway;
  readonly layer: TunnelLayer;
  readonly maxExpansion: number;
}

/**
 * Brings captures of the two sides of a gateway to one clock, as far as files tell it by their first packets: those that
 * show the side outside alone are taken to have come by the clock of those inside. Captures of one side are taken to have
 * one clock. What is in one capture with both sides, or came through a pipe, keeps its times: see `clockNotices`.
 *
 * @returns the survey with the clocks of captures, in order of their first packets by one clock, or with the fact that nothing tells
 * them; itself where nothing is to be changed
 * @throws AppError IMPORT_CANCELLED
 */
export async function onOneClock(survey: Survey, options: ClockOptions, signal: AbortSignal): Promise<Survey> {
  const clocks = await new ClockLook(options, signal).compare(survey.captures);
  if (clocks === null) return survey;
  if (clocks.compared === null) return { ...survey, hasUnknownClocks: true };
  const { clock } = clocks.compared;
  if (clock === null) return survey;
  const captures = survey.captures.map((capture) => {
    return clocks.outside.has(capture) ? { ...capture, clock } : capture;
  });
  return { ...survey, captures: captures.toSorted((a, b) => byFirstPacket(shifted(a), shifted(b))) };
}

/** With the time of its first packet by the clock that all are brought to. */
function shifted(capture: SurveyedCapture): SurveyedCapture {
  const { firstSec, firstNsec, clock } = capture;
  if (firstSec === null || clock === undefined || !Number.isFinite(firstSec)) return capture;
  const { sec, nsec } = new ClockShift(clock).shiftTime({ sec: firstSec, nsec: firstNsec });
  return { ...capture, firstSec: sec, firstNsec: nsec };
}

/** A capture of which the beginning is read. */
class LookedCapture {
  readonly #source: UnpackedSource;
  readonly #stream: CaptureStream;
  isRead = false;

  static async open(capture: SurveyedCapture, maxExpansion: number, decoder: Decoder): Promise<LookedCapture> {
    const source = new UnpackedSource(openFileSource(capture.path), maxExpansion);
    try {
      const stream = await CaptureStream.open(source, decoder, { bufferBytes: BUFFER_BYTES });
      return new LookedCapture(source, stream);
    } catch (cause) {
      source.close();
      throw cause;
    }
  }

  constructor(source: UnpackedSource, stream: CaptureStream) {
    this.#source = source;
    this.#stream = stream;
  }

  async fill(batch: PacketBatch): Promise<void> {
    batch.length = 0;
    const filled = this.#stream.fill(batch);
    this.isRead = !(typeof filled === 'boolean' ? filled : await filled);
  }

  close(): void {
    this.#stream.release();
    this.#source.close();
  }
}

class ClockLook {
  readonly #options: ClockOptions;
  readonly #signal: AbortSignal;
  readonly #addresses: LegAddresses;
  readonly #decoder: Decoder;
  readonly #batch = new PacketBatch();
  #turnEndMs = performance.now() + TURN_MS;

  constructor(options: ClockOptions, signal: AbortSignal) {
    const { gateway, layer } = options;
    this.#options = options;
    this.#signal = signal;
    this.#addresses = new LegAddresses(observableAddresses(gateway), addressClasses(gateway));
    this.#decoder = newLayerDecoder(layer, gateway);
    this.#decoder.hashPayloads();
  }

  /** @returns null where there are no two sides to compare; `compared` is so where nothing tells the clocks */
  async compare(captures: readonly SurveyedCapture[]): Promise<{
    readonly outside: ReadonlySet<SurveyedCapture>;
    readonly compared: ClockComparison | null;
  } | null> {
    const files = captures.filter(({ file, firstSec }) => file !== null && firstSec !== null);
    if (this.#addresses.isEmpty || files.length < 2) return null;
    const inside: SurveyedCapture[] = [];
    const outside: SurveyedCapture[] = [];
    for (const file of files) (await this.#sideOf(file, inside, outside))?.push(file);
    if (inside.length === 0 || outside.length === 0) return null;
    const sides = [new SideReading(inside, false), new SideReading(outside, true)] as const;
    try {
      return { outside: new Set(outside), compared: await this.#compareSides(...sides) };
    } finally {
      for (const side of sides) side.close();
    }
  }

  /** @returns one of the two lists; null for a capture of neither side, or of both */
  async #sideOf<T>(capture: SurveyedCapture, inside: T, outside: T): Promise<T | null> {
    const looked = await this.#open(capture);
    if (looked === null) return null;
    let [privatePackets, publicPackets] = [0, 0];
    try {
      for (
        let batches = 0;
        batches < MOST_BATCHES && privatePackets + publicPackets === 0 && !looked.isRead;
        batches++
      ) {
        if (!(await this.#fill(looked))) break;
        for (let row = 0; row < this.#batch.length; row++) {
          const side = this.#addresses.sideOf(this.#batch, row);
          if (side < SIDE.publicOut) privatePackets++;
          else if (side !== SIDE.none) publicPackets++;
        }
      }
    } finally {
      looked.close();
    }
    if (publicPackets > 0 && privatePackets <= publicPackets * STRAY_SHARE) return outside;
    return privatePackets > 0 && publicPackets <= privatePackets * STRAY_SHARE ? inside : null;
  }

  async #compareSides(inside: SideReading, outside: SideReading): Promise<ClockComparison | null> {
    for (let packets = FIRST_PACKETS; ; packets *= 4) {
      for (const side of [inside, outside]) await this.#read(side, Math.min(packets, MOST_PACKETS));
      const compared =
        (await this.#compareBy(surePairs, inside.log, outside.log)) ??
        (await this.#compareBy(numberedPairs, inside.log, outside.log));
      const isAll = packets >= MOST_PACKETS || (inside.isRead && outside.isRead);
      if (isAll || compared?.isSettled === true) return compared;
    }
  }

  async #compareBy(pairsOf: typeof surePairs, inside: LegLog, outside: LegLog): Promise<ClockComparison | null> {
    const pairs: SurePair[] = [];
    for (const way of [WAY.out, WAY.in]) {
      const indexes = { inside: new LegIndex(inside, way), outside: new LegIndex(outside, way) };
      for (let from = 0; from < inside.length; from += PACKETS_PER_TURN) {
        const rows = { from, to: Math.min(from + PACKETS_PER_TURN, inside.length) };
        pairs.push(...pairsOf(inside, outside, way, indexes, rows));
        await this.#passTurn();
      }
    }
    return compareSides(inside, outside, pairs);
  }

  async #read(side: SideReading, packets: number): Promise<void> {
    while (side.log.length < packets && !side.isRead) {
      side.current ??= await this.#open(side.next());
      if (side.current === null) continue;
      const isGoingOn = await this.#fill(side.current);
      side.log.add(this.#batch, (row) => side.has(this.#addresses.sideOf(this.#batch, row)));
      if (!isGoingOn || side.current.isRead) side.close();
    }
  }

  /** @returns null for one that cannot be read: the import tells of it */
  async #open(capture: SurveyedCapture): Promise<LookedCapture | null> {
    try {
      return await LookedCapture.open(capture, this.#options.maxExpansion, this.#decoder);
    } catch (cause) {
      if (isCaptureError(cause)) return null;
      throw cause;
    }
  }

  /** @returns false when nothing more can be read */
  async #fill(looked: LookedCapture): Promise<boolean> {
    await this.#passTurn();
    try {
      await looked.fill(this.#batch);
      return true;
    } catch (cause) {
      if (isCaptureError(cause)) return false;
      throw cause;
    }
  }

  async #passTurn(): Promise<void> {
    if (performance.now() < this.#turnEndMs) return;
    await otherCalls();
    if (this.#signal.aborted) throw cancelledImport();
    this.#turnEndMs = performance.now() + TURN_MS;
  }
}

/** The captures of one side, one after the other. */
class SideReading {
  readonly log: LegLog;
  current: LookedCapture | null = null;
  readonly #captures: SurveyedCapture[];
  readonly #isPublic: boolean;

  constructor(captures: readonly SurveyedCapture[], isPublic: boolean) {
    this.#captures = [...captures];
    this.#isPublic = isPublic;
    this.log = new LegLog(captures[0]?.path ?? '');
  }

  get isRead(): boolean {
    return this.current === null && this.#captures.length === 0;
  }

  has(side: number): boolean {
    return side !== SIDE.none && side >= SIDE.publicOut === this.#isPublic;
  }

  /** Only while there is another one. */
  next(): SurveyedCapture {
    const capture = this.#captures.shift();
    if (capture === undefined) throw new RangeError('there is no other capture');
    return capture;
  }

  close(): void {
    this.current?.close();
    this.current = null;
  }
}
