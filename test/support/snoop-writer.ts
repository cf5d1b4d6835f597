import { ascii, concatAll, u32 } from './bytes';
import type { CaptureRecord } from './pcap-writer';
import { SECOND } from './time';

/**
 * A snoop capture, with microseconds.
 *
 * @param given.dataLink snoop's own number; default 4, Ethernet
 * @see RFC 1761
 */
export function snoopFile(
  records: readonly CaptureRecord[],
  given: { dataLink?: number; version?: number } = {},
): Uint8Array {
  const { dataLink = 4, version = 2 } = given;
  const body = records.flatMap(({ atNs, bytes, wireBytes = bytes.length }) => {
    const padding = new Uint8Array((4 - (bytes.length % 4)) % 4);
    const recordBytes = 24 + bytes.length + padding.length;
    const drops = 0;
    return [
      ...[wireBytes, bytes.length, recordBytes, drops].map(u32),
      u32(Number(atNs / SECOND)),
      u32(Number((atNs % SECOND) / 1_000n)),
      bytes,
      padding,
    ];
  });
  return concatAll([ascii('snoop\0\0\0'), u32(version), u32(dataLink), ...body]);
}
