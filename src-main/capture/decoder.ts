import type { PacketBatch } from './packet-batch';
import { BATCH_ROWS, LAYER } from './packet-batch';

/** A number that a module of WebAssembly exports: an address in its memory, or a result. */
interface ExportedNumber {
  readonly value: number;
}

type ExportedName =
  | `row${'Sec' | 'Nsec' | 'PacketNo' | 'Reason' | 'IpVersion' | 'Protocol' | 'Flags' | 'IpBytes'}`
  | `row${'SrcIp' | 'DstIp' | 'Ports' | 'L4Kind' | 'Address6' | 'IpId' | 'FragmentSpan' | 'Ttl' | 'Vlan' | 'IcmpCode' | 'PayloadHash'}`
  | `rowTcp${'Seq' | 'Ack' | 'Window'}`
  | `rowQuoted${'Version' | 'Protocol' | 'Ports' | 'Address'}`
  | `read${'End' | 'Rows' | 'Traits' | 'CapturedBytes' | 'WireBytes' | 'IpBytes' | 'NoIpRows'}`
  | `outerIpv6${'Rows' | 'Bytes'}`
  | 'nat64Rows'
  | `tunnel${'Rows' | 'OverheadBytes' | 'Counts'}`
  | `damage${'Value' | 'Limit'}`
  | `${'first' | 'last'}TimedRow`
  | `last${'Sec' | 'Nsec' | 'SoundSec' | 'ErfSec'}`
  | 'agreedSec'
  | `${'found' | 'block'}At`
  | `row${'FrameAt' | 'FrameBytes' | 'WireBytes' | 'LinkType' | 'IpAt' | 'TunnelSums' | 'TunnelSumAt'}`
  | 'unknownLinkRows'
  | 'impossibleTimes'
  | 'untimedRows'
  | `${'ipv6' | 'fragment' | 'icmp'}Rows`
  | `quoting${'Rows' | 'Count'}`
  | 'sidesByUpperHalf';

/** What the module in `src-main/decoder` exports; its sources say what each does. */
export interface DecoderExports extends Readonly<Record<ExportedName, ExportedNumber>> {
  readonly memory: { readonly buffer: ArrayBuffer };
  allocateInput(bytes: number): number;
  allocateInterfaces(capacity: number): number;
  allocateNetworks(count: number): number;
  setLayer(layer: number): void;
  setChecksSums(isOn: boolean): void;
  setHashesPayloads(isOn: boolean): void;
  release(at: number): void;
  setInterface(
    interfaces: number,
    index: number,
    linkType: number,
    snapBytes: number,
    resolution: number,
    offsetSec: number,
    isBroken: boolean,
  ): void;
  interfacePackets(interfaces: number, index: number): number;
  readPacketRecords(
    start: number,
    end: number,
    maxRows: number,
    packetNo: number,
    layout: number,
    linkType: number,
    soundSec: number,
    isAtEnd: boolean,
    isTrusted: boolean,
  ): number;
  readErf(
    start: number,
    end: number,
    maxRows: number,
    packetNo: number,
    soundSec: number,
    isAtEnd: boolean,
    isTrusted: boolean,
  ): number;
  findRecord(at: number, limit: number, end: number, isAtEnd: boolean, layout: number, soundSec: number): number;
  readPcapng(
    start: number,
    end: number,
    maxRows: number,
    packetNo: number,
    isBigEndian: boolean,
    interfaces: number,
    interfaceCount: number,
    sec: number,
    nsec: number,
    agreedSec: number,
    isAtEnd: boolean,
  ): number;
  findBlock(
    at: number,
    end: number,
    isAtEnd: boolean,
    isBigEndian: boolean,
    sectionsOnly: boolean,
    interfaces: number,
    interfaceCount: number,
    agreedSec: number,
  ): number;
}

/** Kinds of records, and bits beside the kind. */
export const LAYOUT = {
  pcap: 0,
  modifiedPcap: 1,
  snoop: 2,
  erf: 3,
  bigEndian: 4,
  nanoseconds: 8,
  swapped: 16,
  maybeSwapped: 32,
} as const;

/** How a search for what is readable behind damage ended. */
export const SEARCH = { found: 0, needsBytes: 1, failed: 2 } as const;

/** No time, where the decoder asks for one. */
export const NO_SECOND = -1;

/** Why the decoder stopped; `damaged + n` is the n-th cause of the format. */
export const READ_STATE = { full: 0, needsBytes: 1, otherBlock: 2, damaged: 16 } as const;

/** On which side of a gateway an address is; `AddressClasses` of the emulator is this, and says more. */
export interface GatewaySides {
  /** 2^16 elements: 0 outside, 1 not routable, 0xff for what `entries` know, else inside. */
  readonly byUpperHalf: Uint8Array;
  /** The first with `(address & mask) == base` has the side. */
  readonly entries: readonly { readonly base: number; readonly mask: number; readonly class: number }[];
}

