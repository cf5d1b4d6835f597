import type { Decoder } from '../capture/decoder';
import { FrameLengths } from '../capture/frame-lengths';
import type { PacketBatch } from '../capture/packet-batch';
import type { GatewayEventBatch } from '../contract/gateway-event';
import type { LogEntryBatch } from '../contract/log-entry';
import type { PlacedRows } from '../nat/emulator-columns';
import type { SessionTrace, WindowSink } from '../window/window-aggregator';
import { EntrySums } from './entry-sums';

/** What lies between the octets of the frame and those of the payload in one number: no record is as long. */
const FRAME_UNIT = 2 ** 24;

/** A packet of which it is not known yet in which session it counts. */
interface KeptPacket {
  readonly outward: number;
  readonly lengths: number;
}

/**
 * Counts what only `EXTRA_BYTE_FIELDS` tell, and puts it into the entries on their way to a sink.
 *
 * The emulator does not know it, so that nobody else pays for it: lengths are taken as frames are decoded, wait until the
 * packet is translated, which is after it was put in order, and are summed up by session and window as the emulator tells
 * them. A trace costs about as much again as the translation.
 */
export class ExtraByteSink implements WindowSink, SessionTrace {
  readonly verdicts?: NonNullable<WindowSink['verdicts']>;
  readonly #sink: WindowSink;
  /** By number of the packet: octets of the frame times `FRAME_UNIT`, plus those of the payload. */
  readonly #lengths = new Map<number, number>();
  readonly #sums = new EntrySums();
  readonly #kept = new Map<number, KeptPacket[]>();

  /** @param sink without a trace of its own */
  constructor(sink: WindowSink) {
    this.#sink = sink;
    if (sink.verdicts !== undefined) this.verdicts = sink.verdicts.bind(sink);
  }

  get trace(): SessionTrace {
    return this;
  }

  /** @param decoder reads the captures; its `tellRows` is taken */
  follow(decoder: Decoder): void {
    let frames = new FrameLengths(decoder.module);
    decoder.tellRows((batch, firstRow) => {
      if (frames.buffer !== decoder.module.memory.buffer) frames = new FrameLengths(decoder.module);
      for (let at = firstRow; at < batch.length; at++) {
        // Of what has a reason, or is no IPv4, nothing is translated.
        if (batch.reason[at] !== 0 || batch.ipVersion[at] !== 4) continue;
        const row = at - firstRow;
        const lengths = frames.wireBytes(row) * FRAME_UNIT + frames.payloadBytes(row, batch, at);
        this.#lengths.set(batch.packetNo[at]!, lengths);
      }
    });
  }

  placed(batch: PacketBatch, from: number, to: number, { window, session, kept, outward }: PlacedRows): void {
    for (let row = from; row < to; row++) {
      const packetNo = batch.packetNo[row]!;
      const lengths = this.#lengths.get(packetNo);
      if (lengths === undefined) continue;
      this.#lengths.delete(packetNo);
      if (kept[row] !== 0) {
        push(this.#kept, kept[row]!, { outward: outward[row]!, lengths });
      } else if (session[row] !== 0) {
        this.#add(session[row]!, window[row]!, outward[row]!, lengths);
      }
    }
  }

  settled(kept: number, session: number, window: number): void {
    const packets = this.#kept.get(kept);
    if (packets === undefined) return;
    this.#kept.delete(kept);
    for (const { outward, lengths } of packets) this.#add(session, window, outward, lengths);
  }

  entries(batch: LogEntryBatch): void {
    const { extraBytes, sessionId, windowStart, length } = batch;
    if (extraBytes === null) throw new RangeError('entries without room for extra bytes');
    for (let row = 0; row < length; row++) {
      this.#sums.take(sessionId.at(row), windowStart.at(row), extraBytes, row);
    }
    this.#sink.entries(batch);
  }

  events(batch: GatewayEventBatch): void {
    this.#sink.events(batch);
  }

  #add(session: number, windowStart: number, outward: number, lengths: number): void {
    const frameBytes = Math.floor(lengths / FRAME_UNIT);
    this.#sums.add(session, windowStart, outward === 1, frameBytes, lengths - frameBytes * FRAME_UNIT);
  }
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
