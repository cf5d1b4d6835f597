import { CaptureAccount } from './capture-account';
import { READ_STATE, type DecoderExports } from './decoder';
import { BATCH_ROWS, type PacketBatch } from './packet-batch';
import type { ReadBuffer } from './read-buffer';
import { ReadStatus, type RecordReader } from './record-reader';

/** Block types. @see draft-ietf-opsawg-pcapng §4 */
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const OPTION_IF_TSRESOL = 9;
const OPTION_IF_TSOFFSET = 14;

/** Octets of a block before its body and after it: type, length, and the length again. */
const BLOCK_OVERHEAD_BYTES = 12;
/** Longest block of which a field is read; longer ones can only be skipped. */
const MAX_PARSED_BLOCK_BYTES = 1 << 20;
/** Shortest section header, and so the least that shows a capture to be pcapng. */
const MIN_SECTION_HEADER_BYTES = 28;
/** `if_tsresol` of an interface that has none: microseconds. */
const DEFAULT_RESOLUTION = 6;

const INITIAL_INTERFACES = 16;
/** A section that describes more takes memory for nothing. */
const MAX_INTERFACES = 1 << 20;

/** What is wrong with the block of a packet, in the order of the decoder's numbers. */
const PACKET_DAMAGE: readonly ((value: number, limit: number) => string)[] = [
  (bytes) => `a block claims a length of ${bytes}, which no block can have`,
  (bytes, limit) => `a block claims ${bytes} bytes, more than Natscope reads (${limit})`,
  () => 'the two lengths of a block differ',
  () => 'a packet block is too short',
  (index) => `a packet names interface ${index}, which the section does not describe`,
  (bytes, limit) => `a packet claims ${bytes} captured bytes in a block that holds ${limit}`,
  (bytes) => `a packet claims ${bytes} captured bytes`,
];

/** The interfaces of the section that is read, in the decoder's memory. */
class Interfaces {
  count = 0;
  address = 0;
  readonly #module: DecoderExports;
  #described: (readonly [linkType: number, snapBytes: number, resolution: number, offsetSec: number])[] = [];
  #capacity = 0;

  constructor(module: DecoderExports) {
    this.#module = module;
  }

