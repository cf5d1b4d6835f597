import { CaptureAccount, MAX_RECORD_BYTES } from './capture-account';
import { linkDecoderFor, type LinkDecoder } from './link-layer';
import { BATCH_ROWS, PACKET_FLAG, type PacketBatch } from './packet-batch';
import { secondsAndNanos, type TimeResolution } from './pcapng-time';
import type { ReadBuffer } from './read-buffer';
import { ReadStatus, type RecordReader } from './record-reader';

/** Block types. @see draft-ietf-opsawg-pcapng §4 */
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const OPTION_IF_TSRESOL = 9;
const OPTION_IF_TSOFFSET = 14;

/** Octets of a block before its body and after it: type, length, and the length again. */
const BLOCK_OVERHEAD_BYTES = 12;
/** An enhanced packet's fields before the packet: interface, time, captured and original length. */
const ENHANCED_FIELDS_BYTES = 20;
/** Longest block of which a field is read; longer ones can only be skipped. */
const MAX_PARSED_BLOCK_BYTES = 1 << 20;
/** Last second whose nanoseconds fit 64 bits, in April 2262; before 1970 there were no captures. */
const MAX_SEC = 9_223_372_035;
/** Shortest section header, and so the least that shows a capture to be pcapng. */
const MIN_SECTION_HEADER_BYTES = 28;

interface CaptureInterface {
  readonly decode: LinkDecoder;
  /** Octets that a simple packet block may hold at most; 0 for no limit. */
  readonly snapBytes: number;
  readonly resolution: TimeResolution;
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
  #littleEndian = true;
  #interfaces: CaptureInterface[] = [];
  /** The block being skipped, over as many reads as it takes; `leftBytes` 0 when there is none. */
  readonly #skipped = { offset: 0, blockBytes: 0, leftBytes: 0 };
  #packetNo: number;
  /** Time of the packet before, which one that has none is given. */
  #sec = 0;
  #nsec = 0;

  /** @param firstPacketNo ordinal of the first packet */
  constructor(buffer: ReadBuffer, firstPacketNo: number) {
    this.#buffer = buffer;
    this.#packetNo = firstPacketNo;
  }

  static readonly minBytes = MIN_SECTION_HEADER_BYTES;

