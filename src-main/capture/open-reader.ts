import { AppError } from '../contract/errors';
import { ERF_SAMPLE_BYTES, erfHeader, isErf } from './erf';
import { PacketRecordReader, type JoinedHeader } from './packet-record-reader';
import { PCAP_HEADER_BYTES, pcapHeader, pcapMagic, refusePcapVersion } from './pcap';
import { PCAPNG_HEADER_BYTES, PcapngReader, isPcapng, refusePcapngVersion } from './pcapng';
import type { ReadBuffer } from './read-buffer';
import type { RecordReader } from './record-reader';
import { SNOOP_HEADER_BYTES, isSnoop, refuseSnoopVersion, snoopHeader } from './snoop';

/** Type of the first block of every pcapng file. */
const PCAPNG_SECTION = 0x0a0d0d0a;
/** What every snoop file begins with. */
const SNOOP_MAGIC = 0x736e_6f6f;

const PCAP: JoinedHeader = { bytes: PCAP_HEADER_BYTES, read: pcapHeader };
const SNOOP: JoinedHeader = { bytes: SNOOP_HEADER_BYTES, read: snoopHeader };

/** ERF, which has no magic, is asked last and needs some records; all others show at once. */
const SAMPLES = [PCAPNG_HEADER_BYTES, ERF_SAMPLE_BYTES];

/**
 * Recognises a capture by its first octets.
 *
 * @returns at once if the source answers at once
 * @throws AppError CAPTURE_EMPTY, CAPTURE_NOT_A_CAPTURE, CAPTURE_UNSUPPORTED, or what the source throws; rejects with the
 * same
 */
export function openReader(
  buffer: ReadBuffer,
  firstPacketNo: number,
  samples: readonly number[] = SAMPLES,
): RecordReader | Promise<RecordReader> {
  const [sampleBytes, ...larger] = samples;
  if (sampleBytes === undefined) return openErf(buffer, firstPacketNo);
  const open = (): RecordReader | Promise<RecordReader> => {
    const reader = recognise(buffer, firstPacketNo);
    if (reader !== null) return reader;
    refuseOthers(buffer);
    return openReader(buffer, firstPacketNo, larger);
  };
  const reading = readSample(buffer, sampleBytes);
  return reading === undefined ? open() : reading.then(open);
}

/** Reads until so many octets are there, or to the end. @returns nothing when that is done */
function readSample(buffer: ReadBuffer, bytes: number): Promise<void> | undefined {
  while (buffer.available < bytes) {
    const hasMore = buffer.refill();
    if (hasMore === false) return undefined;
    if (hasMore !== true) return hasMore.then((later) => (later ? readSample(buffer, bytes) : undefined));
  }
  return undefined;
}

function openErf(buffer: ReadBuffer, firstPacketNo: number): RecordReader {
  const { view, start, end, atEnd } = buffer;
  if (isErf(view, start, end, atEnd)) return new PacketRecordReader(buffer, erfHeader(), firstPacketNo);
  throw new AppError(
    'CAPTURE_NOT_A_CAPTURE',
    `${buffer.source.name} is no packet capture: at offset 0 is no pcap or pcapng magic, no snoop or ERF header; ` +
      'choose a file written by tcpdump, Wireshark or the like',
    { file: buffer.source.name, offset: 0 },
  );
}

function recognise(buffer: ReadBuffer, firstPacketNo: number): RecordReader | null {
  const { view, start, available } = buffer;
  const file = buffer.source.name;
  if (available >= PCAP_HEADER_BYTES) {
    const header = pcapHeader(view, start);
    if (header !== null) return new PacketRecordReader(buffer, header, firstPacketNo, PCAP);
    refusePcapVersion(view, start, file);
  }
  if (available >= SNOOP_HEADER_BYTES && isSnoop(view, start)) {
    const header = snoopHeader(view, start);
    if (header !== null) return new PacketRecordReader(buffer, header, firstPacketNo, SNOOP);
    refuseSnoopVersion(view, start, file);
  }
  if (available >= PCAPNG_HEADER_BYTES && isPcapng(view, start)) {
    refusePcapngVersion(view, start, file);
    return new PcapngReader(buffer, firstPacketNo);
  }
  return null;
}

/** @throws AppError for what is certain to be no capture, or one that ends inside its header */
function refuseOthers(buffer: ReadBuffer): void {
  const { view, start, available } = buffer;
  const file = buffer.source.name;
  if (available === 0) {
    throw new AppError('CAPTURE_EMPTY', `${file} is empty, it ends at offset 0: capture it again`, { file, offset: 0 });
  }
  const magic = available >= 4 ? view.getUint32(start) : 0;
  if (available >= 4 && !isCutHeader(view, start, magic, available)) return;
  throw new AppError(
    'CAPTURE_NOT_A_CAPTURE',
    `${file} is no packet capture: the file ends inside its header at offset 0, after ${available} bytes; copy it again`,
    { file, offset: 0 },
  );
}

function isCutHeader(view: DataView, start: number, magic: number, available: number): boolean {
  if (available < PCAP_HEADER_BYTES && pcapMagic(view, start) !== null) return true;
  if (available < SNOOP_HEADER_BYTES && magic === SNOOP_MAGIC) return true;
  return available < PCAPNG_HEADER_BYTES && magic === PCAPNG_SECTION;
}
