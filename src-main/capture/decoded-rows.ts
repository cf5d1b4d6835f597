import type { DecoderExports, ExportedName } from './decoder-exports';
import { BATCH_ROWS, type PacketBatch } from './packet-batch';

type Column = Uint8Array | Uint32Array | Float64Array;
type ColumnType = new (buffer: ArrayBuffer, at: number, length: number) => Column;
type ColumnKey = { [K in keyof PacketBatch]: PacketBatch[K] extends Column ? K : never }[keyof PacketBatch];
/** Columns of the module, each with the one of a batch that it becomes, and its elements per row. */
type ColumnTable = readonly (readonly [name: ExportedName, type: ColumnType, key: ColumnKey, width: number])[];

const COLUMNS: ColumnTable = [
  ['rowSec', Float64Array, 'tsSec', 1],
  ['rowNsec', Uint32Array, 'tsNsec', 1],
  ['rowPacketNo', Float64Array, 'packetNo', 1],
  ['rowReason', Uint8Array, 'reason', 1],
  ['rowIpVersion', Uint8Array, 'ipVersion', 1],
  ['rowProtocol', Uint8Array, 'protocol', 1],
  ['rowFlags', Uint8Array, 'flags', 1],
  ['rowIpBytes', Uint32Array, 'ipBytes', 1],
  ['rowSrcIp', Uint32Array, 'srcIp', 1],
  ['rowDstIp', Uint32Array, 'dstIp', 1],
  ['rowPorts', Uint32Array, 'ports', 1],
  ['rowL4Kind', Uint8Array, 'l4Kind', 1],
  ['rowIpId', Uint32Array, 'ipId', 1],
  ['rowTtl', Uint8Array, 'ttl', 1],
  ['rowVlan', Uint32Array, 'vlan', 1],
  ['rowTcpSeq', Uint32Array, 'tcpSeq', 1],
  ['rowTcpAck', Uint32Array, 'tcpAck', 1],
  ['rowTcpWindow', Uint32Array, 'tcpWindow', 1],
];
const FRAGMENT_COLUMNS: ColumnTable = [['rowFragmentSpan', Uint32Array, 'fragmentSpan', 1]];
const IPV6_COLUMNS: ColumnTable = [['rowAddress6', Uint32Array, 'address6', 8]];
const ICMP_COLUMNS: ColumnTable = [['rowIcmpCode', Uint8Array, 'icmpCode', 1]];
const HASH_COLUMNS: ColumnTable = [['rowPayloadHash', Uint32Array, 'payloadHash', 1]];
/** Of ICMP errors alone. */
const QUOTED_COLUMNS: ColumnTable = [
  ['rowQuotedVersion', Uint8Array, 'quotedVersion', 1],
  ['rowQuotedProtocol', Uint8Array, 'quotedProtocol', 1],
  ['rowQuotedPorts', Uint32Array, 'quotedPorts', 1],
  ['rowQuotedAddress', Uint32Array, 'quotedAddress', 8],
];

/**
 * Columns that are copied together. A loop over them, since V8 takes longer to optimise a line for each than an import of
 * 1 GiB takes to run them.
 */
class RowColumns {
  readonly #columns: readonly (readonly [Column, ColumnKey, width: number])[];

  constructor(module: DecoderExports, table: ColumnTable) {
    const { buffer } = module.memory;
    this.#columns = table.map(([name, Type, key, width]) => [
      new Type(buffer, module[name].value, BATCH_ROWS * width),
      key,
      width,
    ]);
  }

  /** Copies so many rows from `from` on to the batch's rows from `to` on. */
  copyTo(batch: PacketBatch, to: number, from: number, count: number): void {
    for (const [column, key, width] of this.#columns) {
      if (count === 1) copyRow(batch[key], to * width, column, from * width, width);
      else batch[key].set(column.subarray(from * width, (from + count) * width), to * width);
    }
  }
}

/** Two views for a single row take ten times as long as its values. */
function copyRow(target: Column, to: number, column: Column, from: number, width: number): void {
  for (let place = 0; place < width; place++) target[to + place] = column[from + place]!;
}

/** The decoder's memory as columns of the packets that it leaves there. */
export class DecodedRows {
  readonly buffer: ArrayBuffer;
  readonly #module: DecoderExports;
  readonly #columns: RowColumns;
  readonly #fragments: RowColumns;
  readonly #ipv6: RowColumns;
  readonly #icmp: RowColumns;
  readonly #hashes: RowColumns;
  readonly #quoted: RowColumns;
  readonly #quotingRows: Uint16Array;

  constructor(module: DecoderExports) {
    const { buffer } = module.memory;
    this.#module = module;
    this.buffer = buffer;
    this.#columns = new RowColumns(module, COLUMNS);
    this.#fragments = new RowColumns(module, FRAGMENT_COLUMNS);
    this.#ipv6 = new RowColumns(module, IPV6_COLUMNS);
    this.#icmp = new RowColumns(module, ICMP_COLUMNS);
    this.#hashes = new RowColumns(module, HASH_COLUMNS);
    this.#quoted = new RowColumns(module, QUOTED_COLUMNS);
    this.#quotingRows = new Uint16Array(buffer, module.quotingRows.value, BATCH_ROWS);
  }

  /** Puts the first `count` rows behind the last one of a batch. */
  appendTo(batch: PacketBatch, count: number, hasHashes: boolean): void {
    const module = this.#module;
    const row = batch.length;
    this.#columns.copyTo(batch, row, 0, count);
    if (module.fragmentRows.value > 0) this.#fragments.copyTo(batch, row, 0, count);
    if (module.ipv6Rows.value > 0) this.#ipv6.copyTo(batch, row, 0, count);
    if (module.icmpRows.value > 0) this.#icmp.copyTo(batch, row, 0, count);
    if (hasHashes) this.#hashes.copyTo(batch, row, 0, count);
    // Few packets are errors, and the columns of what they quote are long.
    const quotingCount = module.quotingCount.value;
    for (let index = 0; index < quotingCount; index++) {
      const from = this.#quotingRows[index]!;
      this.#quoted.copyTo(batch, row + from, from, 1);
    }
    batch.append(count, module.readTraits.value);
  }
}
