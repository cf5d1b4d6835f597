import { AppError } from '../contract/errors';
import { ContainerFacts } from './container-facts';
import { LAYOUT } from './decoder-exports';
import { SNOOP_LINK_BASE } from './link-type-names';
import type { RecordsHeader } from './packet-record-reader';

export const SNOOP_HEADER_BYTES = 16;
/** 'snoop' and three zeros. */
const MAGIC_HIGH = 0x736e_6f6f;
const MAGIC_LOW = 0x7000_0000;
const VERSION = 2;

/** LINKTYPE numbers of snoop's own. @see RFC 1761 §4, and Wireshark wiretap/snoop.c for those after it */
const LINK_TYPES: Readonly<Record<number, number>> = {
  0: 1, // IEEE 802.3
  2: 6, // IEEE 802.5
  4: 1, // Ethernet
  8: 10, // FDDI
  16: 123, // ATM: SunATM's pseudo-header
  18: 123, // the same, as newer systems number it
  24: 1, // ISO 8802-3
  25: 6, // ISO 8802-5
  26: 242, // IP over InfiniBand
};

export function isSnoop(view: DataView, at: number): boolean {
  return view.getUint32(at) === MAGIC_HIGH && view.getUint32(at + 4) === MAGIC_LOW;
}

/** @throws AppError CAPTURE_UNSUPPORTED for versions that RFC 1761 does not describe */
export function refuseSnoopVersion(view: DataView, at: number, file: string): void {
  const version = view.getUint32(at + 8);
  throw new AppError(
    'CAPTURE_UNSUPPORTED',
    `${file} is snoop of version ${version} by its header at offset 8, and only version ${VERSION} is known: convert it to pcap first`,
    { file, offset: 8, version: String(version) },
  );
}

/** @returns null when the octets at `at`, which must be all of a header, are none of a known version */
export function snoopHeader(view: DataView, at: number): RecordsHeader | null {
  if (!isSnoop(view, at) || view.getUint32(at + 8) !== VERSION) return null;
  const dataLink = view.getUint32(at + 12);
  const linkType = LINK_TYPES[dataLink] ?? SNOOP_LINK_BASE + Math.min(dataLink, 0xffff);
  return {
    container: new ContainerFacts('snoop', 'big', String(VERSION)),
    bytes: SNOOP_HEADER_BYTES,
    layout: LAYOUT.snoop | LAYOUT.bigEndian,
    linkType,
    interface: {
      name: null,
      description: null,
      linkType,
      snapBytes: 0,
      resolution: { base: 10, exponent: 6 },
      offsetSec: 0,
    },
  };
}
