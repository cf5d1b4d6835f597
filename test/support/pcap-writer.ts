import { concatAll } from './bytes';
import type { TimeNs } from './time';
import { SECOND } from './time';

/** Link types as pcap files number them. */
export const LINK = { ethernet: 1, raw: 101, linuxCooked: 113, rawIpv4: 228 } as const;

/** One record: when, what, and how long it was on the wire if it was cut. */
export interface CaptureRecord {
  readonly atNs: TimeNs;
  readonly bytes: Uint8Array;
  readonly wireBytes?: number;
}

export interface PcapOptions {
  /** Default little. */
  readonly endian?: 'little' | 'big';
  /** Default us. With endian this chooses among the four magics. */
  readonly resolution?: 'us' | 'ns';
  /** Default `LINK.ethernet`. */
  readonly linkType?: number;
  /** As stated in the header; default 262144. Nothing is cut: use `cut`. */
  readonly snaplen?: number;
  /** Default 2.4. Before 2.3, the original length of a record is written before the captured one. */
  readonly version?: readonly [major: number, minor: number];
  /** With the longer record headers of A. Kuznetzov's patches, which know microseconds only. */
  readonly modified?: boolean;
}

/**
 * A classic pcap file.
 *
 * ```ts
 * pcapFile([{ atNs: timeNs('2026-03-10T09:00:00Z'), bytes: ethernet(ping) }], { endian: 'big', resolution: 'ns' })
 * ```
 */
export function pcapFile(records: readonly CaptureRecord[], options: PcapOptions = {}): Uint8Array {
  const { endian = 'little', resolution = 'us', linkType = LINK.ethernet, snaplen = 262_144 } = options;
  const { version = [2, 4], modified = false } = options;
  const write = intWriter(endian);
  const nsPerTick = resolution === 'us' ? 1_000n : 1n;
  const magic = modified ? 0xa1b2cd34 : resolution === 'us' ? 0xa1b2c3d4 : 0xa1b23c4d;
  const [major, minor] = version;
  const header = write([magic, 4], [major, 2], [minor, 2], [0, 4], [0, 4], [snaplen, 4], [linkType, 4]);
  const isSwapped = major !== 2 || minor < 3;
  // Interface, protocol, packet type, padding.
  const behind = modified ? write([3, 4], [0x0800, 2], [4 << 8, 2]) : new Uint8Array();
  const body = records.flatMap(({ atNs, bytes, wireBytes = bytes.length }) => [
    write(
      [Number(atNs / SECOND), 4],
      [Number((atNs % SECOND) / nsPerTick), 4],
      [isSwapped ? wireBytes : bytes.length, 4],
      [isSwapped ? bytes.length : wireBytes, 4],
    ),
    behind,
    bytes,
  ]);
  return concatAll([header, ...body]);
}

/** The records as a capture with this snaplen would hold them. */
export function cut(records: readonly CaptureRecord[], snaplen: number): CaptureRecord[] {
  return records.map((record) => ({
    ...record,
    bytes: record.bytes.subarray(0, snaplen),
    wireBytes: record.wireBytes ?? record.bytes.length,
  }));
}

/** Records of several sources in order of time; equal times keep the order of the arguments. */
export function inTimeOrder<T extends { readonly atNs: TimeNs }>(...sources: readonly (readonly T[])[]): T[] {
  return sources.flat().sort((a, b) => (a.atNs < b.atNs ? -1 : a.atNs > b.atNs ? 1 : 0));
}

/** @returns a function that lays `[value, byteLength]` pairs end to end; values of 8 bytes are bigint */
export function intWriter(
  endian: 'little' | 'big',
): (...fields: (readonly [number | bigint, 2 | 4 | 8])[]) => Uint8Array {
  const little = endian === 'little';
  return (...fields) => {
    const bytes = new Uint8Array(fields.reduce((total, [, length]) => total + length, 0));
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (const [value, length] of fields) {
      if (length === 2) view.setUint16(at, Number(value), little);
      else if (length === 4) view.setUint32(at, Number(value), little);
      else view.setBigUint64(at, BigInt(value), little);
      at += length;
    }
    return bytes;
  };
}
