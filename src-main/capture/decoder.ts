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
  | `read${'End' | 'Rows' | 'CapturedBytes' | 'WireBytes' | 'IpBytes' | 'NoIpRows'}`
  | `outerIpv6${'Rows' | 'Bytes'}`
  | `tunnel${'Rows' | 'OverheadBytes' | 'Counts'}`
  | `damage${'Value' | 'Limit'}`
  | `${'first' | 'last'}TimedRow`
  | `last${'Sec' | 'Nsec' | 'SoundSec' | 'ErfSec'}`
  | 'agreedSec'
  | `${'found' | 'block'}At`
  | `row${'FrameAt' | 'FrameBytes' | 'WireBytes' | 'LinkType'}`
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
  /** A copy. */
  readonly bytes: Uint8Array;
  /** On the wire; at least as many as were captured. */
  readonly wireBytes: number;
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

/** The decoder's memory as columns of the packets that it leaves there. */
class RowColumns {
  readonly buffer: ArrayBuffer;
  readonly #tsSec: Float64Array;
  readonly #tsNsec: Uint32Array;
  readonly #packetNo: Float64Array;
  readonly #reason: Uint8Array;
  readonly #ipVersion: Uint8Array;
  readonly #protocol: Uint8Array;
  readonly #flags: Uint8Array;
  readonly #ipBytes: Uint32Array;
  readonly #srcIp: Uint32Array;
  readonly #dstIp: Uint32Array;
  readonly #ports: Uint32Array;
  readonly #l4Kind: Uint8Array;
  readonly #address6: Uint32Array;
  readonly #ipId: Uint32Array;
  readonly #fragmentSpan: Uint32Array;
  readonly #ttl: Uint8Array;
  readonly #vlan: Uint32Array;
  readonly #tcpSeq: Uint32Array;
  readonly #tcpAck: Uint32Array;
  readonly #tcpWindow: Uint32Array;
  readonly #icmpCode: Uint8Array;
  readonly #quotedVersion: Uint8Array;
  readonly #quotedProtocol: Uint8Array;
  readonly #quotedPorts: Uint32Array;
  readonly #quotedAddress: Uint32Array;
  readonly #payloadHash: Uint32Array;
  readonly #quotingRows: Uint16Array;
  readonly #module: DecoderExports;

  constructor(module: DecoderExports) {
    const { buffer } = module.memory;
    this.#module = module;
    this.buffer = buffer;
    this.#tsSec = new Float64Array(buffer, module.rowSec.value, BATCH_ROWS);
    this.#tsNsec = new Uint32Array(buffer, module.rowNsec.value, BATCH_ROWS);
    this.#packetNo = new Float64Array(buffer, module.rowPacketNo.value, BATCH_ROWS);
    this.#reason = new Uint8Array(buffer, module.rowReason.value, BATCH_ROWS);
    this.#ipVersion = new Uint8Array(buffer, module.rowIpVersion.value, BATCH_ROWS);
    this.#protocol = new Uint8Array(buffer, module.rowProtocol.value, BATCH_ROWS);
    this.#flags = new Uint8Array(buffer, module.rowFlags.value, BATCH_ROWS);
    this.#ipBytes = new Uint32Array(buffer, module.rowIpBytes.value, BATCH_ROWS);
    this.#srcIp = new Uint32Array(buffer, module.rowSrcIp.value, BATCH_ROWS);
    this.#dstIp = new Uint32Array(buffer, module.rowDstIp.value, BATCH_ROWS);
    this.#ports = new Uint32Array(buffer, module.rowPorts.value, BATCH_ROWS);
    this.#l4Kind = new Uint8Array(buffer, module.rowL4Kind.value, BATCH_ROWS);
    this.#address6 = new Uint32Array(buffer, module.rowAddress6.value, BATCH_ROWS * 8);
    this.#ipId = new Uint32Array(buffer, module.rowIpId.value, BATCH_ROWS);
    this.#fragmentSpan = new Uint32Array(buffer, module.rowFragmentSpan.value, BATCH_ROWS);
    this.#ttl = new Uint8Array(buffer, module.rowTtl.value, BATCH_ROWS);
    this.#vlan = new Uint32Array(buffer, module.rowVlan.value, BATCH_ROWS);
    this.#tcpSeq = new Uint32Array(buffer, module.rowTcpSeq.value, BATCH_ROWS);
    this.#tcpAck = new Uint32Array(buffer, module.rowTcpAck.value, BATCH_ROWS);
    this.#tcpWindow = new Uint32Array(buffer, module.rowTcpWindow.value, BATCH_ROWS);
    this.#icmpCode = new Uint8Array(buffer, module.rowIcmpCode.value, BATCH_ROWS);
    this.#quotedVersion = new Uint8Array(buffer, module.rowQuotedVersion.value, BATCH_ROWS);
    this.#quotedProtocol = new Uint8Array(buffer, module.rowQuotedProtocol.value, BATCH_ROWS);
    this.#quotedPorts = new Uint32Array(buffer, module.rowQuotedPorts.value, BATCH_ROWS);
    this.#quotedAddress = new Uint32Array(buffer, module.rowQuotedAddress.value, BATCH_ROWS * 8);
    this.#payloadHash = new Uint32Array(buffer, module.rowPayloadHash.value, BATCH_ROWS);
    this.#quotingRows = new Uint16Array(buffer, module.quotingRows.value, BATCH_ROWS);
  }

