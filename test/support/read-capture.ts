import type { CaptureAccount } from '../../src-main/capture/capture-account';
import { CaptureStream } from '../../src-main/capture/capture-stream';
import { PACKET_FLAG, PacketBatch, TRAIT } from '../../src-main/capture/packet-batch';
import { newDecoder } from '../../src-main/engine/decoder-module';
import { memorySource } from './memory-source';

/** A capture that was read to its end. */
export interface ReadCapture {
  readonly account: CaptureAccount;
  /** Time, protocol and ends of each record, as text. */
  readonly rows: readonly string[];
  readonly times: readonly string[];
  readonly packets: number;
  readonly unreadable: readonly { readonly offset: number; readonly bytes: number; readonly cause: string }[];
  /** Every octet of the file is in the account, once. */
  readonly balanced: boolean;
}

/** @param chunkBytes see `memorySource` */
export function readCapture(bytes: Uint8Array, chunkBytes: number | (() => number) = Infinity): ReadCapture {
  const stream = CaptureStream.open(memorySource(bytes, { chunkBytes }), newDecoder());
  if (stream instanceof Promise) throw new TypeError('a source in memory answers at once');
  const reading = new Reading(stream);
  while (reading.take(stream.fill(reading.batch) as boolean));
  return reading.end(bytes.length);
}

/** From a source that answers later, as those of pipes and of compressed files do. */
export async function readLateCapture(bytes: Uint8Array, chunkBytes: number | (() => number)): Promise<ReadCapture> {
  const stream = await CaptureStream.open(memorySource(bytes, { chunkBytes, isLate: true }), newDecoder());
  const reading = new Reading(stream);
  while (reading.take(await stream.fill(reading.batch)));
  return reading.end(bytes.length);
}

class Reading {
  readonly batch = new PacketBatch();
  readonly #stream: CaptureStream;
  readonly #rows: string[] = [];
  readonly #times: string[] = [];

  constructor(stream: CaptureStream) {
    this.#stream = stream;
  }

  /** Notes the rows of the batch. @returns `hasMore` */
  take(hasMore: boolean): boolean {
    const { batch } = this;
    checkTraits(batch);
    for (let row = 0; row < batch.length; row++) {
      this.#times.push(`${batch.tsSec[row]!}.${batch.tsNsec[row]!}`);
      this.#rows.push(`${this.#times.at(-1)!} ${rowText(batch, row)}`);
    }
    batch.length = 0;
    return hasMore;
  }

  end(fileBytes: number): ReadCapture {
    const { account, readBytes } = this.#stream;
    this.#stream.release();
    const lost = account.unreadable.reduce((total, range) => total + range.bytes, 0);
    return {
      account,
      rows: this.#rows,
      times: this.#times,
      packets: account.records,
      unreadable: account.unreadable.map(({ offset, bytes, cause }) => ({ offset, bytes, cause })),
      balanced: readBytes === fileBytes && fileBytes === account.containerBytes + account.capturedBytes + lost,
    };
  }
}

/** @throws RangeError when the batch says of all rows what is not so */
function checkTraits(batch: PacketBatch): void {
  const { tsSec, tsNsec, flags, vlan, ipVersion, length } = batch;
  const fragment = PACKET_FLAG.firstFragment | PACKET_FLAG.laterFragment;
  for (let row = 0; row < length; row++) {
    const isBehind =
      row > 0 && (tsSec[row]! < tsSec[row - 1]! || (tsSec[row] === tsSec[row - 1] && tsNsec[row]! < tsNsec[row - 1]!));
    const isPlain = (ipVersion[row] === 0 || vlan[row] === 0) && (flags[row]! & PACKET_FLAG.icmpError) === 0;
    const isTrue =
      !(batch.has(TRAIT.ascending) && isBehind) &&
      !(batch.has(TRAIT.unfragmented) && (flags[row]! & fragment) !== 0) &&
      (isPlain || !batch.has(TRAIT.plain));
    if (!isTrue) throw new RangeError(`row ${row} is not as traits ${batch.traits} say`);
  }
}

/** All that a row says beside its time, without what is stale. */
function rowText(batch: PacketBatch, row: number): string {
  const reason = batch.reason[row]!;
  if (batch.ipVersion[row] === 0) return `no IP, reason ${reason}`;
  const addresses =
    batch.ipVersion[row] === 4
      ? [batch.srcIp[row], batch.dstIp[row]]
      : [...batch.address6.subarray(row * 8, row * 8 + 8)];
  const ends = `${addresses.join(' ')} ${batch.ports[row]!} ${batch.l4Kind[row]!}`;
  return `IPv${batch.ipVersion[row]!} ${batch.protocol[row]!} ${batch.ipBytes[row]!} ${ends} ${batch.flags[row]!} ${reason}`;
}
