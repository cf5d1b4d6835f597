import { BATCH_ROWS, type PacketBatch } from '../capture/packet-batch';
import { ENTRY_BATCH_ROWS, type Int64Column, type LogEntryBatch } from '../contract/log-entry';
import { EVENT_BATCH_ROWS, type GatewayEventBatch } from '../contract/gateway-event';

/** A number that a module of WebAssembly exports: most are addresses in its memory. */
export interface ExportedNumber {
  readonly value: number;
}

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;
type ColumnType = new (buffer: ArrayBuffer, at: number, length: number) => Column;

/** Columns of the module, each with the property of the batch that it becomes or is. */
type ColumnTable<Batch, Name = string> = readonly (readonly [name: Name, type: ColumnType, key: ColumnKey<Batch>])[];
type ColumnKey<Batch> = { [K in keyof Batch]: Batch[K] extends Column ? K : never }[keyof Batch];
type Int64Key = { [K in keyof LogEntryBatch]: LogEntryBatch[K] extends Int64Column ? K : never }[keyof LogEntryBatch];

const PACKET_COLUMNS = [
  ['batchSec', Float64Array, 'tsSec'],
  ['batchNsec', Uint32Array, 'tsNsec'],
  ['batchPacketNo', Float64Array, 'packetNo'],
  ['batchReason', Uint8Array, 'reason'],
  ['batchProtocol', Uint8Array, 'protocol'],
  ['batchFlags', Uint8Array, 'flags'],
  ['batchIpBytes', Uint32Array, 'ipBytes'],
  ['batchSrcIp', Uint32Array, 'srcIp'],
  ['batchDstIp', Uint32Array, 'dstIp'],
  ['batchPorts', Uint32Array, 'ports'],
  ['batchL4Kind', Uint8Array, 'l4Kind'],
  ['batchVlan', Uint32Array, 'vlan'],
  ['batchTcpSeq', Uint32Array, 'tcpSeq'],
  ['batchTcpAck', Uint32Array, 'tcpAck'],
  ['batchTcpWindow', Uint32Array, 'tcpWindow'],
] as const satisfies ColumnTable<PacketBatch>;

/** Of batches that may have fragments only. */
const FRAGMENT_COLUMNS = [['batchFragmentOf', Uint32Array, 'fragmentOf']] as const satisfies ColumnTable<PacketBatch>;

/** Of captures of both sides of the gateway only. */
const LEG_COLUMNS = [
  ['batchObservedIp', Uint32Array, 'observedNatIp'],
  ['batchObservedPort', Uint16Array, 'observedNatPort'],
  ['batchLeg', Uint8Array, 'leg'],
] as const satisfies ColumnTable<PacketBatch>;

const ENTRY_COLUMNS = [
  ['outProtocol', Uint8Array, 'protocol'],
  ['outPriIp', Uint32Array, 'priIp'],
  ['outPriPort', Uint16Array, 'priPort'],
  ['outPubIp', Uint32Array, 'pubIp'],
  ['outPubPort', Uint16Array, 'pubPort'],
  ['outNatIp', Uint32Array, 'natIp'],
  ['outNatEip', Uint32Array, 'natEip'],
  ['outNatPort', Uint16Array, 'natPort'],
  ['outNatSource', Uint8Array, 'natSource'],
  ['outRealm', Uint32Array, 'realm'],
  ['outIsPublicOnly', Uint8Array, 'isPublicOnly'],
  ['outRevision', Uint16Array, 'revision'],
  ['outIsInOrder', Uint8Array, 'isInOrder'],
  ['outValueBytes', Uint16Array, 'valueBytes'],
  ['outDestinationBytes', Uint8Array, 'destinationBytes'],
  ['outEndReason', Uint8Array, 'endReason'],
  ['outFlags', Uint16Array, 'flags'],
] as const satisfies ColumnTable<LogEntryBatch>;

