import { AppError } from '../contract/errors';
import { CaptureAccount } from './capture-account';
import type { OctetRange } from './capture-positions';
import { ContainerFacts, type InterfaceFacts } from './container-facts';
import { NO_SECOND, READ_STATE, SEARCH } from './decoder-exports';
import { BATCH_ROWS, type PacketBatch } from './packet-batch';
import { BROKEN_INTERFACE, PcapngInterfaces } from './pcapng-interfaces';
import { readInterface, readSectionOptions } from './pcapng-options';
import type { ReadBuffer } from './read-buffer';
import { ReadStatus, type Gap, type RecordReader } from './record-reader';

/** Block types. @see draft-ietf-opsawg-pcapng §4 */
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Octets of a block before its body and after it: type, length, and the length again. */
const BLOCK_OVERHEAD_BYTES = 12;
/** Longest block of which a field is read; longer ones can only be skipped. */
const MAX_PARSED_BLOCK_BYTES = 1 << 20;
/** Longest block that is skipped. @see Wireshark wiretap/pcapng.c MAX_BLOCK_SIZE */
const MAX_SKIPPED_BLOCK_BYTES = 16 << 20;
/** Shortest section header, and so the least that shows a capture to be pcapng. */
export const PCAPNG_HEADER_BYTES = 28;
/** Of these, what must be there to read the version. */
const VERSION_END = 16;

/** More than any system has; a section that describes more takes memory for nothing. */
const MAX_INTERFACES = 1 << 17;

/** What is wrong with the block of a packet, in the order of the decoder's numbers. */
const PACKET_DAMAGE: readonly ((value: number, limit: number) => string)[] = [
  (bytes) => `a block claims a length of ${bytes}, which no block can have`,
  (bytes, limit) => `a block claims ${bytes} bytes, more than Natscope reads (${limit})`,
  () => 'the two lengths of a block differ',
  () => 'a packet block is too short',
  (index) => `a packet names interface ${index}, which the section does not describe`,
  (bytes, limit) => `a packet claims ${bytes} captured bytes in a block that holds ${limit}`,
  (bytes) => `a packet claims ${bytes} captured bytes`,
  (index) => `a packet names interface ${index}, whose description is damaged`,
  () => 'the file ends inside a pcapng block',
];
const BLOCK_CUT = 'the file ends inside a pcapng block';
/** Causes between these leave the block's lengths sound: the next block follows it. */
const FIRST_INNER_DAMAGE = 3;
const LAST_INNER_DAMAGE = 7;

/** True when the octets at `at` begin a section header. Needs 12 octets. */
export function isPcapng(view: DataView, at: number): boolean {
  return view.getUint32(at) === SECTION_HEADER && byteOrderOf(view, at) !== null;
}

/** @throws AppError CAPTURE_UNSUPPORTED, when a file begins with a section of a version that is not known */
export function refusePcapngVersion(view: DataView, at: number, file: string): void {
  const littleEndian = byteOrderOf(view, at) === 'little';
  const version = versionOf(view, at, littleEndian);
  if (isKnownVersion(version)) return;
  throw new AppError(
    'CAPTURE_UNSUPPORTED',
    `${file} is pcapng of version ${version} by its header at offset 12, and only versions 1.0 and 1.2 are known: ` +
      'convert it with the program that wrote it, or copy it again if it is damaged',
    { file, offset: 12, version },
  );
}

function byteOrderOf(view: DataView, at: number): 'little' | 'big' | null {
  if (view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC) return 'little';
  return view.getUint32(at + 8) === BYTE_ORDER_MAGIC ? 'big' : null;
}

function versionOf(view: DataView, at: number, littleEndian: boolean): string {
  return `${view.getUint16(at + 12, littleEndian)}.${view.getUint16(at + 14, littleEndian)}`;
}

/** Some writers put 1.2 although nothing changed. @see draft-ietf-opsawg-pcapng §4.1 */
function isKnownVersion(version: string): boolean {
  return version === '1.0' || version === '1.2';
}

/** Length of a block with its padding, which some old writers did not count. */
function padded(blockBytes: number): number {
  return (blockBytes + 3) & ~3;
}

