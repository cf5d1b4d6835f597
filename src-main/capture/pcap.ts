import { CaptureAccount, MAX_RECORD_BYTES } from './capture-account';
import { linkDecoderFor, type LinkDecoder } from './link-layer';
import { BATCH_ROWS, type PacketBatch } from './packet-batch';
import type { ReadBuffer } from './read-buffer';
import { ReadStatus, type RecordReader } from './record-reader';

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;

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
  readonly #littleEndian: boolean;
  readonly #unitsPerSec: number;
  readonly #nanosPerUnit: number;
  readonly #decode: LinkDecoder;
  #packetNo: number;

  /**
   * Takes the file header from the buffer, which must hold all of it.
   *
   * @param firstPacketNo ordinal of the first record
   */
  constructor(buffer: ReadBuffer, variant: PcapVariant, firstPacketNo: number) {
    this.#buffer = buffer;
    this.#littleEndian = variant.littleEndian;
    this.#unitsPerSec = variant.unitsPerSec;
    this.#nanosPerUnit = 1e9 / variant.unitsPerSec;
    // The upper six bits tell whether frames end with a checksum; the link type is in the lower 26.
    const linkType = buffer.view.getUint32(buffer.start + 20, variant.littleEndian) & 0x03ff_ffff;
    this.#decode = linkDecoderFor(linkType);
    this.#packetNo = firstPacketNo;
    this.account.linkTypes.add(linkType);
    this.account.containerBytes = FILE_HEADER_BYTES;
    buffer.start += FILE_HEADER_BYTES;
  }

  static readonly fileHeaderBytes = FILE_HEADER_BYTES;

  fill(batch: PacketBatch): ReadStatus {
    const buffer = this.#buffer;
    const view = buffer.view;
    const littleEndian = this.#littleEndian;
    const unitsPerSec = this.#unitsPerSec;
    const nanosPerUnit = this.#nanosPerUnit;
    const decode = this.#decode;
    const account = this.account;
    const end = buffer.end;
    const firstRow = batch.length;
    let at = buffer.start;
    let row = firstRow;
    let capturedBytes = 0;
    let ipBytes = 0;
    let status: ReadStatus = ReadStatus.batchFull;
    while (row < BATCH_ROWS) {
      if (end - at < RECORD_HEADER_BYTES) {
        status = ReadStatus.needBytes;
        break;
      }
      const captured = view.getUint32(at + 8, littleEndian);
      if (captured > MAX_RECORD_BYTES) {
        account.damage = {
          offset: buffer.fileOffset + (at - buffer.start),
          cause: `the record claims ${captured} captured bytes, more than any capture program writes (${MAX_RECORD_BYTES})`,
        };
        status = ReadStatus.ended;
        break;
      }
      const start = at + RECORD_HEADER_BYTES;
      const next = start + captured;
      if (next > end) {
        status = ReadStatus.needBytes;
        break;
      }
      let sec = view.getUint32(at, littleEndian);
      let fraction = view.getUint32(at + 4, littleEndian);
      if (fraction >= unitsPerSec) {
        sec += Math.floor(fraction / unitsPerSec);
        fraction %= unitsPerSec;
      }
      const wire = view.getUint32(at + 12, littleEndian);
      batch.tsSec[row] = sec;
      batch.tsNsec[row] = fraction * nanosPerUnit;
      batch.packetNo[row] = this.#packetNo++;
      decode(view, start, next, wire > captured ? wire : captured, batch, row);
      ipBytes += batch.ipBytes[row]!;
      capturedBytes += captured;
      at = next;
      row++;
    }
    buffer.start = at;
    batch.length = row;
    const count = row - firstRow;
    account.records += count;
    account.capturedBytes += capturedBytes;
    account.containerBytes += count * RECORD_HEADER_BYTES;
    account.ipBytes += ipBytes;
    if (count > 0) {
      if (account.firstSec === null) {
        account.firstSec = batch.tsSec[firstRow]!;
        account.firstNsec = batch.tsNsec[firstRow]!;
      }
      account.lastSec = batch.tsSec[row - 1]!;
      account.lastNsec = batch.tsNsec[row - 1]!;
    }
    return status;
  }

  get unfinishedOffset(): number {
    return this.#buffer.fileOffset;
  }

  cutCause(): string {
    return 'the file ends inside a packet record';
  }
}
