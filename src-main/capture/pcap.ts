import { CaptureAccount } from './capture-account';
import { READ_STATE } from './decoder';
import { BATCH_ROWS, type PacketBatch } from './packet-batch';
import type { ReadBuffer } from './read-buffer';
import { ReadStatus, type RecordReader } from './record-reader';

const FILE_HEADER_BYTES = 24;

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;

interface PcapVariant {
  readonly littleEndian: boolean;
  readonly unitsPerSec: number;
}

/** @returns null when the octets at `at` are no pcap magic */
export function pcapVariant(view: DataView, at: number): PcapVariant | null {
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(at, littleEndian);
    if (magic === MAGIC_MICROSECONDS) return { littleEndian, unitsPerSec: 1e6 };
    if (magic === MAGIC_NANOSECONDS) return { littleEndian, unitsPerSec: 1e9 };
  }
  return null;
}

/** Classic pcap. @see draft-ietf-opsawg-pcap §4 and §5 */
export class PcapReader implements RecordReader {
  readonly format = 'pcap';
  readonly account = new CaptureAccount();
  readonly #buffer: ReadBuffer;
  readonly #variant: PcapVariant;
  readonly #linkType: number;
  #packetNo: number;

  /**
   * Takes the file header from the buffer, which must hold all of it.
   *
   * @param firstPacketNo ordinal of the first record
   */
  constructor(buffer: ReadBuffer, variant: PcapVariant, firstPacketNo: number) {
    this.#buffer = buffer;
    this.#variant = variant;
    // The upper six bits tell whether frames end with a checksum; the link type is in the lower 26.
    this.#linkType = buffer.view.getUint32(buffer.start + 20, variant.littleEndian) & 0x03ff_ffff;
    this.#packetNo = firstPacketNo;
    this.account.linkTypes.add(this.#linkType);
    this.account.containerBytes = FILE_HEADER_BYTES;
    buffer.start += FILE_HEADER_BYTES;
  }

  static readonly fileHeaderBytes = FILE_HEADER_BYTES;

  fill(batch: PacketBatch): ReadStatus {
    const { account } = this;
    const buffer = this.#buffer;
    const { decoder, startAddress, endAddress } = buffer;
    const { littleEndian, unitsPerSec } = this.#variant;
    const firstRow = batch.length;
    const state = decoder.module.readPcap(
      startAddress,
      endAddress,
      BATCH_ROWS - firstRow,
      this.#packetNo,
      !littleEndian,
      unitsPerSec,
      this.#linkType,
    );
    const stretch = decoder.take(batch, state, startAddress);
    account.book(stretch);
    if (stretch.rows > 0) account.bookTimes(batch, firstRow, batch.length - 1);
    this.#packetNo += stretch.rows;
    buffer.start += stretch.takenBytes;
    if (state === READ_STATE.full) return ReadStatus.batchFull;
    if (state === READ_STATE.needsBytes) return ReadStatus.needBytes;
    const { damageValue, damageLimit } = decoder.module;
    account.damage = {
      offset: buffer.fileOffset,
      cause: `the record claims ${damageValue.value >>> 0} captured bytes, more than any capture program writes (${damageLimit.value})`,
    };
    return ReadStatus.ended;
  }

  get unfinishedOffset(): number {
    return this.#buffer.fileOffset;
  }

  cutCause(): string {
    return 'the file ends inside a packet record';
  }

  release(): void {
    // Its octets are the buffer's.
  }
}
