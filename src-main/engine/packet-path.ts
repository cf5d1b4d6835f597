import { CaptureMerge, type MergeSource } from '../capture/capture-merge';
import type { Decoder } from '../capture/decoder';
import { Duplicates } from '../capture/duplicates';
import { FragmentResolver } from '../capture/fragment-resolver';
import type { PacketBatch } from '../capture/packet-batch';
import type { TunnelLayer } from '../contract/ipc';
import type { Gateway } from '../nat/gateway';
import type { LegPairing } from '../nat/leg-pairing';
import { ALLOWED_LATENESS_SEC } from '../capture/time-order';
import { WindowAggregator, type WindowSink } from '../window/window-aggregator';
import { newLayerDecoder } from './decoder-module';
import { newEmulatorModule } from './emulator-module';
import { newLegPairing } from './new-leg-pairing';

export interface PathOptions {
  readonly gateway: Gateway;
  readonly layer: TunnelLayer;
  /** Sees each batch before the gateway does, in order of time; it must not keep or change it. */
  readonly onBatch?: (batch: PacketBatch) => void;
  /** Packets go through as they come, and `advance` may be called. Default false. */
  readonly isLive?: boolean;
}

/** Packets of one side of a gateway wait for their copies up to 50 ms; whole seconds are compared. */
const PAIRING_SEC = 1;

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
  #isRead = false;

  /** @param sources in order of their first packet; each is opened when it is due and closed when it has been read */
  constructor(
    sources: readonly MergeSource[],
    { gateway, layer, onBatch, isLive = false }: PathOptions,
    sink: WindowSink,
  ) {
    this.aggregator = new WindowAggregator(gateway, newEmulatorModule(), sink);
    this.decoder = newLayerDecoder(layer, gateway);
    this.#legs = newLegPairing(gateway, this.decoder, (batch) => this.aggregator.add(batch));
    const toLegs = (batch: PacketBatch): void => this.#legs.push(batch);
    if (gateway.dedupe) this.decoder.hashPayloads();
    const duplicates = gateway.dedupe ? new Duplicates(toLegs) : null;
    this.#fragments = new FragmentResolver(duplicates === null ? toLegs : (batch) => duplicates.push(batch));
    this.merge = new CaptureMerge(
      sources,
      this.decoder,
      (batch) => {
        onBatch?.(batch);
        this.#fragments.push(batch);
      },
      { repairsTimes: true, isLive },
    );
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
    if (this.#isRead) return false;
    const stepping = this.merge.step();
    return typeof stepping === 'boolean' ? this.#stepped(stepping) : stepping.then((later) => this.#stepped(later));
  }

  #stepped(hasMore: boolean): true {
    if (hasMore) return true;
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
    if (!this.merge.advance(sec)) return;
    const settledSec = sec - ALLOWED_LATENESS_SEC;
    if (!this.#fragments.advance(settledSec) || settledSec <= this.merge.latestSec + PAIRING_SEC) return;
    this.#legs.flush();
    this.aggregator.advance(settledSec);
  }

  /** Reading ends with what has come, also while a step is under way, which is over then. */
  cutOff(): void {
    this.merge.cutOff();
  }

  /** Closes what is open still; to be called when no step is taken any more, also while one is under way. */
  close(): void {
    this.merge.close();
  }
}
