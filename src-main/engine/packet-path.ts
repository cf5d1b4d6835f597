import { CaptureMerge, type MergeSource } from '../capture/capture-merge';
import type { Decoder } from '../capture/decoder';
import { Duplicates } from '../capture/duplicates';
import { FragmentResolver } from '../capture/fragment-resolver';
import type { PacketBatch } from '../capture/packet-batch';
import type { TunnelLayer } from '../contract/imports';
import type { Gateway } from '../nat/gateway';
import type { LegCounts, LegPairing } from '../nat/leg-pairing';
import { ALLOWED_LATENESS_SEC, type PacketTime } from '../capture/time-order';
import { WindowAggregator, type WindowSink } from '../window/window-aggregator';
import { windowOffset, windowStartOf } from '../window/window-phase';
import { newLayerDecoder } from './decoder-module';
import { newEmulatorModule } from './emulator-module';
import { newLegPairing } from './new-leg-pairing';
import { Pacer, type Pace } from './pacer';

export interface PathOptions {
  readonly gateway: Gateway;
  readonly layer: TunnelLayer;
  /** Sees each batch before the gateway does, in order of time; it must not keep or change it. */
  readonly onBatch?: (batch: PacketBatch) => void;
  /** Packets go through as they come, and `advance` may be called. Default false. */
  readonly isLive?: boolean;
  /** Of a live path: how fast packets go through. Without it, as they are read. */
  readonly pace?: Pace | undefined;
}

/**
 * The way that packets go: from captures, merged by time into one stream, through the gateway, into closed windows. What
 * goes it twice ends twice in the same entries.
 */
export class PacketPath {
  readonly decoder: Decoder;
  readonly merge: CaptureMerge;
  readonly aggregator: WindowAggregator;
  readonly #fragments: FragmentResolver;
  readonly #legs: LegPairing;
  readonly #pacer: Pacer | null;
  #isMerged = false;
  #isRead = false;

  /** @param sources in order of their first packet; each is opened when it is due and closed when it has been read */
  constructor(
    sources: readonly MergeSource[],
    { gateway, layer, onBatch, isLive = false, pace }: PathOptions,
    sink: WindowSink,
  ) {
    this.aggregator = new WindowAggregator(gateway, newEmulatorModule(), sink);
    this.decoder = newLayerDecoder(layer, gateway);
    const latestOf = (capture: number): PacketTime | null => this.merge.latestOf(capture);
    const hasTwoClocks = sources.some(({ clock = null }) => clock !== null);
    this.#legs = newLegPairing(gateway, this.decoder, { latestOf, hasTwoClocks }, (batch) =>
      this.aggregator.add(batch),
    );
    const toLegs = (batch: PacketBatch): void => this.#legs.push(batch);
    if (gateway.dedupe) this.decoder.hashPayloads();
    const duplicates = gateway.dedupe ? new Duplicates(toLegs) : null;
    this.#fragments = new FragmentResolver(duplicates === null ? toLegs : (batch) => duplicates.push(batch));
    const go = (batch: PacketBatch): void => {
      onBatch?.(batch);
      this.#fragments.push(batch);
    };
    const startOfFirst = (sec: number): number => windowStartOf(sec, gateway.windowSec, windowOffset(gateway, sec));
    const pacer = pace === undefined ? null : new Pacer(pace, startOfFirst, go);
    this.#pacer = pacer;
    this.merge = new CaptureMerge(sources, this.decoder, pacer === null ? go : (batch) => pacer.push(batch), {
      repairsTimes: true,
      isLive,
    });
  }

  /** Packets that were found on both sides of the gateway, or on one alone. */
  get legs(): LegCounts {
    const { paired, privateOnly, publicOnly, equal, byMoment, captures } = this.#legs;
    return { paired, privateOnly, publicOnly, equal, byMoment, captures };
  }

  /** Packets whose other side could not be waited for: see `LegPairing`. */
  get unpairedEarly(): number {
    return this.#legs.cutShort;
  }

  /**
   * Reads one batch, or goes on with what came of those before. The next step may be taken when this one is done.
   *
   * @returns false when all captures have been read, and the last window has been handed out
   * @throws what reading a capture throws; rejects with the same
   */
  step(): boolean | Promise<boolean> {
    if (this.aggregator.isBehind) {
      this.aggregator.catchUp();
      return true;
    }
    if (this.#pacer?.isEmpty === false) return this.#pacer.pass();
    if (this.#isRead) return false;
    if (this.#isMerged) return this.#finish();
    const stepping = this.merge.step();
    return typeof stepping === 'boolean' ? this.#stepped(stepping) : stepping.then((later) => this.#stepped(later));
  }

  #stepped(hasMore: boolean): true {
    if (hasMore) return true;
    this.#isMerged = true;
    return this.#pacer === null ? this.#finish() : true;
  }

  #finish(): true {
    this.#isRead = true;
    this.#fragments.flush();
    this.#legs.flush();
    this.aggregator.end();
    return true;
  }

  /**
   * Time has come to a second without a packet: what waits for packets before it waits no more, and a window that is over
   * by more than packets may be late closes. Only between two steps, or while one waits for its source.
   */
  advance(sec: number): void {
    const pacer = this.#pacer;
    // Of packets that wait for their time, the next one is later than that.
    if (pacer === null ? !this.merge.advance(sec) : pacer.isEmpty) return;
    const { latestSec } = pacer ?? this.merge;
    const settledSec = sec - ALLOWED_LATENESS_SEC;
    // Whole seconds are compared.
    if (!this.#fragments.advance(settledSec) || settledSec <= latestSec + this.#legs.waitSec + 1) return;
    this.#legs.flush();
    this.aggregator.advance(settledSec);
  }

  /** Packet time as it is now where packets are paced; null where they are not. */
  get pacedSec(): number | null {
    return this.#pacer?.moveOn() ?? null;
  }

  /** Reading ends with what has come, also while a step is under way, which is over then. */
  cutOff(): void {
    this.#pacer?.hurry();
    this.merge.cutOff();
  }

  /** Closes what is open still; to be called when no step is taken any more, also while one is under way. */
  close(): void {
    this.merge.close();
  }
}