/** What the decoder found in a stretch of a capture, beside the rows. */
export interface Stretch {
  /** Of `READ_STATE`. */
  readonly state: number;
  readonly rows: number;
  /** Octets of the complete records. */
  readonly takenBytes: number;
  /** Those of them that are packets, as far as they were captured. */
  readonly capturedBytes: number;
  /** What those packets had on the wire. */
  readonly wireBytes: number;
  /** Sum of their IP lengths. */
  readonly ipBytes: number;
  /** Rows without a readable IP header. */
  readonly noIpRows: number;
}

/** The octets behind a row, as they were captured. */
export interface Frame {
  readonly linkType: number;
  /** A copy, the holder's to change. */
  readonly bytes: Uint8Array;
  /** On the wire; at least as many as were captured. */
  readonly wireBytes: number;
  /** Where in `bytes` the IPv4 header begins that the row is of; without meaning where it is of another packet. */
  readonly ipAt: number;
  /** Where in `bytes` checksums of tunnels are that are over all of this IPv4 packet: of UDP, or of GRE. */
  readonly tunnelSums: readonly number[];
  /** What `bytes` are of; null for memory of their own. */
  readonly piece: FramePiece | null;
}

/** Memory that copies of frames share. */
interface FramePiece {
  readonly bytes: Uint8Array;
  used: number;
  /** Frames in it that were not given back. */
  frames: number;
}

const NO_SUMS: readonly number[] = [];
/** As in the module. */
const MAX_TUNNEL_SUMS = 8;
/** Many small buffers take longer to make than to fill. */
const FRAME_PIECE_BYTES = 1 << 18;
/** That are kept to be filled again. */
const MAX_FREE_PIECES = 64;

/** Gives out memory for frames, and takes back what is not needed any more; what nobody gives back is collected as usual. */
class FrameMemory {
  readonly #free: FramePiece[] = [];
  #piece: FramePiece = newPiece(0);

  /** @returns the piece, in which the frame begins at `used - count` */
  take(count: number): FramePiece {
    if (this.#piece.used + count > this.#piece.bytes.length) this.#next(count);
    this.#piece.used += count;
    this.#piece.frames++;
    return this.#piece;
  }

  giveBack(piece: FramePiece): void {
    if (--piece.frames === 0 && piece !== this.#piece) this.#keep(piece);
  }

  #next(count: number): void {
    const full = this.#piece;
    const isUsual = count <= FRAME_PIECE_BYTES;
    this.#piece = (isUsual ? this.#free.pop() : undefined) ?? newPiece(Math.max(FRAME_PIECE_BYTES, count));
    if (full.frames === 0) this.#keep(full);
  }

  #keep(piece: FramePiece): void {
    piece.used = 0;
    if (piece.bytes.length === FRAME_PIECE_BYTES && this.#free.length < MAX_FREE_PIECES) this.#free.push(piece);
  }
}

function newPiece(bytes: number): FramePiece {
  return { bytes: new Uint8Array(bytes), used: 0, frames: 0 };
}

/** Copies of frames, from where the module has them. */
class FrameCopies {
  readonly buffer: ArrayBuffer;
  readonly #memory: Uint8Array;
  readonly #at: Uint32Array;
  readonly #bytes: Uint32Array;
  readonly #wireBytes: Uint32Array;
  readonly #linkType: Uint32Array;
  readonly #ipAt: Uint32Array;
  readonly #sums: Uint8Array;
  readonly #sumAt: Uint32Array;
  readonly #copies: FrameMemory;

  constructor(module: DecoderExports, copies: FrameMemory) {
    const { buffer } = module.memory;
    this.buffer = buffer;
    this.#copies = copies;
    const words = (name: ExportedName, width = 1): Uint32Array =>
      new Uint32Array(buffer, module[name].value, BATCH_ROWS * width);
    this.#memory = new Uint8Array(buffer);
    this.#at = words('rowFrameAt');
    this.#bytes = words('rowFrameBytes');
    this.#wireBytes = words('rowWireBytes');
    this.#linkType = words('rowLinkType');
    this.#ipAt = words('rowIpAt');
    this.#sums = new Uint8Array(buffer, module.rowTunnelSums.value, BATCH_ROWS);
    this.#sumAt = words('rowTunnelSumAt', MAX_TUNNEL_SUMS);
  }