/** Blocks before a record that a position names; sections with more interfaces are read from their capture's beginning. */
const MAX_PREAMBLE = 64;

/** Octets that are skipped since no packet can be told from them. */
interface PcapngGap extends Gap {
  /** It was a section header: nothing can be read before the next one. */
  readonly untilSection: boolean;
}

/** pcapng: sections, interfaces, packets; blocks of other types are container. */
export class PcapngReader implements RecordReader {
  readonly account: CaptureAccount;
  readonly #buffer: ReadBuffer;
  readonly #interfaces: PcapngInterfaces;
  #littleEndian = true;
  /** The block being skipped, over as many reads as it takes; `leftBytes` 0 when there is none. */
  readonly #skipped = { offset: 0, blockBytes: 0, leftBytes: 0 };
  #gap: PcapngGap | null = null;
  /** The section's header and its interfaces so far. */
  #preamble: readonly OctetRange[] = [];
  #packetNo: number;
  /** Time of the packet before, which one that has none is given. */
  #sec = 0;
  #nsec = 0;
  /** Time by which packets are recognised behind damage. */
  #agreedSec = NO_SECOND;

  /**
   * The buffer must hold the beginning of the first section, of a known version.
   *
   * @param firstPacketNo ordinal of the first packet
   */
  constructor(buffer: ReadBuffer, firstPacketNo: number) {
    this.#buffer = buffer;
    this.#packetNo = firstPacketNo;
    const { view, start } = buffer;
    const byteOrder = byteOrderOf(view, start) ?? 'little';
    const version = versionOf(view, start, byteOrder === 'little');
    this.account = new CaptureAccount(buffer.source.name, new ContainerFacts('pcapng', byteOrder, version));
    this.#interfaces = new PcapngInterfaces(buffer.decoder.module, this.account);
  }

  fill(batch: PacketBatch): ReadStatus {
    while (batch.length < BATCH_ROWS) {
      const status = this.#step(batch);
      if (status !== ReadStatus.batchFull) return status;
    }
    return ReadStatus.batchFull;
  }

  get preamble(): readonly OctetRange[] | null {
    const isSound = this.#gap === null && this.#skipped.leftBytes === 0 && this.account.unreadable.length === 0;
    return isSound && this.#preamble.length <= MAX_PREAMBLE ? this.#preamble : null;
  }

