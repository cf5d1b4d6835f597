import type { CaptureAccount } from '../../src-main/capture/capture-account';
import { CaptureStream } from '../../src-main/capture/capture-stream';
import { PacketBatch } from '../../src-main/capture/packet-batch';
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
  const stream = new CaptureStream(memorySource(bytes, { chunkBytes }), newDecoder());
  const batch = new PacketBatch();
  const rows: string[] = [];
  const times: string[] = [];
  for (let hasMore = true; hasMore;) {
    batch.length = 0;
    hasMore = stream.fill(batch);
    for (let row = 0; row < batch.length; row++) {
      times.push(`${batch.tsSec[row]!}.${batch.tsNsec[row]!}`);
      rows.push(`${times.at(-1)!} ${rowText(batch, row)}`);
    }
  }
  const { account } = stream;
  const lost = account.unreadable.reduce((total, range) => total + range.bytes, 0);
  const read = {
    account,
    rows,
    times,
    packets: account.records,
    unreadable: account.unreadable.map(({ offset, bytes: count, cause }) => ({ offset, bytes: count, cause })),
    balanced:
      stream.readBytes === bytes.length && bytes.length === account.containerBytes + account.capturedBytes + lost,
  };
  stream.release();
  return read;
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