  fill(batch: PacketBatch): ReadStatus {
    while (batch.length < BATCH_ROWS) {
      const status = this.#skipped.leftBytes > 0 ? this.#skip() : this.#readBlock(batch);
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

  /** @returns batchFull when it went on to the next block */
  #readBlock(batch: PacketBatch): ReadStatus {
    const buffer = this.#buffer;
    const { view, start } = buffer;
    if (buffer.available < BLOCK_OVERHEAD_BYTES) return ReadStatus.needBytes;
    // A section header is a palindrome, and sets the byte order that its own length is read in.
    const isSection = view.getUint32(start) === SECTION_HEADER;
    if (isSection && !this.#startSection()) return this.#damaged('a section header has no byte-order magic');
    const type = view.getUint32(start, this.#littleEndian);
    const blockBytes = view.getUint32(start + 4, this.#littleEndian);
    if (blockBytes < BLOCK_OVERHEAD_BYTES || blockBytes % 4 !== 0) {
      return this.#damaged(`a block claims a length of ${blockBytes}, which no block can have`);
    }
    const isParsed = isSection || type === INTERFACE_DESCRIPTION || type === ENHANCED_PACKET || type === SIMPLE_PACKET;
    if (!isParsed) {
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

    let problem: string | null = null;
    if (isSection) this.account.containerBytes += blockBytes;
    else if (type === INTERFACE_DESCRIPTION) problem = this.#addInterface(blockBytes);
    else problem = this.#readPacket(type === ENHANCED_PACKET, blockBytes, batch);
    if (problem !== null) return this.#damaged(problem);
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
    this.#interfaces = [];
    return true;
  }

  #addInterface(blockBytes: number): string | null {
    if (blockBytes < BLOCK_OVERHEAD_BYTES + 8) return 'an interface description block is too short';
    const { view, start } = this.#buffer;
    const littleEndian = this.#littleEndian;
    const linkType = view.getUint16(start + 8, littleEndian);
    const resolution: { code: number; offsetSec: number } = { code: 6, offsetSec: 0 };
    const end = start + blockBytes - 4;
    for (let at = start + 16; end - at >= 4;) {
      const option = view.getUint16(at, littleEndian);
      const length = view.getUint16(at + 2, littleEndian);
      const value = at + 4;
      if (option === 0) break;
      if (length > end - value) return 'an option of an interface is longer than its block';
      if (option === OPTION_IF_TSRESOL && length >= 1) resolution.code = view.getUint8(value);
      if (option === OPTION_IF_TSOFFSET && length >= 8) {
        resolution.offsetSec = Number(view.getBigInt64(value, littleEndian));
      }
      at = value + ((length + 3) & ~3);
    }
    this.account.linkTypes.add(linkType);
    this.account.containerBytes += blockBytes;
    this.#interfaces.push({
      decode: linkDecoderFor(linkType),
      snapBytes: view.getUint32(start + 12, littleEndian),
      resolution,
    });
    return null;
  }

  /** @returns what is wrong with the block, or null */
  #readPacket(isEnhanced: boolean, blockBytes: number, batch: PacketBatch): string | null {
    const { view, start } = this.#buffer;
    const littleEndian = this.#littleEndian;
    const fieldsBytes = isEnhanced ? ENHANCED_FIELDS_BYTES : 4;
    const room = blockBytes - BLOCK_OVERHEAD_BYTES - fieldsBytes;
    if (room < 0) return 'a packet block is too short';
    const fields = start + 8;
    const interfaceId = isEnhanced ? view.getUint32(fields, littleEndian) : 0;
    const source = this.#interfaces[interfaceId];
    if (source === undefined) return `a packet names interface ${interfaceId}, which the section does not describe`;
    const wireBytes = view.getUint32(fields + fieldsBytes - 4, littleEndian);
    let captured: number;
    let hasTime = false;
    if (isEnhanced) {
      captured = view.getUint32(fields + 12, littleEndian);
      if (captured > room) return `a packet claims ${captured} captured bytes in a block that holds ${room}`;
      const time = secondsAndNanos(
        view.getUint32(fields + 4, littleEndian),
        view.getUint32(fields + 8, littleEndian),
        source.resolution,
      );
      hasTime = time.sec >= 0 && time.sec <= MAX_SEC;
      if (hasTime) {
        this.#sec = time.sec;
        this.#nsec = time.nsec;
      } else {
        this.account.impossibleTimes++;
      }
    } else {
      captured = Math.min(wireBytes, room, source.snapBytes === 0 ? room : source.snapBytes);
    }
    if (captured > MAX_RECORD_BYTES) return `a packet claims ${captured} captured bytes`;

    const row = batch.length++;
    batch.tsSec[row] = this.#sec;
    batch.tsNsec[row] = this.#nsec;
    batch.packetNo[row] = this.#packetNo++;
    const frame = fields + fieldsBytes;
    source.decode(view, frame, frame + captured, Math.max(wireBytes, captured), batch, row);
    if (!hasTime) batch.flags[row]! |= PACKET_FLAG.noTime;
    this.#book(batch, row, captured, blockBytes, hasTime);
    return null;
  }

  #book(batch: PacketBatch, row: number, captured: number, blockBytes: number, hasTime: boolean): void {
    const account = this.account;
    account.records++;
    account.capturedBytes += captured;
    account.containerBytes += blockBytes - captured;
    account.ipBytes += batch.ipBytes[row]!;
    if (!hasTime) return;
    if (account.firstSec === null) {
      account.firstSec = this.#sec;
      account.firstNsec = this.#nsec;
    }
    account.lastSec = this.#sec;
    account.lastNsec = this.#nsec;
  }

  #damaged(cause: string): ReadStatus {
    this.account.damage = { offset: this.#buffer.fileOffset, cause };
    return ReadStatus.ended;
  }
}
