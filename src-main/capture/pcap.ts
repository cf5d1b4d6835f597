import { AppError } from '../contract/errors';
import { ContainerFacts } from './container-facts';
import { LAYOUT } from './decoder-exports';
import type { RecordsHeader } from './packet-record-reader';

export const PCAP_HEADER_BYTES = 24;

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** Of the patches of A. Kuznetzov, whose record headers are longer. @see libpcap KUZNETZOV_TCPDUMP_MAGIC */
const MAGIC_MODIFIED = 0xa1b2cd34;

const MAJOR = 2;
const LAST_MINOR = 4;
/** Written by the tcpdump of DG/UX. @see libpcap sf-pcap.c */
const DGUX_MAJOR = 543;

/** Frames end with a checksum, and the upper four bits count its 16-bit words. @see draft-ietf-opsawg-pcap §4 */
const HAS_FRAME_CHECK = 0x0400_0000;
/** The reserved bits stay in: a link type that has any is none we know. */
const LINK_TYPE_BITS = 0x03ff_ffff;

interface PcapMagic {
  readonly littleEndian: boolean;
  readonly magic: number;
}

/** @returns null when the four octets at `at` are no magic of pcap */
export function pcapMagic(view: DataView, at: number): PcapMagic | null {
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(at, littleEndian);
    if (magic === MAGIC_MICROSECONDS || magic === MAGIC_NANOSECONDS || magic === MAGIC_MODIFIED) {
      return { littleEndian, magic };
    }
  }
  return null;
}

/**
 * The file header of classic or modified pcap; the octets at `at` must be all of it.
 *
 * @returns null when it is none, or of a version whose records are not known
 * @see draft-ietf-opsawg-pcap §4
 */
export function pcapHeader(view: DataView, at: number): RecordsHeader | null {
  const found = pcapMagic(view, at);
  if (found === null) return null;
  const { littleEndian, magic } = found;
  const [major, minor] = pcapVersion(view, at, littleEndian);
  const isOld = major === MAJOR && minor <= LAST_MINOR;
  if (!isOld && !(major === DGUX_MAJOR && minor === 0)) return null;
  const last = view.getUint32(at + 20, littleEndian);
  const linkType = last & LINK_TYPE_BITS;
  const isNanoseconds = magic === MAGIC_NANOSECONDS;
  const isModified = magic === MAGIC_MODIFIED;
  const byteOrder = littleEndian ? 'little' : 'big';
  const container = new ContainerFacts('pcap', byteOrder, `${major}.${minor}`, {
    isModified,
    frameCheckBytes: (last & HAS_FRAME_CHECK) === 0 ? null : (last >>> 28) * 2,
  });
  return {
    container,
    bytes: PCAP_HEADER_BYTES,
    layout:
      (isModified ? LAYOUT.modifiedPcap : LAYOUT.pcap) |
      (littleEndian ? 0 : LAYOUT.bigEndian) |
      (isNanoseconds ? LAYOUT.nanoseconds : 0) |
      swapOf(major, minor),
    linkType,
    interface: {
      name: null,
      description: null,
      linkType,
      snapBytes: view.getUint32(at + 16, littleEndian),
      resolution: { base: 10, exponent: isNanoseconds ? 9 : 6 },
      offsetSec: 0,
    },
  };
}

/** @throws AppError CAPTURE_UNSUPPORTED, when the magic is there and the version is not one that can be read */
export function refusePcapVersion(view: DataView, at: number, file: string): void {
  const found = pcapMagic(view, at);
  if (found === null) return;
  const version = pcapVersion(view, at, found.littleEndian).join('.');
  throw new AppError(
    'CAPTURE_UNSUPPORTED',
    `${file} is pcap of version ${version} by its header at offset 4, and only versions 2.0 to ${MAJOR}.${LAST_MINOR} are known: ` +
      'convert it with the program that wrote it, or copy it again if it is damaged',
    { file, offset: 4, version },
  );
}

function pcapVersion(view: DataView, at: number, littleEndian: boolean): readonly [major: number, minor: number] {
  return [view.getUint16(at + 4, littleEndian), view.getUint16(at + 6, littleEndian)];
}

/** Which of a record's two lengths comes first. @see libpcap sf-pcap.c lengths_swapped */
function swapOf(major: number, minor: number): number {
  if (major === DGUX_MAJOR || minor < 3) return LAYOUT.swapped;
  return minor === 3 ? LAYOUT.maybeSwapped : 0;
}
