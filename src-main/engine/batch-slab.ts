import type { GatewayEventBatch } from '../contract/gateway-event';
import { Int64Column, type LogEntryBatch } from '../contract/log-entry';

/** What a closed window gives away. */
type WindowBatch = LogEntryBatch | GatewayEventBatch;

type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array | BigInt64Array;

/** So that every kind of array may begin there. */
const ALIGNMENT = 8;

/** The columns of a batch, whichever they are, in the order in which its class declares them. */
function columnsOf(batch: WindowBatch): Column[] {
  return Object.values(batch)
    .flatMap((value: unknown) => (value instanceof Int64Column ? value.values : value))
    .filter((value): value is Column => ArrayBuffer.isView(value));
}

function alignedBytes(column: Column, rows: number): number {
  return Math.ceil((rows * column.BYTES_PER_ELEMENT) / ALIGNMENT) * ALIGNMENT;
}

function bytesAt(column: Column, rows: number): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, rows * column.BYTES_PER_ELEMENT);
}

/** @returns the rows of a batch in one buffer, which can be transferred to another thread */
export function packBatch(batch: WindowBatch): ArrayBuffer {
  const columns = columnsOf(batch);
  const { length } = batch;
  const slab = new ArrayBuffer(columns.reduce((bytes, column) => bytes + alignedBytes(column, length), 0));
  const target = new Uint8Array(slab);
  let at = 0;
  for (const column of columns) {
    target.set(bytesAt(column, length), at);
    at += alignedBytes(column, length);
  }
  return slab;
}

/** Puts what `packBatch` packed into `batch`, which is made of the same program. */
export function unpackBatch(slab: ArrayBuffer, length: number, batch: WindowBatch): void {
  let at = 0;
  for (const column of columnsOf(batch)) {
    bytesAt(column, length).set(new Uint8Array(slab, at, length * column.BYTES_PER_ELEMENT));
    at += alignedBytes(column, length);
  }
  if (at !== slab.byteLength) throw new RangeError(`${slab.byteLength} bytes are no batch of ${length} rows`);
  batch.length = length;
}