/** Those of 64 bits. */
const ENTRY_INT64_COLUMNS = [
  ['outBytesFromPub', 'bytesFromPub'],
  ['outPktsFromPub', 'pktsFromPub'],
  ['outBytesFromVpc', 'bytesFromVpc'],
  ['outPktsFromVpc', 'pktsFromVpc'],
  ['outEntryNo', 'entryNo'],
  ['outSessionId', 'sessionId'],
  ['outWindowStart', 'windowStart'],
  ['outFirstSec', 'firstSec'],
  ['outFirstNs', 'firstNs'],
  ['outLastSec', 'lastSec'],
  ['outLastNs', 'lastNs'],
  ['outMappingEndNs', 'mappingEndNs'],
  ['outSeenNs', 'seenNs'],
  ['outFirstPacket', 'firstPacket'],
  ['outLastPacket', 'lastPacket'],
] as const satisfies readonly (readonly [name: string, key: Int64Key])[];

const EVENT_COLUMNS = [
  ['eventKind', Uint8Array, 'kind'],
  ['eventProtocol', Uint8Array, 'protocol'],
  ['eventPriIp', Uint32Array, 'priIp'],
  ['eventPubIp', Uint32Array, 'pubIp'],
  ['eventPorts', Uint32Array, 'ports'],
  ['eventPlace', Uint32Array, 'place'],
  ['eventPackets', Uint32Array, 'packets'],
  ['eventBytes', Float64Array, 'bytes'],
  ['eventFirstSec', Float64Array, 'firstSec'],
  ['eventFirstNsec', Uint32Array, 'firstNsec'],
  ['eventLastSec', Float64Array, 'lastSec'],
  ['eventLastNsec', Uint32Array, 'lastNsec'],
] as const satisfies ColumnTable<GatewayEventBatch>;

/** Names of all addresses that the module exports for these columns. */
export type ColumnName =
  | 'batchWindow'
  | 'batchSession'
  | 'batchKept'
  | 'batchOutward'
  | 'quotingRows'
  | (typeof PACKET_COLUMNS)[number][0]
  | (typeof FRAGMENT_COLUMNS)[number][0]
  | (typeof LEG_COLUMNS)[number][0]
  | (typeof ENTRY_COLUMNS)[number][0]
  | (typeof ENTRY_INT64_COLUMNS)[number][0]
  | (typeof EVENT_COLUMNS)[number][0]
  | 'batchQuotedVersion'
  | 'batchQuotedProtocol'
  | 'batchQuotedPorts'
  | 'batchQuotedSrc'
  | 'batchQuotedDst';

/** What a module exports of memory and columns. */
export interface ColumnExports extends Readonly<Record<ColumnName, ExportedNumber>> {
  readonly memory: { readonly buffer: ArrayBuffer };
}

/** Of each row of a batch, in which session it counts, where that is traced. */
export interface PlacedRows {
  /** Start of the window that it counts in, epoch seconds; NaN for what is kept where windows begin with their session. */
  readonly window: Float64Array;
  /** Ordinal of the session in its run, from 1; 0 for a packet that counts in none, or is kept. */
  readonly session: Uint32Array;
  /**
   * 0, or the number of what is kept: a SYN that may open its session anew, of which only an answer tells in which session
   * it counts. Several packets may have one number, and share the session.
   */
  readonly kept: Uint32Array;
  /** 1 for a packet from the VPC; without meaning where it counts in no session. */
  readonly outward: Uint8Array;
}

/** A column of the module, and the property of a batch that it becomes or is. */
interface MappedColumn<Batch> {
  readonly column: Column;
  readonly key: ColumnKey<Batch>;
}

/** An object each, as what a loop takes out of pairs is most of what V8 has to optimise there. */
function mapped<Batch>(
  module: ColumnExports,
  table: ColumnTable<Batch, ColumnName>,
  rows: number,
): readonly MappedColumn<Batch>[] {
  const { buffer } = module.memory;
  return table.map(([name, Type, key]) => ({ column: new Type(buffer, module[name].value, rows), key }));
}

/** What ICMP errors quote, and in which rows these are: as the module has them. */
interface QuoteColumns {
  readonly rows: Uint16Array;
  readonly version: Uint8Array;
  readonly protocol: Uint8Array;
  readonly ports: Uint32Array;
  readonly src: Uint32Array;
  readonly dst: Uint32Array;
}