  get unfinishedOffset(): number {
    if (this.#gap !== null) return this.#gap.offset;
    return this.#skipped.leftBytes > 0 ? this.#skipped.offset : this.#buffer.fileOffset;
  }

  release(): void {
    this.#interfaces.release();
  }

  packetsOf(facts: InterfaceFacts): number {
    return this.#interfaces.packetsOf(facts);
  }

  /** @returns batchFull when there may be more, as all that follow do */
  #step(batch: PacketBatch): ReadStatus {
    if (this.#gap !== null) return this.#search(this.#gap);
    return this.#skipped.leftBytes > 0 ? this.#skip() : this.#readPackets(batch);
  }

  /** Reads packets, and the block of another kind that they end with. */
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
      this.#agreedSec,
      buffer.atEnd,
    );
    const stretch = decoder.take(batch, state, startAddress);
    account.book(stretch, decoder);
    account.bookUnknownLinks(decoder, batch, firstRow);
    account.impossibleTimes += module.impossibleTimes.value;
    account.untimedRecords += module.untimedRows.value;
    const firstTimedRow = module.firstTimedRow.value;
    if (firstTimedRow >= 0) account.bookTimes(batch, firstRow + firstTimedRow, firstRow + module.lastTimedRow.value);
    this.#sec = module.lastSec.value;
    this.#nsec = module.lastNsec.value >>> 0;
    this.#agreedSec = module.agreedSec.value;
    this.#packetNo += stretch.rows;
    buffer.start += stretch.takenBytes;
    if (state === READ_STATE.full) return ReadStatus.batchFull;
    if (state === READ_STATE.needsBytes) return buffer.atEnd ? ReadStatus.ended : ReadStatus.needBytes;
    if (state === READ_STATE.otherBlock) return this.#readOtherBlock();
    const problem = state - READ_STATE.damaged;
    const cause = PACKET_DAMAGE[problem]!(module.damageValue.value >>> 0, module.damageLimit.value >>> 0);
    const isInner = problem >= FIRST_INNER_DAMAGE && problem <= LAST_INNER_DAMAGE;
    if (!isInner) return this.#damaged(cause);
    return this.#passUnreadable(padded(buffer.view.getUint32(buffer.start + 4, this.#littleEndian)), cause);
  }

  #readOtherBlock(): ReadStatus {
    const buffer = this.#buffer;
    const { view, start } = buffer;
    // A section header is a palindrome, and sets the byte order that its own length is read in.
    const isSection = view.getUint32(start) === SECTION_HEADER;
    if (isSection) {
      if (buffer.available < VERSION_END) return this.#needBytes();
      const problem = this.#startSection();
      if (problem !== null) return this.#damaged(problem, true);
    }
    const isInterface = !isSection && view.getUint32(start, this.#littleEndian) === INTERFACE_DESCRIPTION;
    const claimedBytes = view.getUint32(start + 4, this.#littleEndian);
    const longest = isSection || isInterface ? MAX_PARSED_BLOCK_BYTES : MAX_SKIPPED_BLOCK_BYTES;
    if (claimedBytes < BLOCK_OVERHEAD_BYTES) {
      return this.#damagedBlock(`a block claims a length of ${claimedBytes}, which no block can have`, isInterface);
    }
    if (claimedBytes > longest) {
      return this.#damagedBlock(
        `a block claims ${claimedBytes} bytes, more than Natscope reads (${longest})`,
        isInterface,
      );
    }
    const blockBytes = padded(claimedBytes);
    if (blockBytes > MAX_PARSED_BLOCK_BYTES) {
      Object.assign(this.#skipped, { offset: buffer.fileOffset, blockBytes, leftBytes: blockBytes });
      return ReadStatus.batchFull;
    }
    if (buffer.available < blockBytes) return this.#needBytes();
    if (view.getUint32(start + blockBytes - 4, this.#littleEndian) !== claimedBytes) {
      return this.#damagedBlock('the two lengths of a block differ', isInterface);
    }
    const problem = isSection ? this.#readSection(blockBytes) : isInterface ? this.#addInterface(blockBytes) : null;
    if (problem !== null) return this.#passUnreadable(blockBytes, problem);
    if (isSection) this.#preamble = [];
    if (isSection || isInterface) this.#addToPreamble(buffer.fileOffset, blockBytes);
    this.account.containerBytes += blockBytes;
    buffer.start += blockBytes;
    return ReadStatus.batchFull;
  }

  #addToPreamble(offset: number, bytes: number): void {
    // One too many is enough to say that there are.
    if (this.#preamble.length <= MAX_PREAMBLE) this.#preamble = [...this.#preamble, [offset, bytes]];
  }

  /** A long block of another kind: only whether its two lengths agree is looked at. */
  #skip(): ReadStatus {
    const skipped = this.#skipped;
    const buffer = this.#buffer;
    const count = Math.min(skipped.leftBytes - 4, buffer.available);
    skipped.leftBytes -= count;
    buffer.start += count;
    if (skipped.leftBytes > 4 || buffer.available < 4) {
      if (!buffer.atEnd) return ReadStatus.needBytes;
      buffer.start = buffer.end;
      this.account.bookUnreadable(skipped.offset, buffer.fileOffset - skipped.offset, BLOCK_CUT);
      skipped.leftBytes = 0;
      return ReadStatus.ended;
    }
    skipped.leftBytes = 0;
    if (padded(buffer.view.getUint32(buffer.start, this.#littleEndian)) === skipped.blockBytes) {
      buffer.start += 4;
      this.account.containerBytes += skipped.blockBytes;
    } else {
      const cause = 'the two lengths of a block differ';
      this.account.bookUnreadable(skipped.offset, buffer.fileOffset - skipped.offset, cause);
    }
    return ReadStatus.batchFull;
  }

  /** @returns why nothing of the section can be read, or null */
  #startSection(): string | null {
    const { view, start } = this.#buffer;
    const byteOrder = byteOrderOf(view, start);
    if (byteOrder === null) return 'a section header has no byte-order magic';
    const littleEndian = byteOrder === 'little';
    const version = versionOf(view, start, littleEndian);
    if (!isKnownVersion(version)) return `a section is of version ${version}, and only 1.0 and 1.2 are known`;
    this.#littleEndian = littleEndian;
    this.#interfaces.clear();
    return null;
  }

  /** @returns what is wrong with the block, or null; the section can be read in either case */
  #readSection(blockBytes: number): string | null {
    const { view, start } = this.#buffer;
    const { container } = this.account;
    container.sections++;
    if (blockBytes < PCAPNG_HEADER_BYTES) return 'a section header is too short';
    const isWhole = readSectionOptions(view, start + 24, start + blockBytes - 4, this.#littleEndian, container);
    return isWhole ? null : 'an option of a section header is longer than its block';
  }

  /** @returns what is wrong with the block, or null; if it is, packets of the interface cannot be read */
  #addInterface(blockBytes: number): string | null {
    if (this.#interfaces.count === MAX_INTERFACES) return `a section describes more than ${MAX_INTERFACES} interfaces`;
    const { view, start } = this.#buffer;
    const isLongEnough = blockBytes >= BLOCK_OVERHEAD_BYTES + 8;
    const read = isLongEnough ? readInterface(view, start + 8, start + blockBytes - 4, this.#littleEndian) : null;
    if (read === null) {
      this.#interfaces.add(BROKEN_INTERFACE);
      return isLongEnough
        ? 'an option of an interface is longer than its block'
        : 'an interface description block is too short';
    }
    const { facts, resolution } = read;
    const { linkType, snapBytes, offsetSec } = facts;
    this.account.linkTypes.add(linkType);
    const kept = this.account.container.addInterface(facts);
    this.#interfaces.add({ linkType, snapBytes, resolution, offsetSec, isBroken: false, facts: kept });
    return null;
  }

  /** The block that begins here goes on where the buffer ends, or the file does. */
  #needBytes(): ReadStatus {
    return this.#buffer.atEnd ? this.#damaged(BLOCK_CUT) : ReadStatus.needBytes;
  }

  /** A block whose lengths are sound, and what is in it is not. */
  #passUnreadable(blockBytes: number, cause: string): ReadStatus {
    this.account.bookUnreadable(this.#buffer.fileOffset, blockBytes, cause);
    this.#buffer.start += blockBytes;
    return ReadStatus.batchFull;
  }

  /** A block whose lengths are wrong. An interface among them still has its number. */
  #damagedBlock(cause: string, isInterface: boolean): ReadStatus {
    if (isInterface && this.#interfaces.count < MAX_INTERFACES) this.#interfaces.add(BROKEN_INTERFACE);
    return this.#damaged(cause);
  }

  #damaged(cause: string, untilSection = false): ReadStatus {
    this.#gap = { offset: this.#buffer.fileOffset, cause, untilSection };
    // The search begins behind the first octet of what is no block.
    this.#buffer.start++;
    return ReadStatus.batchFull;
  }

  /** Goes on behind damage. */
  #search({ offset, cause, untilSection }: PcapngGap): ReadStatus {
    const buffer = this.#buffer;
    const { startAddress, endAddress, atEnd } = buffer;
    const { module } = buffer.decoder;
    const found = module.findBlock(
      startAddress,
      endAddress,
      atEnd,
      !this.#littleEndian,
      untilSection,
      this.#interfaces.address,
      this.#interfaces.count,
      this.#agreedSec,
    );
    buffer.start += module.blockAt.value - startAddress;
    if (found !== SEARCH.found && !atEnd) return ReadStatus.needBytes;
    this.account.bookUnreadable(offset, buffer.fileOffset - offset, cause);
    this.#gap = null;
    return found === SEARCH.found ? ReadStatus.batchFull : ReadStatus.ended;
  }
}