  copyTo(batch: PacketBatch, row: number, count: number, hasHashes: boolean): void {
    const module = this.#module;
    batch.tsSec.set(this.#tsSec.subarray(0, count), row);
    batch.tsNsec.set(this.#tsNsec.subarray(0, count), row);
    batch.packetNo.set(this.#packetNo.subarray(0, count), row);
    batch.reason.set(this.#reason.subarray(0, count), row);
    batch.ipVersion.set(this.#ipVersion.subarray(0, count), row);
    batch.protocol.set(this.#protocol.subarray(0, count), row);
    batch.flags.set(this.#flags.subarray(0, count), row);
    batch.ipBytes.set(this.#ipBytes.subarray(0, count), row);
    batch.srcIp.set(this.#srcIp.subarray(0, count), row);
    batch.dstIp.set(this.#dstIp.subarray(0, count), row);
    batch.ports.set(this.#ports.subarray(0, count), row);
    batch.l4Kind.set(this.#l4Kind.subarray(0, count), row);
    batch.ipId.set(this.#ipId.subarray(0, count), row);
    batch.ttl.set(this.#ttl.subarray(0, count), row);
    batch.vlan.set(this.#vlan.subarray(0, count), row);
    batch.tcpSeq.set(this.#tcpSeq.subarray(0, count), row);
    batch.tcpAck.set(this.#tcpAck.subarray(0, count), row);
    batch.tcpWindow.set(this.#tcpWindow.subarray(0, count), row);
    if (module.fragmentRows.value > 0) batch.fragmentSpan.set(this.#fragmentSpan.subarray(0, count), row);
    if (module.ipv6Rows.value > 0) batch.address6.set(this.#address6.subarray(0, count * 8), row * 8);
    if (module.icmpRows.value > 0) batch.icmpCode.set(this.#icmpCode.subarray(0, count), row);
    if (hasHashes) batch.payloadHash.set(this.#payloadHash.subarray(0, count), row);
    // Few packets are errors, and the columns of what they quote are long.
    const quotingCount = module.quotingCount.value;
    for (let index = 0; index < quotingCount; index++) this.#copyQuoted(batch, row, this.#quotingRows[index]!);
  }

  #copyQuoted(batch: PacketBatch, firstRow: number, from: number): void {
    const to = firstRow + from;
    batch.quotedVersion[to] = this.#quotedVersion[from]!;
    batch.quotedProtocol[to] = this.#quotedProtocol[from]!;
    batch.quotedPorts[to] = this.#quotedPorts[from]!;
    batch.quotedAddress.set(this.#quotedAddress.subarray(from * 8, from * 8 + 8), to * 8);
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
  #columns: RowColumns;
  #hashesPayloads = false;

  /** @param module a new instance, that nobody else uses */
  constructor(module: DecoderExports) {
    this.module = module;
    this.#columns = new RowColumns(module);
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
    if (this.#columns.buffer !== module.memory.buffer) this.#columns = new RowColumns(module);
    if (rows > 0) this.#columns.copyTo(batch, batch.length, rows, this.#hashesPayloads);
    batch.length += rows;
    if (rows > 0) this.onRows?.(batch, batch.length - rows);
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
    const { memory, rowFrameAt, rowFrameBytes, rowWireBytes, rowLinkType } = this.module;
    const words = new Uint32Array(memory.buffer);
    const of = ({ value }: ExportedNumber): number => words[value / 4 + row]!;
    const at = of(rowFrameAt);
    return {
      linkType: of(rowLinkType),
      bytes: new Uint8Array(memory.buffer, at, of(rowFrameBytes)).slice(),
      wireBytes: of(rowWireBytes),
    };
  }
}