/** The emulator's memory as columns of batches; to be made anew when the memory has grown. */
export class EmulatorColumns {
  readonly buffer: ArrayBuffer;
  readonly #packets: readonly MappedColumn<PacketBatch>[];
  readonly #fragments: readonly MappedColumn<PacketBatch>[];
  readonly #legs: readonly MappedColumn<PacketBatch>[];
  readonly #entries: readonly MappedColumn<LogEntryBatch>[];
  readonly #int64s: readonly { readonly column: BigInt64Array; readonly key: Int64Key }[];
  readonly #events: readonly MappedColumn<GatewayEventBatch>[];
  readonly #reasons: Uint8Array;
  readonly placedRows: PlacedRows;
  readonly #quotes: QuoteColumns;

  constructor(module: ColumnExports) {
    const { buffer } = module.memory;
    this.buffer = buffer;
    this.#packets = mapped(module, PACKET_COLUMNS, BATCH_ROWS);
    this.#fragments = mapped(module, FRAGMENT_COLUMNS, BATCH_ROWS);
    this.#legs = mapped(module, LEG_COLUMNS, BATCH_ROWS);
    this.#entries = mapped(module, ENTRY_COLUMNS, ENTRY_BATCH_ROWS);
    this.#int64s = ENTRY_INT64_COLUMNS.map(([name, key]) => {
      return { column: new BigInt64Array(buffer, module[name].value, ENTRY_BATCH_ROWS), key };
    });
    this.#events = mapped(module, EVENT_COLUMNS, EVENT_BATCH_ROWS);
    this.#reasons = new Uint8Array(buffer, module.batchReason.value, BATCH_ROWS);
    this.placedRows = {
      window: new Float64Array(buffer, module.batchWindow.value, BATCH_ROWS),
      session: new Uint32Array(buffer, module.batchSession.value, BATCH_ROWS),
      kept: new Uint32Array(buffer, module.batchKept.value, BATCH_ROWS),
      outward: new Uint8Array(buffer, module.batchOutward.value, BATCH_ROWS),
    };
    this.#quotes = {
      rows: new Uint16Array(buffer, module.quotingRows.value, BATCH_ROWS),
      version: new Uint8Array(buffer, module.batchQuotedVersion.value, BATCH_ROWS),
      protocol: new Uint8Array(buffer, module.batchQuotedProtocol.value, BATCH_ROWS),
      ports: new Uint32Array(buffer, module.batchQuotedPorts.value, BATCH_ROWS),
      src: new Uint32Array(buffer, module.batchQuotedSrc.value, BATCH_ROWS),
      dst: new Uint32Array(buffer, module.batchQuotedDst.value, BATCH_ROWS),
    };
  }

  /**
   * Takes over a batch of packets, but for what `loadQuoted` does.
   *
   * @param withLegs with what is known of them on the other side of the gateway
   * @param withFragments with what is known of fragments
   */
  load(batch: PacketBatch, withLegs: boolean, withFragments: boolean): void {
    for (const { column, key } of this.#packets) column.set(batch[key]);
    if (withFragments) for (const { column, key } of this.#fragments) column.set(batch[key]);
    if (withLegs) for (const { column, key } of this.#legs) column.set(batch[key]);
  }

  /** Takes over what the first so many of the rows quote that the module found: few do, and the columns of it are long. */
  loadQuoted(batch: PacketBatch, count: number): void {
    const { rows, version, protocol, ports, src, dst } = this.#quotes;
    const { quotedVersion, quotedProtocol, quotedPorts, quotedAddress } = batch;
    for (let index = 0; index < count; index++) {
      const row = rows[index]!;
      version[row] = quotedVersion[row]!;
      protocol[row] = quotedProtocol[row]!;
      ports[row] = quotedPorts[row]!;
      // Of eight words, the first of either address: of IPv4, it has no more.
      src[row] = quotedAddress[row * 8]!;
      dst[row] = quotedAddress[row * 8 + 4]!;
    }
  }

  /** Fills a batch with the entries that the module has left. */
  takeEntries(batch: LogEntryBatch): void {
    for (const { column, key } of this.#entries) batch[key].set(column);
    for (const { column, key } of this.#int64s) batch[key].values.set(column);
  }

  /** `REASON_CODE` of each row of the batch that was loaded, as far as it was translated; 0 for one in a session. */
  get reasons(): Uint8Array {
    return this.#reasons;
  }

  takeEvents(batch: GatewayEventBatch): void {
    for (const { column, key } of this.#events) batch[key].set(column);
  }
}
