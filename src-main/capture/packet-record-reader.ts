import { CaptureAccount } from './capture-account';
import type { OctetRange } from './capture-positions';
import { ContainerFacts, type DescribedInterfaceFacts, type InterfaceFacts } from './container-facts';
import { NO_SECOND, READ_STATE, SEARCH } from './decoder-exports';
import { BATCH_ROWS, type PacketBatch } from './packet-batch';
import type { ReadBuffer } from './read-buffer';
import { ReadStatus, type Gap, type RecordReader } from './record-reader';

/** What the header of a file says about the records behind it. */
export interface RecordsHeader {
  readonly container: ContainerFacts;
  /** Octets of the file header. */
  readonly bytes: number;
  /** Bits of `LAYOUT`. */
  readonly layout: number;
  /** Null where each record has its own. */
  readonly linkType: number | null;
  readonly interface: DescribedInterfaceFacts | null;
}

/** Recognises the header of another file that was appended to the one that is read. */
export interface JoinedHeader {
  /** Octets of a header. */
  readonly bytes: number;
  /** @returns null when the octets at `at`, which are as many, are no header */
  readonly read: (view: DataView, at: number) => RecordsHeader | null;
}

/** What is wrong with a record, in the order of the decoder's numbers. */
const RECORD_DAMAGE: readonly ((value: number, limit: number) => string)[] = [
  (bytes, limit) => `the record claims ${bytes} captured bytes, more than any capture program writes (${limit})`,
  () => 'the file ends inside a packet record',
  () => 'a record has an odd header and no record behind it',
  () => 'a record of zeros: this part of the file was never written',
  (bytes) => `a record claims a length of ${bytes}, which does not fit its other fields`,
  (type) => `a record is of type ${type}, which there is none of`,
];
const RECORD_CUT = 1;
const RECORD_SUSPECT = 2;

/** Reads formats that are a file header, and then one packet's record after the other. */
export class PacketRecordReader implements RecordReader {
  readonly account: CaptureAccount;
  readonly #buffer: ReadBuffer;
  readonly #joined: JoinedHeader | null;
  #header: RecordsHeader;
  #interface: InterfaceFacts | null = null;
  #packetNo: number;
  /** Time by which the decoder judges later records. */
  #soundSec = NO_SECOND;
  /** The next record is read however odd it is, and where it ends. */
  #isTrusted = false;
  #trustedEnd = -1;
  #gap: Gap | null = null;
  #preamble: readonly OctetRange[] = [];

  /**
   * Takes the file header from the buffer, which must hold all of it.
   *
   * @param firstPacketNo  ordinal of the first record
   * @param joined         of the formats whose files may be joined as they are
   */
  constructor(buffer: ReadBuffer, header: RecordsHeader, firstPacketNo: number, joined: JoinedHeader | null = null) {
    this.#buffer = buffer;
    this.#header = header;
    this.#packetNo = firstPacketNo;
    this.#joined = joined;
    this.account = new CaptureAccount(buffer.source.name, header.container);
    this.account.containerBytes = header.bytes;
    this.#begin(header);
  }

  fill(batch: PacketBatch): ReadStatus {
    while (batch.length < BATCH_ROWS) {
      const status = this.#gap === null ? this.#read(batch) : this.#search(this.#gap);
      if (status !== ReadStatus.batchFull) return status;
    }
    return ReadStatus.batchFull;
  }

  get preamble(): readonly OctetRange[] | null {
    return this.#gap === null && this.account.unreadable.length === 0 ? this.#preamble : null;
  }

  get unfinishedOffset(): number {
    return this.#gap?.offset ?? this.#buffer.fileOffset;
  }

  release(): void {
    // Its octets are the buffer's.
  }

  packetsOf({ packets }: InterfaceFacts): number {
    return packets;
  }