  of(row: number): Frame {
    const at = this.#at[row]!;
    const count = this.#bytes[row]!;
    const piece = this.#copies.take(count);
    const bytes = piece.bytes.subarray(piece.used - count, piece.used);
    bytes.set(this.#memory.subarray(at, at + count));
    return {
      linkType: this.#linkType[row]!,
      bytes,
      wireBytes: this.#wireBytes[row]!,
      ipAt: this.#ipAt[row]! - at,
      tunnelSums: this.#sums[row] === 0 ? NO_SUMS : this.#sumsAround(row, at),
      piece,
    };
  }

  /** Those of tunnels that are in the packet are behind its header. */
  #sumsAround(row: number, frameAt: number): readonly number[] {
    const first = row * MAX_TUNNEL_SUMS;
    const all = Array.from(this.#sumAt.subarray(first, first + this.#sums[row]!));
    return all.filter((at) => at < this.#ipAt[row]!).map((at) => at - frameAt);
  }
}

/** A part of the decoder's memory that one capture is read into. */
export class DecoderInput {
  readonly address: number;
  readonly #memory: DecoderExports['memory'];
  readonly #length: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;

  /** For `Decoder` alone. */
  constructor(memory: DecoderExports['memory'], address: number, length: number) {
    this.address = address;
    this.#memory = memory;
    this.#length = length;
    this.#bytes = new Uint8Array(memory.buffer, address, length);
    this.#view = new DataView(memory.buffer, address, length);
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    this.#follow();
    return this.#bytes;
  }

  get view(): DataView<ArrayBuffer> {
    this.#follow();
    return this.#view;
  }

  /** Memory that has grown is another buffer. */
  #follow(): void {
    if (this.#bytes.buffer === this.#memory.buffer) return;
    this.#bytes = new Uint8Array(this.#memory.buffer, this.address, this.#length);
    this.#view = new DataView(this.#memory.buffer, this.address, this.#length);
  }
}

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
      batch[key].set(column.subarray(from * width, (from + count) * width), to * width);
    }
  }
}

/** The decoder's memory as columns of the packets that it leaves there. */
class DecodedRows {
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

/**
 * Finds the records in octets of a capture and decodes them into the rows of a batch. The work is done by a module of
 * WebAssembly, of which this owns one instance; any number of captures are read with it by turns.
 */
export class Decoder {
  readonly module: DecoderExports;
  /**
   * Is told of rows `[firstRow, batch.length)` as soon as they are in a batch, in the order of their capture: until it
   * returns, `frameOf` gives their frames.
   */
  onRows: ((batch: PacketBatch, firstRow: number) => void) | null = null;
  #decoded: DecodedRows;
  readonly #frameMemory = new FrameMemory();
  /** Null until a frame is asked for. */
  #frames: FrameCopies | null = null;
  #hashesPayloads = false;

  /** @param module a new instance, that nobody else uses */
  constructor(module: DecoderExports) {
    this.module = module;
    this.#decoded = new DecodedRows(module);
  }

  /** Reads the outermost IP header of every frame, or the innermost, from now on; the outermost without this. */
  useLayer(layer: 'outer' | 'inner'): void {
    this.module.setLayer(LAYER[layer]);
  }

  /** Reads the IP header that a gateway between these classes of addresses would translate. */
  useTranslatedLayer({ byUpperHalf, entries }: GatewaySides): void {
    const { module } = this;
    const at = module.allocateNetworks(entries.length);
    const { buffer } = module.memory;
    new Uint8Array(buffer, module.sidesByUpperHalf.value, byUpperHalf.length).set(byUpperHalf);
    const words = entries.flatMap(({ base, mask, class: side }) => [base, mask, side]);
    new Uint32Array(buffer, at, words.length).set(words);
    module.setLayer(LAYER.translated);
  }

  /** Takes packets of IPv4 whose header has a wrong checksum for malformed from now on. */
  checkSums(): void {
    this.module.setChecksSums(true);
  }

  /** Fills `payloadHash` from now on, by which packets are found again behind a gateway. */
  hashPayloads(): void {
    this.#hashesPayloads = true;
    this.module.setHashesPayloads(true);
  }

  /** Memory for a capture's octets, until it is given to `release`. */
  allocateInput(bytes: number): DecoderInput {
    return new DecoderInput(this.module.memory, this.module.allocateInput(bytes), bytes);
  }

  release({ address }: Pick<DecoderInput, 'address'>): void {
    this.module.release(address);
  }

  /**
   * What the module has just read: its rows go to the end of the batch, which has room for them.
   *
   * @param state  what its `read…` gave back
   * @param start  where it began
   */
  take(batch: PacketBatch, state: number, start: number): Stretch {
    const { module } = this;
    const rows = module.readRows.value;
    if (this.#decoded.buffer !== module.memory.buffer) this.#decoded = new DecodedRows(module);
    if (rows > 0) {
      this.#decoded.appendTo(batch, rows, this.#hashesPayloads);
      this.onRows?.(batch, batch.length - rows);
    }
    return {
      state,
      rows,
      takenBytes: module.readEnd.value - start,
      capturedBytes: module.readCapturedBytes.value,
      wireBytes: module.readWireBytes.value,
      ipBytes: module.readIpBytes.value,
      noIpRows: module.readNoIpRows.value,
    };
  }

  /** @param row counted from `firstRow` of the `onRows` that is under way */
  frameOf(row: number): Frame {
    if (this.#frames?.buffer !== this.module.memory.buffer)
      this.#frames = new FrameCopies(this.module, this.#frameMemory);
    return this.#frames.of(row);
  }

  /** Tells that nobody needs the octets of a frame any more: others may have their place. Not to be told is no harm. */
  free({ piece }: Frame): void {
    if (piece !== null) this.#frameMemory.giveBack(piece);
  }
}
