import type { DecoderExports, ExportedName } from './decoder-exports';
import { BATCH_ROWS, type PacketBatch } from './packet-batch';

type Column = Uint8Array | Uint32Array | Float64Array;
type ColumnType = new (buffer: ArrayBuffer, at: number, length: number) => Column;
type ColumnKey = { [K in keyof PacketBatch]: PacketBatch[K] extends Column ? K : never }[keyof PacketBatch];
/** Source and destination of a quoted packet: of IPv4, the first word of each. */
const ADDRESS_WORDS = 8;

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
/**
 * Columns that are copied together. A loop over them, since V8 takes longer to optimise a line for each than an import of
 * 1 GiB takes to run them.
 */
class RowColumns {
  readonly #columns: readonly { readonly column: Column; readonly key: ColumnKey; readonly width: number }[];

  constructor(module: DecoderExports, table: ColumnTable) {
    const { buffer } = module.memory;
    this.#columns = table.map(([name, Type, key, width]) => {
      return { column: new Type(buffer, module[name].value, BATCH_ROWS * width), key, width };
    });
  }

  /** Copies the first `count` rows to the batch's rows from `to` on. */
  copyTo(batch: PacketBatch, to: number, count: number): void {
    for (const { column, key, width } of this.#columns) batch[key].set(column.subarray(0, count * width), to * width);
  }
}

/** What ICMP errors quote. Few packets are errors and the columns are long, so that their rows are copied one by one. */
class QuotedColumns {
  readonly #rows: Uint16Array;
  readonly #version: Uint8Array;
  readonly #protocol: Uint8Array;
  readonly #ports: Uint32Array;
  readonly #address: Uint32Array;

  constructor(module: DecoderExports) {
    const { buffer } = module.memory;
    this.#rows = new Uint16Array(buffer, module.quotingRows.value, BATCH_ROWS);
    this.#version = new Uint8Array(buffer, module.rowQuotedVersion.value, BATCH_ROWS);
    this.#protocol = new Uint8Array(buffer, module.rowQuotedProtocol.value, BATCH_ROWS);
    this.#ports = new Uint32Array(buffer, module.rowQuotedPorts.value, BATCH_ROWS);
    this.#address = new Uint32Array(buffer, module.rowQuotedAddress.value, BATCH_ROWS * ADDRESS_WORDS);
  }

  /** Copies what the first `count` errors quote to the rows that they have behind `to`. */
  copyTo(batch: PacketBatch, to: number, count: number): void {
    const { quotedVersion, quotedProtocol, quotedPorts, quotedAddress } = batch;
    for (let index = 0; index < count; index++) {
      const from = this.#rows[index]!;
      const row = to + from;
      quotedVersion[row] = this.#version[from]!;
      quotedProtocol[row] = this.#protocol[from]!;
      quotedPorts[row] = this.#ports[from]!;
      // Two views for a single row take ten times as long as its values.
      for (let word = 0; word < ADDRESS_WORDS; word++) {
        quotedAddress[row * ADDRESS_WORDS + word] = this.#address[from * ADDRESS_WORDS + word]!;
      }
    }
  }
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
  readonly #quoted: QuotedColumns;

  constructor(module: DecoderExports) {
    const { buffer } = module.memory;
    this.#module = module;
    this.buffer = buffer;
    this.#columns = new RowColumns(module, COLUMNS);
    this.#fragments = new RowColumns(module, FRAGMENT_COLUMNS);
    this.#ipv6 = new RowColumns(module, IPV6_COLUMNS);
    this.#icmp = new RowColumns(module, ICMP_COLUMNS);
    this.#hashes = new RowColumns(module, HASH_COLUMNS);
    this.#quoted = new QuotedColumns(module);
  }

  /** Puts the first `count` rows behind the last one of a batch. */
  appendTo(batch: PacketBatch, count: number, hasHashes: boolean): void {
    const module = this.#module;
    const row = batch.length;
    // One call for all of them, as V8 puts what is called into each.
    const tables = [this.#columns];
    if (module.fragmentRows.value > 0) tables.push(this.#fragments);
    if (module.ipv6Rows.value > 0) tables.push(this.#ipv6);
    if (module.icmpRows.value > 0) tables.push(this.#icmp);
    if (hasHashes) tables.push(this.#hashes);
    for (const table of tables) table.copyTo(batch, row, count);
    const quotingCount = module.quotingCount.value;
    if (quotingCount > 0) this.#quoted.copyTo(batch, row, quotingCount);
    batch.append(count, module.readTraits.value);
  }
}