  #begin(header: RecordsHeader): void {
    const { container } = this.account;
    this.#header = header;
    this.#preamble = [[this.#buffer.fileOffset, header.bytes]];
    this.#buffer.start += header.bytes;
    container.sections++;
    this.#interface = header.interface === null ? null : container.addInterface(header.interface);
    if (header.linkType !== null) this.account.linkTypes.add(header.linkType);
  }

  /** @returns batchFull when there may be more */
  #read(batch: PacketBatch): ReadStatus {
    const { account } = this;
    const buffer = this.#buffer;
    const { decoder, startAddress } = buffer;
    const firstRow = batch.length;
    const state = this.#decode(BATCH_ROWS - firstRow);
    const stretch = decoder.take(batch, state, startAddress);
    account.book(stretch, decoder);
    if (stretch.rows > 0) account.bookTimes(batch, firstRow, batch.length - 1);
    const { linkType } = this.#header;
    if (linkType === null) {
      account.bookLinkTypes(decoder, stretch.rows);
      account.bookUnknownLinks(decoder, batch, firstRow);
    } else {
      account.bookLinkType(linkType, stretch.rows, this.#interface);
      account.bookUnknownLink(batch, firstRow, linkType);
    }
    this.#packetNo += stretch.rows;
    if (stretch.takenBytes > 0) this.#isTrusted = false;
    buffer.start += stretch.takenBytes;
    if (state === READ_STATE.full) return ReadStatus.batchFull;
    if (state === READ_STATE.needsBytes) return buffer.atEnd ? ReadStatus.ended : ReadStatus.needBytes;
    return this.#meetDamage(state - READ_STATE.damaged);
  }

  #decode(rows: number): number {
    const { decoder, startAddress, endAddress, atEnd } = this.#buffer;
    const { module } = decoder;
    const { layout, linkType } = this.#header;
    const sound = this.#soundSec;
    const isTrusted = this.#isTrusted;
    if (linkType === null) {
      const state = module.readErf(startAddress, endAddress, rows, this.#packetNo, sound, atEnd, isTrusted);
      this.#soundSec = module.lastErfSec.value;
      return state;
    }
    const state = module.readPacketRecords(
      startAddress,
      endAddress,
      rows,
      this.#packetNo,
      layout,
      linkType,
      sound,
      atEnd,
      isTrusted,
    );
    this.#soundSec = module.lastSoundSec.value;
    return state;
  }

  /** Decides what becomes of a record that the decoder did not take. */
  #meetDamage(problem: number): ReadStatus {
    const buffer = this.#buffer;
    const { damageValue, damageLimit } = buffer.decoder.module;
    const value = damageValue.value >>> 0;
    const cause = RECORD_DAMAGE[problem]!(value, damageLimit.value >>> 0);
    if (problem !== RECORD_CUT) {
      const joined = this.#meetHeader();
      if (joined !== null) return joined;
    }
    if (problem === RECORD_SUSPECT && buffer.fileOffset !== this.#trustedEnd) return this.#meetSuspect(value, cause);
    this.#gap = { offset: buffer.fileOffset, cause };
    // The search begins behind the first octet of what is no record.
    buffer.start++;
    return ReadStatus.batchFull;
  }

  /**
   * The header of another file between two records, and records behind it: files were joined as they were.
   *
   * @returns null when there is none
   */
  #meetHeader(): ReadStatus | null {
    const buffer = this.#buffer;
    const { view, start, startAddress, endAddress, atEnd, available } = buffer;
    if (this.#joined === null) return null;
    if (available < this.#joined.bytes) return atEnd ? null : ReadStatus.needBytes;
    const header = this.#joined.read(view, start);
    if (header === null) return null;
    const behind = startAddress + header.bytes;
    const isLast = available === header.bytes && atEnd;
    const { module } = buffer.decoder;
    const found = isLast
      ? SEARCH.found
      : available === header.bytes
        ? SEARCH.needsBytes
        : module.findRecord(behind, behind + 1, endAddress, atEnd, header.layout, NO_SECOND);
    if (found === SEARCH.needsBytes) return ReadStatus.needBytes;
    if (found === SEARCH.failed) return null;
    const cause = 'the file header of another capture, whose records follow';
    this.account.bookUnreadable(buffer.fileOffset, header.bytes, cause);
    this.#begin(header);
    this.#soundSec = NO_SECOND;
    return ReadStatus.batchFull;
  }

  /**
   * A record that is odd and followed by no other: either its length is wrong, and then records begin inside of it, or
   * what follows is damaged, and it is as good as those before.
   */
  #meetSuspect(recordBytes: number, cause: string): ReadStatus {
    const buffer = this.#buffer;
    const { startAddress, endAddress, atEnd, fileOffset } = buffer;
    const { module } = buffer.decoder;
    const limit = startAddress + recordBytes;
    const { layout } = this.#header;
    const found = module.findRecord(startAddress + 1, limit, endAddress, atEnd, layout, this.#soundSec);
    if (found === SEARCH.needsBytes) return ReadStatus.needBytes;
    if (found === SEARCH.failed) {
      this.#isTrusted = true;
      this.#trustedEnd = fileOffset + recordBytes;
      return ReadStatus.batchFull;
    }
    const bytes = module.foundAt.value - startAddress;
    this.account.bookUnreadable(fileOffset, bytes, cause);
    buffer.start += bytes;
    return ReadStatus.batchFull;
  }

  /** Goes on behind damage. @returns batchFull when records begin again */
  #search({ offset, cause }: Gap): ReadStatus {
    const buffer = this.#buffer;
    const { startAddress, endAddress, atEnd } = buffer;
    const { module } = buffer.decoder;
    const { layout } = this.#header;
    const found = module.findRecord(startAddress, endAddress, endAddress, atEnd, layout, this.#soundSec);
    buffer.start += module.foundAt.value - startAddress;
    if (found !== SEARCH.found && !atEnd) return ReadStatus.needBytes;
    this.account.bookUnreadable(offset, buffer.fileOffset - offset, cause);
    this.#gap = null;
    return found === SEARCH.found ? ReadStatus.batchFull : ReadStatus.ended;
  }
}