  add(linkType: number, snapBytes: number, resolution: number, offsetSec: number): void {
    this.#described.push([linkType, snapBytes, resolution, offsetSec]);
    if (this.count === this.#capacity) this.#grow();
    else this.#module.setInterface(this.address, this.count, linkType, snapBytes, resolution, offsetSec);
    this.count++;
  }

  /** The next section has interfaces of its own. */
  clear(): void {
    this.count = 0;
    this.#described = [];
  }

  release(): void {
    if (this.#capacity > 0) this.#module.release(this.address);
    this.#capacity = 0;
  }

  #grow(): void {
    const capacity = Math.max(INITIAL_INTERFACES, this.#capacity * 2);
    this.release();
    this.address = this.#module.allocateInterfaces(capacity);
    this.#capacity = capacity;
    this.#described.forEach((described, index) => this.#module.setInterface(this.address, index, ...described));
  }
}

/** True when the octets at `at` begin a section header. Needs 12 octets. */
export function isPcapng(view: DataView, at: number): boolean {
  if (view.getUint32(at) !== SECTION_HEADER) return false;
  return view.getUint32(at + 8) === BYTE_ORDER_MAGIC || view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
}

/** pcapng: sections, interfaces, enhanced and simple packets; blocks of other types are container. */
export class PcapngReader implements RecordReader {
  readonly format = 'pcapng';
  readonly account = new CaptureAccount();
  readonly #buffer: ReadBuffer;
  readonly #interfaces: Interfaces;
  #littleEndian = true;
  /** The block being skipped, over as many reads as it takes; `leftBytes` 0 when there is none. */
  readonly #skipped = { offset: 0, blockBytes: 0, leftBytes: 0 };
  #packetNo: number;
  /** Time of the packet before, which one that has none is given. */
  #sec = 0;
  #nsec = 0;

  /** @param firstPacketNo ordinal of the first packet */
  constructor(buffer: ReadBuffer, firstPacketNo: number) {
    this.#buffer = buffer;
    this.#interfaces = new Interfaces(buffer.decoder.module);
    this.#packetNo = firstPacketNo;
  }

  static readonly minBytes = MIN_SECTION_HEADER_BYTES;

  fill(batch: PacketBatch): ReadStatus {
    while (batch.length < BATCH_ROWS) {
      const status = this.#skipped.leftBytes > 0 ? this.#skip() : this.#readPackets(batch);
      if (status !== ReadStatus.batchFull) return status;
    }
    return ReadStatus.batchFull;
  }

  get unfinishedOffset(): number {
    return this.#skipped.leftBytes > 0 ? this.#skipped.offset : this.#buffer.fileOffset;
  }

  cutCause(): string {
    return 'the file ends inside a pcapng block';
  }

  release(): void {
    this.#interfaces.release();
  }

  /** Reads packets, and the block of another kind that they end with. @returns batchFull when there may be more */
  #readPackets(batch: PacketBatch): ReadStatus {
    const { account } = this;
    const buffer = this.#buffer;
    const { decoder, startAddress } = buffer;
    const { module } = decoder;
    const firstRow = batch.length;
    const state = module.readPcapng(
      startAddress,
      buffer.endAddress,
      BATCH_ROWS - firstRow,
      this.#packetNo,
      !this.#littleEndian,
      this.#interfaces.address,
      this.#interfaces.count,
      this.#sec,
      this.#nsec,
    );
    const stretch = decoder.take(batch, state, startAddress);
    account.book(stretch);
    account.impossibleTimes += module.impossibleTimes.value;
    const firstTimedRow = module.firstTimedRow.value;
    if (firstTimedRow >= 0) account.bookTimes(batch, firstRow + firstTimedRow, firstRow + module.lastTimedRow.value);
    this.#sec = module.lastSec.value;
    this.#nsec = module.lastNsec.value >>> 0;
    this.#packetNo += stretch.rows;
    buffer.start += stretch.takenBytes;
    if (state === READ_STATE.full) return ReadStatus.batchFull;
    if (state === READ_STATE.needsBytes) return ReadStatus.needBytes;
    if (state === READ_STATE.otherBlock) return this.#readOtherBlock();
    const describe = PACKET_DAMAGE[state - READ_STATE.damaged]!;
    return this.#damaged(describe(module.damageValue.value >>> 0, module.damageLimit.value >>> 0));
  }

  /** @returns batchFull when it went on to the next block */
  #readOtherBlock(): ReadStatus {
    const buffer = this.#buffer;
    const { view, start } = buffer;
    // A section header is a palindrome, and sets the byte order that its own length is read in.
    const isSection = view.getUint32(start) === SECTION_HEADER;
    if (isSection && !this.#startSection()) return this.#damaged('a section header has no byte-order magic');
    const blockBytes = view.getUint32(start + 4, this.#littleEndian);
    if (blockBytes < BLOCK_OVERHEAD_BYTES || blockBytes % 4 !== 0) {
      return this.#damaged(`a block claims a length of ${blockBytes}, which no block can have`);
    }
    if (!isSection && view.getUint32(start, this.#littleEndian) !== INTERFACE_DESCRIPTION) {
      Object.assign(this.#skipped, { offset: buffer.fileOffset, blockBytes, leftBytes: blockBytes });
      return ReadStatus.batchFull;
    }
    if (blockBytes > MAX_PARSED_BLOCK_BYTES) {
      return this.#damaged(`a block claims ${blockBytes} bytes, more than Natscope reads (${MAX_PARSED_BLOCK_BYTES})`);
    }
    if (buffer.available < blockBytes) return ReadStatus.needBytes;
    if (view.getUint32(start + blockBytes - 4, this.#littleEndian) !== blockBytes) {
      return this.#damaged('the two lengths of a block differ');
    }
    const problem = isSection ? null : this.#addInterface(blockBytes);
    if (problem !== null) return this.#damaged(problem);
    this.account.containerBytes += blockBytes;
    buffer.start += blockBytes;
    return ReadStatus.batchFull;
  }

  #skip(): ReadStatus {
    const skipped = this.#skipped;
    const count = Math.min(skipped.leftBytes, this.#buffer.available);
    skipped.leftBytes -= count;
    this.#buffer.start += count;
    if (skipped.leftBytes > 0) return ReadStatus.needBytes;
    this.account.containerBytes += skipped.blockBytes;
    return ReadStatus.batchFull;
  }

  #startSection(): boolean {
    const { view, start } = this.#buffer;
    const littleEndian = view.getUint32(start + 8, true) === BYTE_ORDER_MAGIC;
    if (!littleEndian && view.getUint32(start + 8) !== BYTE_ORDER_MAGIC) return false;
    this.#littleEndian = littleEndian;
    this.#interfaces.clear();
    return true;
  }

  /** @returns what is wrong with the block, or null */
  #addInterface(blockBytes: number): string | null {
    if (blockBytes < BLOCK_OVERHEAD_BYTES + 8) return 'an interface description block is too short';
    if (this.#interfaces.count === MAX_INTERFACES) return `a section describes more than ${MAX_INTERFACES} interfaces`;
    const { view, start } = this.#buffer;
    const littleEndian = this.#littleEndian;
    const linkType = view.getUint16(start + 8, littleEndian);
    let resolution = DEFAULT_RESOLUTION;
    let offsetSec = 0;
    const end = start + blockBytes - 4;
    for (let at = start + 16; end - at >= 4;) {
      const option = view.getUint16(at, littleEndian);
      const length = view.getUint16(at + 2, littleEndian);
      const value = at + 4;
      if (option === 0) break;
      if (length > end - value) return 'an option of an interface is longer than its block';
      if (option === OPTION_IF_TSRESOL && length >= 1) resolution = view.getUint8(value);
      if (option === OPTION_IF_TSOFFSET && length >= 8) offsetSec = Number(view.getBigInt64(value, littleEndian));
      at = value + ((length + 3) & ~3);
    }
    this.account.linkTypes.add(linkType);
    this.#interfaces.add(linkType, view.getUint32(start + 12, littleEndian), resolution, offsetSec);
    return null;
  }

  #damaged(cause: string): ReadStatus {
    this.account.damage = { offset: this.#buffer.fileOffset, cause };
    return ReadStatus.ended;
  }
}
